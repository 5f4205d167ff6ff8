//! Causes that lie in how data is kept.

use super::evidence::{Evidence, fell};
use super::rule::Rule;
use crate::suite::outcome::Failure;
use crate::suite::state::LATE;

/// Requirements that a refused change changes nothing.
const REFUSED: &[&str] = &["CMI-08", "ENA-11", "MAP-14", "PMI-09"];
/// Requirements that what was written is remembered.
const REMEMBERED: &[&str] = &["CMI-02", "ENA-04", "MAP-09", "PMI-04"];
/// Requirements of what is there behind a write.
const WRITTEN: &[&str] = &[
    "CMI-02", "CMI-03", "CMI-04", "CMI-05", "CMI-07", "CMI-09", "CMI-10", "ENA-04", "ENA-05",
    "ENA-08", "ENA-09", "ENA-12", "ENA-13", "ENA-15", "MAP-09", "MAP-10", "MAP-11", "MAP-12",
    "MAP-13", "MAP-15", "PMI-04", "PMI-05", "PMI-06", "PMI-07", "PMI-08", "PMI-10", "PMI-11",
    "ROB-17", "ROB-18", "ROB-19",
];
/// Requirements that partners have nothing to do with each other.
const APART: &[&str] = &["CMI-07", "ENA-13", "MAP-08", "MAP-15", "PMI-08", "TOP-06"];

fn any(run: &Evidence<'_>, ids: &[&str], is_so: impl Fn(&Failure) -> bool) -> bool {
    ids.iter().any(|id| run.saw(id, &is_so))
}

/// Whether what was refused for its token or its credentials took effect.
fn denied(failure: &Failure) -> bool {
    let denied = [
        "without a token",
        "damaged token",
        "token for another CyberApp",
        "expired token",
        "wrong secret",
        "identity that nobody",
    ];
    let last = failure.steps.last();
    last.is_some_and(|step| denied.iter().any(|text| step.contains(text)))
}

/// Whether a customer is shown otherwise than it should be: a request that is refused has other causes.
fn is_of_the_state(failure: &Failure) -> bool {
    let shown = ["mapped", "enabled"];
    shown.iter().any(|text| failure.observed.contains(text))
}

/// Whether a customer is not there any more.
fn loses_a_customer(failure: &Failure) -> bool {
    let lost = ["is not mapped", "is not enabled"];
    lost.iter().any(|text| failure.observed.ends_with(text))
}

/// Whether a customer is lost when its partner is enabled once more.
fn loses_it_by_enabling(failure: &Failure) -> bool {
    let last = failure.steps.last();
    loses_a_customer(failure) && last.is_some_and(|step| step.starts_with("enable "))
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "stored-after-the-answer",
        explains: WRITTEN,
        when: |run| any(run, WRITTEN, |failure| failure.observed.ends_with(LATE)),
        text: "What is written shows a moment after the answer, not with it: the answer does not wait until it is stored (a call that is \
               not awaited, a queue), or reads come from a copy or a cache that follows later. Answer when it can be read.",
    },
    Rule {
        name: "state-in-one-process",
        explains: &[
            "CMI-02", "CMI-03", "CMI-04", "CMI-05", "ENA-03", "ENA-04", "ENA-08", "ENA-09",
            "MAP-07", "MAP-09", "MAP-10", "MAP-11", "MAP-12", "MAP-15", "PMI-04", "PMI-06",
            "ROB-11", "ROB-13", "ROB-16", "ROB-17", "ROB-18", "ROB-19", "ROB-25",
        ],
        when: |run| {
            let mapped = run.all_failed(&["MAP-09", "MAP-11"]) && !run.always_failed("MAP-09");
            let mirrored = run.all_failed(&["CMI-02", "CMI-04"]) && !run.always_failed("CMI-02");
            let differ =
                run.any_failed(&["ENA-03", "MAP-07", "ROB-16"]) && run.any_failed(REMEMBERED);
            mapped || mirrored || differ
        },
        text: "What was written is there at first and gone later: it is kept in the memory of a process that is started anew, or of one of \
               several. Keep it in a store that all of them share.",
    },
    Rule {
        name: "success-without-storing",
        explains: &["CMI-02", "ENA-04", "MAP-09", "MAP-10", "PMI-04"],
        when: |run| {
            let lost = |failure: &Failure| {
                failure.observed.contains("not enabled")
                    || failure.observed.contains("is not mapped")
            };
            REMEMBERED
                .iter()
                .any(|id| run.always_failed(id) && run.saw_only(id, lost))
        },
        text: "A change is answered with success and not there afterwards, not once: it is never stored, or the transaction is not \
               committed.",
    },
    Rule {
        name: "changed-before-checked",
        explains: REFUSED,
        when: |run| any(run, REFUSED, denied),
        text: "Data is changed before the token or the credentials are checked: the request is refused, and has its effect. Check \
               everything first.",
    },
    Rule {
        name: "applied-in-part",
        explains: REFUSED,
        when: |run| run.any_failed(REFUSED),
        text: "A request that is refused has part of its effect: entries are applied one by one, until one cannot be. Look at all of them \
               first, or use a transaction and roll it back.",
    },
    Rule {
        name: "enabled-anew-from-nothing",
        explains: &["CMI-04", "MAP-11", "PMI-05"],
        when: |run| any(run, &["CMI-04", "MAP-11", "PMI-05"], loses_it_by_enabling),
        text: "Enabling a partner that is enabled takes its customers away: the record is deleted and made anew. Update the record where \
               there is one.",
    },
    Rule {
        name: "list-taken-for-the-whole",
        explains: &["CMI-04", "MAP-11"],
        when: |run| {
            let by_the_list =
                |failure: &Failure| loses_a_customer(failure) && !loses_it_by_enabling(failure);
            any(run, &["CMI-04", "MAP-11"], by_the_list) && !run.failed("PMI-05")
        },
        text: "Customers that a request does not name lose what they have: the list is taken for all there is, everything is deleted \
               first, or the condition of the statement fits others as well. Change those that are named, and no others.",
    },
    Rule {
        name: "list-cut",
        explains: &["CMI-11"],
        when: |run| any(run, &["CMI-11"], loses_a_customer),
        text: "Of many customers some are not listed: the query has a limit, or the framework's pages have. The answer has no pages, so \
               list all of them.",
    },
    Rule {
        name: "names-that-cannot-be-stored",
        explains: &["CMI-12", "PMI-12"],
        when: |run| run.any_failed(&["CMI-12", "PMI-12"]),
        text: "A customer or a partner cannot be enabled because of its name: a quote ends the text of a statement, the column is too narrow, or its \
               encoding has no letters of four bytes (utf8mb3). Bind names as parameters, and store them as Unicode.",
    },
    Rule {
        name: "done-already-refused",
        explains: &["ROB-25"],
        when: |run| run.failed("ROB-25") && !run.failed("ROB-13"),
        text: "What is so already is refused, with 404 or 409: a request that comes twice, as they do when an answer got lost, is shown as \
               failed though it was done. Answer with success where what is asked for is so.",
    },
    Rule {
        name: "one-entry-of-the-list",
        explains: &["CMI-05", "MAP-12"],
        when: |run| any(run, &["CMI-05", "MAP-12"], is_of_the_state),
        text: "Only one of several entries takes effect, or only one of two lists. Go through all of them.",
    },
    Rule {
        name: "entries-in-order-only",
        explains: &["CMI-10", "MAP-13"],
        when: |run| run.any_failed(&["CMI-10", "MAP-13"]),
        text: "The order of the entries makes a difference: each is checked against, or undoes, those before it. Work out the result of \
               the whole list, and store that.",
    },
    Rule {
        name: "inserted-without-looking",
        explains: &["CMI-06", "MAP-03", "ROB-17", "ROB-18", "TOP-03"],
        when: |run| run.failed("ROB-17") && run.observed("ROB-17", "listed twice"),
        text: "A row is inserted each time that a request comes, so that what is delivered twice is there twice. Insert or update, with a \
               unique key.",
    },
    Rule {
        name: "toggled-in-place-of-set",
        explains: &["CMI-04", "PMI-05", "ROB-17", "ROB-18"],
        when: |run| run.failed("ROB-17") && run.observed("ROB-17", " not "),
        text: "A request turns the state over in place of setting it, so that what is delivered twice has no effect. Set what the request \
               asks for.",
    },
    Rule {
        name: "writes-lock-each-other-out",
        explains: &["ENA-15", "ROB-12", "ROB-17", "ROB-18", "ROB-19", "ROB-21"],
        when: |run| ["ROB-18", "ROB-19"].iter().any(|id| run.saw_only(id, fell)),
        text: "Writes that come at once fail: the database says that it is locked, that there is a deadlock or that a key is there already. \
               Let them wait for each other (a busy timeout, a lock that is taken before the first read, such as `BEGIN IMMEDIATE`), or \
               try again.",
    },
    Rule {
        name: "looked-before-inserting",
        explains: &["CMI-06", "ENA-15", "ROB-18", "ROB-19"],
        when: |run| run.failed("ROB-18") && !run.failed("ROB-17"),
        text: "The same request twice at once has its effect twice, or fails: between looking and inserting, the other one inserts. Use a \
               unique key and let the database say that it is there already.",
    },
    Rule {
        name: "written-back-whole",
        explains: &["ENA-15", "ROB-19"],
        when: |run| run.failed("ROB-19"),
        text: "Of requests that write at once some are lost: everything is read, changed and written back, whatever others wrote in between. \
               Change rows, not the whole, in a transaction.",
    },
    Rule {
        name: "reads-that-write",
        explains: &["CMI-02", "ENA-03", "MAP-07", "PMI-02", "ROB-16"],
        when: |run| run.failed("ROB-16"),
        text: "Reading changes what is read, or forgets some of it. Let reads look only.",
    },
    Rule {
        name: "partners-not-told-apart",
        explains: APART,
        when: |run| run.any_failed(APART),
        text: "One partner sees or changes what belongs to another: a query lacks the partner in its condition. Take the partner from the \
               credentials, or the tenant of the request, in every query.",
    },
];
