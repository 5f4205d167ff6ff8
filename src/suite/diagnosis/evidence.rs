//! What a rule may ask about a run.

use crate::suite::outcome::{Failure, Outcome, RequirementOutcome, State};

/// A run, as the rules look at it.
pub(super) struct Evidence<'a>(pub &'a Outcome);

impl Evidence<'_> {
    fn find(&self, id: &str) -> Option<&RequirementOutcome> {
        let mut all = self.0.requirements.iter();
        all.find(|one| one.requirement.id == id)
    }

    /// Whether a requirement failed.
    pub fn failed(&self, id: &str) -> bool {
        self.find(id).is_some_and(|one| one.state == State::Failed)
    }

    /// Whether all of them failed.
    pub fn all_failed(&self, ids: &[&str]) -> bool {
        ids.iter().all(|id| self.failed(id))
    }

    /// Whether any of them failed.
    pub fn any_failed(&self, ids: &[&str]) -> bool {
        ids.iter().any(|id| self.failed(id))
    }

    /// Whether a requirement was looked into and kept.
    pub fn passed(&self, id: &str) -> bool {
        self.find(id).is_some_and(|one| one.state == State::Passed)
    }

    /// Whether it failed in every case.
    pub fn always_failed(&self, id: &str) -> bool {
        self.find(id)
            .is_some_and(|one| one.failed_cases > 0 && one.failed_cases == one.cases)
    }

    /// Whether it failed in every case but for one in ten.
    pub fn mostly_failed(&self, id: &str) -> bool {
        self.find(id)
            .is_some_and(|one| one.failed_cases > 0 && one.failed_cases * 10 >= one.cases * 9)
    }

    /// Whether a failure of a requirement that was kept is so.
    pub fn saw(&self, id: &str, is_so: impl Fn(&Failure) -> bool) -> bool {
        (self.find(id).iter()).any(|one| one.failures.iter().any(&is_so))
    }

    /// Whether there are failures of a requirement, and all that were kept are so.
    pub fn saw_only(&self, id: &str, is_so: impl Fn(&Failure) -> bool) -> bool {
        (self.find(id).iter())
            .any(|one| !one.failures.is_empty() && one.failures.iter().all(&is_so))
    }

    /// Whether something with this text in it was observed where a requirement failed.
    pub fn observed(&self, id: &str, text: &str) -> bool {
        self.saw(id, |failure| failure.observed.contains(text))
    }

    /// Whether all kept failures of a requirement are cases with one of these texts in their names.
    pub fn only_cases(&self, id: &str, texts: &[&str]) -> bool {
        self.saw_only(id, |failure| {
            texts.iter().any(|text| failure.case.contains(text))
        })
    }
}

/// Whether the handler failed at a request by itself: a status of 5xx, or no answer.
pub(super) fn fell(failure: &Failure) -> bool {
    failure.observed.contains("status 5") || failure.observed.contains("connection was closed")
}
