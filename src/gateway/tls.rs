//! TLS: a handshake that goes through even if the certificate is not trusted, and remembers why it is not.

use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, ProtocolVersion, RootCertStore,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::observation::TlsFacts;

/// Makes TLS connections.
pub(super) struct Tls {
    config: ClientConfig,
    trust: Trust,
    /// The further roots.
    roots: Arc<[CertificateDer<'static>]>,
    provider: Arc<CryptoProvider>,
}

/// Judges certificates; or the reason why nobody can.
type Trust = Result<Arc<dyn ServerCertVerifier>, String>;

impl Tls {
    /// Trusts what this machine trusts, and the further roots.
    ///
    /// # Errors
    /// When a root is no certificate: says which, counted from 1, and why.
    pub(super) fn new(roots: &[CertificateDer<'static>]) -> Result<Self, (usize, String)> {
        let provider = Arc::new(ring::default_provider());
        let trust = trust(roots, &provider)?;
        // What is offered is fixed here; the verifier is put in anew for each connection.
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| (0, error.to_string()))?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A resumed session skips the certificate, and every connection is to say whether it is trusted.
        config.resumption = Resumption::disabled();
        Ok(Self {
            config,
            trust,
            roots: roots.into(),
            provider,
        })
    }

    /// Shakes hands over a connection that has been made.
    pub(super) async fn connect(
        &self,
        host: &str,
        tcp: TcpStream,
    ) -> Result<(TlsStream<TcpStream>, TlsFacts), String> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| format!("{host:?} is no name that a certificate could carry"))?;
        let recorder = Arc::new(Recorder {
            trust: self.trust.clone(),
            roots: Arc::clone(&self.roots),
            provider: Arc::clone(&self.provider),
            refusal: Mutex::new(None),
        });
        let mut config = self.config.clone();
        config
            .dangerous()
            .set_certificate_verifier(Arc::clone(&recorder) as Arc<dyn ServerCertVerifier>);
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, tcp)
            .await
            .map_err(|error| explain(&error))?;
        let version = match stream.get_ref().1.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLSv1.3".to_owned(),
            Some(ProtocolVersion::TLSv1_2) => "TLSv1.2".to_owned(),
            other => format!("{other:?}"),
        };
        let facts = TlsFacts {
            version,
            certificate_error: recorder.take_refusal(),
        };
        Ok((stream, facts))
    }
}

fn trust(
    roots: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Trust, (usize, String)> {
    let mut store = RootCertStore::empty();
    for (index, root) in roots.iter().enumerate() {
        store
            .add(root.clone())
            .map_err(|error| (index + 1, error.to_string()))?;
    }
    match Verifier::new_with_extra_roots(roots.iter().cloned(), Arc::clone(provider)) {
        Ok(verifier) => return Ok(Ok(Arc::new(verifier))),
        Err(error) if store.is_empty() => {
            return Ok(Err(format!(
                "this machine offers no certificate authorities to trust ({error})"
            )));
        }
        Err(_) => {}
    }
    // The machine has nothing to offer; the roots that were given still count.
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider)).build();
    Ok(match verifier {
        Ok(verifier) => Ok(verifier as Arc<dyn ServerCertVerifier>),
        Err(error) => Err(error.to_string()),
    })
}

/// Accepts every certificate and remembers why it should not have. That the handler holds the certificate's key is
/// still insisted on.
#[derive(Debug)]
struct Recorder {
    trust: Trust,
    roots: Arc<[CertificateDer<'static>]>,
    provider: Arc<CryptoProvider>,
    refusal: Mutex<Option<String>>,
}

impl Recorder {
    fn take_refusal(&self) -> Option<String> {
        self.refusal
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .take()
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let refusal = match &self.trust {
            Ok(verifier) => verifier
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .err()
                .and_then(|error| {
                    match is_ca_as_end_entity(&error) && self.roots.contains(end_entity) {
                        // Who trusts this very certificate, of whatever kind, has only to know that it is for this host: the check has
                        // come as far as its kind, so it is in date.
                        true => ParsedCertificate::try_from(end_entity)
                            .and_then(|leaf| verify_server_name(&leaf, server_name))
                            .err(),
                        false => Some(error),
                    }
                })
                .map(|error| explain_refusal(&error)),
            Err(reason) => Some(reason.clone()),
        };
        *self
            .refusal
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = refusal;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Whether an authority's certificate was shown in place of a host's.
fn is_ca_as_end_entity(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::Other(other))
        if other.to_string().contains("CaUsedAsEndEntity"))
}

/// Why a certificate is not trusted, in words that help.
fn explain_refusal(error: &Error) -> String {
    let hint = match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "; no authority that this machine trusts has issued it, or a certificate between the two was not sent"
        }
        error if is_ca_as_end_entity(error) => {
            "; a self-signed certificate of an authority was sent in place of one for the host"
        }
        _ => "",
    };
    format!("{error}{hint}")
}

/// A handshake's failure in words that help.
fn explain(error: &std::io::Error) -> String {
    let text = error.to_string();
    let rustls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match rustls {
        Some(Error::InvalidMessage(_)) => {
            format!("{text}; the port does not seem to speak TLS (http:// in place of https://?)")
        }
        Some(Error::AlertReceived(rustls::AlertDescription::ProtocolVersion)) => {
            format!("{text}; TLS 1.2 and 1.3 were offered")
        }
        _ => text,
    }
}
