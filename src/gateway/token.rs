//! Mints tokens: the right ones, and the wrong ones that no library would sign.

use ring::hmac;
use serde_json::{Value, json};

use super::key::SigningKey;
use crate::protocol::token::{LIFETIME_SECONDS, compact, signing_input};

/// How long before now a token says that it was issued, so that a handler whose clock is a little slow takes it.
pub const CLOCK_SKEW_SECONDS: i64 = 60;

/// The claims of a token that permits callbacks of one endpoint, as the gateway makes them: `jti` and `sub` are fresh
/// UUIDs, `iat` is a minute before `now_unix` (seconds since 1970) and `exp` an hour after `iat`.
pub fn claims(issuer: &str, audience: &str, endpoint: &str, now_unix: i64) -> Value {
    let issued = now_unix - CLOCK_SKEW_SECONDS;
    json!({
        "iss": issuer,
        "aud": audience,
        "exp": issued + LIFETIME_SECONDS,
        "iat": issued,
        "jti": uuid::Uuid::new_v4().to_string(),
        "sub": uuid::Uuid::new_v4().to_string(),
        "scope": [{"role": endpoint}],
        "ver": 2,
        "sub_type": "platform-acgw",
    })
}

/// The JOSE header of a token signed by the key of this name.
pub fn header(kid: &str) -> Value {
    json!({"alg": "RS256", "kid": kid})
}

/// A token with any header and any claims, signed RS256 whatever the header says.
pub fn mint(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let input = signing_input(header, claims);
    let signature = key.sign(input.as_bytes());
    compact(&input, &signature)
}

/// A token with any header and any claims, with an HMAC-SHA-256 for its signature whatever the header says.
pub fn mint_hs256(secret: &[u8], header: &Value, claims: &Value) -> String {
    let input = signing_input(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
    compact(&input, tag.as_ref())
}

/// A token with any header and any claims and an empty signature.
pub fn mint_unsigned(header: &Value, claims: &Value) -> String {
    compact(&signing_input(header, claims), &[])
}
