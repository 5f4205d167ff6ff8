//! The test identity provider, as a handler sees it.
#![cfg(feature = "mock-idp")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use acgw_conformance::gateway::{
    Answer, Client, ClientOptions, IdentityProvider, Message, SigningKey, Target,
};
use acgw_conformance::protocol::token::Jwks;
use bytes::Bytes;

static KEYS: LazyLock<[SigningKey; 2]> =
    LazyLock::new(|| [(); 2].map(|()| SigningKey::generate().expect("random numbers")));

fn start() -> IdentityProvider {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    IdentityProvider::start(any, &KEYS[..1]).expect("a free port")
}

async fn ask(method: &str, url: &str) -> Answer {
    let target = Target::url(url).expect("a URL");
    let client = Client::new(target, ClientOptions::default()).expect("a client");
    let message = Message {
        method: method.to_owned(),
        headers: Vec::new(),
        body: Bytes::new(),
    };
    client.send(&message).await.result.expect("an answer")
}

async fn kids(idp: &IdentityProvider) -> Vec<String> {
    let answer = ask("GET", &idp.jwks_url()).await;
    let keys: Jwks = serde_json::from_slice(&answer.body).expect("a key set");
    keys.keys.into_iter().map(|key| key.kid).collect()
}

#[tokio::test]
async fn the_keys_are_where_they_are_said_to_be() {
    let idp = start();
    let url = idp.jwks_url();
    assert_eq!(url, format!("http://{}/api/idp/v1/keys", idp.addr()));
    let answer = ask("GET", &url).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type").as_deref(),
        Some("application/json")
    );
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-cache"));
    let json: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    let jwk = KEYS[0].jwk();
    let expected = serde_json::json!({
        "keys": [{"kty": "RSA", "kid": jwk.kid, "use": "sig", "alg": "RS256", "n": jwk.n, "e": jwk.e}],
    });
    assert_eq!(json, expected);
    let with_query = ask("GET", &format!("{url}?kid=1")).await;
    assert_eq!(with_query.body, answer.body);
}

#[tokio::test]
async fn other_methods_and_paths() {
    let idp = start();
    let url = idp.jwks_url();
    let head = ask("HEAD", &url).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    let length = ask("GET", &url).await.body.len().to_string();
    assert_eq!(head.header("content-length"), Some(length));
    let post = ask("POST", &url).await;
    assert_eq!(
        (post.status, post.header("allow").as_deref()),
        (405, Some("GET, HEAD"))
    );
    assert_eq!(idp.last_elsewhere(), None);
    let elsewhere = ask("GET", &format!("http://{}/jwks.json", idp.addr())).await;
    assert_eq!(elsewhere.status, 404);
    assert_eq!(idp.last_elsewhere().as_deref(), Some("/jwks.json"));
    let fetches = idp.fetches();
    assert_eq!((fetches.count, fetches.elsewhere), (4, 1));
}

#[tokio::test]
async fn keys_are_published_and_withdrawn_while_it_runs() {
    let idp = start();
    let [first, second] = &*KEYS;
    assert_eq!(kids(&idp).await, [first.kid()]);
    idp.publish(second.jwk());
    idp.publish(second.jwk());
    assert_eq!(kids(&idp).await, [first.kid(), second.kid()]);
    let mut replaced = first.jwk();
    replaced.alg = None;
    idp.publish(replaced.clone());
    assert_eq!(idp.keys(), [replaced, second.jwk()]);
    assert!(idp.withdraw(first.kid()));
    assert!(!idp.withdraw(first.kid()));
    assert_eq!(kids(&idp).await, [second.kid()]);
}

#[tokio::test]
async fn fetches_are_counted() {
    let idp = start();
    assert_eq!((idp.fetches().count, idp.fetches().last), (0, None));
    let before = Instant::now();
    kids(&idp).await;
    let fetches = idp.fetches();
    assert_eq!(fetches.count, 1);
    assert!(
        fetches
            .last
            .is_some_and(|last| last >= before && last <= Instant::now())
    );
}

#[test]
fn an_address_in_use_is_named_with_a_remedy() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = taken.local_addr().expect("an address");
    let error = IdentityProvider::start(addr, &[])
        .expect_err("in use")
        .to_string();
    for told in [&addr.to_string(), "in use", "--idp"] {
        assert!(error.contains(told), "{error:?} does not say {told:?}");
    }
    let nowhere = SocketAddr::from(([192, 0, 2, 1], 0));
    let error = IdentityProvider::start(nowhere, &[]).expect_err("no such address");
    assert!(
        error.to_string().contains("no interface of this machine"),
        "{error}"
    );
}

#[test]
fn the_port_is_free_once_it_is_dropped() {
    let idp = start();
    let addr = idp.addr();
    let mut kept = TcpStream::connect(addr).expect("a connection");
    drop(idp);
    let again = IdentityProvider::start(addr, &[]).expect("the same port");
    assert_eq!(again.addr(), addr);
    // What was connected to the first one is closed.
    kept.set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a timeout");
    assert!(!matches!(kept.read(&mut [0]), Ok(1)));
}

#[test]
fn every_interface_is_none_to_connect_to() {
    let idp = IdentityProvider::start(SocketAddr::from(([0, 0, 0, 0], 0)), &[]).expect("a port");
    let expected = format!("http://127.0.0.1:{}/api/idp/v1/keys", idp.addr().port());
    assert_eq!(idp.jwks_url(), expected);
}

#[tokio::test]
async fn connections_that_say_nothing_do_not_keep_others_out() {
    let idp = start();
    let silent: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut stream = TcpStream::connect(idp.addr()).expect("a connection");
            stream.write_all(b"GET /api").expect("some bytes");
            stream
        })
        .collect();
    assert_eq!(kids(&idp).await, [KEYS[0].kid()]);
    drop(silent);
}

/// A handler in the same process may fetch the keys while it blocks the only thread of the runtime.
#[tokio::test]
async fn it_answers_while_the_runtime_is_blocked() {
    let idp = start();
    let mut stream = TcpStream::connect(idp.addr()).expect("a connection");
    stream
        .write_all(b"GET /api/idp/v1/keys HTTP/1.1\r\nHost: x\r\n\r\n")
        .expect("sent");
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .expect("a timeout");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("an answer, then the end");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains(KEYS[0].kid()));
}
