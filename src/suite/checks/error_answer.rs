//! What a refusal looks like, and what no answer may show.

use crate::suite::check::{Check, Sight};
use crate::suite::requirement::Requirement;

const RESPONSES: &str = "callback-handler/formats/responses";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::should("ERR-01", "A refusal is an error answer")
        .states(
            "When a well-formed request is denied, the body is a JSON object with `request_id`, `response_id` (a UUID) and \
             `err_message` (a text), and without `type`.",
        )
        .because("err_message is what the user reads; without it the reason is lost.")
        .fix("Answer denials with {\"request_id\", \"response_id\", \"err_message\"} and no `type`.")
        .source(RESPONSES),
    Requirement::should("ERR-02", "An error answer repeats the request_id")
        .states("`request_id` of an error answer equals the request's.")
        .because("The gateway cannot match the answer to its request.")
        .fix("Read the body before you deny, and copy request_id.")
        .source(RESPONSES),
    Requirement::must("ERR-03", "An error answer carries no success type")
        .states("An answer with a 4xx status has no `type` of a response.")
        .because("Type and status contradict each other; what the gateway makes of it is anyone's guess.")
        .fix("Leave `type` out of error answers.")
        .source(RESPONSES),
    Requirement::hardening("ERR-04", "No secret and no token is repeated")
        .states("No answer contains a secret or the signature of the token that was sent.")
        .because("err_message is shown to users and kept in logs.")
        .fix("Write messages of your own; do not quote the request's header fields.")
        .source("good practice"),
    Requirement::hardening("ERR-05", "No stack trace is shown")
        .states("No answer contains a stack trace.")
        .because("It shows paths, versions and code to whoever asks.")
        .fix("Switch the framework's debug mode off and answer errors in one place.")
        .source("good practice"),
    Requirement::must("ERR-06", "An error is not answered with status 200")
        .states("An answer with `err_message` and neither `type` nor `payload` has a status other than 200.")
        .because("The gateway takes 200 for success and shows \"invalid format\" in place of the message.")
        .fix("Set the status together with the error body: 401, 403, 404 or 400.")
        .source(RESPONSES),
];

pub(super) const CHECKS: &[Check] = &[
    Check::passive("ERR-01", Sight::Denial),
    Check::passive("ERR-02", Sight::Denial),
    Check::passive("ERR-03", Sight::Refusal),
    Check::passive("ERR-04", Sight::Any),
    Check::passive("ERR-05", Sight::Any),
    Check::passive("ERR-06", Sight::Refusal),
];
