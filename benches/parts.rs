//! What one case costs beside the network, part by part: `cargo bench --bench parts`.
//!
//! Every part is repeated for a tenth of a second, that is done several times, and the median is told. Texts are made and
//! values dropped within the time, as in a run; strategies and schemas are built before it, also as in a run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use acgw_conformance::gateway::{Answer, Observation, SigningKey, token};
use acgw_conformance::generate::{Template, extra, malform, response, seed, valid};
use acgw_conformance::protocol::catalog::TENANT_MAPPING_READ;
use acgw_conformance::protocol::token::UnverifiedToken;
use acgw_conformance::protocol::{Cti, Request, schema, validate};
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::suite::fuzzing::{Expectation, Question, judge};
use bytes::Bytes;
use proptest::strategy::{Strategy, ValueTree};
use serde_json::{Value, json};

const ISSUER: &str = "https://acronis.cloud";
const ENDPOINT: &str = "cti.a.p.acgw.endpoint.v1.0~vendor.app.endpoint.v1.0";
const REQUEST_ID: &str = "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a";

fn main() {
    // Without `--bench`, as in `cargo test --all-targets`, it is only seen that everything runs.
    let meter = Meter {
        thorough: std::env::args().any(|argument| argument == "--bench"),
    };
    generate(&meter);
    validate(&meter);
    sign(&meter);
    judging(&meter);
}

struct Meter {
    thorough: bool,
}

impl Meter {
    fn group(&self, title: &str) {
        println!("\n{title:<56} {:>12} {:>14}", "µs each", "each second");
    }

    /// Tells how long something takes; it is given how often it was done before.
    fn measure<T>(&self, name: &str, mut work: impl FnMut(u64) -> T) {
        let (rounds, time) = match self.thorough {
            true => (15, Duration::from_millis(100)),
            false => (1, Duration::from_millis(1)),
        };
        let mut number = 0;
        let mut each: Vec<f64> = (0..rounds)
            .map(|_| {
                let started = Instant::now();
                let before = number;
                while number == before || started.elapsed() < time {
                    for _ in 0..8 {
                        black_box(work(number));
                        number += 1;
                    }
                }
                started.elapsed().as_secs_f64() * 1e6 / (number - before) as f64
            })
            .collect();
        each.sort_by(f64::total_cmp);
        let median = each[each.len() / 2];
        println!("  {name:<54} {median:>12.2} {:>14.0}", 1e6 / median);
    }
}

fn template() -> Template {
    Template {
        callback: &TENANT_MAPPING_READ,
        endpoint_id: ENDPOINT.to_owned(),
        tenant_id: "7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11".to_owned(),
        datacenter_url: ISSUER.to_owned(),
        payload: None,
    }
}

fn generate(meter: &Meter) {
    fn sample<S: Strategy>(strategy: &S, number: u64) -> S::Value {
        let tree = seed::tree(strategy, seed::case_seed(1, "bench", number));
        tree.expect("no strategy rejects").current()
    }
    meter.group("generate");
    let template = template();
    let requests = valid::requests(&template, true);
    meter.measure("a valid request, everything varied", |number| {
        sample(&requests, number).body()
    });
    let right = template.envelope(REQUEST_ID).to_string();
    let damage = malform::damage(right.as_bytes());
    meter.measure("a damaged body", |number| {
        sample(&damage, number).apply(right.as_bytes())
    });
    let extra = extra::generated(&Default::default());
    meter.measure("a value of X-CyberApp-Extra", |number| {
        sample(&extra, number)
    });
    let claims = response::token_claims();
    meter.measure("token claims", |number| sample(&claims, number));
    meter.measure("all enumerated malformations of a request", |_| {
        malform::enumerated(&template, REQUEST_ID)
    });
}

fn validate(meter: &Meter) {
    meter.group("validate");
    let body = template().envelope(REQUEST_ID).to_string();
    let value: Value = serde_json::from_str(&body).expect("JSON");
    let schema = TENANT_MAPPING_READ.request_schema;
    meter.measure("a request against its schema, parsed before", |_| {
        schema.is_valid(&value)
    });
    meter.measure("a request against its schema, with parsing", |_| {
        schema.is_valid(&serde_json::from_str(&body).expect("JSON"))
    });
    meter.measure("a request into its type", |_| {
        Request::from_json(body.as_bytes())
    });
    meter.measure("validate::request of a valid body", |_| {
        validate::request(body.as_bytes())
    });
    let mut wrong = value.clone();
    wrong["context"] = json!({"callback_id": 1});
    let wrong = wrong.to_string();
    meter.measure("validate::request of a body with defects", |_| {
        validate::request(wrong.as_bytes())
    });
    let answer = answer_body();
    meter.measure("a response against its schema, with parsing", |_| {
        schema::TENANT_MAPPING_READ_RESPONSE.is_valid(&serde_json::from_str(&answer).expect("JSON"))
    });
    meter.measure("a CTI identifier", |_| Cti::parse(TENANT_MAPPING_READ.id));
}

fn sign(meter: &Meter) {
    meter.group("sign");
    let pem = include_str!("../tests/data/test_key_published.pem");
    let key = SigningKey::from_pem(pem).expect("a usable key");
    let header = token::header(key.kid());
    let claims = token::claims(ISSUER, "acronis.cloud", ENDPOINT, 4_102_444_800);
    meter.measure("a token, RS256 with 2048 bits", |_| {
        token::mint(&key, &header, &claims)
    });
    meter.measure("a token, HS256", |_| {
        token::mint_hs256(b"secret", &header, &claims)
    });
    let minted = token::mint(&key, &header, &claims);
    meter.measure("a token taken apart", |_| {
        UnverifiedToken::parse(&minted).is_ok()
    });
    let credentials = PARTNERS[0].credentials();
    meter.measure("X-CyberApp-Auth", |_| credentials.encode());
}

fn answer_body() -> String {
    let items: Vec<Value> = (0..10)
        .map(|number| {
            json!({
                "vendor_tenant_id": format!("org-{number}"),
                "acronis_tenant_id": "0d4a9d1e-5f1b-4c6e-8a63-7b8f0e2c4d5a",
            })
        })
        .collect();
    json!({
        "type": TENANT_MAPPING_READ.response_type,
        "request_id": REQUEST_ID,
        "response_id": "c0a4b7f2-9c1d-4e55-a1de-6b1d0c9e8f33",
        "payload": {"items": items},
    })
    .to_string()
}

fn judging(meter: &Meter) {
    meter.group("judge");
    let observed = |status: u16, reason: &str, body: String| Observation {
        result: Ok(Answer {
            status,
            reason: reason.to_owned(),
            version: "HTTP/1.1".to_owned(),
            headers: vec![
                (
                    "content-type".to_owned(),
                    b"application/json; charset=utf-8".to_vec(),
                ),
                (
                    "content-length".to_owned(),
                    body.len().to_string().into_bytes(),
                ),
                ("date".to_owned(), b"Mon, 10 Apr 2023 15:33:01 GMT".to_vec()),
            ],
            body: Bytes::from(body),
        }),
        total: Duration::from_millis(1),
        reused: true,
        tls: None,
        surplus: Bytes::new(),
    };
    let confidential = [
        "correct-horse-battery".to_owned(),
        "c2lnbmF0dXJl".repeat(28),
    ];
    let question = |expectation| Question {
        callback: &TENANT_MAPPING_READ,
        request_id: REQUEST_ID,
        expectation,
        confidential: &confidential,
    };
    let right = observed(200, "OK", answer_body());
    let refusal = json!({
        "request_id": REQUEST_ID,
        "response_id": "c0a4b7f2-9c1d-4e55-a1de-6b1d0c9e8f33",
        "err_message": "the token's signature is wrong",
    });
    let refused = observed(401, "Unauthorized", refusal.to_string());
    let mut flawless = judge("ENV-09", &question(Expectation::Accept), &right);
    flawless
        .broken
        .extend(judge("JWT-04", &question(Expectation::BadToken), &refused).broken);
    assert!(flawless.broken.is_empty(), "{:?}", flawless.broken);
    meter.measure("a right answer with 10 customers", |_| {
        judge("ENV-09", &question(Expectation::Accept), &right)
    });
    meter.measure("a refusal of a bad token", |_| {
        judge("JWT-04", &question(Expectation::BadToken), &refused)
    });
    meter.measure("an acceptance of a bad token", |_| {
        judge("JWT-04", &question(Expectation::BadToken), &right)
    });
}
