//! Faults in which customers are mapped or enabled after a write.

use super::arrival::failure;
use super::state::{is_enable, is_reset, others, sent};
use super::{Fault, Flaws};
use crate::protocol::payload::{CustomerSetState, ModifiedMapping, TenantMappingWrite};
use crate::protocol::text::UuidText;
use crate::reference::callbacks::{Call, Outcome, conflict};
use crate::reference::store::{Organisation, PartnerRecord, State, canonical};

impl Flaws {
    /// What a faulty handler makes of the list of a `tenant_mapping.write`.
    pub(super) fn decide_mapping(&self, state: &mut State, call: &Call) -> Option<Outcome> {
        if call.callback.name != "tenant_mapping.write" {
            return None;
        }
        let list = sent::<TenantMappingWrite>(call)?.modified;
        if self.has(Fault::MappingOfAnyPartner) {
            let mut partners = state.partners.values_mut();
            let everybody = partners
                .by_ref()
                .flat_map(|partner| &mut partner.organisations);
            return map_all(&list, everybody.collect()).then_some(Ok(None));
        }
        let partner = state.partner_mut(&call.partner)?;
        if !partner.is_enabled() {
            None
        } else if self.has(Fault::UnknownCustomer500) {
            let known = |id: &str| partner.organisations.iter().any(|one| one.id == id);
            let unknown = list.iter().any(|entry| !known(&entry.vendor_tenant_id));
            unknown.then(|| Err(failure()))
        } else if self.has(Fault::MoveInOrderOnly) {
            let mut copy = partner.clone();
            let taken = list.iter().any(|entry| !map_one(&mut copy, entry));
            taken.then(|| Err(conflict("the Acronis tenant is mapped to another customer")))
        } else if self.has(Fault::RemovalByTenant) {
            remove_by_tenant(partner, &list).then_some(Ok(None))
        } else if self.has(Fault::MappingToggles) {
            toggle(partner, &list).then_some(Ok(None))
        } else {
            None
        }
    }

    /// Forgets the mappings of customers that are not in the list.
    pub(super) fn keep_too_few_mappings(&self, call: &Call, after: &mut State) {
        let Some(list) = sent::<TenantMappingWrite>(call).map(|payload| payload.modified) else {
            return;
        };
        let removal = list.iter().any(|entry| entry.acronis_tenant_id.is_none());
        let forgetful = self.has(Fault::MappingReplaced)
            || (list.len() > 1 && self.has(Fault::SeveralMappingsReplace))
            || (removal && self.has(Fault::RemovalRemovesAll));
        let partner = after.partner_mut(&call.partner).filter(|_| forgetful);
        for customer in partner.into_iter().flat_map(|it| &mut it.organisations) {
            if !list
                .iter()
                .any(|entry| entry.vendor_tenant_id == customer.id)
            {
                customer.acronis_tenant_id = None;
            }
        }
    }

    /// Disables customers that are not in the list.
    pub(super) fn keep_too_few_customers(&self, call: &Call, after: &mut State) {
        let named = enabled_by(call);
        let several = named.len() > 1 && self.has(Fault::SeveralCustomersReplace);
        let replaced = several || self.has(Fault::CustomersReplaced);
        let partner = after.partner_mut(&call.partner).filter(|_| replaced);
        for customer in partner.into_iter().flat_map(|it| &mut it.customers) {
            if !named.contains(&customer.acronis_tenant_id) {
                customer.disable();
            }
        }
    }

    /// Changes what is not the partner's, or leaves to it what it should lose.
    pub(super) fn reach_too_far(&self, call: &Call, before: &State, after: &mut State) {
        if is_reset(call) {
            let everybody = [
                Fault::ResetDisablesEverybody,
                Fault::PartnerResetDisablesEverybody,
            ];
            if self.any(&everybody) {
                after.partners.values_mut().for_each(PartnerRecord::disable);
            }
            if self.has(Fault::ResetUnmapsEverybody) {
                others(after, call).for_each(unmap);
            }
            self.leave_customers(call, before, after);
        }
        if is_enable(call) {
            if self.has(Fault::EnableDisablesOthers) {
                others(after, call).for_each(PartnerRecord::disable);
            }
            let hidden = self.memory().hidden.remove(&call.partner);
            if let (Some(hidden), Some(partner)) = (hidden, after.partner_mut(&call.partner)) {
                partner.organisations = hidden;
            }
        }
        if self.has(Fault::CustomersOfOthersDisabled) && !enabled_by(call).is_empty() {
            let customers = others(after, call).flat_map(|partner| &mut partner.customers);
            customers.for_each(|customer| customer.disable());
        }
        if self.has(Fault::AnybodysCustomerDisabled) {
            let named = disabled_by(call);
            let customers = others(after, call).flat_map(|partner| &mut partner.customers);
            let named = customers.filter(|customer| named.contains(&customer.acronis_tenant_id));
            named.for_each(|customer| customer.disable());
        }
    }

    /// Leaves the customers of a disabled partner as they were, or puts them aside until it is enabled again.
    fn leave_customers(&self, call: &Call, before: &State, after: &mut State) {
        // Where partners are found by the tenant that they are enabled for, `after` no longer finds this one.
        let (Some(old), Some(new)) = (
            before.partner(&call.partner),
            after.partner_mut(&call.partner),
        ) else {
            return;
        };
        if self.has(Fault::ResetLeavesCustomers) {
            new.organisations.clone_from(&old.organisations);
        }
        if self.has(Fault::ResetHidesCustomers) && old.is_enabled() {
            let mut memory = self.memory();
            memory
                .hidden
                .insert(call.partner.clone(), old.organisations.clone());
        }
        let left = [
            Fault::PartnerResetHidesCustomers,
            Fault::PartnerResetLeavesCustomers,
        ];
        if self.any(&left) {
            new.customers.clone_from(&old.customers);
        }
    }

    /// Does a second time what was done, or undoes it.
    pub(super) fn count_twice(
        &self,
        call: &Call,
        seen: Option<&State>,
        before: &State,
        after: &mut State,
    ) {
        let was_enabled = |state: &State, tenant: &UuidText| {
            let customers = state
                .partner(&call.partner)
                .into_iter()
                .flat_map(|it| &it.customers);
            customers
                .clone()
                .any(|one| one.enabled && one.acronis_tenant_id == *tenant)
        };
        let again = before
            .partner(&call.partner)
            .is_some_and(PartnerRecord::is_enabled);
        let Some(partner) = after.partner_mut(&call.partner) else {
            return;
        };
        if self.has(Fault::PartnerEnableToggles) && is_enable(call) && again {
            partner.disable();
        }
        if self.has(Fault::MappingListedTwice)
            && let Some(list) = sent::<TenantMappingWrite>(call)
            && let Some(old) = before.partner(&call.partner)
        {
            list_again(partner, &old.organisations, &list.modified);
        }
        for tenant in enabled_by(call) {
            let meanwhile = seen.is_some_and(|seen| !was_enabled(seen, &tenant));
            let twice = self.has(Fault::CustomerDuplicated)
                || (self.has(Fault::TwoAtOnceDuplicated) && meanwhile);
            if twice
                && was_enabled(before, &tenant)
                && let Some(customer) = partner.customer_mut(&tenant)
            {
                let customer = customer.clone();
                partner.customers.push(customer);
            }
        }
    }
}

/// The tenants that the request wants enabled.
pub(super) fn enabled_by(call: &Call) -> Vec<UuidText> {
    let wanted = sent::<CustomerSetState>(call).and_then(|wanted| wanted.enabled);
    let wanted = wanted.unwrap_or_default();
    wanted
        .iter()
        .map(|customer| canonical(&customer.acronis_tenant_id))
        .collect()
}

/// The tenants that the request wants disabled.
pub(super) fn disabled_by(call: &Call) -> Vec<UuidText> {
    let wanted = sent::<CustomerSetState>(call).and_then(|wanted| wanted.disabled);
    let wanted = wanted.unwrap_or_default();
    wanted
        .iter()
        .map(|customer| canonical(&customer.acronis_tenant_id))
        .collect()
}

fn unmap(partner: &mut PartnerRecord) {
    for customer in &mut partner.organisations {
        customer.acronis_tenant_id = None;
    }
}

/// Maps customers, whosever they are; false if one is nobody's.
fn map_all(list: &[ModifiedMapping], mut everybody: Vec<&mut Organisation>) -> bool {
    list.iter().all(|entry| {
        let mut named = everybody
            .iter_mut()
            .filter(|one| one.id == entry.vendor_tenant_id);
        let found = named.next();
        found.is_some_and(|customer| {
            customer.acronis_tenant_id = entry.acronis_tenant_id.as_ref().map(canonical);
            true
        })
    })
}

/// Maps one customer; false if another one has the tenant.
fn map_one(partner: &mut PartnerRecord, entry: &ModifiedMapping) -> bool {
    let tenant = entry.acronis_tenant_id.as_ref().map(canonical);
    let taken = partner.organisations.iter().any(|other| {
        tenant.is_some() && other.acronis_tenant_id == tenant && other.id != entry.vendor_tenant_id
    });
    if let Some(customer) = partner.organisation_mut(&entry.vendor_tenant_id) {
        customer.acronis_tenant_id = tenant;
    }
    !taken
}

/// Goes through the list and lets a removal hit whoever has the tenant by then; false if the list has a stranger.
fn remove_by_tenant(partner: &mut PartnerRecord, list: &[ModifiedMapping]) -> bool {
    let before = partner.organisations.clone();
    list.iter().all(|entry| {
        let Some(old) = before.iter().find(|one| one.id == entry.vendor_tenant_id) else {
            return false;
        };
        match &entry.acronis_tenant_id {
            Some(tenant) => {
                if let Some(customer) = partner.organisation_mut(&old.id) {
                    customer.acronis_tenant_id = Some(canonical(tenant));
                }
            }
            None => partner
                .organisations
                .iter_mut()
                .filter(|one| one.acronis_tenant_id == old.acronis_tenant_id)
                .for_each(|one| one.acronis_tenant_id = None),
        }
        true
    })
}

/// Adds a row for each customer that has the tenant already to which it is to be mapped.
fn list_again(partner: &mut PartnerRecord, old: &[Organisation], list: &[ModifiedMapping]) {
    for entry in list {
        let tenant = entry.acronis_tenant_id.as_ref().map(canonical);
        let again = |one: &&Organisation| {
            tenant.is_some() && one.id == entry.vendor_tenant_id && one.acronis_tenant_id == tenant
        };
        partner
            .organisations
            .extend(old.iter().find(again).cloned());
    }
}

/// Removes the mappings of a list that are there already; false if none is.
fn toggle(partner: &mut PartnerRecord, list: &[ModifiedMapping]) -> bool {
    let mut toggled = false;
    for entry in list {
        let tenant = entry.acronis_tenant_id.as_ref().map(canonical);
        let Some(customer) = partner.organisation_mut(&entry.vendor_tenant_id) else {
            return false;
        };
        let again = tenant.is_some() && customer.acronis_tenant_id == tenant;
        toggled |= again;
        customer.acronis_tenant_id = tenant.filter(|_| !again);
    }
    toggled
}
