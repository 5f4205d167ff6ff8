//! What the tests share: fixed keys, and runs against the reference handler.
#![allow(dead_code, reason = "every test file uses a part of it")]

use std::net::SocketAddr;
use std::time::Duration;

use acgw_conformance::gateway::{SigningKey, Target};
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Faults, Reference, Server, Settings};
use acgw_conformance::suite::{Options, Outcome, State, Suite, TestIdentity};

/// Any free port of the loopback interface.
pub fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// A test identity with fixed keys, since making keys takes time.
pub fn identity() -> TestIdentity {
    let published = SigningKey::from_pem(include_str!("../data/test_key_published.pem"));
    let stranger = SigningKey::from_pem(include_str!("../data/test_key_stranger.pem"));
    TestIdentity::with_keys(
        anywhere(),
        published.expect("a usable key"),
        stranger.expect("a usable key"),
    )
    .expect("a free port")
}

/// Options for quick runs with the credentials that the reference handler knows.
pub fn options() -> Options {
    Options {
        credentials: Some(PARTNERS[0].credentials()),
        other_credentials: Some(PARTNERS[1].credentials()),
        cases: 25,
        seed: 7,
        timeout: Duration::from_secs(2),
        rotation_patience: Duration::ZERO,
        budget: None,
        ..Options::default()
    }
}

/// A server of the reference handler with these faults, which trusts this identity.
pub async fn server(identity: &TestIdentity, faults: Faults) -> Server {
    Server::start(anywhere(), reference(identity, faults), None)
        .await
        .expect("a free port")
}

/// The reference handler with these faults, which trusts this identity.
pub fn reference(identity: &TestIdentity, faults: Faults) -> Reference {
    Reference::new(Settings {
        jwks_url: identity.jwks_url(),
        issuer: Options::default().issuer,
        faults,
    })
}

/// A run against this URL.
pub async fn run(identity: TestIdentity, url: &str, options: Options) -> Outcome {
    let target = Target::url(url).expect("a URL");
    Suite::new(target)
        .identity(identity)
        .options(options)
        .run()
        .await
        .expect("a run")
}

/// The ids of the requirements that failed.
pub fn failed(outcome: &Outcome) -> Vec<&'static str> {
    let failed = outcome
        .requirements
        .iter()
        .filter(|outcome| outcome.state == State::Failed);
    failed.map(|outcome| outcome.requirement.id).collect()
}
