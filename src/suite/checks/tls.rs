//! Transport security, judged on the connection of the first control.

use crate::suite::check::{Check, Need, Sight};
use crate::suite::engine::{Engine, Exchange};
use crate::suite::judge::Defect;
use crate::suite::requirement::Requirement;

const TRANSPORT: &str = "callback-handler/basic-requirements";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("TLS-01", "TLS 1.3 is spoken")
        .states("A client that offers TLS 1.3 and 1.2 gets TLS 1.3.")
        .because("The gateway connects by TLS 1.3 only: \"cannot connect\".")
        .fix("Enable TLS 1.3 in the server or in the proxy before it.")
        .source(TRANSPORT)
        .verified(),
    Requirement::must("TLS-02", "The certificate is trusted and names the host")
        .states("The certificate chain leads to a trusted authority, is in force, and is issued for the URL's host.")
        .because("The gateway shows \"invalid certificate\" and does not try again.")
        .fix("Serve the full chain (leaf and intermediates) of a certificate that a public authority issued for the domain.")
        .source(TRANSPORT)
        .verified(),
];

pub(super) const CHECKS: &[Check] = &[
    Check::passive("TLS-01", Sight::Success).needs(&[Need::Tls]),
    Check::passive("TLS-02", Sight::Success).needs(&[Need::Tls]),
];

/// Judges what TLS agreed on for an exchange.
pub(crate) fn judge_tls(engine: &mut Engine, exchange: &Exchange) {
    let Some(facts) = exchange.observation.tls.clone() else {
        return;
    };
    let version = (facts.version != "TLSv1.3").then(|| Defect {
        expected: "TLSv1.3".to_owned(),
        observed: facts.version.clone(),
    });
    engine.conclude("TLS-01", version, exchange);
    let certificate = facts.certificate_error.map(|error| Defect {
        expected: "a trusted certificate for the host".to_owned(),
        observed: error,
    });
    if certificate.is_some() {
        engine.notice(
            "the certificate is not one that Acronis would trust (TLS-02). If it is for tests only: --cacert FILE trusts its \
             authority, and --skip TLS-02 leaves the certificate out of the verdict",
        );
    }
    engine.conclude("TLS-02", certificate, exchange);
}
