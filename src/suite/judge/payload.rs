//! The payload of a successful response: by the callback's own rules, then by its schema.

use serde_json::Value;

use super::findings::Findings;
use crate::protocol::Callback;
use crate::suite::checks::{tenant_mapping, topology};

/// Judges the payload of an envelope.
pub(crate) fn judge(callback: &Callback, body: &Value, findings: &mut Findings) {
    let payload = body.get("payload");
    let (about, judge): (_, fn(Option<&Value>, &mut Findings)) = match callback.name {
        "tenant_mapping.read" => ("MAP-01", tenant_mapping::judge_payload),
        "topology.read" => ("TOP-01", topology::judge_payload),
        _ => return,
    };
    judge(payload, findings);
    // The rules above say it better; the schema is what nothing slips through.
    if !findings.any_defect()
        && let Some(violation) = callback.response_schema.violations(body).first()
    {
        findings.fail(
            about,
            "an answer that keeps the response's schema",
            violation.to_string(),
        );
    }
}
