//! The figures that several reports show: counts by area, reasons shared by requirements, what the budget cut.

use crate::suite::outcome::{Outcome, RequirementOutcome};
use crate::suite::{Area, Level, State};

/// How the requirements of one area stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AreaTally {
    /// Which area.
    pub area: Area,
    /// Passed.
    pub passed: usize,
    /// Failed, and it counts for the verdict.
    pub failed: usize,
    /// Failed, but it is advice.
    pub advice: usize,
    /// Blocked.
    pub blocked: usize,
    /// Not exercised.
    pub not_exercised: usize,
}

/// Requirements that share one reason for having no verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared<'a> {
    /// The reason.
    pub reason: &'a str,
    /// The requirements' ids.
    pub ids: Vec<&'static str>,
}

/// Whether a failure at this level counts for the verdict; otherwise it is advice.
pub fn counts(level: Level, strict: bool) -> bool {
    strict || level == Level::Must
}

/// The requirements that failed and count, in the register's order.
pub fn failures(outcome: &Outcome) -> Vec<&RequirementOutcome> {
    outcome.counted_failures().collect()
}

/// The requirements that failed and do not count, in the register's order.
pub fn advice(outcome: &Outcome) -> Vec<&RequirementOutcome> {
    outcome
        .requirements
        .iter()
        .filter(|one| one.state == State::Failed)
        .filter(|one| !counts(one.requirement.level, outcome.run.strict))
        .collect()
}

/// The areas that any requirement of the run belongs to, in the order of a report.
pub fn by_area(outcome: &Outcome) -> Vec<AreaTally> {
    Area::ALL
        .iter()
        .map(|area| tally(outcome, *area))
        .filter(|tally| tally.total() > 0)
        .collect()
}

impl AreaTally {
    /// All requirements of the area.
    pub fn total(&self) -> usize {
        self.passed + self.failed + self.advice + self.blocked + self.not_exercised
    }
}

fn tally(outcome: &Outcome, area: Area) -> AreaTally {
    let mut tally = AreaTally {
        area,
        passed: 0,
        failed: 0,
        advice: 0,
        blocked: 0,
        not_exercised: 0,
    };
    for one in &outcome.requirements {
        if one.requirement.area() != area {
            continue;
        }
        match one.state {
            State::Passed => tally.passed += 1,
            State::Failed if counts(one.requirement.level, outcome.run.strict) => tally.failed += 1,
            State::Failed => tally.advice += 1,
            State::Blocked(_) => tally.blocked += 1,
            State::NotExercised(_) => tally.not_exercised += 1,
        }
    }
    tally
}

/// Why requirements were blocked, each reason once.
pub fn blocked(outcome: &Outcome) -> Vec<Shared<'_>> {
    group(outcome, |state| match state {
        State::Blocked(reason) => Some(reason),
        _ => None,
    })
}

/// Why requirements were not exercised, each reason once.
pub fn not_exercised(outcome: &Outcome) -> Vec<Shared<'_>> {
    group(outcome, |state| match state {
        State::NotExercised(reason) => Some(reason),
        _ => None,
    })
}

fn group<'a>(
    outcome: &'a Outcome,
    reason_of: impl Fn(&'a State) -> Option<&'a String>,
) -> Vec<Shared<'a>> {
    let mut groups: Vec<Shared<'a>> = Vec::new();
    for one in &outcome.requirements {
        let Some(reason) = reason_of(&one.state) else {
            continue;
        };
        match groups.iter_mut().find(|shared| shared.reason == reason) {
            Some(shared) => shared.ids.push(one.requirement.id),
            None => groups.push(Shared {
                reason,
                ids: vec![one.requirement.id],
            }),
        }
    }
    groups
}

/// The requirements that the budget cut cases of.
pub fn cut(outcome: &Outcome) -> Vec<&RequirementOutcome> {
    outcome
        .requirements
        .iter()
        .filter(|one| one.cut > 0)
        .collect()
}
