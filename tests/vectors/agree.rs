//! The parsers and the reference handler, none of which made the outcomes, agree with every vector.

use std::collections::HashSet;

use acgw_conformance::protocol::catalog::{self, TENANT_MAPPING_READ};
use acgw_conformance::protocol::text::is_uuid;
use acgw_conformance::protocol::token::Jwks;
use acgw_conformance::protocol::{
    Credentials, Cti, Enablement, ErrorResponse, Extra, Request, Response, schema, validate,
};
use acgw_conformance::reference::Reference;
use acgw_conformance::reference::store::PARTNERS;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};

use crate::read::{expect, file, id, text, vectors};

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

/// The bytes of a body.
fn body(input: &Value) -> Vec<u8> {
    match input["body"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => STANDARD
            .decode(text(input, "/body_base64"))
            .expect("base64"),
    }
}

/// A request that the reference handler accepts, but for what a vector puts into it.
struct Asked {
    authorization: Option<String>,
    auth: Option<String>,
    extra: Option<String>,
    body: Vec<u8>,
}

/// The handler at the time of the vectors, with their keys.
struct Handler {
    reference: Reference,
    token: Value,
    request: Value,
}

impl Handler {
    fn new(enablement: Enablement) -> Self {
        let token = file("token");
        let context = &token["context"];
        let keys: Jwks = serde_json::from_value(context["jwks"].clone()).expect("keys");
        let now = context["now"].as_i64().expect("a time");
        let issuer = text(context, "/issuer");
        Self {
            reference: Reference::with_keys_at(now, &keys, issuer, enablement),
            token,
            request: file("request"),
        }
    }

    /// All right.
    fn asked(&self) -> Asked {
        let right = |file: &Value, name: &str| {
            let found = vectors(file).iter().find(|vector| id(vector) == name);
            found.unwrap_or_else(|| panic!("{name}"))["input"].clone()
        };
        let token = right(&self.token, "token-right");
        Asked {
            authorization: token["authorization"].as_str().map(str::to_owned),
            auth: Some(PARTNERS[0].credentials().encode()),
            extra: Some("e30=".to_owned()),
            body: body(&right(&self.request, "request-right-tenant-mapping-read")),
        }
    }

    /// Asks, and holds the status to the outcome. A status of the answer's own says whether it was refused for what the vector is about.
    async fn agrees(&self, asked: Asked, vector: &Value, refusals: &[u16]) {
        let mut request =
            http::Request::post("/callback").header("Content-Type", "application/json");
        let fields = [
            ("Authorization", asked.authorization),
            ("X-CyberApp-Auth", asked.auth),
            ("X-CyberApp-Extra", asked.extra),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let request = request
            .body(Full::new(Bytes::from(asked.body)))
            .expect("a request");
        let (parts, body) = self.reference.handle(request).await.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let status = parts.status.as_u16();
        let right = match expect(vector) {
            "accept" => status == 200,
            "reject" => refusals.contains(&status),
            _ => status < 500,
        };
        assert!(
            right,
            "{}: status {status}, {}",
            id(vector),
            String::from_utf8_lossy(&body)
        );
        // The answer names the request as it was spelt.
        if status == 200 && vector["result"]["request"].is_object() {
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(
                body["request_id"],
                vector["result"]["request"]["request_id"]
            );
            assert!(is_uuid(text(&body, "/response_id")));
        }
    }
}

#[tokio::test]
async fn the_reference_handler_agrees_on_tokens() {
    let handler = Handler::new(Enablement::MAPPED);
    for vector in vectors(&handler.token) {
        let mut asked = handler.asked();
        asked.authorization = vector["input"]["authorization"].as_str().map(str::to_owned);
        handler.agrees(asked, vector, &[401, 403]).await;
    }
}

#[tokio::test]
async fn the_reference_handler_agrees_on_headers() {
    let handler = Handler::new(Enablement::MAPPED);
    for vector in vectors(&file("cyberapp-auth")) {
        let mut asked = handler.asked();
        asked.auth = vector["input"]["header"].as_str().map(str::to_owned);
        handler.agrees(asked, vector, &[401, 403]).await;
    }
    for vector in vectors(&file("cyberapp-extra")) {
        let mut asked = handler.asked();
        asked.extra = vector["input"]["header"].as_str().map(str::to_owned);
        handler.agrees(asked, vector, &[400]).await;
    }
}

#[tokio::test]
async fn the_reference_handler_agrees_on_bodies() {
    let handler = Handler::new(Enablement::MAPPED);
    for vector in vectors(&handler.request) {
        // Those of other callbacks ask for what is known or not, which is no matter of their form.
        let callback = vector["result"]["callback"].as_str();
        if callback.is_some_and(|name| name != TENANT_MAPPING_READ.name) {
            continue;
        }
        let mut asked = handler.asked();
        asked.body = body(&vector["input"]);
        let requirements = vector["requirements"].as_array().expect("a list");
        let refusals: &[u16] = if requirements.contains(&json!("JWT-17")) {
            &[400, 401, 403]
        } else if requirements.contains(&json!("ENV-11")) {
            &[400, 404]
        } else {
            &[400]
        };
        handler.agrees(asked, vector, refusals).await;
    }
}
