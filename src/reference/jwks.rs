//! The keys that tokens are verified with: fetched when needed, kept, and fetched again for a key that is not among them.
//!
//! A rotated key is found at once. Tokens that name keys which nobody published make the handler fetch, too, so fetches are
//! rationed: those who ask while one is under way share the next, and after some in quick succession each waits its turn.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::answer::{Refusal, Subject};
use super::fault::{Fault, Flaws};
use super::fetch::fetch;
use crate::protocol::token::{Jwk, Jwks, UnverifiedToken};

/// Keys older than this are fetched again before they are used, so that a withdrawn key is forgotten.
const MAX_AGE: Duration = Duration::from_secs(600);
/// Fetches that may follow each other at once; afterwards they are at least an interval apart.
const BURST: u32 = 20;
/// Time between fetches once there were many.
const INTERVAL: Duration = Duration::from_millis(250);

/// The published keys.
pub(super) struct KeySet {
    /// Where they are published; without it they are what they are.
    url: Option<String>,
    known: StdMutex<Known>,
    fetching: Mutex<Fetching>,
}

/// The keys as last fetched.
#[derive(Default, Clone)]
struct Known {
    keys: Arc<[PublicKey]>,
    /// When they were fetched last, or should have been.
    tried: Option<Instant>,
}

/// The course of the fetches; whoever holds it is the one who fetches.
#[derive(Default)]
struct Fetching {
    /// When the last fetch began, and how it ended.
    last: Option<(Instant, Result<(), String>)>,
    /// When the next fetch would be due if all had been an interval apart.
    due: Option<Instant>,
}

/// One RSA public key.
#[derive(Clone)]
pub(super) struct PublicKey {
    kid: String,
    /// Modulus, big endian.
    pub n: Vec<u8>,
    /// Exponent, big endian.
    pub e: Vec<u8>,
}

impl KeySet {
    /// The keys published at this URL.
    pub fn at(url: String) -> Self {
        Self {
            url: Some(url),
            known: StdMutex::default(),
            fetching: Mutex::default(),
        }
    }

    /// These keys, for ever.
    pub fn fixed(keys: &Jwks) -> Self {
        let keys = keys.keys.iter().filter_map(PublicKey::from_jwk).collect();
        Self {
            url: None,
            known: StdMutex::new(Known { keys, tried: None }),
            fetching: Mutex::default(),
        }
    }

    /// The key of this name; `None` if it is not published.
    ///
    /// # Errors
    /// When the keys cannot be fetched: then nobody can say whether the token is good.
    pub async fn find(&self, kid: &str, flaws: &Flaws) -> Result<Option<PublicKey>, Refusal> {
        let known = self.known();
        let Some(url) = self.url.as_ref().filter(|_| known.is_outdated(kid, flaws)) else {
            return Ok(known.key(kid, flaws));
        };
        let fetched = self.refresh(url, kid, flaws).await;
        match (fetched, self.known().key(kid, flaws)) {
            (Ok(()), key) => Ok(key),
            (Err(_), Some(old)) => Ok(Some(old)), // an old key is better than none
            (Err(reason), None) => Err(Refusal::new(
                Subject::Handler,
                StatusCode::SERVICE_UNAVAILABLE,
                format!("the keys that tokens are verified with cannot be fetched: {reason}"),
            )),
        }
    }

    /// Fetches the keys, unless somebody else does so after this call began, or brings the key while it waits.
    async fn refresh(&self, url: &str, kid: &str, flaws: &Flaws) -> Result<(), String> {
        let asked = Instant::now();
        let mut fetching = self.fetching.lock().await;
        if !self.known().is_outdated(kid, flaws) {
            return Ok(());
        }
        if let Some((began, outcome)) = &fetching.last
            && *began >= asked
        {
            return outcome.clone();
        }
        sleep_until(fetching.next_turn(Instant::now())).await;
        let began = Instant::now();
        let outcome = self.fetch(url).await;
        fetching.last = Some((began, outcome.clone()));
        outcome
    }

    async fn fetch(&self, url: &str) -> Result<(), String> {
        let outcome = match fetch(url).await {
            Ok(body) => published(&body).ok_or_else(|| format!("{url}: no JSON Web Key Set")),
            Err(reason) => Err(reason),
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.tried = Some(Instant::now());
        known.keys = outcome?;
        Ok(())
    }

    fn known(&self) -> Known {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Known {
    fn key(&self, kid: &str, flaws: &Flaws) -> Option<PublicKey> {
        let wanted = |key: &&PublicKey| key.kid == kid || flaws.has(Fault::FirstKeyOnly);
        self.keys.iter().find(wanted).cloned()
    }

    /// Whether the keys should be fetched before this one is looked up.
    fn is_outdated(&self, kid: &str, flaws: &Flaws) -> bool {
        match self.tried {
            None => true,
            Some(_) if flaws.has(Fault::JwksFetchedOnce) => false,
            Some(tried) => is_old(tried, Instant::now()) || self.key(kid, flaws).is_none(),
        }
    }
}

/// Whether keys that were fetched then should be fetched again.
fn is_old(tried: Instant, now: Instant) -> bool {
    now.saturating_duration_since(tried) > MAX_AGE
}

impl Fetching {
    /// When the next fetch may begin.
    fn next_turn(&mut self, now: Instant) -> Instant {
        let due = self.due.map_or(now, |due| due.max(now)) + INTERVAL;
        self.due = Some(due);
        due.checked_sub(INTERVAL * BURST).unwrap_or(now)
    }
}

/// The keys of a set; those of other kinds are no reason to refuse the rest.
fn published(body: &[u8]) -> Option<Arc<[PublicKey]>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let keys = body.get("keys")?.as_array()?.iter();
    Some(
        keys.filter_map(|key| serde_json::from_value(key.clone()).ok())
            .filter_map(|key: Jwk| PublicKey::from_jwk(&key))
            .collect(),
    )
}

impl PublicKey {
    /// A key that is there to verify RS256 signatures; `None` for any other.
    fn from_jwk(jwk: &Jwk) -> Option<Self> {
        let fits = jwk.kty == "RSA"
            && jwk
                .key_use
                .as_deref()
                .is_none_or(|key_use| key_use == "sig")
            && jwk.alg.as_deref().is_none_or(|alg| alg == "RS256");
        fits.then_some(())?;
        Some(Self {
            kid: jwk.kid.clone(),
            n: URL_SAFE_NO_PAD.decode(&jwk.n).ok()?,
            e: URL_SAFE_NO_PAD.decode(&jwk.e).ok()?,
        })
    }

    /// Whether the token's signature is this key's.
    pub fn verifies(&self, token: &UnverifiedToken<'_>) -> bool {
        RsaPublicKeyComponents {
            n: &self.n,
            e: &self.e,
        }
        .verify(
            &RSA_PKCS1_2048_8192_SHA256,
            token.signed.as_bytes(),
            &token.signature,
        )
        .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_used_for_ten_minutes() {
        let tried = Instant::now();
        for (seconds, old) in [(0, false), (599, false), (600, false), (601, true)] {
            let now = tried + Duration::from_secs(seconds);
            assert_eq!(is_old(tried, now), old, "{seconds} s");
        }
    }

    #[test]
    fn twenty_fetches_may_follow_each_other_and_then_they_wait_for_each_other() {
        let start = Instant::now() + Duration::from_secs(60);
        let mut fetching = Fetching::default();
        for number in 1..=20 {
            assert!(fetching.next_turn(start) <= start, "the fetch {number}");
        }
        assert_eq!(fetching.next_turn(start), start + INTERVAL);
        assert_eq!(fetching.next_turn(start), start + 2 * INTERVAL);
        let later = start + 30 * INTERVAL;
        assert!(fetching.next_turn(later) <= later, "after a rest");
    }

    #[test]
    fn keys_of_other_kinds_are_passed_over() {
        let key = |kid: &str, field: &str, value: Value| {
            let mut key = json!({"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": "AQAB", "e": "AQAB"});
            key[field] = value;
            key
        };
        let unmarked = json!({"kty": "RSA", "kid": "unmarked", "n": "AQAB", "e": "AQAB"});
        let keys = json!({"keys": [
            key("other type", "kty", json!("EC")),
            key("to encrypt with", "use", json!("enc")),
            key("other algorithm", "alg", json!("PS256")),
            key("not base64", "n", json!("!")),
            key("no text", "e", json!(65537)),
            unmarked,
            key("right", "x5t", json!("further fields")),
        ]});
        let keys = published(keys.to_string().as_bytes()).expect("a key set");
        let names: Vec<&str> = keys.iter().map(|key| key.kid.as_str()).collect();
        assert_eq!(names, ["unmarked", "right"]);
        for no_set in ["", "[]", "{}", r#"{"keys":{}}"#] {
            assert!(published(no_set.as_bytes()).is_none(), "{no_set}");
        }
    }
}
