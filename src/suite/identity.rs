//! The identity provider of a run together with the keys that only the run has.

use std::net::SocketAddr;

use super::error::{Error, ErrorKind};
use crate::gateway::{IdentityProvider, SigningKey};

/// A test identity provider that serves its keys from now on, and the private keys that tokens are signed with.
///
/// Point the handler's JWKS URL at [`jwks_url`](Self::jwks_url), then give this to
/// [`Suite::identity`](super::Suite::identity).
#[derive(Debug)]
pub struct TestIdentity {
    pub(super) idp: IdentityProvider,
    pub(super) key: SigningKey,
    pub(super) stranger: SigningKey,
}

impl TestIdentity {
    /// Serves a fresh key at this address; port 0 takes any free port.
    ///
    /// # Errors
    /// When no key can be made or the address cannot be listened on.
    #[cfg(feature = "mock-idp")]
    pub async fn start(addr: SocketAddr) -> Result<Self, Error> {
        let (key, stranger) = tokio::join!(fresh_key(), fresh_key());
        Self::with_keys(addr, key?, stranger?)
    }

    /// Serves this key at this address, for handlers that keep the keys of an earlier run.
    ///
    /// # Errors
    /// When no second key can be made or the address cannot be listened on.
    #[cfg(feature = "mock-idp")]
    pub async fn with_key(addr: SocketAddr, key: SigningKey) -> Result<Self, Error> {
        Self::with_keys(addr, key, fresh_key().await?)
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
        let idp = IdentityProvider::start(addr, std::slice::from_ref(&key))
            .map_err(|error| Error::new(ErrorKind::Setup, error.to_string()))?;
        Ok(Self { idp, key, stranger })
    }

    /// Where the handler finds the keys.
    pub fn jwks_url(&self) -> String {
        self.idp.jwks_url()
    }
}

#[cfg(feature = "mock-idp")]
async fn fresh_key() -> Result<SigningKey, Error> {
    let made = tokio::task::spawn_blocking(SigningKey::generate).await;
    made.map_err(|error| {
        Error::new(
            ErrorKind::Setup,
            format!("no signing key could be made: {error}"),
        )
    })?
    .map_err(|error| {
        Error::new(
            ErrorKind::Setup,
            format!("no signing key could be made: {error}"),
        )
    })
}
