//! The report for code scanning: SARIF 2.1.0, in which a rule is a requirement and a result is a requirement that is broken.
//!
//! A handler has no files that the suite could point to, and code scanning takes no results elsewhere than in files of the
//! repository. So a result lies at the callback's logical location, and at the file that has the run's settings. What tells a result from others across runs is its fingerprint: the requirement and the callback, nothing
//! that changes from run to run, so that a result that stays is one and the same to whoever keeps a list of them.
//!
//! ```json
//! { "ruleId": "JWT-04", "level": "error", "message": { "text": "A corrupted signature is refused: …" }, … }
//! ```

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use serde::Serialize;

use super::baseline;
use super::tally;
use super::text::{self, count, cut, lines, one_line, source};
use super::verdict::verdict;
use crate::suite::outcome::{Ended, Failure, RequirementOutcome};
use crate::suite::{Level, Outcome, Requirement, State};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The name of the fingerprint and its version: another way to make it gets another number.
const FINGERPRINT: &str = "acgw/v1";
/// Most bytes shown of one piece of evidence.
const MOST_BYTES: usize = 4_000;
/// Most lines shown of it.
const MOST_LINES: usize = 80;

/// The report as JSON text, with a line end.
pub fn render(outcome: &Outcome) -> String {
    let mut text =
        serde_json::to_string_pretty(&Log::new(outcome)).expect("strings, numbers and lists");
    text.push('\n');
    text
}

/// Where a repository has the settings of a run, as a rule.
const SETTINGS: &str = "acgw.toml";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    automation_details: Automation,
    column_kind: &'static str,
    results: Vec<SarifResult>,
    properties: BTreeMap<&'static str, serde_json::Value>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    help: Help,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct RuleProperties {
    tags: Vec<&'static str>,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Automation {
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    exit_code: u8,
    start_time_utc: String,
    end_time_utc: String,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    rule_index: usize,
    kind: &'static str,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    occurrence_count: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    properties: BTreeMap<&'static str, String>,
}

/// That a baseline knows a result.
#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    justification: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    logical_locations: Vec<LogicalLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    name: &'static str,
    kind: &'static str,
}

impl Log {
    fn new(outcome: &Outcome) -> Self {
        Self {
            schema: SCHEMA,
            version: "2.1.0",
            runs: [Run::new(outcome)],
        }
    }
}

impl Run {
    fn new(outcome: &Outcome) -> Self {
        let run = &outcome.run;
        let strict = run.strict;
        let broken = outcome.requirements.iter().enumerate();
        let broken = broken.filter(|(_, one)| one.state == State::Failed);
        let verdict = verdict(outcome);
        let summary = outcome.summary();
        Self {
            tool: Tool {
                driver: Driver {
                    name: "acgw",
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: (outcome.requirements.iter())
                        .map(|one| Rule::new(one.requirement, strict))
                        .collect(),
                },
            },
            invocations: [Invocation::new(outcome)],
            // The same for every run of a profile on a target, as results are compared within it.
            automation_details: Automation {
                id: format!("acgw/{}/", run.profile),
            },
            column_kind: "unicodeCodePoints",
            results: broken
                .flat_map(|(place, one)| results(outcome, place, one))
                .collect(),
            properties: BTreeMap::from([
                ("seed", format!("{:016x}", run.seed).into()),
                ("target", run.target.as_str().into()),
                ("verdict", verdict.word.into()),
                ("passed", summary.passed.into()),
                ("failed", summary.failed.into()),
                ("blocked", summary.blocked.into()),
                ("notExercised", summary.not_exercised.into()),
                (
                    "diagnosis",
                    (outcome.diagnosis.iter().map(|cause| cause.text.as_str())).collect(),
                ),
            ]),
        }
    }
}

impl Rule {
    fn new(requirement: &Requirement, strict: bool) -> Self {
        let help = |code: &dyn Fn(&str) -> String| {
            format!(
                "{}\n\nWhy: {}\n\nFix: {}\n\nSource: {}",
                code(requirement.statement),
                code(requirement.why),
                code(requirement.fix),
                source(requirement.source)
            )
        };
        Self {
            id: requirement.id,
            short_description: plain(requirement.title),
            full_description: plain(requirement.statement),
            help: Help {
                text: help(&|text| text.replace('`', "")),
                markdown: help(&str::to_owned),
            },
            default_configuration: Configuration {
                level: level(requirement.level, strict),
            },
            properties: RuleProperties {
                tags: vec![requirement.area().code(), requirement.level.name()],
            },
        }
    }
}

/// What counts is an error; advice is less.
fn level(level: Level, strict: bool) -> &'static str {
    match level {
        _ if tally::counts(level, strict) => "error",
        Level::Must | Level::Should => "warning",
        Level::Hardening => "note",
    }
}

fn plain(text: &str) -> Text {
    Text {
        text: one_line(&text.replace('`', "")).into_owned(),
    }
}

impl Invocation {
    fn new(outcome: &Outcome) -> Self {
        let run = &outcome.run;
        let end = run.started_at.checked_add(run.duration);
        let verdict = verdict(outcome);
        let mut notifications: Vec<Notification> = (outcome.notices.iter())
            .map(|notice| Notification {
                level: "note",
                message: plain(notice),
            })
            .collect();
        if let Some(untrue) = baseline::untrue(outcome) {
            notifications.push(Notification {
                level: "error",
                message: plain(&format!("the baseline is out of date: {untrue}")),
            });
        }
        if outcome.ended != Ended::Completed || outcome.exit_code() > 1 {
            notifications.push(Notification {
                level: "error",
                message: plain(&format!("{}: {}", verdict.word, verdict.detail)),
            });
        }
        Self {
            // Whether the tool did what it was to do, not whether the handler conforms.
            execution_successful: outcome.exit_code() <= 1,
            exit_code: outcome.exit_code(),
            start_time_utc: run.started_at.to_string(),
            end_time_utc: end.unwrap_or(run.started_at).to_string(),
            tool_execution_notifications: notifications,
        }
    }
}

/// The results of a requirement: one for each callback that broke it, with the first case that did.
fn results(outcome: &Outcome, place: usize, one: &RequirementOutcome) -> Vec<SarifResult> {
    let mut shown: Vec<&Failure> = Vec::new();
    for failure in &one.failures {
        if !shown.iter().any(|other| other.callback == failure.callback) {
            shown.push(failure);
        }
    }
    let result = |callback: Option<&'static str>, failure: Option<&Failure>| {
        let requirement = one.requirement;
        SarifResult {
            rule_id: requirement.id,
            rule_index: place,
            kind: "fail",
            level: level(requirement.level, outcome.run.strict),
            message: message(one, failure),
            locations: [Location {
                physical_location: PhysicalLocation {
                    artifact_location: ArtifactLocation { uri: SETTINGS },
                },
                logical_locations: callback
                    .map(|name| LogicalLocation {
                        name,
                        kind: "function",
                    })
                    .into_iter()
                    .collect(),
            }],
            partial_fingerprints: BTreeMap::from([(
                FINGERPRINT,
                fingerprint(requirement.id, callback),
            )]),
            occurrence_count: occurrences(one, callback).max(1),
            suppressions: (failure.and_then(|failure| failure.known.as_deref()))
                .map(|reason| Suppression {
                    kind: "external",
                    justification: one_line(reason).into_owned(),
                })
                .into_iter()
                .collect(),
            properties: failure.map(evidence).unwrap_or_default(),
        }
    };
    match shown.is_empty() {
        true => vec![result(None, None)],
        false => (shown.into_iter())
            .map(|failure| result(failure.callback, Some(failure)))
            .collect(),
    }
}

/// How many cases failed with a callback.
fn occurrences(one: &RequirementOutcome, callback: Option<&str>) -> u64 {
    let of = one.callbacks.iter().filter(|of| of.callback == callback);
    of.map(|of| of.failed).sum()
}

fn message(one: &RequirementOutcome, failure: Option<&Failure>) -> Text {
    let title = one.requirement.title.replace('`', "");
    let text = match failure {
        None => format!("{title}: {} failed", count(one.failed_cases, "case")),
        Some(failure) => format!(
            "{title}. Case: {}. Expected: {}. Observed: {}",
            failure.case, failure.expected, failure.observed
        ),
    };
    Text {
        text: one_line(&text).into_owned(),
    }
}

/// What a reader needs to see it, and to see it again.
fn evidence(failure: &Failure) -> BTreeMap<&'static str, String> {
    let shown = |text: &str| {
        let (kept, left_off) = cut(text, MOST_BYTES, MOST_LINES);
        let mut kept = lines(kept).into_owned();
        if let Some(note) = text::left_off(left_off) {
            kept.push_str(&format!("\n{note}"));
        }
        kept
    };
    BTreeMap::from([
        ("request", shown(&failure.request)),
        ("response", shown(&failure.response)),
        ("curl", shown(&failure.curl)),
        ("repeat", shown(&failure.repeat)),
    ])
}

fn fingerprint(id: &str, callback: Option<&str>) -> String {
    let text = format!("{id}\n{}", callback.unwrap_or_default());
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}
