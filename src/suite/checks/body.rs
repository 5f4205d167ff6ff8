//! Robustness against bodies: malformed, odd, large, hostile.

use bytes::Bytes;
use proptest::strategy::{SBoxedStrategy, Strategy};

use crate::generate::hostile;
use crate::generate::malform::{self, Class};
use crate::protocol::Callback;
use crate::suite::call::Call;
use crate::suite::check::{Check, Draft, Expect, Sight, telling_first};
use crate::suite::requirement::Requirement;
use crate::suite::session::Session;

const PRACTICE: &str = "good practice";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::hardening("ROB-01", "A body that is no JSON object is refused")
        .states("An empty body, text, cut-off JSON, a list and a scalar get a 4xx status.")
        .because("A handler that fails on it shows \"cannot connect\"; one that accepts it did not read it.")
        .fix("Catch the parser's error, check that the value is an object, and answer 400.")
        .source(PRACTICE),
    Requirement::hardening("ROB-02", "A request that names no callback is refused")
        .states("A request whose `context` or `context.callback_id` is missing or of another JSON type gets a 4xx status.")
        .because("Nobody knows what was asked for.")
        .fix("Check the type of both before dispatching, and answer 400.")
        .source(PRACTICE),
    Requirement::hardening("ROB-03", "A request without request_id is refused")
        .states("A request whose `request_id` is missing or not a string gets a 4xx status.")
        .because("The answer could not repeat it.")
        .fix("Check that it is a string, and answer 400.")
        .source(PRACTICE),
    Requirement::hardening("ROB-04", "Damaged fields do no harm")
        .states(
            "Fields that a handler may have no use for (type, created_at, datacenter_url, tenant_id, payload, unknown ones) are, \
             when they are missing or of a wrong form, ignored or refused with 4xx, never answered with 5xx.",
        )
        .because("A handler that fails on a field shows \"cannot connect\" and hides why.")
        .fix("Validate the envelope before using it, or do not touch what you do not need.")
        .source(PRACTICE),
    Requirement::hardening("ROB-05", "Odd JSON does no harm")
        .states(
            "Byte order marks, bytes that are not UTF-8, NaN, lone surrogates, huge numbers, control characters, duplicate keys \
             and deep nesting are accepted or refused with 4xx, never answered with 5xx.",
        )
        .because("Parsers differ in what they take; what slips through breaks the code behind, or exhausts its stack.")
        .fix("Catch whatever the parser throws, recursion errors included, and answer 400.")
        .source(PRACTICE),
    Requirement::hardening("ROB-06", "A large body does no harm")
        .states("A body of 1 MiB is accepted, refused, or the connection is closed on it; in time, and the handler goes on.")
        .because("A handler that reads without a limit can be brought down by anyone.")
        .fix("Set a limit on the body's size in the server or framework; 413 is the status for it.")
        .source(PRACTICE),
    Requirement::hardening("ROB-07", "Another Content-Type does no harm")
        .states("A missing, wrong or malformed Content-Type is accepted or refused with 4xx, never answered with 5xx.")
        .because("A body that the framework did not parse is absent in the code behind.")
        .fix("Answer 415, or parse the body whatever it is called.")
        .source(PRACTICE),
    Requirement::hardening("ROB-08", "Hostile values in the body do no harm")
        .states(
            "Names of language internals, injections, operator objects, control characters and very long texts in every string \
             field are accepted or refused with 4xx, never answered with 5xx.",
        )
        .because("They take over or bring down code that trusts its input.")
        .fix("Check types, bind parameters, and use maps that have no inherited members.")
        .source(PRACTICE),
    Requirement::hardening("ROB-09", "Hostile header values do no harm")
        .states("Odd bytes, quotes, long texts and format strings in Authorization, X-CyberApp-Auth, X-CyberApp-Extra and Content-Type \
             are accepted or refused with 4xx, never answered with 5xx.")
        .because("Anyone can send them, without a token.")
        .fix("Decode header values inside the code that catches errors.")
        .source(PRACTICE),
    Requirement::hardening("ROB-10", "Damaged bodies do no harm")
        .states("A right body with bytes cut off, changed, added or swapped is accepted or refused with 4xx, never answered with 5xx.")
        .because("What happens on a bad line should be a refusal, not a failure.")
        .fix("Catch the parser's errors and validate what it returns.")
        .source(PRACTICE),
];

pub(super) const CHECKS: &[Check] = &[
    Check::cases("ROB-01", Sight::Refusal, |session, callback| {
        malformed(
            session,
            callback,
            "ROB-01",
            Class::NotAnObject,
            Expect::MALFORMED,
            6,
        )
    }),
    Check::cases("ROB-02", Sight::Refusal, |session, callback| {
        malformed(
            session,
            callback,
            "ROB-02",
            Class::Dispatch,
            Expect::MALFORMED,
            4,
        )
    }),
    Check::cases("ROB-03", Sight::Refusal, |session, callback| {
        malformed(
            session,
            callback,
            "ROB-03",
            Class::RequestId,
            Expect::MALFORMED,
            3,
        )
    }),
    Check::cases("ROB-04", Sight::Refusal, |session, callback| {
        malformed(
            session,
            callback,
            "ROB-04",
            Class::Ignorable,
            Expect::FREE,
            6,
        )
    }),
    Check::cases("ROB-05", Sight::Refusal, |session, callback| {
        malformed(
            session,
            callback,
            "ROB-05",
            Class::Encoding,
            Expect::FREE,
            8,
        )
    }),
    Check::cases("ROB-06", Sight::Refusal, |session, callback| {
        malformed(
            session,
            callback,
            "ROB-06",
            Class::Large,
            Expect::Free {
                may_close: true,
                also: &[],
            },
            1,
        )
    }),
    Check::cases("ROB-07", Sight::Refusal, |session, callback| {
        malformed(
            session,
            callback,
            "ROB-07",
            Class::MediaType,
            Expect::FREE,
            3,
        )
    }),
    Check::cases("ROB-08", Sight::Refusal, |session, callback| {
        malformed(session, callback, "ROB-08", Class::Hostile, Expect::FREE, 8)
    }),
    Check::cases("ROB-09", Sight::Refusal, hostile_headers),
    Check::generated("ROB-10", Sight::Refusal, damaged),
];

/// Stands for the request id in bodies that are made for many cases at once.
const PLACEHOLDER: &str = "6f1c0a52-94be-4d37-8a60-d2b75e13c948";

/// The malformations of one class, each with a request id of its own.
pub(super) fn malformed(
    session: &Session,
    callback: &'static Callback,
    id: &str,
    class: Class,
    expect: Expect,
    telling: usize,
) -> Vec<Draft> {
    let template = session.template(callback);
    let malformations = malform::each_of_class(&template, PLACEHOLDER, class);
    let drafts = malformations
        .take(session.most_cases(callback))
        .zip(0..)
        .map(|(malformation, number)| {
            let request_id = session.request_id(callback, id, number);
            let control = session.control(callback, &request_id);
            let call = Call {
                body: replace(&malformation.body, PLACEHOLDER, &request_id),
                content_type: match malformation.content_type {
                    None => control.content_type,
                    Some(changed) => changed.map(String::into_bytes),
                },
                method: malformation.method.unwrap_or(control.method),
                ..control
            };
            let expect = if call.body.len() > LARGE {
                may_close(expect)
            } else {
                expect
            };
            Draft::new(malformation.name, call, expect)
        });
    telling_first(drafts.collect(), telling)
}

/// A body longer than this may be refused by closing the connection: servers that do not read it all often do.
const LARGE: usize = 60_000;

fn may_close(expect: Expect) -> Expect {
    match expect {
        Expect::Free { also, .. } => Expect::Free {
            may_close: true,
            also,
        },
        other => other,
    }
}

/// The body with one text in place of another, wherever it is.
pub(crate) fn replace(body: &Bytes, old: &str, new: &str) -> Bytes {
    let mut replaced = Vec::with_capacity(body.len());
    let mut copied = 0;
    for place in memchr::memmem::find_iter(body, old) {
        replaced.extend_from_slice(&body[copied..place]);
        replaced.extend_from_slice(new.as_bytes());
        copied = place + old.len();
    }
    replaced.extend_from_slice(&body[copied..]);
    Bytes::from(replaced)
}

fn hostile_headers(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut number = 0;
    for value in hostile::header_values() {
        for field in [
            "Authorization",
            "X-CyberApp-Auth",
            "X-CyberApp-Extra",
            "Content-Type",
        ] {
            let mut call = session.case_control(callback, "ROB-09", number);
            number += 1;
            let bytes = value.value.clone();
            match field {
                "Authorization" => {
                    call.authorization =
                        crate::suite::call::Authorization::Text([b"Bearer ", &bytes[..]].concat());
                }
                "X-CyberApp-Auth" => call.auth = Some(bytes),
                "X-CyberApp-Extra" => call.extra = Some(bytes),
                _ => call.content_type = Some(bytes),
            }
            drafts.push(Draft::new(
                format!("{field}: {}", value.name),
                call,
                Expect::FREE,
            ));
        }
    }
    telling_first(drafts, 8)
}

fn damaged(session: &Session, callback: &'static Callback) -> SBoxedStrategy<Draft> {
    let control = session.case_control(callback, "ROB-10", u64::MAX);
    malform::damage(&control.body)
        .prop_map(move |damage| {
            let mut call = control.clone();
            call.body = Bytes::from(damage.apply(&control.body));
            Draft::new(
                format!("damaged body: {}", damage.describe()),
                call,
                Expect::FREE,
            )
        })
        .sboxed()
}
