//! The flow that Acronis verifies on the terminal: a line a step as it is taken, and all of it again at the end.
//!
//! ```text
//!   1  passed     enablement.read: ask whose the partner's credentials are
//!                 expected  success: the organisation of the credentials, not enabled
//!                 observed  status 200: not enabled (0.9 ms)
//! ```

use std::fmt::Write as _;

use super::live::short;
use crate::report::card::WIDTH;
use crate::report::flow::{against, methods, observed, title};
use crate::report::palette::{Ink, Palette};
use crate::report::text::{one_line, wrap};
use crate::suite::outcome::RunInfo;
use crate::suite::{Flow, FlowStep, ItemState, StepState};

/// Width of a number and a state.
const HEAD: usize = 17;
/// Width of a number in the list of points.
const ITEM: usize = 4;

/// The line of a step as it is taken.
pub(super) fn line(palette: Palette, number: usize, of: usize, step: &FlowStep) -> String {
    let digits = of.to_string().len();
    let state = palette.paint(ink(&step.state), &format!("{:<9}", step.state.name()));
    let seen = palette.paint(
        Ink::Faint,
        &format!("→ {}{}", short(&observed(step)), against(step)),
    );
    format!(
        "step {number:>digits$} of {of}  {state}  {} {seen}\n",
        title(step)
    )
}

/// All steps, and the points of the list that they show.
pub(super) fn page(palette: Palette, run: &RunInfo, flow: &Flow) -> String {
    let mut out = String::new();
    let heading = format!("The flow that Acronis verifies: {}", methods(flow));
    let _ = writeln!(out, "\n{}", palette.paint(Ink::Heading, &heading));
    let facts = format!("{}, {}", one_line(&run.target), run.started_at);
    let _ = writeln!(out, "{}\n", palette.paint(Ink::Faint, &facts));
    for (number, step) in flow.numbered() {
        let state = palette.paint(ink(&step.state), &format!("{:<9}", step.state.name()));
        for (index, line) in wrap(&title(step), WIDTH - HEAD).iter().enumerate() {
            let _ = match index {
                0 => writeln!(out, " {number:>3}  {state}  {line}"),
                _ => writeln!(out, "{:HEAD$}{line}", ""),
            };
        }
        field(&mut out, palette, "expected", step.expected);
        let label = match step.observed {
            Some(_) => "observed",
            None => "reason",
        };
        field(&mut out, palette, label, &(observed(step) + &against(step)));
    }
    let _ = writeln!(
        out,
        "\n{}\n",
        palette.paint(Ink::Heading, "What Acronis verifies")
    );
    for (item, state) in flow.items() {
        let ink = match state {
            ItemState::Passed => Ink::Good,
            ItemState::Failed => Ink::Bad,
            ItemState::NotShown => Ink::Warn,
        };
        let state = palette.paint(ink, &format!("{:<9}", state.name()));
        let title = item.title(flow.enablement);
        for (index, line) in wrap(&title, WIDTH - HEAD).iter().enumerate() {
            let _ = match index {
                0 => writeln!(out, "{:>ITEM$}  {state}  {line}", item.id()),
                _ => writeln!(out, "{:HEAD$}{line}", ""),
            };
        }
    }
    out
}

fn field(out: &mut String, palette: Palette, label: &str, text: &str) {
    for (index, line) in wrap(text, WIDTH - HEAD - 10).iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        let line = palette.paint(Ink::Faint, &format!("{label:<10}{line}"));
        let _ = writeln!(out, "{:HEAD$}{line}", "");
    }
}

fn ink(state: &StepState) -> Ink {
    match state {
        StepState::Passed => Ink::Good,
        StepState::Failed => Ink::Bad,
        StepState::Advice | StepState::NotShown(_) => Ink::Warn,
    }
}
