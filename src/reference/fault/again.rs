//! Faults in what is said of a write that asks for what is so already.

use super::state::{is_reset, sent};
use super::{Fault, Flaws};
use crate::protocol::payload::TenantMappingWrite;
use crate::reference::callbacks::{Call, Outcome, conflict};
use crate::reference::store::{PartnerRecord, State, canonical};

impl Flaws {
    /// Refuses what is so already.
    pub(super) fn decide_again(&self, state: &State, call: &Call) -> Option<Outcome> {
        let partner = state.partner(&call.partner);
        let enabled = partner.is_some_and(PartnerRecord::is_enabled);
        let so_already = match call.callback.name {
            _ if is_reset(call) => {
                let faults = [Fault::ResetAgainRefused, Fault::PartnerResetAgainRefused];
                self.any(&faults) && !enabled
            }
            "tenant_mapping.write" if enabled => {
                let list = sent::<TenantMappingWrite>(call)?.modified;
                let known = &partner?.organisations;
                list.iter().any(|entry| {
                    let now = known.iter().find(|one| one.id == entry.vendor_tenant_id);
                    let wanted = entry.acronis_tenant_id.as_ref().map(canonical);
                    let fault = match wanted {
                        Some(_) => Fault::MappingAgainRefused,
                        None => Fault::RemovalAgainRefused,
                    };
                    self.has(fault) && now.is_some_and(|now| now.acronis_tenant_id == wanted)
                })
            }
            "customer.mirroring.set_state" if enabled => {
                let is_enabled = |tenant: &_| {
                    let mut customers = partner.iter().flat_map(|it| &it.customers);
                    customers.any(|one| one.enabled && one.acronis_tenant_id == *tenant)
                };
                let on = super::mapping::enabled_by(call);
                let off = super::mapping::disabled_by(call);
                (self.has(Fault::CustomerEnabledAgainRefused) && on.iter().any(is_enabled))
                    || (self.has(Fault::CustomerDisabledAgainRefused)
                        && off.iter().any(|tenant| !is_enabled(tenant)))
            }
            _ => false,
        };
        so_already.then(|| Err(conflict("it is so already")))
    }
}
