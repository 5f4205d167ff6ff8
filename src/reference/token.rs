//! The token: signed by Acronis, still good, and issued for the endpoint that the request names
//! (page `callback-handler/request-verification`).

use std::time::{SystemTime, UNIX_EPOCH};

use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};

use super::answer::{Refusal, Subject};
use super::fault::Flaws;
use super::jwks::KeySet;
use super::request::single;
use crate::protocol::Cti;
use crate::protocol::token::{Claims, TokenHeader, UnverifiedToken};

/// Seconds by which the clocks of two machines may differ.
const LEEWAY: i64 = 5;

/// Checks tokens.
pub(super) struct TokenCheck {
    /// The keys that Acronis publishes.
    pub keys: KeySet,
    /// What `iss` must be.
    pub issuer: String,
    /// What the time is, in seconds since 1970; `None` for the machine's.
    pub now: Option<i64>,
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denial {
    /// There is no `Authorization` header, or more than one.
    Missing,
    /// It is no `Bearer` token.
    Scheme,
    /// There is no token behind the scheme.
    NoToken,
    /// The token is no JWT.
    Form,
    /// Its header is not that of a token of Acronis.
    Header,
    /// It is not signed with RS256.
    Algorithm,
    /// Nobody published the key that it names.
    Key,
    /// The signature is not the key's.
    Signature,
    /// A claim is missing or has the wrong type.
    Claims,
    /// Somebody else issued it.
    Issuer,
    /// It has expired.
    Expired,
    /// It was issued for another endpoint.
    Endpoint,
}

impl TokenCheck {
    /// Whether the request carries a token for this endpoint.
    pub async fn check(
        &self,
        headers: &HeaderMap,
        endpoint: &Cti,
        flaws: &Flaws,
    ) -> Result<(), Refusal> {
        match bearer(headers, flaws) {
            Ok(token) => self.verify(token, endpoint, flaws).await,
            Err(denial) => flaws.deny(denial),
        }
    }

    async fn verify(&self, token: &str, endpoint: &Cti, flaws: &Flaws) -> Result<(), Refusal> {
        let require = |holds, denial| if holds { Ok(()) } else { flaws.deny(denial) };

        let Ok(token) = UnverifiedToken::parse(flaws.reread_token(token)) else {
            return flaws.deny(Denial::Form);
        };
        if !flaws.trusts(&token, &self.keys).await {
            let header: TokenHeader =
                serde_json::from_value(token.header.clone()).map_err(|_| Denial::Header)?;
            require(header.alg == "RS256", Denial::Algorithm)?;
            // `crit` names extensions that must be understood; this handler knows none.
            require(!header.further.contains_key("crit"), Denial::Header)?;
            match self.keys.find(&header.kid, flaws).await? {
                Some(key) => require(key.verifies(&token), Denial::Signature)?,
                None => flaws.deny(Denial::Key)?,
            }
            flaws.remember_token(&token);
        }

        let claims = flaws.reread_claims(&token, &self.issuer, endpoint)?;
        let claims: Claims = serde_json::from_value(claims).map_err(|_| Denial::Claims)?;
        require(
            claims.iss == self.issuer || flaws.takes_issuer(&claims.iss, &self.issuer),
            Denial::Issuer,
        )?;
        let now = self.now.unwrap_or_else(now);
        require(
            !has_expired(claims.exp, now, flaws.leeway(LEEWAY)) || flaws.was_accepted(&token),
            Denial::Expired,
        )?;
        require(
            flaws
                .reread_scope(&claims.scope, endpoint)
                .iter()
                .any(|scope| {
                    scope.role == endpoint.as_str() || flaws.takes_role(&scope.role, endpoint)
                }),
            Denial::Endpoint,
        )?;
        flaws.take_once(&token)
    }
}

/// The token of `Authorization: Bearer <token>`; the scheme's letter case makes no difference.
fn bearer<'a>(headers: &'a HeaderMap, flaws: &Flaws) -> Result<&'a str, Denial> {
    let value = single(headers, &AUTHORIZATION).ok_or(Denial::Missing)?;
    if let Some(token) = flaws.finds_token(value) {
        return Ok(token.trim());
    }
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") && !flaws.takes_scheme(scheme) {
        return Err(Denial::Scheme);
    }
    match token.trim() {
        "" => Err(Denial::NoToken),
        token => Ok(token),
    }
}

/// Whether a token that is good until `exp` is so no more, both in seconds since 1970, and this many seconds later.
fn has_expired(exp: i64, now: i64, leeway: i64) -> bool {
    exp.saturating_add(leeway) <= now
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        let message = match denial {
            Denial::Missing => "there is no Authorization header",
            Denial::Scheme => "the Authorization is not of scheme Bearer",
            Denial::NoToken => "the Authorization has no token",
            Denial::Form => "the token is no JWT",
            Denial::Header => "the token's header is not understood",
            Denial::Algorithm => "the token is not signed with RS256",
            Denial::Key => "the token's key is not published",
            Denial::Signature => "the token's signature is wrong",
            Denial::Claims => "a claim of the token is missing or has the wrong type",
            Denial::Issuer => "the token was issued by somebody else",
            Denial::Expired => "the token has expired",
            Denial::Endpoint => "the token is for another endpoint",
        };
        let status = match denial {
            Denial::Endpoint => StatusCode::FORBIDDEN,
            _ => StatusCode::UNAUTHORIZED,
        };
        Refusal::new(Subject::Token, status, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_until_it_expires_and_as_long_behind_as_clocks_may_differ() {
        let exp = 1_700_000_000;
        for (now, expired) in [(exp, false), (exp + 4, false), (exp + 5, true)] {
            assert_eq!(has_expired(exp, now, LEEWAY), expired, "{}", now - exp);
        }
        assert!(has_expired(i64::MIN, 0, LEEWAY));
        assert!(!has_expired(i64::MAX, exp, LEEWAY));
    }
}
