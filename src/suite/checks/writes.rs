//! What holds for all callbacks that change data: delivered twice, at once, together, and undone by nothing but themselves.

use crate::suite::check::{Check, Need};
use crate::suite::requirement::Requirement;

const ERRORS: &str = "callback-handler/error-handling";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("ROB-16", "Reading changes nothing")
        .states("What the read callbacks tell is the same after reads of any kind.")
        .because("The views refresh every 5 seconds: data would change without anybody's doing.")
        .fix("Let reads read; make records when something is written.")
        .source("callback-handler/enablement/index"),
    Requirement::must("ROB-17", "A write delivered twice has its effect once")
        .states("A write that is delivered again, byte by byte, leaves the state that its first delivery left, and is answered.")
        .because("The gateway sends a callback again when it is not sure that it arrived.")
        .fix("Write what the request says (set, not add or toggle), keyed by the tenant ids.")
        .source(ERRORS),
    Requirement::must("ROB-18", "A write delivered twice at once has its effect once")
        .states("Of the same write on two connections at once at least one delivery is accepted, neither makes the handler fail, and the state is that of one.")
        .because("A callback that is sent again may meet the first delivery while it is under way.")
        .fix("Use one statement that inserts or updates, in a transaction; expect the unique key to be taken.")
        .source(ERRORS),
    Requirement::must("ROB-19", "Concurrent writes all arrive")
        .states("Writes for different customers that are under way at once are all accepted, and all take effect.")
        .because("A multi-row action sends one request a row: some rows would be lost.")
        .fix("Update the rows that a request names; do not read, change and write back all of them.")
        .source(ERRORS),
    Requirement::hardening("ROB-20", "What cannot be done is refused, not failed on")
        .states(
            "Callbacks for which no document says whether they are accepted (a customer nobody has, a mapping that is not there, a \
             reset or a read of what is not enabled) are answered with success or a 4xx status.",
        )
        .because("A 5xx status is shown as \"cannot connect\", which sends the user looking in the wrong place.")
        .fix("Look the customer up first, and answer 404 or 409 with an err_message.")
        .source("good practice"),
    Requirement::hardening("ROB-21", "A write with a malformed payload does no harm")
        .states(
            "Writes whose payload is missing, of another JSON type, another callback's, or lacks a member or has one of a wrong \
             form, are accepted or refused with 4xx, never answered with 5xx.",
        )
        .because("A 5xx status is shown as \"cannot connect\", which sends the user looking in the wrong place.")
        .fix("Check the payload's members and their JSON types before using them, and answer 400 with an err_message.")
        .source("good practice"),
    Requirement::hardening("ROB-22", "What a malformed payload leaves can be read")
        .states(
            "After a write with a malformed payload, accepted or refused, the read callbacks are answered as documented; texts that \
             the write sent as ids may come back as they are.",
        )
        .because("Nothing could be shown of all other customers either: \"invalid format\".")
        .fix("Do not turn null, numbers and lists into ids: refuse what is no text.")
        .source("good practice"),
    Requirement::should("ROB-25", "A write that was accepted is accepted when it is delivered again")
        .states(
            "A write that is delivered again, byte by byte, after it was accepted is answered with success, though there is nothing \
             left to do: the mapping is there, the customer is disabled already, the partner is not enabled any more.",
        )
        .because(
            "The gateway sends a callback again when the answer did not arrive. Refused then, what was done is shown as failed, and \
             Acronis does not store its side of it.",
        )
        .fix("Answer with success where what is asked for is so already; keep 404 and 409 for what cannot be.")
        .source(ERRORS),
];

const NEEDS: &[Need] = &[Need::Write];

pub(super) const CHECKS: &[Check] = &[
    Check::sequence("ROB-16").needs(NEEDS),
    Check::sequence("ROB-17").needs(NEEDS),
    Check::sequence("ROB-18").needs(&[Need::Write, Need::Concurrency]),
    Check::sequence("ROB-19").needs(&[Need::Write, Need::Concurrency, Need::Customers]),
    Check::sequence("ROB-20").needs(NEEDS),
    Check::sequence("ROB-21").needs(NEEDS),
    Check::sequence("ROB-22").needs(NEEDS),
    Check::sequence("ROB-25").needs(NEEDS),
];
