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

/// Partners, customers, a fault, and the requirements that it breaks there; without any, it breaks some obligation, and
/// which depends on the write with which the state is lost.
type Row = (
    EnablementMethod,
    EnablementMethod,
    Fault,
    &'static [&'static str],
);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // A write that is lost.
    (Mapped, Mapped, EnableLost, &["ENA-04"]),
    (Mapped, Mirrored, EnableLost, &["ENA-04"]),
    (Mapped, Explicit, EnableLost, &["ENA-04"]),
    (Mapped, Mapped, MappingLost, &["MAP-09", "MAP-10"]),
    (Mirrored, Mapped, MappingLost, &["MAP-09"]),
    (Mirrored, Mapped, PartnerEnableLost, &["PMI-04"]),
    (Mirrored, Mirrored, PartnerEnableLost, &["PMI-04"]),
    (Mirrored, Explicit, PartnerEnableLost, &["PMI-04"]),
    (Mapped, Mirrored, CustomersLost, &["CMI-02"]),
    (Mirrored, Mirrored, CustomersLost, &["CMI-02"]),
    (Explicit, Mirrored, CustomersLost, &["CMI-02"]),
    // A removal that is ignored.
    (Mapped, Mapped, RemovalIgnored, &["MAP-10"]),
    (Mirrored, Mapped, RemovalIgnored, &["MAP-10"]),
    (Mapped, Mirrored, CustomerDisableIgnored, &["CMI-03"]),
    (Mirrored, Mirrored, CustomerDisableIgnored, &["CMI-03"]),
    (Explicit, Mirrored, CustomerDisableIgnored, &["CMI-03"]),
    (Mapped, Mapped, ResetIgnored, &["ENA-08", "ENA-09"]),
    (Mapped, Mirrored, ResetIgnored, &["ENA-08", "ENA-09"]),
    (Mapped, Explicit, ResetIgnored, &["ENA-08"]),
    (Mirrored, Mapped, PartnerResetIgnored, &["PMI-06", "PMI-07"]),
    (Mirrored, Mirrored, PartnerResetIgnored, &["PMI-06", "PMI-07"]),
    (Mirrored, Explicit, PartnerResetIgnored, &["PMI-06"]),
    // A write that replaces instead of merging.
    (Mapped, Mapped, MappingReplaced, &["MAP-11"]),
    (Mirrored, Mapped, MappingReplaced, &["MAP-11"]),
    (Mapped, Mirrored, CustomersReplaced, &["CMI-04"]),
    (Mirrored, Mirrored, CustomersReplaced, &["CMI-04"]),
    (Explicit, Mirrored, CustomersReplaced, &["CMI-04"]),
    // A reset that leaves customers behind.
    (Mapped, Mapped, ResetLeavesCustomers, &["ENA-09"]),
    (Mapped, Mapped, ResetHidesCustomers, &["ENA-09"]),
    (Mirrored, Mapped, ResetLeavesCustomers, &["PMI-07"]),
    (Mirrored, Mapped, ResetHidesCustomers, &["PMI-07"]),
    (Mapped, Mirrored, PartnerResetHidesCustomers, &["ENA-09"]),
    (Mirrored, Mirrored, PartnerResetHidesCustomers, &["PMI-07"]),
    (Mirrored, Mirrored, PartnerResetLeavesCustomers, &["PMI-07"]),
    // A reset or an enablement that touches another partner.
    (Mapped, Mapped, ResetDisablesEverybody, &["ENA-13", "MAP-15"]),
    (Mapped, Mirrored, ResetDisablesEverybody, &["CMI-07", "ENA-13"]),
    (Mapped, Explicit, ResetDisablesEverybody, &["ENA-13"]),
    (Mapped, Mapped, ResetUnmapsEverybody, &["MAP-15"]),
    (Mirrored, Mapped, ResetUnmapsEverybody, &["MAP-15"]),
    (Mirrored, Mapped, PartnerResetDisablesEverybody, &["MAP-15", "PMI-08"]),
    (Mirrored, Mirrored, PartnerResetDisablesEverybody, &["CMI-07", "PMI-08"]),
    (Mirrored, Explicit, PartnerResetDisablesEverybody, &["PMI-08"]),
    (Mapped, Mapped, EnableDisablesOthers, &["ENA-13", "MAP-15"]),
    (Mapped, Mirrored, EnableDisablesOthers, &["CMI-07", "ENA-13"]),
    (Mirrored, Mirrored, EnableDisablesOthers, &["CMI-07", "PMI-08"]),
    (Mapped, Mirrored, CustomersOfOthersDisabled, &["CMI-07"]),
    (Mirrored, Mirrored, CustomersOfOthersDisabled, &["CMI-07"]),
    (Explicit, Mirrored, CustomersOfOthersDisabled, &["CMI-07"]),
    (Mapped, Mirrored, AnybodysCustomerDisabled, &["CMI-07"]),
    (Explicit, Mirrored, AnybodysCustomerDisabled, &["CMI-07"]),
    // A second enablement with the same id that is refused.
    (Mapped, Mapped, EnableAgainRefused, &["ENA-05"]),
    (Mapped, Mirrored, EnableAgainRefused, &["ENA-05"]),
    (Mapped, Explicit, EnableAgainRefused, &["ENA-05"]),
    (Mirrored, Mapped, PartnerEnableAgainRefused, &["PMI-05"]),
    (Mirrored, Mirrored, PartnerEnableAgainRefused, &["PMI-05"]),
    (Mirrored, Explicit, PartnerEnableAgainRefused, &["PMI-05"]),
    // Another Acronis id accepted for an enabled organisation.
    (Mapped, Mapped, OtherTenantStored, &["ENA-06"]),
    (Mapped, Mirrored, OtherTenantStored, &["ENA-06"]),
    (Mapped, Explicit, OtherTenantStored, &["ENA-06"]),
    // A list applied half when it is refused.
    (Mapped, Mapped, ListAppliedHalf, &["MAP-14"]),
    (Mirrored, Mapped, ListAppliedHalf, &["MAP-14"]),
    (Mapped, Mapped, UnreadableListAppliedHalf, &["MAP-14"]),
    (Mirrored, Mapped, UnreadableListAppliedHalf, &["MAP-14"]),
    (Mapped, Mirrored, UnreadableCustomersAppliedHalf, &["CMI-08"]),
    (Mirrored, Mirrored, UnreadableCustomersAppliedHalf, &["CMI-08"]),
    (Explicit, Mirrored, UnreadableCustomersAppliedHalf, &["CMI-08"]),
    (Mapped, Mirrored, StrangerAppliedHalf, &["CMI-08"]),
    (Mirrored, Mirrored, StrangerAppliedHalf, &["CMI-08"]),
    (Explicit, Mirrored, StrangerAppliedHalf, &["CMI-08"]),
    (Mapped, Mirrored, EnabledUnread, &["ENA-11"]),
    (Mapped, Explicit, EnabledUnread, &["ENA-11"]),
    (Mirrored, Mapped, PartnerEnabledUnread, &["PMI-09"]),
    (Mirrored, Explicit, PartnerEnabledUnread, &["PMI-09"]),
    // A repetition that is refused, customers that are new, and many of them.
    (Mirrored, Mapped, MappingAgainRefused, &["ROB-25"]),
    (Mapped, Mirrored, ResetAgainRefused, &["ROB-25"]),
    (Mirrored, Explicit, PartnerResetAgainRefused, &["ROB-25"]),
    (Explicit, Mirrored, CustomerDisabledAgainRefused, &["ROB-25"]),
    (Mapped, Mirrored, FreshAtOnce500, &["ROB-18"]),
    (Explicit, Mirrored, FreshCustomersLost, &["ROB-19"]),
    (Mapped, Mirrored, CustomersCut, &["CMI-11"]),
    (Explicit, Mirrored, CustomersCut, &["CMI-11"]),
    (Explicit, Mirrored, CustomerNameEmoji500, &["CMI-12"]),
    (Mapped, Mirrored, CustomersNumbered, &["CMI-04"]),
    (Mapped, Explicit, EnabledIfAnybodyIs, &["ENA-14"]),
    // A read that changes something.
    (Mapped, Mapped, ReadUnmaps, &["MAP-07", "ROB-16"]),
    (Mirrored, Mapped, ReadUnmaps, &["ROB-16"]),
    (Mirrored, Mapped, ReadEnables, &["PMI-02", "ROB-16"]),
    (Mirrored, Mirrored, ReadEnables, &["PMI-02", "ROB-16"]),
    (Mirrored, Explicit, ReadEnables, &["PMI-02", "ROB-16"]),
    (Mapped, Mirrored, ReadDisablesCustomer, &["ROB-16"]),
    (Mirrored, Mirrored, ReadDisablesCustomer, &["ROB-16"]),
    (Explicit, Mirrored, ReadDisablesCustomer, &["ROB-16"]),
    (Mapped, Explicit, ReadForgets, &["ENA-03", "ROB-16"]),
    (Mapped, Mirrored, ReadForgets, &["ENA-03", "ROB-16"]),
    (Mapped, Mapped, ReadForgets, &["ENA-03", "ROB-16"]),
    // A disabled customer that is still listed.
    (Mapped, Mirrored, DisabledCustomersFlagged, &["CMI-03", "ENA-09"]),
    (Mirrored, Mirrored, DisabledCustomersFlagged, &["CMI-03", "PMI-07"]),
    (Explicit, Mirrored, DisabledCustomersFlagged, &["CMI-03"]),
    // A state that is lost after the fifth write.
    (Mapped, Mapped, StateLostAtFifthWrite, &[]),
    (Mapped, Mirrored, StateLostAtFifthWrite, &[]),
    (Mapped, Explicit, StateLostAtFifthWrite, &[]),
    (Mirrored, Mapped, StateLostAtFifthWrite, &[]),
    (Mirrored, Mirrored, StateLostAtFifthWrite, &[]),
    (Mirrored, Explicit, StateLostAtFifthWrite, &[]),
    (Explicit, Mirrored, StateLostAtFifthWrite, &[]),
    // An order dependence within one list.
    (Mapped, Mapped, MoveInOrderOnly, &["MAP-13"]),
    (Mirrored, Mapped, MoveInOrderOnly, &["MAP-13"]),
    (Mapped, Mapped, RemovalByTenant, &["MAP-13"]),
    (Mirrored, Mapped, RemovalByTenant, &["MAP-13"]),
    (Mapped, Mirrored, ListsInOrderOnly, &["CMI-10"]),
    (Mirrored, Mirrored, ListsInOrderOnly, &["CMI-10"]),
    (Explicit, Mirrored, ListsInOrderOnly, &["CMI-10"]),
    // A customer listed twice since its write came twice.
    (Mapped, Mapped, MappingListedTwice, &["MAP-03", "ROB-17", "TOP-03"]),
    (Mirrored, Mapped, MappingListedTwice, &["MAP-03", "ROB-17", "TOP-03"]),
    (Mapped, Mirrored, CustomerDuplicated, &["CMI-06", "ROB-17", "ROB-18"]),
    (Mirrored, Mirrored, CustomerDuplicated, &["CMI-06", "ROB-17", "ROB-18"]),
    (Explicit, Mirrored, CustomerDuplicated, &["CMI-06", "ROB-17", "ROB-18"]),
    (Mapped, Mirrored, TwoAtOnceDuplicated, &["CMI-06", "ROB-18"]),
    (Explicit, Mirrored, TwoAtOnceDuplicated, &["CMI-06", "ROB-18"]),
];

/// Runs at the same time.
const AT_ONCE: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn every_defect_of_the_memory_is_found_in_every_combination() {
    let part = std::env::var("ACGW_FAULT").unwrap_or_default();
    let mut rows = TABLE
        .iter()
        .filter(|(_, _, fault, _)| fault.name().contains(&part));
    let mut running = tokio::task::JoinSet::new();
    let mut wrong = Vec::new();
    loop {
        while running.len() < AT_ONCE
            && let Some(row) = rows.next()
        {
            running.spawn(judge(row));
        }
        let Some(done) = running.join_next().await else {
            break;
        };
        wrong.extend(done.expect("the run does not panic"));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is wrong with how the fault is found there.
async fn judge((partner, customer, fault, expected): &'static Row) -> Option<String> {
    let enablement = Enablement::new(*partner, *customer).expect("offered");
    let identity = identity();
    let handler = reference_for(enablement, &identity, Faults::from(*fault));
    // Without what is done to bodies and connections, which is most of a run and no matter of the memory.
    let only = [
        "ENA-*", "MAP-*", "PMI-*", "CMI-*", "TOP-*", "ROB-16", "ROB-17", "ROB-18", "ROB-19",
        "ROB-20", "ROB-21", "ROB-22", "ROB-25",
    ];
    let outcome = Suite::new(Target::service(handler))
        .identity(identity)
        .options(Options {
            cases: match fault {
                StateLostAtFifthWrite => 60,
                _ => 12,
            },
            budget: (*fault != StateLostAtFifthWrite).then_some(std::time::Duration::ZERO),
            only: only.map(str::to_owned).to_vec(),
            ..options_for(enablement)
        })
        .run()
        .await
        .expect("a run");
    let caught: BTreeSet<&str> = failed(&outcome).into_iter().collect();
    let expected: BTreeSet<&str> = expected.iter().copied().collect();
    println!("{enablement}: {:32} {caught:?}", fault.name());
    let right = match expected.is_empty() {
        true => outcome.exit_code() == 1,
        false => caught == expected,
    };
    (!right).then(|| {
        format!(
            "{enablement}, {}: expected {expected:?}, caught {caught:?}; {:?}",
            fault.name(),
            outcome.notices
        )
    })
}
