//! Handlers that never answer as they should.

use std::time::Duration;

use acgw_conformance::suite::outcome::Ended;
use acgw_conformance::suite::{Options, State};

use crate::common::failed;
use crate::common::verdicts::{account, of};
use crate::mischief::{Mischief, hasty, most_memory, right_for};

/// Holds the verdict on a handler that only does this to one failure, that of this requirement, which says these words.
async fn blamed(mischief: Mischief, id: &str, words: &str) {
    let options = match mischief {
        // Eight mebibytes take their time on a slow machine.
        Mischief::EndlessBody | Mischief::EndlessChunks | Mischief::HundredMegabytes => Options {
            timeout: Duration::from_secs(10),
            ..hasty()
        },
        _ => hasty(),
    };
    let outcome = right_for(0, mischief, options).await;
    let about = format!("{mischief:?}: {}", account(&outcome));
    assert_eq!(failed(&outcome), [id], "{about}");
    let observed = &of(&outcome, id).failures[0].observed;
    assert!(observed.contains(words), "{mischief:?}: {observed}");
    assert_eq!(outcome.ended, Ended::Completed, "{about}");
    assert_eq!(outcome.exit_code(), 1, "{about}");
    assert!(outcome.run.exchanges < 5, "{about}");
    for entry in &outcome.requirements {
        if let State::Blocked(reason) = &entry.state {
            assert!(
                reason.contains(id),
                "{mischief:?}: {}: {reason}",
                entry.requirement.id
            );
        }
    }
    let blocked = |id: &str| matches!(of(&outcome, id).state, State::Blocked(_));
    for id in ["JWT-01", "CRED-05", "MAP-04", "ROB-01"] {
        assert!(blocked(id), "{about}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_in_time() {
    blamed(
        Mischief::Silence,
        "HTTP-07",
        "no answer within the time allowed",
    )
    .await;
    blamed(
        Mischief::NeverRead,
        "HTTP-07",
        "no answer within the time allowed",
    )
    .await;
    blamed(
        Mischief::OneByteASecond,
        "HTTP-07",
        "not complete within the time allowed",
    )
    .await;
    blamed(Mischief::InterimForEver, "HTTP-07", "interim").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_anybody_asked_for() {
    let before = most_memory();
    blamed(Mischief::EndlessBody, "HTTP-06", "larger than the limit").await;
    blamed(Mischief::EndlessChunks, "HTTP-06", "larger than the limit").await;
    blamed(
        Mischief::HundredMegabytes,
        "HTTP-06",
        "larger than the limit",
    )
    .await;
    blamed(Mischief::HundredMegabytesAnnounced, "HTTP-06", "100000000").await;
    blamed(
        Mischief::EndlessHeaderFields,
        "HTTP-10",
        "larger than the limit",
    )
    .await;
    blamed(
        Mischief::EndlessHeaderField,
        "HTTP-10",
        "larger than the limit",
    )
    .await;
    if let (Some(before), Some(after)) = (before, most_memory()) {
        // Other tests run at the same time; one body alone would be a hundred.
        let more = (after - before) / 1_000_000;
        assert!(more < 90, "{more} MB more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_http() {
    blamed(Mischief::NoHttp, "HTTP-10", "220 mail.example.com").await;
    blamed(Mischief::CloseAtOnce, "HTTP-10", "closed before an answer").await;
    blamed(Mischief::ResetAtOnce, "HTTP-10", "closed before an answer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_answer() {
    blamed(
        Mischief::CloseInTheBody,
        "HTTP-06",
        "after 7 of the 15 bytes",
    )
    .await;
    blamed(
        Mischief::CloseInTheHead,
        "HTTP-06",
        "within the header fields",
    )
    .await;
    blamed(Mischief::LengthTooLong, "HTTP-07", "15 of the 25 bytes").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_itself_is_not_followed() {
    blamed(Mischief::RedirectLoop, "HTTP-05", "status 307 to /callback").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_cannot_be_read() {
    for (mischief, id, words) in [
        (Mischief::InvalidUtf8, "HTTP-03", "not UTF-8, at byte 9"),
        (Mischief::DeepJson, "HTTP-03", "recursion limit"),
        (Mischief::LengthTooShort, "HTTP-06", "and then some"),
    ] {
        let outcome = right_for(0, mischief, hasty()).await;
        let about = format!("{mischief:?}: {}", account(&outcome));
        // Success in form: that nothing is refused shows, too.
        assert_eq!(of(&outcome, id).state, State::Failed, "{about}");
        let observed = &of(&outcome, id).failures[0].observed;
        assert!(observed.contains(words), "{mischief:?}: {observed}");
        assert_eq!(of(&outcome, "JWT-01").state, State::Failed, "{about}");
        for id in ["MAP-01", "MAP-04", "TOP-01", "ENV-02", "ENV-08", "ROB-13"] {
            assert_ne!(of(&outcome, id).state, State::Passed, "{id}: {about}");
        }
        assert_eq!(outcome.exit_code(), 1, "{about}");
    }
}
