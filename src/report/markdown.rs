//! The report for people who read it on a forge: Markdown that fits a CI job's summary.
//!
//! ```markdown
//! ## ❌ DOES NOT CONFORM
//!
//! 1 requirement failed (JWT-04); 58 of 61 requirements exercised
//!
//! | area | passed | failed | advice | blocked | not exercised |
//! ```
//!
//! What a handler said stands in code blocks or is escaped, so it cannot become markup. GitHub takes summaries of at most
//! 1 MiB: long evidence is cut, and past a limit failures are only listed.

use std::fmt::Write as _;

use super::baseline;
use super::diagnosis::{self, DIAGNOSIS};
use super::diff::focus;
use super::latency;
use super::markdown_flow;
use super::tally::{self, Shared};
use super::text::{self, count, cut, lines, number, one_line, source, span};
use super::verdict::{Tone, verdict};
use crate::suite::outcome::RequirementOutcome;
use crate::suite::{Cause, Failure, Outcome};

/// Most bytes shown of one piece of evidence.
const MOST_BYTES: usize = 4000;
/// Most lines shown of it.
const MOST_LINES: usize = 80;
/// Once the report is this long, failures are listed without evidence.
const LONG: usize = 700_000;

/// The report as Markdown.
pub fn render(outcome: &Outcome) -> String {
    let mut out = String::new();
    heading(&mut out, outcome);
    if let Some(flow) = &outcome.flow {
        markdown_flow::section(&mut out, outcome, flow);
    }
    areas(&mut out, outcome);
    causes(&mut out, &outcome.diagnosis);
    let failures = tally::failures(outcome);
    details(&mut out, "Failed", &failures);
    known(&mut out, outcome);
    let advice = tally::advice(outcome);
    details(
        &mut out,
        "Advice, which does not count for the verdict",
        &advice,
    );
    reasons(&mut out, "Blocked", &tally::blocked(outcome));
    reasons(&mut out, "Not exercised", &tally::not_exercised(outcome));
    cut_by_budget(&mut out, outcome);
    latencies(&mut out, outcome);
    flaky(&mut out, outcome);
    notices(&mut out, outcome);
    foot(&mut out, outcome);
    out
}

fn heading(out: &mut String, outcome: &Outcome) {
    let verdict = verdict(outcome);
    let sign = match verdict.tone {
        Tone::Good => "✅",
        Tone::Known => "🟡",
        Tone::Bad => "❌",
        Tone::Open => "⚠️",
    };
    let _ = write!(
        out,
        "## {sign} {}\n\n{}\n\nChecked {}.\n",
        verdict.word,
        inline(&verdict.detail),
        code(&outcome.run.target)
    );
}

fn areas(out: &mut String, outcome: &Outcome) {
    let tallies = tally::by_area(outcome);
    if tallies.is_empty() {
        return;
    }
    let known = |text: String| match outcome.baseline.is_empty() {
        true => String::new(),
        false => text,
    };
    let _ = writeln!(
        out,
        "\n| area | passed | failed | advice |{} blocked | not exercised |\n|---|--:|--:|--:|{}--:|--:|",
        known(" known |".to_owned()),
        known("--:|".to_owned())
    );
    for tally in tallies {
        let _ = writeln!(
            out,
            "| {} {} | {} | {} | {} |{} {} | {} |",
            tally.area.code(),
            inline(tally.area.title()),
            tally.passed,
            strong(tally.failed),
            tally.advice,
            known(format!(" {} |", tally.known)),
            tally.blocked,
            tally.not_exercised
        );
    }
}

fn causes(out: &mut String, causes: &[Cause]) {
    if causes.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n### {DIAGNOSIS}\n");
    for cause in causes {
        let text = prose(&cause.text);
        let _ = writeln!(out, "- {text} ({})", inline(&diagnosis::explains(cause)));
    }
}

fn known(out: &mut String, outcome: &Outcome) {
    if outcome.baseline.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n### {}\n", baseline::TITLE);
    for judged in &outcome.baseline {
        let sign = if judged.fate.fails() { "❌ " } else { "" };
        let _ = writeln!(out, "- {sign}{}", inline(&baseline::line(judged)));
    }
}

fn strong(value: usize) -> String {
    if value > 0 {
        format!("**{value}**")
    } else {
        value.to_string()
    }
}

fn details(out: &mut String, title: &str, failed: &[&RequirementOutcome]) {
    if failed.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n### {title}");
    for one in failed {
        if out.len() < LONG {
            detail(out, one);
        } else {
            let requirement = one.requirement;
            let _ = writeln!(
                out,
                "\n- {} {} (evidence left off: this report is long; the JSON report has it)",
                requirement.id,
                prose(requirement.title)
            );
        }
    }
}

fn detail(out: &mut String, one: &RequirementOutcome) {
    let requirement = one.requirement;
    let _ = write!(
        out,
        "\n<details>\n<summary><b>{}</b> {} <i>({})</i></summary>\n\n{}\n",
        requirement.id,
        html(requirement.title),
        requirement.level.name(),
        prose(requirement.statement)
    );
    for (index, failure) in one.failures.iter().enumerate() {
        if one.failures.len() > 1 {
            let _ = writeln!(out, "\n#### Case {}", index + 1);
        }
        case(out, failure);
    }
    let shown = one.failures.len() as u64;
    if one.failed_cases > shown.max(1) {
        let _ = writeln!(
            out,
            "\n{} of {} failed; {} shown.",
            number(one.failed_cases),
            count(one.cases, "case"),
            number(shown)
        );
    }
    let _ = write!(
        out,
        "\n- **why** {}\n- **fix** {}\n- **source** {}\n\n</details>\n",
        prose(requirement.why),
        prose(requirement.fix),
        inline(&source(requirement.source))
    );
}

fn case(out: &mut String, failure: &Failure) {
    let callback = failure
        .callback
        .map(|name| format!(" ({})", inline(name)))
        .unwrap_or_default();
    let known = failure.known.as_ref().map_or("", |_| ", known");
    let _ = write!(
        out,
        "\n- **case** {}{callback}{known}\n{}- **expected** {}\n- **observed** {}\n",
        inline(&failure.case),
        steps(&failure.steps),
        inline(&failure.expected),
        inline(&failure.observed)
    );
    block(out, "request", "http", &failure.request);
    block(out, "response", "http", &failure.response);
    match (&failure.diff, &failure.control) {
        (Some(diff), _) => block(out, "against its accepted control", "diff", &focus(diff)),
        (None, Some(control)) => block(out, "accepted control", "http", control),
        (None, None) => {}
    }
    block(out, "repeat", "sh", &failure.repeat);
    block(out, "curl", "sh", &failure.curl);
}

/// The way to a failure of state, step by step.
fn steps(steps: &[String]) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let lines = steps.iter().zip(1..);
    let lines: String = lines
        .map(|(step, number)| format!("  {number}. {}\n", inline(step)))
        .collect();
    format!("- **steps**\n{lines}")
}

/// A fenced code block; the fence is longer than any run of backticks inside.
fn block(out: &mut String, label: &str, language: &str, text: &str) {
    let (kept, left_off) = cut(text, MOST_BYTES, MOST_LINES);
    let kept = lines(kept);
    let fence = "`".repeat(longest_run(&kept, '`').max(2) + 1);
    let _ = write!(out, "\n**{label}**\n\n{fence}{language}\n{kept}\n{fence}\n");
    if let Some(note) = text::left_off(left_off) {
        let _ = writeln!(out, "\n{note}");
    }
}

fn reasons(out: &mut String, title: &str, groups: &[Shared<'_>]) {
    if groups.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n### {title}\n");
    for shared in groups {
        let _ = writeln!(out, "- {}: {}", shared.ids(), inline(shared.reason));
    }
}

fn cut_by_budget(out: &mut String, outcome: &Outcome) {
    let cut = tally::cut(outcome);
    if cut.is_empty() {
        return;
    }
    out.push_str(
        "\n### Cut by the time budget\n\n| requirement | cases done | cut |\n|---|--:|--:|\n",
    );
    for one in cut {
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            one.requirement.id,
            number(one.cases),
            number(one.cut)
        );
    }
}

fn latencies(out: &mut String, outcome: &Outcome) {
    let rows = latency::rows(&outcome.latencies);
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n### {}\n\n| callback | {} |\n|---|{}",
        inline(&latency::title(&outcome.latencies)),
        latency::HEADINGS.join(" | "),
        "--:|".repeat(latency::HEADINGS.len())
    );
    for (callback, cells) in rows {
        let _ = writeln!(out, "| {} | {} |", inline(callback), cells.join(" | "));
    }
}

fn flaky(out: &mut String, outcome: &Outcome) {
    if let Some(flaky) = outcome.flaky.as_ref().filter(|flaky| flaky.counts) {
        let _ = writeln!(out, "\n### Flaky\n\n{}", inline(&flaky.sentence()));
    }
}

fn notices(out: &mut String, outcome: &Outcome) {
    if outcome.notices.is_empty() {
        return;
    }
    out.push_str("\n### Notices\n\n");
    for notice in &outcome.notices {
        let _ = writeln!(out, "- {}", inline(notice));
    }
}

fn foot(out: &mut String, outcome: &Outcome) {
    let run = &outcome.run;
    let _ = writeln!(
        out,
        "\nacgw {}, profile {}, {}, seed `{:016x}`, {}, {}.",
        env!("CARGO_PKG_VERSION"),
        run.profile,
        if run.write {
            "writes allowed"
        } else {
            "reads only"
        },
        run.seed,
        count(run.exchanges, "exchange"),
        span(run.duration)
    );
}

/// Prose on one line in which no character is markup.
pub(super) fn inline(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in one_line(text).chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A forge turns these into a mention or a reference to an issue.
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '|' | '$' | '!' => {
                escaped.push('\\');
                escaped.push(character);
            }
            character => escaped.push(character),
        }
    }
    escaped
}

/// Prose of the register: like [`inline`], but what stands between backticks is code.
fn prose(text: &str) -> String {
    in_turn(text, inline, code)
}

/// Prose of the register inside an HTML tag.
fn html(text: &str) -> String {
    let escape = |text: &str| {
        one_line(text)
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    in_turn(text, escape, |code| {
        format!("<code>{}</code>", escape(code))
    })
}

/// What stands outside backticks in one way, what stands between them in another.
fn in_turn(
    text: &str,
    outside: impl Fn(&str) -> String,
    inside: impl Fn(&str) -> String,
) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        // The backticks do not pair.
        return outside(text);
    }
    let shown = pieces.iter().enumerate().map(|(index, piece)| {
        if index.is_multiple_of(2) {
            outside(piece)
        } else {
            inside(piece)
        }
    });
    shown.collect()
}

/// A code span; its backticks are more than any run inside.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text);
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    let space = if text.contains('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}
