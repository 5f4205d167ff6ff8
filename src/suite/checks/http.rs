//! HTTP: status, media type, method, spelling of header fields.

use proptest::strategy::{SBoxedStrategy, Strategy};

use crate::generate::valid;
use crate::protocol::Callback;
use crate::suite::call::Spelling;
use crate::suite::check::{Check, Draft, Expect, Sight, telling_first};
use crate::suite::requirement::Requirement;
use crate::suite::session::Session;

const RESPONSES: &str = "callback-handler/formats/responses";
const ERRORS: &str = "callback-handler/error-handling";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("HTTP-01", "A right callback is answered with status 200")
        .states("A request with a valid token, valid credentials and a valid body is answered with HTTP status 200.")
        .because(
            "Any other status from 200 to 399 is shown as \"invalid format\", 401 and 403 as \"invalid credentials\", 5xx as \
             \"cannot connect\".",
        )
        .fix("Answer every callback that you can carry out with status 200, whatever it did.")
        .source(RESPONSES)
        .verified(),
    Requirement::must("HTTP-02", "The answer is application/json")
        .states("The answer has one Content-Type, application/json; its charset, if given, is utf-8.")
        .because("The gateway reads the body by its media type.")
        .fix("Set Content-Type: application/json; charset=utf-8 on every success.")
        .source(RESPONSES),
    Requirement::must("HTTP-03", "The body is one JSON value in UTF-8")
        .states("The body is one JSON text in UTF-8, without a byte order mark and with nothing but white space behind it.")
        .because("The gateway shows \"invalid format\" for a body that it cannot parse.")
        .fix("Serialise the response with a JSON library, once, and write nothing else: no debug output, no second value.")
        .source(RESPONSES),
    Requirement::should("HTTP-04", "The body is not compressed unasked")
        .states("A request that says Accept-Encoding: identity is answered without Content-Encoding.")
        .because("The gateway may not be able to read a coding that it did not ask for.")
        .fix("Let compression depend on Accept-Encoding, or switch it off for the callback.")
        .source("RFC 9110, section 12.5.3"),
    Requirement::must("HTTP-05", "No redirect")
        .states("The callback is answered at the URL it is sent to, not with a 3xx status.")
        .because("A status from 300 to 399 is shown as \"invalid format\"; the gateway does not follow it.")
        .fix("Serve the callback at exactly the URL that is registered: mind trailing slashes and http-to-https redirects.")
        .source(ERRORS),
    Requirement::must("HTTP-06", "The body is complete")
        .states("The answer's body has exactly the length that Content-Length or the chunks announce.")
        .because("A body that is cut off, or longer than announced, cannot be read: \"invalid format\" or \"cannot connect\".")
        .fix("Let your HTTP server compute Content-Length from the bytes, not from the characters, of the final body.")
        .source("RFC 9112, section 6"),
    Requirement::must("HTTP-07", "The answer comes in time")
        .states("A right request is answered completely within the timeout (--timeout).")
        .because("The gateway gives up and shows \"cannot connect\".")
        .fix("Answer before slow work is done, cache what is slow, or ask for a longer timeout for the callback.")
        .source(ERRORS),
    Requirement::hardening("HTTP-08", "Other methods than POST are refused")
        .states("GET, PUT, PATCH and DELETE with a right callback's header fields and body are answered with a 4xx status, or 501.")
        .because("Callbacks are sent by POST only; whatever accepts them otherwise widens what can be attacked.")
        .fix("Register the route for POST only.")
        .source("good practice"),
    Requirement::should("HTTP-11", "Equivalent spellings of the request's media type are accepted")
        .states("Content-Type: application/json is accepted with a charset parameter, in other case, and with white space around `;`.")
        .because("A gateway or proxy that adds `; charset=utf-8` would break the integration.")
        .fix("Compare the media type without its parameters and without regard to case, as HTTP libraries do.")
        .source("RFC 9110, section 8.3.1"),
    Requirement::should("HTTP-12", "Header field names are read in any case")
        .states("A request is accepted with its header field names in lower case and in upper case.")
        .because("Names of header fields have no case; HTTP/2 proxies send them in lower case.")
        .fix("Read header fields through your framework, not by comparing names yourself.")
        .source("RFC 9110, section 5.1"),
];

pub(super) const CHECKS: &[Check] = &[
    // The first control of the run is its evidence; see the engine's baseline.
    Check::passive("HTTP-01", Sight::Success),
    Check::passive("HTTP-02", Sight::Success),
    Check::passive("HTTP-03", Sight::Success),
    Check::passive("HTTP-04", Sight::Success),
    Check::passive("HTTP-05", Sight::Success),
    Check::passive("HTTP-06", Sight::Any),
    Check::passive("HTTP-07", Sight::Success),
    Check::cases("HTTP-08", Sight::Refusal, methods),
    Check::cases("HTTP-11", Sight::Success, media_types).and_generated(generated_media_types),
    Check::cases("HTTP-12", Sight::Success, spellings),
];

fn methods(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    ["GET", "PUT", "DELETE", "PATCH"]
        .into_iter()
        .zip(0..)
        .map(|(method, number)| {
            let mut call = session.case_control(callback, "HTTP-08", number);
            call.method = method.to_owned();
            Draft::new(
                format!("method {method}"),
                call,
                Expect::Refuse {
                    denial: None,
                    also: &[501],
                },
            )
        })
        .collect()
}

fn media_types(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let drafts = valid::media_type_examples()
        .iter()
        .zip(0..)
        .map(|(media_type, number)| {
            let mut call = session.case_control(callback, "HTTP-11", number);
            call.content_type = Some(media_type.as_bytes().to_vec());
            Draft::new(format!("Content-Type: {media_type}"), call, Expect::Accept)
        });
    telling_first(drafts.collect(), 3)
}

fn generated_media_types(session: &Session, callback: &'static Callback) -> SBoxedStrategy<Draft> {
    let control = session.case_control(callback, "HTTP-11", u64::MAX);
    valid::media_type()
        .prop_map(move |media_type| {
            let mut call = control.clone();
            call.content_type = Some(media_type.as_bytes().to_vec());
            Draft::new(format!("Content-Type: {media_type}"), call, Expect::Accept)
        })
        .sboxed()
}

fn spellings(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    [
        (Spelling::Lower, "lower case"),
        (Spelling::Upper, "upper case"),
    ]
    .into_iter()
    .zip(0..)
    .map(|((spelling, words), number)| {
        let mut call = session.case_control(callback, "HTTP-12", number);
        call.spelling = spelling;
        Draft::new(
            format!("header field names in {words}"),
            call,
            Expect::Accept,
        )
    })
    .collect()
}
