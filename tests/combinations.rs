//! The defects of a handler's memory, in every combination of enablement methods in which they can occur: each is found.
//!
//! `ACGW_FAULT=part-of-a-name` runs some of them; `--nocapture` shows what was caught.

mod common;

use std::collections::BTreeSet;

use acgw_conformance::gateway::Target;
use acgw_conformance::protocol::{Enablement, EnablementMethod};
use acgw_conformance::reference::{Fault, Faults};
use acgw_conformance::suite::{Options, Suite};
use common::{failed, identity, options_for, reference_for};

use EnablementMethod::{Explicit, Mapped, Mirrored};
use Fault::*;

/// Partners, customers, a fault, and the requirements that it breaks there.
type Row = (
    EnablementMethod,
    EnablementMethod,
    Fault,
    &'static [&'static str],
);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // A write that is lost.
    (Mapped, Mapped, EnableLost, &[]),
    (Mapped, Mirrored, EnableLost, &[]),
    (Mapped, Explicit, EnableLost, &[]),
    (Mapped, Mapped, MappingLost, &[]),
    (Mirrored, Mapped, MappingLost, &[]),
    (Mirrored, Mapped, PartnerEnableLost, &[]),
    (Mirrored, Mirrored, PartnerEnableLost, &[]),
    (Mirrored, Explicit, PartnerEnableLost, &[]),
    (Mapped, Mirrored, CustomersLost, &[]),
    (Mirrored, Mirrored, CustomersLost, &[]),
    (Explicit, Mirrored, CustomersLost, &[]),
    // A removal that is ignored.
    (Mapped, Mapped, RemovalIgnored, &[]),
    (Mirrored, Mapped, RemovalIgnored, &[]),
    (Mapped, Mirrored, CustomerDisableIgnored, &[]),
    (Mirrored, Mirrored, CustomerDisableIgnored, &[]),
    (Explicit, Mirrored, CustomerDisableIgnored, &[]),
    (Mapped, Mapped, ResetIgnored, &[]),
    (Mapped, Mirrored, ResetIgnored, &[]),
    (Mapped, Explicit, ResetIgnored, &[]),
    (Mirrored, Mapped, PartnerResetIgnored, &[]),
    (Mirrored, Mirrored, PartnerResetIgnored, &[]),
    (Mirrored, Explicit, PartnerResetIgnored, &[]),
    // A write that replaces instead of merging.
    (Mapped, Mapped, MappingReplaced, &[]),
    (Mirrored, Mapped, MappingReplaced, &[]),
    (Mapped, Mirrored, CustomersReplaced, &[]),
    (Mirrored, Mirrored, CustomersReplaced, &[]),
    (Explicit, Mirrored, CustomersReplaced, &[]),
    // A reset that leaves customers behind.
    (Mapped, Mapped, ResetLeavesCustomers, &[]),
    (Mapped, Mapped, ResetHidesCustomers, &[]),
    (Mirrored, Mapped, ResetLeavesCustomers, &[]),
    (Mirrored, Mapped, ResetHidesCustomers, &[]),
    (Mapped, Mirrored, PartnerResetHidesCustomers, &[]),
    (Mirrored, Mirrored, PartnerResetHidesCustomers, &[]),
    (Mirrored, Mirrored, PartnerResetLeavesCustomers, &[]),
    // A reset or an enablement that touches another partner.
    (Mapped, Mapped, ResetDisablesEverybody, &[]),
    (Mapped, Mirrored, ResetDisablesEverybody, &[]),
    (Mapped, Explicit, ResetDisablesEverybody, &[]),
    (Mapped, Mapped, ResetUnmapsEverybody, &[]),
    (Mirrored, Mapped, ResetUnmapsEverybody, &[]),
    (Mirrored, Mapped, PartnerResetDisablesEverybody, &[]),
    (Mirrored, Mirrored, PartnerResetDisablesEverybody, &[]),
    (Mirrored, Explicit, PartnerResetDisablesEverybody, &[]),
    (Mapped, Mapped, EnableDisablesOthers, &[]),
    (Mapped, Mirrored, EnableDisablesOthers, &[]),
    (Mirrored, Mirrored, EnableDisablesOthers, &[]),
    (Mapped, Mirrored, CustomersOfOthersDisabled, &[]),
    (Mirrored, Mirrored, CustomersOfOthersDisabled, &[]),
    (Explicit, Mirrored, CustomersOfOthersDisabled, &[]),
    // A second enablement with the same id that is refused.
    (Mapped, Mapped, EnableAgainRefused, &[]),
    (Mapped, Mirrored, EnableAgainRefused, &[]),
    (Mapped, Explicit, EnableAgainRefused, &[]),
    (Mirrored, Mapped, PartnerEnableAgainRefused, &[]),
    (Mirrored, Mirrored, PartnerEnableAgainRefused, &[]),
    (Mirrored, Explicit, PartnerEnableAgainRefused, &[]),
    // Another Acronis id accepted for an enabled organisation.
    (Mapped, Mapped, OtherTenantStored, &[]),
    (Mapped, Mirrored, OtherTenantStored, &[]),
    (Mapped, Explicit, OtherTenantStored, &[]),
    // A list applied half when it is refused.
    (Mapped, Mapped, ListAppliedHalf, &[]),
    (Mirrored, Mapped, ListAppliedHalf, &[]),
    (Mapped, Mapped, UnreadableListAppliedHalf, &[]),
    (Mirrored, Mapped, UnreadableListAppliedHalf, &[]),
    (Mapped, Mirrored, UnreadableCustomersAppliedHalf, &[]),
    (Mirrored, Mirrored, UnreadableCustomersAppliedHalf, &[]),
    (Explicit, Mirrored, UnreadableCustomersAppliedHalf, &[]),
    (Mapped, Mirrored, StrangerAppliedHalf, &[]),
    (Mirrored, Mirrored, StrangerAppliedHalf, &[]),
    (Explicit, Mirrored, StrangerAppliedHalf, &[]),
    (Mapped, Mirrored, EnabledUnread, &[]),
    (Mapped, Explicit, EnabledUnread, &[]),
    (Mirrored, Mapped, PartnerEnabledUnread, &[]),
    (Mirrored, Explicit, PartnerEnabledUnread, &[]),
    // A read that changes something.
    (Mapped, Mapped, ReadUnmaps, &[]),
    (Mirrored, Mapped, ReadUnmaps, &[]),
    (Mirrored, Mapped, ReadEnables, &[]),
    (Mirrored, Mirrored, ReadEnables, &[]),
    (Mirrored, Explicit, ReadEnables, &[]),
    (Mapped, Mirrored, ReadDisablesCustomer, &[]),
    (Mirrored, Mirrored, ReadDisablesCustomer, &[]),
    (Explicit, Mirrored, ReadDisablesCustomer, &[]),
    (Mapped, Explicit, ReadForgets, &[]),
    (Mapped, Mirrored, ReadForgets, &[]),
    (Mapped, Mapped, ReadForgets, &[]),
    // A disabled customer that is still listed.
    (Mapped, Mirrored, DisabledCustomersFlagged, &[]),
    (Mirrored, Mirrored, DisabledCustomersFlagged, &[]),
    (Explicit, Mirrored, DisabledCustomersFlagged, &[]),
    // A state that is lost after the fifth write.
    (Mapped, Mapped, StateLostAtFifthWrite, &[]),
    (Mapped, Mirrored, StateLostAtFifthWrite, &[]),
    (Mapped, Explicit, StateLostAtFifthWrite, &[]),
    (Mirrored, Mapped, StateLostAtFifthWrite, &[]),
    (Mirrored, Mirrored, StateLostAtFifthWrite, &[]),
    (Mirrored, Explicit, StateLostAtFifthWrite, &[]),
    (Explicit, Mirrored, StateLostAtFifthWrite, &[]),
    // An order dependence within one list.
    (Mapped, Mapped, MoveInOrderOnly, &[]),
    (Mirrored, Mapped, MoveInOrderOnly, &[]),
    (Mapped, Mapped, RemovalByTenant, &[]),
    (Mirrored, Mapped, RemovalByTenant, &[]),
    (Mapped, Mirrored, ListsInOrderOnly, &[]),
    (Mirrored, Mirrored, ListsInOrderOnly, &[]),
    (Explicit, Mirrored, ListsInOrderOnly, &[]),
    // A customer listed twice since its write came twice.
    (Mapped, Mapped, MappingListedTwice, &[]),
    (Mirrored, Mapped, MappingListedTwice, &[]),
    (Mapped, Mirrored, CustomerDuplicated, &[]),
    (Mirrored, Mirrored, CustomerDuplicated, &[]),
    (Explicit, Mirrored, CustomerDuplicated, &[]),
    (Mapped, Mirrored, TwoAtOnceDuplicated, &[]),
    (Explicit, Mirrored, TwoAtOnceDuplicated, &[]),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_defect_of_the_memory_is_found_in_every_combination() {
    let part = std::env::var("ACGW_FAULT").unwrap_or_default();
    let mut wrong = Vec::new();
    for (partner, customer, fault, expected) in TABLE {
        if !fault.name().contains(&part) {
            continue;
        }
        let enablement = Enablement::new(*partner, *customer).expect("offered");
        let identity = identity();
        let handler = reference_for(enablement, &identity, Faults::from(*fault));
        let outcome = Suite::new(Target::service(handler))
            .identity(identity)
            .options(Options {
                cases: 12,
                only: [
                    "ENA-*", "MAP-*", "PMI-*", "CMI-*", "TOP-*", "ROB-1*", "ROB-2*",
                ]
                .map(str::to_owned)
                .to_vec(),
                ..options_for(enablement)
            })
            .run()
            .await
            .expect("a run");
        let caught: BTreeSet<&str> = failed(&outcome).into_iter().collect();
        let expected: BTreeSet<&str> = expected.iter().copied().collect();
        println!("{enablement}: {:32} {caught:?}", fault.name());
        if caught != expected {
            wrong.push(format!(
                "{enablement}, {}: expected {expected:?}, caught {caught:?}; {:?}",
                fault.name(),
                outcome.notices
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
