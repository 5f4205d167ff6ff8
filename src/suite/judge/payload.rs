//! The payload of a successful response: by the callback's own rules, then by its schema.

use serde_json::Value;

use super::envelope::brief;
use super::findings::Findings;
use crate::protocol::Callback;
use crate::suite::checks::{
    customer_mirroring, enablement, partner_mirroring, tenant_mapping, topology,
};

/// Judges the payload of an envelope.
pub(crate) fn judge(callback: &Callback, body: &Value, findings: &mut Findings) {
    let payload = body.get("payload");
    let (about, judge): (_, fn(Option<&Value>, &mut Findings)) = match callback.name {
        "tenant_mapping.read" => ("MAP-01", tenant_mapping::judge_payload),
        "topology.read" => ("TOP-01", topology::judge_payload),
        "enablement.read" => ("ENA-01", enablement::judge_payload),
        "partner.mirroring.get_state" => ("PMI-01", partner_mirroring::judge_state),
        "partner.mirroring.enable" => ("PMI-03", partner_mirroring::judge_enabled),
        "customer.mirroring.get_state" => ("CMI-01", customer_mirroring::judge_payload),
        _ if !callback.response_payload => ("ENV-12", judge_none),
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

/// Judges that there is no payload where the callback has none.
fn judge_none(payload: Option<&Value>, findings: &mut Findings) {
    findings.verdict("ENV-12", payload.is_none(), "no `payload`", || {
        payload.map_or_else(String::new, |payload| {
            format!("`payload` is {}", brief(payload))
        })
    });
}

/// Whether a requirement asks for the form of a payload.
pub(crate) fn is_about_form(id: &str) -> bool {
    ["ENA-01", "TOP-01", "MAP-01", "PMI-01", "PMI-03", "CMI-01"].contains(&id)
}
