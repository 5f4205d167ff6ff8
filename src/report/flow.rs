//! The flow that Acronis verifies in words, the same in every report. What became of it was decided by the suite.

use super::text::{count, milliseconds, one_line};
use super::verdict::{Tone, Verdict, ids, requirements};
use crate::suite::outcome::{Ended, RequirementOutcome};
use crate::suite::{Flow, FlowStep, Outcome, Readiness, State, StepState};

/// Most steps that a verdict names.
const MOST_STEPS: usize = 5;

/// The combination of enablement methods in words.
pub fn methods(flow: &Flow) -> String {
    let enablement = flow.enablement;
    format!(
        "partner {}, customer {}",
        enablement.partner(),
        enablement.customer()
    )
}

/// What a step is.
pub fn title(step: &FlowStep) -> String {
    format!("{}: {}", step.callback, step.action)
}

/// What was observed at a step, or why nothing was.
pub fn observed(step: &FlowStep) -> String {
    let mut text = match (&step.state, &step.observed) {
        (StepState::NotShown(reason), None) => return one_line(reason).into_owned(),
        (StepState::NotShown(reason), Some(observed)) => format!("{observed}; {reason}"),
        (_, observed) => observed.clone().unwrap_or_default(),
    };
    if let Some(latency) = step.latency {
        text.push_str(&format!(" ({})", milliseconds(latency)));
    }
    one_line(&text).into_owned()
}

/// The requirements that a step broke, to be put behind what was observed; nothing where it broke none.
pub fn against(step: &FlowStep) -> String {
    match &step.broken[..] {
        [] => String::new(),
        broken => format!(", against {}", broken.join(", ")),
    }
}

/// The verdict on a run that shows the flow; `None` where another one goes before it.
pub fn verdict(outcome: &Outcome) -> Option<Verdict> {
    let flow = outcome.flow.as_ref()?;
    let readiness = outcome.readiness()?;
    match (&outcome.ended, readiness) {
        (Ended::Completed, _) | (Ended::HandlerLost(_), Readiness::NotReady) => {}
        _ => return None,
    }
    let (tone, word, detail) = match readiness {
        Readiness::Ready => (Tone::Good, "READY FOR VERIFICATION", ready(outcome, flow)),
        Readiness::NotReady => (Tone::Bad, "NOT READY", not_ready(outcome, flow)),
        Readiness::NotComplete => (Tone::Open, "NOT COMPLETE", not_complete(outcome, flow)),
    };
    Some(Verdict { tone, word, detail })
}

fn ready(outcome: &Outcome, flow: &Flow) -> String {
    let summary = outcome.summary();
    let advice: Vec<usize> = numbers(flow, |step| step.state == StepState::Advice);
    let mut detail = format!(
        "{}; {} of {} exercised, none failed that counts",
        passed(flow),
        summary.exercised(),
        requirements(summary.total())
    );
    if !advice.is_empty() {
        detail.push_str(&format!("; advice on {}", steps(&advice)));
    }
    let left_out = numbers(flow, |step| step.state.reason().is_some());
    if let Some(reason) = reason(flow, &left_out) {
        detail.push_str(&format!("; {} not shown: {reason}", steps(&left_out)));
    }
    detail
}

fn not_ready(outcome: &Outcome, flow: &Flow) -> String {
    let failed: Vec<(usize, &FlowStep)> = flow.failed().collect();
    let counted: Vec<&RequirementOutcome> = outcome.counted_failures().collect();
    let Some((number, first)) = failed.first() else {
        return format!(
            "{}, but {} failed ({})",
            passed(flow),
            requirements(counted.len()),
            ids(&counted)
        );
    };
    let further = match failed.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let mut detail = format!(
        "step {number} of {} failed ({}{}){further}",
        flow.steps.len(),
        title(first),
        match &first.broken[..] {
            [] => String::new(),
            broken => format!("; {}", broken.join(", ")),
        }
    );
    if let Ended::HandlerLost(reason) = &outcome.ended {
        detail.push_str(&format!(
            "; then the handler went away and did not come back: {}",
            one_line(reason)
        ));
    }
    detail
}

fn not_complete(outcome: &Outcome, flow: &Flow) -> String {
    let missing: Vec<usize> = flow.missing().map(|(number, _)| number).collect();
    let blocked: Vec<&RequirementOutcome> = (outcome.requirements.iter())
        .filter(|one| one.requirement.level.counts(outcome.run.strict))
        .filter(|one| matches!(one.state, State::Blocked(_)))
        .collect();
    match reason(flow, &missing) {
        Some(reason) => format!(
            "{} of {} not shown: {reason}; {}, none failed",
            missing.len(),
            count(flow.steps.len() as u64, "step"),
            passed(flow)
        ),
        None if blocked.is_empty() => format!("{}, but nothing else was exercised", passed(flow)),
        None => format!(
            "{}, but {} could not be judged ({})",
            passed(flow),
            requirements(blocked.len()),
            ids(&blocked)
        ),
    }
}

/// How many steps passed.
fn passed(flow: &Flow) -> String {
    let passed = numbers(flow, |step| {
        matches!(step.state, StepState::Passed | StepState::Advice)
    });
    format!(
        "{} of {} passed",
        passed.len(),
        count(flow.steps.len() as u64, "step")
    )
}

fn numbers(flow: &Flow, wanted: impl Fn(&FlowStep) -> bool) -> Vec<usize> {
    let steps = flow.numbered().filter(|(_, step)| wanted(step));
    steps.map(|(number, _)| number).collect()
}

fn steps(numbers: &[usize]) -> String {
    let mut named: Vec<String> = numbers
        .iter()
        .take(MOST_STEPS)
        .map(usize::to_string)
        .collect();
    if numbers.len() > MOST_STEPS {
        named.push(format!("{} more", numbers.len() - MOST_STEPS));
    }
    let noun = if numbers.len() == 1 { "step" } else { "steps" };
    format!("{noun} {}", named.join(", "))
}

/// Why the first of these steps was not shown: the others mostly follow from it.
fn reason(flow: &Flow, numbers: &[usize]) -> Option<String> {
    let step = flow.steps.get(numbers.first()?.checked_sub(1)?)?;
    step.state
        .reason()
        .map(|reason| one_line(reason).into_owned())
}
