//! The vendor credentials of `X-CyberApp-Auth`: on whose behalf the gateway asks.

use http::{HeaderMap, HeaderName, StatusCode};
use ring::rand::SystemRandom;
use ring::{hmac, rand};
use serde_json::Value;

use super::answer::{Refusal, Subject};
use super::fault::Flaws;
use super::request::single;
use super::store::{self, Partner};
use crate::protocol::Credentials;

/// The header, in the form in which a header map knows it.
const AUTH: HeaderName = HeaderName::from_static("x-cyberapp-auth");

/// The partner whose credentials the request carries.
///
/// The answer does not tell an unknown identity from a wrong secret.
pub(super) fn check(headers: &HeaderMap, flaws: &Flaws) -> Result<&'static Partner, Refusal> {
    if let Some(partner) = flaws.takes_credentials(headers)? {
        return Ok(partner);
    }
    let header = single(headers, &AUTH).ok_or_else(|| denied("X-CyberApp-Auth is missing"))?;
    let given = Credentials::decode(header)
        .map_err(|_| denied("X-CyberApp-Auth is not base64 of <identity>:<secrets as JSON>"))?;
    store::by_identity(given.identity())
        .filter(|partner| !flaws.minds_credentials(partner, header))
        .filter(|partner| {
            same(&partner.secrets_value(), given.secrets())
                || flaws.takes_secrets(partner, given.secrets())
        })
        .ok_or_else(|| denied("the identity is unknown or its secrets are wrong"))
}

fn denied(message: &str) -> Refusal {
    Refusal::new(Subject::Credentials, StatusCode::UNAUTHORIZED, message)
}

/// Whether two JSON values are equal, in a time that does not tell how much of them is.
///
/// Both are brought into one form, so that key order and white space make no difference, and what is compared are codes that
/// nobody can foresee.
fn same(one: &Value, other: &Value) -> bool {
    let random: Result<[u8; 32], _> = rand::generate(&SystemRandom::new()).map(|key| key.expose());
    let Ok(random) = random else {
        return false; // without randomness nobody is let in
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, &random);
    let code = hmac::sign(&key, canonical(one).as_bytes());
    hmac::verify(&key, canonical(other).as_bytes(), code.as_ref()).is_ok()
}

/// The value as JSON text with the keys of every object in order.
fn canonical(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_compared_as_json_values() {
        let one = json!({"a": {"x": "1", "y": "2"}, "b": "3"});
        let other = serde_json::from_str(r#" {"b":"\u0033" , "a":{"y":"2","x":"1"}} "#);
        assert!(same(&one, &other.expect("valid JSON")));
        for different in [
            json!({"a": {"x": "1", "y": "2"}}),
            json!({"b": "3"}),
            json!(true),
        ] {
            assert!(!same(&one, &different));
        }
    }
}
