//! TLS: what the server offers and what it demands of the identity provider.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ServerConfig};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::fault::Flaws;

/// The certificate that the server shows, and its key.
#[derive(Debug)]
pub struct TlsConfig {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Why a certificate or key is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificate file is not PEM.
    #[error("the certificate chain is not PEM: {0}")]
    Certificate(rustls::pki_types::pem::Error),
    /// The certificate file has no certificate.
    #[error("the certificate file has no certificate")]
    NoCertificate,
    /// The key file is not PEM, or has no private key.
    #[error("the private key is not PEM: {0}")]
    Key(rustls::pki_types::pem::Error),
    /// The key does not fit the certificate, or is of a kind that is not supported.
    #[error("the certificate and key are of no use: {0}")]
    Unusable(#[from] rustls::Error),
}

impl TlsConfig {
    /// A certificate chain, the server's own certificate first, and the private key, both in PEM.
    ///
    /// # Errors
    /// When either is not PEM.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<Vec<_>, _>>()
            .map_err(TlsError::Certificate)?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(TlsError::Key)?;
        Ok(Self { chain, key })
    }

    /// TLS 1.3, and 1.2 for clients that cannot do better.
    pub(super) fn acceptor(self, flaws: &Flaws) -> Result<TlsAcceptor, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let Self { chain, key } = flaws.certificate().transpose()?.unwrap_or(self);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(flaws.tls_versions())?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// Connects to servers whose certificate the operating system trusts.
pub(super) fn connector() -> Result<TlsConnector, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
