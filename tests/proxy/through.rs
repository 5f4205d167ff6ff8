//! Runs of the suite through the proxy: the same verdicts as without it, and what the proxy says meanwhile.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use acgw_conformance::gateway::{Relay, RelayOptions, Target};
use acgw_conformance::reference::{Fault, Faults, Server};
use acgw_conformance::suite::{Event, Options, Outcome, State, TestIdentity, Watch};

use crate::common::front::{Front, ask};
use crate::common::verdicts::{account, brief, of, quick};
use crate::common::{anywhere, failed, identity, options, reference, run, server};

/// Runs the suite at a handler, through a proxy: what the run found, and what the proxy saw.
async fn through(faults: Faults, options: Options) -> (Outcome, Outcome) {
    let identity = identity();
    let server: Server = server(&identity, faults).await;
    let strict = Options {
        strict: true,
        ..options.clone()
    };
    between(identity, &server.url(), options, strict).await
}

/// The same at a handler's address, where the proxy goes by options of its own.
async fn between(
    identity: TestIdentity,
    handler: &str,
    options: Options,
    watching: Options,
) -> (Outcome, Outcome) {
    let target = Target::url(handler).expect("a URL");
    let (sender, mut sightings) = tokio::sync::mpsc::unbounded_channel();
    let relay = Relay::start(anywhere(), target.clone(), RelayOptions::default(), sender)
        .await
        .expect("a free port");
    let mut watch = Watch::new(target, watching, Box::new(|_: Event<'_>| {})).expect("a watch");
    let url = relay.url();
    let looking = tokio::spawn(async move {
        while let Some(sighting) = sightings.recv().await {
            watch.take(sighting);
        }
        watch.conclude()
    });
    let found = run(identity, &url, options).await;
    relay.shutdown().await;
    (found, looking.await.expect("an outcome"))
}

/// The verdicts on every requirement.
fn verdicts(outcome: &Outcome) -> Vec<(&'static str, State)> {
    let all = outcome.requirements.iter();
    all.map(|one| (one.requirement.id, one.state.clone()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_handler_is_found_right_and_nothing_is_held_against_it() {
    let (found, seen) = through(Faults::none(), options()).await;
    assert_eq!(failed(&found), Vec::<&str>::new(), "{}", account(&found));
    assert_eq!(failed(&seen), Vec::<&str>::new(), "{}", account(&seen));
    assert_eq!(seen.exit_code(), 0);
    assert!(!seen.conforms(), "what passed is no conformance verdict");
    let proxied = seen.proxied.as_ref().expect("what passed");
    // But for connections that were given up before a request could be read.
    assert!(proxied.exchanges + 50 > found.run.exchanges, "{proxied:?}");
    assert!(proxied.judged > 1_000, "{proxied:?}");
    let parts: Vec<&str> = proxied.troubles.iter().map(|one| one.part).collect();
    for part in [
        "Authorization",
        "body",
        "method",
        "HTTP",
        "X-CyberApp-Extra",
    ] {
        assert!(parts.contains(&part), "{part}: {parts:?}");
    }
    // What needs requests of the suite's own is never passed.
    for id in [
        "JWT-01", "JWT-04", "ROB-04", "ROB-12", "ENA-04", "MAP-08", "HTTP-08", "JWT-19",
    ] {
        let one = (seen.requirements.iter()).find(|one| one.requirement.id == id);
        let state = &one.expect("all are told").state;
        assert!(matches!(state, State::NotExercised(_)), "{id}: {state:?}");
    }
    for id in [
        "HTTP-01", "HTTP-02", "ENV-01", "ENV-03", "ENV-06", "MAP-01", "TOP-01", "ERR-01",
    ] {
        let one = (seen.requirements.iter()).find(|one| one.requirement.id == id);
        assert_eq!(one.expect("all are told").state, State::Passed, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_finds_the_same_through_the_proxy() {
    for name in [
        "signature-ignored",
        "garbage-after-answer",
        "second-request-dropped",
        "context-missing-crash",
    ] {
        let Some(fault) = Fault::from_name(name) else {
            panic!("there is no fault {name}");
        };
        let faults: Faults = [fault].into_iter().collect();
        let identity = identity();
        let server = server(&identity, faults.clone()).await;
        let direct = run(identity, &server.url(), quick()).await;
        let (found, _) = through(faults, quick()).await;
        assert_eq!(verdicts(&direct), verdicts(&found), "{name}");
        assert_ne!(failed(&direct), Vec::<&str>::new(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_that_show_in_passing_are_told_by_the_proxy_too() {
    for name in [
        "status-201",
        "redirect-to-slash",
        "closes-mid-answer",
        "response-id-constant",
        "no-content-null",
        "token-not-required",
        "any-scheme",
        "secret-echoed",
        "refusal-status-200",
        "topology-items-null",
        "acronis-id-empty",
    ] {
        let fault = Fault::from_name(name).unwrap_or_else(|| panic!("there is no fault {name}"));
        let (found, seen) = through([fault].into_iter().collect(), brief()).await;
        for id in fault.breaks() {
            assert!(failed(&found).contains(id), "{name}: {id}");
            assert!(
                failed(&seen).contains(id),
                "{name}: {id}: {}",
                account(&seen)
            );
        }
        // And nothing that the run did not find.
        for id in failed(&seen) {
            assert!(
                failed(&found).contains(&id),
                "{name}: {id}: {}",
                account(&seen)
            );
        }
        assert_eq!(seen.exit_code(), 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_takes_longer_than_is_allowed_is_told_as_that() {
    let long = Duration::from_secs(10);
    for (takes, allowed, late) in [(20, long, false), (60, Duration::from_millis(30), true)] {
        let identity = identity();
        let reference = reference(&identity, Faults::none());
        let handler = Front::answer(move |arrived| {
            let reference = reference.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(takes)).await;
                ask(&reference, &arrived).await.reply()
            }
        })
        .await;
        let only = |ids: &[&str], timeout| Options {
            only: ids.iter().map(|&id| id.to_owned()).collect(),
            write: false,
            timeout,
            ..brief()
        };
        let sending = only(&["MAP-01"], long);
        let watching = only(&["MAP-01", "HTTP-07"], allowed);
        let (found, seen) = between(identity, &handler.url(), sending, watching).await;
        assert_eq!(failed(&found), [""; 0], "{}", account(&found));
        let expected: &[&str] = if late { &["HTTP-07"] } else { &[] };
        assert_eq!(failed(&seen), expected, "{}", account(&seen));
        if late {
            let observed = &of(&seen, "HTTP-07").failures[0].observed;
            assert!(observed.contains("after the request"), "{observed}");
        }
    }
}

/// What a watch is told of may be looked at from another thread.
#[test]
fn a_watch_can_be_moved_to_another_thread() {
    fn movable<T: Send>(_: &T) {}
    let told = Arc::new(Mutex::new(0));
    let count = told.clone();
    let observer = Box::new(move |_: Event<'_>| *count.lock().expect("no panic") += 1);
    let target = Target::url("http://127.0.0.1:1/").expect("a URL");
    let watch = Watch::new(target, Options::default(), observer).expect("a watch");
    movable(&watch);
    let outcome = watch.conclude();
    assert_eq!(outcome.exit_code(), 3, "nothing was seen");
    assert_eq!(*told.lock().expect("no panic"), 1, "the end is told");
}
