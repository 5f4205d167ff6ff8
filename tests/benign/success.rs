//! How the success is written.

use acgw_conformance::reference::Faults;
use serde_json::{Value, json};

use crate::common::front::{Front, ask};
use crate::common::verdicts::*;
use crate::common::*;
use crate::put_otherwise;

#[tokio::test(flavor = "multi_thread")]
async fn another_key_order_pretty_printed_with_escapes() {
    let outcome = put_otherwise(|_, mut answer| {
        let body = answer.json();
        if let Value::Object(members) = body {
            let turned: serde_json::Map<_, _> = members.into_iter().rev().collect();
            let pretty = serde_json::to_string_pretty(&turned).unwrap_or_default();
            answer.body = escaped(&pretty).replace('\n', "\r\n").into_bytes();
            answer.body.extend_from_slice(b"\r\n\t \n");
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

/// A JSON text in ASCII, slashes escaped, as PHP writes it.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '/' => escaped.push_str("\\/"),
            character if character.is_ascii() => escaped.push(character),
            character => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    escaped.push_str(&format!("\\u{unit:04X}"));
                }
            }
        }
    }
    escaped
}

#[tokio::test(flavor = "multi_thread")]
async fn media_types_that_mean_the_same() {
    let outcome = put_otherwise(|arrived, mut answer| {
        let spellings = [
            "application/json",
            "application/json;charset=UTF-8",
            "Application/JSON; Charset=\"utf-8\"",
            "application/json ; charset=utf8",
            "application/json; charset=utf-8; profile=v1",
        ];
        let spelling = spellings[arrived.body.len() % spellings.len()];
        answer.set_header("Content-Type", spelling);
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_in_upper_case_and_further_keys_in_mapping_items() {
    let outcome = put_otherwise(|_, mut answer| {
        let mut body = answer.json();
        if let Some(id) = body["response_id"].as_str() {
            body["response_id"] = json!(id.to_ascii_uppercase());
        }
        let mapping = body["type"]
            .as_str()
            .is_some_and(|kind| kind.contains("tenant_mapping"));
        let items = body.pointer_mut("/payload/items");
        if let (true, Some(items)) = (mapping, items.and_then(Value::as_array_mut)) {
            for item in items.iter_mut() {
                item["name"] = json!("a name");
                item["internal"] = json!({"id": 7, "tags": []});
                if let Some(id) = item["acronis_tenant_id"].as_str() {
                    item["acronis_tenant_id"] = json!(id.to_ascii_uppercase());
                } else if let Some(item) = item.as_object_mut() {
                    item.remove("acronis_tenant_id");
                }
            }
            // A database without ORDER BY.
            items.rotate_left(answer.body.len() % 3);
        }
        if answer.status == 200 {
            answer.body = body.to_string().into_bytes();
        }
        answer.reply()
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_mapped_customers_listed_breaks_advice_alone() {
    let outcome = put_otherwise(|_, mut answer| {
        let mut body = answer.json();
        let mapping = body["type"]
            .as_str()
            .is_some_and(|kind| kind.contains("tenant_mapping"));
        let items = body.pointer_mut("/payload/items");
        if let (true, Some(items)) = (mapping, items.and_then(Value::as_array_mut)) {
            items.retain(|item| item.get("acronis_tenant_id").is_some());
            answer.body = body.to_string().into_bytes();
        }
        answer.reply()
    })
    .await;
    assert_fails_but(&outcome, &["MAP-06"], &[]);
    assert_eq!(outcome.exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_without_customers() {
    let outcome = put_otherwise(|_, mut answer| {
        let mut body = answer.json();
        if body.pointer("/payload/items").is_some_and(Value::is_array) {
            body["payload"]["items"] = json!([]);
            answer.body = body.to_string().into_bytes();
        }
        answer.reply()
    })
    .await;
    let none = [
        "ENA-09", "TOP-02", "TOP-06", "TOP-07", "MAP-02", "MAP-04", "MAP-08", "MAP-09", "MAP-10",
        "MAP-11", "MAP-12", "MAP-13", "MAP-14", "MAP-15", "ROB-19",
    ];
    assert_fails_but(&outcome, &[], &none);
    assert_eq!(outcome.exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn topologies_in_pages() {
    for paging in [
        json!({"offset": 0, "limit": 100, "total_count": 4}),
        json!({"before": "a", "after": "b"}),
        json!({"after": "b"}),
        json!({}),
    ] {
        let identity = identity();
        let reference = reference(&identity, Faults::none());
        let shown = paging.clone();
        let front = Front::answer(move |arrived| {
            let (reference, paging) = (reference.clone(), shown.clone());
            async move {
                let mut answer = ask(&reference, &arrived).await;
                let mut body = answer.json();
                let topology = body["type"]
                    .as_str()
                    .is_some_and(|kind| kind.contains("topology"));
                if topology {
                    body["payload"]["paging"] = paging;
                    if let Some(items) = body["payload"]["items"].as_array_mut() {
                        items.truncate(2);
                    }
                    answer.body = body.to_string().into_bytes();
                }
                answer.reply()
            }
        })
        .await;
        let outcome = run(identity, &front.url(), only(&["TOP-*", "MAP-*"])).await;
        assert_eq!(failed(&outcome), [""; 0], "{paging}: {}", account(&outcome));
        assert_eq!(of(&outcome, "TOP-04").state.name(), "passed", "{paging}");
    }
}
