//! What an answer that passed shows: by the judges of the suite, with nothing expected that the request does not tell.

use std::time::Duration;

use super::coding::decoded;
use super::request::{Reading, Standing};
use crate::gateway::{Observation, Passed, TransportError, TransportErrorKind};
use crate::protocol::catalog::TENANT_MAPPING_READ;
use crate::suite::check::Expect;
use crate::suite::courier::signature;
use crate::suite::evidence::Forms;
use crate::suite::judge::findings::Finding;
use crate::suite::judge::{Defect, Disposition, Judgement, Sent, judge};

/// The requirement that a right request is answered with success.
const SUCCESS: &str = "HTTP-01";
/// Stands for no requirement: it is right to refuse the request, and right to accept it.
const NOTHING: &str = "";
/// Statuses of the 5xx class that are refusals of what is no callback: not implemented, version not supported.
const NOT_SERVED: &[u16] = &[501, 505];

/// What was found out.
pub(crate) struct Judged {
    /// About the requirements; empty where nothing was judged.
    pub findings: Vec<Finding>,
    /// How the request was taken.
    pub disposition: Disposition,
    /// Why the answer was not judged.
    pub unjudged: Option<String>,
}

/// Judges an exchange that passed. `confidential` is what no answer may repeat.
pub(crate) fn judge_passed(
    passed: &Passed,
    reading: &Reading,
    allowed: Duration,
    confidential: &[Forms],
) -> Judged {
    let mut unjudged = why_not(passed, reading, allowed);
    let mut observation = within(&passed.observation, allowed);
    // One that was not asked for is the judges' to tell.
    if let (Ok(answer), false) = (&mut observation.result, asks_for_identity(passed)) {
        match decoded(answer) {
            Ok(Some(plain)) => *answer = plain,
            Ok(None) => {}
            Err(why) => unjudged = unjudged.or(Some(why)),
        }
    }
    let expect = match (reading.standing, reading.callback) {
        (Standing::Right, Some(callback)) if callback.custom.is_some() => Expect::Declared,
        (Standing::Right, Some(_)) => Expect::Accept,
        _ => Expect::Free {
            may_close: true,
            also: NOT_SERVED,
        },
    };
    let sent = Sent {
        about: if expect.is_right() { SUCCESS } else { NOTHING },
        failing: NOTHING,
        // Of a callback that nobody knows no answer is held against the callback's own rules.
        callback: reading.callback.unwrap_or(&TENANT_MAPPING_READ),
        request_id: &reading.request_id,
        expect,
        well_framed: passed.request.malformed.is_none() && passed.request.whole,
        confidential: if expect.is_right() { confidential } else { &[] },
        signature: signature(&passed.request.message),
    };
    let mut judgement = judge(&sent, &observation);
    if expect.is_right() && may_be_refused(&sent, &judgement.disposition) {
        // Its token, its credentials or what the handler remembers may be the reason, which only the handler knows.
        let sent = Sent {
            about: NOTHING,
            expect: Expect::REFUSED_FOR_A_REASON,
            ..sent
        };
        judgement = judge(&sent, &observation);
    }
    if judgement.disposition == Disposition::Slower {
        unjudged.get_or_insert_with(|| "the handler asked for patience (429)".to_owned());
    }
    if unjudged.is_some() {
        judgement.findings.clear();
    }
    accepted_unsigned(reading, &mut judgement);
    Judged {
        findings: (judgement.findings.into_iter())
            .filter(|finding| finding.id != NOTHING)
            .collect(),
        disposition: judgement.disposition,
        unjudged,
    }
}

/// Whether a right request was refused, which may be right as well.
fn may_be_refused(sent: &Sent<'_>, disposition: &Disposition) -> bool {
    match disposition {
        Disposition::Refused(status) => {
            // A response that is declared for this status is judged as one.
            sent.callback.declared(*status).is_none()
        }
        _ => false,
    }
}

/// A callback without a token that could be verified must not be accepted.
fn accepted_unsigned(reading: &Reading, judgement: &mut Judgement) {
    let Standing::Unsigned(id) = reading.standing else {
        return;
    };
    if judgement.accepted() {
        judgement.findings.push(Finding {
            id,
            defect: Some(Defect {
                expected: "a refusal with a 4xx status".to_owned(),
                observed: "the request was accepted".to_owned(),
            }),
        });
    }
}

/// Why an answer cannot be judged, if it cannot.
fn why_not(passed: &Passed, reading: &Reading, allowed: Duration) -> Option<String> {
    let request = &passed.request;
    let late = passed.observation.total > allowed && reading.standing == Standing::Right;
    if passed.inconclusive.is_some() && !late {
        return passed.inconclusive.clone();
    }
    if request.too_large {
        return Some("the request is larger than what the proxy looks at".to_owned());
    }
    None
}

/// Whether the request wants the body as it is and not otherwise.
fn asks_for_identity(passed: &Passed) -> bool {
    let accepted = passed.request.message.header("accept-encoding");
    accepted.is_some_and(|value| value.trim_ascii().eq_ignore_ascii_case(b"identity"))
}

/// The observation, or, where the answer took longer than is allowed, that it did.
fn within(observation: &Observation, allowed: Duration) -> Observation {
    let mut observation = observation.clone();
    if observation.total <= allowed {
        return observation;
    }
    let took = format!("{:.1?} after the request", observation.total);
    let (kind, detail, partial) = match observation.result {
        Ok(answer) => (
            TransportErrorKind::TimeoutInAnswer,
            format!("it was complete {took}"),
            Some(Box::new(answer)),
        ),
        Err(error) => (
            TransportErrorKind::Timeout,
            format!("{error} {took}"),
            error.partial,
        ),
    };
    observation.result = Err(TransportError {
        kind,
        detail,
        partial,
    });
    observation
}
