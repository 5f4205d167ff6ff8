//! `partner.mirroring.*`.

use serde_json::Value;

use crate::protocol::Family;
use crate::protocol::catalog::PARTNER_MIRRORING_GET_STATE;
use crate::protocol::text::is_uuid;
use crate::suite::check::{Check, Draft, Expect, Need, Sight, Steps};
use crate::suite::engine::Engine;
use crate::suite::judge::envelope::brief;
use crate::suite::judge::{Defect, Findings};
use crate::suite::requirement::Requirement;

const PAGE: &str = "callback-handler/enablement/index";
const CHECKLIST: &str = "callback-handler/verification";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("PMI-01", "get_state tells a state")
        .states("The payload of partner.mirroring.get_state is an object whose `state` is \"ENABLED\" or \"DISABLED\"; `settings`, where present, is an object.")
        .because("The user interface shows the partner by it; otherwise: \"invalid format\".")
        .fix("Answer {\"state\": \"ENABLED\"} or {\"state\": \"DISABLED\"}, in capitals.")
        .source(PAGE)
        .verified(),
    Requirement::must("PMI-02", "A tenant that was never seen is DISABLED")
        .states("partner.mirroring.get_state for a tenant that the handler has never seen is answered with success and DISABLED.")
        .because("The gateway asks before it enables a partner for the first time.")
        .fix("Answer DISABLED where there is no record, not with an error.")
        .source(PAGE),
    Requirement::must("PMI-03", "enable tells the enabled partner")
        .states(
            "The payload of partner.mirroring.enable has `state` \"ENABLED\", `vendor_tenant_id`, a string that is not empty, \
             and `acronis_tenant_id`, the UUID of the partner that was enabled.",
        )
        .because("Acronis stores it as the partner's record: \"invalid format\" otherwise.")
        .fix("Answer {\"state\": \"ENABLED\", \"vendor_tenant_id\": your record's id, \"acronis_tenant_id\": context.tenant_id}.")
        .source(PAGE)
        .verified(),
    Requirement::must("PMI-04", "An enabled partner is ENABLED")
        .states("partner.mirroring.enable is accepted, and get_state tells ENABLED from then on.")
        .because("Acronis holds the partner for enabled, the handler does not.")
        .fix("Store the record before you answer.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("PMI-05", "A partner can be enabled while it is enabled")
        .states("partner.mirroring.enable for an enabled partner is accepted and leaves it ENABLED, and its customers as they are.")
        .because("enable creates or updates the record: it is sent again when settings change.")
        .fix("Update the record where there is one.")
        .source(PAGE),
    Requirement::must("PMI-06", "A reset disables the partner")
        .states("partner.mirroring.reset is accepted while the partner is enabled, and get_state tells DISABLED from then on.")
        .because("The partner would go on using, and paying for, what Acronis shows as disabled.")
        .fix("Mark the record as disabled.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("PMI-07", "A reset disables the partner's customers")
        .states("After partner.mirroring.reset no customer of the partner is enabled, and none is when the partner is enabled again.")
        .because("Customers would go on using what Acronis shows as disabled.")
        .fix("Disable all customers of the partner with it.")
        .source(PAGE),
    Requirement::must("PMI-08", "Another partner is not touched")
        .states("enable and reset change nothing for another tenant than that of the context.")
        .because("One partner would enable or disable another.")
        .fix("Limit every statement to context.tenant_id.")
        .source(CHECKLIST),
    Requirement::must("PMI-09", "A refused enable or reset changes nothing")
        .states("After a partner.mirroring.enable or reset that was refused the state is what it was.")
        .because("Acronis stores its side only if the answer is a success; the two sides would part.")
        .fix("Check everything first, then change.")
        .source(PAGE),
    Requirement::must("PMI-10", "A partner can be enabled again after a reset")
        .states("After partner.mirroring.reset, enable is accepted, and get_state tells ENABLED.")
        .because("A partner that left could never come back.")
        .fix("Update the record where there is one.")
        .source(PAGE),
    Requirement::must("PMI-11", "Settings are optional")
        .states("partner.mirroring.enable is accepted with `settings` as well as without; a customer's are not shown for the partner.")
        .because("Forms without fields send none; newer gateways send them.")
        .fix("Take `settings` for what it is: an object that may be there.")
        .source(PAGE),
    Requirement::should("PMI-12", "A partner may have any name")
        .states("partner.mirroring.enable is accepted whatever is in acronis_tenant_name: quotes, markup, letters of any script, 199 characters.")
        .because("The partner could not be enabled, because of its name.")
        .fix("Bind the name as a parameter, give its column room, and store it as Unicode.")
        .source(PAGE),
];

const READ: &[Need] = &[Need::Family(Family::PartnerMirroring)];
const WRITE: &[Need] = &[Need::Family(Family::PartnerMirroring), Need::Write];

pub(super) const CHECKS: &[Check] = &[
    Check::procedure("PMI-02", 1, &["PMI-01"], never_seen).needs(READ),
    Check::passive("PMI-01", Sight::Success).needs(READ),
    Check::sequence("PMI-03").needs(WRITE),
    Check::sequence("PMI-04").needs(WRITE),
    Check::sequence("PMI-05").needs(WRITE),
    Check::sequence("PMI-06").needs(WRITE),
    Check::sequence("PMI-07").needs(&[
        Need::Family(Family::PartnerMirroring),
        Need::Customers,
        Need::Write,
    ]),
    Check::sequence("PMI-08").needs(WRITE),
    Check::sequence("PMI-09").needs(WRITE),
    Check::sequence("PMI-10").needs(WRITE),
    Check::sequence("PMI-11").needs(WRITE),
    Check::sequence("PMI-12").needs(WRITE),
];

/// Judges the payload of an answer to `partner.mirroring.get_state`.
pub(crate) fn judge_state(payload: Option<&Value>, findings: &mut Findings) {
    let state = payload.and_then(|payload| payload.get("state"));
    let known = state
        .and_then(Value::as_str)
        .is_some_and(|state| ["ENABLED", "DISABLED"].contains(&state));
    findings.verdict(
        "PMI-01",
        known,
        "`payload` has `state`, \"ENABLED\" or \"DISABLED\"",
        || match (payload, state) {
            (None, _) => "no `payload`".to_owned(),
            (Some(payload), None) => format!("`payload` is {}", brief(payload)),
            (_, Some(state)) => format!("`state` is {}", brief(state)),
        },
    );
    judge_settings(payload, "PMI-01", findings);
}

/// Judges the payload of an answer to `partner.mirroring.enable`.
pub(crate) fn judge_enabled(payload: Option<&Value>, findings: &mut Findings) {
    let expected = "`payload` is {state: \"ENABLED\", vendor_tenant_id, acronis_tenant_id}";
    let member = |name: &str| payload.and_then(|payload| payload.get(name));
    let text = |name: &str| member(name).and_then(Value::as_str);
    let right = [
        ("state", text("state") == Some("ENABLED")),
        (
            "vendor_tenant_id",
            text("vendor_tenant_id").is_some_and(|id| !id.is_empty()),
        ),
        (
            "acronis_tenant_id",
            text("acronis_tenant_id").is_some_and(is_uuid),
        ),
    ];
    let wrong = right
        .iter()
        .find(|(_, right)| !right)
        .map(|(name, _)| *name);
    findings.verdict("PMI-03", wrong.is_none(), expected, || {
        let name = wrong.unwrap_or_default();
        match (payload, member(name)) {
            (None, _) => "no `payload`".to_owned(),
            (Some(payload), None) => format!("no `{name}`: `payload` is {}", brief(payload)),
            (_, Some(value)) => format!("`{name}` is {}", brief(value)),
        }
    });
}

pub(super) fn judge_settings(object: Option<&Value>, id: &'static str, findings: &mut Findings) {
    if let Some(settings) = object.and_then(|object| object.get("settings")) {
        findings.verdict(id, settings.is_object(), "`settings` is an object", || {
            format!("`settings` is {}", brief(settings))
        });
    }
}

fn never_seen(engine: &mut Engine) -> Steps<'_> {
    Box::pin(async move {
        let session = engine.session.clone();
        let mut call = session.case_control(&PARTNER_MIRRORING_GET_STATE, "PMI-02", 0);
        let stranger = session.made_up_id("a tenant that nobody has seen", 0);
        if let Some(mut body) = call.json() {
            body["context"]["tenant_id"] = Value::from(stranger);
            call.body = body.to_string().into();
        }
        let draft = Draft::new(
            "get_state for a tenant that was never seen",
            call,
            Expect::Accept,
        );
        let exchange = engine.exchange_firmly("PMI-02", draft).await?;
        if exchange.defect("PMI-02").is_some() {
            engine.settle(&exchange);
            return Ok(());
        }
        engine.settle_others(&exchange, "PMI-02");
        let payload = exchange.judgement.payload();
        let state = payload.and_then(|payload| payload.get("state"));
        let defect = (state == Some(&Value::from("ENABLED"))).then(|| Defect {
            expected: "`state` is \"DISABLED\"".to_owned(),
            observed: "`state` is \"ENABLED\"".to_owned(),
        });
        engine.conclude("PMI-02", defect, &exchange);
        Ok(())
    })
}
