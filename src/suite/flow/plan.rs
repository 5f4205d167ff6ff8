//! The steps of the flow for a combination of enablement methods, before anything is sent.

use super::item::Item;
use super::record::{Flow, FlowStep, StepState};
use super::{customer, partner};
use crate::protocol::catalog::{
    CUSTOMER_MIRRORING_GET_STATE, ENABLEMENT_READ, PARTNER_MIRRORING_GET_STATE,
};
use crate::protocol::{Callback, Enablement, EnablementMethod};
use crate::suite::state::{Kind, Manner};

/// A step that is meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    /// The points of the list that it is part of.
    pub items: &'static [Item],
    /// What the gateway does, and what for.
    pub action: &'static str,
    /// What a right handler does.
    pub expected: &'static str,
    /// The callback.
    pub callback: &'static Callback,
    /// What is done.
    pub deed: Deed,
    /// Names it for the steps that build upon it.
    pub label: &'static str,
    /// What it builds upon: without these it shows nothing.
    pub after: &'static [&'static str],
    /// Whether it changes data, or shows what a change did.
    pub writes: bool,
    /// Whether the flow is complete without it.
    pub optional: bool,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// Asks for a partner's status.
    ReadPartner(usize),
    /// Asks for a partner's customers.
    ReadCustomers(usize),
    /// Asks for the list of customers on the vendor's side.
    ReadTopology,
    /// Asks for the mapping with another partner's credentials.
    ReadForeign,
    /// Changes data.
    Change(Kind, Manner),
    /// Sends the read in the way of the most telling case of this requirement.
    Case(&'static str),
}

/// What every refusal is expected to be.
pub(super) const REFUSED: &str = "a refusal (4xx)";
/// What a write without an answer of its own is expected to be.
pub(super) const SUCCESS: &str = "success";

impl Planned {
    /// A step; one that changes data says so.
    pub fn new(
        items: &'static [Item],
        callback: &'static Callback,
        deed: Deed,
        action: &'static str,
        expected: &'static str,
    ) -> Self {
        Self {
            items,
            action,
            expected,
            callback,
            deed,
            label: "",
            after: &[],
            writes: matches!(deed, Deed::Change(..)),
            optional: false,
        }
    }

    /// Names it for the steps that build upon it.
    pub fn label(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }

    /// It builds upon these.
    pub fn after(mut self, after: &'static [&'static str]) -> Self {
        self.after = after;
        self
    }

    /// It shows what a change did.
    pub fn shows_change(mut self) -> Self {
        self.writes = true;
        self
    }

    /// The flow is complete without it.
    pub fn optional(mut self, optional: bool) -> Self {
        self.optional = optional;
        self
    }

    /// The step as it stands before it is taken.
    fn step(&self) -> FlowStep {
        FlowStep {
            items: self.items,
            callback: self.callback.name,
            action: self.action.to_owned(),
            expected: self.expected,
            observed: None,
            latency: None,
            state: StepState::NotShown(String::new()),
            broken: Vec::new(),
            optional: self.optional,
        }
    }
}

/// The steps in the gateway's order. `enabled` tells whether the partner is enabled before, and must be disabled first.
pub(super) fn plan(enablement: Enablement, write: bool, enabled: bool) -> Vec<Planned> {
    let mut steps = Vec::new();
    match enablement.partner() {
        EnablementMethod::Mapped => partner::mapped_partner(&mut steps, write, enabled),
        EnablementMethod::Mirrored => partner::mirrored_partner(&mut steps, write, enabled),
        EnablementMethod::Explicit => {}
    }
    let (read, control): (_, &'static [&'static str]) = match enablement.partner() {
        EnablementMethod::Mapped => (&ENABLEMENT_READ, &["partner"]),
        EnablementMethod::Mirrored => (&PARTNER_MIRRORING_GET_STATE, &["partner"]),
        EnablementMethod::Explicit => (&CUSTOMER_MIRRORING_GET_STATE, &["customers"]),
    };
    if enablement.partner() != EnablementMethod::Explicit {
        partner::token(&mut steps, enablement, read, control);
    }
    match enablement.customer() {
        EnablementMethod::Mapped => customer::mapped_customers(&mut steps, enablement),
        EnablementMethod::Mirrored => {
            customer::mirrored_customers(&mut steps, enablement, |steps| {
                if enablement.partner() == EnablementMethod::Explicit {
                    partner::token(steps, enablement, read, control);
                }
            })
        }
        EnablementMethod::Explicit => partner::others(&mut steps, enablement, &["enabled"]),
    }
    partner::disable(&mut steps, enablement);
    customer::gone(&mut steps, enablement);
    steps
}

/// The flow with all its steps still to be taken.
pub(super) fn blank(enablement: Enablement, plan: &[Planned]) -> Flow {
    Flow {
        enablement,
        steps: plan.iter().map(Planned::step).collect(),
        broken: Vec::new(),
    }
}
