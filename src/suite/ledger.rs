//! The ledger: evidence per requirement, as it comes in.

use std::collections::HashMap;

use super::outcome::{CallbackCases, Failure};

/// Failures of one requirement that are kept with all their evidence.
pub(crate) const KEPT_FAILURES: usize = 3;

/// Evidence per requirement.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: HashMap<&'static str, Entry>,
    /// Whether a requirement that failed with one callback is looked into with the others all the same.
    by_callback: bool,
}

/// Evidence for one requirement.
#[derive(Debug, Default, Clone)]
pub(crate) struct Entry {
    /// Cases that gave evidence.
    pub cases: u64,
    /// Cases that failed.
    pub failed: u64,
    /// Of those, the ones that no baseline knows.
    pub fresh: u64,
    /// The cases of each callback.
    pub callbacks: Vec<CallbackCases>,
    /// Cases that were planned and not run.
    pub cut: u64,
    /// Cases that were answered 429 to the end, which says nothing.
    pub throttled: u64,
    /// The first failures.
    pub failures: Vec<Failure>,
    /// Why nothing was executed, where that is known.
    pub unexercised: Option<String>,
    /// Why nothing could be learnt, where that is known.
    pub blocked: Option<String>,
}

impl Ledger {
    /// An empty one. `by_callback` is for whoever knows failures with one callback and wants to learn of the others.
    pub fn new(by_callback: bool) -> Self {
        Self {
            entries: HashMap::new(),
            by_callback,
        }
    }

    /// One more case that kept the requirement.
    pub fn pass(&mut self, id: &'static str) {
        self.entry(id).count(None);
    }

    /// One more case with this callback that kept it.
    pub fn pass_with(&mut self, id: &'static str, callback: &'static str) {
        self.entry(id).count(Some(callback));
    }

    /// Whether the evidence of one more failure of the requirement would be kept.
    pub fn keeps_more(&self, id: &str, callback: &str) -> bool {
        let kept_with = |entry: &Entry| {
            let mut kept = entry.failures.iter();
            kept.any(|failure| failure.callback == Some(callback))
        };
        self.get(id).is_none_or(|entry| {
            entry.failures.len() < KEPT_FAILURES || (self.by_callback && !kept_with(entry))
        })
    }

    /// One more case that broke it; whether it is the first of those that are `fresh`, which no baseline knows, or of the
    /// others.
    pub fn fail(
        &mut self,
        id: &'static str,
        callback: Option<&'static str>,
        fresh: bool,
        evidence: Option<Failure>,
    ) -> bool {
        let entry = self.entry(id);
        entry.count(callback).failed += 1;
        entry.failed += 1;
        entry.fresh += u64::from(fresh);
        entry.failures.extend(evidence);
        let alike = if fresh {
            entry.fresh
        } else {
            entry.failed - entry.fresh
        };
        alike == 1
    }

    /// Puts the smallest case in the first one's place: the first of its callback, where callbacks are told apart.
    pub fn replace_first(&mut self, id: &'static str, evidence: Failure) {
        let by_callback = self.by_callback;
        let failures = &mut self.entry(id).failures;
        let first =
            (failures.iter_mut()).find(|one| !by_callback || one.callback == evidence.callback);
        match first {
            Some(first) => *first = evidence,
            None => failures.push(evidence),
        }
    }

    /// Cases that were planned and are not run.
    pub fn cut(&mut self, id: &'static str, cases: u64) {
        self.entry(id).cut += cases;
    }

    /// One more case that was answered 429 to the end.
    pub fn throttled(&mut self, id: &'static str) {
        self.entry(id).throttled += 1;
    }

    /// Why nothing is executed for the requirement.
    pub fn unexercised(&mut self, id: &'static str, reason: impl Into<String>) {
        self.entry(id)
            .unexercised
            .get_or_insert_with(|| reason.into());
    }

    /// Why nothing could be learnt of the requirement.
    pub fn blocked(&mut self, id: &'static str, reason: impl Into<String>) {
        self.entry(id).blocked.get_or_insert_with(|| reason.into());
    }

    /// The evidence for a requirement so far.
    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.entries.get(id)
    }

    /// Cases that broke the requirement so far.
    pub fn failed(&self, id: &str) -> u64 {
        self.get(id).map_or(0, |entry| entry.failed)
    }

    /// Cases that broke the requirement so far: with this callback, where callbacks are told apart.
    pub fn failed_with(&self, id: &str, callback: &str) -> u64 {
        let Some(entry) = self.get(id) else { return 0 };
        let with = |one: &&CallbackCases| !self.by_callback || one.callback == Some(callback);
        let failed = entry.callbacks.iter().filter(with);
        failed.map(|one| one.failed).sum()
    }

    /// The requirements that are broken so far, with how often.
    pub fn failing(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.entries
            .iter()
            .filter(|(_, entry)| entry.failed > 0)
            .map(|(id, entry)| (*id, entry.failed))
    }

    /// Whether callbacks are told apart.
    pub fn tells_callbacks_apart(&self) -> bool {
        self.by_callback
    }

    /// What is broken so far: requirements, with the callback where callbacks are told apart.
    pub fn broken(&self) -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
        self.entries.iter().flat_map(|(id, entry)| {
            let broken = entry.callbacks.iter().filter(|one| one.failed > 0);
            broken.map(|one| (*id, one.callback.filter(|_| self.by_callback)))
        })
    }

    /// The evidence kept for the last failure of a requirement.
    pub fn last_failure(&self, id: &str) -> Option<&Failure> {
        self.get(id).and_then(|entry| entry.failures.last())
    }

    fn entry(&mut self, id: &'static str) -> &mut Entry {
        self.entries.entry(id).or_default()
    }
}

impl Entry {
    /// Counts one more case.
    fn count(&mut self, callback: Option<&'static str>) -> &mut CallbackCases {
        self.cases += 1;
        let known = (self.callbacks.iter()).position(|one| one.callback == callback);
        let place = known.unwrap_or_else(|| {
            self.callbacks.push(CallbackCases {
                callback,
                cases: 0,
                failed: 0,
            });
            self.callbacks.len() - 1
        });
        let cases = &mut self.callbacks[place];
        cases.cases += 1;
        cases
    }
}
