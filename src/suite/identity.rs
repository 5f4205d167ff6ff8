//! The identity provider of a run together with the keys that only the run has.

use std::net::SocketAddr;

use super::error::{Error, ErrorKind};
use super::options::Options;
use super::session;
use super::signer::Signer;
use super::stranger::Stranger;
use crate::gateway::{IdentityProvider, SigningKey};

/// A test identity provider that serves its keys from now on, and the private keys that tokens are signed with.
///
/// Point the handler's JWKS URL at [`jwks_url`](Self::jwks_url), then give this to
/// [`Suite::identity`](super::Suite::identity).
#[derive(Debug)]
pub struct TestIdentity {
    pub(super) idp: IdentityProvider,
    pub(super) key: SigningKey,
    pub(super) stranger: Stranger,
}

impl TestIdentity {
    /// Serves a fresh key at this address; port 0 takes any free port.
    ///
    /// # Errors
    /// When no key can be made or the address cannot be listened on.
    #[cfg(feature = "mock-idp")]
    pub async fn start(addr: SocketAddr) -> Result<Self, Error> {
        let (key, stranger) = Stranger::beside_a_key().await.map_err(|error| {
            let reason = format!("no signing key could be made: {error}");
            Error::new(ErrorKind::Setup, reason)
        })?;
        Self::serve(addr, key, stranger)
    }

    /// Serves this key at this address, for handlers that keep the keys of an earlier run.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    #[cfg(feature = "mock-idp")]
    pub async fn with_key(addr: SocketAddr, key: SigningKey) -> Result<Self, Error> {
        Self::serve(addr, key, Stranger::in_the_making())
    }

    /// Serves `key` at this address; `stranger` is kept for tokens that must be refused, and published when the rotation
    /// of keys is checked.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub fn with_keys(
        addr: SocketAddr,
        key: SigningKey,
        stranger: SigningKey,
    ) -> Result<Self, Error> {
        Self::serve(addr, key, Stranger::from(stranger))
    }

    /// The same key at the same address for another run. What an earlier run published beside it is withdrawn, and what that kept
    /// unpublished is made anew, since the handler may remember either.
    #[cfg(feature = "mock-idp")]
    #[must_use]
    pub fn renewed(&self) -> Self {
        for other in self.idp.keys() {
            if other.kid != self.key.kid() {
                self.idp.withdraw(&other.kid);
            }
        }
        Self {
            idp: self.idp.clone(),
            key: self.key.clone(),
            stranger: Stranger::in_the_making(),
        }
    }

    fn serve(addr: SocketAddr, key: SigningKey, stranger: Stranger) -> Result<Self, Error> {
        let idp = IdentityProvider::start(addr, std::slice::from_ref(&key))
            .map_err(|error| Error::new(ErrorKind::Setup, error.to_string()))?;
        Ok(Self { idp, key, stranger })
    }

    /// The private key that right tokens are signed with.
    pub fn signing_key(&self) -> &SigningKey {
        &self.key
    }

    /// Where the handler finds the keys.
    pub fn jwks_url(&self) -> String {
        self.idp.jwks_url()
    }
}

/// What signs the tokens of a run, unless a captured one is sent, and what serves the key.
pub(super) fn signing(
    identity: Option<TestIdentity>,
    options: &Options,
) -> (Option<Signer>, Option<IdentityProvider>) {
    let Some(TestIdentity { idp, key, stranger }) = identity else {
        return (None, None);
    };
    let audience = options.audience.as_deref();
    let audience = audience.unwrap_or_else(|| default_audience(&options.issuer));
    let endpoint = session::endpoint(options);
    let signer = options.token.is_none().then(|| {
        Signer::new(key, stranger, &options.issuer, audience, &endpoint).beside(idp.clone())
    });
    (signer, Some(idp))
}

/// `aud` of the tokens of this issuer: its host, or the whole text where there is none.
pub(crate) fn default_audience(issuer: &str) -> &str {
    let rest = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
    rest.split(['/', ':', '?', '#']).next().unwrap_or(rest)
}
