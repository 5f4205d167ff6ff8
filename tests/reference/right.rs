//! Right requests are served, however they are written.

use std::collections::HashSet;

use acgw_conformance::protocol::catalog::{
    PARTNER_MIRRORING_ENABLE, TENANT_MAPPING_READ, TOPOLOGY_READ,
};
use acgw_conformance::protocol::{Enablement, EnablementMethod, Family};
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Fault, Faults};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn every_callback_is_answered_as_its_schema_says() {
    for (enablement, callback) in Enablement::all().flat_map(|enablement| {
        enablement
            .callbacks()
            .map(move |callback| (enablement, callback))
    }) {
        let reference = serving(enablement, Faults::none());
        if enablement.has(Family::PartnerMirroring) {
            let enable = ask(&reference, request(&PARTNER_MIRRORING_ENABLE)).await;
            assert_eq!(enable.status, StatusCode::OK);
        }
        let answer = ask(&reference, request(callback)).await;
        assert_eq!(
            answer.status,
            StatusCode::OK,
            "{}: {}",
            callback.name,
            answer.body
        );
        assert_eq!(
            answer.headers["content-type"],
            "application/json; charset=utf-8"
        );
        assert_eq!(callback.response_schema.violations(&answer.body), []);
        assert_eq!(answer.body["request_id"], REQUEST_ID, "letter by letter");
    }
}

#[tokio::test]
async fn customers_are_listed_with_the_tenant_they_are_mapped_to() {
    let reference = right();
    let mapping = ask(&reference, request(&TENANT_MAPPING_READ)).await.body;
    let topology = ask(&reference, request(&TOPOLOGY_READ)).await.body;
    let customers = PARTNERS[0].customers;
    for (index, customer) in customers.iter().enumerate() {
        let mut expected = json!({"vendor_tenant_id": customer.id});
        if let Some(id) = customer.acronis_tenant_id {
            expected["acronis_tenant_id"] = json!(id);
        }
        assert_eq!(mapping["payload"]["items"][index], expected);
        let expected = json!({"id": customer.id, "name": customer.name});
        assert_eq!(topology["payload"]["items"][index], expected);
    }
    assert_eq!(
        mapping["payload"]["items"].as_array().map(Vec::len),
        Some(customers.len())
    );
    assert_eq!(
        topology["payload"]["items"].as_array().map(Vec::len),
        Some(customers.len())
    );
}

#[tokio::test]
async fn each_partner_sees_its_own_customers() {
    let reference = right();
    for partner in PARTNERS {
        let header = partner.credentials().encode();
        let answer = ask(&reference, with("x-cyberapp-auth", Some(header.as_bytes()))).await;
        let items = answer.body["payload"]["items"].as_array().expect("items");
        let ids: Vec<&str> = items
            .iter()
            .filter_map(|i| i["vendor_tenant_id"].as_str())
            .collect();
        let expected: Vec<&str> = partner
            .customers
            .iter()
            .map(|customer| customer.id)
            .collect();
        assert_eq!(ids, expected);
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let reference = right();
    let mut ids = HashSet::new();
    for _ in 0..20 {
        let answer = ask(&reference, mapping_read()).await;
        assert!(ids.insert(answer.body["response_id"].to_string()));
    }
}

#[tokio::test]
async fn the_media_type_may_be_spelt_in_any_way() {
    let reference = right();
    for spelling in [
        "application/json; charset=utf-8",
        "application/json;charset=\"utf-8\"",
        "APPLICATION/Json",
        " application/json ",
    ] {
        let answer = ask(&reference, with("content-type", Some(spelling.as_bytes()))).await;
        assert_eq!(answer.status, StatusCode::OK, "{spelling}");
    }
}

#[tokio::test]
async fn the_secrets_may_be_written_in_any_way() {
    let reference = right();
    for text in [
        r#"alpha:{ "password" :	"correct-horse-battery" }"#,
        r#"alpha:{"\u0070assword":"correct\u002dhorse-battery"}"#,
        r#"bravo@example.com:{"passwört":"naïve: \u2602 傘 >>>???","api key":"k:9\"42\"\\:{}"}"#,
    ] {
        let header = STANDARD.encode(text);
        let answer = ask(&reference, with("x-cyberapp-auth", Some(header.as_bytes()))).await;
        assert_eq!(answer.status, StatusCode::OK, "{text}");
    }
}

#[tokio::test]
async fn extra_data_may_be_anything_or_nothing() {
    let reference = right();
    let long = json!({"a b": "ü☂", "deep": {"x": [1, null, {"__proto__": true}]}}).to_string();
    for text in [Some("{}"), Some(" { } "), Some(&long), None] {
        let header = text.map(|text| STANDARD.encode(text));
        let header = header.as_ref().map(String::as_bytes);
        let answer = ask(&reference, with("x-cyberapp-extra", header)).await;
        assert_eq!(answer.status, StatusCode::OK, "{text:?}");
    }
}

#[tokio::test]
async fn dates_and_white_space_make_no_difference() {
    let reference = right();
    for date in [
        "0001-01-01T00:00:00Z",
        "2024-02-29t23:59:59.123456789-23:59",
    ] {
        let mut body = body(&TENANT_MAPPING_READ);
        body["created_at"] = json!(date);
        let pretty = serde_json::to_string_pretty(&body).expect("JSON");
        let answer = ask(&reference, with_body(pretty)).await;
        assert_eq!(answer.status, StatusCode::OK, "{date}: {}", answer.body);
    }
}

#[tokio::test]
async fn tokens_may_carry_more_than_is_needed() {
    let reference = right();
    let mut claims = claims();
    claims["scope"] = json!([
        {"role": "cti.a.p.acgw.endpoint.v1.0~other.app.main.v1.0"},
        {"role": ENDPOINT, "tenant": "x"},
    ]);
    claims["further"] = json!({"x": [1]});
    claims["aud"] = json!(["somebody", "else"]);
    assert_eq!(
        ask(&reference, with_claims(&claims)).await.status,
        StatusCode::OK
    );
    for optional in ["aud", "iat", "jti", "sub", "ver", "sub_type"] {
        claims.as_object_mut().expect("an object").remove(optional);
    }
    assert_eq!(
        ask(&reference, with_claims(&claims)).await.status,
        StatusCode::OK
    );

    let mut header: Value = header();
    header["iri"] = json!("cti.a.p.x.v1.0");
    header["typ"] = json!("JWT");
    let token = acgw_conformance::gateway::token::mint(&published(), &header, &claims);
    for scheme in ["Bearer", "bearer", "BEARER "] {
        let value = format!("{scheme} {token}");
        let answer = ask(&reference, with("authorization", Some(value.as_bytes()))).await;
        assert_eq!(answer.status, StatusCode::OK, "{scheme}");
    }
}

#[test]
fn a_handler_tells_what_it_was_told() {
    let enablement = combination(EnablementMethod::Mirrored, EnablementMethod::Explicit);
    let reference = serving(enablement, Fault::Status201);
    assert_eq!(reference.enablement(), enablement);
    assert_eq!(*reference.faults(), Faults::from(Fault::Status201));
    assert!(right().faults().is_empty());
}
