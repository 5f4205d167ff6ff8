//! The envelopes of requests, successful responses and error responses (pages `formats/requests` and `formats/responses`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::cti::Cti;
use super::text::{DateTimeText, UriText, UuidText};

/// A request as the gateway sends it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

/// The `context` of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

/// A successful response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

/// What a handler answers, with a status other than 200, when it cannot do what was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorResponse {
    /// The request's id.
    pub request_id: UuidText,
    /// Names this response.
    pub response_id: UuidText,
    /// What went wrong, in words that a user may read.
    pub err_message: String,
}

/// The payload of a successful `tenant_mapping.read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantMapping {
    /// The partner's customer organisations.
    pub items: Vec<TenantMappingItem>,
}

/// One customer organisation; further keys are allowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TenantMappingItem {
    /// The organisation's id on the vendor's side.
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

/// The payload of a successful `topology.read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

/// One customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopologyItem {
    /// The organisation's id on the vendor's side.
    pub id: String,
    /// The name that the user interface shows.
    pub name: String,
}

/// Where a page lies among all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Paging {
    /// By position.
    Offset(OffsetPaging),
    /// By cursor.
    Cursor(CursorPaging),
}

/// Paging by position; all three are required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffsetPaging {
    /// Items before this page.
    pub offset: i64,
    /// Most items in a page.
    pub limit: i64,
    /// Items in all.
    pub total_count: i64,
}

/// Paging by cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

/// An optional field that, where present, must have a value: null is not absence.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
