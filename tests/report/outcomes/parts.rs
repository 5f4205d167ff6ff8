//! What outcomes are made of.

use std::time::Duration;

use acgw_conformance::suite::outcome::{Ended, Outcome, RequirementOutcome, RunInfo};
use acgw_conformance::suite::{
    CallbackCases, CallbackLatency, Failure, Latencies, Level, Percentiles, Requirement, State,
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

pub fn run() -> RunInfo {
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

pub fn one(requirement: &'static Requirement, state: State, cases: u64) -> RequirementOutcome {
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

pub fn failed(
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

pub fn outcome(ended: Ended, requirements: Vec<RequirementOutcome>) -> Outcome {
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
        proxied: None,
    }
}

pub fn not_exercised(requirement: &'static Requirement, reason: &str) -> RequirementOutcome {
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
pub fn diff() -> String {
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

pub fn hostile_failure() -> Failure {
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

pub fn latencies() -> Latencies {
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
