//! Outcomes made by hand, one for each way in which a run can go.

use std::time::Duration;

use acgw_conformance::protocol::Enablement;
use acgw_conformance::suite::outcome::{Ended, Outcome, RequirementOutcome, RunInfo};
use acgw_conformance::suite::{
    CallbackCases, CallbackLatency, Cause, Failure, Fate, Flakiness, Flow, FlowStep, Item, Judged,
    KnownFailure, Latencies, Level, Percentiles, Requirement, State, StepState,
};

macro_rules! requirement {
    ($name:ident, $id:literal, $level:ident, $title:literal) => {
        pub static $name: Requirement = Requirement {
            id: $id,
            level: Level::$level,
            title: $title,
            statement: concat!($title, ", whatever else the request says."),
            why: "The gateway shows \"invalid format\" to the partner, who cannot enable the service and calls your support.",
            fix: "Look at the answer below and compare it with the page named as the source, field by field.",
            source: "callback-handler/formats/responses",
            verification: false,
            unobservable: None,
        };
    };
}

requirement!(
    STATUS,
    "HTTP-01",
    Must,
    "A valid callback is answered with status 200"
);
requirement!(
    CODING,
    "HTTP-04",
    Should,
    "No content coding that was not asked for"
);
requirement!(TLS13, "TLS-01", Must, "TLS 1.3 is spoken");
requirement!(
    TRUSTED,
    "TLS-02",
    Must,
    "The certificate is trusted and for the host"
);
requirement!(
    ECHO,
    "ENV-04",
    Should,
    "A request_id in upper case is echoed letter by letter"
);
requirement!(
    SIGNATURE,
    "JWT-04",
    Must,
    "A corrupted signature is refused"
);
requirement!(
    NO_EXPIRY,
    "JWT-12",
    Hardening,
    "A token without `exp` is refused"
);
requirement!(WRONG_SECRET, "CRED-05", Must, "A wrong secret is refused");
requirement!(
    ISOLATION,
    "CRED-07",
    Must,
    "The secret of another partner is refused"
);
requirement!(
    ITEMS,
    "MAP-01",
    Must,
    "The payload is {items: […]} and nothing else"
);
requirement!(
    DAMAGE,
    "ROB-10",
    Hardening,
    "Generated damage is refused or ignored, never fatal"
);

/// What a hostile handler would like to do to whoever reads about it: a terminal, XML, Markdown, HTML, a forge.
pub const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;owned\u{7} | `id` ``` ]]> <b>&amp;</b> </details><script>alert(1)</script> @team #1 $x$ [x](http://x) **b** \u{202e}txt\u{9b}31m\u{fffe}\0 \\| end";

fn run() -> RunInfo {
    RunInfo {
        target: "http://127.0.0.1:8080/callback".to_owned(),
        seed: 0xdead_beef,
        started_at: "2026-01-02T03:04:05.678Z".parse().expect("a time"),
        duration: Duration::from_millis(12_345),
        exchanges: 4_210,
        profile: "full",
        write: false,
        strict: false,
    }
}

fn one(requirement: &'static Requirement, state: State, cases: u64) -> RequirementOutcome {
    RequirementOutcome {
        requirement,
        state,
        cases,
        cut: 0,
        failed_cases: 0,
        callbacks: Vec::new(),
        known: None,
        failures: Vec::new(),
    }
}

fn failed(
    requirement: &'static Requirement,
    cases: u64,
    failed_cases: u64,
    failures: Vec<Failure>,
) -> RequirementOutcome {
    RequirementOutcome {
        failed_cases,
        callbacks: vec![CallbackCases {
            callback: failures[0].callback,
            cases,
            failed: failed_cases,
        }],
        failures,
        ..one(requirement, State::Failed, cases)
    }
}

fn outcome(ended: Ended, requirements: Vec<RequirementOutcome>) -> Outcome {
    Outcome {
        run: run(),
        ended,
        requirements,
        flow: None,
        flaky: None,
        latencies: Latencies::default(),
        baseline: Vec::new(),
        diagnosis: Vec::new(),
        notices: Vec::new(),
    }
}

fn not_exercised(requirement: &'static Requirement, reason: &str) -> RequirementOutcome {
    one(requirement, State::NotExercised(reason.to_owned()), 0)
}

/// A failure as the engine tells it, with a diff.
pub fn failure() -> Failure {
    Failure {
        callback: Some("tenant_mapping.read"),
        known: None,
        steps: Vec::new(),
        case: "the last byte of the signature flipped".to_owned(),
        expected: "a refusal: a status from 400 to 499".to_owned(),
        observed: "200 OK, a complete tenant_mapping.read.ok".to_owned(),
        request: "POST /callback HTTP/1.1\nHost: 127.0.0.1:8080\nAuthorization: Bearer ***\nContent-Type: application/json\n\n{\"type\":\"cti.a.p.acgw.request.v1.0~a.p.empty.v1.0\"}".to_owned(),
        response: "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"payload\":{\"items\":[]}}".to_owned(),
        control: Some("POST /callback HTTP/1.1\nAuthorization: Bearer ***".to_owned()),
        diff: Some(diff()),
        curl: "curl -sS -X POST 'http://127.0.0.1:8080/callback' -H \"Authorization: Bearer $TOKEN\" --data-binary '{\"type\":\"cti.a.p.acgw.request.v1.0~a.p.empty.v1.0\"}'".to_owned(),
        repeat: "acgw check http://127.0.0.1:8080/callback --only JWT-04 --seed 00000000deadbeef".to_owned(),
    }
}

/// A long line that differs in one place.
fn diff() -> String {
    let line = |sign, end| {
        format!(
            "{sign}Authorization: Bearer *** (claims {{\"iss\":\"https://acronis.cloud\",\"sub_type\":\"platform-acgw\"}}, {end})"
        )
    };
    let (valid, broken) = (
        line('-', "a good signature"),
        line('+', "last byte flipped"),
    );
    format!(
        "--- control\n+++ this request\n@@ -5,3 +5,3 @@\n{valid}\n{broken}\n Content-Type: application/json"
    )
}

fn hostile_failure() -> Failure {
    let everywhere = || HOSTILE.to_owned();
    let lines = || format!("HTTP/1.1 200 OK\r\n\r\n{HOSTILE}\n````\n| a | b |\n-->\n");
    Failure {
        callback: None,
        known: None,
        steps: vec![everywhere(), everywhere()],
        case: everywhere(),
        expected: everywhere(),
        observed: everywhere(),
        request: lines(),
        response: lines(),
        control: Some(lines()),
        diff: None,
        curl: everywhere(),
        repeat: everywhere(),
    }
}

fn latencies() -> Latencies {
    let micros = |count, [p50, p95, p99, max]: [u64; 4]| Percentiles {
        count,
        p50: Duration::from_micros(p50),
        p95: Duration::from_micros(p95),
        p99: Duration::from_micros(p99),
        max: Duration::from_micros(max),
    };
    Latencies {
        allowed: Duration::from_secs(10),
        callbacks: vec![
            CallbackLatency {
                callback: "customer.mirroring.get_state",
                all: micros(12_345, [9_700, 120_400, 1_250_000, 9_999_000]),
                alone: Some(micros(21, [1_040, 1_300, 1_300, 1_300])),
            },
            CallbackLatency {
                callback: "topology.read",
                all: micros(3, [412, 530, 530, 530]),
                alone: None,
            },
        ],
    }
}

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

fn judged(id: &str, callback: Option<&str>, reason: &str, fate: Fate) -> Judged {
    Judged {
        known: KnownFailure {
            requirement: id.to_owned(),
            callback: callback.map(str::to_owned),
            reason: reason.to_owned(),
            until: "2026-03-31".parse().ok(),
        },
        fate,
    }
}

/// A handler whose failures are all known.
pub fn known() -> Outcome {
    let reason = "the gateway in front of us looks at tokens; ticket 4711";
    let known = Failure {
        known: Some(reason.to_owned()),
        ..failure()
    };
    let mut outcome = outcome(
        Ended::Completed,
        vec![
            one(&STATUS, State::Passed, 4),
            RequirementOutcome {
                known: Some(reason.to_owned()),
                ..failed(&SIGNATURE, 12, 7, vec![known])
            },
            RequirementOutcome {
                known: Some(HOSTILE.to_owned()),
                ..one(&WRONG_SECRET, State::Blocked("no control".to_owned()), 0)
            },
        ],
    );
    outcome.baseline = vec![
        judged(
            "JWT-04",
            Some("tenant_mapping.read"),
            reason,
            Fate::Failed(7),
        ),
        judged("CRED-05", None, HOSTILE, Fate::Blocked),
        judged(
            "TLS-01",
            None,
            "behind a proxy",
            Fate::NotJudged("needs an https target".to_owned()),
        ),
    ];
    outcome
}

/// A handler that fails with one callback as is known, with another as is not, and no longer where an entry says so.
pub fn known_and_new() -> Outcome {
    let mut outcome = known();
    let new = Failure {
        callback: Some("topology.read"),
        ..failure()
    };
    let signature = &mut outcome.requirements[1];
    signature.known = None;
    signature.failures.insert(0, new);
    signature.callbacks.push(CallbackCases {
        callback: Some("topology.read"),
        cases: 1,
        failed: 1,
    });
    outcome
        .baseline
        .push(judged("HTTP-01", None, "slow disk", Fate::Stale));
    outcome
}

/// A handler that is better than its baseline.
pub fn out_of_date() -> Outcome {
    let mut outcome = known();
    outcome
        .baseline
        .push(judged("HTTP-01", None, "slow disk", Fate::Stale));
    outcome.baseline.push(judged(
        "MAP-01",
        Some("tenant_mapping.read"),
        "later",
        Fate::Past,
    ));
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

fn step(
    items: &'static [Item],
    callback: &'static str,
    action: &str,
    expected: &'static str,
    observed: &str,
) -> FlowStep {
    FlowStep {
        items,
        callback,
        action: action.to_owned(),
        expected,
        observed: Some(observed.to_owned()),
        latency: Some(Duration::from_micros(1_234)),
        state: StepState::Passed,
        broken: Vec::new(),
        optional: false,
    }
}

fn not_shown(mut step: FlowStep, reason: &str) -> FlowStep {
    step.observed = None;
    step.latency = None;
    step.state = StepState::NotShown(reason.to_owned());
    step
}

/// A run with the profile `verification`, and these steps in place of the whole flow.
fn verification(steps: Vec<FlowStep>, requirements: Vec<RequirementOutcome>) -> Outcome {
    let mut outcome = outcome(Ended::Completed, requirements);
    outcome.run.profile = "verification";
    outcome.run.write = true;
    outcome.flow = Some(Flow {
        enablement: Enablement::MAPPED,
        steps,
        broken: Vec::new(),
    });
    outcome
}

fn steps() -> Vec<FlowStep> {
    vec![
        step(
            &[Item::Flows, Item::Status],
            "enablement.read",
            "ask whose the partner's credentials are",
            "success: the organisation of the credentials, not enabled",
            "status 200: not enabled",
        ),
        step(
            &[Item::WrongCredentials],
            "enablement.read",
            "ask with a wrong password",
            "a refusal (4xx)",
            "status 401",
        ),
        step(
            &[Item::Flows],
            "enablement.write",
            "enable the partner",
            "success",
            "status 200",
        ),
        step(
            &[Item::Flows, Item::Status],
            "enablement.read",
            "ask whether the partner is enabled",
            "success: enabled for that acronis_tenant_id",
            "status 200: enabled for 5c9f2d4e-7a31-4b86-9d0f-3e8a6b1c2d47",
        ),
        step(
            &[Item::BadToken],
            "enablement.read",
            "ask with a corrupted token",
            "a refusal (4xx)",
            "status 401",
        ),
        step(
            &[Item::Isolation],
            "tenant_mapping.read",
            "ask for the mapping with another partner's credentials",
            "success: none of this partner's customers",
            "status 200: 3 listed, 0 of them this partner's",
        ),
    ]
}

/// A right handler, without a second partner, and with a piece of advice.
pub fn ready() -> Outcome {
    let mut steps = steps();
    steps[1].state = StepState::Advice;
    steps[1].broken = vec![ECHO.id];
    let mut isolation = not_shown(
        steps.remove(5),
        "needs a second partner: --other-identity and --other-secrets",
    );
    isolation.optional = true;
    steps.push(isolation);
    verification(
        steps,
        vec![
            one(&STATUS, State::Passed, 4),
            failed(&ECHO, 1, 1, vec![failure()]),
            one(&SIGNATURE, State::Passed, 6),
        ],
    )
}

/// A broken and hostile handler.
pub fn not_ready() -> Outcome {
    let mut steps = steps();
    steps[3].state = StepState::Failed;
    steps[3].observed = Some(format!("status 200: {HOSTILE}"));
    steps[3].broken = vec![ITEMS.id];
    steps[4].state = StepState::Failed;
    steps[4].observed = Some("status 200 OK: the request was accepted".to_owned());
    steps[4].broken = vec![SIGNATURE.id];
    let last = steps.remove(5);
    steps.push(not_shown(last, "step 4 failed"));
    verification(
        steps,
        vec![
            one(&STATUS, State::Passed, 4),
            failed(&SIGNATURE, 12, 7, vec![failure()]),
            failed(&ITEMS, 3, 1, vec![failure()]),
        ],
    )
}

/// A right handler whose data may not be changed.
pub fn not_complete() -> Outcome {
    let steps = steps()
        .into_iter()
        .zip(1..)
        .map(|(step, number)| match number {
            3 | 4 => not_shown(step, "needs --write"),
            _ => step,
        });
    let mut outcome = verification(steps.collect(), vec![one(&STATUS, State::Passed, 4)]);
    outcome.run.write = false;
    outcome
}

/// A right flow, and a requirement that failed beside it.
pub fn failed_beside_the_flow() -> Outcome {
    verification(
        steps(),
        vec![
            one(&STATUS, State::Passed, 4),
            failed(&SIGNATURE, 12, 7, vec![failure()]),
        ],
    )
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
