//! The section of the Markdown report that a vendor can attach to a verification request: what was checked, when and how, every
//! step of the flow, and the verdict.
//!
//! ```markdown
//! ### The flow that Acronis verifies
//!
//! | # | callback | what for | expected | observed | took | result |
//! ```

use std::fmt::Write as _;

use super::flow::methods;
use super::markdown::{code, inline};
use super::text::milliseconds;
use super::verdict::verdict;
use crate::suite::{Flow, FlowStep, ItemState, Outcome, StepState};

/// Writes the section.
pub(super) fn section(out: &mut String, outcome: &Outcome, flow: &Flow) {
    let run = &outcome.run;
    let facts = [
        ("handler", code(&run.target).replace('|', "\\|")),
        ("date", code(&run.started_at.to_string())),
        (
            "checked with",
            format!("acgw {}", env!("CARGO_PKG_VERSION")),
        ),
        ("enablement methods", methods(flow)),
        ("seed", code(&format!("{:016x}", run.seed))),
    ];
    out.push_str("\n### The flow that Acronis verifies\n\n|  |  |\n|---|---|\n");
    for (name, value) in facts {
        let _ = writeln!(out, "| {name} | {value} |");
    }
    out.push_str("\n|  | what Acronis verifies | steps | result |\n|---|---|---|---|\n");
    for (item, state) in flow.items() {
        let steps = flow
            .numbered()
            .filter(|(_, step)| step.items.contains(&item));
        let steps: Vec<String> = steps.map(|(number, _)| number.to_string()).collect();
        let sign = match state {
            ItemState::Passed => "✅",
            ItemState::Failed => "❌",
            ItemState::NotShown => "⚠️",
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {sign} {} |",
            item.id(),
            inline(&item.title(flow.enablement)),
            steps.join(", "),
            state.name()
        );
    }
    out.push_str(
        "\n| step | callback | what for | expected | observed | took | result |\n|--:|---|---|---|---|--:|---|\n",
    );
    for (number, step) in flow.numbered() {
        row(out, number, step);
    }
    let verdict = verdict(outcome);
    let _ = writeln!(out, "\n**{}**: {}", verdict.word, inline(&verdict.detail));
}

fn row(out: &mut String, number: usize, step: &FlowStep) {
    let sign = match &step.state {
        StepState::Passed | StepState::Advice => "✅",
        StepState::Failed => "❌",
        StepState::NotShown(_) => "⚠️",
    };
    let mut result = format!("{sign} {}", step.state.name());
    if let Some(reason) = step.state.reason() {
        let _ = write!(result, ": {}", inline(reason));
    }
    if !step.broken.is_empty() {
        let _ = write!(result, ": {}", step.broken.join(", "));
    }
    let _ = writeln!(
        out,
        "| {number} | {} | {} | {} | {} | {} | {result} |",
        code(step.callback),
        inline(&step.action),
        inline(step.expected),
        step.observed.as_deref().map(inline).unwrap_or_default(),
        step.latency.map(milliseconds).unwrap_or_default(),
    );
}
