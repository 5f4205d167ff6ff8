//! The report for CI systems: JUnit XML, one suite an area and one case a requirement.
//!
//! ```xml
//! <testsuites name="acgw" tests="62" skipped="3" failures="1" errors="0" time="12.345">
//!     <testsuite name="Token" tests="22" …>
//!         <testcase name="JWT-04 A corrupted signature is refused" classname="acgw.JWT">
//!             <failure message="200 OK" type="must">…</failure>
//! ```
//!
//! A CI system shows a failure in red and stops, so the file says what the exit code says: a failure that does not count for
//! the verdict is a passed case with the advice in its `system-out`. A blocked requirement is an `error`, one that was not
//! exercised is `skipped` with the reason, and so is what failed as a baseline knows, whose entries have a suite of their own. The first suite has one case of its own, which is an `error` when the run came to
//! no verdict, so that a file of skipped cases cannot read as green. The flow that Acronis verifies has a suite with one case
//! a step.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::baseline;
use super::card::card;
use super::diagnosis;
use super::flow::{against, observed, title};
use super::palette::{Ink, Palette};
use super::tally::{self, Standing};
use super::text::one_line;
use super::verdict::{Tone, verdict};
use crate::suite::outcome::RequirementOutcome;
use crate::suite::{Fate, Flow, FlowStep, Outcome, State, StepState};

/// The report as XML text.
pub fn render(outcome: &Outcome) -> String {
    let mut report = Report::new("acgw");
    report.set_time(outcome.run.duration);
    report.add_test_suite(run_suite(outcome));
    if let Some(flow) = &outcome.flow {
        report.add_test_suite(flow_suite(flow));
    }
    if !outcome.baseline.is_empty() {
        report.add_test_suite(baseline_suite(outcome));
    }
    for tally in tally::by_area(outcome) {
        let mut suite = TestSuite::new(tally.area.title());
        for one in &outcome.requirements {
            if one.requirement.area() == tally.area {
                suite.add_test_case(case(one, outcome.run.strict));
            }
        }
        report.add_test_suite(suite);
    }
    report
        .to_string()
        .expect("characters that XML has no place for were replaced")
}

/// One case for the run itself.
fn run_suite(outcome: &Outcome) -> TestSuite {
    let verdict = verdict(outcome);
    let sentence = format!("{}: {}", verdict.word, verdict.detail);
    let status = match verdict.tone {
        Tone::Good | Tone::Known | Tone::Bad => TestCaseStatus::success(),
        // What passed a proxy decides nothing, and shows no violation.
        Tone::Open if outcome.exit_code() == 0 => TestCaseStatus::success(),
        Tone::Open => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status
                .set_type("no verdict")
                .set_message(one_line(&sentence));
            status
        }
    };
    let mut case = TestCase::new("the run came to a verdict", status);
    case.set_classname("acgw.run")
        .set_time(outcome.run.duration);
    let mut told = vec![sentence];
    told.extend(
        (outcome.diagnosis.iter())
            .map(|cause| format!("diagnosis: {} ({})", cause.text, diagnosis::explains(cause))),
    );
    // What does not count is among the notices.
    let flaky = outcome.flaky.as_ref().filter(|flaky| flaky.counts);
    told.extend(flaky.map(|flaky| format!("flaky: {}", flaky.sentence())));
    told.extend(outcome.notices.iter().cloned());
    let told: Vec<_> = told.iter().map(|line| one_line(line)).collect();
    case.set_system_out(told.join("\n"));

    let mut suite = TestSuite::new("Run");
    for (name, value) in [
        ("target", one_line(&outcome.run.target).into_owned()),
        ("seed", format!("{:016x}", outcome.run.seed)),
        ("started_at", outcome.run.started_at.to_string()),
        ("profile", outcome.run.profile.to_owned()),
        ("exchanges", outcome.run.exchanges.to_string()),
    ] {
        suite.add_property((name, value.as_str()));
    }
    suite.add_test_case(case);
    suite
}

/// One case for each step of the flow that Acronis verifies.
fn flow_suite(flow: &Flow) -> TestSuite {
    let digits = flow.steps.len().to_string().len();
    let mut suite = TestSuite::new("Flow that Acronis verifies");
    for (name, value) in [
        ("partner", flow.enablement.partner().name()),
        ("customer", flow.enablement.customer().name()),
    ] {
        suite.add_property((name, value));
    }
    for (number, step) in flow.numbered() {
        let name = format!("step {number:0digits$} {}", one_line(&title(step)));
        let mut case = TestCase::new(name, step_status(step));
        case.set_classname("acgw.flow");
        if let Some(latency) = step.latency {
            case.set_time(latency);
        }
        case.set_system_out(format!(
            "expected: {}\nobserved: {}{}",
            step.expected,
            observed(step),
            against(step)
        ));
        suite.add_test_case(case);
    }
    suite
}

fn step_status(step: &FlowStep) -> TestCaseStatus {
    match &step.state {
        StepState::Passed | StepState::Advice => TestCaseStatus::success(),
        StepState::Failed => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_type(step.broken.join(", "))
                .set_message(observed(step));
            status
        }
        StepState::NotShown(reason) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(one_line(reason));
            status
        }
    }
}

/// One case for each entry of the baseline: whether it is true still.
fn baseline_suite(outcome: &Outcome) -> TestSuite {
    let mut suite = TestSuite::new(baseline::TITLE);
    for judged in &outcome.baseline {
        let status = match &judged.fate {
            Fate::Failed(_) | Fate::Blocked => TestCaseStatus::success(),
            Fate::Stale | Fate::Past => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status
                    .set_type(judged.fate.name())
                    .set_message(baseline::fate(judged));
                status
            }
            Fate::NotJudged(_) => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(baseline::fate(judged));
                status
            }
        };
        let mut case = TestCase::new(one_line(&judged.known.name()), status);
        case.set_classname("acgw.baseline")
            .set_system_out(baseline::line(judged));
        suite.add_test_case(case);
    }
    suite
}

fn case(one: &RequirementOutcome, strict: bool) -> TestCase {
    let requirement = one.requirement;
    let standing = tally::standing(one, strict);
    let mut case = TestCase::new(
        format!("{} {}", requirement.id, one_line(requirement.title)),
        status(one, standing),
    );
    case.set_classname(format!("acgw.{}", requirement.area().code()));
    case.set_assertions(usize::try_from(one.cases).unwrap_or(usize::MAX));
    if standing == Standing::Known && one.state == State::Failed {
        case.set_system_out(format!(
            "Known, so it does not count for the verdict:\n\n{}",
            card(Palette::PLAIN, Ink::Warn, one)
        ));
    } else if standing == Standing::Advice {
        case.set_system_out(format!(
            "Advice ({}), which does not count for the verdict:\n\n{}",
            requirement.level.name(),
            card(Palette::PLAIN, Ink::Warn, one)
        ));
    } else if one.cut > 0 && one.state != State::Failed {
        case.set_system_out(format!("{} cases cut by the time budget", one.cut));
    }
    case
}

fn status(one: &RequirementOutcome, standing: Standing) -> TestCaseStatus {
    if let (Standing::Known, Some(reason)) = (standing, &one.known) {
        let mut status = TestCaseStatus::skipped();
        status.set_message(format!("known: {}", one_line(reason)));
        return status;
    }
    match &one.state {
        State::Passed => TestCaseStatus::success(),
        State::Failed if standing == Standing::Advice => TestCaseStatus::success(),
        State::Failed => {
            let observed = one.failures.first().map(|failure| &*failure.observed);
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_type(one.requirement.level.name())
                .set_message(one_line(observed.unwrap_or("failed")))
                .set_description(card(Palette::PLAIN, Ink::Bad, one));
            status
        }
        State::Blocked(reason) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("blocked").set_message(one_line(reason));
            status
        }
        State::NotExercised(reason) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(one_line(reason));
            status
        }
    }
}
