//! `tenant_mapping.write`.

use crate::protocol::Family;
use crate::suite::check::{Check, Need};
use crate::suite::requirement::Requirement;

const PAGE: &str = "callback-handler/enablement/index";
const CHECKLIST: &str = "callback-handler/verification";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("MAP-09", "A mapping is remembered")
        .states("tenant_mapping.write that maps a customer is accepted, and tenant_mapping.read tells its acronis_tenant_id from then on.")
        .because("Acronis holds the customer for mapped, the handler does not.")
        .fix("Store the mapping before you answer.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("MAP-10", "A removed mapping is gone")
        .states("An entry without acronis_tenant_id is accepted and removes the customer's mapping: tenant_mapping.read has no such key from then on.")
        .because("The customer stays mapped on the vendor's side, and cannot be mapped to another tenant.")
        .fix("Treat an entry without acronis_tenant_id as removal.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("MAP-11", "Customers that are not named stay as they are")
        .states("tenant_mapping.write changes nothing for customers that its list does not name, nor does enabling the partner once more.")
        .because("Mapping one customer would unmap all others.")
        .fix("Update the named customers; do not replace the stored list.")
        .source(PAGE),
    Requirement::must("MAP-12", "Every entry of the list takes effect")
        .states("Of a list with several entries, mappings and removals, each one takes effect.")
        .because("A multi-row action would be done in part.")
        .fix("Go through all of `modified`.")
        .source(PAGE),
    Requirement::should("MAP-13", "The order of the list makes no difference")
        .states("A list that is accepted and moves an Acronis tenant from one customer to another does so whichever entry comes first.")
        .because("The order of the entries has no documented meaning.")
        .fix("Apply the removals of a list before its mappings.")
        .source(PAGE),
    Requirement::must("MAP-14", "A refused tenant_mapping.write changes nothing")
        .states("After a tenant_mapping.write that was refused, for whatever reason, the mapping is what it was.")
        .because("Acronis stores its side only if the answer is a success; the two sides would part.")
        .fix("Check the whole list first, then apply it in one transaction.")
        .source(PAGE),
    Requirement::must("MAP-15", "Another partner's mappings are not touched")
        .states("tenant_mapping.write changes nothing for the customers of another partner, whoever is named in it.")
        .because("One partner would change what another one's customers see.")
        .fix("Limit every statement to the organisation of the credentials.")
        .source(CHECKLIST),
];

const NEEDS: &[Need] = &[Need::Family(Family::Mapping), Need::Write];

pub(super) const CHECKS: &[Check] = &[
    Check::sequence("MAP-09").needs(NEEDS),
    Check::sequence("MAP-10").needs(NEEDS),
    Check::sequence("MAP-11").needs(NEEDS),
    Check::sequence("MAP-12").needs(NEEDS),
    Check::sequence("MAP-13").needs(NEEDS),
    Check::sequence("MAP-14").needs(NEEDS),
    Check::sequence("MAP-15").needs(&[
        Need::Family(Family::Mapping),
        Need::OtherPartner,
        Need::Write,
    ]),
];
