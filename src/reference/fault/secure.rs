//! Faults of the TLS settings.

use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};

use super::{Fault, Flaws};
use crate::reference::tls::{TlsConfig, TlsError};

/// A self-signed certificate for another name, good until 2125. Its key is no secret: it is here for anyone to read.
const OTHER_CERTIFICATE: &[u8] = include_bytes!("other_name.cert.pem");
const OTHER_KEY: &[u8] = include_bytes!("other_name.key.pem");

impl Flaws {
    /// The versions of TLS that the server offers.
    pub fn tls_versions(&self) -> &'static [&'static SupportedProtocolVersion] {
        static OLD: &[&SupportedProtocolVersion] = &[&TLS12];
        static ALL: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
        if self.has(Fault::Tls12Only) { OLD } else { ALL }
    }

    /// The certificate that the server shows in place of its own.
    pub fn certificate(&self) -> Option<Result<TlsConfig, TlsError>> {
        self.has(Fault::WrongCertificate)
            .then(|| TlsConfig::from_pem(OTHER_CERTIFICATE, OTHER_KEY))
    }
}
