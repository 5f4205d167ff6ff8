//! Pace, and accounts that are locked.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use acgw_conformance::reference::Faults;
use acgw_conformance::suite::outcome::Ended;
use acgw_conformance::suite::{Options, Outcome};
use serde_json::json;

use crate::around;
use crate::common::front::{Answer, Front, ask};
use crate::common::verdicts::*;
use crate::common::*;

#[tokio::test(flavor = "multi_thread")]
async fn slow_but_in_time() {
    let options = brief();
    let outcome = around(options, |reference, arrived| async move {
        tokio::time::sleep(Duration::from_millis(30)).await;
        ask(&reference, &arrived).await.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_at_a_time() {
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let front = Front::answer_serially(move |arrived| {
        let reference = reference.clone();
        async move { ask(&reference, &arrived).await.reply() }
    })
    .await;
    let options = only(&[
        "HTTP-09", "HTTP-12", "ENV-08", "JWT-0*", "ROB-12", "ROB-13", "ROB-14", "ROB-15",
    ]);
    assert_right(&run(identity, &front.url(), options).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_at_a_time_and_slowly() {
    let turn = Arc::new(tokio::sync::Mutex::new(()));
    let options = Options {
        cases: 1,
        timeout: Duration::from_millis(300),
        ..only(&["JWT-0*", "CRED-0*", "ENV-10", "ROB-12"])
    };
    let outcome = around(options, move |reference, arrived| {
        let turn = turn.clone();
        async move {
            let _turn = turn.lock().await;
            tokio::time::sleep(Duration::from_millis(40)).await;
            ask(&reference, &arrived).await.reply()
        }
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_fifty_requests_a_second() {
    let window = Arc::new(Mutex::new((Instant::now(), 0)));
    let options = only(&[
        "HTTP-11", "ENV-09", "ENV-10", "JWT-0*", "CRED-0*", "ROB-12", "ROB-13",
    ]);
    let outcome = around(options, move |reference, arrived| {
        let window = window.clone();
        async move {
            let full = {
                let mut window = window.lock().expect("no poison");
                if window.0.elapsed() > Duration::from_secs(1) {
                    *window = (Instant::now(), 0);
                }
                window.1 += 1;
                window.1 > 50
            };
            if full {
                let mut answer = Answer::new(429, "text/plain", "Too Many Requests");
                answer.set_header("Retry-After", "1");
                return answer.reply();
            }
            ask(&reference, &arrived).await.reply()
        }
    })
    .await;
    assert_right(&outcome);
}

/// The outcome for a handler that locks everybody out for so long after five wrong passwords.
async fn locking(options: Options, time: Duration) -> Outcome {
    let lock = Arc::new(Mutex::new((0, None::<Instant>)));
    around(options, move |reference, arrived| {
        let lock = lock.clone();
        async move {
            let mut answer = ask(&reference, &arrived).await;
            let mut lock = lock.lock().expect("no poison");
            if lock.1.is_some_and(|since| since.elapsed() > time) {
                *lock = (0, None);
            }
            let message = answer.json()["err_message"].to_string();
            if message.contains("identity is unknown or its secrets are wrong") {
                lock.0 += 1;
            }
            if lock.0 >= 5 {
                lock.1.get_or_insert_with(Instant::now);
                answer.set_status(403);
                let mut body = answer.json();
                body["err_message"] = json!("the account is locked");
                if let Some(body) = body.as_object_mut() {
                    body.retain(|name, _| name.ends_with("_id") || name == "err_message");
                }
                answer.body = body.to_string().into_bytes();
            }
            answer.reply()
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_locked_for_good_leave_no_verdict_and_no_blame() {
    let options = Options {
        recovery_patience: Duration::from_millis(900),
        ..brief()
    };
    let outcome = locking(options, Duration::from_secs(3_600)).await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    assert_eq!(outcome.exit_code(), 3);
    assert!(
        matches!(&outcome.ended, Ended::HandlerLost(reason) if reason.contains("lock an account")),
        "{:?}",
        outcome.ended
    );
    assert_eq!(of(&outcome, "CRED-05").state.name(), "blocked");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_locked_for_a_while_are_waited_for() {
    let options = Options {
        recovery_patience: Duration::from_secs(10),
        ..only(&["CRED-05", "ROB-13"])
    };
    let outcome = locking(options, Duration::from_millis(1_200)).await;
    assert_right(&outcome);
    assert_noticed(&outcome, "is back");
}
