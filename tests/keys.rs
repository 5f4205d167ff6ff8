//! Handlers that do not have this run's keys at once: those of a run before it are kept for half a minute by many libraries.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use acgw_conformance::gateway::Target;
use acgw_conformance::protocol::token::UnverifiedToken;
use acgw_conformance::reference::Faults;
use acgw_conformance::suite::{ErrorKind, Options, Outcome, State, Suite};
use common::front::{Answer, Arrived, Front, ask};
use common::verdicts::{account, of, quick};
use common::{failed, identity, options, reference, run};

/// A run with this much patience, against a handler that refuses every token for some time, with no look at the keys.
async fn late_by(time: Duration, patience: Duration) -> Outcome {
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let since = Instant::now();
    let front = Front::answer(move |arrived| {
        let reference = reference.clone();
        async move {
            match since.elapsed() < time {
                true => refusal(&arrived).reply(),
                false => ask(&reference, &arrived).await.reply(),
            }
        }
    })
    .await;
    let options = Options {
        rotation_patience: patience,
        only: vec!["ENV-*".to_owned(), "HTTP-01".to_owned()],
        write: false,
        cases: 3,
        ..quick()
    };
    run(identity, &front.url(), options).await
}

fn refusal(arrived: &Arrived) -> Answer {
    let request = arrived.json();
    let body = serde_json::json!({
        "request_id": request["request_id"],
        "response_id": "5f0c1c9e-6a58-4d3c-9d6e-0c53b6a7f001",
        "err_message": "the token cannot be verified",
    });
    Answer::new(401, "application/json; charset=utf-8", body.to_string())
}

fn waited(outcome: &Outcome) -> bool {
    let mut notices = outcome.notices.iter();
    notices.any(|notice| notice.contains("has not fetched this run's keys"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_finds_the_keys_after_a_while_is_right() {
    let outcome = late_by(Duration::from_millis(700), Duration::from_secs(5)).await;
    assert!(waited(&outcome), "{:?}", outcome.notices);
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    assert_eq!(of(&outcome, "HTTP-01").state, State::Passed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_never_finds_them_is_waited_for_no_longer_than_that() {
    let begun = Instant::now();
    let outcome = late_by(Duration::from_secs(3600), Duration::from_secs(1)).await;
    assert!(waited(&outcome), "{:?}", outcome.notices);
    assert_eq!(failed(&outcome), ["HTTP-01"], "{}", account(&outcome));
    assert!(begun.elapsed() < Duration::from_secs(20));
}

/// A run against a handler that has the keys of the run, and finds a further one only when it is asked once more than this; and
/// how often it was asked.
async fn found_after(refusals: usize, patience: Duration) -> (Outcome, usize) {
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let stranger = Arc::new(AtomicUsize::new(0));
    let asked = stranger.clone();
    let front = Front::answer(move |arrived| {
        let (reference, asked) = (reference.clone(), asked.clone());
        async move {
            let refused = is_signed_by_the_stranger(&arrived)
                && asked.fetch_add(1, Ordering::Relaxed) < refusals;
            match refused {
                true => refusal(&arrived).reply(),
                false => ask(&reference, &arrived).await.reply(),
            }
        }
    })
    .await;
    let options = Options {
        rotation_patience: patience,
        only: vec!["JWT-18".to_owned()],
        write: false,
        ..options()
    };
    let outcome = run(identity, &front.url(), options).await;
    let mut notices = outcome.notices.iter();
    let told = notices.any(|notice| notice.starts_with("a new signing key was not found at once"));
    assert!(told, "{:?}", outcome.notices);
    let asked = stranger.load(Ordering::Relaxed);
    (outcome, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_that_is_found_at_the_second_time_of_asking_is_found() {
    let (outcome, asked) = found_after(1, Duration::from_secs(2)).await;
    let rotation = of(&outcome, "JWT-18");
    assert_eq!(rotation.state, State::Passed, "{}", account(&outcome));
    assert_eq!(asked, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_that_is_found_soon_is_not_waited_for_to_the_end() {
    let begun = Instant::now();
    let (outcome, asked) = found_after(2, Duration::from_secs(32)).await;
    let rotation = of(&outcome, "JWT-18");
    assert_eq!(rotation.state, State::Passed, "{}", account(&outcome));
    assert_eq!(asked, 3);
    assert!(begun.elapsed() < Duration::from_secs(20));
}

fn is_signed_by_the_stranger(arrived: &Arrived) -> bool {
    let key =
        acgw_conformance::gateway::SigningKey::from_pem(include_str!("data/test_key_stranger.pem"));
    let key = key.expect("a usable key");
    let token = arrived.header("authorization").unwrap_or_default();
    let token = token.strip_prefix("Bearer ").unwrap_or_default();
    UnverifiedToken::parse(token).is_ok_and(|token| token.header["kid"] == key.kid())
}

#[tokio::test]
async fn a_run_with_nothing_to_sign_with_does_not_begin() {
    let target = Target::url("http://127.0.0.1:1/callback").expect("a URL");
    let error = Suite::new(target).options(options()).run().await;
    let error = error.expect_err("nothing to sign with");
    assert_eq!(error.kind(), ErrorKind::Options);
    assert!(error.to_string().contains("a captured token"), "{error}");
}
