//! What a run found: everything that the reports tell.

use std::time::Duration;

use super::baseline::Judged;
use super::diagnosis::Cause;
use super::flow::{Flow, Readiness};
use super::requirement::{Level, Requirement};
use super::traffic::Proxied;

/// What a run found.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What was run, and how.
    pub run: RunInfo,
    /// How the run ended.
    pub ended: Ended,
    /// Every requirement that was selected, and those that a step of the flow broke, in the register's order.
    pub requirements: Vec<RequirementOutcome>,
    /// The flow that Acronis verifies, where the profile asks for it.
    pub flow: Option<Flow>,
    /// Failures that did not repeat; `None` where there were none.
    pub flaky: Option<Flakiness>,
    /// How long right requests took.
    pub latencies: Latencies,
    /// What became of the failures that a baseline knows; empty without one.
    pub baseline: Vec<Judged>,
    /// Causes that would explain what failed.
    pub diagnosis: Vec<Cause>,
    /// What the reader should know beside the verdicts: advice on the handler's settings, work cut by the budget.
    pub notices: Vec<String>,
    /// What passed a proxy, where this is what was seen of somebody else's traffic: then there is no conformance verdict.
    pub proxied: Option<Proxied>,
}

/// How long right requests took that were answered rightly, a callback at a time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Latencies {
    /// The time allowed for one answer, which HTTP-07 asks for: `--timeout`.
    pub allowed: Duration,
    /// Every callback that a right request was answered of, by name.
    pub callbacks: Vec<CallbackLatency>,
}

/// How long right requests of one callback took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackLatency {
    /// The callback's name, for example `tenant_mapping.read`.
    pub callback: &'static str,
    /// Of all of them. Where several are under way at once, they may have waited for each other in the handler.
    pub all: Percentiles,
    /// Of those beside which no other request was under way, so that none of it is waiting; `None` where there were none.
    pub alone: Option<Percentiles>,
}

/// Percentiles of durations, from the first byte sent (a connection made first, where there is none, included) to the last
/// byte that came; at most a 32nd too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percentiles {
    /// How many.
    pub count: u64,
    /// Half of them took no longer.
    pub p50: Duration,
    /// 95 of 100 took no longer.
    pub p95: Duration,
    /// 99 of 100 took no longer.
    pub p99: Duration,
    /// The longest.
    pub max: Duration,
}

/// Requests that a handler failed at and answered rightly when they were sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flakiness {
    /// How many requests failed so.
    pub requests: u64,
    /// Requests sent in all, those that were sent again included.
    pub of: u64,
    /// How often requests were sent again to learn whether they fail again.
    pub sent_again: u64,
    /// What was observed, for example `status 500`, and of how many requests.
    pub answers: Vec<(String, u64)>,
    /// Whether it counts against the handler: what happened once in a run may have been a restart.
    pub counts: bool,
}

impl Flakiness {
    /// All of it in a sentence.
    pub fn sentence(&self) -> String {
        let answers: Vec<String> = (self.answers.iter())
            .map(|(observed, requests)| format!("{requests} × {observed}"))
            .collect();
        let rightly = match self.requests {
            1 => "it was answered rightly when it was sent again",
            _ => "each was answered rightly when it was sent again",
        };
        let once = match self.counts {
            true => "",
            false => "; it did not happen again, so it does not count: it may have been a restart",
        };
        format!(
            "{} of {} requests failed ({}), and {rightly}{once}",
            self.requests,
            self.of,
            answers.join(", ")
        )
    }
}

/// What was run, and how.
#[derive(Debug, Clone)]
pub struct RunInfo {
    /// The target as a person would name it.
    pub target: String,
    /// Repeats the run's cases when given again.
    pub seed: u64,
    /// When it started.
    pub started_at: jiff::Timestamp,
    /// How long it took; zero while it runs.
    pub duration: Duration,
    /// Exchanges sent, controls and shrinking included.
    pub exchanges: u64,
    /// `full` or `verification`.
    pub profile: &'static str,
    /// Whether callbacks that change data were allowed.
    pub write: bool,
    /// Whether failures of every level count for the verdict.
    pub strict: bool,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// All that was planned was done, or cut by the budget.
    Completed,
    /// Stopped by the user.
    Interrupted,
    /// The handler went away and did not come back.
    HandlerLost(String),
    /// The handler could not be reached at all.
    Unreachable(String),
    /// The suite broke one of its own rules.
    SuiteFault(String),
}

/// What a run found for one requirement.
#[derive(Debug, Clone)]
pub struct RequirementOutcome {
    /// Which one.
    pub requirement: &'static Requirement,
    /// The verdict.
    pub state: State,
    /// Cases that gave evidence, for or against.
    pub cases: u64,
    /// Cases planned for it that the budget cut.
    pub cut: u64,
    /// Cases that failed; only the first few are kept in `failures`.
    pub failed_cases: u64,
    /// The cases of each callback, in the order in which they were first tried.
    pub callbacks: Vec<CallbackCases>,
    /// Where all failures, or that it is blocked, are known from a baseline: why.
    pub known: Option<String>,
    /// The first failures, smallest case first.
    pub failures: Vec<Failure>,
}

/// The cases of one callback that gave evidence for a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallbackCases {
    /// The callback's name; `None` for what is not about one.
    pub callback: Option<&'static str>,
    /// All of them.
    pub cases: u64,
    /// Those that failed.
    pub failed: u64,
}

/// The verdict on one requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// At least one case was executed, and none failed.
    Passed,
    /// At least one case failed.
    Failed,
    /// A prerequisite failed, so nothing could be learnt; says which one and why.
    Blocked(String),
    /// Nothing was executed; says why.
    NotExercised(String),
}

/// One case that failed, with all the evidence, secrets masked unless the user asked otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The callback's name, for example `tenant_mapping.read`.
    pub callback: Option<&'static str>,
    /// Why it is known, where a baseline says so.
    pub known: Option<String>,
    /// What the case changed or did, in a few words.
    pub case: String,
    /// The callbacks up to the one that shows it, with the statuses of their answers, where the failure is one of state.
    pub steps: Vec<String>,
    /// What a right handler does.
    pub expected: String,
    /// What this handler did.
    pub observed: String,
    /// The request as sent, readable.
    pub request: String,
    /// The answer as received, readable, or why there was none.
    pub response: String,
    /// The accepted twin, readable, for a negative case.
    pub control: Option<String>,
    /// The request against its control, as a unified diff.
    pub diff: Option<String>,
    /// A shell command that sends it.
    pub curl: String,
    /// An `acgw` command line that repeats it, signed afresh.
    pub repeat: String,
}

impl State {
    /// `passed`, `failed`, `blocked` or `not exercised`.
    pub fn name(&self) -> &'static str {
        match self {
            State::Passed => "passed",
            State::Failed => "failed",
            State::Blocked(_) => "blocked",
            State::NotExercised(_) => "not exercised",
        }
    }

    /// Why, for the states that have a reason.
    pub fn reason(&self) -> Option<&str> {
        match self {
            State::Passed | State::Failed => None,
            State::Blocked(reason) | State::NotExercised(reason) => Some(reason),
        }
    }
}

/// How many requirements are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Passed.
    pub passed: usize,
    /// Failed.
    pub failed: usize,
    /// Blocked.
    pub blocked: usize,
    /// Not exercised.
    pub not_exercised: usize,
}

impl Summary {
    /// Requirements with evidence.
    pub fn exercised(&self) -> usize {
        self.passed + self.failed
    }

    /// All requirements.
    pub fn total(&self) -> usize {
        self.exercised() + self.blocked + self.not_exercised
    }
}

impl Outcome {
    /// How many requirements are in each state.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for outcome in &self.requirements {
            match outcome.state {
                State::Passed => summary.passed += 1,
                State::Failed => summary.failed += 1,
                State::Blocked(_) => summary.blocked += 1,
                State::NotExercised(_) => summary.not_exercised += 1,
            }
        }
        summary
    }

    /// The requirements that failed and count for the verdict: those of level `must`, or of every level when strict, but for
    /// those whose failures are all known from a baseline.
    pub fn counted_failures(&self) -> impl Iterator<Item = &RequirementOutcome> {
        self.failures_of_weight()
            .filter(|outcome| outcome.known.is_none())
    }

    /// The requirements that would count for the verdict, but failed or are blocked as a baseline knows.
    pub fn known_failures(&self) -> impl Iterator<Item = &RequirementOutcome> {
        let blocked = self.obligations_blocked();
        self.failures_of_weight()
            .chain(blocked)
            .filter(|outcome| outcome.known.is_some())
    }

    fn failures_of_weight(&self) -> impl Iterator<Item = &RequirementOutcome> {
        let strict = self.run.strict;
        self.requirements.iter().filter(move |outcome| {
            outcome.state == State::Failed && outcome.requirement.level.counts(strict)
        })
    }

    /// Whether the handler conforms: the run was completed, something passed, and nothing that counts failed, known or not.
    /// Never where traffic was looked at that others sent.
    pub fn conforms(&self) -> bool {
        self.proxied.is_none() && self.exit_code() == 0 && self.known_failures().next().is_none()
    }

    /// Whether something prevented a verdict on an obligation without being one itself: no verdict is no green.
    fn obligation_blocked(&self) -> bool {
        self.obligations_blocked()
            .any(|outcome| outcome.known.is_none())
    }

    fn obligations_blocked(&self) -> impl Iterator<Item = &RequirementOutcome> {
        self.requirements.iter().filter(|outcome| {
            outcome.requirement.level == Level::Must && matches!(outcome.state, State::Blocked(_))
        })
    }

    /// The entries of the baseline that fail the run: nothing fails by them any more, or their time is over.
    pub fn untrue_entries(&self) -> impl Iterator<Item = &Judged> {
        self.baseline.iter().filter(|judged| judged.fate.fails())
    }

    /// Whether all that failed is known, which is no evidence that the handler was there at all.
    fn only_known(&self) -> bool {
        self.summary().passed == 0 && self.known_failures().next().is_some()
    }

    /// Whether a step of the flow failed.
    fn flow_failed(&self) -> bool {
        (self.flow.iter()).any(|flow| flow.failed().next().is_some())
    }

    /// Whether a step that the flow needs was not shown: what was not shown is not ready.
    fn flow_incomplete(&self) -> bool {
        (self.flow.iter()).any(|flow| flow.missing().next().is_some())
    }

    /// Whether the handler is ready to be verified by Acronis; `None` where the profile did not ask.
    pub fn readiness(&self) -> Option<Readiness> {
        self.flow.as_ref()?;
        Some(match self.exit_code() {
            // A baseline is refused where readiness is asked for.
            0 => Readiness::Ready,
            1 => Readiness::NotReady,
            _ => Readiness::NotComplete,
        })
    }

    /// The exit code of `acgw check`, as README lists them.
    pub fn exit_code(&self) -> u8 {
        let summary = self.summary();
        match self.ended {
            Ended::SuiteFault(_) => 4,
            Ended::Interrupted => 130,
            Ended::Unreachable(_) => 3,
            _ if self.counted_failures().next().is_some() || self.flow_failed() => 1,
            Ended::HandlerLost(_) => 3,
            Ended::Completed if self.untrue_entries().next().is_some() => 1,
            Ended::Completed if self.only_known() => 3,
            Ended::Completed if summary.exercised() == 0 || self.obligation_blocked() => 3,
            Ended::Completed if self.flow_incomplete() => 3,
            Ended::Completed => 0,
        }
    }
}
