//! The keys of Acronis's identity provider, fetched again when one is not known.

use std::time::{Duration, Instant};

use jsonwebtoken::{DecodingKey, jwk::JwkSet};
use tokio::{sync::Mutex, task::spawn_blocking};
use ureq::Agent;

pub struct Keys {
    url: String,
    agent: Agent,
    known: Mutex<(Option<Instant>, JwkSet)>,
}

impl Keys {
    pub fn new(url: &str) -> Self {
        let agent = Agent::config_builder().timeout_global(Some(Duration::from_secs(5))).build().into();
        Self { url: url.to_owned(), agent, known: Mutex::new((None, JwkSet { keys: Vec::new() })) }
    }

    /// The key of this id. Who asks while the keys are fetched waits for that, so that they are fetched once.
    pub async fn get(&self, kid: &str) -> Option<DecodingKey> {
        let mut known = self.known.lock().await;
        let age = known.0.map_or(Duration::MAX, |fetched| fetched.elapsed());
        // An unknown key may be new, but not more often than once a second; a known one may be withdrawn within the hour.
        if age > Duration::from_secs(3600) || (age > Duration::from_secs(1) && known.1.find(kid).is_none()) {
            known.0 = Some(Instant::now());
            let request = self.agent.get(&self.url);
            match spawn_blocking(|| request.call()?.body_mut().read_json()).await.ok()? {
                Ok(keys) => known.1 = keys,
                Err(error) => eprintln!("{}: {error}", self.url),
            }
        }
        known.1.find(kid).and_then(|key| DecodingKey::from_jwk(key).ok())
    }
}
