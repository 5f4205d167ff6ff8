//! Refusals: whether a wrong request was refused, and how.

use serde_json::Value;

use super::envelope::brief;
use super::findings::Findings;
use super::http::{excerpt, status_line};
use super::stages::{Disposition, Reading, Sent};
use crate::gateway::Answer;
use crate::protocol::text::is_uuid;
use crate::suite::check::Denial;

/// The beginning of every success type.
const RESPONSE_TYPE: &str = "cti.a.p.acgw.response.";

/// Judges whether a wrong request was refused.
pub(crate) fn judge(
    sent: &Sent<'_>,
    answer: &Answer,
    read: &Reading,
    disposition: &Disposition,
    findings: &mut Findings,
) {
    let refused = matches!(disposition, Disposition::Refused(_));
    let about = match disposition {
        Disposition::Otherwise(500..=599) => sent.failing,
        _ => sent.about,
    };
    findings.verdict(about, refused, "a refusal with a 4xx status", || {
        let meaning = match disposition {
            Disposition::Accepted(_) => "the request was accepted",
            Disposition::Otherwise(500..=599) => "the handler itself failed",
            _ => "neither success nor refusal",
        };
        format!(
            "status {}: {meaning}{}",
            status_line(answer),
            excerpt(answer)
        )
    });
    judge_error_form(sent, answer, read, disposition, findings);
}

/// Judges the status and the error answer of a denial.
pub(crate) fn judge_denial(
    sent: &Sent<'_>,
    denial: Denial,
    answer: &Answer,
    read: &Reading,
    disposition: &Disposition,
    findings: &mut Findings,
) {
    let Disposition::Refused(status @ 400..=499) = disposition else {
        return;
    };
    // The server in front of the handler refused what is too large; the handler never saw it.
    if matches!(status, 413 | 414 | 431) {
        return;
    }
    let about_status = match denial {
        Denial::Token => Some("JWT-19"),
        Denial::Credentials => Some("CRED-09"),
        Denial::Callback => None,
    };
    if let Some(id) = about_status {
        findings.verdict(id, matches!(status, 401 | 403), "status 401 or 403", || {
            format!("status {}", status_line(answer))
        });
    }
    if is_declared(sent, answer, read) {
        return;
    }
    let body = match read {
        Ok(body) => body,
        Err(error) => {
            findings.fail(
                "ERR-01",
                ERROR_FORM,
                format!("no JSON ({error}){}", excerpt(answer)),
            );
            return;
        }
    };
    let wrong = wrong_in_error_answer(body);
    findings.verdict("ERR-01", wrong.is_none(), ERROR_FORM, || {
        format!("{}, body {body}", wrong.unwrap_or_default())
    });
    if let Some(id) = body.get("request_id").and_then(Value::as_str) {
        findings.verdict(
            "ERR-02",
            id == sent.request_id,
            || format!("`request_id` is {:?}", sent.request_id),
            || format!("`request_id` is {id:?}"),
        );
    }
}

const ERROR_FORM: &str = "a JSON object with `request_id`, `response_id` (a UUID) and `err_message` (a text for the user), without `type`";

/// Judges what any error answer must not look like.
pub(crate) fn judge_error_form(
    sent: &Sent<'_>,
    answer: &Answer,
    read: &Reading,
    disposition: &Disposition,
    findings: &mut Findings,
) {
    match disposition {
        Disposition::Refused(200..=299) => findings.fail(
            "ERR-06",
            "a status that is not 200: the gateway takes 200 for success",
            format!(
                "status {} with an error answer{}",
                status_line(answer),
                excerpt(answer)
            ),
        ),
        Disposition::Refused(_) if is_declared(sent, answer, read) => findings.pass("ERR-06"),
        Disposition::Refused(_) => {
            findings.pass("ERR-06");
            let kind = read
                .as_ref()
                .ok()
                .and_then(|body| body.get("type"))
                .and_then(Value::as_str)
                .unwrap_or_default();
            findings.verdict(
                "ERR-03",
                !kind.starts_with(RESPONSE_TYPE),
                "no `type` of a success",
                || format!("status {} with `type` {kind:?}", status_line(answer)),
            );
        }
        _ => {}
    }
}

/// Whether a refusal is a response that a custom callback declares: then it has a `type`, and what else is declared.
fn is_declared(sent: &Sent<'_>, answer: &Answer, read: &Reading) -> bool {
    let kind = read
        .as_ref()
        .ok()
        .and_then(|body| body.get("type")?.as_str());
    let declared = sent.callback.declared(answer.status);
    declared.is_some_and(|declared| Some(&*declared.response_type) == kind)
}

/// Whether a body says that something went wrong, whatever its status says.
pub(crate) fn is_error_form(body: &Value) -> bool {
    body.get("err_message").is_some() && body.get("type").is_none() && body.get("payload").is_none()
}

/// What an error answer lacks; `None` when it is whole.
fn wrong_in_error_answer(body: &Value) -> Option<String> {
    let Some(members) = body.as_object() else {
        return Some(format!("the body is {}", brief(body)));
    };
    type Right = fn(&str) -> bool;
    let rules: [(&str, Right); 3] = [
        ("request_id", |_| true),
        ("response_id", is_uuid),
        ("err_message", |message| !message.trim().is_empty()),
    ];
    rules
        .into_iter()
        .find_map(|(name, right)| match members.get(name) {
            None => Some(format!("no `{name}`")),
            Some(Value::String(text)) if right(text) => None,
            Some(other) => Some(format!("`{name}` is {}", brief(other))),
        })
        .or_else(|| {
            // The type of a response has a requirement of its own.
            let kind = members.get("type")?;
            let of_response = |kind: &Value| {
                let kind = kind.as_str().unwrap_or_default();
                kind.starts_with(RESPONSE_TYPE)
            };
            (!of_response(kind)).then(|| format!("`type` is {}", brief(kind)))
        })
}
