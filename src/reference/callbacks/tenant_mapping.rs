//! `tenant_mapping.read`: which of the partner's customers are mapped, and to which Acronis tenant.

use serde_json::{Map, Value, json};

use super::super::store::Partner;
use crate::protocol::envelope::{TenantMapping, TenantMappingItem};
use crate::protocol::text::UuidText;

/// Every customer; one that is not mapped has no `acronis_tenant_id` at all, neither null nor "".
pub(super) fn read(partner: &Partner) -> Value {
    let items = partner.customers.iter().map(|customer| TenantMappingItem {
        vendor_tenant_id: customer.id.to_owned(),
        acronis_tenant_id: customer
            .acronis_tenant_id
            .and_then(|id| UuidText::new(id).ok()),
        further: Map::new(),
    });
    json!(TenantMapping {
        items: items.collect(),
    })
}
