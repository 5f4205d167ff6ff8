//! `customer.mirroring.*`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::partner_mirroring::judge_settings;
use crate::protocol::Family;
use crate::protocol::text::is_uuid;
use crate::suite::check::{Check, Need, Sight};
use crate::suite::judge::Findings;
use crate::suite::judge::envelope::brief;
use crate::suite::requirement::Requirement;

const PAGE: &str = "callback-handler/enablement/index";
const CHECKLIST: &str = "callback-handler/verification";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("CMI-01", "get_state tells a list of customers")
        .states(
            "The payload of customer.mirroring.get_state is an array of objects with `vendor_tenant_id`, a string that is not \
             empty, and `acronis_tenant_id`, a UUID; `settings`, where present, is an object.",
        )
        .because("The user interface shows the enabled customers from it; otherwise: \"invalid format\".")
        .fix("Answer with the array itself as payload, [] when no customer is enabled.")
        .source(PAGE)
        .verified(),
    Requirement::must("CMI-02", "An enabled customer is listed")
        .states("customer.mirroring.set_state that enables a customer is accepted, and get_state lists it from then on.")
        .because("Acronis holds the customer for enabled, the handler does not.")
        .fix("Store the record before you answer.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("CMI-03", "A disabled customer is not listed")
        .states("customer.mirroring.set_state that disables a customer is accepted, and get_state does not list it from then on.")
        .because("get_state lists the enabled customers only: the customer would be shown as enabled.")
        .fix("Filter by state; do not list disabled records.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("CMI-04", "Customers in neither list stay as they are")
        .states("customer.mirroring.set_state changes nothing for customers that its lists do not name, nor their vendor_tenant_id.")
        .because("Enabling one customer would disable all others.")
        .fix("Update the named customers; do not replace the stored list.")
        .source(PAGE),
    Requirement::must("CMI-05", "Every entry of both lists takes effect")
        .states("Of several entries in `enabled` and `disabled` each one takes effect; either list may be absent.")
        .because("A multi-row action would be done in part.")
        .fix("Go through all of both lists.")
        .source(PAGE),
    Requirement::should("CMI-06", "Every customer is listed once")
        .states("No acronis_tenant_id and no vendor_tenant_id stands twice in one answer.")
        .because("The user could not tell which of two rows is meant.")
        .fix("Keep one record for each acronis_tenant_id of a partner, with an id of its own.")
        .source(PAGE),
    Requirement::must("CMI-07", "Another partner's customers are neither shown nor touched")
        .states("get_state lists the customers of context.tenant_id only, and set_state changes no others.")
        .because("Partners are competitors; one would see or change the other's customers.")
        .fix("Limit every statement to context.tenant_id.")
        .source(CHECKLIST),
    Requirement::must("CMI-08", "A refused set_state changes nothing")
        .states("After a customer.mirroring.set_state that was refused the customers are what they were.")
        .because("Acronis stores its side only if the answer is a success; the two sides would part.")
        .fix("Check everything first, then apply it in one transaction.")
        .source(PAGE),
    Requirement::must("CMI-09", "Settings of customers are optional")
        .states(
            "customer.mirroring.set_state is accepted with `settings` as well as without; those of one customer are not shown for another.",
        )
        .because("Forms without fields send none; newer gateways send them.")
        .fix("Take `settings` for what it is: an object that may be there.")
        .source(PAGE),
    Requirement::should("CMI-10", "The order of the lists makes no difference")
        .states("Whatever the order of entries and lists, what is enabled is listed and what is disabled is not.")
        .because("The order of the entries has no documented meaning.")
        .fix("Apply each entry by itself.")
        .source(PAGE),
    Requirement::must("CMI-11", "However many customers are enabled, all are listed")
        .states("After more than a hundred customers were enabled, twenty a request, get_state lists all that were accepted.")
        .because("Those that are left out are shown as not enabled.")
        .fix("Do not cut the answer: no limit and no default page size in the query. get_state has no paging.")
        .source(PAGE),
    Requirement::should("CMI-12", "A customer may have any name")
        .states("Customers are enabled whose names have quotes, markup, emoji, letters of many scripts, or 200 letters.")
        .because("Names are what users make them; such a customer could not be enabled at all.")
        .fix("Bind names as parameters, store them in a column of full Unicode (utf8mb4, not utf8mb3) that is wide enough.")
        .source(PAGE),
];

const WRITE: &[Need] = &[Need::Family(Family::CustomerMirroring), Need::Write];

pub(super) const CHECKS: &[Check] = &[
    Check::passive("CMI-01", Sight::Success).needs(&[Need::Family(Family::CustomerMirroring)]),
    Check::sequence("CMI-02").needs(WRITE),
    Check::sequence("CMI-03").needs(WRITE),
    Check::sequence("CMI-04").needs(WRITE),
    Check::sequence("CMI-05").needs(WRITE),
    Check::sequence("CMI-06").needs(WRITE),
    Check::sequence("CMI-07").needs(&[
        Need::Family(Family::CustomerMirroring),
        Need::OtherPartner,
        Need::Write,
    ]),
    Check::sequence("CMI-08").needs(WRITE),
    Check::sequence("CMI-09").needs(WRITE),
    Check::sequence("CMI-10").needs(WRITE),
    Check::sequence("CMI-11").needs(WRITE),
    Check::sequence("CMI-12").needs(WRITE),
];

/// Judges the payload of an answer to `customer.mirroring.get_state`.
pub(crate) fn judge_payload(payload: Option<&Value>, findings: &mut Findings) {
    let expected = "`payload` is an array of {vendor_tenant_id, acronis_tenant_id, settings?}";
    let Some(items) = payload.and_then(Value::as_array) else {
        let observed = payload.map_or("no `payload`".to_owned(), |payload| {
            format!("`payload` is {}", brief(payload))
        });
        findings.fail("CMI-01", expected, observed);
        return;
    };
    findings.pass("CMI-01");
    let mut seen = BTreeSet::new();
    for (place, item) in items.iter().enumerate() {
        let text = |name: &str| item.get(name).and_then(Value::as_str);
        let right = text("vendor_tenant_id").is_some_and(|id| !id.is_empty())
            && text("acronis_tenant_id").is_some_and(is_uuid);
        findings.verdict("CMI-01", right, expected, || {
            format!("payload/{place} is {item}")
        });
        judge_settings(Some(item), "CMI-01", findings);
        // Only one of the two is a UUID, whose letters may be upper or lower case.
        let ids = [
            (
                "vendor_tenant_id",
                text("vendor_tenant_id").map(str::to_owned),
            ),
            (
                "acronis_tenant_id",
                text("acronis_tenant_id").map(str::to_ascii_lowercase),
            ),
        ];
        for (name, id) in ids {
            if let Some(id) = id {
                let fresh = seen.insert((name, id.clone()));
                findings.verdict("CMI-06", fresh, "every id once", || {
                    format!("{name} {id:?} twice")
                });
            }
        }
    }
}
