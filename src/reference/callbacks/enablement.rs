//! `enablement.*`: which Acronis partner tenant the organisation is enabled for, where partners are mapped.

use http::StatusCode;
use serde_json::{Value, json};

use super::super::answer::{Refusal, Subject};
use super::super::store::{State, canonical};
use super::call::{Call, conflict, forbidden};
use super::served::Outcome;
use crate::protocol::payload::{EnablementState, EnablementWrite};

/// The organisation that the credentials belong to, with its Acronis tenant if it is enabled.
pub(super) fn read(state: &State, call: &Call) -> Result<Value, Refusal> {
    let partner = state.partner(&call.partner).ok_or_else(unknown)?;
    Ok(json!(EnablementState {
        vendor_tenant_id: partner.vendor_tenant_id.clone(),
        acronis_tenant_id: partner.acronis_tenant_id.clone(),
    }))
}

/// Enables the organisation for an Acronis tenant. The same again is fine: the gateway may send it twice, and sends it when the
/// partner changes credentials.
pub(super) fn write(state: &mut State, call: &Call) -> Outcome {
    let wanted: EnablementWrite = call.payload()?;
    let tenant = canonical(&wanted.acronis_tenant_id);
    if let Some((id, _)) = state.enabled_for(&tenant)
        && *id != call.partner
    {
        return Err(conflict("the Acronis tenant has another organisation"));
    }
    let partner = state.partner_mut(&call.partner).ok_or_else(unknown)?;
    if wanted.vendor_tenant_id != partner.vendor_tenant_id {
        return Err(forbidden(
            "the credentials are those of another organisation",
        ));
    }
    if partner
        .acronis_tenant_id
        .as_ref()
        .is_some_and(|enabled| *enabled != tenant)
    {
        return Err(conflict(
            "the organisation is enabled for another Acronis tenant; disable it there first",
        ));
    }
    partner.acronis_tenant_id = Some(tenant);
    Ok(None)
}

/// Disables the organisation and all its customers.
pub(super) fn reset(state: &mut State, call: &Call) -> Outcome {
    state
        .partner_mut(&call.partner)
        .ok_or_else(unknown)?
        .disable();
    Ok(None)
}

fn unknown() -> Refusal {
    Refusal::new(
        Subject::Data,
        StatusCode::NOT_FOUND,
        "there is no such organisation",
    )
}
