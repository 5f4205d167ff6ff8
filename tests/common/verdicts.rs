//! Holding an outcome to what it must say.

use acgw_conformance::suite::outcome::{Ended, RequirementOutcome};
use acgw_conformance::suite::{Options, Outcome, State};

use super::{failed, options};

/// Options for runs whose subject is not what hostile values do: without the long lists of them.
pub fn quick() -> Options {
    let skip = ["JWT-20", "CRED-10", "EXTRA-04", "ROB-08", "ROB-09"];
    Options {
        cases: 3,
        skip: skip.map(str::to_owned).to_vec(),
        ..options()
    }
}

/// Options for runs whose subject is how answers look: without most of what is done to bodies, too.
pub fn brief() -> Options {
    let mut skip = quick().skip;
    skip.extend(["ROB-04", "ROB-05", "ROB-06"].map(str::to_owned));
    Options {
        cases: 1,
        skip,
        ..options()
    }
}

/// Only these requirements.
pub fn only(ids: &[&str]) -> Options {
    Options {
        only: ids.iter().map(|id| (*id).to_owned()).collect(),
        cases: 3,
        ..options()
    }
}

/// The outcome for one requirement.
#[track_caller]
pub fn of<'a>(outcome: &'a Outcome, id: &str) -> &'a RequirementOutcome {
    let found = outcome
        .requirements
        .iter()
        .find(|outcome| outcome.requirement.id == id);
    found.unwrap_or_else(|| panic!("{id} was not selected"))
}

/// What runs over http against the reference handler never exercise, whatever the handler does right.
const NEVER: &[&str] = &["TLS-01", "TLS-02", "JWT-23", "CRED-12", "TOP-04"];

/// Whether the requirement is about callbacks of the enablement methods of the run.
pub fn applies(outcome: &RequirementOutcome) -> bool {
    let left_out = [
        "not part of these enablement methods",
        "changes data, which this run may not",
        "no custom callback is declared",
        "explicit partners are enabled by the vendor's own means",
    ];
    let reason = outcome.state.reason().unwrap_or_default();
    !left_out
        .iter()
        .any(|beginning| reason.starts_with(beginning))
}

/// Holds an outcome to exactly these failures, and to evidence for every other requirement but these.
#[track_caller]
pub fn assert_fails_but(outcome: &Outcome, failures: &[&str], without_evidence: &[&str]) {
    assert_eq!(failed(outcome), failures, "{}", account(outcome));
    let idle: Vec<&str> = outcome
        .requirements
        .iter()
        .filter(|outcome| matches!(outcome.state, State::Blocked(_) | State::NotExercised(_)))
        .filter(|outcome| applies(outcome))
        .map(|outcome| outcome.requirement.id)
        .filter(|id| !NEVER.contains(id))
        .collect();
    assert_eq!(idle, without_evidence, "{}", account(outcome));
    assert_eq!(outcome.ended, Ended::Completed, "{}", account(outcome));
}

/// Holds an outcome to evidence for everything and no failure at any level.
#[track_caller]
pub fn assert_right(outcome: &Outcome) {
    assert_fails_but(outcome, &[], &[]);
    assert_eq!(outcome.exit_code(), 0);
}

/// What an outcome says, for the message of a failed test.
pub fn account(outcome: &Outcome) -> String {
    let mut text = format!("{:?} after {:?}\n", outcome.ended, outcome.run.duration);
    for notice in &outcome.notices {
        text.push_str(&format!("note: {notice}\n"));
    }
    for outcome in &outcome.requirements {
        if let Some(reason) = outcome.state.reason() {
            text.push_str(&format!(
                "{}: {}: {reason}\n",
                outcome.requirement.id,
                outcome.state.name()
            ));
        }
        for failure in &outcome.failures {
            text.push_str(&format!(
                "{}: {}\n  expected: {}\n  observed: {}\n{}\n--\n{}\n",
                outcome.requirement.id,
                failure.case,
                failure.expected,
                failure.observed,
                failure.request.chars().take(1500).collect::<String>(),
                failure.response.chars().take(1500).collect::<String>(),
            ));
        }
    }
    text
}

/// Asserts that a run told something, among the notices.
#[track_caller]
pub fn assert_noticed(outcome: &Outcome, told: &str) {
    let mut notices = outcome.notices.iter();
    assert!(
        notices.any(|notice| notice.contains(told)),
        "{:?}",
        outcome.notices
    );
}
