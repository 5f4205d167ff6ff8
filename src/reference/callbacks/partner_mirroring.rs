//! `partner.mirroring.*`: whether the Acronis tenant of the context is enabled, where partners are mirrored.

use serde_json::{Map, Value, json};

use super::super::answer::Refusal;
use super::super::store::{State as Known, canonical};
use super::call::{Call, forbidden};
use super::served::Outcome;
use crate::protocol::payload::{PartnerEnable, PartnerEnabled, PartnerState, State};

/// `ENABLED` or `DISABLED`; a tenant that was never seen is simply not enabled.
pub(super) fn get_state(known: &Known, call: &Call) -> Result<Value, Refusal> {
    let enabled = known
        .partner(&call.partner)
        .filter(|partner| partner.is_enabled());
    Ok(json!(PartnerState {
        state: enabled.map_or(State::Disabled, |_| State::Enabled),
        settings: enabled.and_then(|partner| partner.settings.clone()),
        further: Map::new(),
    }))
}

/// Enables the tenant, with the record it has or else with a new one; that it is enabled already is no error.
pub(super) fn enable(known: &mut Known, call: &Call) -> Outcome {
    let wanted: PartnerEnable = call.payload()?;
    let tenant = call.tenant();
    if canonical(&wanted.acronis_tenant_id) != tenant {
        return Err(forbidden(
            "the payload is about another partner than the context",
        ));
    }
    let partner = known.record(&tenant);
    partner.acronis_tenant_id = Some(tenant.clone());
    partner.settings = wanted.settings;
    Ok(Some(json!(PartnerEnabled {
        state: State::Enabled,
        vendor_tenant_id: partner.vendor_tenant_id.clone(),
        acronis_tenant_id: tenant,
        further: Map::new(),
    })))
}

/// Disables the tenant and all its customers; that it is not enabled is no error.
pub(super) fn reset(known: &mut Known, call: &Call) -> Outcome {
    if let Some(partner) = known.partner_mut(&call.partner) {
        partner.disable();
    }
    Ok(None)
}
