//! The tokens of a run: good ones, minted once and used again, and what bad ones are made of.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::stranger::Stranger;
use crate::gateway::{IdentityProvider, SigningKey, token};

/// A good token is replaced when it has less than this left, in seconds.
const RENEW_BEFORE: i64 = 600;

/// Signs tokens in the name of the test identity provider.
pub(crate) struct Signer {
    key: SigningKey,
    stranger: Stranger,
    idp: Option<IdentityProvider>,
    issuer: String,
    audience: String,
    endpoint: String,
    clock: Clock,
    minted: Mutex<HashMap<String, (i64, String)>>,
    /// Whether no good token is used again.
    single_use: AtomicBool,
}

/// What the time is, and so what tokens say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// The machine's. Every token has ids of its own.
    Running,
    /// These seconds since 1970 for ever. All tokens have the same ids, so that the same is signed every time.
    Still(i64),
}

/// `jti` and `sub` of every token while the clock stands still.
const STILL_IDS: (&str, &str) = (
    "0a8f2f3f-9d11-4f0e-8b2c-6a6e0c3c9d39",
    "9d390a8f-2f3f-4f0e-8b2c-9d116a6e0c3c",
);

impl Signer {
    /// A signer with the published key and a key that nobody published.
    pub fn new(
        key: SigningKey,
        stranger: Stranger,
        issuer: &str,
        audience: &str,
        endpoint: &str,
    ) -> Self {
        Self {
            key,
            stranger,
            idp: None,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            endpoint: endpoint.to_owned(),
            clock: Clock::Running,
            minted: Mutex::default(),
            single_use: AtomicBool::new(false),
        }
    }

    /// The same where this identity provider serves the published key.
    pub fn beside(self, idp: IdentityProvider) -> Self {
        Self {
            idp: Some(idp),
            ..self
        }
    }

    /// The same by another clock.
    pub fn by(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The next good tokens are new ones.
    pub fn renew(&self) {
        self.minted().clear();
    }

    /// From now on every request has a token of its own.
    pub fn use_once(&self) {
        self.single_use.store(true, Ordering::Relaxed);
    }

    /// A right token for this endpoint; the same one until it grows old, unless each is used once.
    pub fn good(&self, endpoint: &str) -> String {
        let now = self.now();
        if let Some((expires, token)) = self.minted().get(endpoint)
            && !self.single_use.load(Ordering::Relaxed)
            && expires - now > RENEW_BEFORE
        {
            return token.clone();
        }
        // Signing takes a millisecond, in which others may want their tokens.
        let claims = self.claims_for(endpoint);
        let expires = claims["exp"].as_i64().unwrap_or(now);
        let token = token::mint(&self.key, &self.header(), &claims);
        let minted = (expires, token.clone());
        self.minted().insert(endpoint.to_owned(), minted);
        token
    }

    fn minted(&self) -> std::sync::MutexGuard<'_, HashMap<String, (i64, String)>> {
        let minted = self.minted.lock();
        minted.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Right claims for the control's endpoint, issued now.
    pub fn claims(&self) -> Value {
        self.claims_for(&self.endpoint)
    }

    fn claims_for(&self, endpoint: &str) -> Value {
        let (issuer, audience) = (&self.issuer, &self.audience);
        match self.clock {
            Clock::Running => token::claims(issuer, audience, endpoint, now()),
            Clock::Still(now) => {
                let (jti, sub) = STILL_IDS;
                token::claims_named(issuer, audience, endpoint, now, jti, sub)
            }
        }
    }

    fn now(&self) -> i64 {
        match self.clock {
            Clock::Running => now(),
            Clock::Still(now) => now,
        }
    }

    /// The right header.
    pub fn header(&self) -> Value {
        token::header(self.key.kid())
    }

    /// Signs header and claims with the published key.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        token::mint(&self.key, header, claims)
    }

    /// Signs claims, under the right header, with the published key.
    pub fn sign_claims(&self, claims: &Value) -> String {
        self.sign(&self.header(), claims)
    }

    /// The published key.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// A key that nobody published, until the key rotation is checked.
    pub fn stranger(&self) -> &SigningKey {
        self.stranger.key()
    }

    /// Where that key can be had under this `kid` by a handler that asks where the token says. The run must have an identity
    /// provider.
    pub fn strangers_url(&self, kid: &str) -> Option<String> {
        let mut key = self.stranger().jwk();
        kid.clone_into(&mut key.kid);
        self.idp.as_ref().map(|idp| idp.expose_untrusted(key))
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() as i64)
}
