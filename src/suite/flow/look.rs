//! What a read shows, held against what the handler should remember.

use serde_json::Value;

use super::course::Course;
use crate::protocol::Callback;
use crate::suite::engine::Exchange;
use crate::suite::judge::Defect;
use crate::suite::ledger::Ledger;
use crate::suite::state::{
    Action, Difference, Manner, Model, PartyState, Step, Taken, View, differences, resynchronise,
};

/// How what is shown differs from what should be.
pub(super) fn compare(
    course: &Course,
    callback: &Callback,
    party: usize,
    view: &View,
    ledger: &Ledger,
) -> Vec<(&'static str, Defect)> {
    let views = only(party, view);
    let found = |before: &[PartyState], step: &Step, taken| {
        differences(&course.model, before, step, taken, &views, ledger)
    };
    let differences: Vec<Difference> = match &course.last {
        // It is not known what the handler did then.
        Some(change) if change.taken == Taken::Unclear => Vec::new(),
        Some(change) => found(&change.before, &change.step, change.taken),
        None if !course.known => Vec::new(),
        None => {
            // Nothing was changed so far, so reads agree.
            let before: Vec<PartyState> = (course.model.parties.iter())
                .map(|party| party.state.clone())
                .collect();
            let nothing = Step {
                party: 0,
                action: Action::Disable,
                manner: Manner::Plain,
            };
            let mut found = found(&before, &nothing, Taken::Refused);
            for difference in &mut found {
                difference.id = agreement(callback);
            }
            found
        }
    };
    differences
        .into_iter()
        .map(|difference| (difference.id, difference.defect))
        .collect()
}

/// Whether a tenant that was never seen is shown as enabled, which the model lets pass from then on.
pub(super) fn mistaken(model: &Model, party: usize, view: &View) -> Option<(&'static str, Defect)> {
    let party = &model.parties[party];
    let shown = matches!(view.enabled, Some(Some(_)));
    (party.mistaken && !party.state.was_enabled && shown).then(|| {
        let defect = Defect {
            expected: "`state` is \"DISABLED\": nobody has enabled this tenant".to_owned(),
            observed: "`state` is \"ENABLED\"".to_owned(),
        };
        ("PMI-02", defect)
    })
}

/// Whether the last change is about a customer that is, or was, listed more than once: of several rows one may go and another
/// stay, so that nothing is held against them, and nothing shown by them.
pub(super) fn is_ambiguous(course: &Course, view: &View) -> bool {
    let Some(change) = course.last.as_ref().filter(|_| view.customers.is_some()) else {
        return false;
    };
    let party = &course.model.parties[change.step.party];
    let twice = |id: &String| party.ever_repeated.contains(id) || view.repeated.contains(id);
    match &change.step.action {
        Action::Change { changes, .. } => changes.iter().any(|(id, _)| twice(id)),
        Action::Disable => change.before[change.step.party].customers.keys().any(twice),
        _ => false,
    }
}

/// The requirement that two reads agree.
fn agreement(callback: &Callback) -> &'static str {
    match callback.name {
        "enablement.read" => "ENA-03",
        "tenant_mapping.read" => "MAP-07",
        _ => "ROB-16",
    }
}

/// Takes over what is shown, so that a difference is held against the handler once.
pub(super) fn take_over(model: &mut Model, party: usize, view: &View) {
    resynchronise(model, &only(party, view));
    let seen = &mut model.parties[party];
    seen.ever_repeated.extend(view.repeated.iter().cloned());
    if party != 0 || !model.maps_customers() {
        return;
    }
    for id in view.customers.iter().flat_map(|shown| shown.keys()) {
        learn_customer(model, id);
    }
}

/// A customer that the handler lists and the model has not met.
pub(super) fn learn_customer(model: &mut Model, id: &str) {
    let known = |party: &crate::suite::state::Party| party.state.customers.contains_key(id);
    if !id.is_empty() && !model.parties.iter().any(known) {
        let customers = &mut model.parties[0].state.customers;
        customers.insert(id.to_owned(), None);
    }
}

/// The view of one partner, in its place.
fn only(party: usize, view: &View) -> Vec<View> {
    let mut views = vec![View::default(); party];
    views.push(view.clone());
    views
}

/// What a view shows, in a few words.
pub(super) fn told(model: &Model, view: &View) -> String {
    let mut told = Vec::new();
    match &view.enabled {
        Some(Some(tenant)) if model.maps_partners() => told.push(format!("enabled for {tenant}")),
        Some(Some(_)) => told.push("ENABLED".to_owned()),
        Some(None) if model.maps_partners() => told.push("not enabled".to_owned()),
        Some(None) => told.push("DISABLED".to_owned()),
        None => {}
    }
    if let Some(customers) = &view.customers {
        let on = customers.values().flatten().count();
        told.push(match model.maps_customers() {
            true => format!("{} listed, {on} mapped", customers.len()),
            false => format!("{on} enabled"),
        });
    }
    told.join(", ")
}

/// The status of an answer, and what else was seen.
pub(super) fn observed(exchange: &Exchange, seen: &str) -> String {
    let status = match &exchange.observation.result {
        Ok(answer) => format!("status {}", answer.status),
        // That says all there is to say.
        Err(error) => return error.kind.to_string(),
    };
    match seen {
        "" => status,
        seen => format!("{status}: {seen}"),
    }
}

/// The vendor ids of an answer's items.
pub(super) fn listed(exchange: &Exchange, member: &str) -> Option<Vec<String>> {
    let items = exchange.judgement.payload()?.get("items")?.as_array()?;
    let id = |item: &Value| item.get(member).and_then(Value::as_str).map(str::to_owned);
    Some(items.iter().filter_map(id).collect())
}
