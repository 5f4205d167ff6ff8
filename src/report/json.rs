//! The report for programs: one JSON document that keeps `schemas/report.schema.json`.
//!
//! ```json
//! {
//!   "format": "acgw-report/1",
//!   "tool": { "name": "acgw", "version": "0.1.0" },
//!   "run": { "target": "http://127.0.0.1:8080/callback", "seed": "00000000deadbeef", "ended": "completed", … },
//!   "summary": { "passed": 57, "failed": 1, "blocked": 0, "not_exercised": 3, "exercised": 58, "total": 61, "conforms": false },
//!   "notices": [],
//!   "requirements": [{ "id": "JWT-04", "state": "failed", "failures": [{ "case": "signature cut off", … }], … }]
//! }
//! ```

use std::time::Duration;

use serde::Serialize;

use super::tally;
use super::verdict::verdict;
use crate::suite::outcome::{Ended, Failure, RequirementOutcome, RunInfo};
use crate::suite::{
    CallbackCases, Fate, Flakiness, FlowStep, Judged, Latencies, Level, Outcome, Percentiles,
    Proxied, State,
};

/// The format's name and version: the first thing a reader should look at.
pub const FORMAT: &str = "acgw-report/1";

/// The report as JSON text, with a line end.
pub fn render(outcome: &Outcome) -> String {
    let mut text =
        serde_json::to_string_pretty(&Report::new(outcome)).expect("strings, numbers and lists");
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Report<'a> {
    format: &'static str,
    tool: Tool,
    run: Run<'a>,
    summary: Summary,
    notices: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    latency: Option<LatencyReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flaky: Option<FlakyReport<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<FlowReport<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diagnosis: Vec<CauseReport<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    baseline: Vec<EntryReport<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxied: Option<ProxiedReport<'a>>,
    requirements: Vec<Requirement<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Run<'a> {
    target: &'a str,
    seed: String,
    started_at: String,
    duration_ms: u64,
    exchanges: u64,
    profile: &'static str,
    write: bool,
    strict: bool,
    ended: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Summary {
    passed: usize,
    failed: usize,
    blocked: usize,
    not_exercised: usize,
    exercised: usize,
    total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<usize>,
    conforms: bool,
}

#[derive(Serialize)]
struct LatencyReport {
    allowed_ms: f64,
    callbacks: Vec<CallbackReport>,
}

#[derive(Serialize)]
struct CallbackReport {
    callback: &'static str,
    all: PercentilesReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    alone: Option<PercentilesReport>,
}

#[derive(Serialize)]
struct PercentilesReport {
    count: u64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

#[derive(Serialize)]
struct FlakyReport<'a> {
    requests: u64,
    of: u64,
    sent_again: u64,
    answers: Vec<FlakyAnswer<'a>>,
    counts: bool,
    sentence: String,
}

#[derive(Serialize)]
struct FlakyAnswer<'a> {
    observed: &'a str,
    requests: u64,
}

#[derive(Serialize)]
struct FlowReport<'a> {
    verdict: &'static str,
    sentence: String,
    partner: &'static str,
    customer: &'static str,
    items: Vec<ItemReport>,
    steps: Vec<StepReport<'a>>,
}

#[derive(Serialize)]
struct ItemReport {
    id: &'static str,
    title: String,
    state: &'static str,
    steps: Vec<usize>,
}

#[derive(Serialize)]
struct StepReport<'a> {
    number: usize,
    items: Vec<&'static str>,
    callback: &'static str,
    action: &'a str,
    expected: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<f64>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    broken: &'a [&'static str],
    optional: bool,
}

/// A cause that would explain failures.
#[derive(Serialize)]
struct CauseReport<'a> {
    cause: &'static str,
    text: &'a str,
    explains: &'a [&'static str],
}

/// An entry of the baseline.
#[derive(Serialize)]
struct EntryReport<'a> {
    requirement: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback: Option<&'a str>,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    fate: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    fails: bool,
}

/// What passed a proxy.
#[derive(Serialize)]
struct ProxiedReport<'a> {
    exchanges: u64,
    judged: u64,
    unreachable: u64,
    unjudged: Vec<UnjudgedReport<'a>>,
    request_troubles: Vec<TroubleReport<'a>>,
}

#[derive(Serialize)]
struct UnjudgedReport<'a> {
    reason: &'a str,
    times: u64,
}

#[derive(Serialize)]
struct TroubleReport<'a> {
    callback: &'a str,
    part: &'static str,
    expected: &'a str,
    observed: &'a str,
    requests: u64,
}

#[derive(Serialize)]
struct CasesReport {
    #[serde(skip_serializing_if = "Option::is_none")]
    callback: Option<&'static str>,
    cases: u64,
    failed: u64,
}

#[derive(Serialize)]
struct Requirement<'a> {
    id: &'static str,
    level: Level,
    title: &'static str,
    source: &'static str,
    verification: bool,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    cases: u64,
    cut: u64,
    failed_cases: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    callbacks: Vec<CasesReport>,
    failures: Vec<FailedCase<'a>>,
}

#[derive(Serialize)]
struct FailedCase<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    callback: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    steps: &'a [String],
    case: &'a str,
    expected: &'a str,
    observed: &'a str,
    request: &'a str,
    response: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    control: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<&'a str>,
    curl: &'a str,
    repeat: &'a str,
}

impl<'a> Report<'a> {
    fn new(outcome: &'a Outcome) -> Self {
        let summary = outcome.summary();
        Self {
            format: FORMAT,
            tool: Tool {
                name: "acgw",
                version: env!("CARGO_PKG_VERSION"),
            },
            run: Run::new(&outcome.run, &outcome.ended),
            summary: Summary {
                passed: summary.passed,
                failed: summary.failed,
                blocked: summary.blocked,
                not_exercised: summary.not_exercised,
                exercised: summary.exercised(),
                total: summary.total(),
                known: (!outcome.baseline.is_empty()).then(|| tally::known(outcome).len()),
                conforms: outcome.conforms(),
            },
            notices: &outcome.notices,
            latency: LatencyReport::new(&outcome.latencies),
            flaky: outcome.flaky.as_ref().map(FlakyReport::new),
            flow: FlowReport::new(outcome),
            diagnosis: (outcome.diagnosis.iter())
                .map(|cause| CauseReport {
                    cause: cause.name,
                    text: &cause.text,
                    explains: &cause.explains,
                })
                .collect(),
            baseline: outcome.baseline.iter().map(EntryReport::new).collect(),
            proxied: outcome.proxied.as_ref().map(ProxiedReport::new),
            requirements: outcome.requirements.iter().map(Requirement::new).collect(),
        }
    }
}

impl<'a> Run<'a> {
    fn new(run: &'a RunInfo, ended: &'a Ended) -> Self {
        let (ended, ended_reason) = match ended {
            Ended::Completed => ("completed", None),
            Ended::Interrupted => ("interrupted", None),
            Ended::HandlerLost(reason) => ("handler lost", Some(reason.as_str())),
            Ended::Unreachable(reason) => ("unreachable", Some(reason.as_str())),
            Ended::SuiteFault(reason) => ("suite fault", Some(reason.as_str())),
        };
        Self {
            target: &run.target,
            seed: format!("{:016x}", run.seed),
            started_at: run.started_at.to_string(),
            duration_ms: u64::try_from(run.duration.as_millis()).unwrap_or(u64::MAX),
            exchanges: run.exchanges,
            profile: run.profile,
            write: run.write,
            strict: run.strict,
            ended,
            ended_reason,
        }
    }
}

impl<'a> ProxiedReport<'a> {
    fn new(proxied: &'a Proxied) -> Self {
        let unjudged = proxied.unjudged.iter();
        let troubles = proxied.troubles.iter();
        Self {
            exchanges: proxied.exchanges,
            judged: proxied.judged,
            unreachable: proxied.unreachable,
            unjudged: unjudged
                .map(|(reason, times)| UnjudgedReport {
                    reason,
                    times: *times,
                })
                .collect(),
            request_troubles: troubles
                .map(|trouble| TroubleReport {
                    callback: &trouble.callback,
                    part: trouble.part,
                    expected: &trouble.expected,
                    observed: &trouble.observed,
                    requests: trouble.requests,
                })
                .collect(),
        }
    }
}

impl LatencyReport {
    fn new(latencies: &Latencies) -> Option<Self> {
        let callbacks = latencies.callbacks.iter().map(|one| CallbackReport {
            callback: one.callback,
            all: PercentilesReport::new(&one.all),
            alone: one.alone.as_ref().map(PercentilesReport::new),
        });
        (!latencies.callbacks.is_empty()).then(|| Self {
            allowed_ms: millis(latencies.allowed),
            callbacks: callbacks.collect(),
        })
    }
}

impl PercentilesReport {
    fn new(of: &Percentiles) -> Self {
        Self {
            count: of.count,
            p50_ms: millis(of.p50),
            p95_ms: millis(of.p95),
            p99_ms: millis(of.p99),
            max_ms: millis(of.max),
        }
    }
}

/// Milliseconds; microseconds are as fine as is worth telling.
fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

impl<'a> FlakyReport<'a> {
    fn new(flaky: &'a Flakiness) -> Self {
        let answers = flaky.answers.iter();
        Self {
            requests: flaky.requests,
            of: flaky.of,
            sent_again: flaky.sent_again,
            answers: answers
                .map(|(observed, requests)| FlakyAnswer {
                    observed,
                    requests: *requests,
                })
                .collect(),
            counts: flaky.counts,
            sentence: flaky.sentence(),
        }
    }
}

impl<'a> FlowReport<'a> {
    fn new(outcome: &'a Outcome) -> Option<Self> {
        let flow = outcome.flow.as_ref()?;
        let verdict = verdict(outcome);
        let of = |item| {
            let steps = flow
                .numbered()
                .filter(move |(_, step)| step.items.contains(&item));
            steps.map(|(number, _)| number).collect()
        };
        let items = flow.items().into_iter().map(|(item, state)| ItemReport {
            id: item.id(),
            title: item.title(flow.enablement),
            state: state.name(),
            steps: of(item),
        });
        Some(Self {
            verdict: outcome.readiness()?.name(),
            sentence: format!("{}: {}", verdict.word, verdict.detail),
            partner: flow.enablement.partner().name(),
            customer: flow.enablement.customer().name(),
            items: items.collect(),
            steps: flow.numbered().map(StepReport::new).collect(),
        })
    }
}

impl<'a> StepReport<'a> {
    fn new((number, step): (usize, &'a FlowStep)) -> Self {
        let latency = step.latency.map(millis);
        Self {
            number,
            items: step.items.iter().map(|item| item.id()).collect(),
            callback: step.callback,
            action: &step.action,
            expected: step.expected,
            observed: step.observed.as_deref(),
            latency_ms: latency,
            state: step.state.name(),
            reason: step.state.reason(),
            broken: &step.broken,
            optional: step.optional,
        }
    }
}

impl<'a> EntryReport<'a> {
    fn new(judged: &'a Judged) -> Self {
        Self {
            requirement: &judged.known.requirement,
            callback: judged.known.callback.as_deref(),
            reason: &judged.known.reason,
            until: judged.known.until.map(|until| until.to_string()),
            fate: judged.fate.name(),
            why: match &judged.fate {
                Fate::NotJudged(why) => Some(why),
                _ => None,
            },
            fails: judged.fate.fails(),
        }
    }
}

impl CasesReport {
    fn new(of: &CallbackCases) -> Self {
        Self {
            callback: of.callback,
            cases: of.cases,
            failed: of.failed,
        }
    }
}

impl<'a> Requirement<'a> {
    fn new(one: &'a RequirementOutcome) -> Self {
        Self {
            id: one.requirement.id,
            level: one.requirement.level,
            title: one.requirement.title,
            source: one.requirement.source,
            verification: one.requirement.verification,
            state: one.state.name(),
            reason: one.state.reason(),
            cases: one.cases,
            cut: one.cut,
            failed_cases: one.failed_cases,
            known: one.known.as_deref(),
            callbacks: match one.state {
                State::Failed => one.callbacks.iter().map(CasesReport::new).collect(),
                _ => Vec::new(),
            },
            failures: one.failures.iter().map(FailedCase::new).collect(),
        }
    }
}

impl<'a> FailedCase<'a> {
    fn new(failure: &'a Failure) -> Self {
        Self {
            callback: failure.callback,
            known: failure.known.as_deref(),
            steps: &failure.steps,
            case: &failure.case,
            expected: &failure.expected,
            observed: &failure.observed,
            request: &failure.request,
            response: &failure.response,
            control: failure.control.as_deref(),
            diff: failure.diff.as_deref(),
            curl: &failure.curl,
            repeat: &failure.repeat,
        }
    }
}
