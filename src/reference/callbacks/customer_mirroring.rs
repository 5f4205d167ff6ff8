//! `customer.mirroring.*`: which customers of the Acronis tenant of the context are enabled, where customers are mirrored.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::super::answer::Refusal;
use super::super::store::{State, canonical};
use super::call::{Call, conflict, forbidden, not_enabled};
use super::served::Outcome;
use crate::protocol::payload::{CustomerSetState, EnabledCustomer};

/// The enabled customers of this partner, as an array; nobody else's, and none that is disabled.
pub(super) fn get_state(state: &State, call: &Call) -> Result<Value, Refusal> {
    let customers = state
        .partner(&call.partner)
        .filter(|partner| partner.is_enabled())
        .map_or(&[][..], |partner| &partner.customers);
    let enabled = customers.iter().filter(|customer| customer.enabled);
    let listed = enabled.map(|customer| EnabledCustomer {
        vendor_tenant_id: customer.vendor_tenant_id.clone(),
        acronis_tenant_id: customer.acronis_tenant_id.clone(),
        settings: customer.settings.clone(),
        further: Map::new(),
    });
    Ok(listed.map(|customer| json!(customer)).collect())
}

/// Enables the customers of one list and disables those of the other; all others stay as they are.
pub(super) fn set_state(state: &mut State, call: &Call) -> Outcome {
    let wanted: CustomerSetState = call.payload()?;
    if canonical(&wanted.partner_tenant_id) != call.tenant() {
        return Err(forbidden(
            "the payload is about another partner than the context",
        ));
    }
    let partner = state
        .enabled_partner_mut(&call.partner)
        .ok_or_else(not_enabled)?;
    let mut named = HashSet::new();
    let mut name = |tenant: &_| {
        let tenant = canonical(tenant);
        match named.insert(tenant.clone()) {
            true => Ok(tenant),
            false => Err(conflict("a customer is in the lists twice")),
        }
    };
    for customer in wanted.enabled.into_iter().flatten() {
        partner.enable_customer(name(&customer.acronis_tenant_id)?, customer.settings);
    }
    for customer in wanted.disabled.into_iter().flatten() {
        if let Some(customer) = partner.customer_mut(&name(&customer.acronis_tenant_id)?) {
            customer.disable();
        }
    }
    Ok(None)
}
