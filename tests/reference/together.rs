//! Requests at the same time, and the same request twice.

use acgw_conformance::protocol::EnablementMethod::{Explicit, Mirrored};
use acgw_conformance::protocol::catalog::{
    CUSTOMER_MIRRORING_GET_STATE, CUSTOMER_MIRRORING_SET_STATE, ENABLEMENT_READ, ENABLEMENT_RESET,
    ENABLEMENT_WRITE, TENANT_MAPPING_READ, TENANT_MAPPING_WRITE,
};
use acgw_conformance::reference::Faults;
use acgw_conformance::reference::store::PARTNERS;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_writes_all_arrive() {
    let reference = serving(combination(Explicit, Mirrored), Faults::none());
    let partner = Talk::as_tenant(&reference, &tenant(1));
    let mut sending = JoinSet::new();
    for number in 100..200 {
        let payload = json!({
            "partner_tenant_id": tenant(1),
            "partner_tenant_name": "MSP",
            "enabled": [{"acronis_tenant_id": tenant(number), "acronis_tenant_name": "C"}],
        });
        for _ in 0..2 {
            let request = partner.request(&CUSTOMER_MIRRORING_SET_STATE, Some(payload.clone()));
            let reference = reference.clone();
            sending.spawn(async move { ask(&reference, request).await.status });
        }
    }
    assert!(sending.join_all().await.iter().all(|status| *status == 200));
    let state = partner.get(&CUSTOMER_MIRRORING_GET_STATE).await;
    let ids = |key: &str| {
        let mut ids: Vec<_> = state
            .as_array()
            .expect("an array")
            .iter()
            .map(|c| c[key].to_string())
            .collect();
        ids.sort();
        ids.dedup();
        ids.len()
    };
    assert_eq!(ids("acronis_tenant_id"), 100);
    assert_eq!(ids("vendor_tenant_id"), 100);
    assert_eq!(state.as_array().map(Vec::len), Some(100));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_partners_who_want_the_same_tenant_one_gets_it() {
    for _ in 0..20 {
        let reference = right();
        let mut wanting = JoinSet::new();
        for partner in PARTNERS {
            let talk = Talk::as_partner(&reference, partner);
            talk.get(&ENABLEMENT_RESET).await;
            let id = partner.vendor_tenant_id;
            let wanted = json!({"vendor_tenant_id": id, "acronis_tenant_id": tenant(1)});
            let request = talk.request(&ENABLEMENT_WRITE, Some(wanted));
            let reference = reference.clone();
            wanting.spawn(async move { ask(&reference, request).await.status.as_u16() });
        }
        let mut statuses = wanting.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }
}

#[tokio::test]
async fn reading_changes_nothing_and_handlers_share_nothing() {
    let (one, other) = (right(), right());
    let alpha = Talk::as_partner(&one, &PARTNERS[0]);
    let first = (
        alpha.get(&ENABLEMENT_READ).await,
        alpha.get(&TENANT_MAPPING_READ).await,
    );
    let entry = json!({"modified": [{"vendor_tenant_id": "1001"}]});
    Talk::as_partner(&other, &PARTNERS[0])
        .ok(&TENANT_MAPPING_WRITE, Some(entry))
        .await;
    for _ in 0..5 {
        let again = (
            alpha.get(&ENABLEMENT_READ).await,
            alpha.get(&TENANT_MAPPING_READ).await,
        );
        assert_eq!(again, first);
    }
}
