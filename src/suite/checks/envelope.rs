//! The response envelope, and the freedom of the request envelope.

use bytes::Bytes;
use proptest::strategy::{SBoxedStrategy, Strategy};
use serde_json::Value;

use crate::generate::encode::{Style, write};
use crate::generate::malform::Class;
use crate::generate::valid;
use crate::protocol::Callback;
use crate::suite::call::{Authorization, Call};
use crate::suite::check::{Check, Denial, Draft, Expect, Need, Sight, telling_first};
use crate::suite::endpoints::endpoints;
use crate::suite::requirement::Requirement;
use crate::suite::session::Session;

const REQUESTS: &str = "callback-handler/formats/requests";
const RESPONSES: &str = "callback-handler/formats/responses";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("ENV-01", "The answer has the envelope's members")
        .states("The body is an object whose `type`, `request_id` and `response_id` are strings.")
        .because("The gateway shows \"invalid format\" for an answer against the schema.")
        .fix("Wrap every success in {\"type\", \"request_id\", \"response_id\", \"payload\"}.")
        .source(RESPONSES),
    Requirement::must("ENV-02", "`type` is the callback's response type")
        .states("`type` is the CTI of a response that the callback defines, letter by letter.")
        .because("The gateway tells what was answered by `type`; another one is \"invalid format\".")
        .fix("Answer each callback with its own response type; `acgw explain CALLBACK-ID` shows it.")
        .source(RESPONSES),
    Requirement::must("ENV-03", "`request_id` is the request's")
        .states("`request_id` equals the request's.")
        .because("The gateway cannot match the answer to its request.")
        .fix("Copy request_id from the parsed request as a string.")
        .source(RESPONSES),
    Requirement::should("ENV-04", "`request_id` is repeated letter by letter")
        .states("A request_id with upper-case letters is repeated with the same letters.")
        .because("A request_id that is parsed and printed again may no longer be equal as text.")
        .fix("Keep request_id as the string that it came as; do not parse it into a UUID type.")
        .source(RESPONSES),
    Requirement::must("ENV-05", "`response_id` is a UUID")
        .states("`response_id` is a UUID in its 8-4-4-4-12 form.")
        .because("The gateway shows \"invalid format\" for an answer against the schema.")
        .fix("Make response_id with your language's random UUID function.")
        .source(RESPONSES),
    Requirement::must("ENV-07", "No undocumented top-level member")
        .states("The envelope has no members but `type`, `request_id`, `response_id` and `payload`.")
        .because("The schema allows no additional properties: \"invalid format\".")
        .fix("Put data into `payload`, and leave status flags, messages and debug members out.")
        .source("Postman collection"),
    Requirement::must("ENV-09", "Any documented created_at is accepted")
        .states(
            "A request is accepted whatever its created_at: year 1, any offset, `Z`, any number of fractional digits. No date \
             is too old.",
        )
        .because("The gateway sends 0001-01-01T00:00:00Z in some requests.")
        .fix("Do not refuse requests by their age, and parse created_at, if at all, with an RFC 3339 parser.")
        .source(REQUESTS),
    Requirement::must("ENV-10", "The body is read as JSON, however it is written")
        .states("The order of keys, white space and \\u escapes in the body make no difference.")
        .because("The order of keys varies between requests.")
        .fix("Parse the body with a JSON library; do not search it as text.")
        .source(REQUESTS),
    Requirement::should("ENV-11", "An unknown callback is refused")
        .states("A request with a callback_id that the handler does not serve is answered with a 4xx status.")
        .because("A success to what was not understood hides mistakes; the gateway would store what did not happen.")
        .fix("Dispatch on context.callback_id, and answer anything unknown with 404 and an err_message.")
        .source("callback-handler/enablement/index"),
    Requirement::must("ENV-12", "No payload where the callback has none")
        .states("The answer to a callback that has no response payload has no `payload`: not null, not {}.")
        .because("The schema of such an answer has no payload: \"invalid format\".")
        .fix("Leave `payload` out of the answers to writes and resets.")
        .source(RESPONSES),
];

pub(super) const CHECKS: &[Check] = &[
    Check::passive("ENV-01", Sight::Success),
    Check::passive("ENV-02", Sight::Success),
    Check::passive("ENV-03", Sight::Success),
    Check::cases("ENV-04", Sight::Success, upper_case),
    Check::passive("ENV-05", Sight::Success),
    Check::passive("ENV-07", Sight::Success),
    Check::cases("ENV-09", Sight::Success, dates).and_generated(generated_dates),
    Check::cases("ENV-10", Sight::Success, encodings).and_generated(generated_requests),
    Check::sequence("ENV-12").needs(&[Need::Write]),
    Check::cases("ENV-11", Sight::Denial, unknown_callbacks),
];

fn upper_case(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    (0..2)
        .map(|number| {
            let id = session.request_id(callback, "ENV-04", number);
            let id = id.to_ascii_uppercase();
            Draft::new(
                "request_id in upper case",
                session.control(callback, &id),
                Expect::Accept,
            )
        })
        .collect()
}

/// The control of a case with its body changed.
fn with_body(mut call: Call, change: impl FnOnce(&mut Value)) -> Call {
    if let Some(mut body) = call.json() {
        change(&mut body);
        call.body = Bytes::from(body.to_string());
    }
    call
}

fn dates(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let drafts = valid::created_at_examples()
        .iter()
        .zip(0..)
        .map(|(date, number)| {
            let call = with_body(session.case_control(callback, "ENV-09", number), |body| {
                body["created_at"] = Value::from(*date);
            });
            Draft::new(format!("created_at {date}"), call, Expect::Accept)
        });
    telling_first(drafts.collect(), 4)
}

fn generated_dates(session: &Session, callback: &'static Callback) -> SBoxedStrategy<Draft> {
    let control = session.case_control(callback, "ENV-09", u64::MAX);
    valid::created_at()
        .prop_map(move |date| {
            let name = format!("created_at {date}");
            let call = with_body(control.clone(), |body| {
                body["created_at"] = Value::from(date)
            });
            Draft::new(name, call, Expect::Accept)
        })
        .sboxed()
}

fn encodings(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let drafts = Style::enumerated()
        .into_iter()
        .zip(0..)
        .map(|(style, number)| {
            let mut call = session.case_control(callback, "ENV-10", number);
            if let Some(body) = call.json() {
                call.body = Bytes::from(write(&body, &style));
            }
            Draft::new(
                format!("the body written otherwise: {style}"),
                call,
                Expect::Accept,
            )
        });
    telling_first(drafts.collect(), 4)
}

fn generated_requests(session: &Session, callback: &'static Callback) -> SBoxedStrategy<Draft> {
    let control = session.case_control(callback, "ENV-10", u64::MAX);
    let template = session.template(callback);
    let freedom = valid::Freedom {
        style: true,
        ..valid::Freedom::default()
    };
    let endpoints = proptest::sample::select(endpoints(session, callback));
    (valid::requests_within(&template, freedom), endpoints)
        .prop_map(move |(mut case, endpoint)| {
            case.envelope["context"]["endpoint_id"] = Value::from(endpoint.as_str());
            let mut call = control.clone();
            call.request_id = case.text("/request_id").to_owned();
            call.authorization = Authorization::Good(endpoint);
            call.body = Bytes::from(case.body());
            Draft::new("a right request, written otherwise", call, Expect::Accept)
        })
        .sboxed()
}

fn unknown_callbacks(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let expect = Expect::Refuse {
        denial: Some(Denial::Callback),
        also: &[501],
    };
    super::body::malformed(
        session,
        callback,
        "ENV-11",
        Class::UnknownCallback,
        expect,
        2,
    )
}
