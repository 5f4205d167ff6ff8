//! The parsers and the reference handler, none of which made the outcomes, agree with every vector.

use std::collections::HashSet;

use acgw_conformance::protocol::catalog;
use acgw_conformance::protocol::{
    Credentials, Cti, ErrorResponse, Extra, Request, Response, schema, validate,
};
use acgw_conformance::reference::Faults;
use serde_json::{Value, json};

use crate::handler::{Handler, shows};
use crate::read::{body, expect, file, id, text, vectors};

#[test]
fn the_parser_of_identifiers_agrees() {
    for vector in vectors(&file("cti")) {
        match Cti::parse(text(vector, "/input/text")) {
            Ok(cti) => {
                assert_eq!(expect(vector), "accept", "{}", id(vector));
                let contexts: Vec<Value> = cti
                    .contexts()
                    .map(|one| {
                        json!({"vendor": one.vendor, "package": one.package, "entity_name": one.entity_name,
                            "major": one.major, "minor": one.minor})
                    })
                    .collect();
                let parent = cti.parent().map(|parent| parent.to_string());
                let parts = json!({"contexts": contexts, "uuid": cti.uuid(), "parent": parent});
                assert_eq!(parts, vector["result"], "{}", id(vector));
            }
            Err(error) => {
                assert_eq!(expect(vector), "reject", "{}", id(vector));
                assert_eq!(
                    json!(error.position()),
                    vector["error"]["position"],
                    "{}",
                    id(vector)
                );
            }
        }
    }
}

#[test]
fn the_decoders_of_the_headers_agree() {
    let auth = file("cyberapp-auth");
    let partners = auth["context"]["partners"].as_array().expect("partners");
    for vector in vectors(&auth) {
        let header = vector["input"]["header"].as_str();
        let decoded = header.and_then(|header| Credentials::decode(header).ok());
        let decoded =
            decoded.map(|one| json!({"identity": one.identity(), "secrets": one.secrets()}));
        assert_eq!(decoded.as_ref(), vector.get("result"), "{}", id(vector));
        let known = decoded.is_some_and(|one| partners.contains(&one));
        match expect(vector) {
            "accept" => assert!(known, "{}", id(vector)),
            "reject" => assert!(!known, "{}", id(vector)),
            _ => {}
        }
    }
    for vector in vectors(&file("cyberapp-extra")) {
        let header = vector["input"]["header"].as_str();
        let decoded = header.and_then(|header| Extra::decode(header).ok());
        let decoded = decoded.map(|extra| Value::Object(extra.0));
        assert_eq!(decoded.as_ref(), vector.get("result"), "{}", id(vector));
        assert!(
            decoded.is_some() || expect(vector) == "free",
            "{}",
            id(vector)
        );
    }
}

#[test]
fn the_validator_of_requests_agrees() {
    for vector in vectors(&file("request")) {
        let body = body(&vector["input"]);
        let verdict = validate::request(&body);
        let typed = serde_json::from_slice::<Request>(&body).is_ok();
        if expect(vector) == "accept" {
            assert!(
                verdict.is_valid() && typed,
                "{}: {:?}",
                id(vector),
                verdict.problems
            );
            let name = verdict.callback.map(|callback| callback.name);
            assert_eq!(
                name,
                vector["result"]["callback"].as_str(),
                "{}",
                id(vector)
            );
            let read: Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(read, vector["result"]["request"], "{}", id(vector));
        } else if id(vector) != "jwt-17-another-endpoint-id-in-the-body" {
            // That one is right in itself: it does not fit its token. Another may be right for another handler.
            let served = verdict.is_valid() && verdict.callback.is_some();
            assert!(!served, "{}", id(vector));
        }
    }
}

#[test]
fn the_schemas_of_responses_agree() {
    for vector in vectors(&file("response")) {
        let input = &vector["input"];
        let callback = catalog::by_name(text(input, "/callback")).expect("a callback");
        assert_eq!(callback.id, text(input, "/callback_id"));
        let body: Value = serde_json::from_str(text(input, "/body")).expect("JSON");
        let answers = body["request_id"] == input["request_id"];
        let right = match input["status"].as_u64() {
            Some(200) => {
                let typed = serde_json::from_value::<Response>(body.clone()).is_ok();
                let valid = callback.response_schema.is_valid(&body);
                assert!(typed || !valid, "{}", id(vector));
                valid && answers && !lists_one_twice(&body["payload"])
            }
            _ => {
                let typed = serde_json::from_value::<ErrorResponse>(body.clone());
                let told = typed.is_ok_and(|error| !error.err_message.trim().is_empty());
                told && answers && schema::ERROR_RESPONSE.is_valid(&body)
            }
        };
        assert_eq!(right, expect(vector) == "accept", "{}", id(vector));
        if right {
            assert_eq!(
                body.get("payload"),
                vector["result"].get("payload"),
                "{}",
                id(vector)
            );
        }
    }
}

/// Whether two items of the list have the same id of the vendor's.
fn lists_one_twice(payload: &Value) -> bool {
    let items = payload.get("items").unwrap_or(payload).as_array();
    let ids = items.into_iter().flatten();
    let ids: Vec<String> = ids
        .map(|item| {
            item.get("id")
                .unwrap_or(&item["vendor_tenant_id"])
                .to_string()
        })
        .collect();
    ids.iter().collect::<HashSet<_>>().len() < ids.len()
}

#[tokio::test]
async fn the_reference_handler_agrees() {
    let handler = Handler::new(Faults::none());
    let mut asked = 0;
    for (subject, vector) in handler.vectors() {
        let answer = handler.ask(&subject, &vector).await;
        // It refuses for the reason that the vector is about.
        let refusals: &[u16] = match subject.as_str() {
            "token" | "cyberapp-auth" => &[401, 403],
            _ if shows(&vector, "JWT-17") => &[400, 401, 403],
            _ if shows(&vector, "ENV-11") => &[400, 404],
            _ => &[400],
        };
        let reason = expect(&vector) != "reject" || refusals.contains(&answer.status);
        assert!(
            answer.agrees(&vector) && reason,
            "{}: {answer:?}",
            id(&vector)
        );
        asked += 1;
    }
    assert!(asked > 400, "only {asked}");
}
