//! Known failures: what a vendor has decided to live with for a while, each with the reason, so that whatever else fails
//! stands out.
//!
//! A known failure is looked for and shown as any other; it only does not count. What is known must stay true: an entry that
//! nothing fails by any more, or whose time is over, fails the run.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::error::{Error, ErrorKind};
use super::flaky::{COMPANY, STEADY, STEADY_ODD};
use super::outcome::{Ended, Outcome, RequirementOutcome, State};
use super::register;

/// A failure that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFailure {
    /// The requirement's id, for example `JWT-04`.
    pub requirement: String,
    /// The name of the callback that fails; `None` for every one, and for what is blocked.
    pub callback: Option<String>,
    /// Why it is left as it is.
    pub reason: String,
    /// The last day, in UTC, on which it is known; `None` for no end.
    pub until: Option<Date>,
}

/// Known failures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<KnownFailure>,
}

/// What became of a known failure in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It failed again, so many times.
    Failed(u64),
    /// It was blocked again.
    Blocked,
    /// It was looked for and did not fail: the entry is to be taken out. Fails the run.
    Stale,
    /// The day until which it is known is over. Fails the run.
    Past,
    /// Nothing was learnt of it; says why.
    NotJudged(String),
}

impl Fate {
    /// Whether it fails the run.
    pub fn fails(&self) -> bool {
        matches!(self, Fate::Stale | Fate::Past)
    }

    /// `failed`, `blocked`, `stale`, `past` or `not judged`.
    pub fn name(&self) -> &'static str {
        match self {
            Fate::Failed(_) => "failed",
            Fate::Blocked => "blocked",
            Fate::Stale => "stale",
            Fate::Past => "past",
            Fate::NotJudged(_) => "not judged",
        }
    }
}

/// A known failure and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The entry.
    pub known: KnownFailure,
    /// What became of it.
    pub fate: Fate,
}

impl KnownFailure {
    /// `JWT-04`, or `JWT-04 with topology.read`.
    pub fn name(&self) -> String {
        match &self.callback {
            Some(callback) => format!("{} with {callback}", self.requirement),
            None => self.requirement.clone(),
        }
    }

    fn is_over(&self, day: Date) -> bool {
        self.until.is_some_and(|until| until < day)
    }

    fn is_about(&self, id: &str, callback: Option<&str>) -> bool {
        self.requirement == id && (self.callback.is_none() || self.callback.as_deref() == callback)
    }
}

impl Baseline {
    /// Takes the known failures.
    ///
    /// # Errors
    /// When an entry names a requirement that does not exist or gives no reason, or two are about the same.
    pub fn new(entries: Vec<KnownFailure>) -> Result<Self, Error> {
        let refused = |text: String| Err(Error::new(ErrorKind::Options, text));
        for (place, entry) in entries.iter().enumerate() {
            if register::find(&entry.requirement).is_none() {
                return refused(format!(
                    "the baseline names {:?}, which is no requirement",
                    entry.requirement
                ));
            }
            if entry.reason.trim().is_empty() {
                return refused(format!("the baseline gives no reason for {}", entry.name()));
            }
            let same = |other: &&KnownFailure| {
                other.requirement == entry.requirement && other.callback == entry.callback
            };
            if entries[..place].iter().any(|other| same(&other)) {
                return refused(format!("the baseline names {} twice", entry.name()));
            }
        }
        Ok(Self { entries })
    }

    /// The known failures, in the order in which they were given.
    pub fn entries(&self) -> &[KnownFailure] {
        &self.entries
    }

    /// The entry by which a failure is known on this day: that of its callback before that of all.
    pub(crate) fn covering(
        &self,
        id: &str,
        callback: Option<&str>,
        day: Date,
    ) -> Option<&KnownFailure> {
        let covers = |entry: &&KnownFailure| entry.is_about(id, callback) && !entry.is_over(day);
        let covering = || self.entries.iter().filter(covers);
        let of_callback = covering().find(|entry| entry.callback.is_some());
        of_callback.or_else(|| covering().next())
    }

    /// What became of every entry in a run.
    pub fn judge(&self, outcome: &Outcome) -> Vec<Judged> {
        let judged = self.entries.iter().map(|known| Judged {
            known: known.clone(),
            fate: fate(known, outcome),
        });
        judged.collect()
    }
}

/// The day on which a run began, in UTC.
pub(crate) fn day(began: jiff::Timestamp) -> Date {
    TimeZone::UTC.to_datetime(began).date()
}

/// Whether a requirement may fail in one run and not in the next, whatever is sent.
pub fn comes_and_goes(id: &str) -> bool {
    [STEADY, STEADY_ODD, COMPANY].contains(&id)
}

fn fate(known: &KnownFailure, outcome: &Outcome) -> Fate {
    let id = known.requirement.as_str();
    let not_judged = |why: &str| Fate::NotJudged(why.to_owned());
    if known.is_over(day(outcome.run.started_at)) {
        return Fate::Past;
    }
    let Some(one) = (outcome.requirements.iter()).find(|one| one.requirement.id == id) else {
        return not_judged("it is not among the requirements of this run");
    };
    let callback = known.callback.as_deref();
    match (failed(one, callback), &one.state) {
        (times @ 1.., _) => return Fate::Failed(times),
        (0, State::Blocked(_)) if callback.is_none() => return Fate::Blocked,
        (0, State::Blocked(reason) | State::NotExercised(reason)) => return not_judged(reason),
        (0, State::Passed | State::Failed) => {}
    }
    if outcome.ended != Ended::Completed {
        not_judged("the run did not come to its end")
    } else if one.cut > 0 {
        not_judged("the time budget cut cases of it")
    } else if comes_and_goes(id) {
        not_judged("it comes and goes, and did not come this time")
    } else if callback.is_some_and(|callback| !was_called(callback, one, outcome)) {
        not_judged("this run did not try it with that callback")
    } else {
        Fate::Stale
    }
}

/// How often a requirement failed with this callback, or with any.
fn failed(one: &RequirementOutcome, callback: Option<&str>) -> u64 {
    let of = |name: Option<&str>| callback.is_none() || name == callback;
    let failed = one.callbacks.iter().filter(|cases| of(cases.callback));
    failed.map(|cases| cases.failed).sum()
}

/// Whether a run would have seen this callback fail: procedures count their cases without saying with which callback, so that
/// it is enough that it answered at all.
fn was_called(callback: &str, one: &RequirementOutcome, outcome: &Outcome) -> bool {
    let tried = |name: Option<&str>| (one.callbacks.iter()).any(|cases| cases.callback == name);
    let answered = || (outcome.latencies.callbacks.iter()).any(|one| one.callback == callback);
    tried(Some(callback)) || (tried(None) && answered())
}
