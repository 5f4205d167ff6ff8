//! `tenant_mapping.*`: which of the partner's customers are mapped, and to which Acronis tenant.

use std::collections::HashSet;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::answer::{Refusal, Subject};
use super::super::store::{Organisation, PartnerId, State, canonical};
use super::call::{Call, conflict, not_enabled};
use super::served::Outcome;
use crate::protocol::envelope::{TenantMapping, TenantMappingItem};
use crate::protocol::payload::TenantMappingWrite;

/// Every customer; one that is not mapped has no `acronis_tenant_id` at all, neither null nor "".
pub(super) fn read(state: &State, call: &Call) -> Result<Value, Refusal> {
    let items = organisations(state, call)
        .iter()
        .map(|customer| TenantMappingItem {
            vendor_tenant_id: customer.id.clone(),
            acronis_tenant_id: customer.acronis_tenant_id.clone(),
            further: Map::new(),
        });
    Ok(json!(TenantMapping {
        items: items.collect(),
    }))
}

/// Maps the customers of the list, or removes their mappings; all of them or, if one cannot be done, none.
pub(super) fn write(state: &mut State, call: &Call) -> Outcome {
    let wanted: TenantMappingWrite = call.payload()?;
    let partner = state
        .enabled_partner_mut(&call.partner)
        .ok_or_else(not_enabled)?;
    let mut named = HashSet::new();
    for entry in &wanted.modified {
        if !named.insert(&entry.vendor_tenant_id) {
            return Err(conflict("a customer is in the list twice"));
        }
        let customer = partner
            .organisation_mut(&entry.vendor_tenant_id)
            .ok_or_else(unknown)?;
        customer.acronis_tenant_id = entry.acronis_tenant_id.as_ref().map(canonical);
    }
    // Asked only now: a tenant may move from one customer to another in one list, whichever of the two comes first.
    let mut tenants = partner
        .organisations
        .iter()
        .filter_map(|customer| customer.acronis_tenant_id.as_ref());
    let mut seen = HashSet::new();
    if tenants.all(|tenant| seen.insert(tenant)) {
        Ok(None)
    } else {
        Err(conflict("the Acronis tenant is mapped to another customer"))
    }
}

/// The caller's customers and nobody else's. A partner that is known by its Acronis tenant alone has none before it is enabled.
pub(super) fn organisations<'a>(state: &'a State, call: &Call) -> &'a [Organisation] {
    let by_credentials = matches!(call.partner, PartnerId::Organisation(_));
    state
        .partner(&call.partner)
        .filter(|partner| by_credentials || partner.is_enabled())
        .map_or(&[], |partner| &partner.organisations)
}

fn unknown() -> Refusal {
    Refusal::new(
        Subject::Data,
        StatusCode::NOT_FOUND,
        "there is no such customer",
    )
}
