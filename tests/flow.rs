//! The flow that Acronis verifies: what it shows of right handlers, of broken ones, and of those that may not be changed.

mod common;

use std::sync::{Arc, Mutex};

use acgw_conformance::protocol::{Enablement, EnablementMethod};
use acgw_conformance::reference::{Fault, Faults, Reference, Server};
use acgw_conformance::suite::{
    Flow, FlowStep, Item, ItemState, Options, Outcome, Profile, Readiness, State, StepState,
};
use common::front::{Front, Reply, ask};
use common::verdicts::account;
use common::{anywhere, identity, options_for, reference_for, run};

/// Options for the flow, and as little as there is beside it.
fn options(enablement: Enablement) -> Options {
    Options {
        profile: Profile::Verification,
        only: vec!["HTTP-01".to_owned()],
        cases: 1,
        ..options_for(enablement)
    }
}

fn mirrored() -> Enablement {
    let mirrored = EnablementMethod::Mirrored;
    Enablement::new(mirrored, mirrored).expect("it is offered")
}

/// Every combination that has callbacks.
fn combinations() -> impl Iterator<Item = Enablement> {
    Enablement::all().filter(|enablement| enablement.callbacks().next().is_some())
}

async fn against(
    handler: impl FnOnce(&acgw_conformance::suite::TestIdentity) -> Reference,
    options: Options,
) -> Outcome {
    let identity = identity();
    let handler = handler(&identity);
    let server = Server::start(anywhere(), handler, None)
        .await
        .expect("a free port");
    run(identity, &server.url(), options).await
}

async fn with_fault(name: &str) -> Outcome {
    let fault = Fault::from_name(name).expect("a fault of this name");
    let enablement = fault.enablement();
    let faults: Faults = [fault].into_iter().collect();
    against(
        |identity| reference_for(enablement, identity, faults),
        options(enablement),
    )
    .await
}

fn flow(outcome: &Outcome) -> &Flow {
    outcome.flow.as_ref().expect("the profile shows the flow")
}

fn told(outcome: &Outcome) -> String {
    let steps = flow(outcome).numbered().map(|(number, step)| {
        format!(
            "{number} {} {} {}: {:?} {:?}\n",
            step.state.name(),
            step.callback,
            step.action,
            step.observed,
            step.state.reason()
        )
    });
    steps.collect::<String>() + &account(outcome)
}

/// Holds an outcome to itself: what the flow says, the requirements and the exit code never part.
#[track_caller]
fn assert_consistent(outcome: &Outcome) {
    let flow = flow(outcome);
    let failed = |id: &str| {
        (outcome.requirements.iter())
            .any(|one| one.requirement.id == id && one.state == State::Failed)
    };
    for (number, step) in flow.numbered() {
        for id in &step.broken {
            assert!(failed(id), "step {number}: {id}\n{}", told(outcome));
        }
        let broken = !step.broken.is_empty();
        let state_says = matches!(step.state, StepState::Failed | StepState::Advice);
        assert_eq!(broken, state_says, "step {number}\n{}", told(outcome));
        let sent = step.observed.is_some();
        assert_eq!(sent, step.latency.is_some(), "step {number}");
        if let Some(reason) = step.state.reason() {
            assert!(!reason.is_empty(), "step {number}");
        } else {
            assert!(sent, "step {number} has a verdict and was not sent");
        }
    }
    let readiness = outcome.readiness().expect("a flow");
    let expected = match outcome.exit_code() {
        0 => Readiness::Ready,
        1 => Readiness::NotReady,
        _ => Readiness::NotComplete,
    };
    assert_eq!(readiness, expected);
    if flow.failed().next().is_some() {
        assert_eq!(readiness, Readiness::NotReady, "{}", told(outcome));
    }
    if readiness == Readiness::Ready {
        assert_eq!(flow.missing().count(), 0, "{}", told(outcome));
    }
}

#[track_caller]
fn assert_ready(outcome: &Outcome) {
    assert_consistent(outcome);
    assert_eq!(
        outcome.readiness(),
        Some(Readiness::Ready),
        "{}",
        told(outcome)
    );
    assert_eq!(outcome.exit_code(), 0);
    assert_eq!(outcome.notices, [""; 0]);
}

/// The first step that failed.
#[track_caller]
fn first_failed(outcome: &Outcome) -> &FlowStep {
    assert_consistent(outcome);
    assert_eq!(outcome.exit_code(), 1, "{}", told(outcome));
    let failed = flow(outcome).failed().next();
    let (_, step) = failed.unwrap_or_else(|| panic!("no step failed\n{}", told(outcome)));
    step
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_handler_is_ready_for_every_combination() {
    for enablement in combinations() {
        let outcome = against(
            |identity| reference_for(enablement, identity, Faults::none()),
            options(enablement),
        )
        .await;
        assert_ready(&outcome);
        let flow = flow(&outcome);
        let all = flow
            .steps
            .iter()
            .filter(|step| step.state == StepState::Passed)
            .count();
        assert!(all >= 10, "{enablement}: {}", told(&outcome));
        for (item, state) in flow.items() {
            assert_eq!(
                state,
                ItemState::Passed,
                "{enablement} {item:?}: {}",
                told(&outcome)
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_fails_the_step_that_shows_it() {
    let cases = [
        // The flows.
        (
            "enable-lost",
            "ask whether the partner is enabled",
            "ENA-04",
        ),
        (
            "mapping-lost",
            "ask whether the customer is mapped",
            "MAP-09",
        ),
        (
            "removal-ignored",
            "ask whether the mapping is gone",
            "MAP-10",
        ),
        (
            "reset-ignored",
            "disable the partner, which was enabled before this run",
            "",
        ),
        (
            "reset-leaves-customers",
            "ask whether a customer is still mapped",
            "ENA-09",
        ),
        (
            "no-content-object",
            "disable the partner, which was enabled before this run",
            "ENV-12",
        ),
        (
            "topology-not-served",
            "list the partner's customers",
            "TOP-01",
        ),
        (
            "partner-enable-lost",
            "ask whether the partner is enabled",
            "PMI-04",
        ),
        ("enable-wrong-tenant", "enable the partner", "PMI-03"),
        (
            "partner-reset-ignored",
            "ask whether the partner is disabled",
            "PMI-06",
        ),
        (
            "partner-reset-leaves-customers",
            "ask whether a customer is still enabled",
            "PMI-07",
        ),
        (
            "customers-lost",
            "ask whether the customer is enabled",
            "CMI-02",
        ),
        (
            "customer-disable-ignored",
            "ask whether the customer is disabled",
            "CMI-03",
        ),
        // The refusals.
        (
            "secrets-ignored",
            "ask the same with a wrong password",
            "CRED-05",
        ),
        (
            "identity-ignored",
            "ask the same with a wrong user",
            "CRED-06",
        ),
        (
            "password-unchecked-at-enable",
            "enable the partner with a wrong password",
            "ENA-10",
        ),
        (
            "unknown-user-enables",
            "enable the partner with a wrong user",
            "ENA-10",
        ),
        (
            "enablement-before-credentials",
            "ask whether wrong credentials changed anything",
            "ENA-11",
        ),
        (
            "token-not-required",
            "ask the same without Authorization",
            "JWT-01",
        ),
        (
            "any-scheme",
            "ask the same with another scheme than Bearer before the token",
            "JWT-02",
        ),
        (
            "signature-ignored",
            "ask the same with a corrupted token",
            "JWT-04",
        ),
        (
            "endpoint-ignored",
            "ask the same with a valid token issued for another CyberApp",
            "JWT-15",
        ),
        // The older list.
        (
            "enablement-id-null",
            "ask whose the partner's credentials are",
            "ENA-02",
        ),
        (
            "enablement-vendor-id-missing",
            "ask whose the partner's credentials are",
            "ENA-01",
        ),
        ("state-lower-case", "ask for the partner's state", "PMI-01"),
        (
            "other-tenant-stored",
            "enable the same organisation for another acronis_tenant_id",
            "ENA-06",
        ),
        (
            "other-tenant-refused-and-stored",
            "ask whether it was taken over",
            "ENA-11",
        ),
        (
            "mapping-of-first-partner",
            "ask for the mapping with another partner's credentials",
            "MAP-08",
        ),
        (
            "enable-disables-others",
            "ask for another partner's status, with its credentials",
            "ENA-13",
        ),
        (
            "one-state-for-all",
            "ask for the state of another tenant, which nobody enabled",
            "PMI-08",
        ),
        (
            "customers-of-everybody",
            "ask for the customers of another tenant",
            "CMI-07",
        ),
        // What the gateway would not even read.
        (
            "content-type-html",
            "disable the partner, which was enabled before this run",
            "HTTP-02",
        ),
    ];
    for (fault, action, id) in cases {
        let outcome = with_fault(fault).await;
        let step = first_failed(&outcome);
        assert_eq!(step.action, action, "{fault}\n{}", told(&outcome));
        if !id.is_empty() {
            assert!(
                step.broken.contains(&id),
                "{fault}: {:?}\n{}",
                step.broken,
                told(&outcome)
            );
        }
    }
}
