//! What is known in the course of the flow.

use super::item::Item;
use super::record::{Flow, StepState};
use crate::suite::engine::Exchange;
use crate::suite::ledger::Ledger;
use crate::suite::register;
use crate::suite::state::{Intent, Model, PartyState, Step, Taken};

/// What is known in the course of the flow.
pub(super) struct Course {
    /// What the handler should remember.
    pub model: Model,
    /// Whether the model holds what was there before the run.
    pub known: bool,
    /// Why nothing may be changed.
    pub closed: Option<String>,
    /// The last change, or attempt at one.
    pub last: Option<Change>,
    /// Requirements broken by attempts that should have been refused, until the next look at what they did.
    pub let_in: Vec<&'static str>,
    /// Refusals whose accepted twin is still to come: their places and requirements.
    pub uncontrolled: Vec<(usize, &'static str)>,
    /// Labels of the steps that were accepted, whatever else is wrong with their answers.
    pub accepted: Vec<&'static str>,
    /// Whether wrong credentials were tried: a handler may lock the account.
    pub tried_credentials: bool,
    /// The places of changes that the handler failed at, and what they were.
    pub failed: Vec<(usize, Intent)>,
}

impl Course {
    /// Whether the first partner is enabled, as far as is known.
    pub fn is_enabled(&self) -> bool {
        self.model.parties[0].state.enabled.is_some()
    }

    /// What every partner has.
    pub fn states(&self) -> Vec<PartyState> {
        (self.model.parties.iter())
            .map(|party| party.state.clone())
            .collect()
    }
}

/// A change that was sent.
pub(super) struct Change {
    /// What every partner had before.
    pub before: Vec<PartyState>,
    /// What was sent.
    pub step: Step,
    /// How it was taken.
    pub taken: Taken,
    /// The requirement that it is evidence for, once what it did was seen.
    pub evidence: Option<&'static str>,
}

/// What came of a step.
pub(super) struct Told {
    /// The verdict.
    pub state: StepState,
    /// What the handler did.
    pub observed: Option<String>,
    /// The requirements that it broke.
    pub broken: Vec<&'static str>,
    /// The exchange.
    pub exchange: Option<Exchange>,
}

impl Told {
    /// Nothing was sent.
    pub fn not_shown(reason: impl Into<String>) -> Self {
        Self {
            state: StepState::NotShown(reason.into()),
            observed: None,
            broken: Vec::new(),
            exchange: None,
        }
    }

    /// What an exchange showed: it broke these, and this is what was seen.
    pub fn shown(
        exchange: Exchange,
        broken: Vec<&'static str>,
        observed: String,
        strict: bool,
    ) -> Self {
        Self {
            state: verdict(&broken, strict),
            observed: Some(observed),
            broken,
            exchange: Some(exchange),
        }
    }

    /// An exchange that says nothing.
    pub fn unclear(exchange: Exchange, reason: &str, observed: String) -> Self {
        Self {
            state: StepState::NotShown(reason.to_owned()),
            observed: Some(observed),
            broken: Vec::new(),
            exchange: Some(exchange),
        }
    }
}

/// The verdict on a step that broke these requirements.
fn verdict(broken: &[&'static str], strict: bool) -> StepState {
    let counting = broken
        .iter()
        .any(|id| register::find(id).is_none_or(|requirement| requirement.level.counts(strict)));
    match (broken.is_empty(), counting) {
        (true, _) => StepState::Passed,
        (false, true) => StepState::Failed,
        (false, false) => StepState::Advice,
    }
}

/// The first of these requirements that is broken already, or else this one.
pub(super) fn simplest(
    ledger: &Ledger,
    simpler: &[&'static str],
    id: &'static str,
) -> &'static str {
    let broken = simpler.iter().find(|id| ledger.failed(id) > 0);
    broken.copied().unwrap_or(id)
}

/// Why a step that cannot be taken in this state cannot: an earlier one failed, or else this.
pub(super) fn hindrance(flow: &Flow, otherwise: &str) -> String {
    let mut failed = flow.failed();
    match failed.find(|(_, step)| step.items.contains(&Item::Flows)) {
        Some((number, _)) => format!("step {number} failed"),
        None => otherwise.to_owned(),
    }
}
