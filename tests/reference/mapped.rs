//! Mapped partners with mapped customers: what is written is remembered, and what is refused changes nothing.

use acgw_conformance::protocol::catalog::{
    ENABLEMENT_READ, ENABLEMENT_RESET, ENABLEMENT_WRITE, TENANT_MAPPING_READ, TENANT_MAPPING_WRITE,
    TOPOLOGY_READ,
};
use acgw_conformance::reference::store::PARTNERS;
use serde_json::{Value, json};

use crate::support::*;

const ALPHA: &str = "org-alpha";

fn wanted(vendor: &str, tenant: &str) -> Option<Value> {
    Some(json!({"vendor_tenant_id": vendor, "acronis_tenant_id": tenant}))
}

fn modified(entries: Value) -> Option<Value> {
    Some(json!({"modified": entries}))
}

/// Everything that can be read of both partners.
async fn everything(alpha: &Talk<'_>, bravo: &Talk<'_>) -> Vec<Value> {
    let mut all = Vec::new();
    for partner in [alpha, bravo] {
        for callback in [&ENABLEMENT_READ, &TOPOLOGY_READ, &TENANT_MAPPING_READ] {
            all.push(partner.get(callback).await);
        }
    }
    all
}

/// The Acronis tenants of a partner's customers by their ids.
async fn mapping(partner: &Talk<'_>) -> Vec<(String, Option<String>)> {
    let payload = partner.get(&TENANT_MAPPING_READ).await;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let items = payload["items"].as_array().expect("items").iter();
    items
        .map(|item| {
            let id = text(&item["vendor_tenant_id"]).expect("an id");
            (id, text(&item["acronis_tenant_id"]))
        })
        .filter(|(_, tenant)| tenant.is_some())
        .collect()
}

#[tokio::test]
async fn a_partner_is_enabled_and_disabled() {
    let reference = right();
    let alpha = Talk::as_partner(&reference, &PARTNERS[0]);
    let bravo = Talk::as_partner(&reference, &PARTNERS[1]);
    let of_bravo = mapping(&bravo).await;
    let start = json!({"vendor_tenant_id": ALPHA, "acronis_tenant_id": TENANT});
    assert_eq!(alpha.get(&ENABLEMENT_READ).await, start);

    for _ in 0..2 {
        assert_eq!(alpha.get(&ENABLEMENT_RESET).await, Value::Null);
        let state = alpha.get(&ENABLEMENT_READ).await;
        assert_eq!(state, json!({"vendor_tenant_id": ALPHA}));
        assert_eq!(mapping(&alpha).await, []);
    }
    let payload = alpha.get(&TOPOLOGY_READ).await;
    assert_eq!(
        payload["items"].as_array().map(Vec::len),
        Some(4),
        "still known"
    );

    for _ in 0..2 {
        alpha.ok(&ENABLEMENT_WRITE, wanted(ALPHA, &tenant(1))).await;
        let state = alpha.get(&ENABLEMENT_READ).await;
        assert_eq!(state["acronis_tenant_id"], tenant(1));
        assert_eq!(mapping(&alpha).await, [], "none comes back");
    }
    let capitals = tenant(1).to_uppercase();
    alpha.ok(&ENABLEMENT_WRITE, wanted(ALPHA, &capitals)).await;
    assert_eq!(mapping(&bravo).await, of_bravo);
}

#[tokio::test]
async fn customers_are_mapped_and_their_mappings_removed() {
    let reference = right();
    let alpha = Talk::as_partner(&reference, &PARTNERS[0]);
    let before = mapping(&alpha).await;
    let map = modified(json!([
        {"vendor_tenant_id": "1002", "acronis_tenant_id": tenant(2)},
        {"vendor_tenant_id": "org-eagle", "acronis_tenant_id": tenant(3)},
    ]));
    for _ in 0..2 {
        assert_eq!(
            alpha.ok(&TENANT_MAPPING_WRITE, map.clone()).await,
            Value::Null
        );
        let after = mapping(&alpha).await;
        assert_eq!(after.len(), before.len() + 2);
        assert!(before.iter().all(|one| after.contains(one)), "others stay");
        assert!(after.contains(&("1002".to_owned(), Some(tenant(2)))));
    }
    let remove = json!([{"vendor_tenant_id": "1002"}, {"vendor_tenant_id": "org-eagle"}]);
    for _ in 0..2 {
        alpha
            .ok(&TENANT_MAPPING_WRITE, modified(remove.clone()))
            .await;
        assert_eq!(mapping(&alpha).await, before);
    }
    alpha.ok(&TENANT_MAPPING_WRITE, modified(json!([]))).await;
    assert_eq!(mapping(&alpha).await, before);
}

#[tokio::test]
async fn a_tenant_moves_between_customers_in_one_list_in_any_order() {
    let tenant = PARTNERS[0].customers[0].acronis_tenant_id;
    for turned in [false, true] {
        let reference = right();
        let alpha = Talk::as_partner(&reference, &PARTNERS[0]);
        let mut list = vec![
            json!({"vendor_tenant_id": "1001"}),
            json!({"vendor_tenant_id": "1002", "acronis_tenant_id": tenant}),
        ];
        if turned {
            list.reverse();
        }
        alpha.ok(&TENANT_MAPPING_WRITE, modified(json!(list))).await;
        let after = mapping(&alpha).await;
        assert!(after.contains(&("1002".to_owned(), tenant.map(str::to_owned))));
        assert!(after.iter().all(|(id, _)| id != "1001"));
    }
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let reference = right();
    let alpha = Talk::as_partner(&reference, &PARTNERS[0]);
    let bravo = Talk::as_partner(&reference, &PARTNERS[1]);
    let before = everything(&alpha, &bravo).await;
    let other = tenant(1);
    let of_bravo = PARTNERS[1].acronis_tenant_id;
    for (status, vendor, tenant) in [
        (409, ALPHA, other.as_str()),
        (409, ALPHA, of_bravo),
        (403, "org-bravo", other.as_str()),
        (403, "org-zulu", other.as_str()),
        (403, "org-bravo", TENANT),
    ] {
        alpha
            .refused(status, &ENABLEMENT_WRITE, wanted(vendor, tenant))
            .await;
        assert_eq!(everything(&alpha, &bravo).await, before);
    }
    let taken = PARTNERS[0].customers[0].acronis_tenant_id;
    for (status, id, tenant) in [
        (404, "1999", Some(other.as_str())),
        (404, "b-1", Some(other.as_str())),
        (404, "1999", None),
        (409, "1002", taken),
        (409, "org-eagle", Some(other.as_str())),
    ] {
        let mut second = json!({"vendor_tenant_id": id});
        if let Some(tenant) = tenant {
            second["acronis_tenant_id"] = json!(tenant);
        }
        let first = json!({"vendor_tenant_id": "org-eagle", "acronis_tenant_id": other});
        for list in [json!([first, second]), json!([second, first])] {
            alpha
                .refused(status, &TENANT_MAPPING_WRITE, modified(list))
                .await;
            assert_eq!(everything(&alpha, &bravo).await, before);
        }
    }

    let stranger = Talk {
        credentials: Some(acgw_conformance::protocol::Credentials::encode_raw(
            "alpha",
            r#"{"password":"x"}"#,
        )),
        ..Talk::as_partner(&reference, &PARTNERS[0])
    };
    let nobody = Talk::as_tenant(&reference, TENANT);
    for asking in [stranger, nobody] {
        asking.refused(401, &ENABLEMENT_RESET, None).await;
        asking
            .refused(401, &ENABLEMENT_WRITE, wanted(ALPHA, TENANT))
            .await;
        let removal = modified(json!([{"vendor_tenant_id": "1001"}]));
        asking.refused(401, &TENANT_MAPPING_WRITE, removal).await;
    }
    let mut tokenless = alpha.request(&ENABLEMENT_RESET, None);
    tokenless.headers_mut().remove("authorization");
    assert_eq!(ask(&reference, tokenless).await.status, 401);
    assert_eq!(everything(&alpha, &bravo).await, before);
}

#[tokio::test]
async fn customers_of_a_partner_that_is_not_enabled_are_read_and_not_mapped() {
    let reference = right();
    let alpha = Talk::as_partner(&reference, &PARTNERS[0]);
    alpha.get(&ENABLEMENT_RESET).await;
    let entry = json!([{"vendor_tenant_id": "1001", "acronis_tenant_id": tenant(1)}]);
    alpha
        .refused(409, &TENANT_MAPPING_WRITE, modified(entry))
        .await;
    assert_eq!(mapping(&alpha).await, []);
}

#[tokio::test]
async fn a_payload_that_is_not_documented_is_refused() {
    let reference = right();
    let alpha = Talk::as_partner(&reference, &PARTNERS[0]);
    let good = alpha.get(&TENANT_MAPPING_READ).await;
    for (callback, payload) in [
        (&ENABLEMENT_WRITE, json!({})),
        (
            &ENABLEMENT_WRITE,
            json!({"vendor_tenant_id": ALPHA, "acronis_tenant_id": "x"}),
        ),
        (
            &ENABLEMENT_WRITE,
            json!({"vendor_tenant_id": 7, "acronis_tenant_id": TENANT}),
        ),
        (&TENANT_MAPPING_WRITE, json!({})),
        (&TENANT_MAPPING_WRITE, json!({"modified": null})),
        (
            &TENANT_MAPPING_WRITE,
            json!({"modified": [{"acronis_tenant_id": TENANT}]}),
        ),
        (
            &TENANT_MAPPING_WRITE,
            json!({"modified": [{"vendor_tenant_id": "1001", "acronis_tenant_id": null}]}),
        ),
    ] {
        let body = body_of(callback, TENANT, Some(payload));
        let request = request(callback).map(|_| http_body_util::Full::from(body.to_string()));
        let answer = ask(&reference, request).await;
        assert_eq!(answer.status, 400, "{body}");
    }
    assert_eq!(alpha.get(&TENANT_MAPPING_READ).await, good);
}
