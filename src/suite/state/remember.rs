//! What the model takes over: what was accepted, and what the handler shows.

use super::answers::Attempt;
use super::attribute::Taken;
use super::model::{Action, Change, Manner, Model, Settings, Step, by_turns};
use super::observe::View;
use crate::protocol::EnablementMethod;
use crate::suite::engine::Exchange;

/// Remembers what a step did, as far as it may do that.
pub(super) fn remember(model: &mut Model, attempt: &Attempt<'_>) {
    let step = attempt.step;
    let rightly = !attempt.wrongly_accepted();
    match step.manner {
        Manner::Parallel | Manner::InLists => apply_accepted(model, step, &attempt.exchanges),
        Manner::Rivals if rightly => apply_first(model, step, &attempt.exchanges),
        _ if attempt.taken == Taken::Accepted && rightly => model.apply(step),
        _ => {}
    }
}

/// Remembers those of concurrent changes that were accepted.
fn apply_accepted(model: &mut Model, step: &Step, exchanges: &[Exchange]) {
    let changes = match &step.action {
        Action::Change { changes, .. } => changes,
        Action::ChangeBoth { own, other, others } => {
            let all = by_turns((step.party, own), (*other, others));
            let accepted = all.into_iter().zip(exchanges);
            let accepted = accepted.filter(|(_, exchange)| exchange.judgement.accepted());
            for ((party, change), _) in accepted {
                model.apply(&Step {
                    party,
                    action: Action::single(change),
                    manner: step.manner,
                });
            }
            return;
        }
        _ => return,
    };
    let accepted: Vec<Change> = changes
        .chunks(step.manner.entries())
        .zip(exchanges)
        .filter(|(_, exchange)| exchange.judgement.accepted())
        .flat_map(|(changes, _)| changes.to_vec())
        .collect();
    let action = Action::Change {
        changes: accepted,
        settings: Settings::None,
        moves: false,
    };
    model.apply(&Step {
        action,
        ..step.clone()
    });
}

/// Remembers the one of several tenants that was enabled.
fn apply_first(model: &mut Model, step: &Step, exchanges: &[Exchange]) {
    let mut all = model.parties[step.party].tenants.iter().zip(exchanges);
    let first = all.find(|(_, exchange)| exchange.judgement.accepted());
    if let (Action::Enable { settings, .. }, Some((tenant, _))) = (&step.action, first) {
        let action = Action::Enable {
            acronis: tenant.clone(),
            settings: *settings,
            odd_name: None,
        };
        model.apply(&Step {
            action,
            ..step.clone()
        });
    }
}

/// Customers that the handler lists and the model has not met.
pub(super) fn learn_customers(model: &mut Model, views: &[View]) {
    if !model.maps_customers() {
        return;
    }
    for (party, view) in model.parties.iter_mut().zip(views) {
        for (id, to) in view.customers.iter().flatten() {
            if to.is_none() {
                party.state.customers.entry(id.clone()).or_insert(None);
            }
        }
    }
}

/// Takes over what the handler shows, so that one difference is held against it once.
pub(crate) fn resynchronise(model: &mut Model, views: &[View]) {
    let explicit = model.enablement.partner() == EnablementMethod::Explicit;
    let own: Vec<Vec<String>> = (model.parties.iter())
        .map(|party| party.state.customers.keys().cloned().collect())
        .collect();
    for (place, (party, view)) in model.parties.iter_mut().zip(views).enumerate() {
        if let (Some(shown), false) = (&view.enabled, explicit) {
            party.state.enabled = shown.clone();
        }
        if let Some(vendor) = &view.vendor {
            party.vendor.get_or_insert_with(|| vendor.clone());
        }
        party.shown.clone_from(&view.settings);
        let Some(shown) = &view.customers else {
            continue;
        };
        for (id, to) in &mut party.state.customers {
            *to = shown.get(id).cloned().flatten();
        }
        for (id, to) in shown.iter().filter(|(_, to)| to.is_some()) {
            let anothers = (own.iter().enumerate())
                .any(|(other, customers)| other != place && customers.contains(id));
            if !anothers {
                party.state.customers.insert(id.clone(), to.clone());
            }
        }
        // Those that are mapped no more are nobody's again.
        let taken_in = &party.taken_in;
        let passing = party.state.customers.keys();
        let passing: Vec<String> = passing.filter(|id| party.is_passing(id)).cloned().collect();
        let customers = &mut party.state.customers;
        customers.retain(|id, to| to.is_some() || !(taken_in.contains(id) || passing.contains(id)));
    }
}
