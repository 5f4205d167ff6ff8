//! `X-CyberApp-Extra`: the further fields of the enablement form.

use proptest::strategy::{SBoxedStrategy, Strategy};

use super::header_cases::{self, Place, enumerated};
use crate::generate::extra as cases;
use crate::generate::header::HeaderCase;
use crate::protocol::{Callback, Extra};
use crate::suite::check::{Check, Draft, Expect, Sight};
use crate::suite::requirement::Requirement;
use crate::suite::session::Session;

const REQUESTS: &str = "callback-handler/formats/requests";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::should("EXTRA-01", "The extra data is read as JSON, however it is written")
        .states("White space, order of keys and escapes in the JSON text of X-CyberApp-Extra make no difference.")
        .because("The text is the gateway's to write.")
        .fix("Decode base64, then parse with a JSON library.")
        .source(REQUESTS),
    Requirement::hardening("EXTRA-02", "Extra data of any form field does no harm")
        .states("Objects with any keys, spaces and Unicode included, and any values are accepted or refused, not answered with 5xx.")
        .because("Keys are the ids of form fields, which may contain spaces; a new field would break the handler.")
        .fix("Look up the fields that you know; do not turn keys into names of variables or columns.")
        .source("good practice"),
    Requirement::hardening("EXTRA-03", "Malformed extra data does no harm")
        .states("An X-CyberApp-Extra that is missing, no base64, no JSON or no object is accepted or refused, not answered with 5xx.")
        .because("A handler that fails on it shows \"cannot connect\" and hides why.")
        .fix("Catch the errors of decoder and parser and answer 400.")
        .source("good practice"),
    Requirement::hardening("EXTRA-04", "Hostile extra data does no harm")
        .states("Names of language internals, injections and very long texts as keys and values are not answered with 5xx.")
        .because("What is merged into an object, a query or a template may take it over.")
        .fix("Copy known fields only, and bind parameters.")
        .source("good practice"),
];

pub(super) const CHECKS: &[Check] = &[
    Check::cases("EXTRA-01", Sight::Success, encodings).and_generated(restyled),
    Check::generated("EXTRA-02", Sight::Refusal, objects),
    Check::cases("EXTRA-03", Sight::Refusal, malformed),
    Check::cases("EXTRA-04", Sight::Refusal, hostile).and_generated(generated),
];

/// The value stands for `X-CyberApp-Extra`.
const PLACE: Place = |call, value| call.extra = value;

fn encodings(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let cases = cases::encodings(&session.options.extra.0);
    enumerated(
        session,
        callback,
        "EXTRA-01",
        (Expect::Accept, PLACE),
        2,
        cases,
    )
}

fn restyled(session: &Session, callback: &'static Callback) -> SBoxedStrategy<Draft> {
    let cases = cases::restyled(&session.options.extra.0);
    header_cases::generated(
        session,
        callback,
        "EXTRA-01",
        (Expect::Accept, PLACE),
        cases,
    )
}

fn malformed(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    enumerated(
        session,
        callback,
        "EXTRA-03",
        (Expect::FREE, PLACE),
        4,
        cases::malformed(),
    )
}

fn hostile(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let cases = cases::hostile(&session.options.extra.0);
    enumerated(
        session,
        callback,
        "EXTRA-04",
        (Expect::FREE, PLACE),
        4,
        cases,
    )
}

fn generated(session: &Session, callback: &'static Callback) -> SBoxedStrategy<Draft> {
    let cases = cases::generated(&session.options.extra.0);
    header_cases::generated(session, callback, "EXTRA-04", (Expect::FREE, PLACE), cases)
}

fn objects(session: &Session, callback: &'static Callback) -> SBoxedStrategy<Draft> {
    let objects = cases::objects(&session.options.extra.0).prop_map(|fields| {
        HeaderCase::new("extra data with further fields", Extra(fields).encode())
    });
    header_cases::generated(
        session,
        callback,
        "EXTRA-02",
        (Expect::FREE, PLACE),
        objects.sboxed(),
    )
}
