//! One failed requirement as text: what was asked, what came, how to see it again and what to change.
//!
//! ```text
//! JWT-04  A corrupted signature is refused                                    must
//!
//!   case      the signature's last byte flipped (tenant_mapping.read)
//!   expected  a refusal: a status from 400 to 499
//!   observed  200 OK
//!   request
//!     │ POST /callback HTTP/1.1
//!     …
//!   why       Anybody could read the partner's customers.
//!   fix       Verify the signature before anything else.
//!   source    developer.acronis.com, page callback-handler/request-verification
//! ```

use super::diff::focus;
use super::palette::{Ink, Palette};
use super::text::{self, count, cut, lines, number, one_line, pieces, source, wrap};
use crate::suite::Failure;
use crate::suite::outcome::RequirementOutcome;

/// Width that prose is broken to: what every terminal has.
pub const WIDTH: usize = 80;
/// Most bytes shown of a request, an answer or a diff.
const MOST_BYTES: usize = 3000;
/// Most lines shown of them.
const MOST_LINES: usize = 40;
/// Width of the labels' column.
const LABEL: usize = 10;

/// The card of one failed requirement; `ink` colours its id and level.
pub fn card(palette: Palette, ink: Ink, one: &RequirementOutcome) -> String {
    let requirement = one.requirement;
    let mut card = Card {
        palette,
        text: String::new(),
    };
    card.title(
        ink,
        requirement.id,
        requirement.title,
        requirement.level.name(),
    );
    card.blank();
    if let Some((first, further)) = one.failures.split_first() {
        card.case(first);
        card.blank();
        card.further(further, one);
    }
    card.field("why", requirement.why);
    card.field("fix", requirement.fix);
    card.field("source", &source(requirement.source));
    card.text
}

/// What a case did, and with which callback.
fn what(failure: &Failure) -> String {
    match failure.callback {
        Some(callback) => format!("{} ({callback})", failure.case),
        None => failure.case.clone(),
    }
}

struct Card {
    palette: Palette,
    text: String,
}

impl Card {
    fn title(&mut self, ink: Ink, id: &str, title: &str, level: &str) {
        let title = one_line(title);
        let used = id.chars().count() + 2 + title.chars().count() + level.len();
        let gap = WIDTH.saturating_sub(used).max(2);
        self.line(&format!(
            "{}  {}{}{}",
            self.palette.paint(ink, id),
            self.palette.paint(Ink::Heading, &title),
            " ".repeat(gap),
            self.palette.paint(ink, level)
        ));
    }

    fn case(&mut self, failure: &Failure) {
        self.field("case", &what(failure));
        self.steps(&failure.steps);
        self.field("expected", &failure.expected);
        self.field("observed", &failure.observed);
        self.block("request", &failure.request);
        self.block("response", &failure.response);
        match (&failure.diff, &failure.control) {
            (Some(diff), _) => self.diff(diff),
            (None, Some(control)) => self.block("accepted control", control),
            (None, None) => {}
        }
        self.command("repeat", &failure.repeat);
        self.command("curl", &failure.curl);
    }

    /// The way to a failure of state, step by step.
    fn steps(&mut self, steps: &[String]) {
        for (index, step) in steps.iter().enumerate() {
            let label = if index == 0 { "steps" } else { "" };
            self.field(label, &format!("{}. {step}", index + 1));
        }
    }

    /// The cases after the first, in short: their evidence mostly repeats it.
    fn further(&mut self, further: &[Failure], one: &RequirementOutcome) {
        for failure in further {
            let known = match &failure.known {
                Some(_) => " (known)",
                None => "",
            };
            self.field(
                "also",
                &format!("{}: {}{known}", what(failure), failure.observed),
            );
        }
        if one.failed_cases > 1 {
            let cases = count(one.cases, "case");
            let failed = number(one.failed_cases);
            let left_out = match one.cut {
                0 => String::new(),
                cut => format!("; {} more were not sent", number(cut)),
            };
            self.field("failed", &format!("{failed} of {cases}{left_out}"));
        }
    }

    /// A label and prose beside it, broken to the width.
    fn field(&mut self, label: &str, text: &str) {
        let shown = one_line(text);
        for (index, line) in wrap(&shown, WIDTH - LABEL - 2).iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = self.palette.paint(Ink::Faint, &format!("{label:<LABEL$}"));
            self.line(&format!("  {label}{line}"));
        }
    }

    /// A label and, below it, text as it is.
    fn block(&mut self, label: &str, text: &str) {
        self.framed(label, text, |_| None);
    }

    fn diff(&mut self, diff: &str) {
        self.framed(
            "against its accepted control",
            &focus(diff),
            |line| match line.as_bytes().first() {
                Some(b'-') => Some(Ink::Removed),
                Some(b'+') => Some(Ink::Added),
                _ => None,
            },
        );
    }

    /// Lines behind a bar; behind a dotted one where a long line goes on.
    fn framed(&mut self, label: &str, text: &str, ink: impl Fn(&str) -> Option<Ink>) {
        let (kept, left_off) = cut(text, MOST_BYTES, MOST_LINES);
        self.label(label);
        for line in lines(kept).split('\n') {
            let ink = ink(line);
            for (index, piece) in pieces(line, WIDTH - 6).iter().enumerate() {
                let bar = if index == 0 { "│" } else { "┊" };
                let bar = self.palette.paint(Ink::Faint, bar);
                let piece =
                    ink.map_or_else(|| (*piece).to_owned(), |ink| self.palette.paint(ink, piece));
                self.line(format!("    {bar} {piece}").trim_end());
            }
        }
        self.left_off(left_off);
    }

    /// A command that can be copied: on one line, unframed.
    fn command(&mut self, label: &str, command: &str) {
        let (kept, left_off) = cut(command, MOST_BYTES, MOST_LINES);
        self.label(label);
        for line in lines(kept).split('\n') {
            self.line(&format!("    {line}"));
        }
        self.left_off(left_off);
    }

    fn left_off(&mut self, bytes: usize) {
        if let Some(note) = text::left_off(bytes) {
            let note = format!("    {note}");
            self.line(&self.palette.paint(Ink::Faint, &note));
        }
    }

    fn label(&mut self, label: &str) {
        self.line(&format!("  {}", self.palette.paint(Ink::Faint, label)));
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.blank();
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }
}
