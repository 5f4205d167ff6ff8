//! Answers that did not come, or not whole.

use super::findings::Findings;
use super::stages::{Disposition, Sent};
use crate::gateway::{Observation, TransportError, TransportErrorKind};
use crate::suite::check::Expect;

const WHOLE: &str = "a complete HTTP/1.x answer within the timeout";

/// Judges an exchange without a complete answer.
pub(crate) fn judge(
    sent: &Sent<'_>,
    error: &TransportError,
    findings: &mut Findings,
) -> Disposition {
    let observed = error.to_string();
    let accept = sent.expect.is_right();
    match error.kind {
        // What is no HTTP may be answered in kind, as HTTP/0.9 servers do.
        TransportErrorKind::InvalidHttp if may_close(sent.expect) => findings.pass(sent.about),
        TransportErrorKind::InvalidHttp => {
            findings.fail("HTTP-10", "an answer that is valid HTTP/1.x", observed);
        }
        TransportErrorKind::ClosedInAnswer => {
            findings.fail(
                "HTTP-06",
                "the whole body that the header fields announce",
                observed,
            );
        }
        TransportErrorKind::TooLarge => {
            let id = if error.partial.is_some() {
                "HTTP-06"
            } else {
                "HTTP-10"
            };
            findings.fail(id, "an answer of reasonable size that ends", observed);
        }
        TransportErrorKind::Timeout | TransportErrorKind::TimeoutInAnswer if accept => {
            findings.fail("HTTP-07", WHOLE, observed);
        }
        TransportErrorKind::Tls => {
            findings.fail("TLS-01", "a TLS 1.3 handshake that succeeds", observed);
        }
        TransportErrorKind::ClosedBeforeAnswer if accept => {
            findings.fail("HTTP-10", "an answer that is valid HTTP/1.x", observed);
        }
        TransportErrorKind::ClosedBeforeAnswer if may_close(sent.expect) => {
            findings.pass(sent.about)
        }
        TransportErrorKind::Connect if accept => {}
        TransportErrorKind::Timeout
        | TransportErrorKind::TimeoutInAnswer
        | TransportErrorKind::ClosedBeforeAnswer
        | TransportErrorKind::Connect => {
            findings.fail(sent.failing, expected(sent.expect), observed);
        }
    }
    Disposition::NoAnswer(error.kind)
}

/// Judges the form of a complete answer.
pub(crate) fn judge_complete(sent: &Sent<'_>, observation: &Observation, findings: &mut Findings) {
    if !sent.well_framed {
        return;
    }
    findings.pass("HTTP-10");
    findings.verdict(
        "HTTP-06",
        observation.surplus.is_empty(),
        "nothing on the connection behind the body that the header fields announce",
        || {
            let surplus = &observation.surplus;
            let shown = String::from_utf8_lossy(&surplus[..surplus.len().min(80)]);
            format!("at least {} more bytes: {shown:?}", surplus.len())
        },
    );
    if sent.expect.is_right() {
        findings.pass("HTTP-07");
    }
}

fn may_close(expect: Expect) -> bool {
    matches!(
        expect,
        Expect::Free {
            may_close: true,
            ..
        }
    )
}

fn expected(expect: Expect) -> &'static str {
    match expect {
        Expect::Accept | Expect::Declared => WHOLE,
        Expect::Refuse { .. } => "a refusal with a 4xx status within the timeout",
        Expect::Free { .. } => "any answer with success or a 4xx status within the timeout",
    }
}
