//! The envelopes of requests, successful responses and error responses (pages `formats/requests` and `formats/responses`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::cti::Cti;
use super::schema::{self, Schema, Violation};
use super::strict::{closed_object, not_empty, present, whole};
use super::text::{DateTimeText, UriText, UuidText};

closed_object! {
    /// A request as the gateway sends it.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Request {
        /// What the payload is.
        #[serde(rename = "type")]
        pub kind: Cti,
        /// Names this request; the answer repeats it.
        pub request_id: UuidText,
        /// When the gateway made it; no date is too old.
        pub created_at: DateTimeText,
        /// Whom and what it is about.
        pub context: Context,
        /// The callback's input; absent where the callback has none.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        pub payload: Option<Map<String, Value>>,
    }
}

closed_object! {
    /// The `context` of a request.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Context {
        /// Which callback is meant: handlers dispatch on this.
        pub callback_id: Cti,
        /// The CyberApp's endpoint; a role of the token's scope equals it.
        pub endpoint_id: Cti,
        /// The Acronis tenant that the callback is about.
        pub tenant_id: UuidText,
        /// The Acronis data centre.
        pub datacenter_url: UriText,
    }
}

closed_object! {
    /// A successful response.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Response {
        /// What the payload is: one of the callback's response types.
        #[serde(rename = "type")]
        pub kind: Cti,
        /// The request's id, letter by letter.
        pub request_id: UuidText,
        /// Names this response.
        pub response_id: UuidText,
        /// The callback's output; absent where the callback has none.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        pub payload: Option<Value>,
    }
}

closed_object! {
    /// What a handler answers, with a status other than 200, when it cannot do what was asked.
    #[derive(Debug, Clone, PartialEq)]
    pub struct ErrorResponse {
        /// The request's id.
        pub request_id: UuidText,
        /// Names this response.
        pub response_id: UuidText,
        /// What went wrong, in words that a user may read.
        pub err_message: String,
    }
}

closed_object! {
    /// The payload of a successful `tenant_mapping.read`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct TenantMapping {
        /// The partner's customer organisations.
        pub items: Vec<TenantMappingItem>,
    }
}

/// One customer organisation; further keys are allowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TenantMappingItem {
    /// The organisation's id on the vendor's side.
    #[serde(deserialize_with = "not_empty")]
    pub vendor_tenant_id: String,
    /// The Acronis customer tenant it is mapped to; absent where it is not mapped.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub acronis_tenant_id: Option<UuidText>,
    /// Further keys.
    #[serde(flatten)]
    pub further: Map<String, Value>,
}

closed_object! {
    /// The payload of a successful `topology.read`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Topology {
        /// The partner's customers.
        pub items: Vec<TopologyItem>,
        /// Where this page lies, when the answer is one page of several.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        pub paging: Option<Paging>,
    }
}

closed_object! {
    /// One customer.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TopologyItem {
        /// The organisation's id on the vendor's side.
        #[serde(deserialize_with = "not_empty")]
        pub id: String,
        /// The name that the user interface shows.
        pub name: String,
    }
}

/// Where a page lies among all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Paging {
    /// By position.
    Offset(OffsetPaging),
    /// By cursor.
    Cursor(CursorPaging),
}

closed_object! {
    /// Paging by position; all three are required.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct OffsetPaging {
        /// Items before this page.
        #[serde(deserialize_with = "whole")]
        pub offset: i64,
        /// Most items in a page.
        #[serde(deserialize_with = "whole")]
        pub limit: i64,
        /// Items in all.
        #[serde(deserialize_with = "whole")]
        pub total_count: i64,
    }
}

closed_object! {
    /// Paging by cursor.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CursorPaging {
        /// Cursor of the page before.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        pub before: Option<String>,
        /// Cursor of the page after.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "present"
        )]
        pub after: Option<String>,
    }
}

impl<'de> Deserialize<'de> for Paging {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Map::<String, Value>::deserialize(deserializer)?;
        let by_position = ["offset", "limit", "total_count"]
            .iter()
            .any(|key| fields.contains_key(*key));
        let fields = Value::Object(fields);
        if by_position {
            serde_json::from_value(fields).map(Paging::Offset)
        } else {
            serde_json::from_value(fields).map(Paging::Cursor)
        }
        .map_err(serde::de::Error::custom)
    }
}

/// Why a body is not the envelope it should be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// It is not JSON.
    #[error("not JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// It is JSON, but not the envelope; the first violation of the schema.
    #[error("{0}")]
    Form(Violation),
}

impl Request {
    /// Reads a request from a body.
    ///
    /// ```
    /// use acgw_conformance::protocol::Request;
    ///
    /// let error = Request::from_json(br#"{"type": "cti.a.p.acgw.request.v1.0"}"#).unwrap_err();
    /// assert_eq!(error.to_string(), r#"(root): the key "request_id" is missing"#);
    /// ```
    ///
    /// # Errors
    /// When the body is not JSON, or not a request's envelope.
    pub fn from_json(body: &[u8]) -> Result<Self, EnvelopeError> {
        from_json(body, schema::REQUEST)
    }
}

impl Response {
    /// Reads a successful response from a body.
    ///
    /// # Errors
    /// When the body is not JSON, or not a successful response's envelope.
    pub fn from_json(body: &[u8]) -> Result<Self, EnvelopeError> {
        from_json(body, schema::RESPONSE)
    }
}

impl ErrorResponse {
    /// Reads an error response from a body.
    ///
    /// # Errors
    /// When the body is not JSON, or not an error response.
    pub fn from_json(body: &[u8]) -> Result<Self, EnvelopeError> {
        from_json(body, schema::ERROR_RESPONSE)
    }
}

/// The type decides; the schema, which agrees with it, says why not.
fn from_json<T: for<'de> Deserialize<'de>>(
    body: &[u8],
    schema: Schema,
) -> Result<T, EnvelopeError> {
    let value: Value = serde_json::from_slice(body).map_err(EnvelopeError::Json)?;
    T::deserialize(&value).map_err(|error| {
        let violation = schema.violations(&value).into_iter().next();
        violation.map_or(EnvelopeError::Json(error), EnvelopeError::Form)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn example(schema: Schema) -> Value {
        let schema: Value = serde_json::from_str(schema.text()).expect("JSON");
        schema["examples"][0].clone()
    }

    fn without(mut value: Value, key: &str) -> Vec<u8> {
        value.as_object_mut().expect("an object").remove(key);
        value.to_string().into_bytes()
    }

    #[test]
    fn each_envelope_is_read_from_what_it_is_printed_as() {
        let (request, response, error) = (
            example(schema::REQUEST),
            example(schema::RESPONSE),
            example(schema::ERROR_RESPONSE),
        );
        let read = Request::from_json(request.to_string().as_bytes()).expect("a request");
        assert_eq!(serde_json::to_value(read).expect("JSON"), request);
        let read = Response::from_json(response.to_string().as_bytes()).expect("a response");
        assert_eq!(serde_json::to_value(read).expect("JSON"), response);
        let read = ErrorResponse::from_json(error.to_string().as_bytes()).expect("an error");
        assert_eq!(serde_json::to_value(read).expect("JSON"), error);
    }

    #[test]
    fn what_is_no_envelope_is_refused_with_the_reason() {
        let missing = r#"(root): the key "request_id" is missing"#;
        let told = |told: Option<EnvelopeError>| told.map(|error| error.to_string());
        let request = Request::from_json(&without(example(schema::REQUEST), "request_id"));
        assert_eq!(told(request.err()).as_deref(), Some(missing));
        let response = Response::from_json(&without(example(schema::RESPONSE), "request_id"));
        assert_eq!(told(response.err()).as_deref(), Some(missing));
        let body = without(example(schema::ERROR_RESPONSE), "request_id");
        let error = ErrorResponse::from_json(&body);
        assert_eq!(told(error.err()).as_deref(), Some(missing));
        let no_json = Request::from_json(b"{\"type\": ");
        let told = told(no_json.err()).expect("an error");
        assert!(told.starts_with("not JSON: EOF while parsing"), "{told}");
        let null = Request::from_json(json!(null).to_string().as_bytes());
        assert!(matches!(null, Err(EnvelopeError::Form(_))), "{null:?}");
    }
}
