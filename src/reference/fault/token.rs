//! Faults in the check of the token.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};

use super::arrival::failure;
use super::stumble::crash;
use super::{Fault, Flaws};
use crate::protocol::Cti;
use crate::protocol::token::{Scope, UnverifiedToken, compact};
use crate::reference::answer::Refusal;
use crate::reference::jwks::{KeySet, PublicKey};
use crate::reference::token::{Denial, now};

/// Seconds for which a token is good.
const LIFETIME: i64 = 3_600;
/// Seconds after which some handlers take a token for too old.
const LONG_AGO: i64 = 300;
/// Seconds of a day.
const DAY: i64 = 86_400;
/// The claims that Acronis documents.
const CLAIMS: &[&str] = &[
    "iss", "aud", "exp", "iat", "jti", "sub", "scope", "ver", "sub_type",
];

/// Faults of handlers that remember verified tokens.
const REMEMBERING: &[Fault] = &[
    Fault::VerifiedClaimsRemembered,
    Fault::VerifiedSignatureRemembered,
    Fault::VerifiedCaseless,
];

impl Flaws {
    /// Denies a token, unless the handler overlooks what is wrong with it or fails over it.
    pub fn deny(&self, denial: Denial) -> Result<(), Refusal> {
        let (overlooks, fails) = match denial {
            Denial::Missing => (Some(Fault::TokenNotRequired), Some(Fault::MissingToken500)),
            Denial::NoToken => (Some(Fault::EmptyBearer), None),
            Denial::Form => (Some(Fault::GarbageToken), Some(Fault::GarbageToken500)),
            Denial::Key => (Some(Fault::UnknownKeyTrusted), None),
            Denial::Signature => (Some(Fault::SignatureIgnored), None),
            Denial::Issuer => (Some(Fault::IssuerIgnored), None),
            Denial::Expired => (Some(Fault::ExpiryIgnored), None),
            _ => (None, None),
        };
        if overlooks.is_some_and(|fault| self.has(fault)) {
            Ok(())
        } else if fails.is_some_and(|fault| self.has(fault)) {
            Err(failure())
        } else {
            Err(denial.into())
        }
    }

    /// Whether a scheme other than `Bearer` is as good.
    pub fn takes_scheme(&self, scheme: &str) -> bool {
        self.has(Fault::AnyScheme)
            || (self.has(Fault::SchemeByLength) && scheme.len() == "Bearer".len())
    }

    /// Whether the handler trusts a token whose signature it has not verified.
    pub async fn trusts(&self, token: &UnverifiedToken<'_>, keys: &KeySet) -> bool {
        let alg = token
            .header
            .get("alg")
            .and_then(Value::as_str)
            .unwrap_or_default();
        self.has(Fault::TokenNotVerified)
            || (self.has(Fault::EmptySignature) && alg == "RS256" && token.signature.is_empty())
            || (self.has(Fault::AlgNone) && alg.eq_ignore_ascii_case("none"))
            || (self.has(Fault::AlgNoneCapitalised)
                && alg != "none"
                && alg.eq_ignore_ascii_case("none"))
            || (self.has(Fault::AlgEmpty) && alg.is_empty())
            || (self.any(&[Fault::AlgHs256, Fault::AlgHs256Der])
                && alg == "HS256"
                && self.signed_by_text(token, keys).await)
            || (self.has(Fault::JwkUnderUnknownKid)
                && token.header.get("jwk").is_some()
                && matches!(keys.find(kid_of(token), self).await, Ok(None)))
            || (self.has(Fault::JkuUnderUnknownKid) && self.signed_by_offered(token, keys).await)
            || (self.any(REMEMBERING) && self.memory().good.contains(&self.mark(token)))
    }

    /// Whether the token is signed by a key that nobody published but where the token says.
    async fn signed_by_offered(&self, token: &UnverifiedToken<'_>, keys: &KeySet) -> bool {
        let kid = kid_of(token);
        let offered = token.header.get("jku").and_then(Value::as_str);
        let (Some(url), Ok(None)) = (offered, keys.find(kid, self).await) else {
            return false;
        };
        let key = KeySet::at(url.to_owned()).find(kid, self).await;
        key.is_ok_and(|key| key.is_some_and(|key| key.verifies(token)))
    }

    /// Whether the token is signed with the text of its public key as the secret.
    async fn signed_by_text(&self, token: &UnverifiedToken<'_>, keys: &KeySet) -> bool {
        let Ok(Some(key)) = keys.find(kid_of(token), self).await else {
            return false;
        };
        let (der, pem) = (public_der(&key), public_pem(&key));
        let secrets = match self.has(Fault::AlgHs256Der) {
            true => vec![&der[..]],
            false => vec![pem.as_bytes(), pem.trim_end().as_bytes()],
        };
        secrets.into_iter().any(|secret| {
            let secret = hmac::Key::new(hmac::HMAC_SHA256, secret);
            hmac::verify(&secret, token.signed.as_bytes(), &token.signature).is_ok()
        })
    }

    /// Takes note of a token whose signature is good.
    pub fn remember_token(&self, token: &UnverifiedToken<'_>) {
        if self.any(REMEMBERING) {
            let mark = self.mark(token);
            self.memory().good.insert(mark);
        }
    }

    /// Seconds for which an expired token is good.
    pub fn leeway(&self, right: i64) -> i64 {
        // To remember tokens shows only where none is good for longer than it says.
        match self.has(Fault::ExpiryOfKnownIgnored) {
            true => 0,
            false => right,
        }
    }

    /// Whether the handler does not look again at when a token expires.
    pub fn was_accepted(&self, token: &UnverifiedToken<'_>) -> bool {
        self.has(Fault::ExpiryOfKnownIgnored) && self.memory().good.contains(&self.mark(token))
    }

    /// Denies a good token that was used before.
    pub fn take_once(&self, token: &UnverifiedToken<'_>) -> Result<(), Refusal> {
        if self.has(Fault::ExpiryOfKnownIgnored) {
            let mark = self.mark(token);
            self.memory().good.insert(mark);
        }
        let is_fresh = || self.memory().good.insert(token.signed.to_owned());
        match self.has(Fault::TokenTakenOnce) && !is_fresh() {
            true => Err(Denial::Expired.into()),
            false => Ok(()),
        }
    }

    /// What verified tokens are remembered by.
    fn mark(&self, token: &UnverifiedToken<'_>) -> String {
        if self.has(Fault::VerifiedClaimsRemembered) {
            token.signed.to_owned()
        } else if self.has(Fault::VerifiedCaseless) {
            compact(token.signed, &token.signature).to_lowercase()
        } else {
            format!("{} {:?}", token.header, token.signature)
        }
    }

    /// The claims as a handler reads them that mends or minds what it should not.
    pub fn reread_claims(
        &self,
        token: &UnverifiedToken<'_>,
        issuer: &str,
        endpoint: &Cti,
    ) -> Result<Value, Refusal> {
        let mut claims = token.claims.clone();
        if self.faults.is_empty() {
            return Ok(claims);
        }
        self.stumble_over_claims(token)?;
        if self.has(Fault::MissingExpiry) && claims.get("exp").is_none() {
            claims["exp"] = json!(i64::MAX);
        }
        if self.has(Fault::ExpiryZero) && claims.get("exp") == Some(&json!(0)) {
            claims["exp"] = json!(i64::MAX);
        }
        if self.has(Fault::MissingIssuer) && claims.get("iss").is_none() {
            claims["iss"] = json!(issuer);
        }
        let scope = claims.get("scope").cloned().unwrap_or_default();
        let no_scope = scope.is_null() || scope == json!([]);
        if self.has(Fault::MissingScope) && no_scope {
            claims["scope"] = json!([{"role": endpoint}]);
        }
        let unread = !scope.is_null() && !scope.is_array();
        if unread && self.has(Fault::UnreadScopeAccepted) {
            claims["scope"] = json!([{"role": endpoint}]);
        }
        if self.has(Fault::EndpointAnywhereInScope) && scope.to_string().contains(endpoint.as_str())
        {
            claims["scope"] = json!([{"role": endpoint}]);
        }
        let texts = scope
            .as_array()
            .map_or(std::slice::from_ref(&scope), Vec::as_slice);
        if self.has(Fault::ScopeOfTexts) && texts.contains(&json!(endpoint)) {
            claims["scope"] = json!([{"role": endpoint}]);
        }
        if self.has(Fault::RoleTrue) && texts.iter().any(|entry| entry["role"] == true) {
            claims["scope"] = json!([{"role": endpoint}]);
        }
        if self.has(Fault::AllRolesInPlaceOfAny) {
            let roles = if is_wholly(&scope, endpoint) {
                json!([{"role": endpoint}])
            } else {
                json!([])
            };
            claims["scope"] = roles;
        }
        if self.has(Fault::ExpiryFromIssue)
            && let Some(iat) = claims.get("iat").and_then(Value::as_i64)
        {
            claims["exp"] = json!(iat.saturating_add(LIFETIME));
        }
        if self.has(Fault::ExpiryIn32Bits)
            && let Some(exp) = claims.get("exp").and_then(Value::as_i64)
        {
            claims["exp"] = json!(in_32_bits(exp));
        }
        if self.has(Fault::ExpiryLeewayLong)
            && let Some(exp) = claims.get("exp").and_then(Value::as_i64)
        {
            claims["exp"] = json!(exp.saturating_add(LIFETIME * 3 / 4));
        }
        if self.has(Fault::ExpiryLeewayDay)
            && let Some(exp) = claims.get("exp").and_then(Value::as_i64)
        {
            claims["exp"] = json!(exp.saturating_add(DAY));
        }
        Ok(claims)
    }

    fn stumble_over_claims(&self, token: &UnverifiedToken<'_>) -> Result<(), Refusal> {
        if has_odd_claim(&token.claims) {
            if self.has(Fault::ClaimType500) {
                return Err(failure());
            }
            if self.has(Fault::ClaimTypeCrash) {
                return Err(crash());
            }
        }
        let unknown_claim = token
            .claims
            .as_object()
            .is_some_and(|claims| claims.keys().any(|claim| !CLAIMS.contains(&claim.as_str())));
        let seconds = |claim| token.claims.get(claim).and_then(Value::as_i64);
        let (issued, expires) = (seconds("iat"), seconds("exp"));
        let is_old = issued.is_some_and(|issued| issued.saturating_add(LONG_AGO) < now());
        let lifetime = issued.and_then(|issued| expires?.checked_sub(issued));
        if (self.has(Fault::OldTokenRefused) && is_old)
            || (self.has(Fault::LifetimeOfAnHour) && lifetime.is_some_and(|time| time != LIFETIME))
        {
            return Err(Denial::Expired.into());
        }
        if (self.has(Fault::IriRefused) && token.header.get("iri").is_some())
            || (self.has(Fault::UnknownClaimRefused) && unknown_claim)
        {
            return Err(Denial::Header.into());
        }
        Ok(())
    }

    /// Whether an issuer that is not the right one is as good.
    pub fn takes_issuer(&self, given: &str, right: &str) -> bool {
        (self.has(Fault::IssuerPrefix) && given.starts_with(right))
            || (self.has(Fault::IssuerSuffix) && given.ends_with(right))
            || (self.has(Fault::IssuerCut) && right.starts_with(given))
            || (self.has(Fault::IssuerWithoutScheme)
                && without_scheme(given) == without_scheme(right))
            || (self.has(Fault::IssuerAsPattern) && matches(given, right))
    }

    /// The token that the handler finds in `Authorization`, where it is not the one behind the scheme.
    pub fn finds_token<'a>(&self, authorization: &'a str) -> Option<&'a str> {
        let (_, token) = authorization.split_once("Bearer ")?;
        self.has(Fault::BearerAnywhere).then_some(token)
    }

    /// As much of a token as the handler looks at.
    pub fn reread_token<'a>(&self, token: &'a str) -> &'a str {
        let fourth = token.match_indices('.').nth(2);
        match fourth {
            Some((end, _)) if self.has(Fault::FourthPartIgnored) => &token[..end],
            _ => token,
        }
    }

    /// The entries of the scope that the handler looks at.
    pub fn reread_scope<'a>(&self, scope: &'a [Scope], endpoint: &Cti) -> &'a [Scope] {
        if self.any(&[Fault::EndpointRemembered, Fault::RoleRemembered])
            && scope.iter().any(|entry| entry.role == endpoint.as_str())
        {
            self.memory().good.insert(endpoint.to_string());
        }
        match scope {
            [first, _, ..] if self.has(Fault::FirstScopeOnly) => std::slice::from_ref(first),
            [_, _, ..] if self.has(Fault::SeveralScopesRefused) => &[],
            _ => scope,
        }
    }

    /// Whether a role that is not the endpoint is as good.
    pub fn takes_role(&self, role: &str, endpoint: &Cti) -> bool {
        let endpoint = endpoint.as_str();
        self.has(Fault::EndpointIgnored)
            || (self.has(Fault::EndpointRemembered) && self.memory().good.contains(endpoint))
            || (self.has(Fault::RoleRemembered) && self.memory().good.contains(role))
            || (self.has(Fault::RolePrefix)
                && !role.is_empty()
                && (role.starts_with(endpoint) || endpoint.starts_with(role)))
            || (self.has(Fault::RoleWithLineFeed) && role.strip_suffix('\n') == Some(endpoint))
            || (self.has(Fault::RoleParent) && descends(endpoint, role))
            || (self.has(Fault::RoleChild) && descends(role, endpoint))
            || (self.has(Fault::RoleCaseInsensitive) && role.eq_ignore_ascii_case(endpoint))
            || (self.has(Fault::RoleAsPattern) && matches(role, endpoint))
    }
}

/// The key id that a token's header names.
fn kid_of<'a>(token: &'a UnverifiedToken<'_>) -> &'a str {
    let kid = token.header.get("kid").and_then(Value::as_str);
    kid.unwrap_or_default()
}

fn without_scheme(issuer: &str) -> &str {
    issuer.split_once("://").map_or(issuer, |(_, host)| host)
}

/// Whether a line of a text is like another text, whose dots stand for any character.
fn matches(text: &str, pattern: &str) -> bool {
    text.lines().any(|line| {
        let alike = |(one, other): (u8, u8)| one == other || other == b'.';
        line.len() == pattern.len() && line.bytes().zip(pattern.bytes()).all(alike)
    })
}

/// A time in seconds behind a round through milliseconds in 32 bits, told as if the clock went through the same.
fn in_32_bits(exp: i64) -> i64 {
    let now = crate::reference::token::now();
    let milliseconds = exp.saturating_sub(now).saturating_mul(1_000);
    now + i64::from(milliseconds as i32) / 1_000
}

fn descends(child: &str, parent: &str) -> bool {
    child
        .strip_prefix(parent)
        .is_some_and(|rest| rest.starts_with('~'))
}

fn is_wholly(scope: &Value, endpoint: &Cti) -> bool {
    scope.as_array().is_some_and(|scope| {
        scope
            .iter()
            .all(|entry| entry.get("role").and_then(Value::as_str) == Some(endpoint.as_str()))
    })
}

/// Whether a claim that the handler uses is there, but has the wrong type.
fn has_odd_claim(claims: &Value) -> bool {
    let odd = |name: &str, fits: fn(&Value) -> bool| {
        claims
            .get(name)
            .is_some_and(|claim| !claim.is_null() && !fits(claim))
    };
    odd("iss", Value::is_string)
        || odd("exp", Value::is_i64)
        || odd("scope", |scope| {
            scope.as_array().is_some_and(|scope| {
                scope.iter().all(|entry| {
                    entry.is_object() && entry.get("role").is_none_or(Value::is_string)
                })
            })
        })
}

/// The key as SPKI in DER.
fn public_der(key: &PublicKey) -> Vec<u8> {
    let number = |bytes: &[u8]| {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let mut bytes = bytes[zeros..].to_vec();
        if bytes.first().is_none_or(|byte| byte & 0x80 != 0) {
            bytes.insert(0, 0);
        }
        der(0x02, &bytes)
    };
    let rsa_encryption = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    let public_key = der(0x30, &[number(&key.n), number(&key.e)].concat());
    let bits = der(0x03, &[&[0_u8][..], &public_key].concat());
    der(0x30, &[&rsa_encryption[..], &bits].concat())
}

/// The same as a file of public keys has it: in PEM, with a line break at the end.
fn public_pem(key: &PublicKey) -> String {
    let text = STANDARD.encode(public_der(key));
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}

/// One DER element.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    let mut element = vec![tag];
    if content.len() >= 0x80 {
        element.push(0x80 | u8::try_from(length.len()).unwrap_or(0));
        element.extend_from_slice(length);
    } else {
        element.push(u8::try_from(content.len()).unwrap_or(0));
    }
    element.extend_from_slice(content);
    element
}
