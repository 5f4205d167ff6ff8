//! How requests are read.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use acgw_conformance::gateway::{SigningKey, token};
use acgw_conformance::protocol::Credentials;
use acgw_conformance::protocol::token::UnverifiedToken;
use acgw_conformance::reference::Faults;
use acgw_conformance::suite::Options;
use serde_json::{Value, json};

use crate::common::front::{Answer, Arrived, Front, Reply, ask};
use crate::common::verdicts::*;
use crate::common::*;
use crate::{around, with};

/// Reads a request as lenient parsers do, and repairs what the handler has no use for.
fn leniently(mut arrived: Arrived) -> Arrived {
    arrived.set_header("Content-Type", "application/json");
    let text = String::from_utf8_lossy(&arrived.body).into_owned();
    let text = text.trim_start_matches('\u{feff}');
    let mut text = text.to_owned();
    for word in [
        "-Infinity",
        "Infinity",
        "NaN",
        "nan",
        "undefined",
        "None",
        "True",
    ] {
        text = text.replace(&format!(":{word}"), ":0");
    }
    // The first value counts, whatever stands behind it.
    let mut values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    let Some(Ok(mut body)) = values.next() else {
        return arrived;
    };
    let sound = body["context"]["callback_id"].is_string()
        && body["context"]["endpoint_id"].is_string()
        && body["request_id"].is_string();
    if !sound {
        return arrived;
    }
    let callback = body["context"]["callback_id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let kind = match callback.contains("topology") {
        true => "cti.a.p.acgw.request.v1.0~a.p.topology.read.v1.0",
        false => "cti.a.p.acgw.request.v1.0~a.p.empty.v1.0",
    };
    let mut repaired = json!({
        "type": kind,
        "request_id": "6f1c2d9a-3b0e-4c57-9d52-0a4f6be1c301",
        "created_at": "2023-04-10T15:33:01Z",
        "context": {
            "callback_id": callback,
            "endpoint_id": body["context"]["endpoint_id"].take(),
            "tenant_id": "6f1c2d9a-3b0e-4c57-9d52-0a4f6be1c301",
            "datacenter_url": "https://acronis.cloud",
        },
    });
    if callback.contains("topology") {
        repaired["payload"] = json!({});
    }
    arrived.body = repaired.to_string().into_bytes();
    if arrived.header("x-cyberapp-extra").is_some() {
        arrived.set_header("X-CyberApp-Extra", "e30=");
    }
    arrived
}

/// Puts the request id, whatever it was, back into the answer.
fn with_own_request_id(arrived: &Arrived, mut answer: Answer) -> Reply {
    let text = String::from_utf8_lossy(&arrived.body).into_owned();
    let text = text.trim_start_matches('\u{feff}').to_owned();
    let mut values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    let mut body = answer.json();
    if let (Some(Ok(request)), true) = (values.next(), body.is_object())
        && request["request_id"].is_string()
    {
        body["request_id"] = request["request_id"].clone();
        answer.body = body.to_string().into_bytes();
    }
    answer.reply()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lenient_handler_that_ignores_what_it_has_no_use_for() {
    // The long lists as well: this is what they must not blame.
    let options = Options {
        cases: 10,
        write: false,
        // It has no use for the payload of a read, nor for the tenant.
        custom: Vec::new(),
        ..options()
    };
    let outcome = with(options, leniently, with_own_request_id).await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn identities_in_any_case_and_with_blanks_around() {
    let outcome = with(
        brief(),
        |mut arrived| {
            let auth = arrived.header("x-cyberapp-auth").unwrap_or_default();
            if let Ok(credentials) = Credentials::decode(&auth) {
                let identity = credentials.identity().trim().to_lowercase();
                let secrets = credentials.secrets().to_string();
                let value = Credentials::encode_raw(&identity, &secrets);
                arrived.set_header("X-CyberApp-Auth", value);
            }
            arrived
        },
        |_, answer| answer.reply(),
    )
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_tried_one_after_the_other_whatever_the_kid() {
    let keys = [
        include_str!("../data/test_key_published.pem"),
        include_str!("../data/test_key_stranger.pem"),
    ]
    .map(|pem| SigningKey::from_pem(pem).expect("a usable key"));
    let identity = identity();
    let jwks_url = identity.jwks_url();
    let reference = reference(&identity, Faults::none());
    let front = Front::answer(move |mut arrived| {
        let (reference, keys, jwks_url) = (reference.clone(), keys.clone(), jwks_url.clone());
        async move {
            // The token is verified with every published key, and passed on as one that names the first.
            let header = arrived.header("authorization").unwrap_or_default();
            let published = published_kids(&jwks_url).await;
            if let Some(text) = header.strip_prefix("Bearer ")
                && let Ok(parsed) = UnverifiedToken::parse(text)
                && parsed.header["alg"] == "RS256"
                && keys
                    .iter()
                    .filter(|key| published.contains(key.kid()))
                    .any(|key| key.sign(parsed.signed.as_bytes()) == parsed.signature)
            {
                let again = token::mint(
                    &keys[0],
                    &token::header(keys[0].kid()),
                    &json!(parsed.claims),
                );
                arrived.set_header("Authorization", format!("Bearer {again}"));
            }
            ask(&reference, &arrived).await.reply()
        }
    })
    .await;
    let outcome = run(identity, &front.url(), brief()).await;
    assert_right(&outcome);
}

/// The names of the keys that are published now.
async fn published_kids(jwks_url: &str) -> HashSet<String> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let rest = jwks_url.strip_prefix("http://").unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = tokio::net::TcpStream::connect(host)
        .await
        .expect("the provider is there");
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the provider listens");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("the provider answers");
    let (_, body) = answer
        .split_once("\r\n\r\n")
        .expect("an answer with a body");
    let body: Value = serde_json::from_str(body).expect("a JWKS");
    let keys = body["keys"].as_array().cloned().unwrap_or_default();
    keys.iter()
        .filter_map(|key| key["kid"].as_str().map(str::to_owned))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_not_fetched_again_for_a_while() {
    /// In the place of the 30 s of well-known libraries.
    const COOL_DOWN: Duration = Duration::from_millis(1_500);
    let identity = identity();
    let jwks_url = identity.jwks_url();
    let reference = reference(&identity, Faults::none());
    let known: Arc<tokio::sync::Mutex<(Option<Instant>, HashSet<String>)>> = Arc::default();
    let front = Front::answer(move |arrived| {
        let (reference, known, jwks_url) = (reference.clone(), known.clone(), jwks_url.clone());
        async move {
            let header = arrived.header("authorization").unwrap_or_default();
            let text = header
                .strip_prefix("Bearer ")
                .unwrap_or_default()
                .to_owned();
            let kid = UnverifiedToken::parse(&text)
                .ok()
                .and_then(|parsed| parsed.header["kid"].as_str().map(str::to_owned));
            if let Some(kid) = kid {
                let mut known = known.lock().await;
                if !known.1.contains(&kid) {
                    if known.0.is_some_and(|fetched| fetched.elapsed() < COOL_DOWN) {
                        let request_id = arrived.json()["request_id"].clone();
                        let body = json!({
                            "request_id": request_id,
                            "response_id": "b0f6e0a2-3f0c-4f44-a1ce-53a8a3f6c001",
                            "err_message": "unknown key",
                        });
                        return Answer::new(401, "application/json", body.to_string()).reply();
                    }
                    *known = (Some(Instant::now()), published_kids(&jwks_url).await);
                }
            }
            ask(&reference, &arrived).await.reply()
        }
    })
    .await;
    let options = Options {
        rotation_patience: COOL_DOWN + Duration::from_millis(100),
        ..brief()
    };
    let outcome = run(identity, &front.url(), options).await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_answer_again_for_the_same_request() {
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let given: Arc<Mutex<std::collections::HashMap<Vec<u8>, Vec<u8>>>> = Arc::default();
    let front = Front::answer(move |arrived| {
        let (reference, given) = (reference.clone(), given.clone());
        async move {
            let mut answer = ask(&reference, &arrived).await;
            if answer.status == 200 {
                let mut given = given.lock().expect("no poison");
                let first = given
                    .entry(arrived.body)
                    .or_insert_with(|| answer.body.clone());
                answer.body = first.clone();
            }
            answer.reply()
        }
    })
    .await;
    // Another partner sends other bodies: the request id differs.
    assert_right(&run(identity, &front.url(), brief()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn to_take_each_token_once_breaks_advice_alone() {
    let used: Arc<Mutex<HashSet<String>>> = Arc::default();
    let outcome = around(brief(), move |reference, arrived| {
        let used = used.clone();
        async move {
            let header = arrived.header("authorization").unwrap_or_default();
            let token = header.strip_prefix("Bearer ").unwrap_or_default();
            let token = UnverifiedToken::parse(token).ok();
            let jti = token.map(|token| token.claims["jti"].to_string());
            let is_used = jti.as_ref().is_some_and(|jti| {
                let used = used.lock().expect("no panic");
                used.contains(jti)
            });
            if is_used {
                let told = json!({
                    "request_id": arrived.json()["request_id"],
                    "response_id": uuid::Uuid::new_v4().to_string(),
                    "err_message": "this token was used before",
                });
                return Answer::new(401, "application/json", told.to_string()).reply();
            }
            let answer = ask(&reference, &arrived).await;
            if answer.status == 200 {
                used.lock().expect("no panic").extend(jti);
            }
            answer.reply()
        }
    })
    .await;
    assert_fails_but(&outcome, &["JWT-24"], &[]);
    assert_eq!(outcome.exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_endpoint_alone_is_served() {
    const OWN: &str = "cti.a.p.acgw.endpoint.v1.0~acgw.conformance.endpoint.v1.0";
    // More than a few generated ones, which would name others.
    let options = Options {
        cases: 20,
        ..brief()
    };
    let outcome = around(options, |reference, arrived| async move {
        let body = arrived.json();
        let named = body["context"]["endpoint_id"].as_str();
        if named.is_some_and(|named| named != OWN) {
            let told = json!({
                "request_id": body["request_id"],
                "response_id": uuid::Uuid::new_v4().to_string(),
                "err_message": "this is no endpoint of this application",
            });
            return Answer::new(403, "application/json", told.to_string()).reply();
        }
        ask(&reference, &arrived).await.reply()
    })
    .await;
    assert_right(&outcome);
    let told = outcome.notices.iter();
    assert_eq!(told.filter(|one| one.contains("--endpoint-id")).count(), 1);
}
