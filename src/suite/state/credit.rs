//! What a step that made no difference is evidence for.

use super::answers::Attempt;
use super::attribute::{AT_ONCE, Taken};
use super::model::{Action, Change, Duty, Manner, Model, Step};
use super::observe::View;
use super::passing::{ALL_LISTED, MANY};
use crate::protocol::EnablementMethod;

/// Whether what a partner has could be read.
pub(super) fn is_shown(model: &Model, step: &Step, view: &View) -> bool {
    let party = &model.parties[step.party];
    let enabled = party.state.enabled.is_some();
    let changes = match &step.action {
        Action::Change { changes, .. } | Action::ChangeUnknown { changes, .. } => &changes[..],
        Action::ChangeBoth { own, .. } => &own[..],
        _ => &[],
    };
    let once = |(id, _): &Change| !party.ever_repeated.contains(id);
    changes.iter().all(once)
        && (view.enabled.is_some() || model.partner_read().is_none())
        && (view.customers.is_some() || model.customer_read().is_none() || !enabled)
}

/// Whether a step has left a partner with so many customers that a list which is cut shows.
pub(super) fn has_crowd(model: &Model, step: &Step) -> bool {
    model.parties[step.party].enabled_customers() >= MANY
}

/// The requirements that a step without any difference is evidence for. `at_once` tells that requests could be under way at
/// the same time.
pub(super) fn kept(
    model: &Model,
    attempt: &Attempt<'_>,
    views: &[View],
    at_once: bool,
) -> Vec<&'static str> {
    let Attempt {
        step, duty, taken, ..
    } = *attempt;
    let at_once = at_once && attempt.exchanges.len() > 1;
    // What a partner has is evidence only where it shows.
    let shows_customers = |place: usize| {
        views
            .get(place)
            .is_some_and(|view| view.customers.is_some())
    };
    let shows_partner = |place: usize| views.get(place).is_some_and(|view| view.enabled.is_some());
    let other = usize::from(step.party == 0);
    let maps = model.maps_customers();
    let mapped = model.maps_partners();
    let mut ids = Vec::new();
    if let Duty::Accept(id) | Duty::Refuse(id) = duty
        && (at_once || id != AT_ONCE)
    {
        ids.push(id);
    }
    let state = &attempt.before[step.party];
    let had_customers = state.customers.values().any(Option::is_some);
    let has_customers = model.enablement.customer() != EnablementMethod::Explicit;
    match (&step.action, taken) {
        (Action::ChangeBoth { .. }, Taken::Refused) => {}
        (Action::Change { .. } | Action::ChangeUnknown { .. }, Taken::Refused) => {
            ids.push(if maps { "MAP-14" } else { "CMI-08" });
        }
        (_, Taken::Refused) => ids.push(if mapped { "ENA-11" } else { "PMI-09" }),
        (Action::Change { changes, moves, .. }, Taken::Accepted) => {
            let others = state
                .customers
                .iter()
                .any(|(id, to)| to.is_some() && !changes.iter().any(|(changed, _)| changed == id));
            if others {
                ids.push(if maps { "MAP-11" } else { "CMI-04" });
            }
            if *moves && step.is_list() {
                ids.push(if maps { "MAP-13" } else { "CMI-10" });
            }
        }
        (Action::Disable, Taken::Accepted)
            if had_customers && has_customers && shows_customers(step.party) =>
        {
            ids.push(if mapped { "ENA-09" } else { "PMI-07" });
        }
        (Action::Enable { .. }, Taken::Accepted) if !mapped => ids.push("PMI-04"),
        (Action::Enable { .. }, Taken::Accepted) if state.enabled.is_none() => ids.push("ENA-04"),
        _ => {}
    }
    // Where nothing is shown of a partner that is not enabled, what became of its customers shows when it is enabled again.
    let again = matches!(step.action, Action::Enable { .. }) && taken == Taken::Accepted;
    if again && state.enabled.is_none() && state.lost_customers && shows_customers(step.party) {
        ids.push(if mapped { "ENA-09" } else { "PMI-07" });
    }
    if model.parties.len() > 1 && taken == Taken::Accepted {
        match &step.action {
            // Both are meant to change.
            Action::ChangeBoth { .. } => {}
            Action::Change { .. } | Action::ChangeUnknown { .. } if shows_customers(other) => {
                ids.push(if maps { "MAP-15" } else { "CMI-07" });
            }
            Action::Change { .. } | Action::ChangeUnknown { .. } => {}
            _ if shows_partner(other) => ids.push(if mapped { "ENA-13" } else { "PMI-08" }),
            _ => {}
        }
    }
    match step.manner {
        Manner::Twice => ids.push("ROB-17"),
        Manner::InLists if has_crowd(model, step) => ids.push(ALL_LISTED),
        manner => ids.extend(manner.of_company().filter(|_| at_once)),
    }
    if matches!(duty, Duty::Free) && step.manner != Manner::InLists {
        ids.push("ROB-20");
    }
    ids.dedup();
    ids
}
