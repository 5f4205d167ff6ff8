//! What the page shows, in the words and the order that the template needs.

use serde::Serialize;

use super::colour::{self, Piece};
use crate::report::diff::focus;
use crate::report::tally::Standing;
use crate::report::text::{self, count, lines, number, one_line, span};
use crate::report::verdict::{Tone, verdict};
use crate::report::{baseline, flow, latency, tally};
use crate::suite::outcome::RequirementOutcome;
use crate::suite::{
    CallbackLatency, Failure, Fate, ItemState, Judged, Latencies, Level, Outcome, State, StepState,
};

/// Most bytes shown of one piece of evidence.
const MOST_BYTES: usize = 32_000;
/// Most lines shown of it.
const MOST_LINES: usize = 2_000;
/// With no more requirements than this against the handler, they are open from the start.
const FEW: usize = 4;

#[derive(Serialize)]
pub(super) struct Report {
    tone: &'static str,
    word: &'static str,
    detail: String,
    facts: Vec<(&'static str, String)>,
    /// States in the order of the bar, with how many requirements are in each.
    states: Vec<Segment>,
    total: usize,
    /// What failed and counts, or is advice: the way to it.
    against: Vec<Against>,
    diagnosis: Vec<CauseView>,
    flow: Option<FlowView>,
    areas: Vec<AreaView>,
    levels: Vec<&'static str>,
    latency: Option<Chart>,
    flaky: Option<String>,
    /// The entries of the baseline: state, name of the state, and all of it in words.
    known: Vec<Entry>,
    notices: Vec<String>,
}

/// How many requirements are in a state, and where its part of the bar begins, both in parts of all of them.
#[derive(Serialize)]
struct Segment {
    key: &'static str,
    name: &'static str,
    count: usize,
    begin: usize,
}

/// A requirement that the handler breaks.
#[derive(Serialize)]
struct Against {
    id: &'static str,
    title: Vec<Piece>,
    state: &'static str,
    state_name: &'static str,
}

/// A cause that would explain failures.
#[derive(Serialize)]
struct CauseView {
    name: &'static str,
    text: Vec<Piece>,
    explains: Vec<&'static str>,
}

/// An entry of the baseline.
#[derive(Serialize)]
struct Entry {
    id: String,
    state: &'static str,
    state_name: &'static str,
    name: String,
    text: String,
}

#[derive(Serialize)]
struct AreaView {
    code: &'static str,
    title: &'static str,
    states: Vec<Segment>,
    requirements: Vec<RequirementView>,
}

#[derive(Serialize)]
struct RequirementView {
    id: &'static str,
    title: Vec<Piece>,
    level: &'static str,
    state: &'static str,
    state_name: &'static str,
    open: bool,
    statement: Vec<Piece>,
    why: Vec<Piece>,
    fix: Vec<Piece>,
    source: Source,
    reason: Option<String>,
    known: Option<String>,
    cases: String,
    failures: Vec<FailureView>,
}

/// Where a requirement comes from.
#[derive(Serialize)]
struct Source {
    url: Option<String>,
    text: String,
}

#[derive(Serialize)]
struct FailureView {
    callback: Option<&'static str>,
    known: Option<String>,
    case: String,
    steps: Vec<String>,
    expected: String,
    observed: String,
    blocks: Vec<Block>,
}

/// Evidence in a box of its own.
#[derive(Serialize)]
struct Block {
    label: &'static str,
    pieces: Vec<Piece>,
    copies: bool,
    left_off: Option<String>,
}

#[derive(Serialize)]
struct FlowView {
    methods: String,
    items: Vec<ItemView>,
    steps: Vec<StepView>,
}

#[derive(Serialize)]
struct ItemView {
    id: &'static str,
    title: Vec<Piece>,
    state: &'static str,
    state_name: &'static str,
}

#[derive(Serialize)]
struct StepView {
    number: usize,
    callback: &'static str,
    action: String,
    expected: &'static str,
    observed: String,
    state: &'static str,
    state_name: &'static str,
    broken: Vec<&'static str>,
}

/// Times on a logarithmic axis, which is 100 long.
#[derive(Serialize)]
struct Chart {
    title: String,
    headings: [&'static str; 6],
    rows: Vec<Row>,
    ticks: Vec<(f64, String)>,
    allowed: f64,
}

#[derive(Serialize)]
struct Row {
    callback: &'static str,
    cells: [String; 6],
    p50: f64,
    p95: f64,
    p99: f64,
    max: f64,
}

impl Report {
    pub fn new(outcome: &Outcome) -> Self {
        let verdict = verdict(outcome);
        let failed = outcome.requirements.iter();
        let failed = failed.filter(|one| one.state == State::Failed).count();
        let mut all: Vec<(&'static str, RequirementView)> = (outcome.requirements.iter())
            .map(|one| {
                let view = RequirementView::new(one, outcome.run.strict, failed <= FEW);
                (one.requirement.area().code(), view)
            })
            .collect();
        let states = segments(all.iter().map(|(_, view)| view));
        let mut against: Vec<Against> = (all.iter())
            .filter(|(_, view)| ["failed", "advice"].contains(&view.state))
            .map(|(_, view)| Against {
                id: view.id,
                title: view.title.clone(),
                state: view.state,
                state_name: view.state_name,
            })
            .collect();
        // What counts goes first; both stay in the register's order.
        against.sort_by_key(|one| one.state != "failed");
        let total = all.len();
        let areas = tally::by_area(outcome).into_iter().map(|tally| {
            let code = tally.area.code();
            let of = all.extract_if(.., |(area, _)| *area == code);
            let requirements: Vec<RequirementView> = of.map(|(_, view)| view).collect();
            AreaView {
                code,
                title: tally.area.title(),
                states: segments(requirements.iter()),
                requirements,
            }
        });
        let areas = areas.collect();
        Self {
            tone: match verdict.tone {
                Tone::Good => "good",
                Tone::Bad => "bad",
                Tone::Known | Tone::Open => "open",
            },
            word: verdict.word,
            detail: one_line(&verdict.detail).into_owned(),
            facts: facts(outcome),
            states,
            total,
            against,
            diagnosis: (outcome.diagnosis.iter())
                .map(|cause| CauseView {
                    name: cause.name,
                    text: colour::prose(&one_line(&cause.text)),
                    explains: cause.explains.clone(),
                })
                .collect(),
            flow: FlowView::new(outcome),
            areas,
            levels: [Level::Must, Level::Should, Level::Hardening]
                .map(|level| level.name())
                .to_vec(),
            latency: Chart::new(&outcome.latencies),
            flaky: (outcome.flaky.as_ref())
                .filter(|flaky| flaky.counts)
                .map(|flaky| one_line(&flaky.sentence()).into_owned()),
            known: outcome.baseline.iter().map(Entry::new).collect(),
            notices: (outcome.notices.iter())
                .map(|notice| one_line(notice).into_owned())
                .collect(),
        }
    }
}

fn facts(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let run = &outcome.run;
    let mut facts = vec![
        ("handler", one_line(&run.target).into_owned()),
        ("date", to_the_second(run.started_at)),
        ("took", span(run.duration)),
        ("exchanges", number(run.exchanges)),
        ("profile", run.profile.to_owned()),
        (
            "data",
            match run.write {
                true => "writes allowed",
                false => "reads only",
            }
            .to_owned(),
        ),
        ("seed", format!("{:016x}", run.seed)),
    ];
    if run.strict {
        facts.push(("strict", "every level counts".to_owned()));
    }
    facts
}

/// A moment in UTC, as ISO 8601 has it.
fn to_the_second(moment: jiff::Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// The states of a requirement, in the order of the bar: the class in `page.css`, and the name.
const STATES: [(&str, &str); 6] = [
    ("failed", "failed"),
    ("advice", "advice"),
    ("known", "known"),
    ("blocked", "blocked"),
    ("unexercised", "not exercised"),
    ("passed", "passed"),
];

fn name_of(state: &str) -> &'static str {
    let found = STATES.iter().find(|(key, _)| *key == state);
    found.map_or("", |(_, name)| name)
}

/// The states that occur among requirements.
fn segments<'a>(requirements: impl Iterator<Item = &'a RequirementView> + Clone) -> Vec<Segment> {
    let mut begin = 0;
    let mut segments = Vec::new();
    for (key, name) in STATES {
        let count = requirements.clone().filter(|one| one.state == key).count();
        if count > 0 {
            segments.push(Segment {
                key,
                name,
                count,
                begin,
            });
            begin += count;
        }
    }
    segments
}

impl Entry {
    fn new(judged: &Judged) -> Self {
        let (state, state_name) = match judged.fate {
            Fate::Failed(_) | Fate::Blocked => ("known", judged.fate.name()),
            Fate::Stale | Fate::Past => ("failed", judged.fate.name()),
            Fate::NotJudged(_) => ("unexercised", judged.fate.name()),
        };
        Self {
            id: judged.known.requirement.clone(),
            state,
            state_name,
            name: one_line(&judged.known.name()).into_owned(),
            text: baseline::told(judged),
        }
    }
}

impl RequirementView {
    fn new(one: &RequirementOutcome, strict: bool, open: bool) -> Self {
        let requirement = one.requirement;
        let state = match tally::standing(one, strict) {
            Standing::Passed => "passed",
            Standing::Failed => "failed",
            Standing::Advice => "advice",
            Standing::Known => "known",
            Standing::Blocked => "blocked",
            Standing::NotExercised => "unexercised",
        };
        let mut cases = match one.cases {
            0 => String::new(),
            cases => count(cases, "case"),
        };
        if one.failed_cases > 0 {
            cases.push_str(&format!(", {} failed", number(one.failed_cases)));
            if one.failed_cases > one.failures.len() as u64 {
                cases.push_str(&format!(", {} shown", one.failures.len()));
            }
        }
        if one.cut > 0 {
            let behind = if cases.is_empty() { "" } else { ", " };
            cases.push_str(&format!(
                "{behind}{} cut by the time budget",
                number(one.cut)
            ));
        }
        Self {
            id: requirement.id,
            title: colour::prose(requirement.title),
            level: requirement.level.name(),
            state,
            state_name: name_of(state),
            open: open && ["failed", "advice"].contains(&state),
            statement: colour::prose(requirement.statement),
            why: colour::prose(requirement.why),
            fix: colour::prose(requirement.fix),
            source: Source::new(requirement.source),
            reason: one
                .state
                .reason()
                .map(|reason| one_line(reason).into_owned()),
            known: (one.known.as_ref()).map(|reason| one_line(reason).into_owned()),
            cases,
            failures: one.failures.iter().map(FailureView::new).collect(),
        }
    }
}

impl Source {
    /// An RFC has an address of its own; that of a documentation page is not promised, so its site is named.
    fn new(source: &str) -> Self {
        let rfc = source.strip_prefix("RFC ").map(|rest| {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            &rest[..digits]
        });
        let url = match rfc {
            Some(number) if !number.is_empty() => {
                Some(format!("https://www.rfc-editor.org/rfc/rfc{number}"))
            }
            _ if text::is_page(source) => Some(format!("https://{}/", text::SITE)),
            _ => None,
        };
        Self {
            url,
            text: text::source(source),
        }
    }
}

impl FailureView {
    fn new(failure: &Failure) -> Self {
        let mut blocks = vec![
            block("request", &failure.request, colour::message),
            block("response", &failure.response, colour::message),
        ];
        match (&failure.diff, &failure.control) {
            (Some(diff), _) => blocks.push(block(
                "against its accepted control",
                &focus(diff),
                colour::diff,
            )),
            (None, Some(control)) => {
                blocks.push(block("accepted control", control, colour::message));
            }
            (None, None) => {}
        }
        let command = |label, text: &str| Block {
            copies: true,
            ..block(label, text, |text| {
                vec![Piece {
                    class: "",
                    text: text.to_owned(),
                }]
            })
        };
        blocks.push(command("repeat", &failure.repeat));
        blocks.push(command("curl", &failure.curl));
        Self {
            callback: failure.callback,
            known: (failure.known.as_ref()).map(|reason| one_line(reason).into_owned()),
            case: one_line(&failure.case).into_owned(),
            steps: (failure.steps.iter())
                .map(|step| one_line(step).into_owned())
                .collect(),
            expected: one_line(&failure.expected).into_owned(),
            observed: one_line(&failure.observed).into_owned(),
            blocks,
        }
    }
}

fn block(label: &'static str, text: &str, colour: impl Fn(&str) -> Vec<Piece>) -> Block {
    let (kept, left_off) = text::cut(text, MOST_BYTES, MOST_LINES);
    Block {
        label,
        pieces: colour(&lines(kept)),
        copies: false,
        left_off: text::left_off(left_off),
    }
}

impl FlowView {
    fn new(outcome: &Outcome) -> Option<Self> {
        let flow = outcome.flow.as_ref()?;
        let items = flow.items().into_iter().map(|(item, state)| ItemView {
            id: item.id(),
            title: colour::prose(&item.title(flow.enablement)),
            state: match state {
                ItemState::Passed => "passed",
                ItemState::Failed => "failed",
                ItemState::NotShown => "unexercised",
            },
            state_name: state.name(),
        });
        let steps = flow.numbered().map(|(number, step)| StepView {
            number,
            callback: step.callback,
            action: one_line(&step.action).into_owned(),
            expected: step.expected,
            observed: flow::observed(step),
            state: match step.state {
                StepState::Passed => "passed",
                StepState::Advice => "advice",
                StepState::Failed => "failed",
                StepState::NotShown(_) => "unexercised",
            },
            state_name: step.state.name(),
            broken: step.broken.clone(),
        });
        Some(Self {
            methods: flow::methods(flow),
            items: items.collect(),
            steps: steps.collect(),
        })
    }
}

impl Chart {
    fn new(latencies: &Latencies) -> Option<Self> {
        let millis = |time: std::time::Duration| time.as_secs_f64() * 1e3;
        let longest = latencies.callbacks.iter().map(|one| millis(one.all.max));
        let shortest = latencies.callbacks.iter().map(|one| millis(one.all.p50));
        let last = longest.fold(millis(latencies.allowed), f64::max);
        let first = shortest.reduce(f64::min)?.max(0.01);
        // From a power of ten to where the longest ends.
        let (begin, end) = (first.log10().floor(), last.log10().max(first.log10() + 0.1));
        let place = |millis: f64| {
            let place = (millis.max(0.001).log10() - begin) / (end - begin) * 100.0;
            (place.clamp(0.0, 100.0) * 10.0).round() / 10.0
        };
        let row = |one: &CallbackLatency, cells| Row {
            callback: one.callback,
            cells,
            p50: place(millis(one.all.p50)),
            p95: place(millis(one.all.p95)),
            p99: place(millis(one.all.p99)),
            max: place(millis(one.all.max)),
        };
        let rows = latencies.callbacks.iter().zip(latency::rows(latencies));
        let ticks = (begin as i32..=end.floor() as i32).map(|power| {
            let tick = 10_f64.powi(power);
            let shown = match tick {
                ..1.0 => format!("{tick} ms"),
                ..1_000.0 => format!("{tick:.0} ms"),
                _ => format!("{:.0} s", tick / 1_000.0),
            };
            (place(tick), shown)
        });
        Some(Self {
            title: latency::title(latencies),
            headings: latency::HEADINGS,
            rows: rows.map(|(one, (_, cells))| row(one, cells)).collect(),
            ticks: ticks.collect(),
            allowed: place(millis(latencies.allowed)),
        })
    }
}
