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
use tokio::time::Instant;

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
    fetched: Option<Instant>,
}

/// The course of the fetches; whoever holds it is the one who fetches.
#[derive(Default)]
struct Fetching {
    /// When the last fetch began, and whether it failed.
    last: Option<(Instant, Option<String>)>,
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
            known: StdMutex::new(Known {
                keys,
                fetched: None,
            }),
            fetching: Mutex::default(),
        }
    }

    /// The key of this name; `None` if it is not published.
    ///
    /// # Errors
    /// When the keys cannot be fetched: then nobody can say whether the token is good.
    pub async fn find(&self, kid: &str, flaws: &Flaws) -> Result<Option<PublicKey>, Refusal> {
        let known = self.known();
        let wanted = |key: &&PublicKey| key.kid == kid || flaws.has(Fault::FirstKeyOnly);
        let found = known.keys.iter().find(wanted).cloned();
        let stale = known
            .fetched
            .is_none_or(|fetched| fetched.elapsed() > MAX_AGE);
        let enough = flaws.has(Fault::JwksFetchedOnce) && known.fetched.is_some();
        let Some(url) = &self.url else {
            return Ok(found);
        };
        if enough || (found.is_some() && !stale) {
            return Ok(found);
        }
        match self.fetch_again(url).await {
            Ok(()) => Ok(self.known().keys.iter().find(wanted).cloned()),
            Err(_) if found.is_some() => {
                // An old key is better than none; the next try is due when it would be old again.
                self.change(|known| known.fetched = Some(Instant::now()));
                Ok(found)
            }
            Err(reason) => Err(Refusal::new(
                Subject::Handler,
                StatusCode::SERVICE_UNAVAILABLE,
                format!("the keys that tokens are verified with cannot be fetched: {reason}"),
            )),
        }
    }

    /// Fetches, or waits for a fetch that begins after this call.
    async fn fetch_again(&self, url: &str) -> Result<(), String> {
        let asked = Instant::now();
        let mut fetching = self.fetching.lock().await;
        if let Some((began, failure)) = &fetching.last
            && *began >= asked
        {
            return failure.clone().map_or(Ok(()), Err);
        }
        let now = Instant::now();
        let due = fetching.due.map_or(now, |due| due.max(now)) + INTERVAL;
        fetching.due = Some(due);
        if let Some(turn) = due.checked_sub(INTERVAL * BURST) {
            tokio::time::sleep_until(turn).await;
        }

        let began = Instant::now();
        let outcome = self.fetch(url).await;
        fetching.last = Some((began, outcome.as_ref().err().cloned()));
        outcome
    }

    async fn fetch(&self, url: &str) -> Result<(), String> {
        let body = fetch(url).await?;
        let keys = published(&body).ok_or("the answer is not a JSON Web Key Set")?;
        self.change(|known| {
            *known = Known {
                keys: keys.clone(),
                fetched: Some(Instant::now()),
            }
        });
        Ok(())
    }

    fn known(&self) -> Known {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner));
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
