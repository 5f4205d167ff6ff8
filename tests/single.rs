//! One callback, sent once, as a library's user does it.

mod common;

use acgw_conformance::gateway::Target;
use acgw_conformance::protocol::catalog;
use acgw_conformance::reference::{Faults, Server};
use acgw_conformance::suite::single::Taken;
use acgw_conformance::suite::{ErrorKind, Options, Single, SingleOutcome};
use common::{Certificate, anywhere, identity, options, reference};

/// `topology.read` over https, to a handler whose certificate is trusted or not.
async fn over_https(trusted: bool) -> SingleOutcome {
    let certificate = Certificate::for_loopback();
    let identity = identity();
    let handler = reference(&identity, Faults::none());
    let server = Server::start(anywhere(), handler, Some(certificate.tls()))
        .await
        .expect("a free port");
    let target = Target::url(&server.url()).expect("a URL");
    let roots = match trusted {
        true => vec![certificate.root()],
        false => Vec::new(),
    };
    Single::new(target, &catalog::TOPOLOGY_READ)
        .options(options())
        .identity(identity)
        .roots(roots)
        .send()
        .await
        .expect("an exchange")
}

/// The requirement and what was wrong with it, if it was shown.
fn shown<'a>(outcome: &'a SingleOutcome, id: &str) -> Option<Option<&'a str>> {
    let one = outcome.shown.iter().find(|one| one.requirement.id == id)?;
    Some(one.wrong.as_ref().map(|(_, observed)| observed.as_str()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_tls_agreed_on_is_shown() {
    let outcome = over_https(true).await;
    assert_eq!(outcome.taken, Taken::Accepted, "{outcome:?}");
    assert_eq!(shown(&outcome, "TLS-01"), Some(None), "{outcome:?}");
    assert_eq!(shown(&outcome, "TLS-02"), Some(None), "{outcome:?}");
    assert_eq!(outcome.conforms(), Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_nobody_known_is_shown_and_the_answer_judged_all_the_same() {
    let outcome = over_https(false).await;
    assert_eq!(outcome.taken, Taken::Accepted, "{outcome:?}");
    let wrong = shown(&outcome, "TLS-02").flatten();
    let wrong = wrong.unwrap_or_else(|| panic!("{outcome:?}"));
    assert!(!wrong.is_empty());
    assert_eq!(shown(&outcome, "TLS-01"), Some(None));
    assert_eq!(shown(&outcome, "TOP-01"), Some(None));
    assert_eq!(outcome.conforms(), Some(false));
}

#[tokio::test]
async fn nothing_is_sent_without_leave_to_write_or_without_a_way_to_sign() {
    let target = || Target::url("http://127.0.0.1:1/callback").expect("a URL");
    let without_leave = Options {
        write: false,
        ..options()
    };
    let change = Single::new(target(), &catalog::ENABLEMENT_RESET)
        .options(without_leave)
        .identity(identity());
    let error = change.send().await.expect_err("no leave");
    assert_eq!(error.kind(), ErrorKind::Options);
    let told = error.to_string();
    assert!(told.starts_with("enablement.reset changes data"), "{told}");
    let unsigned = Single::new(target(), &catalog::TOPOLOGY_READ).options(options());
    let error = unsigned.send().await.expect_err("nothing to sign with");
    assert_eq!(error.kind(), ErrorKind::Options);
    assert!(error.to_string().contains("a captured token"), "{error}");
}
