//! Which requirement a difference between handler and model breaks.

use super::model::{Action, Change, Manner, Model, Party, PartyState, Step};
use super::observe::View;
use super::passing::ALL_LISTED;
use super::settings;
use crate::suite::judge::Defect;
use crate::suite::ledger::Ledger;

/// A difference between what a handler shows and what the model remembers.
#[derive(Debug, Clone)]
pub(crate) struct Difference {
    /// The requirement.
    pub id: &'static str,
    /// In words.
    pub defect: Defect,
    /// The place of the read that shows it.
    pub shown_by: Option<usize>,
}

/// How a step was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was accepted.
    Accepted,
    /// It was refused.
    Refused,
    /// It got no answer that tells which.
    Unclear,
}

/// How what is shown differs from the model, behind a step.
pub(crate) fn differences(
    model: &Model,
    before: &[PartyState],
    step: &Step,
    taken: Taken,
    views: &[View],
    ledger: &Ledger,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let cause = Cause {
        model,
        before: &before[step.party],
        step,
        taken,
        ledger,
    };
    for (place, (party, view)) in model.parties.iter().zip(views).enumerate() {
        let own = place == step.party || step.action.is_also_of(place);
        let state = &party.state;
        let mistaken = party.mistaken && !state.was_enabled;
        if let Some(shown) = view.enabled.as_ref().filter(|_| !mistaken)
            && *shown != state.enabled
        {
            found.push(Difference {
                id: if own {
                    cause.of_partner()
                } else {
                    cause.foreign_partner()
                },
                defect: Defect {
                    expected: format!("{}: {}", party.name, enabled(&state.enabled)),
                    observed: format!("{}: {}", party.name, enabled(shown)),
                },
                shown_by: view.shown_by.0,
            });
        }
        let Some(shown) = &view.customers else {
            continue;
        };
        // Who sees another's customers tells nothing of its own.
        if place > 0 && ledger.failed(NOT_ISOLATED) > 0 {
            continue;
        }
        let wrong: Vec<(&String, Option<&String>, Option<&String>)> = state
            .customers
            .keys()
            .chain(shown.keys().filter(|id| !state.customers.contains_key(*id)))
            .map(|id| {
                let expected = state.customers.get(id).and_then(Option::as_ref);
                (id, expected, shown.get(id).and_then(Option::as_ref))
            })
            .filter(|(_, expected, shown)| expected != shown)
            .filter(|(id, ..)| !party.ever_repeated.contains(*id))
            .collect();
        for (id, old, new) in renamed(party, view, step) {
            found.push(Difference {
                id: match own {
                    true => cause.of_customer(id, true),
                    false => cause.foreign_customer(),
                },
                defect: Defect {
                    expected: format!("the vendor_tenant_id of {id} is {old:?}, as before"),
                    observed: format!("it is {new:?}"),
                },
                shown_by: view.shown_by.1,
            });
        }
        for (id, expected, shown) in wrong {
            let told = |to: Option<&String>| match (to, model.maps_customers()) {
                (Some(to), true) => format!("{id:?} is mapped to {to}"),
                (None, true) => format!("{id:?} is not mapped"),
                (Some(_), false) => format!("customer {id} is enabled"),
                (None, false) => format!("customer {id} is not enabled"),
            };
            found.push(Difference {
                id: match own && !is_anothers(model, place, id) {
                    true => cause.of_customer(id, expected.is_some()),
                    false => cause.foreign_customer(),
                },
                defect: Defect {
                    expected: told(expected),
                    observed: told(shown),
                },
                shown_by: view.shown_by.1,
            });
        }
    }
    found.extend(settings::strangers(model, views));
    found
}

/// Mirrored customers that were enabled before and are now, were not named, and have another id on the vendor's side.
fn renamed<'a>(
    party: &'a Party,
    view: &'a View,
    step: &Step,
) -> Vec<(&'a String, &'a String, &'a String)> {
    let changes: &[Change] = match &step.action {
        Action::Change { changes, .. } | Action::ChangeUnknown { changes, .. } => changes,
        // Whoever is enabled anew may get another one.
        _ => return Vec::new(),
    };
    let now = &view.settings.vendors;
    let both = party.shown.vendors.iter();
    let both = both.filter_map(|(id, old)| Some((id, old, now.get(id)?)));
    both.filter(|(id, old, new)| old != new && !changes.iter().any(|(named, _)| named == *id))
        .filter(|(id, ..)| !party.ever_repeated.contains(*id))
        .collect()
}

/// The requirement that writes that come at once all arrive.
pub(super) const AT_ONCE: &str = "ROB-19";
/// The requirement that of several tenants at once one is enabled.
pub(super) const RIVALS: &str = "ENA-15";
/// The requirement that a partner's mapped customers are shown to nobody else.
pub(super) const NOT_ISOLATED: &str = "MAP-08";

/// A customer of the first partner, or another one, that is listed as this one's.
pub(super) fn anothers<'a>(model: &Model, place: usize, views: &'a [View]) -> Option<&'a String> {
    let first = views.first()?.customers.as_ref();
    let both = |id: &String| first.is_some_and(|first| first.contains_key(id));
    let of_both = |id: &String| {
        let mut parties = model.parties.iter();
        model.namesakes.contains(id) || parties.any(|party| party.taken_in.contains(id))
    };
    let listed = views.get(place)?.customers.as_ref()?.keys();
    let mut listed = listed
        .filter(|id| !of_both(id))
        .filter(|id| both(id) || is_anothers(model, place, id));
    listed.next().filter(|_| model.maps_customers())
}

/// Whether a customer that is shown is not this partner's, but another one's.
fn is_anothers(model: &Model, place: usize, id: &str) -> bool {
    let has = |party: &Party| party.state.customers.contains_key(id);
    !has(&model.parties[place]) && model.parties.iter().any(has)
}

fn enabled(state: &Option<String>) -> String {
    match state {
        Some(tenant) => format!("enabled for {tenant}"),
        None => "not enabled".to_owned(),
    }
}

struct Cause<'a> {
    model: &'a Model,
    before: &'a PartyState,
    step: &'a Step,
    taken: Taken,
    ledger: &'a Ledger,
}

impl Cause<'_> {
    fn foreign_partner(&self) -> &'static str {
        if self.model.maps_partners() {
            "ENA-13"
        } else {
            "PMI-08"
        }
    }

    fn foreign_customer(&self) -> &'static str {
        if self.model.maps_customers() {
            "MAP-15"
        } else {
            "CMI-07"
        }
    }

    /// Where the step was refused, or nobody knows.
    fn refused(&self) -> Option<&'static str> {
        if self.taken == Taken::Accepted {
            return None;
        }
        let change = self.step.changes_customers();
        Some(
            match (
                change,
                self.model.maps_customers(),
                self.model.maps_partners(),
            ) {
                (true, true, _) => "MAP-14",
                (true, false, _) => "CMI-08",
                (false, _, true) => "ENA-11",
                (false, _, false) => "PMI-09",
            },
        )
    }

    /// What a repeated or concurrent delivery is blamed for, unless a single one fails as well.
    fn delivery(&self, plain: &[&'static str]) -> Option<&'static str> {
        let id = match self.step.manner {
            Manner::Twice => "ROB-17",
            Manner::AtOnce => "ROB-18",
            Manner::Parallel => AT_ONCE,
            Manner::Rivals => RIVALS,
            Manner::InLists => ALL_LISTED,
            _ => return None,
        };
        // What is wrong with tenants that come one after the other is no matter of their coming at once.
        let one_by_one: &[&str] = match id {
            RIVALS => &["ENA-06", "ENA-11"],
            _ => &[],
        };
        let mut simpler = plain.iter().chain(one_by_one);
        let known = simpler.find(|id| self.ledger.failed(id) > 0);
        Some(known.copied().unwrap_or(id))
    }

    fn of_partner(&self) -> &'static str {
        if let Some(id) = self.refused() {
            return id;
        }
        let mapped = self.model.maps_partners();
        let plain = match (&self.step.action, mapped) {
            (Action::Disable, true) => "ENA-08",
            (Action::Disable, false) => "PMI-06",
            (_, true) => "ENA-04",
            (_, false) if self.before.enabled.is_some() => "PMI-05",
            (_, false) => "PMI-04",
        };
        let first = match (plain, mapped) {
            ("PMI-05", _) => "PMI-04",
            (plain, _) => plain,
        };
        let plain = if self.ledger.failed(first) > 0 {
            first
        } else {
            plain
        };
        self.delivery(&[plain]).unwrap_or(plain)
    }

    fn of_customer(&self, id: &str, expected: bool) -> &'static str {
        if let Some(id) = self.refused() {
            return id;
        }
        let maps = self.model.maps_customers();
        let [to, gone, others, every, order, back] = match maps {
            true => ["MAP-09", "MAP-10", "MAP-11", "MAP-12", "MAP-13", ""],
            false => ["CMI-02", "CMI-03", "CMI-04", "CMI-05", "CMI-10", ""],
        };
        let _ = back;
        let (changes, moves): (&[Change], bool) = match &self.step.action {
            Action::Change { changes, moves, .. } => (changes, *moves),
            Action::ChangeUnknown { changes, .. } => (changes, false),
            // Each goes by itself, and others are named in vain.
            Action::ChangeBoth { .. } => {
                let single = if expected { to } else { gone };
                let simpler = [single, others, self.foreign_customer()];
                return self.delivery(&simpler).unwrap_or(single);
            }
            Action::Disable | Action::Enable { .. } | Action::EnableForeign { .. } => {
                let again = matches!(self.step.action, Action::Enable { .. })
                    && self.before.enabled.is_some();
                let by_reset = !expected;
                return match (by_reset, self.model.maps_partners()) {
                    (true, true) => self.delivery(&["ENA-09"]).unwrap_or("ENA-09"),
                    (true, false) => self.delivery(&["PMI-07"]).unwrap_or("PMI-07"),
                    (false, false) if again => self.delivery(&["PMI-05"]).unwrap_or("PMI-05"),
                    (false, _) => others,
                };
            }
        };
        let named = changes.iter().any(|(customer, _)| customer == id);
        if !named {
            // Who lists some of many shows others as they come and go.
            let cut = self.ledger.failed(ALL_LISTED) > 0;
            let plain = if cut { ALL_LISTED } else { others };
            return self.delivery(&[plain]).unwrap_or(plain);
        }
        // A list that fails as a single change fails teaches nothing about lists.
        let single = if expected { to } else { gone };
        let with_unknown = matches!(self.step.action, Action::ChangeUnknown { .. });
        let plain = match (changes.len() + usize::from(with_unknown), moves) {
            (1, _) => single,
            _ if self.ledger.failed(single) > 0 => single,
            _ if self.step.manner == Manner::Parallel => single,
            (_, true) if self.ledger.failed(every) == 0 => order,
            _ => every,
        };
        self.delivery(&[plain, others, every]).unwrap_or(plain)
    }
}
