//! The flow that Acronis verifies: what it shows of right handlers, of broken ones, and of those that may not be changed.

mod behind;
#[path = "../common/mod.rs"]
mod common;
mod odd;

use acgw_conformance::protocol::Enablement;
use acgw_conformance::reference::{Fault, Faults, Reference, Server};
use acgw_conformance::suite::{
    Flow, FlowStep, Item, ItemState, Options, Outcome, Profile, Readiness, State, StepState,
    TestIdentity,
};
use common::front::{Answer, Front};
use common::verdicts::account;
use common::{anywhere, good_token, identity, options_for, reference_for, run};

/// Options for the flow, and as little as there is beside it.
fn options(enablement: Enablement) -> Options {
    Options {
        profile: Profile::Verification,
        only: vec!["HTTP-01".to_owned()],
        cases: 1,
        ..options_for(enablement)
    }
}

/// Every combination that has callbacks.
fn combinations() -> impl Iterator<Item = Enablement> {
    Enablement::all().filter(|enablement| enablement.callbacks().next().is_some())
}

async fn against(handler: impl FnOnce(&TestIdentity) -> Reference, options: Options) -> Outcome {
    let identity = identity();
    let handler = handler(&identity);
    let server = Server::start(anywhere(), handler, None)
        .await
        .expect("a free port");
    run(identity, &server.url(), options).await
}

/// Runs at the same time.
const AT_ONCE: usize = 3;

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
            "ask whose the partner's credentials are",
            "ENA-08",
        ),
        (
            "reset-leaves-customers",
            "ask which of them are mapped",
            "ENA-09",
        ),
        (
            "no-content-object",
            "disable the partner, which is enabled",
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
        ("secrets-ignored", "ask with a wrong password", "CRED-05"),
        ("identity-ignored", "ask with a wrong user", "CRED-06"),
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
        ("token-not-required", "ask without Authorization", "JWT-01"),
        (
            "any-scheme",
            "ask with another scheme than Bearer",
            "JWT-02",
        ),
        ("signature-ignored", "ask with a corrupted token", "JWT-04"),
        (
            "endpoint-ignored",
            "ask with a valid token issued for another CyberApp",
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
            "never-seen-enabled",
            "ask for the partner's state",
            "PMI-02",
        ),
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
            "ask whose the partner's credentials are",
            "HTTP-02",
        ),
    ];
    let mut wrong = Vec::new();
    for some in cases.chunks(AT_ONCE) {
        let mut running = tokio::task::JoinSet::new();
        for (fault, action, id) in some.iter().copied() {
            running.spawn(async move { (fault, action, id, with_fault(fault).await) });
        }
        while let Some(done) = running.join_next().await {
            let (fault, action, id, outcome) = done.expect("the run does not panic");
            let step = first_failed(&outcome);
            if step.action != action || !step.broken.contains(&id) {
                wrong.push(format!("{fault}: {:?} at {:?}", step.broken, step.action));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whatever is wrong with a handler, flow, requirements and exit code say the same of it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: every fault there is"]
async fn no_fault_parts_the_flow_from_the_requirements() {
    for fault in Fault::all() {
        if fault.breaks().iter().any(|id| id.starts_with("TLS-")) {
            continue;
        }
        let outcome = with_fault(fault.name()).await;
        assert_consistent(&outcome);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_leave_to_write_the_flow_is_not_complete() {
    for enablement in combinations() {
        let outcome = against(
            |identity| reference_for(enablement, identity, Faults::none()),
            Options {
                write: false,
                ..options(enablement)
            },
        )
        .await;
        assert_consistent(&outcome);
        assert_eq!(outcome.exit_code(), 3, "{enablement}: {}", told(&outcome));
        assert_eq!(outcome.readiness(), Some(Readiness::NotComplete));
        let flow = flow(&outcome);
        let changes = [".write", ".reset", ".enable", ".set_state"];
        for (number, step) in flow.numbered() {
            if changes.iter().any(|change| step.callback.ends_with(change)) {
                assert_eq!(step.state.reason(), Some("needs --write"), "step {number}");
            }
        }
        let (_, missing) = flow.missing().next().expect("a step that was not shown");
        let reason = missing.state.reason().unwrap_or_default();
        assert!(reason.contains("needs --write"), "{enablement}: {reason}");
        // What can be read, and refused, was shown all the same.
        let of = |wanted: Item| flow.items().into_iter().find(|(item, _)| *item == wanted);
        for item in [Item::NoToken, Item::BadToken, Item::Headers] {
            assert_eq!(
                of(item),
                Some((item, ItemState::Passed)),
                "{}",
                told(&outcome)
            );
        }
        assert_eq!(of(Item::Flows), Some((Item::Flows, ItemState::NotShown)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_partner_is_not_needed_and_is_said_to_be_missing() {
    let outcome = against(
        |identity| reference_for(Enablement::MAPPED, identity, Faults::none()),
        Options {
            other_credentials: None,
            ..options(Enablement::MAPPED)
        },
    )
    .await;
    assert_ready(&outcome);
    let isolation = flow(&outcome).items().into_iter().last();
    assert_eq!(isolation, Some((Item::Isolation, ItemState::NotShown)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_captured_token_cannot_show_the_whole_flow() {
    let options = options(Enablement::MAPPED);
    let outcome = against(
        |identity| reference_for(Enablement::MAPPED, identity, Faults::none()),
        Options {
            token: Some(good_token(&options)),
            ..options
        },
    )
    .await;
    assert_consistent(&outcome);
    assert_eq!(outcome.exit_code(), 3, "{}", told(&outcome));
    let missing: Vec<&str> = (flow(&outcome).missing())
        .map(|(_, step)| step.action.as_str())
        .collect();
    assert_eq!(
        missing,
        ["ask with a valid token issued for another CyberApp"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_is_not_sent_and_not_complete() {
    let outcome = against(
        |identity| reference_for(Enablement::MAPPED, identity, Faults::none()),
        Options {
            skip: vec!["JWT-04".to_owned()],
            ..options(Enablement::MAPPED)
        },
    )
    .await;
    assert_consistent(&outcome);
    assert_eq!(outcome.exit_code(), 3);
    let (_, step) = flow(&outcome).missing().next().expect("a missing step");
    assert_eq!(step.state.reason(), Some("--skip leaves out JWT-04"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_refuses_everything_passes_no_step() {
    let front = Front::answer(|_| async { Answer::new(401, "text/plain", "no").reply() }).await;
    let outcome = run(identity(), &front.url(), options(Enablement::MAPPED)).await;
    assert_consistent(&outcome);
    assert_eq!(outcome.exit_code(), 1);
    for step in &flow(&outcome).steps {
        assert_eq!(step.state.reason(), Some("no right request was accepted"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_is_not_there_shows_nothing() {
    let listener = std::net::TcpListener::bind(anywhere()).expect("a port");
    let url = format!(
        "http://{}/callback",
        listener.local_addr().expect("its address")
    );
    drop(listener);
    let outcome = run(identity(), &url, options(Enablement::MAPPED)).await;
    assert_consistent(&outcome);
    assert_eq!(outcome.exit_code(), 3);
}
