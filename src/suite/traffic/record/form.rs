//! The lines of a recording, as JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The format's name and version.
pub(super) const FORMAT: &str = "acgw-recording/1";
/// What stands in place of what is hidden.
pub(super) const HIDDEN: &str = "***";

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: String,
    pub(super) tool: Tool,
    pub(super) upstream: String,
    pub(super) started_at: String,
}

/// What wrote a recording.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Tool {
    pub(super) name: String,
    pub(super) version: String,
}

/// One exchange.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) at: String,
    pub(super) callback: String,
    pub(super) duration_ms: f64,
    pub(super) request: Request,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<Response>,
    /// Why there is no response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) no_response: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) not_judged: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) problems: Vec<Problem>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) violations: Vec<Violation>,
}

/// A request.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) version: String,
    pub(super) headers: Vec<Field>,
    #[serde(flatten)]
    pub(super) body: Body,
    /// Whether anything of it but the header fields that carry secrets was hidden.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) altered: bool,
    /// Whether not all of it was seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) partial: bool,
    /// What keeps it from being HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) malformed: Option<String>,
}

/// A response.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) reason: String,
    pub(super) version: String,
    pub(super) headers: Vec<Field>,
    #[serde(flatten)]
    pub(super) body: Body,
}

/// A body: as text where it is UTF-8, in base64 otherwise, or why it was left out.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Body {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body_base64: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body_left_out: Option<String>,
}

/// A header field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Field {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value_base64: Option<String>,
}

/// What is wrong with a request.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Problem {
    pub(super) part: String,
    pub(super) expected: String,
    pub(super) observed: String,
}

/// A requirement that was seen to be broken.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Violation {
    pub(super) requirement: String,
    pub(super) expected: String,
    pub(super) observed: String,
}

impl Body {
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self {
                body: Some(text),
                ..Self::default()
            },
            Err(error) => Self {
                body_base64: Some(STANDARD.encode(error.as_bytes())),
                ..Self::default()
            },
        }
    }

    pub(super) fn left_out(why: &str) -> Self {
        Self {
            body_left_out: Some(why.to_owned()),
            ..Self::default()
        }
    }

    /// The bytes; `None` where they were left out.
    pub(super) fn bytes(&self) -> Result<Option<Vec<u8>>, String> {
        bytes(self.body.as_deref(), self.body_base64.as_deref(), "body")
    }
}

impl Field {
    pub(super) fn of(name: String, value: Vec<u8>) -> Self {
        match String::from_utf8(value) {
            Ok(value) => Self {
                name,
                value: Some(value),
                value_base64: None,
            },
            Err(error) => Self {
                name,
                value: None,
                value_base64: Some(STANDARD.encode(error.as_bytes())),
            },
        }
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, String> {
        bytes(self.value.as_deref(), self.value_base64.as_deref(), "value")
            .map(Option::unwrap_or_default)
    }
}

fn bytes(text: Option<&str>, base64: Option<&str>, name: &str) -> Result<Option<Vec<u8>>, String> {
    match (text, base64) {
        (Some(_), Some(_)) => Err(format!("there are both `{name}` and `{name}_base64`")),
        (Some(text), None) => Ok(Some(text.as_bytes().to_vec())),
        (None, Some(coded)) => (STANDARD.decode(coded).map(Some))
            .map_err(|error| format!("`{name}_base64` is not base64: {error}")),
        (None, None) => Ok(None),
    }
}
