//! The token: a JWT in JWS compact serialisation, signed RS256 (page `callback-handler/request-verification`).
//! Only its form; keys and signatures are the business of those who sign and verify.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::strict::{present, present_audience, present_whole, rs256, whole};

/// Where Acronis serves its keys, below the issuer's URL.
pub const JWKS_PATH: &str = "/api/idp/v1/keys";
/// The newest documented issuer.
pub const DEFAULT_ISSUER: &str = "https://acronis.cloud";
/// Seconds from `iat` to `exp` in the documented example.
pub const LIFETIME_SECONDS: i64 = 3600;

/// The JOSE header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenHeader {
    /// The algorithm; `RS256`.
    #[serde(deserialize_with = "rs256")]
    pub alg: String,
    /// Which key of the JWKS signed it.
    pub kid: String,
    /// Documented, optional, meaning unknown.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub iri: Option<String>,
    /// Further members, which are no reason to refuse a token.
    #[serde(flatten)]
    pub further: Map<String, Value>,
}

/// The claims.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued the token.
    pub iss: String,
    /// For whom; checking it is not documented.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present_audience"
    )]
    pub aud: Option<Value>,
    /// When it ends, in seconds since 1970.
    #[serde(deserialize_with = "whole")]
    pub exp: i64,
    /// When it was issued, in seconds since 1970.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present_whole"
    )]
    pub iat: Option<i64>,
    /// Names the token.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub jti: Option<String>,
    /// Whom it is about.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub sub: Option<String>,
    /// What it permits: one of the roles equals the request's `context.endpoint_id`.
    pub scope: Vec<Scope>,
    /// 2.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present_whole"
    )]
    pub ver: Option<i64>,
    /// `platform-acgw`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub sub_type: Option<String>,
    /// Further claims, which are no reason to refuse a token.
    #[serde(flatten)]
    pub further: Map<String, Value>,
}

/// One entry of the scope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// An endpoint's CTI.
    pub role: String,
    /// Further members.
    #[serde(flatten)]
    pub further: Map<String, Value>,
}

/// One RSA public key of a JWKS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `RSA`.
    pub kty: String,
    /// Names the key.
    pub kid: String,
    /// `sig`.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    pub key_use: Option<String>,
    /// `RS256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// Modulus, base64url.
    pub n: String,
    /// Exponent, base64url.
    pub e: String,
}

/// A JSON Web Key Set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwks {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// A token taken apart; nothing of it is verified.
///
/// ```
/// use acgw_conformance::protocol::token::{self, UnverifiedToken};
/// use serde_json::json;
///
/// let input = token::signing_input(&json!({"alg": "RS256"}), &json!({"iss": "x"}));
/// let compact = token::compact(&input, b"not a signature");
/// let token = UnverifiedToken::parse(&compact)?;
/// assert_eq!(token.claims, json!({"iss": "x"}));
/// assert_eq!(token.signed, input);
/// assert_eq!(token.signature, b"not a signature");
/// # Ok::<(), token::TokenError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct UnverifiedToken<'a> {
    /// The JOSE header, as JSON.
    pub header: Value,
    /// The claims, as JSON.
    pub claims: Value,
    /// What the signature covers: the text before the second dot.
    pub signed: &'a str,
    /// The signature's bytes.
    pub signature: Vec<u8>,
}

/// What is wrong with a token's form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Not three parts parted by dots.
    #[error("a token has three parts parted by dots; this has {0}")]
    Parts(usize),
    /// A part is not base64url without padding.
    #[error("the {part} part is not base64url without padding: {reason}")]
    Base64 {
        /// `header`, `claims` or `signature`.
        part: &'static str,
        /// What the decoder says.
        reason: String,
    },
    /// A part is not a JSON object.
    #[error("the {part} part is not a JSON object: {reason}")]
    Json {
        /// `header` or `claims`.
        part: &'static str,
        /// What the parser says.
        reason: String,
    },
}

impl<'a> UnverifiedToken<'a> {
    /// Takes a compact token apart.
    ///
    /// # Errors
    /// When it does not have the form of a signed JWT.
    pub fn parse(token: &'a str) -> Result<Self, TokenError> {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(TokenError::Parts(parts.len()));
        };
        Ok(Self {
            header: object("header", header)?,
            claims: object("claims", claims)?,
            signed: &token[..header.len() + 1 + claims.len()],
            signature: decode("signature", signature)?,
        })
    }
}

/// The signing input of a token: header and claims, encoded and joined by a dot.
pub fn signing_input(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    )
}

/// The compact serialisation of a signing input and its signature.
pub fn compact(signing_input: &str, signature: &[u8]) -> String {
    format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn decode(part: &'static str, text: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|error| TokenError::Base64 {
            part,
            reason: error.to_string(),
        })
}

fn object(part: &'static str, text: &str) -> Result<Value, TokenError> {
    match serde_json::from_slice(&decode(part, text)?) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(TokenError::Json {
            part,
            reason: "it is another JSON type".to_owned(),
        }),
        Err(error) => Err(TokenError::Json {
            part,
            reason: error.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn part(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    #[test]
    fn a_token_is_taken_apart_and_put_together() {
        let (header, claims) = (
            json!({"alg": "RS256", "kid": "é"}),
            json!({"exp": 1, "scope": []}),
        );
        let input = signing_input(&header, &claims);
        for signature in [&b""[..], b"\xff\x00", &[7; 256]] {
            let text = compact(&input, signature);
            let token = UnverifiedToken::parse(&text).unwrap();
            assert_eq!((&token.header, &token.claims), (&header, &claims));
            assert_eq!(
                (token.signed, token.signature.as_slice()),
                (input.as_str(), signature)
            );
        }
    }

    #[test]
    fn what_has_not_the_form_of_a_token_is_refused_by_its_reason() {
        let good = part("{}");
        for (token, expected) in [
            (
                String::new(),
                "a token has three parts parted by dots; this has 1",
            ),
            (
                "a.b".to_owned(),
                "a token has three parts parted by dots; this has 2",
            ),
            (
                "a.b.c.d".to_owned(),
                "a token has three parts parted by dots; this has 4",
            ),
            (
                format!("{good}=.{good}."),
                "the header part is not base64url without padding",
            ),
            (
                format!("{good}.{good}.a"),
                "the signature part is not base64url without padding",
            ),
            (
                format!("{good}.{good}.+/+/"),
                "the signature part is not base64url without padding",
            ),
            (format!("..{good}"), "the header part is not a JSON object"),
            (
                format!("{good}.{}.", part("[]")),
                "the claims part is not a JSON object: it is another",
            ),
            (
                format!("{good}.{}.", part("{")),
                "the claims part is not a JSON object: EOF",
            ),
            (
                format!("{good}.{}.", part("{} {}")),
                "the claims part is not a JSON object: trailing",
            ),
        ] {
            let error = UnverifiedToken::parse(&token).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{token}: {error}");
        }
    }

    #[test]
    fn further_members_are_kept() {
        let header = json!({"alg": "RS256", "kid": "1", "typ": "JWT", "x5c": [1]});
        let read: TokenHeader = serde_json::from_value(header.clone()).unwrap();
        assert_eq!(read.further.len(), 2);
        assert_eq!(serde_json::to_value(&read).unwrap(), header);

        let claims =
            json!({"iss": "x", "exp": 1e3, "scope": [{"role": "r", "further": 1}], "nbf": 0});
        let read: Claims = serde_json::from_value(claims).unwrap();
        assert_eq!((read.exp, read.iat), (1000, None));
        assert_eq!(read.scope[0].further["further"], 1);
        assert_eq!(read.further["nbf"], 0);
    }
}
