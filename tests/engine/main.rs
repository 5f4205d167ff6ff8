//! The engine as its users see it: selections, shrinking, budget, interruption, events, evidence, and runs that reach no verdict.

#[path = "../common/mod.rs"]
mod common;
mod selection;
mod shrinking;

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use acgw_conformance::gateway::Target;
use acgw_conformance::reference::{Fault, Faults, Reference};
use acgw_conformance::suite::outcome::Ended;
use acgw_conformance::suite::{Event, Interrupt, Level, Options, Outcome, Profile, State, Suite};
use common::verdicts::{applies, quick};
use common::{failed, identity, options, reference, run, run_target, server};
use hyper::body::Incoming;
use hyper::service::service_fn;

/// A handler that takes this long for each answer and serves one request at a time, as one that hashes passwords does.
fn serial(handler: Reference, takes: Duration) -> Target {
    let turn = Arc::new(tokio::sync::Mutex::new(()));
    Target::service(service_fn(move |request: http::Request<Incoming>| {
        let (handler, turn) = (handler.clone(), turn.clone());
        async move {
            let _turn = turn.lock().await;
            tokio::time::sleep(takes).await;
            Ok::<_, Infallible>(handler.handle(request).await)
        }
    }))
}

async fn run_fault(name: &str, options: Options) -> Outcome {
    let fault = Fault::from_name(name).expect("a known fault");
    let identity = identity();
    let server = server(&identity, [fault].into_iter().collect()).await;
    run(identity, &server.url(), options).await
}

fn only(patterns: &[&str]) -> Options {
    Options {
        only: patterns.iter().map(ToString::to_string).collect(),
        ..options()
    }
}

fn state<'a>(outcome: &'a Outcome, id: &str) -> &'a State {
    let found = outcome
        .requirements
        .iter()
        .find(|entry| entry.requirement.id == id);
    &found
        .unwrap_or_else(|| panic!("{id} was not selected"))
        .state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_handler_gets_a_full_verdict_and_the_rest_is_counted_as_cut() {
    let identity = identity();
    let target = serial(
        reference(&identity, Faults::none()),
        Duration::from_millis(10),
    );
    let budget = Duration::from_secs(4);
    let options = Options {
        budget: Some(budget),
        cases: 100,
        timeout: Duration::from_secs(10),
        write: false,
        ..options()
    };
    let started = Instant::now();
    let outcome = run_target(identity, target, options).await;
    assert!(started.elapsed() < budget * 3, "{:?}", started.elapsed());
    assert_eq!(outcome.ended, Ended::Completed);
    assert_eq!(failed(&outcome), Vec::<&str>::new());
    for entry in outcome.requirements.iter().filter(|entry| applies(entry)) {
        let exempt = ["TLS-01", "TLS-02", "TOP-04"].contains(&entry.requirement.id)
            || entry.requirement.unobservable.is_some();
        assert!(
            exempt || entry.state == State::Passed,
            "{} is {:?}",
            entry.requirement.id,
            entry.state
        );
    }
    let cut: u64 = outcome.requirements.iter().map(|entry| entry.cut).sum();
    assert!(cut > 1_000, "{cut} cases cut");
    assert!(
        outcome
            .notices
            .iter()
            .any(|notice| notice.contains("budget") && notice.contains(&cut.to_string()))
    );
}

/// A request that is counted until it is answered, or nobody waits any more: how many there are, and the most there were.
struct UnderWay(Arc<(AtomicUsize, AtomicUsize)>);

impl UnderWay {
    fn new(counts: Arc<(AtomicUsize, AtomicUsize)>) -> Self {
        let now = counts.0.fetch_add(1, Ordering::SeqCst) + 1;
        counts.1.fetch_max(now, Ordering::SeqCst);
        Self(counts)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_requests_than_allowed_are_under_way() {
    for concurrency in [1, 3] {
        let identity = identity();
        let handler = reference(&identity, Faults::none());
        let counts = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let counted = counts.clone();
        let target = Target::service(service_fn(move |request: http::Request<Incoming>| {
            let (handler, counts) = (handler.clone(), counted.clone());
            async move {
                let _under_way = UnderWay::new(counts);
                tokio::time::sleep(Duration::from_millis(1)).await;
                Ok::<_, Infallible>(handler.handle(request).await)
            }
        }));
        let options = Options {
            concurrency,
            cases: 10,
            write: true,
            // Nothing that leaves before it is answered.
            ..only(&["ENA-*", "MAP-*", "ROB-17", "ROB-18", "ROB-19"])
        };
        let outcome = run_target(identity, target, options).await;
        assert_eq!(failed(&outcome), [""; 0]);
        assert_eq!(counts.1.load(Ordering::SeqCst), concurrency);
        // What is about several at once is shown by several at once alone.
        for id in ["ENA-15", "ROB-18", "ROB-19"] {
            let passed = state(&outcome, id) == &State::Passed;
            assert_eq!(passed, concurrency > 1, "{id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_time_is_too_long() {
    let options = Options {
        timeout: Duration::MAX,
        budget: Some(Duration::MAX),
        rotation_patience: Duration::MAX,
        recovery_patience: Duration::MAX,
        ..only(&["HTTP-01"])
    };
    let identity = identity();
    let server = server(&identity, Faults::none()).await;
    let outcome = run(identity, &server.url(), options).await;
    assert_eq!(
        outcome.exit_code(),
        0,
        "{}",
        common::verdicts::account(&outcome)
    );
}

#[tokio::test]
async fn a_handler_that_cannot_be_reached_is_no_verdict() {
    let closed = std::net::TcpListener::bind(common::anywhere()).expect("a free port");
    let url = format!("http://{}/", closed.local_addr().expect("an address"));
    drop(closed);
    let outcome = run(identity(), &url, options()).await;
    assert!(
        matches!(outcome.ended, Ended::Unreachable(_)),
        "{:?}",
        outcome.ended
    );
    assert_eq!(outcome.exit_code(), 3);
    assert!(!outcome.requirements.is_empty());
    assert!(
        outcome
            .requirements
            .iter()
            .all(|entry| matches!(entry.state, State::NotExercised(_)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_keeps_what_was_found() {
    let identity = identity();
    let target = serial(
        reference(&identity, Faults::none()),
        Duration::from_millis(5),
    );
    let interrupt = Interrupt::new();
    let trigger = interrupt.clone();
    let options = Options {
        timeout: Duration::from_secs(10),
        ..options()
    };
    let told = Arc::new(Mutex::new(None));
    let tells = told.clone();
    let observer = move |event: Event<'_>| {
        if matches!(event, Event::Progress { done, .. } if done > 100) {
            trigger.trigger();
            tells
                .lock()
                .expect("no panic")
                .get_or_insert_with(Instant::now);
        }
    };
    let suite = Suite::new(target).identity(identity).options(options);
    let outcome = suite
        .interrupt(interrupt)
        .observer(Box::new(observer))
        .run()
        .await
        .expect("a run");
    let told = told.lock().expect("no panic").expect("progress was told");
    assert!(
        told.elapsed() < Duration::from_secs(3),
        "{:?}",
        told.elapsed()
    );
    assert_eq!(outcome.ended, Ended::Interrupted);
    assert_eq!(outcome.exit_code(), 130);
    assert_eq!(*state(&outcome, "HTTP-01"), State::Passed);
    assert!(
        outcome
            .requirements
            .iter()
            .any(|entry| matches!(entry.state, State::NotExercised(_)))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_in_order() {
    let identity = identity();
    let fault = Fault::from_name("acronis-id-null").expect("a known fault");
    let server = server(&identity, [fault].into_iter().collect()).await;
    let told = Arc::new(Mutex::new(Vec::<String>::new()));
    let hears = told.clone();
    let observer = move |event: Event<'_>| {
        let line = match event {
            Event::Started { .. } => "started".to_owned(),
            Event::Progress { done, planned, .. } => {
                assert!(done <= planned);
                format!("progress {done:08}")
            }
            Event::Failed { requirement, .. } => format!("failed {}", requirement.id),
            Event::Finished(outcome) => format!("finished {}", outcome.exit_code()),
            _ => "other".to_owned(),
        };
        hears.lock().expect("no panic").push(line);
    };
    let target = Target::url(&server.url()).expect("a URL");
    let suite = Suite::new(target)
        .identity(identity)
        .options(options())
        .observer(Box::new(observer));
    suite.run().await.expect("a run");
    let told = told.lock().expect("no panic");
    assert_eq!(told.first().map(String::as_str), Some("started"));
    assert_eq!(told.last().map(String::as_str), Some("finished 1"));
    let failures: Vec<&String> = told
        .iter()
        .filter(|line| line.starts_with("failed"))
        .collect();
    assert_eq!(failures, ["failed MAP-04"]);
    let progress: Vec<&String> = told
        .iter()
        .filter(|line| line.starts_with("progress"))
        .collect();
    assert!(progress.len() > 3, "{} events of progress", progress.len());
    assert!(progress.is_sorted());
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_is_complete_and_hides_secrets() {
    let secret = "correct-horse-battery";
    for (name, id) in [
        ("secret-echoed", "ERR-04"),
        ("token-echoed", "ERR-04"),
        ("issuer-ignored", "JWT-11"),
    ] {
        let outcome = run_fault(name, options()).await;
        let entry = outcome
            .requirements
            .iter()
            .find(|entry| entry.requirement.id == id)
            .expect("selected");
        assert_eq!(entry.state, State::Failed, "{name}");
        let failure = &entry.failures[0];
        for text in [
            &failure.expected,
            &failure.observed,
            &failure.request,
            &failure.response,
            &failure.curl,
        ] {
            assert!(!text.is_empty());
        }
        assert!(
            failure
                .repeat
                .contains(&format!("--seed {:016x}", outcome.run.seed))
                && failure.repeat.contains(&format!("--only {id}"))
        );
        assert_eq!(failure.control.is_some(), failure.diff.is_some(), "{name}");
        let everything = format!("{outcome:?}");
        assert!(!everything.contains(secret), "{name} shows a secret");
        for word in everything.split(|character: char| {
            !(character.is_ascii_alphanumeric() || "-_.".contains(character))
        }) {
            let parts: Vec<&str> = word.split('.').collect();
            let is_token = parts.len() == 3 && parts[0].starts_with("eyJ") && parts[2].len() > 40;
            assert!(!is_token, "{name} shows a token: {word}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_sees_the_secrets() {
    let outcome = run_fault(
        "secret-echoed",
        Options {
            reveal: true,
            ..only(&["ERR-04"])
        },
    )
    .await;
    assert!(format!("{outcome:?}").contains("correct-horse-battery"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captured_token_leaves_out_what_must_be_signed() {
    let identity = identity();
    let handler = reference(&identity, Faults::none());
    let token = common::good_token(&options());
    let options = Options {
        token: Some(token),
        ..options()
    };
    let outcome = run_target(identity, Target::service(handler), options).await;
    assert_eq!(
        outcome.exit_code(),
        0,
        "{:?} {:?}",
        failed(&outcome),
        outcome.notices
    );
    assert_eq!(*state(&outcome, "JWT-01"), State::Passed);
    assert!(
        matches!(state(&outcome, "JWT-10"), State::NotExercised(reason) if reason.contains("--token"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn other_credentials_that_are_refused_leave_no_green() {
    let unknown = acgw_conformance::protocol::Credentials::new(
        "nobody",
        serde_json::json!({"password": "x"}),
    );
    for profile in [Profile::Full, Profile::Verification] {
        let identity = identity();
        let target = Target::service(reference(&identity, Faults::none()));
        let options = Options {
            other_credentials: unknown.clone().ok(),
            profile,
            ..quick()
        };
        let outcome = run_target(identity, target, options).await;
        // They may be the user's mistake, and what takes one partner is checked all the same.
        assert_eq!(failed(&outcome), [""; 0]);
        assert_eq!(outcome.exit_code(), 3);
        let mut blocked: Vec<&str> = (outcome.requirements.iter())
            .filter(|entry| matches!(entry.state, State::Blocked(_)))
            .map(|entry| entry.requirement.id)
            .collect();
        if profile == Profile::Full {
            assert_eq!(blocked, ["CRED-07", "ENA-13", "TOP-06", "MAP-08", "MAP-15"]);
        }
        blocked.retain(|id| {
            state(&outcome, id)
                .reason()
                .is_some_and(|why| why.contains("--other-identity"))
        });
        assert!(!blocked.is_empty(), "{profile:?}");
        for id in ["ENA-04", "ENA-08", "MAP-09"] {
            assert_eq!(state(&outcome, id), &State::Passed, "{profile:?} {id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_explained() {
    let identity = identity();
    let unknown = acgw_conformance::protocol::Credentials::new(
        "nobody",
        serde_json::json!({"password": "x"}),
    );
    let target = Target::service(reference(&identity, Faults::none()));
    let outcome = run_target(
        identity,
        target,
        Options {
            credentials: unknown.ok(),
            ..options()
        },
    )
    .await;
    assert_eq!(failed(&outcome), ["HTTP-01"]);
    let [cause] = &outcome.diagnosis[..] else {
        panic!("{:?}", outcome.diagnosis);
    };
    assert_eq!(cause.name, "credentials-refused");
    assert!(cause.text.contains("--identity"), "{}", cause.text);
    let blocked = outcome
        .requirements
        .iter()
        .filter(|entry| matches!(entry.state, State::Blocked(_)))
        .count();
    assert!(blocked > 80, "{blocked} blocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strict_run_counts_every_level() {
    let outcome = run_fault(
        "refusal-unnamed",
        Options {
            strict: true,
            ..options()
        },
    )
    .await;
    let levels: HashSet<Level> = outcome
        .counted_failures()
        .map(|entry| entry.requirement.level)
        .collect();
    assert_eq!(levels, HashSet::from([Level::Should]));
    assert_eq!(outcome.exit_code(), 1);
    assert_eq!(run_fault("refusal-unnamed", options()).await.exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "MAP-04 (must)")]
async fn assert_conforms_says_what_is_wrong() {
    run_fault("acronis-id-null", only(&["MAP-*"]))
        .await
        .assert_conforms();
}

#[tokio::test]
async fn secrets_that_are_no_object_are_the_users_mistake() {
    let identity = identity();
    let target = Target::service(reference(&identity, Faults::none()));
    let credentials = acgw_conformance::protocol::Credentials::new("me", serde_json::json!("word"));
    let error = Suite::new(target)
        .identity(identity)
        .options(Options {
            credentials: credentials.ok(),
            ..options()
        })
        .run()
        .await
        .expect_err("an error");
    assert!(error.is_usage());
    assert!(!error.to_string().contains("word"), "{error}");
}
