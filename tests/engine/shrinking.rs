//! What failed is shown at its smallest, for few exchanges more.

use acgw_conformance::reference::Faults;
use acgw_conformance::suite::{Options, State};

use super::common::front::{Answer, Arrived, Front, ask};
use super::common::{failed, identity, reference, run, server};
use super::{only, run_fault, state};

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_generated_case_is_shrunk_within_bounds() {
    // The fault shows in dates with a fraction; the smallest is one digit.
    let whole = run_fault(
        "created-at-fraction",
        Options {
            cases: 60,
            ..only(&["ENV-09"])
        },
    )
    .await;
    assert_eq!(*state(&whole, "ENV-09"), State::Failed);
    let right = {
        let identity = identity();
        let server = server(&identity, Faults::none()).await;
        run(
            identity,
            &server.url(),
            Options {
                cases: 60,
                ..only(&["ENV-09"])
            },
        )
        .await
    };
    let more = whole.run.exchanges.saturating_sub(right.run.exchanges);
    assert!(more <= 70, "{more} exchanges for shrinking");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_generated_case_is_shown_at_its_smallest() {
    // The handler fails on any letter beyond ASCII in the extra data.
    let identity = identity();
    let handler = reference(&identity, Faults::none());
    let front = Front::answer(move |arrived| {
        let handler = handler.clone();
        async move {
            match extra_data(&arrived) {
                Some(text) if !text.is_ascii() => {
                    Answer::new(500, "text/plain", "UnicodeEncodeError").reply()
                }
                _ => ask(&handler, &arrived).await.reply(),
            }
        }
    })
    .await;
    let options = Options {
        cases: 40,
        // For one, a tenant would be mapped first.
        custom: Vec::new(),
        ..only(&["EXTRA-02"])
    };
    let outcome = run(identity, &front.url(), options).await;
    assert_eq!(failed(&outcome), ["EXTRA-02"]);
    let failure = &outcome.requirements[0].failures[0];
    let value = failure
        .request
        .lines()
        .find_map(|line| line.strip_prefix("X-CyberApp-Extra: "))
        .expect("the header is shown");
    let smallest = decoded(value).expect("base64 of UTF-8");
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&smallest).expect("an object");
    assert_eq!(members.len(), 1, "{smallest}");
    assert!(!smallest.is_ascii(), "{smallest}");
    assert!(smallest.chars().count() < 40, "{smallest}");
    // 40 cases, a control for each 16, a first one, and at most 60 for shrinking.
    assert!(
        outcome.run.exchanges < 110,
        "{} exchanges",
        outcome.run.exchanges
    );
}

/// The decoded text of `X-CyberApp-Extra`.
fn extra_data(arrived: &Arrived) -> Option<String> {
    decoded(&arrived.header("x-cyberapp-extra")?)
}

fn decoded(value: &str) -> Option<String> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(value);
    String::from_utf8(bytes.ok()?).ok()
}
