//! The suite against the reference handler; or, when `ACGW_URL` is set, against the handler there.
//!
//! For a handler of your own set `ACGW_URL`, `ACGW_IDENTITY` and `ACGW_SECRETS`, and let it trust the keys at
//! `http://127.0.0.1:9180/api/idp/v1/keys` (`ACGW_IDP` changes the address) and the issuer `https://acronis.cloud`
//! (`ACGW_ISSUER`).

mod common;

use std::net::SocketAddr;

use acgw_conformance::gateway::Target;
use acgw_conformance::protocol::Credentials;
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Faults, Server};
use acgw_conformance::suite::{Level, Options, Outcome, State, Suite};
use common::verdicts::applies;
use common::{anywhere, failed, identity, options, reference, run, server};

/// Whether this run is about somebody else's handler.
fn elsewhere() -> Option<String> {
    std::env::var("ACGW_URL").ok().filter(|url| !url.is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_handler_conforms() {
    let Some(url) = elsewhere() else {
        let identity = identity();
        let server = server(&identity, Faults::none()).await;
        let outcome = run(
            identity,
            &server.url(),
            Options {
                cases: 100,
                ..options()
            },
        )
        .await;
        assert_flawless(&outcome);
        assert_exercised(&outcome, &["TLS-01", "TLS-02", "TOP-04"]);
        return;
    };
    let set = |name: &str| std::env::var(name).ok();
    let idp: SocketAddr = set("ACGW_IDP")
        .unwrap_or_else(|| "127.0.0.1:9180".to_owned())
        .parse()
        .expect("ACGW_IDP is an address and a port");
    let credentials = set("ACGW_IDENTITY")
        .zip(set("ACGW_SECRETS"))
        .map(|(identity, secrets)| {
            let secrets = serde_json::from_str(&secrets).expect("ACGW_SECRETS is JSON");
            Credentials::new(identity, secrets).expect("ACGW_IDENTITY has no colon")
        });
    let defaults = Options::default();
    let options = Options {
        credentials,
        issuer: set("ACGW_ISSUER").unwrap_or(defaults.issuer.clone()),
        ..defaults
    };
    let identity = common::identity_at(idp);
    run(identity, &url, options).await.assert_conforms();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_in_this_process_needs_no_socket() {
    if elsewhere().is_some() {
        return;
    }
    let identity = identity();
    let handler = reference(&identity, Faults::none());
    let suite = Suite::new(Target::service(handler))
        .identity(identity)
        .options(options());
    let outcome = suite.run().await.expect("a run");
    assert_flawless(&outcome);
    assert_exercised(&outcome, &["TLS-01", "TLS-02", "TOP-04"]);
}

#[tokio::test]
async fn one_thread_is_enough() {
    if elsewhere().is_some() {
        return;
    }
    let identity = identity();
    let handler = reference(&identity, Faults::none());
    let options = Options {
        only: vec!["ENV-*".to_owned()],
        ..options()
    };
    let suite = Suite::new(Target::service(handler))
        .identity(identity)
        .options(options);
    suite.run().await.expect("a run").assert_conforms();
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_with_a_trusted_certificate() {
    if elsewhere().is_some() {
        return;
    }
    let certificate = common::Certificate::for_loopback();
    let identity = identity();
    let handler = reference(&identity, Faults::none());
    let server = Server::start(anywhere(), handler, Some(certificate.tls()))
        .await
        .expect("a free port");
    let outcome = Suite::new(Target::url(&server.url()).expect("a URL"))
        .identity(identity)
        .options(Options {
            cases: 5,
            ..options()
        })
        .roots(vec![certificate.root()])
        .run()
        .await
        .expect("a run");
    assert_flawless(&outcome);
    assert_exercised(&outcome, &["TOP-04"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_https_with_an_unknown_certificate_everything_else_is_still_checked() {
    if elsewhere().is_some() {
        return;
    }
    let certificate = common::Certificate::for_loopback();
    let identity = identity();
    let handler = reference(&identity, Faults::none());
    let server = Server::start(anywhere(), handler, Some(certificate.tls()))
        .await
        .expect("a free port");
    let outcome = run(
        identity,
        &server.url(),
        Options {
            cases: 2,
            ..options()
        },
    )
    .await;
    assert_eq!(failed(&outcome), ["TLS-02"]);
    assert_eq!(outcome.exit_code(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn either_partner_may_come_first() {
    if elsewhere().is_some() {
        return;
    }
    let identity = identity();
    let server = server(&identity, Faults::none()).await;
    let options = Options {
        credentials: Some(PARTNERS[1].credentials()),
        other_credentials: Some(PARTNERS[0].credentials()),
        ..options()
    };
    assert_flawless(&run(identity, &server.url(), options).await);
}

/// Not one failure, at whatever level, and nothing prevented.
fn assert_flawless(outcome: &Outcome) {
    assert_eq!(failed(outcome), Vec::<&str>::new(), "{outcome:#?}");
    assert!(
        outcome.conforms(),
        "{:?} {:?}",
        outcome.ended,
        outcome.notices
    );
    let blocked = outcome
        .requirements
        .iter()
        .find(|entry| matches!(entry.state, State::Blocked(_)));
    assert!(blocked.is_none(), "{blocked:?}");
}

/// Everything but these, and what cannot be observed, was exercised.
fn assert_exercised(outcome: &Outcome, but: &[&str]) {
    for entry in outcome.requirements.iter().filter(|entry| applies(entry)) {
        let id = entry.requirement.id;
        let observable = entry.requirement.unobservable.is_none();
        let expected = observable && !but.contains(&id);
        assert_eq!(
            entry.state == State::Passed,
            expected,
            "{id} is {:?}",
            entry.state
        );
        assert!(!expected || entry.cases > 0, "{id} passed without a case");
    }
    assert!(
        outcome
            .requirements
            .iter()
            .any(|entry| entry.requirement.level == Level::Must)
    );
}
