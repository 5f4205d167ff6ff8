//! `enablement.*`: mapped partners.

use serde_json::Value;

use super::items::some_of;
use crate::protocol::Family;
use crate::protocol::catalog::ENABLEMENT_READ;
use crate::protocol::text::is_uuid;
use crate::suite::call::Call;
use crate::suite::check::{Check, Draft, Expect, Need, Sight, Steps};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::envelope::brief;
use crate::suite::judge::{Defect, Findings};
use crate::suite::requirement::Requirement;
use crate::suite::session::encode_credentials;

const PAGE: &str = "callback-handler/enablement/index";
const CHECKLIST: &str = "callback-handler/verification";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("ENA-01", "enablement.read tells the organisation")
        .states(
            "The payload of enablement.read is an object with `vendor_tenant_id`, a string that is not empty, and no member \
             beside it but `acronis_tenant_id`.",
        )
        .because("The gateway could not tell which organisation the partner's credentials belong to: \"invalid format\".")
        .fix("Answer {\"vendor_tenant_id\"} with the id of the organisation that the credentials belong to, as a string.")
        .source(PAGE)
        .verified(),
    Requirement::must("ENA-02", "enablement.read has a UUID or no acronis_tenant_id")
        .states("`acronis_tenant_id` is a UUID where the organisation is enabled, and no key at all (not null, not \"\") where it is not.")
        .because("The schema wants a UUID: \"invalid format\".")
        .fix("Leave the key out while the organisation is not enabled.")
        .source(PAGE),
    Requirement::should("ENA-03", "Two reads of the enablement agree")
        .states("Two enablement.read in a row say the same.")
        .because("The user interface would offer to enable what is enabled, or the other way round.")
        .fix("Read from one consistent source.")
        .source("callback-handler/error-handling"),
    Requirement::must("ENA-04", "Enabling a partner is remembered")
        .states("enablement.write for an organisation that is not enabled is accepted, and enablement.read tells its acronis_tenant_id from then on.")
        .because("Acronis holds the partner for enabled, the handler does not: nothing works from then on.")
        .fix("Store acronis_tenant_id with the organisation before you answer.")
        .source(CHECKLIST)
        .verified(),
    Requirement::should("ENA-05", "Enabling again for the same tenant succeeds")
        .states("enablement.write with what is stored already is accepted and changes nothing.")
        .because("It is sent when the partner changes credentials, and when an answer got lost.")
        .fix("Compare with what is stored, and answer with success when it is the same.")
        .source("certification-checklist"),
    Requirement::must("ENA-06", "An enabled organisation is not taken over")
        .states("enablement.write with another acronis_tenant_id is refused while the organisation is enabled.")
        .because("Two Acronis partners would share one organisation, and the first one would lose it without knowing.")
        .fix("Refuse with 409 and an err_message while another acronis_tenant_id is stored.")
        .source("certification-checklist")
        .verified(),
    Requirement::must("ENA-07", "Only the organisation of the credentials is enabled")
        .states("enablement.write whose vendor_tenant_id is not the organisation of the credentials is refused.")
        .because("A partner could enable, or change the credentials of, somebody else's organisation.")
        .fix("Compare the payload's vendor_tenant_id with the organisation of the credentials; refuse with 403.")
        .source(PAGE),
    Requirement::must("ENA-08", "A reset disables the partner")
        .states("enablement.reset is accepted while the organisation is enabled, and enablement.read has no acronis_tenant_id from then on.")
        .because("The partner could not be enabled again for another tenant.")
        .fix("Remove the stored acronis_tenant_id.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("ENA-09", "A reset removes the customer mappings")
        .states("After enablement.reset no customer is mapped, and none is when the partner is enabled again.")
        .because("Customers would show up as mapped to tenants that Acronis no longer knows.")
        .fix("Remove the partner's mapping and all its customer mappings in one transaction.")
        .source(PAGE),
    Requirement::must("ENA-10", "Wrong credentials do not enable")
        .states("enablement.write with a wrong secret is refused.")
        .because("Anybody could enable the organisation, and Acronis verifies that nobody can.")
        .fix("Check the credentials on every callback before anything else is done.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("ENA-11", "A refused enablement changes nothing")
        .states("After an enablement.write or enablement.reset that was refused the state is what it was.")
        .because("Acronis stores its side only if the answer is a success; the two sides would part.")
        .fix("Check everything first, then change, in one transaction.")
        .source(PAGE),
    Requirement::must("ENA-12", "A partner can be enabled again after a reset")
        .states("After enablement.reset, enablement.write is accepted and remembered, for the same tenant or another.")
        .because("A partner that left could never come back.")
        .fix("Remove the mapping; do not mark the organisation as used up.")
        .source(PAGE),
    Requirement::must("ENA-13", "Another partner's enablement is not touched")
        .states("enablement.write and enablement.reset change nothing for another partner.")
        .because("One partner would enable or disable another.")
        .fix("Limit every statement to the organisation of the credentials.")
        .source(CHECKLIST),
    Requirement::must("ENA-14", "enablement.read tells the tenant that is enabled, whoever asks")
        .states(
            "Asked in the name of another tenant, enablement.read does not say that the organisation is enabled for that one: it \
             tells the tenant that was enabled, or none, or refuses. That another organisation is enabled for that tenant makes no \
             difference.",
        )
        .because(
            "The gateway sends no enablement.write where the organisation is mapped to another tenant. Told its own id, a second \
             tenant is shown as enabled.",
        )
        .fix("Tell the acronis_tenant_id that enablement.write stored, not the request's context.tenant_id.")
        .source(PAGE),
    Requirement::must("ENA-15", "Of tenants that enable at once one is enabled")
        .states(
            "Of enablement.write requests for different acronis_tenant_ids that are under way at once one at most is accepted, none \
             makes the handler fail, and enablement.read tells the accepted one from then on.",
        )
        .because("Two Acronis partners would share one organisation, and the first one would lose it without knowing.")
        .fix(
            "Let one statement look and store: update the row on condition that no acronis_tenant_id is there, and answer 409 when no \
             row was changed.",
        )
        .source(CHECKLIST),
];

const MAPPED: Need = Need::Family(Family::Enablement);

pub(super) const CHECKS: &[Check] = &[
    Check::procedure("ENA-01", 3, &["ENA-02", "ENA-03", "ENA-14"], read)
        .needs(&[MAPPED, Need::Credentials]),
    Check::passive("ENA-02", Sight::Success).needs(&[MAPPED, Need::Credentials]),
    Check::elsewhere("ENA-03").needs(&[MAPPED, Need::Credentials]),
    Check::sequence("ENA-04").needs(&[MAPPED, Need::Credentials, Need::Write]),
    Check::sequence("ENA-05").needs(&[MAPPED, Need::Credentials, Need::Write]),
    Check::sequence("ENA-06").needs(&[MAPPED, Need::Credentials, Need::Write]),
    Check::sequence("ENA-07").needs(&[MAPPED, Need::Credentials, Need::Write]),
    Check::sequence("ENA-08").needs(&[MAPPED, Need::Credentials, Need::Write]),
    Check::sequence("ENA-09").needs(&[MAPPED, Need::Credentials, Need::Customers, Need::Write]),
    Check::sequence("ENA-10").needs(&[MAPPED, Need::Credentials, Need::Write]),
    Check::sequence("ENA-11").needs(&[MAPPED, Need::Credentials, Need::Write]),
    Check::sequence("ENA-12").needs(&[MAPPED, Need::Credentials, Need::Write]),
    Check::sequence("ENA-13").needs(&[MAPPED, Need::OtherCredentials, Need::Write]),
    Check::elsewhere("ENA-14").needs(&[MAPPED, Need::Credentials]),
    Check::sequence("ENA-15").needs(&[MAPPED, Need::Credentials, Need::Write, Need::Concurrency]),
];

/// Judges the payload of an answer to `enablement.read`.
pub(crate) fn judge_payload(payload: Option<&Value>, findings: &mut Findings) {
    let expected = "`payload` is {vendor_tenant_id, acronis_tenant_id?}, vendor_tenant_id a string that is not empty";
    let Some(members) = payload.and_then(Value::as_object) else {
        let observed = payload.map_or("no `payload`".to_owned(), |payload| {
            format!("`payload` is {}", brief(payload))
        });
        findings.fail("ENA-01", expected, observed);
        return;
    };
    let named = members
        .get("vendor_tenant_id")
        .and_then(Value::as_str)
        .is_some_and(|id| !id.is_empty());
    findings.verdict("ENA-01", named, expected, || {
        match members.get("vendor_tenant_id") {
            Some(id) => format!("`vendor_tenant_id` is {}", brief(id)),
            None => "no `vendor_tenant_id`".to_owned(),
        }
    });
    let further: Vec<&String> = members
        .keys()
        .filter(|key| !["vendor_tenant_id", "acronis_tenant_id"].contains(&key.as_str()))
        .collect();
    findings.verdict("ENA-01", further.is_empty(), expected, || {
        format!("also {}", some_of(further))
    });
    let id = members.get("acronis_tenant_id");
    let right = id.is_none_or(|id| id.as_str().is_some_and(is_uuid));
    findings.verdict(
        "ENA-02",
        right,
        "`acronis_tenant_id` is a UUID, or no key at all",
        || {
            format!(
                "`acronis_tenant_id` is {}",
                id.map_or_else(String::new, brief)
            )
        },
    );
}

fn read(engine: &mut Engine) -> Steps<'_> {
    Box::pin(async move {
        let session = engine.session.clone();
        let mut payloads = Vec::new();
        for number in 0..2 {
            let call = session.case_control(&ENABLEMENT_READ, "ENA-01", number);
            let draft = Draft::new("enablement.read", call, Expect::Accept);
            let exchange = engine.exchange_firmly("ENA-01", draft).await?;
            engine.settle(&exchange);
            payloads.push((exchange.judgement.payload().cloned(), exchange));
        }
        let (Some((Some(first), _)), Some((second, exchange))) =
            (payloads.first(), payloads.last())
        else {
            for id in ["ENA-03", "ENA-14"] {
                let reason = "enablement.read was not answered with a payload";
                engine.ledger.blocked(id, reason);
            }
            return Ok(());
        };
        let same = second.as_ref() == Some(first);
        let defect = (!same).then(|| Defect {
            expected: format!("what was said a moment before: {first}"),
            observed: second
                .as_ref()
                .map_or("no payload".to_owned(), Value::to_string),
        });
        engine.conclude("ENA-03", defect, exchange);
        in_the_name_of_another(engine, first).await
    })
}

/// Asks for a tenant that nobody enabled.
async fn in_the_name_of_another(engine: &mut Engine, told: &Value) -> Result<(), Stop> {
    let session = engine.session.clone();
    let Some(enabled) = told.get("acronis_tenant_id").and_then(Value::as_str) else {
        let reason = "the organisation is not enabled for any tenant: --write enables it";
        engine.ledger.unexercised("ENA-14", reason);
        return Ok(());
    };
    let asks = session.made_up_id("a tenant that is not enabled", 0);
    let call = asked_by(session.case_control(&ENABLEMENT_READ, "ENA-14", 0), &asks);
    let name = "enablement.read in the name of a tenant that is not enabled";
    let exchange = engine
        .exchange_firmly("ENA-14", Draft::new(name, call, Expect::FREE))
        .await?;
    engine.progress(1);
    engine.settle_others(&exchange, "ENA-14");
    let defect = tells(&exchange, &asks).then(|| Defect {
        expected: format!("`acronis_tenant_id` is {enabled:?}, or no key at all, or a refusal"),
        observed: format!("`acronis_tenant_id` is {asks:?}, the tenant of the request's context"),
    });
    let fails = defect.is_some();
    engine.conclude("ENA-14", defect, &exchange);
    match fails {
        true => Ok(()),
        false => with_the_credentials_of_another(engine, enabled).await,
    }
}

/// Asks for another organisation in the name of the tenant that this one is enabled for: as somebody does who enters the credentials
/// of a second organisation.
async fn with_the_credentials_of_another(engine: &mut Engine, enabled: &str) -> Result<(), Stop> {
    let session = engine.session.clone();
    let Some(other) = session.other_credentials() else {
        return Ok(());
    };
    let nobody = session.made_up_id("a tenant that is not enabled", 1);
    for (number, (asks, name)) in [
        (nobody.as_str(), "enablement.read of another organisation"),
        (enabled, "enablement.read of another organisation in the name of the tenant that the first one is enabled for"),
    ]
    .into_iter()
    .enumerate()
    {
        let call = session.case_control(&ENABLEMENT_READ, "ENA-14", number as u64 + 1);
        let mut call = asked_by(call, asks);
        call.auth = Some(encode_credentials(other));
        let draft = Draft::new(name, call, Expect::FREE);
        let exchange = engine.exchange_firmly("ENA-14", draft).await?;
        engine.settle_others(&exchange, "ENA-14");
        let is_first = number == 0;
        if is_first && (!exchange.judgement.accepted() || tells(&exchange, enabled)) {
            // It is not known for whom that one is enabled, or it is the same tenant.
            return Ok(());
        }
        if !is_first {
            let defect = tells(&exchange, enabled).then(|| Defect {
                expected: "the same `acronis_tenant_id` as for another tenant, or no key at all, or a refusal".to_owned(),
                observed: format!("`acronis_tenant_id` is {enabled:?}, for which the first organisation is enabled, and not this one"),
            });
            engine.conclude("ENA-14", defect, &exchange);
        }
    }
    Ok(())
}

/// The request in the name of this tenant.
fn asked_by(mut call: Call, tenant: &str) -> Call {
    if let Some(mut body) = call.json() {
        body["context"]["tenant_id"] = Value::from(tenant);
        call.body = body.to_string().into();
    }
    call
}

/// Whether an answer says that the organisation is enabled for this tenant.
fn tells(exchange: &Exchange, tenant: &str) -> bool {
    let payload = exchange.judgement.payload();
    let id = payload.and_then(|payload| payload.get("acronis_tenant_id"));
    id.and_then(Value::as_str)
        .is_some_and(|id| id.eq_ignore_ascii_case(tenant))
}
