//! Combinations of two different enablement methods.

use acgw_conformance::protocol::EnablementMethod::{Explicit, Mapped, Mirrored};
use acgw_conformance::protocol::catalog::{
    CUSTOMER_MIRRORING_GET_STATE, CUSTOMER_MIRRORING_SET_STATE, ENABLEMENT_RESET, ENABLEMENT_WRITE,
    PARTNER_MIRRORING_ENABLE, PARTNER_MIRRORING_RESET, TENANT_MAPPING_READ, TENANT_MAPPING_WRITE,
    TOPOLOGY_READ,
};
use acgw_conformance::reference::Faults;
use acgw_conformance::reference::store::PARTNERS;
use serde_json::{Value, json};

use crate::support::*;

fn set(partner: &str, customer: u32) -> Option<Value> {
    Some(json!({
        "partner_tenant_id": partner,
        "partner_tenant_name": "MSP",
        "enabled": [{"acronis_tenant_id": tenant(customer), "acronis_tenant_name": "Customer"}],
    }))
}

#[tokio::test]
async fn mirrored_customers_of_a_mapped_partner_are_found_by_the_tenant_that_it_is_enabled_for() {
    let reference = serving(combination(Mapped, Mirrored), Faults::none());
    let alpha = Talk::as_partner(&reference, &PARTNERS[0]);
    let at = |tenant: &str| Talk::as_tenant(&reference, tenant);
    let set_state = &CUSTOMER_MIRRORING_SET_STATE;
    let get_state = &CUSTOMER_MIRRORING_GET_STATE;
    at(TENANT).ok(set_state, set(TENANT, 5)).await;
    let expected = json!([{"vendor_tenant_id": "org-alpha/c-1", "acronis_tenant_id": tenant(5)}]);
    assert_eq!(at(TENANT).get(get_state).await, expected);
    assert_eq!(
        at(PARTNERS[1].acronis_tenant_id).get(get_state).await,
        json!([])
    );
    at(&tenant(1))
        .refused(409, set_state, set(&tenant(1), 5))
        .await;
    assert_eq!(at(&tenant(1)).get(get_state).await, json!([]));

    alpha.get(&ENABLEMENT_RESET).await;
    at(TENANT).refused(409, set_state, set(TENANT, 6)).await;
    let wanted = json!({"vendor_tenant_id": "org-alpha", "acronis_tenant_id": tenant(1)});
    alpha.ok(&ENABLEMENT_WRITE, Some(wanted)).await;
    assert_eq!(
        at(&tenant(1)).get(get_state).await,
        json!([]),
        "none comes back"
    );
    at(&tenant(1)).ok(set_state, set(&tenant(1), 6)).await;
    assert_eq!(at(TENANT).get(get_state).await, json!([]));
}

#[tokio::test]
async fn a_mirrored_partner_has_customers_of_its_own_to_map() {
    let reference = serving(combination(Mirrored, Mapped), Faults::none());
    let one = Talk::as_tenant(&reference, &tenant(1));
    let two = Talk::as_tenant(&reference, &tenant(2));
    assert_eq!(one.get(&TOPOLOGY_READ).await, json!({"items": []}));
    let id = format!("{}/north", tenant(1));
    let entry = json!({"modified": [{"vendor_tenant_id": id, "acronis_tenant_id": tenant(5)}]});
    one.refused(409, &TENANT_MAPPING_WRITE, Some(entry.clone()))
        .await;
    for partner in [&one, &two] {
        let wanted = payload(&PARTNER_MIRRORING_ENABLE, &partner.tenant);
        partner.ok(&PARTNER_MIRRORING_ENABLE, wanted).await;
    }
    let topology = one.get(&TOPOLOGY_READ).await;
    assert_eq!(topology["items"].as_array().map(Vec::len), Some(3));
    assert_eq!(topology["items"][0], json!({"id": id, "name": "North"}));
    assert_ne!(topology, two.get(&TOPOLOGY_READ).await);

    let before = two.get(&TENANT_MAPPING_READ).await;
    one.ok(&TENANT_MAPPING_WRITE, Some(entry.clone())).await;
    two.refused(404, &TENANT_MAPPING_WRITE, Some(entry)).await;
    let mapping = one.get(&TENANT_MAPPING_READ).await;
    assert_eq!(mapping["items"][0]["acronis_tenant_id"], tenant(5));
    assert_eq!(two.get(&TENANT_MAPPING_READ).await, before);

    one.get(&PARTNER_MIRRORING_RESET).await;
    assert_eq!(one.get(&TENANT_MAPPING_READ).await, json!({"items": []}));
    let wanted = payload(&PARTNER_MIRRORING_ENABLE, &one.tenant);
    one.ok(&PARTNER_MIRRORING_ENABLE, wanted).await;
    let mapping = one.get(&TENANT_MAPPING_READ).await;
    let none = mapping["items"].as_array().expect("items").iter();
    assert!(
        none.clone()
            .all(|item| item.get("acronis_tenant_id").is_none())
    );
    assert_eq!(none.count(), 3);
}

#[tokio::test]
async fn every_tenant_is_an_enabled_partner_where_partners_are_explicit() {
    let reference = serving(combination(Explicit, Mirrored), Faults::none());
    for number in [1, 2] {
        let partner = Talk::as_tenant(&reference, &tenant(number));
        let get_state = &CUSTOMER_MIRRORING_GET_STATE;
        assert_eq!(partner.get(get_state).await, json!([]));
        let wanted = set(&partner.tenant, 5 + number);
        partner.ok(&CUSTOMER_MIRRORING_SET_STATE, wanted).await;
        let state = partner.get(get_state).await;
        assert_eq!(state.as_array().map(Vec::len), Some(1));
        assert_eq!(state[0]["acronis_tenant_id"], tenant(5 + number));
    }
}
