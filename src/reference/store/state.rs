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
