//! Handlers that are right most of the time, or as long as nobody else is there: every run says what is wrong with them, and
//! does not blame what is right.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use acgw_conformance::protocol::schema;
use acgw_conformance::reference::Faults;
use acgw_conformance::report::palette::Palette;
use acgw_conformance::report::terminal::summary;
use acgw_conformance::report::{json, junit, markdown};
use acgw_conformance::suite::outcome::Ended;
use acgw_conformance::suite::{Options, Outcome, Profile, Readiness, State};
use tokio::sync::Mutex;

use crate::common::front::{Answer, Arrived, Front, Reply, ask};
use crate::common::verdicts::{account, of, quick};
use crate::common::{failed, identity, options, reference};
use crate::mischief::{bounded, hasty};

/// What a handler does with its answer to a request, of which it knows the number, from 1, and how many are under way.
type Turn = dyn Fn(usize, usize, &Arrived, Answer) -> Reply + Send + Sync;

/// A run against the reference handler, whose answers take so long and are turned so.
async fn turned(
    options: Options,
    takes: impl Fn(usize) -> Duration + Send + Sync + 'static,
    turn: impl Fn(usize, usize, &Arrived, Answer) -> Reply + Send + Sync + 'static,
) -> Outcome {
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let turn: Arc<Turn> = Arc::new(turn);
    let takes = Arc::new(takes);
    let counts = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let front = Front::answer(move |arrived| {
        let (reference, turn, takes) = (reference.clone(), turn.clone(), takes.clone());
        let counts = counts.clone();
        async move {
            let number = counts.0.fetch_add(1, Ordering::SeqCst) + 1;
            let under_way = counts.1.fetch_add(1, Ordering::SeqCst) + 1;
            let time = takes(number);
            if !time.is_zero() {
                tokio::time::sleep(time).await;
            }
            let answer = ask(&reference, &arrived).await;
            counts.1.fetch_sub(1, Ordering::SeqCst);
            turn(number, under_way, &arrived, answer)
        }
    })
    .await;
    bounded(crate::common::run(identity, &front.url(), options)).await
}

/// In no time.
fn at_once(_: usize) -> Duration {
    Duration::ZERO
}

/// Fails at one request in fifty.
fn every_fiftieth(number: usize, _: usize, _: &Arrived, answer: Answer) -> Reply {
    match number % 50 {
        0 => Answer::new(500, "text/plain", "the pool is empty").reply(),
        _ => answer.reply(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fiftieth_request_fails() {
    for write in [false, true] {
        let options = Options {
            write,
            cases: 12,
            ..options()
        };
        let outcome = turned(options, at_once, every_fiftieth).await;
        assert_eq!(
            failed(&outcome),
            ["ROB-23", "ROB-24"],
            "{}",
            account(&outcome)
        );
        assert_eq!(outcome.ended, Ended::Completed);
        assert_eq!(outcome.exit_code(), 1);
        let flaky = outcome.flaky.as_ref().expect("it is flaky");
        assert!(flaky.counts);
        assert_eq!(flaky.of, outcome.run.exchanges);
        assert_eq!(flaky.answers.len(), 1, "{flaky:?}");
        assert_eq!(flaky.answers[0].0, "status 500");
        // Not all of them: those among controls that ask for nothing but this are not counted.
        let most = flaky.of / 50;
        assert!(
            flaky.requests > most / 2 && flaky.requests <= most,
            "{flaky:?}"
        );
        let sentence = flaky.sentence();
        assert!(
            sentence.contains("answered rightly when it was sent again"),
            "{sentence}"
        );
        let observed = &of(&outcome, "ROB-23").failures[0].observed;
        assert!(observed.starts_with("flaky: status 500 once"), "{observed}");
        assert!(observed.ends_with(&sentence), "{observed}");
        told_everywhere(&outcome, &sentence);
    }
}

/// Every report says it.
fn told_everywhere(outcome: &Outcome, sentence: &str) {
    let text = summary(Palette::PLAIN, outcome);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&format!("Flaky {sentence}")), "{text}");
    let report: serde_json::Value = serde_json::from_str(&json::render(outcome)).expect("JSON");
    assert_eq!(schema::REPORT.violations(&report), Vec::new());
    assert_eq!(report["flaky"]["sentence"], sentence);
    assert_eq!(report["flaky"]["answers"][0]["observed"], "status 500");
    let page = markdown::render(outcome);
    assert!(page.contains("### Flaky"), "{page}");
    let xml = junit::render(outcome);
    assert!(xml.contains(&format!("flaky: {sentence}")), "{xml}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fiftieth_request_fails_in_the_flow_and_behind_it() {
    for beginning in [0, 10, 20, 30, 40] {
        let options = Options {
            profile: Profile::Verification,
            cases: 5,
            ..options()
        };
        let outcome = turned(
            options,
            at_once,
            move |number, under_way, arrived, answer| {
                every_fiftieth(number + beginning, under_way, arrived, answer)
            },
        )
        .await;
        let failures = failed(&outcome);
        let steady = ["ROB-23", "ROB-24"];
        assert!(
            failures.contains(&"ROB-23") && failures.iter().all(|id| steady.contains(id)),
            "{beginning}: {failures:?} {}",
            account(&outcome)
        );
        assert_eq!(outcome.readiness(), Some(Readiness::NotReady));
        assert!(outcome.flaky.is_some_and(|flaky| flaky.counts));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failure_in_the_whole_run_may_be_a_restart() {
    for place in [3, 40, 333, 700] {
        let options = Options {
            write: false,
            ..quick()
        };
        let outcome = turned(options, at_once, move |number, _, _, answer| match number {
            number if number == place => Answer::new(503, "text/plain", "starting").reply(),
            _ => answer.reply(),
        })
        .await;
        assert_eq!(failed(&outcome), [""; 0], "{place}: {}", account(&outcome));
        assert_eq!(outcome.exit_code(), 0, "{place}: {}", account(&outcome));
        let flaky = outcome.flaky.as_ref();
        let flaky = flaky.unwrap_or_else(|| panic!("{place} is not told: {}", account(&outcome)));
        assert!(!flaky.counts && flaky.requests == 1, "{place}: {flaky:?}");
        let told = (outcome.notices.iter()).any(|notice| *notice == flaky.sentence());
        assert!(told, "{place}: {:?}", outcome.notices);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failure_among_requests_on_one_connection_is_told_and_is_not_the_connections() {
    // None, and then each request but the first, without which there is no run.
    let mut places = vec![0];
    while let Some(place) = places.pop() {
        let options = Options {
            only: vec!["HTTP-09".to_owned()],
            write: false,
            ..quick()
        };
        let outcome = turned(options, at_once, move |number, _, _, answer| match number {
            number if number == place => Answer::new(503, "text/plain", "starting").reply(),
            _ => answer.reply(),
        })
        .await;
        let reuse = of(&outcome, "HTTP-09");
        assert_eq!(reuse.state, State::Passed, "{place}: {reuse:?}");
        let told = outcome.flaky.is_some();
        assert_eq!(told, place > 0, "{place}: {}", account(&outcome));
        if place == 0 {
            places = (2..=outcome.run.exchanges as usize).collect();
            assert!(places.len() > 3, "{}", account(&outcome));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_failure_that_comes_again_after_the_last_case_is_none_of_a_restart() {
    // Few cases: the first failure comes late in the run, the second among the requests that look for it.
    let options = Options {
        only: vec!["JWT-01".to_owned(), "JWT-16".to_owned()],
        write: false,
        ..quick()
    };
    let outcome = turned(options, at_once, |number, _, _, answer| match number % 30 {
        12 => Answer::new(500, "text/plain", "now and then").reply(),
        _ => answer.reply(),
    })
    .await;
    let failures = failed(&outcome);
    assert!(failures.contains(&"ROB-23"), "{}", account(&outcome));
    assert!(!failures.contains(&"JWT-01"), "{}", account(&outcome));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_fails_only_while_others_are_under_way() {
    let options = Options {
        write: false,
        ..quick()
    };
    let crowded = |_, under_way, _: &Arrived, answer: Answer| match under_way {
        0..=3 => answer.reply(),
        _ => Answer::new(500, "text/plain", "two use one connection").reply(),
    };
    let while_at_it = |_| Duration::from_millis(2);
    // Whatever is asked for: what it does wrong is told.
    let verification = Options {
        profile: Profile::Verification,
        write: true,
        ..options.clone()
    };
    let one = Options {
        only: vec!["JWT-*".to_owned()],
        skip: Vec::new(),
        ..options.clone()
    };
    for narrow in [verification, one] {
        let outcome = turned(narrow, while_at_it, crowded).await;
        assert_eq!(failed(&outcome), ["ROB-12"], "{}", account(&outcome));
        assert_eq!(outcome.exit_code(), 1);
    }
    let outcome = turned(options, while_at_it, crowded).await;
    assert_eq!(failed(&outcome), ["ROB-12"], "{}", account(&outcome));
    let failures = &of(&outcome, "ROB-12").failures;
    let words = "while others were under way";
    assert!(
        failures.iter().any(|one| one.observed.contains(words)),
        "{}",
        account(&outcome)
    );
    assert!(!outcome.flaky.is_some_and(|flaky| flaky.counts));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_slows_down_steadily() {
    let slower = |number: usize| Duration::from_millis(2 * number as u64);
    let outcome = turned(hasty(), slower, |_, _, _, answer| answer.reply()).await;
    assert_eq!(outcome.exit_code(), 1, "{}", account(&outcome));
    // It is too slow in the end, and nothing else: whatever was asked for when it became so.
    let failures = failed(&outcome);
    let slow = |id: &&str| {
        let all = &of(&outcome, id).failures;
        let late = |one: &str| one.contains("within the time allowed");
        all.iter().all(|one| late(&one.observed))
    };
    assert!(
        !failures.is_empty() && failures.iter().all(slow),
        "{}",
        account(&outcome)
    );
    assert!(
        matches!(&outcome.ended, Ended::HandlerLost(reason) if reason.contains("time allowed")),
        "{}",
        account(&outcome)
    );
    assert_eq!(of(&outcome, "HTTP-01").failed_cases, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_other_peoples_requests() {
    // Two that are under way at once get each other's answers.
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    type Waiting = Option<(tokio::sync::oneshot::Sender<Answer>, Answer)>;
    let waiting: Arc<Mutex<Waiting>> = Arc::default();
    let front = Front::answer(move |arrived| {
        let (reference, waiting) = (reference.clone(), waiting.clone());
        async move {
            let answer = ask(&reference, &arrived).await;
            let mut first = waiting.lock().await;
            let swapped = match first.take() {
                Some((give, theirs)) => give.send(answer.clone()).ok().map(|()| theirs),
                None => {
                    let (give, take) = tokio::sync::oneshot::channel();
                    *first = Some((give, answer.clone()));
                    drop(first);
                    let theirs = tokio::time::timeout(Duration::from_millis(3), take).await;
                    theirs.ok().and_then(Result::ok)
                }
            };
            swapped.unwrap_or(answer).reply()
        }
    })
    .await;
    let options = Options {
        write: false,
        only: ["ENV-*", "ROB-12", "HTTP-01"].map(str::to_owned).to_vec(),
        ..quick()
    };
    let outcome = bounded(crate::common::run(identity, &front.url(), options)).await;
    assert!(
        failed(&outcome).contains(&"ENV-08"),
        "{}",
        account(&outcome)
    );
    assert_ne!(
        of(&outcome, "ENV-03").state.name(),
        "failed",
        "{}",
        account(&outcome)
    );
    let observed = &of(&outcome, "ENV-08").failures[0].observed;
    assert!(observed.contains("another request under way"), "{observed}");
    assert_eq!(outcome.exit_code(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_answers_with_the_ids_of_malformed_requests() {
    // What is under way and has no proper id of its own lends it to the others.
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let lent: Arc<std::sync::Mutex<Option<String>>> = Arc::default();
    let front = Front::answer(move |arrived| {
        let (reference, lent) = (reference.clone(), lent.clone());
        async move {
            let lent = || lent.lock().expect("nobody panics");
            let body = arrived.json();
            let id = body["request_id"].as_str().map(str::to_owned);
            let improper = id.filter(|id| uuid::Uuid::parse_str(id).is_err());
            if improper.is_some() {
                *lent() = improper.clone();
            }
            let mut answer = ask(&reference, &arrived).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            match improper {
                Some(_) => *lent() = None,
                None => {
                    let mut told = answer.json();
                    if let (200, Some(id)) = (answer.status, &*lent()) {
                        told["request_id"] = id.as_str().into();
                        answer.body = told.to_string().into_bytes();
                    }
                }
            }
            answer.reply()
        }
    })
    .await;
    let options = Options {
        write: false,
        only: ["ENV-*", "ROB-0*"].map(str::to_owned).to_vec(),
        ..quick()
    };
    let outcome = bounded(crate::common::run(identity, &front.url(), options)).await;
    assert_eq!(failed(&outcome), ["ENV-08"], "{}", account(&outcome));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_changes_the_keys_that_it_trusts() {
    let options = Options {
        recovery_patience: Duration::from_secs(1),
        ..hasty()
    };
    let outcome = turned(options, at_once, |number, _, _, answer| match number {
        0..=120 => answer.reply(),
        _ => Answer::new(401, "text/plain", "unknown kid").reply(),
    })
    .await;
    assert_eq!(outcome.exit_code(), 1, "{}", account(&outcome));
    assert_eq!(failed(&outcome), ["ROB-11"], "{}", account(&outcome));
    assert!(
        matches!(&outcome.ended, Ended::HandlerLost(reason) if reason.contains("401")),
        "{}",
        account(&outcome)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_instances_knows_other_keys() {
    let options = Options {
        write: false,
        ..quick()
    };
    // Requests go to one of several instances, and the fifth is out of date.
    let outcome = turned(options, at_once, |number, _, _, answer| match number % 5 {
        0 => Answer::new(401, "text/plain", "unknown kid").reply(),
        _ => answer.reply(),
    })
    .await;
    // Its refusals have no err_message, which is true each time.
    assert_eq!(
        failed(&outcome),
        ["ERR-01", "ROB-23", "ROB-24"],
        "{}",
        account(&outcome)
    );
    let flaky = outcome.flaky.as_ref().expect("it is flaky");
    assert_eq!(flaky.answers[0].0, "status 401 to a right request");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_changes_the_keys_of_its_answers() {
    let options = Options {
        write: false,
        ..quick()
    };
    let outcome = turned(options, at_once, |number, _, _, mut answer| {
        if number % 7 == 0 {
            let text = String::from_utf8_lossy(&answer.body);
            answer.body = text
                .replace("\"response_id\"", "\"responseId\"")
                .into_bytes();
        }
        answer.reply()
    })
    .await;
    assert!(
        failed(&outcome).contains(&"ENV-01"),
        "{}",
        account(&outcome)
    );
    assert_eq!(outcome.exit_code(), 1);
    assert_eq!(of(&outcome, "HTTP-01").failed_cases, 0);
}
