//! TLS towards the client: the certificate that the relay shows.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate and its key, ready to be shown to clients.
#[derive(Clone)]
pub struct RelayTls(pub(super) TlsAcceptor);

/// Why a certificate or key is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelayTlsError {
    /// The certificate file is not PEM, or has no certificate.
    #[error("there is no certificate chain in PEM: {0}")]
    Certificate(pem::Error),
    /// The key file is not PEM, or has no private key.
    #[error("there is no private key in PEM: {0}")]
    Key(pem::Error),
    /// The key does not fit the certificate, or is of a kind that is not supported.
    #[error("the certificate and key are of no use: {0}")]
    Unusable(#[from] rustls::Error),
}

impl RelayTls {
    /// A certificate chain, the relay's own certificate first, and the private key, both in PEM.
    ///
    /// # Errors
    /// When either is not PEM, or the two do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, RelayTlsError> {
        let chain = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<Vec<_>, _>>()
            .map_err(RelayTlsError::Certificate)?;
        if chain.is_empty() {
            return Err(RelayTlsError::Certificate(pem::Error::NoItemsFound));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(RelayTlsError::Key)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

impl std::fmt::Debug for RelayTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelayTls").finish_non_exhaustive()
    }
}
