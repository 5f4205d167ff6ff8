//! The envelope of a successful response.

use serde_json::Value;

use super::findings::Findings;
use super::stages::Sent;
use crate::protocol::text::is_uuid;

const MEMBERS: [&str; 4] = ["type", "request_id", "response_id", "payload"];

/// Judges the envelope; whether it is whole enough for the payload to be judged.
pub(crate) fn judge(sent: &Sent<'_>, status: u16, body: &Value, findings: &mut Findings) -> bool {
    let Some(envelope) = body.as_object() else {
        findings.fail(
            "ENV-01",
            EXPECTED,
            format!("JSON of another kind: {}", brief(body)),
        );
        return false;
    };
    let mut whole = true;
    for member in ["type", "request_id", "response_id"] {
        match envelope.get(member) {
            Some(Value::String(_)) => {}
            Some(other) => {
                findings.fail(
                    "ENV-01",
                    EXPECTED,
                    format!("`{member}` is {}", brief(other)),
                );
                whole = false;
            }
            None => {
                findings.fail("ENV-01", EXPECTED, format!("no `{member}`"));
                whole = false;
            }
        }
    }
    if whole {
        findings.pass("ENV-01");
    }
    if let Some(kind) = envelope.get("type").and_then(Value::as_str) {
        let right = sent.callback.type_of(status);
        // A type that is declared for another status is a defect of its own.
        let about = match sent.callback.custom {
            Some(custom) if custom.responses.iter().any(|one| one.response_type == kind) => {
                "CUS-02"
            }
            _ => "ENV-02",
        };
        findings.verdict(
            about,
            kind == right,
            || format!("`type` is {right:?}"),
            || format!("`type` is {kind:?}"),
        );
    }
    if let Some(id) = envelope.get("request_id").and_then(Value::as_str) {
        let expected = || format!("`request_id` is {:?}, letter by letter", sent.request_id);
        // Another case of the letters is a lesser defect, with a requirement of its own.
        let respelt = id != sent.request_id && id.eq_ignore_ascii_case(sent.request_id);
        let sent_upper = sent
            .request_id
            .bytes()
            .any(|byte| byte.is_ascii_uppercase());
        let about = if respelt && sent_upper {
            "ENV-04"
        } else {
            "ENV-03"
        };
        findings.verdict(about, id == sent.request_id, expected, || {
            format!("`request_id` is {id:?}")
        });
    }
    if let Some(id) = envelope.get("response_id").and_then(Value::as_str) {
        findings.verdict("ENV-05", is_uuid(id), "`response_id` is a UUID", || {
            format!("`response_id` is {id:?}")
        });
    }
    let further: Vec<String> = envelope
        .keys()
        .filter(|key| !MEMBERS.contains(&key.as_str()))
        .map(|key| format!("{key:?}"))
        .collect();
    findings.verdict(
        "ENV-07",
        further.is_empty(),
        "no top-level members but `type`, `request_id`, `response_id` and `payload`",
        || format!("also {}", further.join(", ")),
    );
    true
}

const EXPECTED: &str = "an object with the strings `type`, `request_id` and `response_id`";

/// A value in few words.
pub(crate) fn brief(value: &Value) -> String {
    match value {
        Value::Object(members) => format!("an object of {} members", members.len()),
        Value::Array(items) => format!("an array of {} items", items.len()),
        Value::String(text) if text.chars().count() > 60 => {
            format!(
                "the string {:?}…",
                text.chars().take(60).collect::<String>()
            )
        }
        Value::String(text) => format!("the string {text:?}"),
        other => other.to_string(),
    }
}
