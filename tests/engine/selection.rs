//! `--only` and `--skip`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use acgw_conformance::gateway::Target;
use acgw_conformance::reference::Faults;
use acgw_conformance::suite::{ErrorKind, Options, Outcome, Requirement, State, Suite, register};
use tokio::task::JoinSet;

use super::common::front::{Front, ask};
use super::common::verdicts::applies;
use super::common::{identity, options, reference, run, run_target, server};
use super::{only, state};

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_runs_what_it_needs_and_reports_what_was_selected() {
    let identity = identity();
    let server = server(&identity, Faults::none()).await;
    let outcome = run(identity, &server.url(), only(&["MAP-05", "JWT-0*"])).await;
    let ids: Vec<&str> = outcome
        .requirements
        .iter()
        .map(|entry| entry.requirement.id)
        .collect();
    assert_eq!(ids.len(), 10, "{ids:?}");
    assert!(
        outcome
            .requirements
            .iter()
            .all(|entry| entry.state == State::Passed),
        "{:?}",
        outcome.requirements
    );
    assert_eq!(outcome.exit_code(), 0);
    assert!(
        outcome.run.exchanges < 200,
        "{} exchanges for so little",
        outcome.run.exchanges
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_requirement_can_be_selected_alone() {
    async fn alone(requirement: &'static Requirement) -> (&'static Requirement, Outcome) {
        let options = Options {
            budget: Some(Duration::ZERO),
            ..only(&[requirement.id])
        };
        let identity = identity();
        let target = Target::service(reference(&identity, Faults::none()));
        (requirement, run_target(identity, target, options).await)
    }
    let mut waiting = register::all().iter().copied();
    let mut running: JoinSet<_> = waiting.by_ref().take(2).map(alone).collect();
    while let Some(done) = running.join_next().await {
        let (requirement, outcome) = done.expect("the run does not panic");
        waiting.next().map(|next| running.spawn(alone(next)));
        let exempt = ["TLS-01", "TLS-02", "TOP-04"].contains(&requirement.id)
            || requirement.unobservable.is_some();
        let exempt = exempt || !outcome.requirements.iter().all(applies);
        let expected = if exempt { 3 } else { 0 };
        assert_eq!(
            outcome.exit_code(),
            expected,
            "{}: {:?}",
            requirement.id,
            outcome.requirements[0].state
        );
    }
}

#[tokio::test]
async fn an_unknown_selector_is_the_users_mistake() {
    for options in [
        only(&["JWT-99"]),
        Options {
            skip: vec!["NOPE-*".to_owned()],
            ..options()
        },
    ] {
        let identity = identity();
        let target = Target::service(reference(&identity, Faults::none()));
        let error = Suite::new(target)
            .identity(identity)
            .options(options)
            .run()
            .await
            .expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::Selector);
        assert!(error.is_usage());
    }
}

#[tokio::test]
async fn nothing_exercised_is_no_verdict() {
    let identity = identity();
    let target = Target::service(reference(&identity, Faults::none()));
    let outcome = run_target(identity, target, only(&["TLS-*"])).await;
    assert_eq!(outcome.exit_code(), 3);
    assert!(
        matches!(state(&outcome, "TLS-01"), State::NotExercised(reason) if reason.contains("https"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_is_not_sent_for_the_sake_of_others() {
    let identity = identity();
    let handler = reference(&identity, Faults::none());
    let longest = Arc::new(Mutex::new(0));
    let measured = longest.clone();
    let front = Front::answer(move |arrived| {
        let handler = handler.clone();
        let mut longest = measured.lock().expect("no panic");
        *longest = arrived.body.len().max(*longest);
        async move { ask(&handler, &arrived).await.reply() }
    })
    .await;
    let options = Options {
        skip: ["ROB-05", "ROB-06", "ROB-08"].map(str::to_owned).to_vec(),
        ..only(&["ERR-05"])
    };
    let outcome = run(identity, &front.url(), options).await;
    assert_eq!(*state(&outcome, "ERR-05"), State::Passed);
    let longest = *longest.lock().expect("no panic");
    assert!(longest < 10_000, "{longest} bytes");
}
