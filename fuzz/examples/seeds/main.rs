//! Writes the seed corpus, the same each time: `cargo run --example seeds` in `fuzz/`. Files of other names stay.

mod traffic;

use std::error::Error;
use std::fs;
use std::path::Path;

use acgw_conformance::gateway::SigningKey;
use acgw_conformance::generate::malform::{self, Class};
use acgw_conformance::generate::{Template, extra, mutate, response, seed, valid};
use acgw_conformance::protocol::catalog::{CATALOG, TENANT_MAPPING_READ, TOPOLOGY_READ};
use acgw_conformance::protocol::{Callback, Credentials, Extra};
use acgw_conformance::reference::store::PARTNERS;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::strategy::{Strategy, ValueTree};
use serde_json::{Value, json};

const REQUEST_ID: &str = "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a";
const RESPONSE_ID: &str = "c0a4b7f2-9c1d-4e55-a1de-6b1d0c9e8f33";
/// Longer seeds slow the fuzzer down.
const MOST_BYTES: usize = 4_096;

type Seeds = Vec<(String, Vec<u8>)>;

fn main() -> Result<(), Box<dyn Error>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, seeds) in [
        ("request_body", request_bodies()),
        ("response", responses()),
        ("headers", headers()),
        ("cti", identifiers()),
        ("token", tokens()),
        ("judge", answers()),
        ("handler", requests()),
        ("traffic", traffic::traffic()),
        ("vendor_schema", traffic::schemas()),
    ] {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        let seeds: Seeds = seeds
            .into_iter()
            .filter(|(_, bytes)| bytes.len() <= MOST_BYTES)
            .collect();
        for (name, bytes) in &seeds {
            fs::write(folder.join(name), bytes)?;
        }
        println!(
            "{target}: {} seeds, {} bytes",
            seeds.len(),
            seeds.iter().map(|seed| seed.1.len()).sum::<usize>()
        );
    }
    Ok(())
}

fn template(callback: &'static Callback) -> Template {
    Template {
        callback,
        endpoint_id: "cti.a.p.acgw.endpoint.v1.0~vendor.app.endpoint.v1.0".to_owned(),
        tenant_id: "7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11".to_owned(),
        datacenter_url: "https://acronis.cloud".to_owned(),
        payload: None,
    }
}

fn sample<S: Strategy>(strategy: &S, name: &str, number: u64) -> S::Value {
    seed::tree(strategy, seed::case_seed(1, name, number))
        .expect("no strategy rejects")
        .current()
}

/// A name that is good in any file system.
fn file_name(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    name.split('_')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("_")
        .chars()
        .take(60)
        .collect()
}

/// A few malformations of every class.
fn malformations(each: usize) -> Seeds {
    let template = template(&TENANT_MAPPING_READ);
    let mut seeds = Vec::new();
    for class in Class::ALL
        .iter()
        .filter(|class| !matches!(class, Class::Large | Class::MediaType | Class::Method))
    {
        let of_class = malform::of_class(&template, REQUEST_ID, *class);
        let step = (of_class.len() / each).max(1);
        for malformation in of_class.iter().step_by(step).take(each) {
            seeds.push((file_name(&malformation.name), malformation.body.to_vec()));
        }
    }
    seeds
}

fn request_bodies() -> Seeds {
    let mut seeds = malformations(2);
    for callback in CATALOG {
        let name = file_name(callback.name);
        let envelope = template(callback).envelope(REQUEST_ID);
        seeds.push((name.clone(), envelope.to_string().into_bytes()));
        let case = sample(
            &valid::requests(&template(callback), true),
            callback.name,
            1,
        );
        seeds.push((format!("{name}_varied"), case.body().into_bytes()));
        let own = response_of(callback, 2).to_string();
        seeds.push((format!("{name}_response"), own.into_bytes()));
    }
    for number in 0..3 {
        let any = sample(&response::request(), "any request", number);
        seeds.push((
            format!("any_request_{number}"),
            any.to_string().into_bytes(),
        ));
    }
    seeds.push((
        "error_response".to_owned(),
        sample(&response::error_response(), "error", 0)
            .to_string()
            .into_bytes(),
    ));
    let mut paged = template(&TOPOLOGY_READ).envelope(REQUEST_ID);
    paged["context"]["callback_id"] =
        json!("cti.a.p.acgw.callback.v2.0~vendor.app.list_devices.v1.2");
    paged["paging"] = json!({"limit": 10, "after": "x"});
    seeds.push((
        "paging_of_version_2".to_owned(),
        paged.to_string().into_bytes(),
    ));
    let twice = format!(
        r#"{{"request_id":"{REQUEST_ID}","request_id":1.0e0,"context":{{"a":1,"a":[-0,1E-7,18446744073709551616]}}}}"#
    );
    seeds.push(("keys_twice".to_owned(), twice.into_bytes()));
    seeds
}

/// A valid response of every callback, a broken one, and what is no response.
fn responses() -> Seeds {
    let mut seeds = Vec::new();
    for callback in CATALOG {
        let name = file_name(callback.name);
        for number in 0..2 {
            let right = sample(&response::answer_of(callback), callback.name, number);
            seeds.push((format!("{name}_{number}"), right.to_string().into_bytes()));
        }
        let broken = mutate::mutated(&response::answer_of(callback));
        let broken = sample(&broken, callback.name, 2);
        seeds.push((format!("{name}_broken"), broken.to_string().into_bytes()));
    }
    for (name, strategy) in [
        ("any_response", response::response()),
        ("error_response", response::error_response()),
    ] {
        let any = sample(&strategy, name, 0);
        seeds.push((name.to_owned(), any.to_string().into_bytes()));
    }
    let twice = format!(
        r#"{{"type":1,"type":"cti.a.p.acgw.response.v1.0","request_id":"{REQUEST_ID}","response_id":"{RESPONSE_ID}","payload":{{"a":1,"a":2}}}}"#
    );
    seeds.push(("keys_twice".to_owned(), twice.into_bytes()));
    let customers = json!({
        "type": TOPOLOGY_READ.response_type, "request_id": "59d52f59-a4c6;-bff4-f7d4-8ae9844d8bd0",
        "response_id": RESPONSE_ID, "payload": {"items": [{"id": "1", "name": ""}, {"id": "1", "name": ""}]},
    });
    seeds.push((
        "customer_twice_and_a_request_id_that_is_none".to_owned(),
        customers.to_string().into_bytes(),
    ));
    seeds
}

fn response_of(callback: &'static Callback, number: u64) -> Value {
    let payload = match callback.name {
        "topology.read" => response::topology(),
        _ => response::tenant_mapping(),
    };
    sample(
        &response::response_of(callback, payload),
        callback.name,
        number,
    )
}

fn headers() -> Seeds {
    let mut seeds = Vec::new();
    for partner in PARTNERS {
        let credentials = partner.credentials();
        let name = file_name(partner.name);
        seeds.push((format!("auth_{name}"), credentials.encode().into_bytes()));
        seeds.push((
            format!("auth_{name}_plain"),
            format!("{}:{}", partner.identity, partner.secrets).into_bytes(),
        ));
    }
    for (name, text) in [
        (
            "number",
            r#"me:{"pin":1234567890,"tokens":["abcdefgh",{"x":"hunter2hunter2"}]}"#,
        ),
        (
            "escapes",
            r#"a b:{"\u0070ass":"\ud83d\ude00\"quo\/ted\"\n"}"#,
        ),
        ("empty_identity", r#":{}"#),
        ("no_colon", "identity"),
        ("no_json", "me:password"),
        ("colons", r#"a:"b:c:d""#),
        ("cut_off", r#"me:{"password":"abc"#),
    ] {
        seeds.push((format!("auth_{name}"), text.as_bytes().to_vec()));
    }
    seeds.push((
        "auth_raw".to_owned(),
        Credentials::encode_raw("me", "not JSON").into_bytes(),
    ));
    for number in 0..4 {
        let fields = sample(&extra::objects(&Default::default()), "extra", number);
        seeds.push((
            format!("extra_{number}"),
            Extra(fields.clone()).encode().into_bytes(),
        ));
        seeds.push((
            format!("extra_{number}_plain"),
            Value::Object(fields).to_string().into_bytes(),
        ));
    }
    for case in extra::malformed() {
        if let Some(value) = case.value {
            seeds.push((format!("extra_{}", file_name(&case.name)), value));
        }
    }
    seeds.push(("extra_nothing".to_owned(), b"e30=".to_vec()));
    seeds
}

fn identifiers() -> Seeds {
    let long = format!("cti.a.p.{}.v1.0", "a".repeat(1_009));
    let texts = [
        "cti.a.p.acgw.callback.v1.0~a.p.tenant_mapping.read.v1.0",
        "cti.a.p.acgw.request.v1.0",
        "cti.a.p.x.v1.0.v2.0",
        "cti.a.p.acgw.callback.v1.0~vendor.app.list_devices.v1.2~8b2c6a6e-0c3c-4f0e-9d39-0a8f2f3f9d11",
        "cti.a.p._.v0.1",
        "cti.a_.p9._a.b._c_.v9223372036854775807.9223372036854775807",
        "cti.a.p.x.v9223372036854775808.0",
        "cti.a.p.x.v01.0",
        "cti.a.p.x.v0.0",
        "cti.a.p.x.v1",
        "cti.a.p.x.v1.2.3",
        "cti.a.p.x__y.v1.0",
        "cti.a.p.x..y.v1.0",
        "cti.a.p.x.v1.0~",
        "cti.a.p.x.v1.0~~a.p.y.v1.0",
        "cti.a.p.x.v1.0~8B2C6A6E-0C3C-4F0E-9D39-0A8F2F3F9D11~a.p.y.v1.0",
        "cti.8b2c6a6e-0c3c-4f0e-9d39-0a8f2f3f9d11",
        "cti.a.p.x.v1.0~8b2c6a6e-0c3c-4f0e-9d39-0a8f2f3f9d1",
        "cti.a.p.*",
        "cti.a.p.x.v1.*",
        "cti.a.p.x.v1.0[k=\"v\"]",
        "cti.a.p.x.v1.0@a.b",
        "cti.A.p.x.v1.0",
        " cti.a.p.x.v1.0",
        "cti.a.p.x.v1.0\n",
        "cti.\u{fc}.p.x.v1.0",
        "CTI.a.p.x.v1.0",
        "",
        &long,
        &format!("{long}0"),
    ];
    let named = |(place, text): (usize, &&str)| {
        (
            format!("{place:02}_{}", file_name(text)),
            text.as_bytes().to_vec(),
        )
    };
    let mut seeds: Seeds = texts.iter().enumerate().map(named).collect();
    for number in 0..6 {
        seeds.push((
            format!("generated_{number}"),
            sample(&valid::cti(), "cti", number).into_bytes(),
        ));
    }
    seeds
}

fn tokens() -> Seeds {
    let mut seeds = Vec::new();
    let mut add = |name: String, header: String, claims: String| {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let signature = b"not a signature of anybody".as_slice();
        let compact = format!(
            "{}.{}.{}",
            part(&header),
            part(&claims),
            URL_SAFE_NO_PAD.encode(signature)
        );
        seeds.push((format!("{name}_compact"), compact.into_bytes()));
        let around = b"\nAuthorization: Bearer \n, refused.";
        seeds.push((
            name,
            [
                header.as_bytes(),
                b"\n",
                claims.as_bytes(),
                b"\n",
                signature,
                around,
            ]
            .concat(),
        ));
    };
    for number in 0..6 {
        let header = sample(&response::token_header(), "header", number);
        let claims = sample(&response::token_claims(), "claims", number);
        add(
            format!("right_{number}"),
            header.to_string(),
            claims.to_string(),
        );
    }
    let header = r#"{"alg":"RS256","kid":"2d1b6a0f","typ":"JWT"}"#;
    for (name, claims) in [
        (
            "documented",
            json!({"iss": "https://acronis.cloud", "aud": "acronis.cloud", "exp": 1681144381, "iat": 1681140781,
            "jti": "0a8f2f3f", "sub": "9d390a8f", "scope": [{"role": "cti.a.p.acgw.endpoint.v1.0~vendor.app.endpoint.v1.0"}],
            "ver": 2, "sub_type": "platform-acgw"}),
        ),
        (
            "wrong_types",
            json!({"iss": null, "aud": {}, "exp": "1681144381", "iat": 1.5, "jti": 1, "scope": "all", "ver": "2"}),
        ),
        (
            "numbers",
            json!({"iss": "", "exp": 1.0e3, "iat": -9.3e18, "scope": [], "ver": 9223372036854775807_i64}),
        ),
        (
            "scopes",
            json!({"iss": "", "exp": 0, "scope": [{"role": 1}, {}, [], {"role": "x", "further": [1]}]}),
        ),
    ] {
        add(name.to_owned(), header.to_owned(), claims.to_string());
    }
    add(
        "none".to_owned(),
        r#"{"alg":"none"}"#.to_owned(),
        "{}".to_owned(),
    );
    add("no_objects".to_owned(), "[]".to_owned(), "1".to_owned());
    seeds
}

/// The letters that choose callback and expectation in `judge`.
const CHOICES: &[(u8, &str)] = &[
    (b'H', "accept"),
    (b'I', "bad_token"),
    (b'J', "bad_credentials"),
    (b'K', "unknown_callback"),
    (b'L', "malformed"),
    (b'M', "free"),
];
const ACCEPT_TOPOLOGY: u8 = b'B';

fn answers() -> Seeds {
    let mut seeds = Vec::new();
    let mut add = |name: &str, choice: u8, answer: String| {
        // Pieces of 64 bytes.
        seeds.push((
            name.to_owned(),
            [&[choice, b'@'], answer.as_bytes()].concat(),
        ));
    };
    let ok = |body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    let mapping = json!({
        "type": TENANT_MAPPING_READ.response_type, "request_id": REQUEST_ID, "response_id": RESPONSE_ID,
        "payload": {"items": [{"vendor_tenant_id": "org-1", "acronis_tenant_id": "0d4a9d1e-5f1b-4c6e-8a63-7b8f0e2c4d5a"},
            {"vendor_tenant_id": "org-2", "note": [1, null]}]},
    });
    let topology = |paging: Value| {
        json!({
            "type": TOPOLOGY_READ.response_type, "request_id": REQUEST_ID.to_ascii_uppercase(), "response_id": RESPONSE_ID,
            "payload": {"items": [{"id": "org-1", "name": "One"}, {"id": "org-2", "name": ""}], "paging": paging},
        })
    };
    let error = json!({"request_id": REQUEST_ID, "response_id": RESPONSE_ID, "err_message": "No."})
        .to_string();
    add("accept_mapping", b'H', ok(&mapping.to_string()));
    add(
        "accept_topology_by_position",
        ACCEPT_TOPOLOGY,
        ok(&topology(json!({"offset": 0, "limit": 1e1, "total_count": 2})).to_string()),
    );
    add(
        "accept_topology_by_cursor",
        ACCEPT_TOPOLOGY,
        ok(&topology(json!({"before": "x"})).to_string()),
    );
    for number in 0..3 {
        add(
            &format!("accept_generated_{number}"),
            b'H',
            ok(&response_of(&TENANT_MAPPING_READ, number).to_string()),
        );
    }
    let mut twice = mapping.clone();
    twice["payload"]["items"][1]["vendor_tenant_id"] = json!("org-1");
    add("accept_customer_twice", b'H', ok(&twice.to_string()));
    let mut null = mapping.clone();
    null["payload"]["items"][0]["acronis_tenant_id"] = Value::Null;
    add("accept_null", b'H', ok(&null.to_string()));
    for (choice, name) in CHOICES {
        add(
            &format!("{name}_401"),
            *choice,
            format!("HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n\r\n{error}"),
        );
    }
    for (name, answer) in [
        ("error_with_200", ok(&error)),
        ("chunked", format!("HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\nHTTP/1.1")),
        ("interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 500 Oops\r\n\r\nTraceback (most recent call last)".to_owned()),
        ("redirect", "HTTP/1.1 307 Temporary Redirect\r\nLocation: /callback/\r\nContent-Length: 0\r\n\r\n".to_owned()),
        ("slower", "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n".to_owned()),
        ("gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u{1f}\u{8}..".to_owned()),
        ("leak", format!("HTTP/1.1 403 Forbidden\r\n\r\n{{\"err_message\":\"correct-horse-battery\",\"request_id\":\"{REQUEST_ID}\"}}")),
        ("other_json", ok("[1,2]")),
        ("no_http", "SSH-2.0-OpenSSH_9.6\r\n".to_owned()),
        ("cut_off", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_owned()),
    ] {
        for (choice, expectation) in [CHOICES[0], CHOICES[1]] {
            add(&format!("{expectation}_{name}"), choice, answer.clone());
        }
    }
    seeds
}

fn requests() -> Seeds {
    let mut seeds = Vec::new();
    // The first byte: the body in one piece; in pieces of 8 bytes; one that ends with an error.
    let mut add = |name: &str, how: u8, head: &str, body: &[u8]| {
        let head = head.replace('\n', "\r\n");
        seeds.push((
            name.to_owned(),
            [&[how], head.as_bytes(), b"\r\n", body].concat(),
        ));
    };
    let fields = |authorization: &str, auth: &str| {
        format!(
            "POST /callback HTTP/1.1\nHost: localhost\nContent-Length: !\nContent-Type: application/json\n\
             Authorization: {authorization}\nX-CyberApp-Auth: {auth}\nX-CyberApp-Extra: e30=\n"
        )
    };
    let body = |callback| {
        template(callback)
            .envelope(REQUEST_ID)
            .to_string()
            .into_bytes()
    };
    let mapping = body(&TENANT_MAPPING_READ);
    let auth = |place: usize| format!("!{}:{}", PARTNERS[place].identity, PARTNERS[place].secrets);
    let alpha = auth(0);
    add("mapping_alpha", 0, &fields("Bearer !", &alpha), &mapping);
    add("mapping_bravo", 0, &fields("Bearer !", &auth(1)), &mapping);
    add(
        "topology_in_pieces",
        16,
        &fields("bearer !", &alpha),
        &body(&TOPOLOGY_READ),
    );
    add("body_fails", 17, &fields("Bearer !", &alpha), &mapping);
    for (name, authorization) in [
        ("no_token", "Bearer"),
        ("other_scheme", "Basic bWU6eA=="),
        ("unsigned", "Bearer eyJhbGciOiJub25lIn0.e30."),
    ] {
        add(name, 0, &fields(authorization, &alpha), &mapping);
    }
    let pem = include_str!("../../../tests/data/test_key_published.pem");
    let key = SigningKey::from_pem(pem).expect("a usable key");
    let kid = key.kid();
    for (name, header, claims) in [
        (
            "expired",
            json!({"alg": "RS256", "kid": kid}),
            json!({"iss": "https://acronis.cloud", "exp": 1, "scope": []}),
        ),
        (
            "algorithm",
            json!({"alg": "HS256", "kid": kid}),
            json!({"iss": "https://acronis.cloud", "exp": 4102444800_i64, "scope": [{"role": "x"}]}),
        ),
        (
            "scope",
            json!({"alg": "RS256", "kid": kid, "iri": "x"}),
            json!({"iss": "https://acronis.cloud", "exp": 4.1e9, "scope": [{"role": 1}]}),
        ),
        (
            "crit",
            json!({"alg": "RS256", "kid": kid, "crit": ["x"]}),
            json!({"iss": "https://acronis.cloud/", "exp": null, "scope": {}}),
        ),
    ] {
        add(
            &format!("signed_{name}"),
            0,
            &fields(&format!("Bearer !{header}.{claims}"), &alpha),
            &mapping,
        );
    }
    for (name, auth) in [
        ("wrong_secret", "!alpha:{\"password\":\"x\"}"),
        ("secrets_true", "!alpha:true"),
        ("no_colon", "!alpha"),
        ("not_base64", "a:b"),
    ] {
        add(
            &format!("auth_{name}"),
            0,
            &fields("Bearer !", auth),
            &mapping,
        );
    }
    for (name, body) in malformations(1) {
        add(
            &format!("body_{name}"),
            0,
            &fields("Bearer !", &alpha),
            &body,
        );
    }
    add(
        "chunked",
        0,
        &fields("Bearer !", &alpha).replace("Content-Length: !", "Transfer-Encoding: chunked"),
        b"2\r\n{}\r\n0\r\n\r\n",
    );
    add(
        "two_requests",
        0,
        "GET / HTTP/1.1\nHost: x\nContent-Length: 0\n",
        b"POST / HTTP/1.0\r\n\r\n",
    );
    add(
        "http_2_behind_an_unreadable_target",
        0,
        "P x HTTP/1.1\nHost: x\nContent-Length: !\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    );
    add(
        "expects_continue",
        0,
        &fields("Bearer !", &alpha)
            .replace("Host: localhost", "Host: localhost\nExpect: 100-continue"),
        &mapping,
    );
    add(
        "head",
        0,
        "HEAD / HTTP/1.1\nHost: x\nContent-Length: !\n",
        b"",
    );
    // A header value with text that base64 would hide from the fuzzer.
    let raw = STANDARD.encode("alpha:{\"password\":\"correct-horse-battery\"}");
    add("auth_in_base64", 0, &fields("Bearer !", &raw), &mapping);
    seeds.push((
        "no_http".to_owned(),
        b"\0\x16\x03\x01\x02\0 hello\r\n\r\n".to_vec(),
    ));
    seeds
}
