//! Mirrored customers that come and go within the scripted sequence: new ones, ones with odd names, and a crowd of them.
//!
//! They leave records behind, disabled ones. The crowd's ids follow from the partner's tenant alone, so that every run against it
//! makes the same records.

use uuid::Uuid;

use super::calls::{NAME, name_of_tenant};
use super::model::{Action, Model, Party, Step};

/// Mirrored customers that a run uses throughout.
pub(super) const STAYING: usize = 4;
/// Customers that are new when requests name them: as many as there are steps, and repetitions of these.
const FRESH: u128 = 4_096;
/// What their numbers begin behind.
const BEHIND: u32 = 32;
/// Places of those with odd names, with their names: quotes and markup, letters beyond the basic plane, a long one.
const NAMED: [(usize, fn() -> String); 3] = [
    (5, || r#"O'Neil & "Sons" <b>\ %s; --"#.to_owned()),
    (6, || "Café 🙂 株式会社 مرحبا".to_owned()),
    (7, || "Long ".repeat(40).trim_end().to_owned()),
];
/// Customers of the crowd: more than the page of a list has that is cut by default, be it 10, 50 or 100.
const CROWD: u128 = 110;
/// Customers among whom those show that are not listed.
pub(super) const MANY: usize = 101;
/// The requirement that a customer may have any name.
pub(super) const ANY_NAME: &str = "CMI-12";
/// The requirement that a partner may.
pub(super) const ANY_PARTNER_NAME: &str = "PMI-12";
/// The requirement that a partner may have a crowd of customers.
pub(super) const ALL_LISTED: &str = "CMI-11";
/// Entries of one list of the crowd.
pub(super) const LIST: usize = 20;

/// One of the odd names.
pub(super) fn odd_name_of(pick: usize) -> Option<String> {
    NAMED.get(pick).map(|(_, name)| name())
}

impl Party {
    /// So many customers that the handler has never seen.
    pub fn fresh(&self, count: usize) -> Vec<String> {
        let tenant = number(&self.tenants[0]).unwrap_or_default();
        let all = (1..=FRESH).map(|one| Uuid::from_u128(tenant ^ (one << BEHIND)).to_string());
        let unseen = all.filter(|id| !self.met.contains_key(id));
        let unseen = unseen.filter(|id| !self.state.customers.contains_key(id));
        unseen.take(count).collect()
    }

    /// A customer that the handler has never seen and that has an odd name.
    pub fn named(&self, pick: usize) -> Option<String> {
        let (place, _) = NAMED.get(pick)?;
        let id = self.pool.get(*place)?;
        let now = self.state.customers.get(id);
        now.is_none_or(Option::is_none).then(|| id.clone())
    }

    /// Whether the suite gives a customer an odd name.
    pub fn has_odd_name(&self, customer: &str) -> bool {
        self.odd_name(customer).is_some()
    }

    /// The name under which the suite enables a customer.
    pub fn name_of(&self, customer: &str) -> String {
        let odd = self.odd_name(customer);
        odd.unwrap_or_else(|| name_of_tenant(NAME, customer))
    }

    fn odd_name(&self, customer: &str) -> Option<String> {
        let mut named = NAMED.iter();
        let (_, name) =
            named.find(|(place, _)| self.pool.get(*place).is_some_and(|id| id == customer))?;
        Some(name())
    }

    /// The crowd: neighbours of the partner's own tenant, but for customers that it had before.
    pub fn crowd(&self) -> Vec<String> {
        let tenant = number(&self.tenants[0]).unwrap_or_default();
        let neighbours = (1..=CROWD).map(|one| Uuid::from_u128(tenant ^ one).to_string());
        let known = &self.state.customers;
        neighbours.filter(|id| !known.contains_key(id)).collect()
    }

    /// How many customers are enabled.
    pub fn enabled_customers(&self) -> usize {
        let customers = self.state.customers.values();
        customers.filter(|to| to.is_some()).count()
    }

    /// Whether a customer is one of these: whoever was there before stays, whatever its id.
    pub fn is_passing(&self, customer: &str) -> bool {
        self.met.contains_key(customer)
    }

    /// Whether a customer may be one of these, by its id.
    fn may_pass(&self, customer: &str) -> bool {
        let neighbours = || {
            let apart = number(customer)? ^ number(&self.tenants[0])?;
            let is_fresh = apart.trailing_zeros() >= BEHIND && apart >> BEHIND <= FRESH;
            Some(apart != 0 && (apart <= CROWD || is_fresh))
        };
        let mut named = self.pool.iter().skip(STAYING);
        named.any(|id| id == customer) || neighbours().unwrap_or(false)
    }
}

impl Model {
    /// Remembers which of these a step names, and which of them should be enabled where it was accepted.
    pub fn meet(&mut self, step: &Step, accepted: bool) {
        let party = &mut self.parties[step.party];
        if accepted && step.action == Action::Disable {
            party.met.values_mut().for_each(|enabled| *enabled = false);
        }
        let Action::Change { changes, .. } = &step.action else {
            return;
        };
        for (id, to) in changes {
            let is_new = !party.state.customers.contains_key(id);
            if party.is_passing(id) || (is_new && party.may_pass(id)) {
                let enabled = party.met.entry(id.clone()).or_default();
                *enabled = if accepted { to.is_some() } else { *enabled };
            }
        }
    }
}

fn number(id: &str) -> Option<u128> {
    id.parse::<Uuid>().ok().map(|id| id.as_u128())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::protocol::text::is_uuid;

    #[test]
    fn those_that_pass_are_nobody_else() {
        let party = Party::new("the partner", None, None, 1);
        let crowd = party.crowd();
        let mut all: BTreeSet<String> = crowd.iter().cloned().collect();
        all.extend(party.fresh(100));
        all.extend((0..NAMED.len()).filter_map(|pick| party.named(pick)));
        assert_eq!(all.len(), crowd.len() + 100 + NAMED.len());
        assert!(all.iter().all(|id| is_uuid(id) && party.may_pass(id)));
        let staying = party.pool.iter().take(STAYING).chain(&party.tenants);
        assert!(staying.clone().all(|id| !party.may_pass(id)));
        assert!(staying.clone().all(|id| !all.contains(id)));
    }

    #[test]
    fn a_customer_is_new_once() {
        let mut party = Party::new("the partner", None, None, 1);
        let first = party.fresh(1);
        party.met.insert(first[0].clone(), false);
        assert!(!party.fresh(9).contains(&first[0]));
        let named = party.named(0).expect("new");
        assert!(party.name_of(&named).contains('\''));
        party.state.customers.insert(named.clone(), Some(named));
        assert_eq!(party.named(0), None);
        assert_eq!(party.named(9), None);
    }
}
