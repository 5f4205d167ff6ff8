//! Runs that show the flow which Acronis verifies.

use std::time::Duration;

use acgw_conformance::protocol::Enablement;
use acgw_conformance::suite::outcome::{Ended, Outcome, RequirementOutcome};
use acgw_conformance::suite::{Flow, FlowStep, Item, State, StepState};

use super::parts::*;

fn step(
    items: &'static [Item],
    callback: &'static str,
    action: &str,
    expected: &'static str,
    observed: &str,
) -> FlowStep {
    FlowStep {
        items,
        callback,
        action: action.to_owned(),
        expected,
        observed: Some(observed.to_owned()),
        latency: Some(Duration::from_micros(1_234)),
        state: StepState::Passed,
        broken: Vec::new(),
        optional: false,
    }
}

fn not_shown(mut step: FlowStep, reason: &str) -> FlowStep {
    step.observed = None;
    step.latency = None;
    step.state = StepState::NotShown(reason.to_owned());
    step
}

/// A run with the profile `verification`, and these steps in place of the whole flow.
fn verification(steps: Vec<FlowStep>, requirements: Vec<RequirementOutcome>) -> Outcome {
    let mut outcome = outcome(Ended::Completed, requirements);
    outcome.run.profile = "verification";
    outcome.run.write = true;
    outcome.flow = Some(Flow {
        enablement: Enablement::MAPPED,
        steps,
        broken: Vec::new(),
    });
    outcome
}

fn steps() -> Vec<FlowStep> {
    vec![
        step(
            &[Item::Flows, Item::Status],
            "enablement.read",
            "ask whose the partner's credentials are",
            "success: the organisation of the credentials, not enabled",
            "status 200: not enabled",
        ),
        step(
            &[Item::WrongCredentials],
            "enablement.read",
            "ask with a wrong password",
            "a refusal (4xx)",
            "status 401",
        ),
        step(
            &[Item::Flows],
            "enablement.write",
            "enable the partner",
            "success",
            "status 200",
        ),
        step(
            &[Item::Flows, Item::Status],
            "enablement.read",
            "ask whether the partner is enabled",
            "success: enabled for that acronis_tenant_id",
            "status 200: enabled for 5c9f2d4e-7a31-4b86-9d0f-3e8a6b1c2d47",
        ),
        step(
            &[Item::BadToken],
            "enablement.read",
            "ask with a corrupted token",
            "a refusal (4xx)",
            "status 401",
        ),
        step(
            &[Item::Isolation],
            "tenant_mapping.read",
            "ask for the mapping with another partner's credentials",
            "success: none of this partner's customers",
            "status 200: 3 listed, 0 of them this partner's",
        ),
    ]
}

/// A right handler, without a second partner, and with a piece of advice.
pub fn ready() -> Outcome {
    let mut steps = steps();
    steps[1].state = StepState::Advice;
    steps[1].broken = vec![ECHO.id];
    let mut isolation = not_shown(
        steps.remove(5),
        "needs a second partner: --other-identity and --other-secrets",
    );
    isolation.optional = true;
    steps.push(isolation);
    verification(
        steps,
        vec![
            one(&STATUS, State::Passed, 4),
            failed(&ECHO, 1, 1, vec![failure()]),
            one(&SIGNATURE, State::Passed, 6),
        ],
    )
}

/// A broken and hostile handler.
pub fn not_ready() -> Outcome {
    let mut steps = steps();
    steps[3].state = StepState::Failed;
    steps[3].observed = Some(format!("status 200: {HOSTILE}"));
    steps[3].broken = vec![ITEMS.id];
    steps[4].state = StepState::Failed;
    steps[4].observed = Some("status 200 OK: the request was accepted".to_owned());
    steps[4].broken = vec![SIGNATURE.id];
    let last = steps.remove(5);
    steps.push(not_shown(last, "step 4 failed"));
    verification(
        steps,
        vec![
            one(&STATUS, State::Passed, 4),
            failed(&SIGNATURE, 12, 7, vec![failure()]),
            failed(&ITEMS, 3, 1, vec![failure()]),
        ],
    )
}

/// A right handler whose data may not be changed.
pub fn not_complete() -> Outcome {
    let steps = steps()
        .into_iter()
        .zip(1..)
        .map(|(step, number)| match number {
            3 | 4 => not_shown(step, "needs --write"),
            _ => step,
        });
    let mut outcome = verification(steps.collect(), vec![one(&STATUS, State::Passed, 4)]);
    outcome.run.write = false;
    outcome
}

/// A right flow, and a requirement that failed beside it.
pub fn failed_beside_the_flow() -> Outcome {
    verification(
        steps(),
        vec![
            one(&STATUS, State::Passed, 4),
            failed(&SIGNATURE, 12, 7, vec![failure()]),
        ],
    )
}
