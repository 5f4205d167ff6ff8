//! Everything that the handler remembers, in memory; a real handler has a database in its place.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::records::{Organisation, PartnerRecord};
use super::{PARTNERS, Partner};
use crate::protocol::text::UuidText;
use crate::protocol::{Enablement, EnablementMethod};

/// What the requests that come at the same time share.
pub(in super::super) struct Store {
    state: Mutex<State>,
}

/// Whom a request is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum PartnerId {
    /// The organisation whose credentials came with the request, by its vendor tenant id.
    Organisation(&'static str),
    /// The Acronis tenant of the request's context.
    Tenant(UuidText),
}

/// Every partner that the handler knows.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct State {
    /// How partners and customers come to be enabled.
    pub enablement: Enablement,
    /// Organisations where partners are mapped, Acronis tenants where they are not.
    pub partners: BTreeMap<PartnerId, PartnerRecord>,
}

impl Store {
    /// A store in which nothing has happened yet.
    pub fn new(enablement: Enablement) -> Self {
        Self {
            state: Mutex::new(State::at_start(enablement)),
        }
    }

    /// Reads, while nobody writes.
    pub fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.lock())
    }

    /// Writes, all or nothing: a change that is refused half way leaves everything as it was.
    ///
    /// The lock is held from the first read to the last write, so that no change gets lost under another one.
    pub fn write<T, E>(&self, change: impl FnOnce(&mut State) -> Result<T, E>) -> Result<T, E> {
        let mut state = self.lock();
        let mut changed = state.clone();
        let done = change(&mut changed)?;
        *state = changed;
        Ok(done)
    }

    /// The data itself. Only the faults use this: who changes it here does so for better or worse.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is known at the start: the fixed partners where partners are mapped, and else nobody.
    pub fn at_start(enablement: Enablement) -> Self {
        let fixed = PARTNERS
            .iter()
            .filter(|_| enablement.partner() == EnablementMethod::Mapped)
            .map(|partner| {
                (
                    PartnerId::Organisation(partner.vendor_tenant_id),
                    record_of(partner),
                )
            });
        Self {
            enablement,
            partners: fixed.collect(),
        }
    }

    /// The partner, if anything is known of it.
    pub fn partner(&self, id: &PartnerId) -> Option<&PartnerRecord> {
        self.partners.get(&self.key(id)?)
    }

    /// The partner, to be changed.
    pub fn partner_mut(&mut self, id: &PartnerId) -> Option<&mut PartnerRecord> {
        let key = self.key(id)?;
        self.partners.get_mut(&key)
    }

    /// The partner if it is enabled, to be changed. Partners that are enabled without callbacks always are.
    pub fn enabled_partner_mut(&mut self, id: &PartnerId) -> Option<&mut PartnerRecord> {
        if let PartnerId::Tenant(tenant) = id
            && self.enablement.partner() == EnablementMethod::Explicit
        {
            self.record(tenant).acronis_tenant_id = Some(tenant.clone());
        }
        self.partner_mut(id).filter(|partner| partner.is_enabled())
    }

    /// The partner that is enabled for this Acronis tenant.
    pub fn enabled_for(&self, tenant: &UuidText) -> Option<(&PartnerId, &PartnerRecord)> {
        self.partners
            .iter()
            .find(|(_, partner)| partner.acronis_tenant_id.as_ref() == Some(tenant))
    }

    /// The record of this Acronis partner tenant, made now if there was none.
    pub fn record(&mut self, tenant: &UuidText) -> &mut PartnerRecord {
        let number = self.partners.len() + 1; // records are never removed
        let organisations = match self.enablement.customer() {
            EnablementMethod::Mapped => organisations_of(tenant),
            EnablementMethod::Mirrored | EnablementMethod::Explicit => Vec::new(),
        };
        self.partners
            .entry(PartnerId::Tenant(tenant.clone()))
            .or_insert_with(|| PartnerRecord::new(format!("p-{number}"), organisations))
    }

    /// Where the partner is found: a mapped one by its organisation even if the request names an Acronis tenant.
    fn key(&self, id: &PartnerId) -> Option<PartnerId> {
        match id {
            PartnerId::Tenant(tenant) if self.enablement.partner() == EnablementMethod::Mapped => {
                self.enabled_for(tenant).map(|(id, _)| id.clone())
            }
            _ => Some(id.clone()),
        }
    }
}

/// A fixed partner as it is at the start.
fn record_of(partner: &Partner) -> PartnerRecord {
    let tenant = |id: &str| UuidText::new(id).expect("ids of the store are UUIDs");
    let organisations = partner.customers.iter().map(|customer| Organisation {
        id: customer.id.to_owned(),
        name: customer.name.to_owned(),
        acronis_tenant_id: customer.acronis_tenant_id.map(tenant),
    });
    PartnerRecord {
        acronis_tenant_id: Some(tenant(partner.acronis_tenant_id)),
        ..PartnerRecord::new(partner.vendor_tenant_id, organisations.collect())
    }
}

/// The customers of a mirrored partner where customers are mapped: three, with ids that no other partner's have.
fn organisations_of(tenant: &UuidText) -> Vec<Organisation> {
    let organisation = |name: &str| Organisation {
        id: format!("{tenant}/{}", name.to_lowercase()),
        name: name.to_owned(),
        acronis_tenant_id: None,
    };
    ["North", "South", "Übersee"].map(organisation).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::store::canonical;

    fn tenant(digit: char) -> UuidText {
        UuidText::new("11111111-1111-4111-8111-111111111111".replace('1', &digit.to_string()))
            .expect("a UUID")
    }

    fn state(partner: EnablementMethod, customer: EnablementMethod) -> State {
        State::at_start(Enablement::new(partner, customer).expect("offered"))
    }

    #[test]
    fn a_refused_change_leaves_nothing_behind() {
        let store = Store::new(Enablement::MAPPED);
        let before = store.read(State::clone);
        let refused: Result<(), &str> = store.write(|state| {
            state.partners.clear();
            Err("no")
        });
        assert_eq!(refused, Err("no"));
        assert!(store.read(|state| *state == before));
        let done: Result<usize, &str> = store.write(|state| {
            state.partners.clear();
            Ok(7)
        });
        assert_eq!(done, Ok(7));
        assert!(store.read(|state| state.partners.is_empty()));
    }

    #[test]
    fn mapped_partners_are_found_by_organisation_and_by_the_tenant_they_are_enabled_for() {
        let mut state = state(EnablementMethod::Mapped, EnablementMethod::Mirrored);
        let alpha = PartnerId::Organisation("org-alpha");
        let here = PartnerId::Tenant(UuidText::new(PARTNERS[0].acronis_tenant_id).expect("a UUID"));
        assert!(state.partner(&here).is_some());
        assert_eq!(state.partner(&here), state.partner(&alpha));
        assert_eq!(state.partner(&PartnerId::Tenant(tenant('a'))), None);
        assert_eq!(state.partner(&PartnerId::Organisation("org-zulu")), None);
        state.partner_mut(&alpha).expect("Alpha").disable();
        assert_eq!(state.partner(&here), None);
        assert!(state.enabled_partner_mut(&alpha).is_none());
        assert!(state.partner(&alpha).is_some());
    }

    #[test]
    fn disabling_disables_all_customers_for_good() {
        let mut state = state(EnablementMethod::Mapped, EnablementMethod::Mapped);
        let alpha = PartnerId::Organisation("org-alpha");
        let partner = state.partner_mut(&alpha).expect("Alpha");
        partner.enable_customer(tenant('a'), None);
        partner.enable_customer(tenant('b'), None);
        partner.enable_customer(tenant('a'), None);
        let ids: Vec<_> = partner
            .customers
            .iter()
            .map(|one| one.vendor_tenant_id.as_str())
            .collect();
        assert_eq!(ids, ["org-alpha/c-1", "org-alpha/c-2"]);
        partner.disable();
        partner.acronis_tenant_id = Some(tenant('c'));
        assert!(
            partner
                .organisations
                .iter()
                .all(|one| one.acronis_tenant_id.is_none())
        );
        assert!(partner.customers.iter().all(|one| !one.enabled));
    }

    #[test]
    fn records_are_made_once_and_only_where_partners_are_not_mapped() {
        use EnablementMethod::{Explicit, Mapped, Mirrored};
        let mut mirrored = state(Mirrored, Mapped);
        assert!(mirrored.partners.is_empty());
        let (one, two) = (tenant('a'), tenant('b'));
        for (tenant, id) in [(&one, "p-1"), (&two, "p-2"), (&one, "p-1")] {
            assert_eq!(mirrored.record(tenant).vendor_tenant_id, id);
        }
        let ids: Vec<_> = mirrored
            .partners
            .values()
            .flat_map(|partner| &partner.organisations)
            .map(|organisation| organisation.id.clone())
            .collect();
        let different: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!((ids.len(), different.len()), (6, 6));
        assert!(
            mirrored
                .enabled_partner_mut(&PartnerId::Tenant(one))
                .is_none()
        );

        let mut explicit = state(Explicit, Mirrored);
        assert_eq!(explicit.partner(&PartnerId::Tenant(two.clone())), None);
        let partner = explicit.enabled_partner_mut(&PartnerId::Tenant(two));
        assert!(partner.is_some_and(|partner| partner.organisations.is_empty()));
    }

    #[test]
    fn the_letter_case_of_a_tenant_id_says_nothing() {
        let capitals = UuidText::new(tenant('a').as_str().to_uppercase()).expect("a UUID");
        assert_eq!(canonical(&capitals), tenant('a'));
    }

    #[test]
    fn a_mirrored_partner_is_known_while_it_is_disabled() {
        let mut state = state(EnablementMethod::Mirrored, EnablementMethod::Mapped);
        let id = PartnerId::Tenant(tenant('a'));
        let vendor_tenant_id = state.record(&tenant('a')).vendor_tenant_id.clone();
        let known = state.partner(&id).expect("known, though never enabled");
        assert_eq!(known.vendor_tenant_id, vendor_tenant_id);
        state.record(&tenant('a')).acronis_tenant_id = Some(tenant('a'));
        state.partner_mut(&id).expect("enabled").disable();
        assert!(state.partner(&id).is_some_and(|one| !one.is_enabled()));
    }
}
