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
    /// Failed or blocked, as a baseline knows.
    pub known: usize,
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

impl Shared<'_> {
    /// The ids, with `A-01 to A-05` for three and more in a row.
    pub fn ids(&self) -> String {
        let mut rows: Vec<Vec<&str>> = Vec::new();
        for id in &self.ids {
            match rows.last_mut() {
                Some(row) if row.last().is_some_and(|last| follows(last, id)) => row.push(id),
                _ => rows.push(vec![id]),
            }
        }
        let rows = rows.iter().map(|row| match row[..] {
            [first, _, .., last] => format!("{first} to {last}"),
            _ => row.join(", "),
        });
        rows.collect::<Vec<_>>().join(", ")
    }
}

/// Whether an id is the next of the same area.
fn follows(id: &str, next: &str) -> bool {
    let number = |id: &str| -> Option<(String, u32)> {
        let (area, number) = id.split_once('-')?;
        Some((area.to_owned(), number.parse().ok()?))
    };
    match (number(id), number(next)) {
        (Some((area, number)), Some((of, next))) => area == of && next == number + 1,
        _ => false,
    }
}

/// Whether a failure at this level counts for the verdict; otherwise it is advice.
pub fn counts(level: Level, strict: bool) -> bool {
    level.counts(strict)
}

/// How a requirement stands, as reports tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Passed.
    Passed,
    /// Failed, and it counts for the verdict.
    Failed,
    /// Failed, but it is advice.
    Advice,
    /// Failed or blocked, as a baseline knows.
    Known,
    /// Blocked.
    Blocked,
    /// Not exercised.
    NotExercised,
}

/// How a requirement stands.
pub fn standing(one: &RequirementOutcome, strict: bool) -> Standing {
    match one.state {
        State::Passed => Standing::Passed,
        _ if one.known.is_some() => Standing::Known,
        State::Failed if counts(one.requirement.level, strict) => Standing::Failed,
        State::Failed => Standing::Advice,
        State::Blocked(_) => Standing::Blocked,
        State::NotExercised(_) => Standing::NotExercised,
    }
}

/// The requirements that failed and count, in the register's order.
pub fn failures(outcome: &Outcome) -> Vec<&RequirementOutcome> {
    outcome.counted_failures().collect()
}

/// The requirements that failed and do not count, in the register's order.
pub fn advice(outcome: &Outcome) -> Vec<&RequirementOutcome> {
    standing_so(outcome, Standing::Advice)
}

/// The requirements that failed or are blocked as a baseline knows, in the register's order.
pub fn known(outcome: &Outcome) -> Vec<&RequirementOutcome> {
    standing_so(outcome, Standing::Known)
}

fn standing_so(outcome: &Outcome, wanted: Standing) -> Vec<&RequirementOutcome> {
    let of = outcome.requirements.iter();
    of.filter(|one| standing(one, outcome.run.strict) == wanted)
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
        self.passed + self.failed + self.advice + self.known + self.blocked + self.not_exercised
    }
}

fn tally(outcome: &Outcome, area: Area) -> AreaTally {
    let mut tally = AreaTally {
        area,
        passed: 0,
        failed: 0,
        advice: 0,
        known: 0,
        blocked: 0,
        not_exercised: 0,
    };
    for one in &outcome.requirements {
        if one.requirement.area() != area {
            continue;
        }
        *match standing(one, outcome.run.strict) {
            Standing::Passed => &mut tally.passed,
            Standing::Failed => &mut tally.failed,
            Standing::Advice => &mut tally.advice,
            Standing::Known => &mut tally.known,
            Standing::Blocked => &mut tally.blocked,
            Standing::NotExercised => &mut tally.not_exercised,
        } += 1;
    }
    tally
}

/// Why requirements were blocked, each reason once, but for those of which it is known.
pub fn blocked(outcome: &Outcome) -> Vec<Shared<'_>> {
    group(outcome, |one| match &one.state {
        State::Blocked(reason) if one.known.is_none() => Some(reason),
        _ => None,
    })
}

/// Why requirements were not exercised, each reason once.
pub fn not_exercised(outcome: &Outcome) -> Vec<Shared<'_>> {
    group(outcome, |one| match &one.state {
        State::NotExercised(reason) => Some(reason),
        _ => None,
    })
}

fn group<'a>(
    outcome: &'a Outcome,
    reason_of: impl Fn(&'a RequirementOutcome) -> Option<&'a String>,
) -> Vec<Shared<'a>> {
    let mut groups: Vec<Shared<'a>> = Vec::new();
    for one in &outcome.requirements {
        let Some(reason) = reason_of(one) else {
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

/// The requirements that the budget cut cases of. One that failed is not among them: its further cases may have been left out
/// because enough had failed.
pub fn cut(outcome: &Outcome) -> Vec<&RequirementOutcome> {
    outcome
        .requirements
        .iter()
        .filter(|one| one.cut > 0 && one.state != State::Failed)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_a_row_are_told_by_the_first_and_the_last() {
        let of = |ids: &[&'static str]| {
            Shared {
                reason: "",
                ids: ids.to_vec(),
            }
            .ids()
        };
        assert_eq!(of(&["A-01", "A-02", "A-03", "B-04"]), "A-01 to A-03, B-04");
        assert_eq!(of(&["A-01", "A-02", "B-03"]), "A-01, A-02, B-03");
        assert_eq!(of(&["A-09", "A-10", "A-11", "A-13"]), "A-09 to A-11, A-13");
        assert_eq!(of(&[]), "");
    }
}
