//! A panic inside the suite: what was found until then is reported, nothing reads as green, and the data are put back.

mod common;

use acgw_conformance::gateway::Target;
use acgw_conformance::reference::{Fault, Faults};
use acgw_conformance::suite::outcome::Ended;
use acgw_conformance::suite::{Event, Outcome, State, Suite};
use common::{identity, options, server};

/// A run whose observer panics at this event about progress.
async fn panicking(at: u32, faults: Faults) -> Outcome {
    let identity = identity();
    let server = server(&identity, faults).await;
    let mut seen = 0;
    let observer = move |event: Event<'_>| {
        if matches!(event, Event::Progress { .. }) {
            seen += 1;
            assert!(seen != at, "a defect of whoever looks on");
        }
    };
    Suite::new(Target::url(&server.url()).expect("a URL"))
        .identity(identity)
        .options(options())
        .observer(Box::new(observer))
        .run()
        .await
        .expect("an outcome in spite of it")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_is_reported_and_nothing_is_green() {
    // How many are never exercised, however far a run comes.
    let whole = panicking(u32::MAX, Faults::none()).await.summary();
    for at in [1, 2] {
        let outcome = panicking(at, Faults::none()).await;
        let Ended::SuiteFault(reason) = &outcome.ended else {
            panic!("{:?}", outcome.ended);
        };
        assert!(reason.contains("a defect of whoever looks on"), "{reason}");
        assert_eq!(outcome.exit_code(), 4);
        assert!(!outcome.conforms());
        let summary = outcome.summary();
        assert!(
            summary.passed > 0 && summary.not_exercised > whole.not_exercised,
            "{summary:?}"
        );
        let restored = outcome
            .notices
            .iter()
            .all(|one| !one.contains("to restore"));
        assert!(restored, "{:?}", outcome.notices);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_found_before_are_kept() {
    let outcome = panicking(2, Faults::from(Fault::ExtraTopLevelField)).await;
    assert_eq!(outcome.exit_code(), 4);
    let found = outcome
        .requirements
        .iter()
        .find(|one| one.requirement.id == "ENV-07")
        .expect("selected");
    assert_eq!(found.state, State::Failed);
    assert!(!found.failures.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_at_the_very_end_loses_nothing() {
    let identity = identity();
    let server = server(&identity, Faults::none()).await;
    let observer = |event: Event<'_>| {
        assert!(!matches!(event, Event::Finished(_)), "too late");
    };
    let outcome = Suite::new(Target::url(&server.url()).expect("a URL"))
        .identity(identity)
        .options(options())
        .observer(Box::new(observer))
        .run()
        .await
        .expect("an outcome in spite of it");
    assert_eq!(outcome.exit_code(), 4);
    assert_eq!(outcome.summary().failed, 0);
}
