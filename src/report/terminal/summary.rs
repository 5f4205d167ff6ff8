//! What a run leaves on the terminal: advice, failures, the areas, the reasons, and the verdict as the last line.
//!
//! ```text
//!                                             passed  failed  advice  blocked  not exercised
//! HTTP   HTTP                                     11       ·       1        ·              ·
//! TLS    Transport security                        ·       ·       ·        ·              2
//! …
//! DOES NOT CONFORM  1 requirement failed (JWT-04); 58 of 61 requirements exercised
//! ```

use std::fmt::Write as _;

use super::flow;
use super::live::short;
use crate::report::baseline;
use crate::report::card::{WIDTH, card};
use crate::report::diagnosis::{DIAGNOSIS, explains};
use crate::report::latency;
use crate::report::palette::{Ink, Palette};
use crate::report::tally::{self, AreaTally, Shared};
use crate::report::text::{count, number, one_line, span, wrap, wrap_pieces};
use crate::report::verdict::{Tone, verdict};
use crate::suite::outcome::RequirementOutcome;
use crate::suite::{Cause, Latencies, Outcome};

/// The columns of the table by area: a heading, how to read it off, and the colour of figures other than 0.
type Column = (&'static str, fn(&AreaTally) -> usize, Option<Ink>);
const COLUMNS: [Column; 6] = [
    ("passed", |tally| tally.passed, None),
    ("failed", |tally| tally.failed, Some(Ink::Bad)),
    ("advice", |tally| tally.advice, Some(Ink::Warn)),
    (KNOWN, |tally| tally.known, Some(Ink::Warn)),
    ("blocked", |tally| tally.blocked, Some(Ink::Warn)),
    ("not exercised", |tally| tally.not_exercised, None),
];
/// The column that only a baseline fills.
const KNOWN: &str = "known";
/// Width of the area's code and title.
const AREA: usize = 27;

/// All that is shown when a run is over.
pub fn summary(palette: Palette, outcome: &Outcome) -> String {
    let mut page = Page {
        palette,
        out: String::new(),
    };
    page.diagnosis(&outcome.diagnosis);
    let advice = tally::advice(outcome);
    page.cards("Advice: does not count for the verdict", Ink::Warn, &advice);
    let failures = tally::failures(outcome);
    page.cards("Failed", Ink::Bad, &failures);
    page.known(outcome);
    page.areas(outcome);
    page.reasons("Blocked", &tally::blocked(outcome));
    page.reasons("Not exercised", &tally::not_exercised(outcome));
    page.cut_by_budget(&tally::cut(outcome));
    page.latencies(&outcome.latencies);
    page.flaky(outcome);
    page.notices(&outcome.notices);
    if let Some(flow) = &outcome.flow {
        page.out.push_str(&flow::page(palette, &outcome.run, flow));
    }
    page.verdict(outcome);
    page.out
}

struct Page {
    palette: Palette,
    out: String,
}

impl Page {
    fn heading(&mut self, ink: Ink, title: &str) {
        let rule = "─".repeat(WIDTH.saturating_sub(title.chars().count() + 4));
        let title = self.palette.paint(ink, title);
        let (before, after) = (
            self.palette.paint(Ink::Faint, "──"),
            self.palette.paint(Ink::Faint, &rule),
        );
        let _ = writeln!(self.out, "\n{before} {title} {after}");
    }

    fn cards(&mut self, title: &str, ink: Ink, failed: &[&RequirementOutcome]) {
        if failed.is_empty() {
            return;
        }
        self.heading(
            ink,
            &format!("{title} ({})", count(failed.len() as u64, "requirement")),
        );
        for one in failed {
            let _ = write!(self.out, "\n{}", card(self.palette, ink, one));
        }
    }

    /// The causes that would explain what failed.
    fn diagnosis(&mut self, causes: &[Cause]) {
        if causes.is_empty() {
            return;
        }
        self.heading(Ink::Heading, DIAGNOSIS);
        for cause in causes {
            self.out.push('\n');
            for line in wrap(&one_line(&cause.text), WIDTH - 2) {
                let _ = writeln!(self.out, "  {line}");
            }
            for line in wrap(&explains(cause), WIDTH - 4) {
                let _ = writeln!(self.out, "    {}", self.palette.paint(Ink::Faint, &line));
            }
        }
    }

    /// Every entry of the baseline, and what came of it.
    fn known(&mut self, outcome: &Outcome) {
        if outcome.baseline.is_empty() {
            return;
        }
        self.heading(Ink::Warn, baseline::TITLE);
        self.out.push('\n');
        for judged in &outcome.baseline {
            let ink = match judged.fate.fails() {
                true => Ink::Bad,
                false => Ink::Id,
            };
            let name = self.palette.paint(ink, &judged.known.name());
            let _ = writeln!(self.out, "  {name}  {}", baseline::fate(judged));
            if let Some(observed) = baseline::observed(outcome, judged) {
                let _ = writeln!(self.out, "    observed: {}", short(observed));
            }
            for line in wrap(&one_line(&judged.known.reason), WIDTH - 4) {
                let _ = writeln!(self.out, "    {}", self.palette.paint(Ink::Faint, &line));
            }
        }
    }

    fn areas(&mut self, outcome: &Outcome) {
        let tallies = tally::by_area(outcome);
        if outcome.summary().exercised() == 0 {
            // A table of nothing.
            return;
        }
        let with_known = !outcome.baseline.is_empty();
        let columns = || (COLUMNS.iter()).filter(|(name, ..)| *name != KNOWN || with_known);
        let mut head = format!("{:<AREA$}", "");
        for (name, ..) in columns() {
            let _ = write!(head, "  {name}");
        }
        let head = self.palette.paint(Ink::Faint, &head);
        let _ = writeln!(self.out, "\n{head}");
        for tally in &tallies {
            // What stands in parentheses is for those who do not know the code; here the code stands beside it.
            let title = tally.area.title().split(" (").next().unwrap_or_default();
            let mut row = format!("{:<6} {title:<20}", tally.area.code());
            for (name, figure, ink) in columns() {
                let _ = write!(row, "  {}", self.figure(figure(tally), name.len(), *ink));
            }
            let _ = writeln!(self.out, "{}", row.trim_end());
        }
    }

    /// A right-aligned figure; 0 is a dot, so that the eye finds the others.
    fn figure(&self, value: usize, width: usize, ink: Option<Ink>) -> String {
        if value == 0 {
            return self.palette.paint(Ink::Faint, &format!("{:>width$}", "·"));
        }
        let figure = format!("{value:>width$}");
        match ink {
            Some(ink) => self.palette.paint(ink, &figure),
            None => figure,
        }
    }

    fn reasons(&mut self, title: &str, groups: &[Shared<'_>]) {
        if groups.is_empty() {
            return;
        }
        let _ = writeln!(self.out, "\n{}", self.palette.paint(Ink::Heading, title));
        for shared in groups {
            self.hanging(&shared.ids(), shared.reason);
        }
    }

    /// Ids on lines of their own, and below them the reason.
    fn hanging(&mut self, ids: &str, reason: &str) {
        for line in wrap(ids, WIDTH - 2) {
            let _ = writeln!(self.out, "  {line}");
        }
        for line in wrap(&one_line(reason), WIDTH - 4) {
            let _ = writeln!(self.out, "    {}", self.palette.paint(Ink::Faint, &line));
        }
    }

    fn cut_by_budget(&mut self, cut: &[&RequirementOutcome]) {
        if cut.is_empty() {
            return;
        }
        let title = self.palette.paint(Ink::Heading, "Cut by the time budget");
        let note = "(cases done of those planned; `--budget none` does them all)";
        let _ = writeln!(self.out, "\n{title} {note}");
        let done: Vec<String> = cut
            .iter()
            .map(|one| {
                let planned = one.cases.saturating_add(one.cut);
                format!(
                    "{} {}/{}",
                    one.requirement.id,
                    number(one.cases),
                    number(planned)
                )
            })
            .collect();
        for line in wrap_pieces(done.iter().map(String::as_str), WIDTH - 2) {
            let _ = writeln!(self.out, "  {line}");
        }
    }

    fn latencies(&mut self, latencies: &Latencies) {
        let rows = latency::rows(latencies);
        if rows.is_empty() {
            return;
        }
        let title = self.palette.paint(Ink::Heading, &latency::title(latencies));
        let _ = writeln!(self.out, "\n{title}");
        let mut head = format!("  {:<28}", "");
        for name in latency::HEADINGS {
            let _ = write!(head, " {name:>7}");
        }
        let _ = writeln!(self.out, "{}", self.palette.paint(Ink::Faint, &head));
        for (callback, cells) in rows {
            let mut row = format!("  {callback:<28}");
            for (name, cell) in latency::HEADINGS.iter().zip(cells) {
                let _ = write!(row, " {cell:>width$}", width = name.len().max(7));
            }
            let _ = writeln!(self.out, "{row}");
        }
    }

    fn flaky(&mut self, outcome: &Outcome) {
        let Some(flaky) = outcome.flaky.as_ref().filter(|flaky| flaky.counts) else {
            return;
        };
        let _ = writeln!(self.out, "\n{}", self.palette.paint(Ink::Bad, "Flaky"));
        for line in wrap(&flaky.sentence(), WIDTH - 2) {
            let _ = writeln!(self.out, "  {line}");
        }
    }

    fn notices(&mut self, notices: &[String]) {
        if notices.is_empty() {
            return;
        }
        let _ = writeln!(
            self.out,
            "\n{}",
            self.palette.paint(Ink::Heading, "Notices")
        );
        for notice in notices {
            let (text, to_copy) = notice.split_once('\n').unwrap_or((notice, ""));
            for (index, line) in wrap(&one_line(text), WIDTH - 4).iter().enumerate() {
                let sign = if index == 0 { "-" } else { " " };
                let _ = writeln!(self.out, "  {sign} {line}");
            }
            // What stands on lines of its own is there to be copied, and stays whole.
            for line in to_copy.lines() {
                let _ = writeln!(self.out, "{}", one_line(line));
            }
        }
    }

    fn verdict(&mut self, outcome: &Outcome) {
        let run = &outcome.run;
        let seed = match outcome.proxied {
            None => format!("seed {:016x}, ", run.seed),
            Some(_) => String::new(),
        };
        let figures = format!(
            "{seed}{}, {}",
            count(run.exchanges, "exchange"),
            span(run.duration)
        );
        let verdict = verdict(outcome);
        let ink = match verdict.tone {
            Tone::Good => Ink::Good,
            Tone::Bad => Ink::Bad,
            Tone::Known | Tone::Open => Ink::Warn,
        };
        let _ = writeln!(
            self.out,
            "\n{}\n{}  {}",
            self.palette.paint(Ink::Faint, &figures),
            self.palette.paint(ink, verdict.word),
            verdict.detail
        );
    }
}
