//! What a handler remembers: a reference model of its state, sequences of callbacks run against handler and model, and the
//! handler's own data, saved before and put back behind.

mod aftermath;
mod answers;
mod attribute;
mod bench;
mod calls;
mod compare;
mod credit;
mod deliver;
mod describe;
mod execute;
mod intent;
mod malformed;
mod model;
mod names;
mod observe;
mod passing;
mod remember;
mod restore;
mod script;
mod sequence;
mod settings;
mod snapshot;
mod stability;
mod survey;
mod suspects;
mod trial;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub(crate) use aftermath::{Effect, LATE};
pub(crate) use answers::other_tenant;
pub(crate) use attribute::{Difference, Taken, differences};
pub(crate) use deliver::{names_given, taken};
pub(crate) use execute::Recording;
pub(crate) use intent::{Intent, Kind};
pub(crate) use model::{Action, Duty, Manner, Model, Party, PartyState, Step};
pub(crate) use observe::{View, about, form_of, view};
pub(crate) use remember::resynchronise;
pub(crate) use sequence::TELLING_SEQUENCES;
pub(crate) use snapshot::Snapshot;
pub(crate) use suspects::at_stake;

/// What a run knows of the handler's state.
pub(crate) struct Ground {
    /// What the state should be.
    pub model: Model,
    /// What it was before the run.
    pub snapshot: Snapshot,
    /// Whether moves within a list were accepted: those that name the new customer first, and the others.
    pub moves: [Option<bool>; 2],
    /// Whether customers came to be listed twice by what is delivered once.
    pub repeats: bool,
    /// Acronis tenants that were enabled under a name of the suite's.
    pub named: BTreeSet<String>,
    /// What customers of the first partner were called before anything was changed.
    pub names: BTreeMap<String, Value>,
    /// How often what was written was read twice.
    pub read_twice: u32,
    /// How soon what is accepted has its effect.
    pub effect: Effect,
    /// Whether customers were changed, as far as answers tell.
    pub changed: bool,
}

impl Ground {
    /// What is known when nothing was changed yet.
    fn new(model: Model, snapshot: Snapshot) -> Self {
        Self {
            model,
            snapshot,
            moves: [None; 2],
            repeats: false,
            named: BTreeSet::new(),
            names: BTreeMap::new(),
            read_twice: 0,
            effect: Effect::default(),
            changed: false,
        }
    }
}
