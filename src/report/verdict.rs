//! The verdict in words, the same in every report. What it is was decided by the outcome.

use super::text::{count, one_line};
use super::{flow, tally};
use crate::suite::outcome::{Ended, RequirementOutcome};
use crate::suite::{Level, Outcome, State};

/// How the verdict looks to who waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The handler conforms.
    Good,
    /// It does not.
    Bad,
    /// Nobody knows.
    Open,
}

/// The verdict in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How it looks.
    pub tone: Tone,
    /// For example `CONFORMS`.
    pub word: &'static str,
    /// The rest of the sentence.
    pub detail: String,
}

/// Most ids that a verdict names.
const MOST_IDS: usize = 10;

/// Says an outcome's verdict.
pub fn verdict(outcome: &Outcome) -> Verdict {
    let summary = outcome.summary();
    let (exercised, total) = (summary.exercised(), summary.total());
    let exercised_of = format!("{exercised} of {} exercised", requirements(total));
    let failed = tally::failures(outcome);
    let open = |detail| Verdict {
        tone: Tone::Open,
        word: "NO VERDICT",
        detail,
    };
    if let Some(verdict) = flow::verdict(outcome) {
        return verdict;
    }
    match &outcome.ended {
        Ended::SuiteFault(reason) => open(format!(
            "acgw broke one of its own rules, which says nothing about the handler: {}",
            one_line(reason)
        )),
        Ended::Interrupted => Verdict {
            tone: Tone::Open,
            word: "INTERRUPTED",
            detail: format!("{exercised_of} so far, {} failed", failed.len()),
        },
        Ended::Unreachable(reason) => open(format!(
            "the handler could not be reached: {}",
            one_line(reason)
        )),
        ended if !failed.is_empty() => Verdict {
            tone: Tone::Bad,
            word: "DOES NOT CONFORM",
            detail: match ended {
                Ended::HandlerLost(reason) => format!(
                    "{} failed ({}); then the handler went away and did not come back: {}",
                    requirements(failed.len()),
                    ids(&failed),
                    one_line(reason)
                ),
                _ => format!(
                    "{} failed ({}); {exercised_of}",
                    requirements(failed.len()),
                    ids(&failed)
                ),
            },
        },
        Ended::HandlerLost(reason) => open(format!(
            "the handler went away and did not come back: {}",
            one_line(reason)
        )),
        Ended::Completed if exercised == 0 => {
            open(format!("nothing was exercised of {}", requirements(total)))
        }
        Ended::Completed if !outcome.conforms() => open(format!(
            "{exercised_of} and none failed, but obligations were blocked ({})",
            ids(&blocked_musts(outcome))
        )),
        Ended::Completed => Verdict {
            tone: Tone::Good,
            word: "CONFORMS",
            detail: conforming(outcome, &exercised_of),
        },
    }
}

fn blocked_musts(outcome: &Outcome) -> Vec<&RequirementOutcome> {
    outcome
        .requirements
        .iter()
        .filter(|one| one.requirement.level == Level::Must)
        .filter(|one| matches!(one.state, State::Blocked(_)))
        .collect()
}

fn conforming(outcome: &Outcome, exercised_of: &str) -> String {
    let blocked = outcome.summary().blocked;
    let advice = tally::advice(outcome).len();
    let mut detail = match advice {
        0 => format!("{exercised_of}, none failed"),
        _ => format!("{exercised_of}, no must failed; {advice} failed as advice"),
    };
    if blocked > 0 {
        detail.push_str(&format!("; {blocked} blocked"));
    }
    detail
}

/// So many requirements.
pub(super) fn requirements(number: usize) -> String {
    count(number as u64, "requirement")
}

/// The ids of the first few.
pub(super) fn ids(failed: &[&RequirementOutcome]) -> String {
    let mut named: Vec<&str> = failed
        .iter()
        .take(MOST_IDS)
        .map(|one| one.requirement.id)
        .collect();
    let more = format!("and {} more", failed.len().saturating_sub(MOST_IDS));
    if failed.len() > MOST_IDS {
        named.push(&more);
    }
    named.join(", ")
}
