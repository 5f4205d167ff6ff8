//! Handlers that answer rightly at first, and then never again.

use acgw_conformance::suite::outcome::Ended;
use acgw_conformance::suite::{Outcome, State};

use crate::common::failed;
use crate::common::verdicts::{account, of};
use crate::mischief::{Mischief, hasty, most_memory, right_for};

/// Holds the verdict on a handler that went bad after so many requests to what names the cause.
async fn goes_bad(requests: usize, mischief: Mischief, id: &str) -> Outcome {
    let outcome = right_for(requests, mischief, hasty()).await;
    let about = format!("{mischief:?} after {requests}: {}", account(&outcome));
    let names: Vec<&str> = failed(&outcome);
    assert!(names.contains(&id), "{id} has not failed: {about}");
    assert_eq!(outcome.exit_code(), 1, "{about}");
    assert_eq!(of(&outcome, "HTTP-01").failed_cases, 0, "{about}");
    let lost = matches!(outcome.ended, Ended::HandlerLost(_));
    assert!(lost, "{about}");
    // What came last was never sent: no verdict on it.
    assert!(
        !matches!(of(&outcome, "CRED-05").state, State::Passed),
        "{about}"
    );
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn after_one_request() {
    for (mischief, id) in [
        (Mischief::Silence, "HTTP-07"),
        (Mischief::CloseAtOnce, "HTTP-10"),
        (Mischief::NoHttp, "HTTP-10"),
        (Mischief::CloseInTheBody, "HTTP-06"),
        (Mischief::RedirectLoop, "HTTP-05"),
    ] {
        goes_bad(1, mischief, id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle() {
    for (mischief, words) in [
        (Mischief::Silence, "no answer within the time allowed"),
        (Mischief::NeverRead, "no answer within the time allowed"),
        (
            Mischief::OneByteASecond,
            "not complete within the time allowed",
        ),
        (Mischief::ResetAtOnce, "closed before an answer"),
        (
            Mischief::CloseInTheHead,
            "closed in the middle of the answer",
        ),
        (
            Mischief::LengthTooLong,
            "not complete within the time allowed",
        ),
        (Mischief::EndlessHeaderFields, "larger than the limit"),
        (
            Mischief::InterimForEver,
            "no answer within the time allowed",
        ),
    ] {
        let outcome = goes_bad(55, mischief, "ROB-11").await;
        let observed = &of(&outcome, "ROB-11").failures[0].observed;
        assert!(observed.contains(words), "{mischief:?}: {observed}");
        let Ended::HandlerLost(reason) = &outcome.ended else {
            unreachable!()
        };
        assert!(reason.contains(words), "{mischief:?}: {reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_with_answers_that_cannot_be_read() {
    for mischief in [Mischief::InvalidUtf8, Mischief::DeepJson] {
        goes_bad(55, mischief, "ROB-11").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_more_than_anybody_asked_for() {
    let before = most_memory();
    for mischief in [Mischief::EndlessBody, Mischief::HundredMegabytesAnnounced] {
        goes_bad(55, mischief, "ROB-11").await;
    }
    if let (Some(before), Some(after)) = (before, most_memory()) {
        let more = (after - before) / 1_000_000;
        assert!(
            more < 200,
            "{more} MB more, for eight bodies at once, each of 8 at most"
        );
    }
}
