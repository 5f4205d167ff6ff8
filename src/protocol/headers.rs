//! The two headers that carry data: `X-CyberApp-Auth` and `X-CyberApp-Extra` (page `callback-handler/formats/requests`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// Name of the header with the vendor credentials.
pub const AUTH_HEADER: &str = "X-CyberApp-Auth";
/// Name of the header with the enablement form's further fields.
pub const EXTRA_HEADER: &str = "X-CyberApp-Extra";

/// What `X-CyberApp-Auth` carries: `base64(<identity>:<secrets>)`.
#[derive(Clone, PartialEq)]
pub struct Credentials {
    identity: String,
    secrets: Value,
}

/// What is wrong with one of the two headers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// Not base64 in the standard alphabet with padding.
    #[error("not base64 in the standard alphabet with padding: {0}")]
    Base64(String),
    /// The decoded bytes are not UTF-8.
    #[error("the decoded bytes are not UTF-8: {0}")]
    Utf8(String),
    /// No colon parts the identity from the secrets.
    #[error("no colon parts the identity from the secrets")]
    NoColon,
    /// The JSON text is malformed.
    #[error("the text after the first colon is not JSON: {0}")]
    Json(String),
    /// The identity has a colon, so it could not be told from the secrets.
    #[error("an identity cannot contain a colon")]
    ColonInIdentity,
    /// `X-CyberApp-Extra` is JSON, but no object.
    #[error("not a JSON object")]
    NotAnObject,
}

impl Credentials {
    /// Credentials from an identity and the JSON value of its secrets.
    ///
    /// # Errors
    /// When the identity contains a colon.
    pub fn new(identity: impl Into<String>, secrets: Value) -> Result<Self, HeaderError> {
        let identity = identity.into();
        if identity.contains(':') {
            return Err(HeaderError::ColonInIdentity);
        }
        Ok(Self { identity, secrets })
    }

    /// The plain text before the first colon.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The JSON value after the first colon.
    pub fn secrets(&self) -> &Value {
        &self.secrets
    }

    /// Reads a header value.
    ///
    /// # Errors
    /// When the value does not have the documented form; the error never quotes secrets.
    pub fn decode(header: &str) -> Result<Self, HeaderError> {
        let text = decode_text(header)?;
        let (identity, secrets) = text.split_once(':').ok_or(HeaderError::NoColon)?;
        let secrets =
            serde_json::from_str(secrets).map_err(|error| HeaderError::Json(error.to_string()))?;
        Ok(Self {
            identity: identity.to_owned(),
            secrets,
        })
    }

    /// The header value, with the secrets in compact JSON.
    pub fn encode(&self) -> String {
        Self::encode_raw(&self.identity, &self.secrets.to_string())
    }

    /// A header value from any identity and any text in place of the secrets.
    pub fn encode_raw(identity: &str, secrets: &str) -> String {
        STANDARD.encode(format!("{identity}:{secrets}"))
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("identity", &self.identity)
            .field("secrets", &"***")
            .finish()
    }
}

/// What `X-CyberApp-Extra` carries: a JSON object from UI field id to value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Extra(pub Map<String, Value>);

impl Extra {
    /// Reads a header value.
    ///
    /// # Errors
    /// When the value is not base64 of a JSON object.
    pub fn decode(header: &str) -> Result<Self, HeaderError> {
        let text = decode_text(header)?;
        match serde_json::from_str(&text).map_err(|error| HeaderError::Json(error.to_string()))? {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(HeaderError::NotAnObject),
        }
    }

    /// The header value, in compact JSON; `e30=` when there is nothing.
    pub fn encode(&self) -> String {
        STANDARD.encode(Value::Object(self.0.clone()).to_string())
    }
}

fn decode_text(header: &str) -> Result<String, HeaderError> {
    let bytes = STANDARD
        .decode(header)
        .map_err(|error| HeaderError::Base64(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| HeaderError::Utf8(error.to_string()))
}
