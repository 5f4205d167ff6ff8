//! The two headers that carry data: `X-CyberApp-Auth` and `X-CyberApp-Extra` (page `callback-handler/formats/requests`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// Name of the header with the vendor credentials.
pub const AUTH_HEADER: &str = "X-CyberApp-Auth";
/// Name of the header with the enablement form's further fields.
pub const EXTRA_HEADER: &str = "X-CyberApp-Extra";

/// What `X-CyberApp-Auth` carries: `base64(<identity>:<secrets>)`.
///
/// The first colon parts the two, so that secrets may have colons and an identity may not.
///
/// ```
/// use acgw_conformance::protocol::Credentials;
/// use serde_json::json;
///
/// let credentials = Credentials::new("partner@example.com", json!({"password": "a:b"}))?;
/// let header = credentials.encode();
/// assert_eq!(header, "cGFydG5lckBleGFtcGxlLmNvbTp7InBhc3N3b3JkIjoiYTpiIn0=");
/// assert_eq!(Credentials::decode(&header)?, credentials);
/// assert!(!format!("{credentials:?}").contains("a:b"), "secrets are not shown");
/// # Ok::<(), acgw_conformance::protocol::headers::HeaderError>(())
/// ```
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
///
/// ```
/// use acgw_conformance::protocol::Extra;
///
/// assert_eq!(Extra::default().encode(), "e30=");
/// assert!(Extra::decode("e30=")?.0.is_empty());
/// # Ok::<(), acgw_conformance::protocol::headers::HeaderError>(())
/// ```
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn header(text: impl AsRef<[u8]>) -> String {
        STANDARD.encode(text)
    }

    #[test]
    fn the_first_colon_parts_identity_and_secrets() {
        for (text, identity, secrets) in [
            (r#"a:{"password":"p"}"#, "a", json!({"password": "p"})),
            (
                r#"a: { "password" : "p:q" } "#,
                "a",
                json!({"password": "p:q"}),
            ),
            (r#":"x""#, "", json!("x")),
            (
                r#"a b@c/d:{"\u0070":"é\"'"}"#,
                "a b@c/d",
                json!({"p": "é\"'"}),
            ),
            ("ü:{}", "ü", json!({})),
        ] {
            let credentials = Credentials::decode(&header(text)).unwrap();
            assert_eq!(
                (credentials.identity(), credentials.secrets()),
                (identity, &secrets)
            );
            assert_eq!(
                Credentials::decode(&credentials.encode()).unwrap(),
                credentials
            );
        }
    }

    #[test]
    fn what_is_no_header_is_refused_by_its_reason() {
        use HeaderError as E;
        type Is = fn(&HeaderError) -> bool;
        let base64: Is = |error| matches!(error, E::Base64(_));
        let cases: [(String, Is); 11] = [
            ("a:b".to_owned(), base64),
            ("YTp7fQ".to_owned(), base64),
            ("YTp7fQ=".to_owned(), base64),
            ("YTp7 fQ==".to_owned(), base64),
            ("YTp7fQ==\n".to_owned(), base64),
            (
                header("a:\u{3ff}?>").replace('/', "_").replace('+', "-"),
                base64,
            ),
            (String::new(), |error| *error == E::NoColon),
            (header("{}"), |error| *error == E::NoColon),
            (header(b"a:\"\xff\""), |error| matches!(error, E::Utf8(_))),
            (header("a:"), |error| matches!(error, E::Json(_))),
            (header("a:{} {}"), |error| matches!(error, E::Json(_))),
        ];
        for (text, is) in cases {
            let error = Credentials::decode(&text).unwrap_err();
            assert!(is(&error), "{text}: {error}");
        }
        assert_eq!(
            Credentials::new("a:b", json!({})).unwrap_err(),
            E::ColonInIdentity
        );
    }

    #[test]
    fn no_message_quotes_a_secret() {
        for text in [
            "a:{\"password\":\"hunter2\"",
            "a:hunter2",
            "a:{\"password\":hunter2}",
        ] {
            let error = Credentials::decode(&header(text)).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        let credentials = Credentials::new("a", json!({"password": "hunter2"})).unwrap();
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }

    #[test]
    fn extra_data_is_an_object() {
        let extra = Extra::decode(&header(r#"{"Account region":"eu","é":[1,null]}"#)).unwrap();
        assert_eq!(extra.0["Account region"], "eu");
        assert_eq!(Extra::decode(&extra.encode()).unwrap(), extra);
        for text in ["[]", "null", "1", "\"\""] {
            assert_eq!(
                Extra::decode(&header(text)).unwrap_err(),
                HeaderError::NotAnObject
            );
        }
        assert!(matches!(
            Extra::decode(&header("{")),
            Err(HeaderError::Json(_))
        ));
        assert!(matches!(Extra::decode("e30"), Err(HeaderError::Base64(_))));
        assert!(matches!(Extra::decode(""), Err(HeaderError::Json(_))));
    }

    #[test]
    fn credentials_are_shown_without_their_secrets() {
        let credentials = Credentials::decode(&Credentials::encode_raw("me", r#"{"a":"hush"}"#));
        let shown = format!("{:?}", credentials.expect("credentials"));
        assert_eq!(shown, r#"Credentials { identity: "me", secrets: "***" }"#);
    }
}
