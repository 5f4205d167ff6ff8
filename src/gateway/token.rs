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
    let fresh = || uuid::Uuid::new_v4().to_string();
    claims_named(issuer, audience, endpoint, now_unix, &fresh(), &fresh())
}

/// The same with a `jti` and a `sub` of the caller's.
pub fn claims_named(
    issuer: &str,
    audience: &str,
    endpoint: &str,
    now_unix: i64,
    jti: &str,
    sub: &str,
) -> Value {
    let issued = now_unix - CLOCK_SKEW_SECONDS;
    json!({
        "iss": issuer,
        "aud": audience,
        "exp": issued + LIFETIME_SECONDS,
        "iat": issued,
        "jti": jti,
        "sub": sub,
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

#[cfg(all(test, feature = "mock-idp"))]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

    use super::*;
    use crate::protocol::text::is_uuid;
    use crate::protocol::token::{Claims, TokenHeader, UnverifiedToken};

    const ENDPOINT: &str = "cti.a.p.acgw.endpoint.v1.0~vendor.app.main.v1.0";

    #[test]
    fn a_minted_token_verifies_and_says_what_it_was_told() {
        let key = SigningKey::generate().expect("random numbers");
        let claims = claims(
            "https://issuer.example",
            "audience",
            ENDPOINT,
            1_700_000_000,
        );
        let text = mint(&key, &header(key.kid()), &claims);
        let token = UnverifiedToken::parse(&text).expect("a token");
        let jwk = key.jwk();
        let public = RsaPublicKeyComponents {
            n: URL_SAFE_NO_PAD.decode(jwk.n).expect("base64url"),
            e: URL_SAFE_NO_PAD.decode(jwk.e).expect("base64url"),
        };
        let (signed, signature) = (token.signed.as_bytes(), &token.signature);
        public
            .verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
            .expect("a signature by the key");
        assert_eq!(token.claims, claims);
        let header: TokenHeader = serde_json::from_value(token.header).expect("a header");
        assert_eq!(
            (header.alg.as_str(), header.kid.as_str()),
            ("RS256", key.kid())
        );
        let claims: Claims = serde_json::from_value(token.claims).expect("claims");
        assert_eq!(claims.iss, "https://issuer.example");
        assert_eq!(claims.aud, Some(json!("audience")));
        assert_eq!(
            (claims.iat, claims.exp),
            (Some(1_699_999_940), 1_700_003_540)
        );
        assert_eq!(claims.scope.len(), 1);
        assert_eq!(claims.scope[0].role, ENDPOINT);
        assert_eq!(
            (claims.ver, claims.sub_type.as_deref()),
            (Some(2), Some("platform-acgw"))
        );
        assert!(claims.jti.as_deref().is_some_and(is_uuid));
        assert!(claims.sub.as_deref().is_some_and(is_uuid));
        assert!(claims.further.is_empty());
    }

    #[test]
    fn the_header_and_the_claims_may_be_anything() {
        let key = SigningKey::generate().expect("random numbers");
        let (header, claims) = (json!({"alg": "none", "x": [1]}), json!({"iss": null}));
        for text in [
            mint(&key, &header, &claims),
            mint_hs256(b"secret", &header, &claims),
            mint_unsigned(&header, &claims),
        ] {
            let token = UnverifiedToken::parse(&text).expect("a token");
            assert_eq!(
                (token.header, token.claims),
                (header.clone(), claims.clone())
            );
        }
        assert!(mint_unsigned(&header, &claims).ends_with('.'));
    }

    #[test]
    fn an_hmac_is_one_of_its_secret() {
        let (header, claims) = (json!({"alg": "HS256"}), json!({"iss": "joe"}));
        let text = mint_hs256(b"secret", &header, &claims);
        let token = UnverifiedToken::parse(&text).expect("a token");
        let verify = |secret: &[u8]| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            hmac::verify(&key, token.signed.as_bytes(), &token.signature)
        };
        assert!(verify(b"secret").is_ok());
        assert!(verify(b"Secret").is_err());
    }
}
