//! Wrong requests are refused, each with its status and the documented body.

use acgw_conformance::gateway::token::{mint, mint_hs256, mint_unsigned};
use acgw_conformance::protocol::catalog::TENANT_MAPPING_READ;
use acgw_conformance::protocol::schema;
use acgw_conformance::reference::Reference;
use acgw_conformance::reference::store::PARTNERS;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::*;

/// The request is refused with this status, and the control is still served.
async fn refused(reference: &Reference, request: Request<Full<Bytes>>, status: u16, case: &str) {
    let answer = ask(reference, request).await;
    assert_eq!(answer.status, status, "{case}: {}", answer.body);
    assert_eq!(
        answer.headers["content-type"], "application/json; charset=utf-8",
        "{case}"
    );
    assert_eq!(
        schema::ERROR_RESPONSE.violations(&answer.body),
        [],
        "{case}"
    );
    let text = String::from_utf8_lossy(&answer.bytes);
    assert!(
        !text.contains("correct-horse"),
        "{case} repeats a secret: {text}"
    );
    assert!(!text.contains("eyJ"), "{case} repeats a token: {text}");
    let control = ask(reference, mapping_read()).await;
    assert_eq!(control.status, StatusCode::OK, "after {case}");
}

#[tokio::test]
async fn tokens_of_no_use() {
    let reference = right();
    let good = bearer(&claims());
    let (parts, signature) = good.rsplit_once('.').expect("three parts");
    let swapped = |from: &str, to: &str| signature.replacen(from, to, 1);
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let other = bearer(&{
        let mut claims = claims();
        claims["jti"] = json!("another");
        claims
    });
    let other_signature = other.rsplit_once('.').expect("three parts").1;
    let cases: [(&str, Option<String>); 14] = [
        ("no header", None),
        ("an empty header", Some(String::new())),
        ("no token", Some("Bearer".to_owned())),
        ("no token but a space", Some("Bearer ".to_owned())),
        ("no scheme", Some(good.replace("Bearer ", ""))),
        ("another scheme", Some(good.replace("Bearer", "Basic"))),
        (
            "a scheme that begins alike",
            Some(good.replace("Bearer", "BearerX")),
        ),
        ("no JWT", Some("Bearer abc".to_owned())),
        ("a part too many", Some(format!("{good}.x"))),
        ("not base64", Some("Bearer !.!.!".to_owned())),
        ("an empty signature", Some(format!("{parts}."))),
        (
            "a corrupted signature",
            Some(format!("{parts}.{}", swapped(&signature[..1], first))),
        ),
        (
            "half a signature",
            Some(format!("{parts}.{}", &signature[..100])),
        ),
        (
            "another token's signature",
            Some(format!("{parts}.{other_signature}")),
        ),
    ];
    for (case, value) in &cases {
        let request = with("authorization", value.as_ref().map(String::as_bytes));
        refused(&reference, request, 401, case).await;
    }
    let mut twice = mapping_read();
    twice
        .headers_mut()
        .append("authorization", good.parse().expect("a header value"));
    refused(&reference, twice, 401, "two tokens").await;
}

#[tokio::test]
async fn tokens_signed_otherwise() {
    let reference = right();
    let with_alg = |alg: &str| json!({"alg": alg, "kid": published().kid()});
    let pem = published().public_pem();
    let mut crit = header();
    crit["crit"] = json!(["exp"]);
    for (case, token) in [
        (
            "another key under the published name",
            mint(&stranger(), &header(), &claims()),
        ),
        (
            "a key that nobody published",
            mint(
                &stranger(),
                &json!({"alg": "RS256", "kid": stranger().kid()}),
                &claims(),
            ),
        ),
        (
            "no kid",
            mint(&published(), &json!({"alg": "RS256"}), &claims()),
        ),
        (
            "a kid that is a number",
            mint(&published(), &json!({"alg": "RS256", "kid": 1}), &claims()),
        ),
        (
            "no alg",
            mint(&published(), &json!({"kid": published().kid()}), &claims()),
        ),
        ("alg none", mint_unsigned(&with_alg("none"), &claims())),
        ("alg NONE", mint_unsigned(&with_alg("NONE"), &claims())),
        (
            "alg none, signed",
            mint(&published(), &with_alg("none"), &claims()),
        ),
        (
            "alg HS256",
            mint_hs256(pem.as_bytes(), &with_alg("HS256"), &claims()),
        ),
        (
            "alg RS256, signed HS256",
            mint_hs256(pem.as_bytes(), &header(), &claims()),
        ),
        (
            "alg rs256",
            mint(&published(), &with_alg("rs256"), &claims()),
        ),
        (
            "an extension that must be understood",
            mint(&published(), &crit, &claims()),
        ),
    ] {
        let value = format!("Bearer {token}");
        refused(
            &reference,
            with("authorization", Some(value.as_bytes())),
            401,
            case,
        )
        .await;
    }
}

#[tokio::test]
async fn claims_that_do_not_permit_the_request() {
    let reference = right();
    let null = Value::Null;
    let parent = "cti.a.p.acgw.endpoint.v1.0";
    let role = |role: &str| json!([{"role": role}]);
    #[rustfmt::skip]
    let cases = [
        ("exp", null.clone(), 401), ("exp", json!(now() - 10), 401), ("exp", json!("4102444800"), 401),
        ("exp", json!(4_102_444_800.5), 401), ("exp", json!(-1), 401), ("exp", json!(i64::MIN), 401),
        ("iss", null.clone(), 401), ("iss", json!(""), 401), ("iss", json!([ISSUER]), 401),
        ("iss", json!("https://acronis.cloud/"), 401), ("iss", json!("https://Acronis.cloud"), 401),
        ("iss", json!("https://acronis.cloud.example"), 401), ("iss", json!("x https://acronis.cloud"), 401),
        ("scope", null.clone(), 401), ("scope", json!("x"), 401), ("scope", json!({"role": ENDPOINT}), 401),
        ("scope", json!([ENDPOINT]), 401), ("scope", json!([{"role": [ENDPOINT]}]), 401),
        ("scope", json!([]), 403), ("scope", role(""), 403), ("scope", role(parent), 403),
        ("scope", role(&format!("{ENDPOINT}~a.b.c.v1.0")), 403), ("scope", role(&ENDPOINT.to_uppercase()), 403),
        ("scope", role(&ENDPOINT[..ENDPOINT.len() - 1]), 403), ("scope", role(&format!("{ENDPOINT}0")), 403),
        ("scope", role("cti.a.p.acgw.endpoint.v1.0~other.app.main.v1.0"), 403),
    ];
    for (claim, value, status) in cases {
        let mut claims = claims();
        claims[claim] = value.clone();
        let case = format!("{claim} {value}");
        refused(&reference, with_claims(&claims), status, &case).await;
        if value.is_null() {
            claims.as_object_mut().expect("an object").remove(claim);
            refused(
                &reference,
                with_claims(&claims),
                401,
                &format!("no {claim}"),
            )
            .await;
        }
    }
    let mut body = body(&TENANT_MAPPING_READ);
    body["context"]["endpoint_id"] = json!("cti.a.p.acgw.endpoint.v1.0~other.app.main.v1.0");
    refused(
        &reference,
        with_body(body.to_string()),
        403,
        "another endpoint in the body",
    )
    .await;
}

#[tokio::test]
async fn credentials_of_no_use() {
    let reference = right();
    let encode = |text: &str| Some(STANDARD.encode(text));
    let bravo = PARTNERS[1].secrets;
    for (case, header) in [
        ("none", None),
        ("empty", Some(String::new())),
        ("not base64", Some("alpha:{}".to_owned())),
        ("without padding", Some("YWxwaGE6e30".to_owned())),
        ("not UTF-8", Some(STANDARD.encode(b"alpha:\"\xff\""))),
        ("no colon", encode("alpha")),
        ("not JSON", encode("alpha:correct-horse-battery")),
        (
            "the secret alone",
            encode(r#"alpha:"correct-horse-battery""#),
        ),
        (
            "a wrong secret",
            encode(r#"alpha:{"password":"correct-horse-batterz"}"#),
        ),
        (
            "a secret in capitals",
            encode(r#"alpha:{"password":"Correct-Horse-Battery"}"#),
        ),
        ("no secret", encode("alpha:{}")),
        ("null", encode(r#"alpha:{"password":null}"#)),
        ("true", encode(r#"alpha:{"password":true}"#)),
        ("an operator", encode(r#"alpha:{"password":{"$ne":null}}"#)),
        (
            "a list",
            encode(r#"alpha:{"password":["correct-horse-battery"]}"#),
        ),
        (
            "one field more",
            encode(r#"alpha:{"password":"correct-horse-battery","x":1}"#),
        ),
        (
            "an unknown identity",
            encode(r#"nobody:{"password":"correct-horse-battery"}"#),
        ),
        (
            "an identity in capitals",
            encode(r#"ALPHA:{"password":"correct-horse-battery"}"#),
        ),
        (
            "an empty identity",
            encode(r#":{"password":"correct-horse-battery"}"#),
        ),
        (
            "another partner's secrets",
            encode(&format!("alpha:{bravo}")),
        ),
    ] {
        let request = with("x-cyberapp-auth", header.as_ref().map(String::as_bytes));
        refused(&reference, request, 401, case).await;
    }
}

#[tokio::test]
async fn requests_that_do_not_have_the_documented_form() {
    let reference = right();
    let mut get = mapping_read();
    *get.method_mut() = Method::GET;
    refused(&reference, get, 405, "GET").await;
    for media_type in [
        None,
        Some(""),
        Some("text/plain"),
        Some("application/jsonx"),
    ] {
        let request = with("content-type", media_type.map(str::as_bytes));
        refused(&reference, request, 415, &format!("{media_type:?}")).await;
    }
    for extra in ["!", "", "W10=", "bnVsbA==", "e30", "e30= e30="] {
        let request = with("x-cyberapp-extra", Some(extra.as_bytes()));
        refused(&reference, request, 400, &format!("extra {extra:?}")).await;
    }
    let right = body(&TENANT_MAPPING_READ).to_string();
    let deep = "[".repeat(100_000);
    let not_utf8 = [&b"\"\xff"[..], right.as_bytes()].concat();
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "x",
        &right[1..],
        &format!("\u{feff}{right}"),
        &format!("{right}{right}"),
        &deep,
        &right.replacen("+00:00", "", 1),
        &right.replacen("\"type\"", "\"typo\"", 1),
        &right.replacen('{', "{\"payload\":null,", 1),
        &right.replacen('{', "{\"x\":NaN,", 1),
        &right.replacen("2023", "\\ud800", 1),
    ] {
        let case: String = body.chars().take(80).collect();
        refused(&reference, with_body(body.to_owned()), 400, &case).await;
    }
    refused(&reference, with_body(not_utf8), 400, "not UTF-8").await;
    refused(
        &reference,
        with_body(" ".repeat(300 * 1024) + &right),
        413,
        "a large body",
    )
    .await;
}

#[tokio::test]
async fn callbacks_that_are_not_served() {
    let reference = right();
    let mut body = body(&TENANT_MAPPING_READ);
    body["type"] = json!("cti.a.p.acgw.request.v1.0~a.p.topology.read.v1.0");
    refused(
        &reference,
        with_body(body.to_string()),
        400,
        "another request's type",
    )
    .await;
    body["context"]["callback_id"] = json!("cti.a.p.acgw.callback.v1.0~vendor.app.unknown.v1.0");
    refused(
        &reference,
        with_body(body.to_string()),
        404,
        "an unknown callback",
    )
    .await;
}

#[tokio::test]
async fn a_refusal_names_the_request_as_far_as_it_can_be_read() {
    let reference = right();
    let answer = ask(&reference, with("authorization", None)).await;
    assert_eq!(answer.body["request_id"], REQUEST_ID);
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    let answer = ask(
        &reference,
        with_body(format!(r#"{{"request_id":"{REQUEST_ID}"}}"#)),
    )
    .await;
    assert_eq!(answer.body["request_id"], REQUEST_ID);
    for unreadable in ["", "{", r#"{"request_id":7}"#, r#"{"request_id":"7"}"#] {
        let answer = ask(&reference, with_body(unreadable)).await;
        assert_eq!(answer.body["request_id"], uuid::Uuid::nil().to_string());
    }
    let mut get = mapping_read();
    *get.method_mut() = Method::GET;
    assert_eq!(ask(&reference, get).await.headers["allow"], "POST");
}

#[tokio::test]
async fn a_refusal_tells_what_is_no_json_from_what_is_no_request() {
    let reference = right();
    for (body, told) in [
        ("{", "the body is not JSON: see line 1, column 1"),
        ("{\n", "the body is not JSON: see line 2"),
        (
            "\n{}",
            "the body is not a request of the API Callback Gateway: see line 2",
        ),
    ] {
        let answer = ask(&reference, with_body(body)).await;
        let message = answer.body["err_message"].as_str().expect("a message");
        assert!(message.starts_with(told), "{body}: {message}");
    }
}

#[test]
fn whatever_comes_there_is_an_answer_below_500() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let reference = right();
    let config = ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let header = || proptest::option::of(proptest::collection::vec(0x20_u8..=0xff, 0..60));
    static NAMES: [&str; 4] = [
        "authorization",
        "content-type",
        "x-cyberapp-auth",
        "x-cyberapp-extra",
    ];
    let right = body(&TENANT_MAPPING_READ).to_string().into_bytes();
    let damaged = (any::<prop::sample::Index>(), any::<u8>()).prop_map(move |(index, byte)| {
        let mut body = right.clone();
        let index = index.index(body.len());
        body[index] = byte;
        body
    });
    let body = prop_oneof![damaged, proptest::collection::vec(any::<u8>(), 0..200)];
    let which = proptest::option::of(proptest::sample::select(&NAMES[..]));
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner
        .run(&(body, which, header()), |(body, which, value)| {
            let mut request = with_body(body);
            if let Some(name) = which {
                let value = value.and_then(|value| http::HeaderValue::from_bytes(&value).ok());
                request.headers_mut().remove(name);
                request
                    .headers_mut()
                    .extend(value.map(|value| (http::HeaderName::from_static(name), value)));
            }
            let answer = runtime.block_on(ask(&reference, request));
            prop_assert!(
                answer.status.as_u16() < 500,
                "{} {}",
                answer.status,
                answer.body
            );
            Ok(())
        })
        .expect("no input leads to a 5xx");
}
