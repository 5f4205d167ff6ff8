//! The verdict in words, the same in every report. What it is was decided by the outcome.

use super::text::{count, number, one_line};
use super::{baseline, flow, tally};
use crate::suite::outcome::{Ended, RequirementOutcome};
use crate::suite::{Level, Outcome, State};

/// How the verdict looks to who waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The handler conforms.
    Good,
    /// It does not, as is known; nothing else is wrong.
    Known,
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
    if let Some(verdict) = passing(outcome, &failed, &exercised_of) {
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
                    "{} failed ({}); {exercised_of}{}",
                    requirements(failed.len()),
                    ids(&failed),
                    besides(outcome)
                ),
            },
        },
        Ended::HandlerLost(reason) => open(format!(
            "the handler went away and did not come back: {}",
            one_line(reason)
        )),
        Ended::Completed if outcome.untrue_entries().next().is_some() => Verdict {
            tone: Tone::Bad,
            word: "BASELINE OUT OF DATE",
            detail: format!(
                "{}; {exercised_of}, nothing else failed",
                baseline::untrue(outcome).unwrap_or_default()
            ),
        },
        Ended::Completed if exercised == 0 => {
            open(format!("nothing was exercised of {}", requirements(total)))
        }
        Ended::Completed if outcome.exit_code() != 0 && summary.passed == 0 => open(format!(
            "{exercised_of} and none passed: all that failed is known, which says nothing of the rest"
        )),
        Ended::Completed if outcome.exit_code() != 0 => open(format!(
            "{exercised_of} and none failed{}, but obligations were blocked ({})",
            match tally::known(outcome).is_empty() {
                true => "",
                false => " that is not known",
            },
            ids(&blocked_musts(outcome))
        )),
        Ended::Completed if !outcome.conforms() => {
            let known: Vec<&RequirementOutcome> = outcome.known_failures().collect();
            Verdict {
                tone: Tone::Known,
                word: "NO NEW FAILURE",
                detail: format!(
                    "does not conform, as is known: {} ({}); {exercised_of}",
                    requirements(known.len()),
                    ids(&known)
                ),
            }
        }
        Ended::Completed => Verdict {
            tone: Tone::Good,
            word: "CONFORMS",
            detail: conforming(outcome, &exercised_of),
        },
    }
}

/// Says what was seen of traffic that passed a proxy, which is never a verdict on conformance.
fn passing(
    outcome: &Outcome,
    failed: &[&RequirementOutcome],
    exercised_of: &str,
) -> Option<Verdict> {
    let proxied = outcome.proxied.as_ref()?;
    if matches!(outcome.ended, Ended::SuiteFault(_)) {
        return None;
    }
    let seen = format!(
        "{} judged of {} that passed; {exercised_of}; no conformance verdict",
        count(proxied.judged, "exchange"),
        number(proxied.exchanges)
    );
    Some(if !failed.is_empty() {
        Verdict {
            tone: Tone::Bad,
            word: "VIOLATIONS SEEN",
            detail: format!(
                "{} broken ({}); {seen}",
                requirements(failed.len()),
                ids(failed)
            ),
        }
    } else if outcome.summary().exercised() == 0 {
        Verdict {
            tone: Tone::Open,
            word: "NOTHING SEEN",
            detail: seen,
        }
    } else {
        // What was not seen may be anything, so this is not the colour of conformance.
        let advice = match tally::advice(outcome).len() {
            0 => String::new(),
            advice => format!("{advice} broken as advice; "),
        };
        Verdict {
            tone: Tone::Open,
            word: "NO VIOLATION SEEN",
            detail: format!("{advice}{seen}"),
        }
    })
}

fn blocked_musts(outcome: &Outcome) -> Vec<&RequirementOutcome> {
    outcome
        .requirements
        .iter()
        .filter(|one| one.requirement.level == Level::Must)
        .filter(|one| matches!(one.state, State::Blocked(_)) && one.known.is_none())
        .collect()
}

/// What is to be said of a baseline besides failures.
fn besides(outcome: &Outcome) -> String {
    let mut besides = match outcome.known_failures().count() {
        0 => String::new(),
        known => format!("; {known} more as known"),
    };
    if let Some(untrue) = baseline::untrue(outcome) {
        besides.push_str(&format!("; {untrue}"));
    }
    besides
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
    // Where most were cut, this is a first look, and who reads the last line only must not take it for more.
    let cut: u64 = tally::cut(outcome).iter().map(|one| one.cut).sum();
    if cut > 0 {
        detail.push_str(&format!("; the time budget cut {}", count(cut, "case")));
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
