//! Causes that are found out during a run which comes to no verdict. Those that a pattern of failures points to are held to every
//! fault of the reference handler by `tests/faults`.

mod common;

use acgw_conformance::protocol::Enablement;
use acgw_conformance::reference::{Fault, Faults, Reference, Server, Settings};
use acgw_conformance::suite::{Event, Options, Outcome, Suite, TestIdentity};
use common::*;

const OLDER: &str = "https://cloud.acronis.com";

/// A run against a handler with these settings.
async fn run_with(settings: impl FnOnce(&TestIdentity) -> Settings, options: Options) -> Outcome {
    let identity = identity();
    let handler = Reference::new(settings(&identity));
    let server = Server::start(anywhere(), handler, None)
        .await
        .expect("a free port");
    run(identity, &server.url(), options).await
}

fn right(identity: &TestIdentity) -> Settings {
    Settings {
        jwks_url: identity.jwks_url(),
        issuer: Options::default().issuer,
        enablement: Enablement::MAPPED,
        faults: Faults::none(),
    }
}

fn names(outcome: &Outcome) -> Vec<&'static str> {
    outcome.diagnosis.iter().map(|cause| cause.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issuer_that_the_handler_expects_is_found_out() {
    let older = |identity: &TestIdentity| Settings {
        issuer: OLDER.to_owned(),
        ..right(identity)
    };
    let outcome = run_with(older, options()).await;
    assert_eq!(names(&outcome), ["another-issuer"]);
    let text = &outcome.diagnosis[0].text;
    assert!(text.contains(&format!("--issuer {OLDER}")), "{text}");
    assert!(
        text.contains("this run's is https://acronis.cloud"),
        "{text}"
    );

    // With the other one it conforms, so the advice was right.
    let advised = Options {
        issuer: OLDER.to_owned(),
        ..options()
    };
    let outcome = run_with(older, advised).await;
    outcome.assert_conforms();
    assert_eq!(names(&outcome), [""; 0]);

    // The other way round.
    let advised = Options {
        issuer: OLDER.to_owned(),
        ..options()
    };
    let outcome = run_with(right, advised).await;
    assert_eq!(names(&outcome), ["another-issuer"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_nobody_is_written_for_is_not_guessed() {
    let own = |identity: &TestIdentity| Settings {
        issuer: "https://issuer.example".to_owned(),
        ..right(identity)
    };
    let outcome = run_with(own, options()).await;
    assert_eq!(names(&outcome), ["token-refused"]);
    let text = &outcome.diagnosis[0].text;
    assert!(text.contains("expect another issuer?"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_not_fetched_are_told() {
    let elsewhere = identity();
    let outcome = run_with(
        |identity| Settings {
            jwks_url: elsewhere.jwks_url(),
            issuer: OLDER.to_owned(),
            ..right(identity)
        },
        options(),
    )
    .await;
    assert_eq!(names(&outcome), ["keys-not-fetched"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_parted_at_the_last_colon_are_told() {
    let outcome = run_with(
        |identity| Settings {
            faults: [Fault::from_name("split-at-last-colon").expect("a fault")]
                .into_iter()
                .collect(),
            ..right(identity)
        },
        options(),
    )
    .await;
    assert_eq!(names(&outcome), ["credentials-refused"]);
    let text = &outcome.diagnosis[0].text;
    assert!(text.contains("split at its first colon"), "{text}");
    assert_eq!(outcome.diagnosis[0].explains, ["HTTP-01"]);
}

/// Whoever watches learns of it at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_cause_is_told_as_soon_as_it_is_found() {
    let identity = identity();
    let handler = Reference::new(Settings {
        issuer: OLDER.to_owned(),
        ..right(&identity)
    });
    let server = Server::start(anywhere(), handler, None)
        .await
        .expect("a free port");
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let hears = told.clone();
    let target = acgw_conformance::gateway::Target::url(&server.url()).expect("a URL");
    let outcome = Suite::new(target)
        .identity(identity)
        .options(options())
        .observer(Box::new(move |event: Event<'_>| {
            if let Event::Notice(text) = event {
                hears.lock().expect("one thread").push(text.to_owned());
            }
        }))
        .run()
        .await
        .expect("a run");
    let told = told.lock().expect("one thread");
    assert!(told.contains(&outcome.diagnosis[0].text), "{told:?}");
    assert!(
        !outcome.notices.contains(&outcome.diagnosis[0].text),
        "once"
    );
}
