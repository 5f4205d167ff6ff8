//! Handlers that fail at one request of the whole run, or at one in so many, whichever it is: nothing that the request was
//! about is blamed on them.
//!
//! Some places are tried; `ACGW_EVERY=1 cargo test --release --test hostile once -- --nocapture` tries them all, which takes
//! an hour or two.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use acgw_conformance::protocol::Enablement;
use acgw_conformance::reference::Faults;
use acgw_conformance::suite::outcome::Ended;
use acgw_conformance::suite::{Options, Outcome};
use tokio::task::JoinSet;

use crate::common::front::{Answer, Arrived, Front, Reply, ask};
use crate::common::verdicts::account;
use crate::common::{failed, identity, options_for, reference_for, run, setting};
use crate::mischief::bounded;

/// Runs at the same time.
const AT_ONCE: usize = 3;
/// Places apart, unless more are asked for.
const EVERY: u64 = 211;
/// Who fails now and then fails at one request in so many.
const ONE_IN: usize = 50;

/// How a handler fails.
#[derive(Debug, Clone, Copy)]
struct Failing {
    /// The status; `None` where the connection is reset.
    status: Option<u16>,
    /// Whether what was asked for is done.
    done: bool,
}

const WAYS: &[Failing] = &[
    Failing {
        status: Some(500),
        done: false,
    },
    Failing {
        status: Some(502),
        done: true,
    },
    Failing {
        status: None,
        done: false,
    },
    Failing {
        status: Some(401),
        done: false,
    },
    Failing {
        status: None,
        done: true,
    },
];

/// When it fails.
#[derive(Debug, Clone, Copy)]
enum When {
    /// At this request, from 1; at none if it is 0.
    At(usize),
    /// At one in fifty, beginning so many before the first.
    NowAndThen(usize),
}

impl When {
    fn is(self, number: usize) -> bool {
        match self {
            Self::At(place) => number == place,
            Self::NowAndThen(before) => (number + before).is_multiple_of(ONE_IN),
        }
    }

    /// What may not be told of such a handler.
    fn what_is_wrong(self, outcome: &Outcome) -> Option<String> {
        let failures = failed(outcome);
        let counts = outcome.flaky.as_ref().is_some_and(|flaky| flaky.counts);
        let steady = ["ROB-23", "ROB-24"];
        let right = outcome.ended == Ended::Completed
            && match self {
                Self::At(_) => failures.is_empty() && !counts,
                Self::NowAndThen(_) => {
                    failures.contains(&steady[0])
                        && failures.iter().all(|id| steady.contains(id))
                        && counts
                }
            };
        (!right).then(|| account(outcome))
    }
}

/// Runs, some at a time, and what they wrongly told.
#[derive(Default)]
struct Runs {
    running: JoinSet<Option<String>>,
    count: usize,
    wrong: Vec<String>,
}

impl Runs {
    async fn add(&mut self, methods: Enablement, when: When, how: Failing) {
        if self.running.len() >= AT_ONCE {
            let one = self.running.join_next().await.expect("one is running");
            self.wrong.extend(one.expect("the run does not panic"));
        }
        self.count += 1;
        self.running.spawn(async move {
            let outcome = judged(methods, when, how).await;
            let what = when.what_is_wrong(&outcome)?;
            let what = format!("{methods}, {when:?}, {how:?}: {what}");
            // At once, for it may take long until all have run.
            println!("{what}");
            Some(what)
        });
    }

    async fn are_right(mut self) {
        self.wrong
            .extend(self.running.join_all().await.into_iter().flatten());
        println!("{} runs, {} wrong", self.count, self.wrong.len());
        assert!(self.count > 0);
        assert!(
            self.wrong.is_empty(),
            "{} of {}:\n{:#?}",
            self.wrong.len(),
            self.count,
            self.wrong
        );
    }
}

/// The pairs of methods with callbacks.
fn pairs() -> impl Iterator<Item = Enablement> {
    Enablement::all().filter(|methods| methods.callbacks().next().is_some())
}

/// How far apart places are.
fn every() -> usize {
    usize::try_from(setting("ACGW_EVERY", EVERY)).expect("a number of places")
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_request_fails_once_nothing_is_blamed() {
    let mut runs = Runs::default();
    for (turn, methods) in pairs().enumerate() {
        let whole = judged(methods, When::At(0), WAYS[0]).await;
        assert_eq!(failed(&whole), [""; 0], "{methods}: {}", account(&whole));
        let places = (1 + turn)..=whole.run.exchanges as usize;
        for (number, place) in places.step_by(every()).enumerate() {
            let how = WAYS[(number + turn) % WAYS.len()];
            runs.add(methods, When::At(place), how).await;
        }
    }
    runs.are_right().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_requests_fail_now_and_then_nothing_else_is_blamed() {
    let mut runs = Runs::default();
    for (turn, methods) in pairs().enumerate() {
        for before in (turn..ONE_IN).step_by(every().min(ONE_IN / 3)) {
            runs.add(methods, When::NowAndThen(before), WAYS[0]).await;
        }
    }
    runs.are_right().await;
}

/// A brief run against the reference handler, which fails then.
async fn judged(methods: Enablement, when: When, how: Failing) -> Outcome {
    let identity = identity();
    let reference = reference_for(methods, &identity, Faults::none());
    let count = Arc::new(AtomicUsize::new(0));
    let front = Front::answer(move |arrived| {
        let (reference, count) = (reference.clone(), count.clone());
        async move {
            let fails = when.is(count.fetch_add(1, Ordering::SeqCst) + 1);
            if !fails || how.done {
                let answer = ask(&reference, &arrived).await;
                if !fails {
                    return answer.reply();
                }
            }
            match how.status {
                Some(status @ 400..500) => refusal(status, &arrived).reply(),
                Some(status) => Answer::new(status, "text/plain", "once").reply(),
                None => Reply::reset(),
            }
        }
    })
    .await;
    let options = Options {
        cases: 1,
        budget: Some(Duration::ZERO),
        ..options_for(methods)
    };
    bounded(run(identity, &front.url(), options)).await
}

/// A refusal of the right form.
fn refusal(status: u16, arrived: &Arrived) -> Answer {
    let body = serde_json::json!({
        "request_id": arrived.json()["request_id"],
        "response_id": uuid::Uuid::new_v4(),
        "err_message": "once",
    });
    Answer::new(status, "application/json", body.to_string())
}
