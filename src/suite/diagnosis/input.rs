//! Causes that lie in how requests are read.

use super::evidence::fell;
use super::rule::Rule;

/// Requirements about requests with something absent or of another type.
const ABSENT: &[&str] = &["ROB-02", "ROB-03", "ROB-04", "ROB-07", "ROB-21"];

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "parse-errors-not-caught",
        explains: &["ROB-01", "ROB-05", "ROB-08", "ROB-10"],
        when: |run| run.failed("ROB-10") && run.saw_only("ROB-01", fell),
        text: "The error of the JSON parser is not caught: whatever is no JSON ends in a 5xx. Catch it, and answer 400.",
    },
    Rule {
        name: "absent-members-not-expected",
        explains: ABSENT,
        when: |run| {
            ABSENT.iter().any(|id| {
                run.saw_only(id, |failure| {
                    fell(failure)
                        && (failure.case.contains("absent") || failure.case.contains("without"))
                })
            })
        },
        text: "Members are read without asking whether they are there: where one is absent the handler falls. Check the request against a \
               schema first (acgw ships them), and answer 400.",
    },
    Rule {
        name: "texts-put-into-sql",
        explains: &["ROB-08"],
        when: |run| run.saw_only("ROB-08", fell) && run.only_cases("ROB-08", &["SQL", "quot"]),
        text: "Only texts as in an SQL injection make the handler fall: they are put into statements as they are, which opens the database \
               to whoever can send a callback. Use parameters.",
    },
    Rule {
        name: "nul-not-expected",
        explains: &["ROB-05", "ROB-08"],
        when: |run| run.saw_only("ROB-08", fell) && run.only_cases("ROB-08", &["NUL"]),
        text: "Texts with a NUL make the handler fall; PostgreSQL and file systems refuse them, for example. Refuse such texts with 400.",
    },
    Rule {
        name: "names-of-prototypes-not-expected",
        explains: &["ROB-08", "EXTRA-04"],
        when: |run| {
            ["ROB-08", "EXTRA-04"].iter().any(|id| {
                run.saw_only(id, fell) && run.only_cases(id, &["__proto__", "constructor"])
            })
        },
        text: "Texts such as `__proto__` and `constructor` make the handler fall: they are looked up in an object that inherits such names. \
               Use a Map, or an object without a prototype.",
    },
    Rule {
        name: "body-searched-as-text",
        explains: &["ENV-10"],
        when: |run| run.failed("ENV-10"),
        text: "The body is searched as text, or only one way of writing it is understood: another key order, white space or escapes are \
               refused. Parse it with a JSON library.",
    },
    Rule {
        name: "dates-of-one-form-only",
        explains: &["ENV-09"],
        when: |run| run.failed("ENV-09"),
        text: "Only some of the documented forms of `created_at` are understood. Parse it as RFC 3339, with fractions and offsets, from \
               year 1 on, or do not parse it at all.",
    },
    Rule {
        name: "media-type-compared-as-text",
        explains: &["HTTP-11"],
        when: |run| run.failed("HTTP-11"),
        text: "The request's Content-Type is compared letter by letter. It may have parameters such as charset, and any letter case: compare \
               the media type alone, in lower case.",
    },
    Rule {
        name: "header-names-compared-as-text",
        explains: &["HTTP-12"],
        when: |run| run.failed("HTTP-12"),
        text: "Header fields are looked up by their spelling. Their names have no letter case: proxies and HTTP/2 write them in lower case.",
    },
    Rule {
        name: "few-requests-at-once",
        explains: &["ROB-12"],
        when: |run| run.failed("ROB-12"),
        text: "Requests fail when several are under way: too few workers or database connections, or data shared without a lock. Let them \
               wait in place of failing.",
    },
    Rule {
        name: "retries-refused",
        explains: &["CUS-07", "ROB-13", "ROB-25"],
        when: |run| run.failed("ROB-13"),
        text: "A request that was served before is answered otherwise the second time: its `request_id` is remembered. The gateway sends \
               again what it got no answer to; answer as the first time.",
    },
];
