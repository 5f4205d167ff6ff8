//! An exchange that passed a proxy: a line, and a few more where something is wrong.
//!
//! ```text
//! 09:26:01.123Z  tenant_mapping.read          200   12 ms  ✓ 14 kept
//! 09:26:02.004Z  topology.read                200    9 ms  ✗ TOP-01
//!         TOP-01  expected  `payload` is {items, paging?}
//!                 observed  no `payload`
//! ```

use super::live::short;
use crate::report::palette::{Ink, Palette};
use crate::report::text::{milliseconds, one_line};
use crate::suite::{Level, Seen};

/// Width of the callback's column.
const CALLBACK: usize = 28;

/// The lines of one exchange, each with its line end.
pub(super) fn lines(palette: Palette, seen: &Seen) -> String {
    let status = match seen.status {
        Some(status) => status.to_string(),
        None => "-".to_owned(),
    };
    let time = jiff::Timestamp::to_string(&seen.at);
    // The time of day is enough for who looks on; reports and recordings have the day.
    let time = time.split_once('T').map_or(&*time, |(_, time)| time);
    let time: String = time.chars().filter(|one| *one != 'Z').take(12).collect();
    let mut text = format!(
        "{}  {:<CALLBACK$} {status:>3}  {:>7}  {}\n",
        palette.paint(Ink::Faint, &format!("{time:<12}Z")),
        one_line(&seen.callback),
        milliseconds(seen.took),
        conclusion(palette, seen)
    );
    for violation in &seen.violations {
        let requirement = violation.requirement;
        text.push_str(&format!(
            "        {}  expected  {}\n        {:8}  observed  {}\n",
            palette.paint(Ink::Id, &format!("{:<8}", requirement.id)),
            short(&violation.expected),
            "",
            short(&violation.observed)
        ));
    }
    for problem in &seen.problems {
        let told = format!(
            "        sender    {}: expected {}, came: {}\n",
            problem.part,
            short(&problem.expected),
            short(&problem.observed)
        );
        text.push_str(&palette.paint(Ink::Warn, &told));
    }
    text
}

/// The verdict on one exchange in a few words.
fn conclusion(palette: Palette, seen: &Seen) -> String {
    let mut told = Vec::new();
    if !seen.violations.is_empty() {
        let mut ids: Vec<&str> = Vec::new();
        ids.extend(seen.violations.iter().map(|one| one.requirement.id));
        let must =
            |one: &crate::suite::traffic::SeenViolation| one.requirement.level == Level::Must;
        let ink = match seen.violations.iter().any(must) {
            true => Ink::Bad,
            false => Ink::Warn,
        };
        told.push(palette.paint(ink, &format!("✗ {}", ids.join(", "))));
    } else if seen.unjudged.is_none() && seen.kept > 0 {
        told.push(format!(
            "{} {} kept",
            palette.paint(Ink::Good, "✓"),
            seen.kept
        ));
    }
    if let Some(why) = &seen.unjudged {
        told.push(format!(
            "{} {}",
            palette.paint(Ink::Warn, "not judged:"),
            short(why)
        ));
    } else if !seen.problems.is_empty() {
        let told_of = palette.paint(Ink::Warn, "the request is not as documented");
        told.push(told_of);
    }
    if told.is_empty() {
        told.push("nothing to judge".to_owned());
    }
    told.join("  ")
}
