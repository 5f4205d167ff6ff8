//! Causes that lie in how the token is checked.

use super::rule::Rule;
use crate::suite::outcome::Failure;

/// What a handler breaks that looks at nothing.
const UNREAD: &[&str] = &[
    "CRED-01", "CRED-02", "CRED-03", "CRED-04", "CRED-05", "CRED-06", "CRED-07", "CRED-11",
    "ENA-01", "ENV-02", "ENV-11", "HTTP-08", "JWT-01", "JWT-02", "JWT-03", "JWT-04", "JWT-05",
    "JWT-06", "JWT-07", "JWT-08", "JWT-09", "JWT-10", "JWT-11", "JWT-12", "JWT-13", "JWT-14",
    "JWT-15", "JWT-16", "JWT-17", "MAP-01", "ROB-01", "ROB-02", "ROB-03", "TOP-01", "TOP-02",
];

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "nothing-looked-at",
        explains: UNREAD,
        when: |run| {
            run.all_failed(&["JWT-01", "JWT-06", "ENV-11"])
                && run.any_failed(&["CRED-01", "ROB-01"])
        },
        text: "Whatever comes is answered with success: token, credentials and callback are not looked at, as in a stub. Look at the token \
               first, then at the credentials, then choose the answer by `context.callback_id`, and refuse what is wrong with 4xx.",
    },
    Rule {
        name: "token-never-verified",
        explains: &["JWT-04", "JWT-05", "JWT-06", "JWT-07", "JWT-08", "JWT-09"],
        when: |run| run.all_failed(&["JWT-04", "JWT-05", "JWT-06", "JWT-08"]),
        text: "The token is decoded and never verified: unsigned and corrupted tokens are accepted. Most libraries have one function \
               that only decodes and another that verifies; call the one that takes a key.",
    },
    Rule {
        name: "verification-result-unused",
        explains: &["JWT-04", "JWT-05", "JWT-06"],
        when: |run| run.all_failed(&["JWT-04", "JWT-05", "JWT-06"]) && run.passed("JWT-08"),
        text: "A key is looked up, but nothing depends on whether the signature fits it: any signature does. Refuse the request when \
               the verification says no, or throws.",
    },
    Rule {
        name: "key-taken-from-token",
        explains: &["JWT-06", "JWT-07"],
        when: |run| {
            let offered =
                |id| run.failed(id) && run.only_cases(id, &["header brings along", "header says"]);
            offered("JWT-06") || offered("JWT-07")
        },
        text: "The key is taken from the token's own header (`jwk`), or fetched from where the header says (`jku`), so that whoever makes \
               a token verifies it as well. Look keys up by `kid` in the configured JWKS alone.",
    },
    Rule {
        name: "unknown-key-trusted",
        explains: &["JWT-07"],
        when: |run| run.failed("JWT-07") && !run.failed("JWT-04"),
        text: "A token whose key is not in the JWKS is let through: looking up the key fails, and the verification is skipped. Refuse \
               what no published key has signed.",
    },
    Rule {
        name: "algorithm-taken-from-token",
        explains: &["JWT-08", "JWT-09"],
        when: |run| run.any_failed(&["JWT-08", "JWT-09"]) && !run.failed("JWT-04"),
        text: "The token's own header decides how it is verified. Give the library the list of algorithms that you permit, which is \
               RS256 alone.",
    },
    Rule {
        name: "verified-tokens-looked-up-in-part",
        explains: &["JWT-04", "JWT-05"],
        when: |run| {
            let in_part = |broken, whole| run.always_failed(broken) && run.passed(whole);
            run.passed("JWT-06") && (in_part("JWT-04", "JWT-05") || in_part("JWT-05", "JWT-04"))
        },
        text: "A token is taken for one that was verified before when only a part of it is the same, its signature or its claims. \
               Look verified tokens up by the whole token, or do not remember them.",
    },
    Rule {
        name: "empty-signature-accepted",
        explains: &["JWT-04"],
        when: |run| {
            let empty = |failure: &Failure| {
                failure.case.contains("the signature left out") && !failure.case.contains("byte")
            };
            run.saw_only("JWT-04", empty) && run.passed("JWT-05")
        },
        text: "Some signatures are not looked at, although wrong ones are refused: an empty one counts as good. Verify whatever stands \
               behind the second dot.",
    },
    Rule {
        name: "endpoint-never-compared",
        explains: &["JWT-14", "JWT-15", "JWT-16", "JWT-17"],
        when: |run| run.all_failed(&["JWT-15", "JWT-16", "JWT-17"]),
        text: "The token's scope is never compared with the endpoint of the request: a token for any other CyberApp opens this one. \
               Demand a role in `scope` that equals `context.endpoint_id`.",
    },
    Rule {
        name: "permission-remembered",
        explains: &["JWT-15", "JWT-16", "JWT-17"],
        when: |run| {
            let others = run.all_failed(&["JWT-15", "JWT-16"]) && !run.failed("JWT-17");
            let own = run.failed("JWT-17") && !run.any_failed(&["JWT-15", "JWT-16"]);
            others || own
        },
        text: "What one token was permitted is remembered and given to others, or to the same token for other endpoints. Decide on each \
               request from its own token and its own `context.endpoint_id`.",
    },
    Rule {
        name: "role-compared-in-part",
        explains: &["JWT-16"],
        when: |run| run.failed("JWT-16") && run.passed("JWT-15"),
        text: "Roles are compared with the endpoint by prefix, by derivation or without regard to letter case. Compare the two texts \
               for equality.",
    },
    Rule {
        name: "absent-claim-passes",
        explains: &["JWT-12", "JWT-13", "JWT-14"],
        when: |run| {
            run.any_failed(&["JWT-12", "JWT-13", "JWT-14"])
                && !run.failed("JWT-15")
                && !run.failed("JWT-21")
        },
        text: "A claim is checked only if it is there: a token without it is let through. Make `exp`, `iss` and `scope` required; in \
               many libraries that is an option of its own.",
    },
    Rule {
        name: "scope-wanted-whole",
        explains: &["JWT-14", "JWT-21"],
        when: |run| run.failed("JWT-21"),
        text: "Not every role of the scope is looked at as it should be: one right role among several is enough, wherever it stands, \
               and a scope without roles permits nothing. Ask whether any role equals the endpoint.",
    },
    Rule {
        name: "expiry-of-known-tokens-not-checked",
        explains: &["JWT-10"],
        when: |run| run.only_cases("JWT-10", &["accepted before it expired"]),
        text: "A token is looked at when it comes for the first time, and never again: what was accepted once is so for ever. Remember a \
               token no longer than until its `exp`.",
    },
    Rule {
        name: "expiry-of-zero-counts-as-none",
        explains: &["JWT-10"],
        when: |run| run.only_cases("JWT-10", &["1970"]),
        text: "An `exp` of 0 is taken for one that is not there, as languages do whose numbers are 0 when nothing is read into them. Look \
               whether the claim is there, and compare whatever it is.",
    },
    Rule {
        name: "expiry-compared-loosely",
        explains: &["JWT-10"],
        when: |run| run.failed("JWT-10") && !run.mostly_failed("JWT-10"),
        text: "A token is good for a good while longer than it says: look for a leeway that is too large, or for seconds compared \
               with milliseconds, or UTC with local time.",
    },
    Rule {
        name: "expiry-not-checked",
        explains: &["JWT-10"],
        when: |run| run.mostly_failed("JWT-10"),
        text: "`exp` is not compared with the time at all: a token is good for ever. In some libraries that is an option which must be \
               switched on.",
    },
    Rule {
        name: "issuer-compared-in-part",
        explains: &["JWT-11"],
        when: |run| {
            run.failed("JWT-11")
                && !run.always_failed("JWT-11")
                && !run.saw("JWT-11", |failure| failure.case.contains("another host"))
        },
        text: "The issuer is compared in part: whatever begins with it, ends with it or is contained in it is accepted. Compare `iss` \
               for equality.",
    },
    Rule {
        name: "issuer-not-checked",
        explains: &["JWT-11"],
        when: |run| run.failed("JWT-11"),
        text: "`iss` is not compared with anything. Most libraries check it only if they are told which issuer is expected.",
    },
    Rule {
        name: "keys-not-looked-up-by-kid",
        explains: &["JWT-18"],
        when: |run| run.failed("JWT-18"),
        text: "A key that was added to the JWKS is not found: the keys were fetched once and not again within half a minute, or always the first of them is \
               taken. Find the key by the token's `kid`, and fetch the JWKS again when it is not among those that you have.",
    },
    Rule {
        name: "tokens-refused-by-age",
        explains: &["JWT-25"],
        when: |run| run.failed("JWT-25"),
        text: "Tokens that have not expired are refused for their age (`iat`, or an option such as maxTokenAge) or for not being good for \
               just an hour. Compare the present time with `exp`, and with nothing else.",
    },
    Rule {
        name: "further-members-of-tokens-refused",
        explains: &["JWT-22"],
        when: |run| run.failed("JWT-22"),
        text: "Tokens with header members or claims that are not known are refused. Real tokens have more of them than any list: ignore \
               what you do not use.",
    },
];
