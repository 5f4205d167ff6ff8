//! The keys: fetched when needed, fetched again when rotated, and not for everybody who asks.

use std::time::{Duration, Instant};

use acgw_conformance::gateway::{IdentityProvider, token};
use acgw_conformance::protocol::Enablement;
use acgw_conformance::reference::{Faults, Reference, Settings};
use http::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::*;

fn signed_by_stranger(kid: &str) -> http::Request<http_body_util::Full<bytes::Bytes>> {
    let token = token::mint(&stranger(), &json!({"alg": "RS256", "kid": kid}), &claims());
    with("authorization", Some(format!("Bearer {token}").as_bytes()))
}

#[tokio::test]
async fn keys_are_fetched_once_for_many_requests() {
    let House { idp, reference } = house(Faults::none());
    assert_eq!(
        idp.fetches().count,
        0,
        "nothing is fetched before it is needed"
    );
    let mut asking = JoinSet::new();
    for _ in 0..20 {
        let reference = reference.clone();
        asking.spawn(async move { ask(&reference, mapping_read()).await.status });
    }
    assert!(
        asking
            .join_all()
            .await
            .iter()
            .all(|status| *status == StatusCode::OK)
    );
    assert_eq!(idp.fetches().count, 1);
}

#[tokio::test]
async fn a_rotated_key_is_found_at_once() {
    let House { idp, reference } = house(Faults::none());
    assert_eq!(ask(&reference, mapping_read()).await.status, StatusCode::OK);
    let kid = stranger().kid().to_owned();
    assert_eq!(ask(&reference, signed_by_stranger(&kid)).await.status, 401);
    idp.publish(stranger().jwk());
    assert_eq!(
        ask(&reference, signed_by_stranger(&kid)).await.status,
        StatusCode::OK
    );
    assert_eq!(ask(&reference, mapping_read()).await.status, StatusCode::OK);
    assert_eq!(idp.fetches().count, 3);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_is_no_flood_of_fetches() {
    let House { idp, reference } = house(Faults::none());
    let started = Instant::now();
    let mut asking = JoinSet::new();
    for number in 0..200 {
        let reference = reference.clone();
        asking.spawn(async move {
            ask(&reference, signed_by_stranger(&format!("unknown {number}")))
                .await
                .status
        });
    }
    assert!(asking.join_all().await.iter().all(|status| *status == 401));
    for number in 0..25 {
        let request = signed_by_stranger(&format!("unknown, too {number}"));
        assert_eq!(ask(&reference, request).await.status, 401);
    }
    let allowed = 20 + started.elapsed().as_millis() as u64 / 250 + 1;
    let fetches = idp.fetches().count;
    assert!(
        fetches <= allowed,
        "{fetches} fetches where {allowed} are allowed"
    );
    assert!(started.elapsed() < Duration::from_secs(10));
    let kid = stranger().kid().to_owned();
    idp.publish(stranger().jwk());
    assert_eq!(
        ask(&reference, signed_by_stranger(&kid)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn without_keys_nobody_can_say_whether_a_token_is_good() {
    let idp = IdentityProvider::start(anywhere(), &[published()]).expect("a free port");
    let (url, addr) = (idp.jwks_url(), idp.addr());
    let reference = Reference::new(Settings {
        jwks_url: url.replace("/keys", "/elsewhere"),
        issuer: ISSUER.to_owned(),
        enablement: Enablement::MAPPED,
        faults: Faults::none(),
    });
    let answer = ask(&reference, mapping_read()).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let message = answer.body["err_message"].as_str().expect("a message");
    assert!(message.contains("404"), "{message}");
    drop(idp);

    for url in [
        url,
        "no URL".to_owned(),
        format!("https://{addr}/keys"),
        String::new(),
    ] {
        let reference = Reference::new(Settings {
            jwks_url: url.clone(),
            issuer: ISSUER.to_owned(),
            enablement: Enablement::MAPPED,
            faults: Faults::none(),
        });
        let answer = ask(&reference, mapping_read()).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{url}");
        assert_eq!(answer.body["request_id"], REQUEST_ID);
        let refused = ask(&reference, with("authorization", None)).await;
        assert_eq!(
            refused.status,
            StatusCode::UNAUTHORIZED,
            "no token needs no keys"
        );
    }
}

#[tokio::test]
async fn keys_once_fetched_outlive_the_identity_provider() {
    let House { idp, reference } = house(Faults::none());
    assert_eq!(ask(&reference, mapping_read()).await.status, StatusCode::OK);
    drop(idp);
    assert_eq!(ask(&reference, mapping_read()).await.status, StatusCode::OK);
}
