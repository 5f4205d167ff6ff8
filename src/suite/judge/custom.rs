//! Answers to custom callbacks: by what is declared of them.

use serde_json::Value;

use super::envelope::brief;
use super::findings::Findings;
use super::http::{excerpt, status_line};
use super::refusal;
use super::stages::{self, Disposition, Reading, Sent};
use crate::gateway::Answer;
use crate::protocol::{Custom, DeclaredResponse};

/// Refusals that have a meaning whatever is declared, or come from the server in front of the handler.
const MEANT: [u16; 5] = [401, 403, 413, 414, 431];

/// Judges the answer to a right request, which may be any response that is declared.
pub(crate) fn judge(
    sent: &Sent<'_>,
    answer: &Answer,
    read: &Reading,
    disposition: &Disposition,
    findings: &mut Findings,
) {
    let Some(custom) = sent.callback.custom else {
        return;
    };
    let observed = || format!("status {}{}", status_line(answer), excerpt(answer));
    match sent.callback.declared(answer.status) {
        Some(declared) => {
            if read.as_ref().is_ok_and(refusal::is_error_form) {
                if declared.is_success() {
                    refusal::judge_error_form(sent, answer, read, disposition, findings);
                } else {
                    let expected = format!("`type` is {:?}", declared.response_type);
                    let observed = format!("an error answer without `type`, {}", observed());
                    findings.fail("CUS-02", expected, observed);
                }
                return;
            }
            findings.pass("CUS-01");
            if !declared.is_success() {
                findings.pass("CUS-06");
            }
            stages::judge_response(sent, answer, read, findings);
        }
        None => match answer.status {
            300..=399 => findings.fail("HTTP-05", statuses(custom), observed()),
            400..=499 => {
                // A denial has its meaning, but says nothing of how else it is refused.
                if !MEANT.contains(&answer.status) {
                    let expected = format!("{}, or 401 or 403", statuses(custom));
                    findings.fail("CUS-06", expected, observed());
                }
                refusal::judge_error_form(sent, answer, read, disposition, findings);
            }
            _ => {
                findings.fail("CUS-01", statuses(custom), observed());
                refusal::judge_error_form(sent, answer, read, disposition, findings);
            }
        },
    }
}

/// The statuses that are declared, in words.
pub(super) fn statuses(custom: &Custom) -> String {
    let statuses: Vec<String> = custom
        .responses
        .iter()
        .map(|declared| declared.status.to_string())
        .collect();
    format!("a declared status: {}", statuses.join(" or "))
}

/// Judges the payload of a response by the vendor's schema.
pub(super) fn judge_payload(declared: &DeclaredResponse, body: &Value, findings: &mut Findings) {
    let expected = || match &declared.payload {
        Some(schema) => format!("a payload that keeps {}", schema.name()),
        None => format!(
            "no `payload`, for none is declared for status {}",
            declared.status
        ),
    };
    let wrong = match (&declared.payload, body.get("payload")) {
        (None, None) => None,
        (None, Some(payload)) => Some(format!("`payload` is {}", brief(payload))),
        (Some(schema), None) if schema.is_bare() => None,
        (Some(_), None) => Some("no `payload`".to_owned()),
        (Some(schema), Some(payload)) => {
            let violations = schema.violations(payload);
            violations.first().map(|violation| {
                format!("payload{}: {}", violation.instance_path, violation.message)
            })
        }
    };
    findings.verdict("CUS-03", wrong.is_none(), expected, || {
        wrong.clone().unwrap_or_default()
    });
}
