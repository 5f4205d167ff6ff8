//! A file of known failures, brought up to date with what a run found. What somebody wrote into it stays: reasons, dates, order
//! and comments.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use crate::cli::config;
use crate::cli::usage::UsageError;
use crate::report::text::one_line;
use crate::suite::baseline::comes_and_goes;
use crate::suite::outcome::RequirementOutcome;
use crate::suite::{Baseline, Fate, KnownFailure, Level, Outcome, State};

/// What stands above the entries of a new file.
const HEAD: &str = "\
# Known failures of a callback handler, for `acgw check --baseline`. They are looked for and shown, and do not count.
# An entry that nothing fails by any more fails the run, and so does one past its `until`.
# callback: left out, the entry holds for all of them. until: the last day (UTC), for example 2027-01-31.
";
/// Most characters of an observation in a comment.
const MOST: usize = 120;

/// The text of an updated file, and what is different in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Entries that are new.
    pub added: usize,
    /// Entries that were taken out, for nothing fails by them any more.
    pub removed: usize,
    /// Entries that were left as they were.
    pub kept: usize,
}

/// Brings a file up to date: takes out what does not fail any more and adds what fails and is not in it. `old` is the file as it
/// is, `other` are known failures of another file, whose reasons are taken over.
///
/// # Errors
/// When the old text is no TOML.
pub fn update(
    name: &str,
    old: Option<(&str, &Baseline)>,
    other: &Baseline,
    outcome: &Outcome,
) -> Result<Written, UsageError> {
    let nothing = Baseline::default();
    let (text, before) = old.unwrap_or((HEAD, &nothing));
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        let place = config::place(text, error.span().map_or(0, |span| span.start));
        UsageError::new(format!("{name}:{place}: {}", error.message()))
    })?;
    let head = take_head(&mut document);
    let fates = before.judge(outcome);
    let stale: Vec<bool> = fates
        .iter()
        .map(|judged| judged.fate == Fate::Stale)
        .collect();
    let known = document
        .entry("known")
        .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(tables) = known.as_array_of_tables_mut() else {
        return Err(UsageError::new(format!(
            "{name}: write every entry as a table, [[known]], to have the file brought up to date"
        )));
    };
    let mut place = 0;
    tables.retain(|_| {
        place += 1;
        !stale[place - 1]
    });
    let kept = tables.len();
    for found in failing(outcome) {
        if before.entries().iter().any(|entry| covers(entry, &found.0)) {
            continue;
        }
        let (failure, comment) = found;
        let taken_over = (other.entries().iter()).find(|entry| covers(entry, &failure));
        tables.push(table(taken_over.unwrap_or(&failure), &comment));
    }
    Ok(Written {
        added: tables.len() - kept,
        removed: stale.iter().filter(|stale| **stale).count(),
        kept,
        text: head + &document.to_string(),
    })
}

/// What stands above all entries, and belongs to none of them: it must not go with the first.
fn take_head(document: &mut DocumentMut) -> String {
    let first = document
        .get_mut("known")
        .and_then(Item::as_array_of_tables_mut)
        .and_then(|tables| tables.get_mut(0));
    let Some(first) = first else {
        let head = document.trailing().as_str().unwrap_or_default().to_owned();
        document.set_trailing("");
        return head;
    };
    let above = first.decor().prefix().and_then(|above| above.as_str());
    let above = above.unwrap_or_default().to_owned();
    // A comment belongs to the entry unless a blank line parts them.
    let end = above.rfind("\n\n").map_or(0, |end| end + 1);
    first.decor_mut().set_prefix(&above[end..]);
    above[..end].to_owned()
}

/// Whether an entry is about a failure, whatever its date.
fn covers(entry: &KnownFailure, failure: &KnownFailure) -> bool {
    entry.requirement == failure.requirement
        && (entry.callback.is_none() || entry.callback == failure.callback)
}

/// What fails, and obligations that are blocked, each with a comment that says what was seen.
fn failing(outcome: &Outcome) -> Vec<(KnownFailure, String)> {
    let day = outcome.run.started_at.strftime("%Y-%m-%d");
    let entry = |one: &RequirementOutcome, callback: Option<&str>, seen: &str| {
        let requirement = one.requirement;
        let failure = KnownFailure {
            requirement: requirement.id.to_owned(),
            callback: callback.map(str::to_owned),
            reason: format!("found on {day}, not looked into yet"),
            until: None,
        };
        let comment = format!(
            "\n# {} ({})\n# {}\n",
            one_line(requirement.title),
            requirement.level.name(),
            short(seen)
        );
        (failure, comment)
    };
    let mut found = Vec::new();
    for one in &outcome.requirements {
        match &one.state {
            State::Failed if comes_and_goes(one.requirement.id) => {
                found.push(entry(one, None, &observed(one, None)));
            }
            State::Failed => {
                for of in one.callbacks.iter().filter(|of| of.failed > 0) {
                    found.push(entry(one, of.callback, &observed(one, of.callback)));
                }
            }
            State::Blocked(reason) if one.requirement.level == Level::Must => {
                found.push(entry(one, None, &format!("blocked: {reason}")));
            }
            _ => {}
        }
    }
    found
}

/// What was observed of a requirement first, with this callback if it has one.
fn observed(one: &RequirementOutcome, callback: Option<&str>) -> String {
    let mut failures = one.failures.iter();
    let failure = failures.find(|failure| callback.is_none() || failure.callback == callback);
    failure.map_or_else(
        || "failed".to_owned(),
        |failure| format!("{}: {}", failure.case, failure.observed),
    )
}

fn short(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.into_owned(),
    }
}

fn table(entry: &KnownFailure, comment: &str) -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix(comment);
    table.insert("requirement", value(&entry.requirement));
    if let Some(callback) = &entry.callback {
        table.insert("callback", value(callback));
    }
    table.insert("reason", value(&entry.reason));
    if let Some(until) = entry.until.and_then(|until| until.to_string().parse().ok()) {
        table.insert("until", value::<toml_edit::Datetime>(until));
    }
    table
}
