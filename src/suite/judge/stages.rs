//! The way through an answer.

use serde_json::Value;

use super::findings::{Finding, Findings};
use super::{custom, disclosure, envelope, http, payload, refusal, transport};
use crate::gateway::{Answer, Observation, TransportErrorKind};
use crate::protocol::Callback;
use crate::suite::check::Expect;
use crate::suite::evidence::Forms;

/// What the judge must know of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent<'a> {
    /// The requirement that the case is about.
    pub about: &'static str,
    /// The requirement that a failure of the handler itself breaks.
    pub failing: &'static str,
    /// The callback.
    pub callback: &'static Callback,
    /// What the answer must repeat.
    pub request_id: &'a str,
    /// What a right handler does.
    pub expect: Expect,
    /// Whether the request is HTTP as it should be. What comes behind an answer to one that is not may be the answer
    /// to what the handler took for a second request.
    pub well_framed: bool,
    /// Texts that no answer may repeat.
    pub confidential: &'a [Forms],
    /// The signature of its token, which no answer may repeat either.
    pub signature: Option<&'a str>,
}

/// The body of an answer, read as JSON once for all who judge it.
pub(crate) type Reading = Result<Value, serde_json::Error>;

/// How the handler took a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Disposition {
    /// With a 2xx status; the body where it is JSON.
    Accepted(Option<Value>),
    /// With a refusal.
    Refused(u16),
    /// It asked for patience (429).
    Slower,
    /// With a status that is neither: 1xx, 3xx, 5xx.
    Otherwise(u16),
    /// Not at all.
    NoAnswer(TransportErrorKind),
}

/// What one exchange says.
#[derive(Debug)]
pub(crate) struct Judgement {
    /// About the requirements.
    pub findings: Vec<Finding>,
    /// About how it was taken.
    pub disposition: Disposition,
}

impl Judgement {
    /// Whether the request was answered with success.
    pub fn accepted(&self) -> bool {
        matches!(self.disposition, Disposition::Accepted(_))
    }

    /// Whether anything is wrong.
    pub fn any_defect(&self) -> bool {
        self.findings.iter().any(|finding| finding.defect.is_some())
    }

    /// The payload of a success.
    pub fn payload(&self) -> Option<&Value> {
        match &self.disposition {
            Disposition::Accepted(Some(body)) => body.get("payload"),
            _ => None,
        }
    }
}

/// Judges one exchange.
pub(crate) fn judge(sent: &Sent<'_>, observation: &Observation) -> Judgement {
    let mut findings = Findings::default();
    let disposition = match &observation.result {
        Err(error) => transport::judge(sent, error, &mut findings),
        Ok(answer) => judge_answer(sent, answer, observation, &mut findings),
    };
    Judgement {
        findings: findings.into_vec(),
        disposition,
    }
}

fn judge_answer(
    sent: &Sent<'_>,
    answer: &Answer,
    observation: &Observation,
    findings: &mut Findings,
) -> Disposition {
    let read: Reading = serde_json::from_slice(&answer.body);
    let mut disposition = disposition(sent, answer, &read);
    if disposition == Disposition::Slower {
        return disposition;
    }
    transport::judge_complete(sent, observation, findings);
    disclosure::judge(sent, answer, findings);
    match sent.expect {
        Expect::Accept => judge_success(sent, answer, &read, &disposition, findings),
        Expect::Declared => custom::judge(sent, answer, &read, &disposition, findings),
        Expect::Refuse { denial, .. } => {
            refusal::judge(sent, answer, &read, &disposition, findings);
            if let Some(denial) = denial {
                refusal::judge_denial(sent, denial, answer, &read, &disposition, findings);
            }
        }
        Expect::Free { also, .. } => {
            let kept = answer.status < 500 || also.contains(&answer.status);
            findings.verdict(
                sent.about,
                kept,
                "an answer with success or a 4xx status",
                || {
                    format!(
                        "status {}: the handler itself failed",
                        http::status_line(answer)
                    )
                },
            );
            refusal::judge_error_form(sent, answer, &read, &disposition, findings);
        }
    }
    if let Disposition::Accepted(body) = &mut disposition {
        *body = read.ok();
    }
    disposition
}

fn judge_success(
    sent: &Sent<'_>,
    answer: &Answer,
    read: &Reading,
    disposition: &Disposition,
    findings: &mut Findings,
) {
    if !http::judge_status(sent, answer, disposition, findings) {
        refusal::judge_error_form(sent, answer, read, disposition, findings);
        return;
    }
    judge_response(sent, answer, read, findings);
}

/// Judges an answer that has the `type` of a response.
pub(super) fn judge_response(
    sent: &Sent<'_>,
    answer: &Answer,
    read: &Reading,
    findings: &mut Findings,
) {
    let Some(body) = http::judge_body(answer, read, findings) else {
        return;
    };
    if !envelope::judge(sent, answer.status, body, findings) {
        return;
    }
    match sent.callback.declared(answer.status) {
        Some(declared) => custom::judge_payload(declared, body, findings),
        None => payload::judge(sent.callback, body, findings),
    }
}

/// How an answer takes the request; the body of a success is put in when it has been judged.
fn disposition(sent: &Sent<'_>, answer: &Answer, read: &Reading) -> Disposition {
    match answer.status {
        429 => Disposition::Slower,
        200..=299 if read.as_ref().is_ok_and(refusal::is_error_form) => {
            Disposition::Refused(answer.status)
        }
        200..=299 => Disposition::Accepted(None),
        status @ 400..=499 => Disposition::Refused(status),
        status if also(sent.expect).contains(&status) => Disposition::Refused(status),
        status => Disposition::Otherwise(status),
    }
}

fn also(expect: Expect) -> &'static [u16] {
    match expect {
        Expect::Accept | Expect::Declared => &[],
        Expect::Refuse { also, .. } | Expect::Free { also, .. } => also,
    }
}
