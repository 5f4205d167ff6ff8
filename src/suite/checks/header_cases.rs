//! Cases that differ from their controls by one header field only.

use proptest::strategy::{SBoxedStrategy, Strategy};

use crate::generate::header::HeaderCase;
use crate::protocol::Callback;
use crate::suite::call::Call;
use crate::suite::check::{Draft, Expect, telling_first};
use crate::suite::session::Session;

/// Puts a value, or nothing, in the place of the field that the cases are about.
pub(super) type Place = fn(&mut Call, Option<Vec<u8>>);

/// Enumerated cases, the first few of them telling.
pub(super) fn enumerated(
    session: &Session,
    callback: &'static Callback,
    id: &str,
    (expect, place): (Expect, Place),
    telling: usize,
    cases: Vec<HeaderCase>,
) -> Vec<Draft> {
    let drafts = cases.into_iter().zip(0..).map(|(case, number)| {
        let mut call = session.case_control(callback, id, number);
        place(&mut call, case.value);
        Draft::new(case.name, call, expect)
    });
    telling_first(drafts.collect(), telling)
}

/// Generated cases.
pub(super) fn generated(
    session: &Session,
    callback: &'static Callback,
    id: &str,
    (expect, place): (Expect, Place),
    cases: SBoxedStrategy<HeaderCase>,
) -> SBoxedStrategy<Draft> {
    let control = session.case_control(callback, id, u64::MAX);
    cases
        .prop_map(move |case| {
            let mut call = control.clone();
            place(&mut call, case.value);
            Draft::new(case.name, call, expect)
        })
        .sboxed()
}
