//! Mirrored partners with mirrored customers: records are made as tenants are enabled.

use acgw_conformance::protocol::catalog::{
    CUSTOMER_MIRRORING_GET_STATE, CUSTOMER_MIRRORING_SET_STATE, PARTNER_MIRRORING_ENABLE,
    PARTNER_MIRRORING_GET_STATE, PARTNER_MIRRORING_RESET,
};
use acgw_conformance::protocol::{Enablement, EnablementMethod};
use acgw_conformance::reference::{Faults, Reference};
use serde_json::{Value, json};

use crate::support::*;

fn mirrored() -> Reference {
    let both = combination(EnablementMethod::Mirrored, EnablementMethod::Mirrored);
    serving(both, Faults::none())
}

fn enable(tenant: &str) -> Option<Value> {
    Some(json!({"acronis_tenant_id": tenant, "acronis_tenant_name": "MSP"}))
}

fn set(partner: &Talk, enabled: &[u32], disabled: &[u32]) -> Option<Value> {
    let enabled = enabled.iter().map(
        |number| json!({"acronis_tenant_id": tenant(*number), "acronis_tenant_name": "Customer"}),
    );
    let disabled = disabled
        .iter()
        .map(|number| json!({"acronis_tenant_id": tenant(*number)}));
    Some(json!({
        "partner_tenant_id": partner.tenant,
        "partner_tenant_name": "MSP",
        "enabled": enabled.collect::<Vec<_>>(),
        "disabled": disabled.collect::<Vec<_>>(),
    }))
}

async fn listed(partner: &Talk<'_>) -> Vec<String> {
    let payload = partner.get(&CUSTOMER_MIRRORING_GET_STATE).await;
    let customers = payload.as_array().expect("an array").iter();
    let tenants = customers.filter_map(|customer| customer["acronis_tenant_id"].as_str());
    tenants.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_partner_is_enabled_and_disabled() {
    let reference = mirrored();
    let one = Talk::as_tenant(&reference, &tenant(1));
    let two = Talk::as_tenant(&reference, &tenant(2));
    let disabled = json!({"state": "DISABLED"});
    for _ in 0..2 {
        let state = one.get(&PARTNER_MIRRORING_GET_STATE).await;
        assert_eq!(state, disabled, "never seen");
        one.get(&PARTNER_MIRRORING_RESET).await;
    }
    two.ok(&PARTNER_MIRRORING_ENABLE, enable(&tenant(2))).await;
    assert_eq!(one.get(&PARTNER_MIRRORING_GET_STATE).await, disabled);
    let mut ids = Vec::new();
    for settings in [None, Some(json!({"Plan": "gold", "é": [1]})), None] {
        let mut payload = enable(&tenant(1)).expect("a payload");
        let mut expected = json!({"state": "ENABLED"});
        if let Some(settings) = settings {
            payload["settings"] = settings.clone();
            expected["settings"] = settings;
        }
        let enabled = one.ok(&PARTNER_MIRRORING_ENABLE, Some(payload)).await;
        assert_eq!(enabled["acronis_tenant_id"], tenant(1));
        ids.push(enabled["vendor_tenant_id"].clone());
        assert_eq!(one.get(&PARTNER_MIRRORING_GET_STATE).await, expected);
    }
    ids.dedup();
    assert_eq!(ids, ["p-2"]);
    for _ in 0..2 {
        one.get(&PARTNER_MIRRORING_RESET).await;
        assert_eq!(one.get(&PARTNER_MIRRORING_GET_STATE).await, disabled);
    }
    let state = two.get(&PARTNER_MIRRORING_GET_STATE).await;
    assert_eq!(state["state"], "ENABLED", "another partner stays");
    let capitals = Talk::as_tenant(&reference, &tenant(2).to_uppercase());
    let state = capitals.get(&PARTNER_MIRRORING_GET_STATE).await;
    assert_eq!(state["state"], "ENABLED", "a UUID is the same in capitals");
}

#[tokio::test]
async fn customers_are_enabled_and_disabled_by_two_lists() {
    let reference = mirrored();
    let one = Talk::as_tenant(&reference, &tenant(1));
    let two = Talk::as_tenant(&reference, &tenant(2));
    for partner in [&one, &two] {
        partner
            .ok(&PARTNER_MIRRORING_ENABLE, enable(&partner.tenant))
            .await;
        assert_eq!(listed(partner).await, [""; 0]);
    }
    let set_state = &CUSTOMER_MIRRORING_SET_STATE;
    for _ in 0..2 {
        assert_eq!(
            one.ok(set_state, set(&one, &[11, 12, 13], &[])).await,
            Value::Null
        );
        assert_eq!(listed(&one).await, [tenant(11), tenant(12), tenant(13)]);
    }
    two.ok(set_state, set(&two, &[11, 21], &[])).await;
    for _ in 0..2 {
        one.ok(set_state, set(&one, &[14], &[11, 12, 99])).await;
        assert_eq!(listed(&one).await, [tenant(13), tenant(14)]);
    }
    assert_eq!(listed(&two).await, [tenant(11), tenant(21)]);
    let neither = json!({"partner_tenant_id": tenant(1), "partner_tenant_name": "MSP"});
    one.ok(set_state, Some(neither)).await;
    assert_eq!(listed(&one).await, [tenant(13), tenant(14)]);

    let mut payload = set(&one, &[13], &[]).expect("a payload");
    payload["enabled"][0]["settings"] = json!({"Seats": 5});
    one.ok(set_state, Some(payload)).await;
    let state = one.get(&CUSTOMER_MIRRORING_GET_STATE).await;
    assert_eq!(state[0]["settings"], json!({"Seats": 5}));
    assert_eq!(state[0]["vendor_tenant_id"], "p-1/c-3");

    one.get(&PARTNER_MIRRORING_RESET).await;
    assert_eq!(listed(&one).await, [""; 0]);
    one.ok(&PARTNER_MIRRORING_ENABLE, enable(&tenant(1))).await;
    assert_eq!(listed(&one).await, [""; 0], "none comes back");
    assert_eq!(listed(&two).await, [tenant(11), tenant(21)]);
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let reference = mirrored();
    let one = Talk::as_tenant(&reference, &tenant(1));
    let two = Talk::as_tenant(&reference, &tenant(2));
    let set_state = &CUSTOMER_MIRRORING_SET_STATE;
    one.refused(409, set_state, set(&one, &[11], &[])).await;
    one.refused(403, &PARTNER_MIRRORING_ENABLE, enable(&tenant(2)))
        .await;
    assert_eq!(
        one.get(&PARTNER_MIRRORING_GET_STATE).await["state"],
        "DISABLED"
    );
    for partner in [&one, &two] {
        partner
            .ok(&PARTNER_MIRRORING_ENABLE, enable(&partner.tenant))
            .await;
        partner.ok(set_state, set(partner, &[11, 12], &[])).await;
    }
    one.refused(403, set_state, set(&two, &[13], &[11])).await;
    one.refused(409, set_state, set(&one, &[13, 14, 13], &[]))
        .await;
    one.refused(409, set_state, set(&one, &[13], &[11, 13]))
        .await;
    for callback in [&PARTNER_MIRRORING_RESET, &CUSTOMER_MIRRORING_SET_STATE] {
        let payload = set(&one, &[13], &[11]).filter(|_| callback.name.starts_with("customer"));
        let mut request = one.request(callback, payload);
        let token = bearer(&{
            let mut claims = claims();
            claims["exp"] = json!(1);
            claims
        });
        let token = token.parse().expect("a header value");
        request.headers_mut().insert("authorization", token);
        assert_eq!(ask(&reference, request).await.status, 401);
    }
    for partner in [&one, &two] {
        assert_eq!(listed(partner).await, [tenant(11), tenant(12)]);
    }
}

#[tokio::test]
async fn credentials_are_not_looked_at() {
    let reference = mirrored();
    for credentials in [None, Some("!"), Some("YWxwaGE6e30=")] {
        let partner = Talk {
            credentials: credentials.map(str::to_owned),
            ..Talk::as_tenant(&reference, &tenant(1))
        };
        let state = partner.get(&PARTNER_MIRRORING_GET_STATE).await;
        assert_eq!(state["state"], "DISABLED");
    }
}

#[tokio::test]
async fn callbacks_of_other_methods_are_not_served() {
    for enablement in Enablement::all() {
        let reference = serving(enablement, Faults::none());
        for callback in acgw_conformance::protocol::CATALOG {
            let answer = ask(&reference, request(callback)).await;
            let served = enablement.has(callback.family);
            assert_eq!(
                answer.status != 404,
                served,
                "{enablement}: {}",
                callback.name
            );
        }
    }
}
