//! Runs as a whole, one for each way in which one can go.

use acgw_conformance::suite::outcome::{Ended, Outcome, RequirementOutcome};
use acgw_conformance::suite::{Cause, Failure, Flakiness, State};

use super::flow::*;
use super::known::*;
use super::parts::*;

/// A right handler, with one piece of advice, a budget that cut, and notices.
pub fn conforming() -> Outcome {
    let advice = Failure {
        diff: None,
        control: None,
        observed: "request_id in lower case".to_owned(),
        ..failure()
    };
    let mut outcome = outcome(
        Ended::Completed,
        vec![
            one(&STATUS, State::Passed, 4),
            one(&CODING, State::Passed, 4),
            not_exercised(&TLS13, "needs an https target"),
            not_exercised(&TRUSTED, "needs an https target"),
            failed(&ECHO, 1, 1, vec![advice]),
            one(&SIGNATURE, State::Passed, 6),
            not_exercised(&ISOLATION, "needs --other-identity and --other-secrets"),
            RequirementOutcome {
                cut: 1_188,
                ..one(&DAMAGE, State::Passed, 12)
            },
        ],
    );
    outcome.notices = vec![
        "The handler answers about 4 requests a second; a larger --budget would send more generated cases.".to_owned(),
    ];
    outcome.latencies = latencies();
    outcome
}

/// A broken and hostile handler: every state there is.
pub fn broken() -> Outcome {
    let second = Failure {
        case: "the signature cut off".to_owned(),
        ..failure()
    };
    let mut outcome = outcome(
        Ended::Completed,
        vec![
            one(&STATUS, State::Passed, 4),
            not_exercised(&TLS13, "needs an https target"),
            failed(&SIGNATURE, 12, 7, vec![failure(), second]),
            RequirementOutcome {
                cut: 40,
                ..failed(&NO_EXPIRY, 9, 9, vec![failure()])
            },
            one(
                &WRONG_SECRET,
                State::Blocked(format!("HTTP-01: its control was not accepted: {HOSTILE}")),
                0,
            ),
            failed(&ITEMS, 3, 1, vec![hostile_failure()]),
        ],
    );
    outcome.diagnosis = vec![Cause {
        name: "token-never-verified",
        text: format!("The token is `decoded` and never verified. {HOSTILE}"),
        explains: vec!["JWT-04", "JWT-12"],
    }];
    outcome.flaky = Some(Flakiness {
        requests: 3,
        of: 5_431,
        sent_again: 9,
        answers: vec![
            ("no answer within the time allowed".to_owned(), 1),
            ("status 500".to_owned(), 2),
        ],
        counts: true,
    });
    outcome
}

/// The same handler, judged by all levels.
pub fn strict() -> Outcome {
    let mut outcome = broken();
    outcome.run.strict = true;
    outcome
}

/// Evidence longer than a screen.
pub fn long() -> Outcome {
    let many = Failure {
        request: "x".repeat(1_000_000),
        response: "line\n".repeat(100),
        ..failure()
    };
    outcome(Ended::Completed, vec![failed(&ITEMS, 1, 1, vec![many])])
}

/// Runs that came to no verdict, by name.
pub fn without_verdict() -> Vec<(&'static str, Outcome)> {
    let some = || {
        vec![
            one(&STATUS, State::Passed, 1),
            not_exercised(&TLS13, "the run ended before"),
        ]
    };
    let none = || {
        vec![
            not_exercised(&STATUS, "the run ended before"),
            not_exercised(&TLS13, "the run ended before"),
        ]
    };
    vec![
        (
            "unreachable",
            outcome(Ended::Unreachable("connection refused".to_owned()), none()),
        ),
        ("interrupted", outcome(Ended::Interrupted, some())),
        (
            "lost",
            outcome(
                Ended::HandlerLost("no connection could be made for 30 s".to_owned()),
                some(),
            ),
        ),
        (
            "own fault",
            outcome(
                Ended::SuiteFault("a request it calls valid breaks request.schema.json".to_owned()),
                some(),
            ),
        ),
        ("nothing", outcome(Ended::Completed, none())),
        (
            "blocked",
            outcome(
                Ended::Completed,
                vec![
                    one(&STATUS, State::Passed, 1),
                    one(&ITEMS, State::Blocked("HTTP-04 failed".to_owned()), 0),
                ],
            ),
        ),
    ]
}

/// All of them, with their names.
pub fn every() -> Vec<(&'static str, Outcome)> {
    let mut all = without_verdict();
    all.extend([
        ("conforming", conforming()),
        ("broken", broken()),
        ("strict", strict()),
        ("long", long()),
        ("known", known()),
        ("known and new", known_and_new()),
        ("out of date", out_of_date()),
        ("ready", ready()),
        ("not ready", not_ready()),
        ("not complete", not_complete()),
        ("failed beside the flow", failed_beside_the_flow()),
    ]);
    all
}
