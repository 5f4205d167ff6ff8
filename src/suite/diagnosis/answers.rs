//! Causes that lie in how answers are made.

use super::evidence::Evidence;
use super::rule::Rule;
use crate::suite::outcome::Failure;

/// Where an id that is not there is told otherwise than by its absence.
const ABSENT_IDS: &[&str] = &["ENA-02", "MAP-04"];
/// Where payloads are looked at member by member.
const PAYLOADS: &[&str] = &["ENA-01", "ENV-07", "MAP-01", "PMI-01", "TOP-02"];

/// Where payloads are lists, or have one.
const LISTS: &[&str] = &["CMI-01", "MAP-01", "TOP-01"];

/// Whether something else stands in the place of a list.
fn is_no_list(failure: &Failure) -> bool {
    let observed = &failure.observed;
    [
        "`items` is null",
        "`items` is {",
        "`payload` is null",
        "`payload` is {",
    ]
    .iter()
    .any(|text| observed.contains(text))
}

fn observed_in_any(run: &Evidence<'_>, ids: &[&str], text: &str) -> bool {
    ids.iter().any(|id| run.observed(id, text))
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "request-id-shared-by-requests",
        explains: &["ENV-08"],
        when: |run| run.failed("ENV-08") && !run.failed("ENV-03"),
        text: "Requests that are under way at once get each other's `request_id`: it is kept in a place that they share, such as a global \
               variable or a field of an object made once. Keep it in a local variable.",
    },
    Rule {
        name: "request-id-of-an-earlier-request",
        explains: &["ENV-03", "ENV-08"],
        when: |run| run.all_failed(&["ENV-03", "ENV-08"]),
        text: "Answers carry the `request_id` of an earlier request: it is read from what is stored before the new one is. Take it from \
               the request that is being answered.",
    },
    Rule {
        name: "request-id-made-up",
        explains: &["ENV-03"],
        when: |run| run.failed("ENV-03"),
        text: "Answers carry a `request_id` of the handler's own making. Repeat the one of the request; it is `response_id` that is made \
               anew.",
    },
    Rule {
        name: "request-id-printed-anew",
        explains: &["ENV-04"],
        when: |run| run.failed("ENV-04"),
        text: "`request_id` comes back in other letters than it was sent: it is parsed into a UUID and printed anew. Keep the text and \
               send that.",
    },
    Rule {
        name: "request-type-in-answer",
        explains: &["ENV-02"],
        when: |run| {
            run.observed("ENV-02", "~a.p.empty.") || run.observed("ENV-02", "acgw.request.")
        },
        text: "Answers carry the type of the request: the envelope was copied. Every callback has a response type of its own; `acgw \
               explain CALLBACK` shows it.",
    },
    Rule {
        name: "response-type-of-another-callback",
        explains: &["ENV-02"],
        when: |run| run.observed("ENV-02", "acgw.response."),
        text: "Answers carry the response type of another callback. Choose it by `context.callback_id`; `acgw explain CALLBACK` shows it.",
    },
    Rule {
        name: "response-id-made-once",
        explains: &["ENV-05", "ENV-06"],
        when: |run| run.failed("ENV-06"),
        text: "Every answer has the same `response_id`: it was made once, when the program started, or is a constant. Make a UUID for each \
               answer.",
    },
    Rule {
        name: "null-in-place-of-nothing",
        explains: ABSENT_IDS,
        when: |run| {
            observed_in_any(run, ABSENT_IDS, "_id\":null")
                || observed_in_any(run, ABSENT_IDS, "is null")
        },
        text: "An id that is not there is sent as null. Leave the member out: serialisers have an option for that, such as `omitempty`, \
               `exclude_none` or `NON_NULL`.",
    },
    Rule {
        name: "empty-text-in-place-of-nothing",
        explains: ABSENT_IDS,
        when: |run| {
            observed_in_any(run, ABSENT_IDS, "_id\":\"\"")
                || observed_in_any(run, ABSENT_IDS, "the string \"\"")
        },
        text: "An id that is not there is sent as an empty text, as databases and spreadsheets have it. Leave the member out.",
    },
    Rule {
        name: "uuid-without-dashes",
        explains: ABSENT_IDS,
        when: |run| {
            ABSENT_IDS.iter().any(|id| {
                run.saw(id, |failure| {
                    let words = failure.observed.split(|c: char| !c.is_ascii_hexdigit());
                    words.into_iter().any(|word| word.len() == 32)
                })
            })
        },
        text: "UUIDs are sent without their dashes, as some databases print them. Print them in the form 8-4-4-4-12.",
    },
    Rule {
        name: "list-written-otherwise",
        explains: LISTS,
        when: |run| LISTS.iter().any(|id| run.saw(id, is_no_list)),
        text: "A list is sent as null or as an object: languages write one that is empty, or has gaps, in such a way (a nil slice, \
               `array_filter` without `array_values`). Make it a list before it is written.",
    },
    Rule {
        name: "further-members-in-answers",
        explains: PAYLOADS,
        when: |run| {
            observed_in_any(run, PAYLOADS, "also \"")
                || run.saw("TOP-02", |failure| {
                    failure.observed.contains("\"id\":\"")
                        && failure.observed.contains("\"name\":\"")
                })
        },
        text: "Answers have members of the handler's own: an object of the program is serialised whole. Build the payload of the documented \
               members alone.",
    },
    Rule {
        name: "output-around-the-json",
        explains: &["HTTP-03"],
        when: |run| {
            run.observed("HTTP-03", "trailing characters")
                || run.observed("HTTP-03", "byte order mark")
        },
        text: "Something is printed before or behind the JSON text: a warning, a debug line, a byte order mark. Switch such output off, or \
               write it to a log.",
    },
    Rule {
        name: "data-printed-in-place-of-json",
        explains: &["HTTP-03"],
        when: |run| run.observed("HTTP-03", "key must be a string"),
        text: "Data is printed as the programming language shows it, with single quotes, in place of JSON. Use its JSON library.",
    },
    Rule {
        name: "text-not-in-utf-8",
        explains: &["HTTP-03", "MAP-09"],
        when: |run| run.observed("HTTP-03", "not UTF-8"),
        text: "Letters beyond ASCII are written in another encoding than UTF-8, the database's or the platform's. Encode the body as UTF-8.",
    },
    Rule {
        name: "media-type-of-the-framework",
        explains: &["HTTP-02"],
        when: |run| run.failed("HTTP-02"),
        text: "The body is JSON, and the Content-Type says something else: the framework's default. Set it to application/json.",
    },
    Rule {
        name: "errors-with-status-200",
        explains: &["ERR-06"],
        when: |run| run.failed("ERR-06"),
        text: "Errors are answered with status 200, so that the gateway takes them for successes. Set the status: 400, 401, 403, 404, 500.",
    },
    Rule {
        name: "error-pages-of-the-framework",
        explains: &["ERR-01"],
        when: |run| run.observed("ERR-01", "no JSON") && !run.failed("HTTP-06"),
        text: "Refusals are answered by the framework: with a page, a text or nothing. Register an error handler that answers with \
               `request_id`, `response_id` and `err_message` as JSON.",
    },
    Rule {
        name: "refused-before-request-id-is-read",
        explains: &["ERR-02"],
        when: |run| run.failed("ERR-02"),
        text: "Requests are refused before their `request_id` was read, so that refusals cannot name it. Parse the body first; refusing \
               can wait until then.",
    },
];
