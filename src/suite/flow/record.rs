//! What became of the flow: what the reports tell of it.

use std::time::Duration;

use super::item::{Item, ItemState};
use crate::protocol::Enablement;
use crate::suite::outcome::Ended;

/// The flow that Acronis verifies, and what became of each of its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// How partners and customers are enabled, which decides on the steps.
    pub enablement: Enablement,
    /// The steps in the order in which they are sent; reports number them from 1.
    pub steps: Vec<FlowStep>,
    /// The requirements that were broken until its end, by its steps or by the reads before it.
    pub broken: Vec<&'static str>,
}

/// One step: one exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowStep {
    /// The points of the list that it is part of.
    pub items: &'static [Item],
    /// The callback, for example `enablement.write`.
    pub callback: &'static str,
    /// What the gateway does, and what for, in a few words.
    pub action: String,
    /// What a right handler does.
    pub expected: &'static str,
    /// What this handler did, secrets masked; `None` where the step was not sent.
    pub observed: Option<String>,
    /// Time from sending the request to the end of the answer.
    pub latency: Option<Duration>,
    /// The verdict.
    pub state: StepState,
    /// The requirements that it broke.
    pub broken: Vec<&'static str>,
    /// Whether the flow is complete without it: it takes a second partner, which not every vendor has.
    pub optional: bool,
}

/// The verdict on a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// What was expected came.
    Passed,
    /// What came breaks advice only, which does not count for the verdict.
    Advice,
    /// What came breaks an obligation.
    Failed,
    /// Nothing was shown; says why.
    NotShown(String),
}

/// Whether a handler is ready to be verified by Acronis. It is what the exit code says, in other words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// Exit code 0: the whole flow was shown, and nothing that counts failed.
    Ready,
    /// Exit code 1: a step failed, or a requirement did.
    NotReady,
    /// Any other exit code: nothing failed, but not everything was shown.
    NotComplete,
}

impl Flow {
    /// The steps that failed, with their numbers.
    pub fn failed(&self) -> impl Iterator<Item = (usize, &FlowStep)> {
        self.numbered()
            .filter(|(_, step)| step.state == StepState::Failed)
    }

    /// The steps that the flow needs and that were not shown, with their numbers.
    pub fn missing(&self) -> impl Iterator<Item = (usize, &FlowStep)> {
        self.numbered()
            .filter(|(_, step)| !step.optional && matches!(step.state, StepState::NotShown(_)))
    }

    /// The flow with a reason at every step that was not reached.
    pub(crate) fn closed(mut self, ended: &Ended) -> Self {
        let reason = match ended {
            Ended::Completed => "no right request was accepted",
            Ended::Interrupted => "the run was interrupted",
            Ended::HandlerLost(_) => "the handler went away before",
            Ended::Unreachable(_) => "the handler could not be reached",
            Ended::SuiteFault(_) => "the suite failed before",
        };
        for step in &mut self.steps {
            if step.state == StepState::NotShown(String::new()) {
                step.state = StepState::NotShown(reason.to_owned());
            }
        }
        self
    }

    /// The steps with their numbers, from 1.
    pub fn numbered(&self) -> impl Iterator<Item = (usize, &FlowStep)> {
        (1..).zip(&self.steps)
    }

    /// The points of the list that apply to these enablement methods, and how each stands.
    pub fn items(&self) -> Vec<(Item, ItemState)> {
        Item::ALL
            .iter()
            .filter_map(|item| Some((*item, self.item(*item)?)))
            .collect()
    }

    /// How a point stands; `None` where no step is about it.
    fn item(&self, item: Item) -> Option<ItemState> {
        let mut steps = self.steps.iter().filter(|step| step.items.contains(&item));
        let first = steps.next()?;
        let states = std::iter::once(first).chain(steps).map(|step| &step.state);
        let mut whole = ItemState::Passed;
        for state in states {
            match state {
                StepState::Failed => return Some(ItemState::Failed),
                StepState::NotShown(_) => whole = ItemState::NotShown,
                StepState::Passed | StepState::Advice => {}
            }
        }
        Some(whole)
    }
}

impl StepState {
    /// `passed`, `advice`, `failed` or `not shown`.
    pub fn name(&self) -> &'static str {
        match self {
            StepState::Passed => "passed",
            StepState::Advice => "advice",
            StepState::Failed => "failed",
            StepState::NotShown(_) => "not shown",
        }
    }

    /// Why nothing was shown.
    pub fn reason(&self) -> Option<&str> {
        match self {
            StepState::NotShown(reason) => Some(reason),
            _ => None,
        }
    }
}

impl Readiness {
    /// `ready`, `not ready` or `not complete`.
    pub fn name(self) -> &'static str {
        match self {
            Readiness::Ready => "ready",
            Readiness::NotReady => "not ready",
            Readiness::NotComplete => "not complete",
        }
    }
}
