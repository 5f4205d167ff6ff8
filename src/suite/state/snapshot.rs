//! What the partners have before anything is changed, and the steps that lead back to it.

use super::model::{Action, Change, Manner, Model, PartyState, Settings, Step};
use super::observe::View;
use crate::protocol::EnablementMethod;

/// The state of every partner before the run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshot {
    parties: Vec<PartyState>,
    /// Whether settings are put back as well.
    settings: bool,
}

impl Snapshot {
    /// What a model holds before anything is changed. The partners `opened` were enabled only to be looked at.
    pub(super) fn before(model: &Model, opened: impl Iterator<Item = usize>) -> Self {
        let parties = model.parties.iter().map(|party| party.state.clone());
        let mut parties: Vec<PartyState> = parties.collect();
        for place in opened {
            if let Some(state) = parties.get_mut(place) {
                state.enabled = None;
                state.customers.values_mut().for_each(|to| *to = None);
            }
        }
        Self {
            parties,
            settings: true,
        }
    }

    /// Whether nothing was read yet, so that nothing can have been changed.
    pub(super) fn is_empty(&self) -> bool {
        self.parties.is_empty()
    }

    /// What each partner had.
    pub(super) fn parties(&self) -> &[PartyState] {
        &self.parties
    }

    /// The state to which a model is to be brought.
    pub fn of(parties: Vec<PartyState>) -> Self {
        Self {
            parties,
            settings: false,
        }
    }

    /// The steps that lead from the model's state back to what was.
    pub(super) fn steps(&self, model: &Model) -> Vec<Step> {
        let mut steps = Vec::new();
        for (place, (was, party)) in self.parties.iter().zip(&model.parties).enumerate() {
            let step = |action| Step {
                party: place,
                action,
                manner: Manner::Plain,
            };
            let now = &party.state;
            let explicit = model.enablement.partner() == EnablementMethod::Explicit;
            let mut customers = now.customers.clone();
            let moved = now.enabled != was.enabled && !explicit;
            if moved && now.enabled.is_some() {
                steps.push(step(Action::Disable));
                for to in customers.values_mut() {
                    *to = None;
                }
            }
            let reset = self.settings && party.shown.partner != party.before.partner;
            if let (true, Some(acronis)) = (moved || reset, &was.enabled) {
                steps.push(step(Action::Enable {
                    acronis: acronis.clone(),
                    settings: Settings::Before,
                    odd_name: None,
                }));
            }
            let different = customers.iter().filter_map(|(id, now)| {
                let was = was.customers.get(id).cloned().flatten();
                (*now != was).then_some((id, now, was))
            });
            // Who forgot to take them away with the partner may do so only while it is enabled.
            let left = |(id, to): (&String, &Option<String>)| {
                to.is_some() && was.customers.get(id).is_none_or(Option::is_none)
            };
            let again = !explicit && was.enabled.is_none() && now.enabled.is_none();
            let again = again && customers.iter().any(left);
            if again {
                steps.push(step(Action::Enable {
                    acronis: party.tenants[0].clone(),
                    settings: Settings::None,
                    odd_name: None,
                }));
            }
            // Taken away first: not every handler maps a mapped customer anew.
            let (mut gone, mut back): (Vec<Change>, Vec<Change>) = (Vec::new(), Vec::new());
            for (id, now, was) in different {
                if now.is_some() {
                    gone.push((id.clone(), None));
                }
                if was.is_some() {
                    back.push((id.clone(), was));
                }
            }
            for (id, to) in was.customers.iter().filter(|(_, to)| to.is_some()) {
                let [before, shown] = [&party.before, &party.shown].map(|it| it.customers.get(id));
                let there = back.iter().any(|(other, _)| other == id);
                if self.settings && !there && before != shown {
                    back.push((id.clone(), to.clone()));
                }
            }
            for changes in [gone, back] {
                if !changes.is_empty() {
                    steps.push(step(Action::Change {
                        changes,
                        settings: Settings::Before,
                        moves: false,
                    }));
                }
            }
            if again {
                steps.push(step(Action::Disable));
            }
        }
        steps
    }
}

/// Takes over what is shown.
pub(super) fn adopt(model: &mut Model, views: &[View]) {
    let explicit = model.enablement.partner() == EnablementMethod::Explicit;
    for (party, view) in model.parties.iter_mut().zip(views) {
        if let Some(vendor) = &view.vendor {
            party.vendor = Some(vendor.clone());
        }
        if let (Some(enabled), false) = (&view.enabled, explicit) {
            party.state.enabled = enabled.clone();
        }
        let taken_in = &party.taken_in;
        let customers = &mut party.state.customers;
        customers.retain(|id, _| !taken_in.contains(id));
        // Those that cannot be read are as they are known to be.
        if let Some(shown) = &view.customers {
            customers.values_mut().for_each(|to| *to = None);
            customers.extend(shown.clone());
        }
        party.shown.clone_from(&view.settings);
        party.repeated.clone_from(&view.repeated);
        party.ever_repeated.extend(view.repeated.iter().cloned());
    }
}
