//! The schemas as one OpenAPI 3.1 document, for tools that generate code, mocks or documentation.
//!
//! A handler has one address for all callbacks and tells them apart by the body, so the document has one operation, whose request
//! is one of the callbacks' and whose answer is one of theirs.

use serde_json::{Map, Value, json};

use super::{ALL, ERROR_RESPONSE, RECORDING, REPORT, Schema};
use crate::protocol::CATALOG;
use crate::protocol::headers::{AUTH_HEADER, EXTRA_HEADER};

/// The document. `version` is that of whatever publishes it.
///
/// ```
/// use acgw_conformance::protocol::schema::openapi;
///
/// let document = openapi::document("1.0.0");
/// assert_eq!(document["openapi"], "3.1.1");
/// assert!(document["components"]["schemas"]["topology.read.response"].is_object());
/// ```
pub fn document(version: &str) -> Value {
    let requests = CATALOG.iter().map(|callback| callback.request_schema);
    let responses = CATALOG.iter().map(|callback| callback.response_schema);
    let error = |description: &str| {
        json!({
            "description": description,
            "content": {"application/json": {"schema": reference(ERROR_RESPONSE)}},
        })
    };
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Callback handler of Acronis's API Callback Gateway",
            "version": version,
            "description": "What a vendor's endpoint is sent and answers with. The path is the vendor's own; callbacks are told apart \
                by `context.callback_id`, never by the path. Formats, `cti` among them, are to be asserted.",
            "license": {"name": "MIT OR Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": "https://handler.example/callback", "description": "The address that the vendor names."}],
        "tags": [{"name": "callbacks", "description": "What the gateway calls."}],
        "paths": {
            "/": {
                "post": {
                    "operationId": "callback",
                    "tags": ["callbacks"],
                    "summary": "Answers a callback",
                    "description": CATALOG.iter().map(|callback| format!("- `{}`: {}", callback.name, callback.effect))
                        .collect::<Vec<_>>().join("\n"),
                    "security": [{"token": []}],
                    "parameters": [
                        header(AUTH_HEADER, "Base64 of the identity, a colon and the secrets as JSON text. Absent where partners are \
                            told by their tenants.", "YWNtZTp7InBhc3N3b3JkIjoi4oCmIn0="),
                        header(EXTRA_HEADER, "Base64 of a JSON object with what else the CyberApp asks for.", "e30="),
                    ],
                    "requestBody": {
                        "required": true,
                        "content": {"application/json": {"schema": any_of(requests)}},
                    },
                    "responses": {
                        "200": {
                            "description": "The callback succeeded.",
                            "content": {"application/json": {"schema": any_of(responses)}},
                        },
                        "400": error("The request is malformed, or cannot be fulfilled as it is."),
                        "401": error("The token or the credentials are not accepted."),
                        "403": error("The token does not permit this endpoint."),
                        "404": error("What the request names is not there."),
                        "409": error("What is there is in the way."),
                        "500": error("The handler failed."),
                    },
                },
            },
        },
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "RS256, signed by a key of the JWKS of Acronis's identity provider; a role in `scope` equals \
                        `context.endpoint_id`.",
                },
            },
            "schemas": components(),
        },
    })
}

fn reference(schema: Schema) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", schema.name())})
}

/// Several callbacks share the answer that says no more than success.
fn any_of(schemas: impl Iterator<Item = Schema>) -> Value {
    json!({"anyOf": schemas.map(reference).collect::<Vec<_>>()})
}

fn header(name: &str, description: &str, example: &str) -> Value {
    json!({
        "name": name,
        "in": "header",
        "required": false,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    })
}

/// Every schema but those of reports and recordings, which no handler has to do with.
fn components() -> Map<String, Value> {
    let of_handlers = (ALL.iter()).filter(|schema| ![REPORT, RECORDING].contains(schema));
    let component = |schema: &Schema| {
        let mut value: Value =
            serde_json::from_str(schema.text()).expect("the schemas of this crate are JSON");
        if let Some(members) = value.as_object_mut() {
            // Inside the document it has another address, and the dialect is the document's.
            members.shift_remove("$schema");
            members.shift_remove("$id");
        }
        relocate(&mut value);
        (schema.name().to_owned(), value)
    };
    of_handlers.map(component).collect()
}

/// Turns references to files into references inside the document.
fn relocate(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let file = value.as_str().filter(|_| key == "$ref");
                let schema = file.and_then(|file| ALL.iter().find(|schema| schema.file() == file));
                match schema {
                    Some(schema) => {
                        *value = format!("#/components/schemas/{}", schema.name()).into()
                    }
                    None => relocate(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(relocate),
        _ => {}
    }
}
