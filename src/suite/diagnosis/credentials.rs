//! Causes that lie in how the vendor credentials are checked.

use super::rule::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "secrets-never-compared",
        explains: &["CRED-05", "CRED-07", "CRED-11", "ENA-10"],
        when: |run| run.all_failed(&["CRED-05", "CRED-11"]),
        text: "The secrets are read and never compared: who knows an identity is let in with any secrets. Compare every member with what \
               you have stored for the identity.",
    },
    Rule {
        name: "identity-never-compared",
        explains: &["CRED-06", "CRED-07", "ENA-10"],
        when: |run| run.all_failed(&["CRED-06", "CRED-07"]) && !run.failed("CRED-05"),
        text: "The partner is found by the secrets alone, whatever identity stands before them. Look up the identity first and compare \
               the secrets with those of that one.",
    },
    Rule {
        name: "secrets-of-anybody-accepted",
        explains: &["CRED-07"],
        when: |run| run.failed("CRED-07") && !run.any_failed(&["CRED-05", "CRED-06"]),
        text: "The identity and the secrets are checked one without the other: both must exist, but may belong to different partners. \
               Compare the secrets with those stored for that identity.",
    },
    Rule {
        name: "unknown-identity-becomes-account",
        explains: &["CRED-06", "CRED-09"],
        when: |run| run.failed("CRED-06") && !run.failed("CRED-07"),
        text: "An identity that is not known is served as if it were an account without data, in place of being refused. Look it up \
               without making one, and answer 401.",
    },
    Rule {
        name: "default-partner-without-credentials",
        explains: &["CRED-01", "CRED-02", "CRED-03", "CRED-04"],
        when: |run| run.any_failed(&["CRED-01", "CRED-02", "CRED-03", "CRED-04"]),
        text: "Where the credentials are absent or cannot be read, the check is skipped and the request is served for some partner. \
               Refuse whatever does not decode to an identity, a colon and a JSON object.",
    },
    Rule {
        name: "secrets-become-query-operators",
        explains: &["CRED-11"],
        when: |run| run.only_cases("CRED-11", &["$"]),
        text: "An object in place of a secret reaches a database as an operator, such as `{\"$ne\": null}`, and matches everything. \
               Demand that a secret is a string before you compare it.",
    },
    Rule {
        name: "null-secret-skips-comparison",
        explains: &["CRED-11"],
        when: |run| run.only_cases("CRED-11", &["null"]),
        text: "A secret that is null is not compared. Refuse what is not there or not a string.",
    },
    Rule {
        name: "secrets-compared-loosely",
        explains: &["CRED-11"],
        when: |run| run.failed("CRED-11"),
        text: "Secrets are compared loosely, so that true or 0 equals any text (`==` of PHP and JavaScript). Compare with the strict \
               operator, or better with a function made for secrets.",
    },
    Rule {
        name: "answers-given-from-memory",
        explains: &["CRED-05"],
        when: |run| run.failed("CRED-05") && run.only_cases("CRED-05", &["delivered before"]),
        text: "A request that was answered before is answered from memory before anybody looks at its credentials. Look at the token and \
               the credentials first, whatever you remember.",
    },
    Rule {
        name: "secret-compared-in-part",
        explains: &["CRED-05"],
        when: |run| run.failed("CRED-05"),
        text: "Only a part of the secret is compared, or without regard to letter case. Compare all of it, with a function made for \
               secrets.",
    },
    Rule {
        name: "secrets-compared-as-text",
        explains: &["CRED-08"],
        when: |run| run.failed("CRED-08"),
        text: "The JSON text of the secrets is compared letter by letter, or searched with a pattern: other white space, key order or \
               escapes are refused. Parse it and compare its members.",
    },
    Rule {
        name: "extra-compared-as-text",
        explains: &["EXTRA-01"],
        when: |run| run.failed("EXTRA-01"),
        text: "X-CyberApp-Extra is read with a pattern in place of a JSON parser: other white space or escapes are refused.",
    },
];
