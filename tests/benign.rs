//! Right handlers that look odd: not one of them may be failed for what it is free to do.
//!
//! `ACGW_SEED=N` runs them with another seed. `ACGW_SEEDS=50 cargo test --release --test benign -- --ignored --nocapture` runs each
//! with so many, from `ACGW_FIRST_SEED` on.
mod common;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use acgw_conformance::gateway::{SigningKey, token};
use acgw_conformance::protocol::Credentials;
use acgw_conformance::protocol::token::UnverifiedToken;
use acgw_conformance::reference::{Faults, Reference};
use acgw_conformance::suite::outcome::Ended;
use acgw_conformance::suite::{Options, Outcome};
use common::front::{Answer, Arrived, Front, Reply, ask};
use common::verdicts::*;
use common::*;
use serde_json::{Value, json};

/// The outcome for a handler whose answers are the reference handler's, put otherwise.
async fn put_otherwise<F>(put: F) -> Outcome
where
    F: Fn(&Arrived, Answer) -> Reply + Send + Sync + 'static,
{
    with(brief(), |arrived| arrived, put).await
}

/// The outcome for a handler that reads requests its own way and puts the answers otherwise.
async fn with<R, P>(options: Options, read: R, put: P) -> Outcome
where
    R: Fn(Arrived) -> Arrived + Send + Sync + 'static,
    P: Fn(&Arrived, Answer) -> Reply + Send + Sync + 'static,
{
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let (read, put) = (Arc::new(read), Arc::new(put));
    let front = Front::answer(move |arrived| {
        let (reference, read, put) = (reference.clone(), read.clone(), put.clone());
        async move {
            let answer = ask(&reference, &read(arrived.clone())).await;
            put(&arrived, answer)
        }
    })
    .await;
    run(identity, &front.url(), options).await
}

/// The outcome for a handler that does something around the reference handler.
async fn around<F, Fut>(options: Options, answer: F) -> Outcome
where
    F: Fn(Reference, Arrived) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Reply> + Send + 'static,
{
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let front = Front::answer(move |arrived| answer(reference.clone(), arrived)).await;
    run(identity, &front.url(), options).await
}

// How the answer is put on the wire.

#[tokio::test(flavor = "multi_thread")]
async fn header_names_in_lower_case() {
    let outcome = put_otherwise(|_, mut answer| {
        for (name, _) in &mut answer.headers {
            *name = name.to_ascii_lowercase();
        }
        let length = answer.body.len();
        answer.headers.retain(|(name, _)| name != "content-length");
        answer
            .headers
            .push(("content-length".to_owned(), length.to_string()));
        Reply::keep([answer.head().into_bytes(), answer.body].concat())
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn header_names_in_upper_case_and_no_space_behind_the_colon() {
    let outcome = put_otherwise(|_, mut answer| {
        answer.set_header("Content-Length", &answer.body.len().to_string());
        let mut head = format!("{}\r\n", answer.status_line);
        for (name, value) in &answer.headers {
            head.push_str(&format!("{}:{value}\r\n", name.to_ascii_uppercase()));
        }
        Reply::keep([format!("{head}\r\n").into_bytes(), answer.body].concat())
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn further_header_fields() {
    let outcome = put_otherwise(|_, mut answer| {
        for (name, value) in [
            ("Date", "Mon, 10 Apr 2023 15:33:01 GMT"),
            ("Server", "gunicorn/20.1.0"),
            ("X-Powered-By", "PHP/8.2"),
            (
                "Set-Cookie",
                "session=eyJfcGVybWFuZW50Ijp0cnVlfQ.ZDQ.abc; HttpOnly; Path=/",
            ),
            ("Vary", "Accept, Cookie"),
            ("ETag", "W/\"1f-abc\""),
            ("Cache-Control", "no-store"),
            ("Keep-Alive", "timeout=5"),
            ("Connection", "keep-alive"),
            ("Strict-Transport-Security", "max-age=31536000"),
            ("X-Empty", ""),
        ] {
            answer
                .headers
                .insert(0, (name.to_owned(), value.to_owned()));
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn chunked_answers_in_several_writes() {
    let outcome = put_otherwise(|_, mut answer| {
        answer.headers.retain(|(name, _)| name != "Content-Length");
        answer.set_header("Transfer-Encoding", "chunked");
        let mut body = Vec::new();
        for chunk in answer.body.chunks(37) {
            body.extend_from_slice(format!("{:X};part=1\r\n", chunk.len()).as_bytes());
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
        let mut reply = Reply::keep(answer.head());
        reply.pieces.push(body);
        reply.pieces.push(b"0\r\nX-Trailer: 1\r\n\r\n".to_vec());
        reply
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn http_1_0_answers_that_end_with_the_connection() {
    let outcome = put_otherwise(|_, mut answer| {
        answer
            .headers
            .retain(|(name, _)| name != "Content-Length" && name != "Connection");
        answer.status_line = answer.status_line.replace("HTTP/1.1", "HTTP/1.0");
        Reply::close([answer.head().into_bytes(), answer.body].concat())
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_closed_after_each_answer() {
    let outcome = put_otherwise(|_, mut answer| {
        answer.set_header("Connection", "close");
        answer.reply().closing()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_closed_after_each_answer_without_a_word() {
    let outcome = put_otherwise(|_, answer| answer.reply().closing()).await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reason_phrase() {
    let outcome = put_otherwise(|_, mut answer| {
        // With and without the space before it.
        let space = if answer.status == 200 { " " } else { "" };
        answer.status_line = format!("HTTP/1.1 {}{space}", answer.status);
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

// How the success is written.

#[tokio::test(flavor = "multi_thread")]
async fn another_key_order_pretty_printed_with_escapes() {
    let outcome = put_otherwise(|_, mut answer| {
        let body = answer.json();
        if let Value::Object(members) = body {
            let turned: serde_json::Map<_, _> = members.into_iter().rev().collect();
            let pretty = serde_json::to_string_pretty(&turned).unwrap_or_default();
            answer.body = escaped(&pretty).replace('\n', "\r\n").into_bytes();
            answer.body.extend_from_slice(b"\r\n\t \n");
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

/// A JSON text in ASCII, slashes escaped, as PHP writes it.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '/' => escaped.push_str("\\/"),
            character if character.is_ascii() => escaped.push(character),
            character => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    escaped.push_str(&format!("\\u{unit:04X}"));
                }
            }
        }
    }
    escaped
}

#[tokio::test(flavor = "multi_thread")]
async fn media_types_that_mean_the_same() {
    let outcome = put_otherwise(|arrived, mut answer| {
        let spellings = [
            "application/json",
            "application/json;charset=UTF-8",
            "Application/JSON; Charset=\"utf-8\"",
            "application/json ; charset=utf8",
            "application/json; charset=utf-8; profile=v1",
        ];
        let spelling = spellings[arrived.body.len() % spellings.len()];
        answer.set_header("Content-Type", spelling);
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_in_upper_case_and_further_keys_in_mapping_items() {
    let outcome = put_otherwise(|_, mut answer| {
        let mut body = answer.json();
        if let Some(id) = body["response_id"].as_str() {
            body["response_id"] = json!(id.to_ascii_uppercase());
        }
        let mapping = body["type"]
            .as_str()
            .is_some_and(|kind| kind.contains("tenant_mapping"));
        let items = body.pointer_mut("/payload/items");
        if let (true, Some(items)) = (mapping, items.and_then(Value::as_array_mut)) {
            for item in items.iter_mut() {
                item["name"] = json!("a name");
                item["internal"] = json!({"id": 7, "tags": []});
                if let Some(id) = item["acronis_tenant_id"].as_str() {
                    item["acronis_tenant_id"] = json!(id.to_ascii_uppercase());
                } else if let Some(item) = item.as_object_mut() {
                    item.remove("acronis_tenant_id");
                }
            }
            // A database without ORDER BY.
            items.rotate_left(answer.body.len() % 3);
        }
        if answer.status == 200 {
            answer.body = body.to_string().into_bytes();
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_mapped_customers_listed_breaks_advice_alone() {
    let outcome = put_otherwise(|_, mut answer| {
        let mut body = answer.json();
        let mapping = body["type"]
            .as_str()
            .is_some_and(|kind| kind.contains("tenant_mapping"));
        let items = body.pointer_mut("/payload/items");
        if let (true, Some(items)) = (mapping, items.and_then(Value::as_array_mut)) {
            items.retain(|item| item.get("acronis_tenant_id").is_some());
            answer.body = body.to_string().into_bytes();
        }
        answer.reply()
    })
    .await;
    assert_fails_but(&outcome, &["MAP-06"], &[]);
    assert_eq!(outcome.exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_without_customers() {
    let outcome = put_otherwise(|_, mut answer| {
        let mut body = answer.json();
        if body.pointer("/payload/items").is_some_and(Value::is_array) {
            body["payload"]["items"] = json!([]);
            answer.body = body.to_string().into_bytes();
        }
        answer.reply()
    })
    .await;
    let none = [
        "ENA-09", "TOP-02", "TOP-06", "MAP-02", "MAP-04", "MAP-08", "MAP-09", "MAP-10", "MAP-11",
        "MAP-12", "MAP-13", "MAP-14", "MAP-15", "ROB-19",
    ];
    assert_fails_but(&outcome, &[], &none);
    assert_eq!(outcome.exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn topologies_in_pages() {
    for paging in [
        json!({"offset": 0, "limit": 100, "total_count": 4}),
        json!({"before": "a", "after": "b"}),
        json!({"after": "b"}),
        json!({}),
    ] {
        let identity = identity();
        let reference = reference(&identity, Faults::none());
        let shown = paging.clone();
        let front = Front::answer(move |arrived| {
            let (reference, paging) = (reference.clone(), shown.clone());
            async move {
                let mut answer = ask(&reference, &arrived).await;
                let mut body = answer.json();
                let topology = body["type"]
                    .as_str()
                    .is_some_and(|kind| kind.contains("topology"));
                if topology {
                    body["payload"]["paging"] = paging;
                    if let Some(items) = body["payload"]["items"].as_array_mut() {
                        items.truncate(2);
                    }
                    answer.body = body.to_string().into_bytes();
                }
                answer.reply()
            }
        })
        .await;
        let outcome = run(identity, &front.url(), only(&["TOP-*", "MAP-*"])).await;
        assert_eq!(failed(&outcome), [""; 0], "{paging}: {}", account(&outcome));
        assert_eq!(of(&outcome, "TOP-04").state.name(), "passed", "{paging}");
    }
}

// How refusals are written.

#[tokio::test(flavor = "multi_thread")]
async fn forbidden_in_place_of_unauthorized() {
    let outcome = put_otherwise(|_, mut answer| {
        if answer.status == 401 {
            answer.set_status(403);
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn unauthorized_for_every_denial_and_bad_request_for_every_malformation() {
    let outcome = put_otherwise(|_, mut answer| {
        match answer.status {
            401 | 403 => answer.set_status(401),
            400..=499 => answer.set_status(400),
            _ => {}
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn unusual_statuses_for_refusals() {
    let outcome = put_otherwise(|_, mut answer| {
        match answer.status {
            400 => answer.set_status(422),
            404 => answer.set_status(410),
            405 => answer.set_status(501),
            415 => answer.set_status(406),
            _ => {}
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn error_bodies_in_plain_text_html_and_none_at_all_break_advice_alone() {
    type Write = fn(u16) -> Answer;
    let plain: Write = |status| Answer::new(status, "text/plain", "Unauthorized\n");
    let html: Write = |status| {
        Answer::new(
            status,
            "text/html; charset=iso-8859-1",
            "<!doctype html><title>Error</title><h1>Error</h1><p>at /callback line 7</p>",
        )
    };
    let empty: Write = |status| Answer::new(status, "application/json", "");
    let other_json: Write = |status| {
        Answer::new(
            status,
            "application/json",
            r#"{"message":"no","statusCode":401,"type":"about:blank"}"#,
        )
    };
    for write in [plain, html, empty, other_json] {
        let outcome = put_otherwise(move |_, answer| match answer.status {
            200 => answer.reply(),
            status => write(status).reply(),
        })
        .await;
        assert_fails_but(&outcome, &["ERR-01"], &["ERR-02"]);
        assert_eq!(outcome.exit_code(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn error_bodies_with_further_members() {
    let outcome = put_otherwise(|_, mut answer| {
        if answer.status != 200 {
            let mut body = answer.json();
            body["code"] = json!(answer.status);
            body["details"] = json!([{"field": "token", "why": null}]);
            answer.body = body.to_string().into_bytes();
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn not_found_elsewhere_and_not_implemented_for_other_methods() {
    let outcome = put_otherwise(|arrived, answer| match arrived {
        Arrived { target, .. } if target != "/callback" => {
            Answer::new(404, "text/plain", "not found").reply()
        }
        Arrived { method, .. } if method != "POST" => {
            Answer::new(501, "text/html", "<p>Unsupported method")
                .reply()
                .closing()
        }
        _ => answer.reply(),
    })
    .await;
    assert_right(&outcome);
}

// How requests are read.

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
        include_str!("data/test_key_published.pem"),
        include_str!("data/test_key_stranger.pem"),
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

// Connections.

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_that_are_not_read_but_reset() {
    use common::front::{Incoming, Peer};
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let front = Front::tell(move |_, mut peer: Peer| {
        let reference = reference.clone();
        async move {
            let mut most = 60_000;
            while let Some(incoming) = peer.request_of_at_most(most).await {
                most = 60_000;
                let reply = match incoming {
                    Incoming::Request(arrived) => ask(&reference, &arrived).await.reply(),
                    Incoming::NoHttp | Incoming::End => return peer.reset(),
                };
                if !peer.say(&reply.pieces[0]).await {
                    return;
                }
            }
            peer.reset();
        }
    })
    .await;
    let options = Options {
        skip: Vec::new(),
        cases: 5,
        ..quick()
    };
    assert_right(&run(identity, &front.url(), options).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_http_answered_as_http_0_9() {
    use common::front::{Incoming, Peer};
    // Python's http.server does not know the version of a request line that it cannot read, and answers with the body alone.
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let front = Front::tell(move |_, mut peer: Peer| {
        let reference = reference.clone();
        async move {
            loop {
                let reply = match peer.request().await {
                    Incoming::Request(arrived) => ask(&reference, &arrived).await.reply(),
                    Incoming::NoHttp => Reply::close(
                        "<!DOCTYPE HTML>\n<html><body><h1>Error response</h1><p>Error code: 400</p></body></html>\n",
                    ),
                    Incoming::End => return,
                };
                if !peer.say(&reply.pieces[0]).await {
                    return;
                }
                if reply.then == common::front::Then::Close {
                    return peer.close().await;
                }
            }
        }
    })
    .await;
    assert_right(&run(identity, &front.url(), brief()).await);
}

// Pace.

#[tokio::test(flavor = "multi_thread")]
async fn slow_but_in_time() {
    let options = brief();
    let outcome = around(options, |reference, arrived| async move {
        tokio::time::sleep(Duration::from_millis(30)).await;
        ask(&reference, &arrived).await.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_at_a_time() {
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let front = Front::answer_serially(move |arrived| {
        let reference = reference.clone();
        async move { ask(&reference, &arrived).await.reply() }
    })
    .await;
    let options = only(&[
        "HTTP-09", "HTTP-12", "ENV-08", "JWT-0*", "ROB-12", "ROB-13", "ROB-14", "ROB-15",
    ]);
    assert_right(&run(identity, &front.url(), options).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_at_a_time_and_slowly() {
    let turn = Arc::new(tokio::sync::Mutex::new(()));
    let options = Options {
        cases: 1,
        timeout: Duration::from_millis(300),
        ..only(&["JWT-0*", "CRED-0*", "ENV-10", "ROB-12"])
    };
    let outcome = around(options, move |reference, arrived| {
        let turn = turn.clone();
        async move {
            let _turn = turn.lock().await;
            tokio::time::sleep(Duration::from_millis(40)).await;
            ask(&reference, &arrived).await.reply()
        }
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_fifty_requests_a_second() {
    let window = Arc::new(Mutex::new((Instant::now(), 0)));
    let options = only(&[
        "HTTP-11", "ENV-09", "ENV-10", "JWT-0*", "CRED-0*", "ROB-12", "ROB-13",
    ]);
    let outcome = around(options, move |reference, arrived| {
        let window = window.clone();
        async move {
            let full = {
                let mut window = window.lock().expect("no poison");
                if window.0.elapsed() > Duration::from_secs(1) {
                    *window = (Instant::now(), 0);
                }
                window.1 += 1;
                window.1 > 50
            };
            if full {
                let mut answer = Answer::new(429, "text/plain", "Too Many Requests");
                answer.set_header("Retry-After", "1");
                return answer.reply();
            }
            ask(&reference, &arrived).await.reply()
        }
    })
    .await;
    assert_right(&outcome);
}

/// The outcome for a handler that locks everybody out for so long after five wrong passwords.
async fn locking(options: Options, time: Duration) -> Outcome {
    let lock = Arc::new(Mutex::new((0, None::<Instant>)));
    around(options, move |reference, arrived| {
        let lock = lock.clone();
        async move {
            let mut answer = ask(&reference, &arrived).await;
            let mut lock = lock.lock().expect("no poison");
            if lock.1.is_some_and(|since| since.elapsed() > time) {
                *lock = (0, None);
            }
            let message = answer.json()["err_message"].to_string();
            if message.contains("identity is unknown or its secrets are wrong") {
                lock.0 += 1;
            }
            if lock.0 >= 5 {
                lock.1.get_or_insert_with(Instant::now);
                answer.set_status(403);
                let mut body = answer.json();
                body["err_message"] = json!("the account is locked");
                if let Some(body) = body.as_object_mut() {
                    body.retain(|name, _| name.ends_with("_id") || name == "err_message");
                }
                answer.body = body.to_string().into_bytes();
            }
            answer.reply()
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_locked_for_good_leave_no_verdict_and_no_blame() {
    let options = Options {
        recovery_patience: Duration::from_millis(900),
        ..brief()
    };
    let outcome = locking(options, Duration::from_secs(3_600)).await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    assert_eq!(outcome.exit_code(), 3);
    assert!(
        matches!(&outcome.ended, Ended::HandlerLost(reason) if reason.contains("lock an account")),
        "{:?}",
        outcome.ended
    );
    assert_eq!(of(&outcome, "CRED-05").state.name(), "blocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_locked_for_a_while_are_waited_for() {
    let options = Options {
        recovery_patience: Duration::from_secs(10),
        ..only(&["CRED-05", "ROB-13"])
    };
    let outcome = locking(options, Duration::from_millis(1_200)).await;
    assert_right(&outcome);
    assert!(
        outcome
            .notices
            .iter()
            .any(|notice| notice.contains("is back")),
        "{:?}",
        outcome.notices
    );
}

// Handlers that are not right at all, with one answer for everything.

/// The outcome for a handler that answers everything so.
async fn always(template: wiremock::ResponseTemplate) -> Outcome {
    let handler = wiremock::MockServer::start().await;
    let everything = wiremock::Mock::given(wiremock::matchers::any());
    everything.respond_with(template).mount(&handler).await;
    // What is no HTTP makes wiremock panic.
    let mut options = brief();
    options.skip.extend(["ROB-14", "ROB-15"].map(str::to_owned));
    run(identity(), &format!("{}/callback", handler.uri()), options).await
}

/// Holds an outcome to one failure, nothing passed that needs a right answer, and no verdict on anything else.
#[track_caller]
fn assert_stopped_by(outcome: &Outcome, id: &str) {
    assert_eq!(failed(outcome), [id], "{}", account(outcome));
    assert_eq!(outcome.exit_code(), 1);
    for outcome in &outcome.requirements {
        let requirement = outcome.requirement.id;
        // What shows in any answer at all may have passed.
        let free = [
            "HTTP-05", "HTTP-06", "HTTP-07", "HTTP-10", "ERR-03", "ERR-04", "ERR-05", "ERR-06",
        ];
        let idle = matches!(outcome.state.name(), "blocked" | "not exercised");
        assert!(
            requirement == id
                || free.contains(&requirement)
                || idle
                || outcome.state.name() != "passed",
            "{requirement} {:?}",
            outcome.state
        );
        if outcome.state.name() == "blocked" {
            let reason = outcome.state.reason().unwrap_or_default();
            assert!(reason.contains(id), "{requirement}: {reason}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_fixed_success_passes_nothing_that_it_does_not_keep() {
    let body = json!({
        "type": "cti.a.p.acgw.response.v1.0~a.p.tenant_mapping.read.ok.v1.0",
        "request_id": "6f1c2d9a-3b0e-4c57-9d52-0a4f6be1c301",
        "response_id": "0b7e5f34-91aa-4b0d-8a63-5f7d2c9e4102",
        "payload": {"items": [{"vendor_tenant_id": "1"}]},
    });
    let template = wiremock::ResponseTemplate::new(200).set_body_json(body);
    let outcome = always(template).await;
    assert_eq!(outcome.exit_code(), 1);
    assert_eq!(of(&outcome, "HTTP-01").state.name(), "passed");
    let all = failed(&outcome);
    let refusals = [
        "HTTP-08", "ENV-11", "JWT-01", "JWT-02", "JWT-03", "JWT-04", "JWT-05", "JWT-06", "JWT-07",
        "JWT-08", "JWT-09", "JWT-10", "JWT-11", "JWT-12", "JWT-13", "JWT-14", "JWT-15", "JWT-16",
        "JWT-17", "CRED-01", "CRED-02", "CRED-03", "CRED-04", "CRED-05", "CRED-06", "CRED-07",
        "CRED-11", "ROB-01", "ROB-02", "ROB-03",
    ];
    let others = [
        "ENV-02", "ENV-03", "ENV-06", "ENA-01", "TOP-02", "MAP-05", "MAP-08",
    ];
    for id in refusals.into_iter().chain(others) {
        assert!(all.contains(&id), "{id} has not failed: {all:?}");
    }
    let whole = all
        .iter()
        .all(|id| refusals.contains(id) || others.contains(id));
    assert!(whole, "{all:?}");
    // Its own request_id comes back to no request.
    assert_ne!(of(&outcome, "ENV-08").state.name(), "passed");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refusal_for_everything_says_where_the_keys_are() {
    let handler = wiremock::MockServer::start().await;
    let everything = wiremock::Mock::given(wiremock::matchers::any());
    everything
        .respond_with(wiremock::ResponseTemplate::new(401))
        .mount(&handler)
        .await;
    let identity = identity();
    let jwks_url = identity.jwks_url();
    let outcome = run(identity, &handler.uri(), options()).await;
    assert_stopped_by(&outcome, "HTTP-01");
    assert!(
        outcome
            .notices
            .iter()
            .any(|notice| notice.contains(&jwks_url)),
        "{:?}",
        outcome.notices
    );
    assert!(outcome.run.exchanges < 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_for_everything_is_blamed_on_what_it_breaks_first() {
    use wiremock::ResponseTemplate;
    let redirect = ResponseTemplate::new(301).insert_header("Location", "/callback/");
    for (template, blamed) in [
        (ResponseTemplate::new(500), "HTTP-01"),
        (ResponseTemplate::new(404), "HTTP-01"),
        (redirect, "HTTP-05"),
    ] {
        assert_stopped_by(&always(template).await, blamed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn successes_without_a_body_pass_nothing_that_they_do_not_keep() {
    for status in [200, 204] {
        let outcome = always(wiremock::ResponseTemplate::new(status)).await;
        assert_eq!(outcome.exit_code(), 1);
        for id in ["HTTP-02", "HTTP-03", "JWT-01", "CRED-05", "ROB-01"] {
            assert_eq!(of(&outcome, id).state.name(), "failed", "{status} {id}");
        }
        assert_eq!(
            of(&outcome, "HTTP-01").state.name(),
            if status == 200 { "passed" } else { "failed" }
        );
        for requirement in [
            "ENV-01", "ENV-02", "ENV-03", "ENV-05", "ENV-08", "MAP-01", "MAP-02", "MAP-07",
            "MAP-08", "TOP-01", "ROB-13",
        ] {
            assert_ne!(
                of(&outcome, requirement).state.name(),
                "passed",
                "{status} {requirement}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn patience_without_end_ends_without_a_verdict() {
    let template = wiremock::ResponseTemplate::new(429).insert_header("Retry-After", "0");
    let outcome = always(template).await;
    assert_eq!(outcome.exit_code(), 3, "{}", account(&outcome));
    assert!(
        outcome.notices.iter().any(|notice| notice.contains("429")),
        "{:?}",
        outcome.notices
    );
    assert!(
        outcome.run.duration < Duration::from_secs(20),
        "{:?}",
        outcome.run.duration
    );
}

// More seeds.

#[test]
#[ignore = "minutes: all of the others, once for each of the seeds that ACGW_SEEDS asks for"]
fn no_seed_fails_a_right_handler_that_looks_odd() {
    let (seeds, first) = (setting("ACGW_SEEDS", 1), setting("ACGW_FIRST_SEED", 1));
    assert!(seeds > 0, "ACGW_SEEDS asks for no run");
    let program = std::env::current_exe().expect("this program");
    let started = Instant::now();
    let mut wrong = Vec::new();
    for seed in first..first + seeds {
        let run = std::process::Command::new(&program)
            .env("ACGW_SEED", seed.to_string())
            .output()
            .expect("this program again");
        let told = String::from_utf8_lossy(&run.stdout).into_owned();
        let summary = told
            .lines()
            .find(|line| line.starts_with("test result"))
            .unwrap_or("no result");
        println!(
            "seed {seed}: {summary}, {:.0} s in all",
            started.elapsed().as_secs_f64()
        );
        if !run.status.success() {
            println!("{told}");
            wrong.push(seed);
        }
    }
    assert!(wrong.is_empty(), "{} of {seeds}: {wrong:?}", wrong.len());
}
