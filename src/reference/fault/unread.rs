//! Faults in what becomes of a write whose payload cannot be read, or not be done in whole.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::state::{is_reset, sent};
use super::{Fault, Flaws};
use crate::protocol::payload::{
    CustomerSetState, CustomerToDisable, CustomerToEnable, EnablementWrite, ModifiedMapping,
    PartnerEnable, TenantMappingWrite,
};
use crate::reference::answer::Refusal;
use crate::reference::callbacks::{Call, Outcome, conflict};
use crate::reference::store::{State, canonical};

impl Flaws {
    /// What a faulty handler does with a payload before it finds out that it cannot read it.
    pub(super) fn decide_unread(&self, state: &mut State, call: &Call) -> Option<Outcome> {
        if is_reset(call) {
            self.memory().null_tenants.clear();
        }
        match call.callback.name {
            "enablement.write" if self.has(Fault::EnabledUnread) => {
                unreadable::<EnablementWrite>(call)?;
                state.partner_mut(&call.partner)?.acronis_tenant_id = Some(call.tenant());
                Some(Err(refused()))
            }
            "partner.mirroring.enable" if self.has(Fault::PartnerEnabledUnread) => {
                unreadable::<PartnerEnable>(call)?;
                let tenant = call.tenant();
                state.record(&tenant).acronis_tenant_id = Some(tenant.clone());
                Some(Err(refused()))
            }
            "tenant_mapping.write" if self.has(Fault::UnreadableListAppliedHalf) => {
                unreadable::<TenantMappingWrite>(call)?;
                let partner = state.enabled_partner_mut(&call.partner)?;
                for entry in readable::<ModifiedMapping>(call, "modified") {
                    let customer = partner.organisation_mut(&entry.vendor_tenant_id)?;
                    customer.acronis_tenant_id = entry.acronis_tenant_id.as_ref().map(canonical);
                }
                Some(Err(refused()))
            }
            "tenant_mapping.write" if self.has(Fault::NullTenantStored) => {
                self.store_null(state, call)
            }
            "customer.mirroring.set_state" => self.decide_customers(state, call),
            _ => None,
        }
    }

    fn decide_customers(&self, state: &mut State, call: &Call) -> Option<Outcome> {
        let enabled = readable::<CustomerToEnable>(call, "enabled");
        let disabled = readable::<CustomerToDisable>(call, "disabled");
        let partner = state.enabled_partner_mut(&call.partner)?;
        if self.has(Fault::UnreadableCustomersAppliedHalf) {
            unreadable::<CustomerSetState>(call)?;
            for customer in enabled {
                partner.enable_customer(canonical(&customer.acronis_tenant_id), customer.settings);
            }
            for customer in disabled {
                let customer = partner.customer_mut(&canonical(&customer.acronis_tenant_id));
                customer.into_iter().for_each(|customer| customer.disable());
            }
            return Some(Err(refused()));
        }
        let mut stranger = disabled
            .iter()
            .map(|customer| canonical(&customer.acronis_tenant_id));
        if self.has(Fault::StrangerAppliedHalf)
            && stranger.any(|tenant| partner.customer_mut(&tenant).is_none())
        {
            for customer in enabled {
                partner.enable_customer(canonical(&customer.acronis_tenant_id), customer.settings);
            }
            return Some(Err(conflict("there is no such customer")));
        }
        None
    }

    /// Whether what a write did stays though it was refused.
    pub(super) fn keeps_what_it_refused(&self, call: &Call) -> bool {
        let faults: &[Fault] = match call.callback.name {
            "enablement.write" => &[
                Fault::OtherTenantRefusedAndStored,
                Fault::OtherTenantClears,
                Fault::EnabledUnread,
            ],
            "partner.mirroring.enable" => &[Fault::PartnerEnabledUnread],
            "tenant_mapping.write" => &[Fault::ListAppliedHalf, Fault::UnreadableListAppliedHalf],
            "customer.mirroring.set_state" => &[
                Fault::UnreadableCustomersAppliedHalf,
                Fault::StrangerAppliedHalf,
            ],
            _ => &[],
        };
        self.any(faults)
    }

    /// Makes a text of null and takes that for the tenant of a customer.
    fn store_null(&self, state: &mut State, call: &Call) -> Option<Outcome> {
        let list = call.request.payload.as_ref()?.get("modified")?.as_array()?;
        let partner = state.enabled_partner_mut(&call.partner)?;
        let mut memory = self.memory();
        let mut stored = None;
        for entry in list {
            let Some(id) = entry.get("vendor_tenant_id").and_then(Value::as_str) else {
                continue;
            };
            memory.null_tenants.remove(id);
            let customer = partner.organisation_mut(id);
            if let (Some(Value::Null), Some(customer)) = (entry.get("acronis_tenant_id"), customer)
            {
                customer.acronis_tenant_id = None;
                memory.null_tenants.insert(id.to_owned());
                stored = Some(Ok(None));
            }
        }
        stored
    }
}

/// Goes on if the payload is not that of the callback.
fn unreadable<T: DeserializeOwned>(call: &Call) -> Option<()> {
    sent::<T>(call).is_none().then_some(())
}

/// The entries of a list up to the first that cannot be read.
fn readable<T: DeserializeOwned>(call: &Call, list: &str) -> Vec<T> {
    let payload = call.request.payload.as_ref();
    let list = payload.and_then(|payload| payload.get(list)?.as_array());
    list.into_iter()
        .flatten()
        .map_while(|entry| serde_json::from_value(entry.clone()).ok())
        .collect()
}

fn refused() -> Refusal {
    Refusal::malformed("the payload is not that of the callback")
}
