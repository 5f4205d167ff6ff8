//! Faults in whether a partner is enabled: who may, for which tenant, and how often.

use super::state::{is_enable, is_reset, sent};
use super::{Fault, Flaws};
use crate::protocol::payload::EnablementWrite;
use crate::reference::callbacks::{Call, Outcome, conflict};
use crate::reference::store::{State, canonical};

impl Flaws {
    /// Whether a faulty handler enables a partner.
    pub(super) fn decide_enablement(&self, state: &mut State, call: &Call) -> Option<Outcome> {
        let enabled = state.partner(&call.partner);
        let enabled = enabled.and_then(|partner| partner.acronis_tenant_id.clone());
        if is_reset(call)
            && let Some(tenant) = &enabled
        {
            let mut memory = self.memory();
            memory.former.insert(call.partner.clone(), tenant.clone());
        }
        if !is_enable(call) {
            return None;
        }
        let refused = || Some(Err(conflict("the partner cannot be enabled")));
        let wanted = sent::<EnablementWrite>(call);
        let tenant = wanted.as_ref().map_or_else(
            || call.tenant(),
            |wanted| canonical(&wanted.acronis_tenant_id),
        );
        let same = enabled.as_ref() == Some(&tenant);
        let former = self.memory().former.get(&call.partner).cloned();
        if let Some(former) = former.filter(|_| enabled.is_none())
            && (self.any(&[Fault::EnabledOnceOnly, Fault::PartnerEnabledOnceOnly])
                || (self.has(Fault::FormerTenantOnly) && former != tenant))
        {
            return refused();
        }
        let again = [Fault::EnableAgainRefused, Fault::PartnerEnableAgainRefused];
        if same && self.any(&again) {
            return refused();
        }
        let wanted = wanted?;
        let own = state.partner_mut(&call.partner)?.vendor_tenant_id.clone();
        if self.has(Fault::NamedOrganisationEnabled) && wanted.vendor_tenant_id != own {
            let mut partners = state.partners.values_mut();
            let named =
                partners.find(|partner| partner.vendor_tenant_id == wanted.vendor_tenant_id)?;
            named.acronis_tenant_id = Some(tenant);
            return Some(Ok(None));
        }
        let own = state.partner_mut(&call.partner)?;
        if wanted.vendor_tenant_id != own.vendor_tenant_id || enabled.is_none() || same {
            return None;
        }
        // The organisation is enabled for another tenant.
        if self.has(Fault::OtherTenantIgnored) {
            return Some(Ok(None));
        }
        if self.has(Fault::OtherTenantClears) {
            let customers = own.organisations.iter_mut();
            customers.for_each(|one| one.acronis_tenant_id = None);
        }
        if self.any(&[Fault::OtherTenantStored, Fault::OtherTenantRefusedAndStored]) {
            own.acronis_tenant_id = Some(tenant);
        }
        if self.any(&[Fault::OtherTenantRefusedAndStored, Fault::OtherTenantClears]) {
            return Some(Err(conflict(
                "the organisation is enabled for another tenant",
            )));
        }
        self.has(Fault::OtherTenantStored).then_some(Ok(None))
    }
}
