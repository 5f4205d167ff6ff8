//! The ledger: evidence per requirement, as it comes in.

use std::collections::HashMap;

use super::outcome::Failure;

/// Failures of one requirement that are kept with all their evidence.
pub(crate) const KEPT_FAILURES: usize = 3;

/// Evidence per requirement.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: HashMap<&'static str, Entry>,
}

/// Evidence for one requirement.
#[derive(Debug, Default, Clone)]
pub(crate) struct Entry {
    /// Cases that gave evidence.
    pub cases: u64,
    /// Cases that failed.
    pub failed: u64,
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
    /// One more case that kept the requirement.
    pub fn pass(&mut self, id: &'static str) {
        self.entry(id).cases += 1;
    }

    /// Whether the evidence of one more failure of the requirement would be kept.
    pub fn keeps_more(&self, id: &str) -> bool {
        self.get(id)
            .is_none_or(|entry| entry.failures.len() < KEPT_FAILURES)
    }

    /// One more case that broke it; whether it is the first.
    pub fn fail(&mut self, id: &'static str, evidence: Option<Failure>) -> bool {
        let entry = self.entry(id);
        entry.cases += 1;
        entry.failed += 1;
        entry.failures.extend(evidence);
        entry.failed == 1
    }

    /// Puts the smallest case in the first one's place.
    pub fn replace_first(&mut self, id: &'static str, evidence: Failure) {
        match self.entry(id).failures.first_mut() {
            Some(first) => *first = evidence,
            None => self.entry(id).failures.push(evidence),
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

    /// The requirements that are broken so far, with how often.
    pub fn failing(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.entries
            .iter()
            .filter(|(_, entry)| entry.failed > 0)
            .map(|(id, entry)| (*id, entry.failed))
    }

    /// The evidence kept for the last failure of a requirement.
    pub fn last_failure(&self, id: &str) -> Option<&Failure> {
        self.get(id).and_then(|entry| entry.failures.last())
    }

    fn entry(&mut self, id: &'static str) -> &mut Entry {
        self.entries.entry(id).or_default()
    }
}
