//! Known failures in words, the same in every report. What became of them was decided by the suite.

use super::text::{count, one_line};
use crate::suite::{Fate, Judged, Outcome};

/// The heading of what is told of a baseline.
pub const TITLE: &str = "Known failures";

/// What became of an entry, for example `failed again, 3 cases`.
pub fn fate(judged: &Judged) -> String {
    match &judged.fate {
        Fate::Failed(cases) => format!("failed again, {}", count(*cases, "case")),
        Fate::Blocked => "blocked again".to_owned(),
        Fate::Stale => "does not fail any more: take it out of the baseline".to_owned(),
        Fate::Past => match judged.known.until {
            Some(until) => {
                format!("was known until {until}, which is over: mend it or decide anew")
            }
            None => "is over".to_owned(),
        },
        Fate::NotJudged(why) => format!("not judged: {}", one_line(why)),
    }
}

/// An entry and what became of it, in one line.
pub fn line(judged: &Judged) -> String {
    format!("{}: {}", judged.known.name(), told(judged))
}

/// What became of an entry, and why it is there.
pub fn told(judged: &Judged) -> String {
    let known = &judged.known;
    let until = match known.until {
        Some(until) if judged.fate != Fate::Past => format!(", until {until}"),
        _ => String::new(),
    };
    format!(
        "{} (known{until}: {})",
        fate(judged),
        one_line(&known.reason)
    )
}

/// What was observed first of a known failure that came again.
pub fn observed<'a>(outcome: &'a Outcome, judged: &Judged) -> Option<&'a str> {
    let known = &judged.known;
    let mut of = outcome.requirements.iter();
    let one = of.find(|one| one.requirement.id == known.requirement)?;
    let with =
        |callback: Option<&str>| known.callback.is_none() || known.callback.as_deref() == callback;
    let failure = one.failures.iter().find(|failure| with(failure.callback))?;
    Some(&failure.observed)
}

/// The entries that fail the run, in a sentence; `None` where there are none.
pub fn untrue(outcome: &Outcome) -> Option<String> {
    let names = |wanted: &Fate| -> Vec<String> {
        let of = outcome.untrue_entries();
        let of = of.filter(|judged| judged.fate == *wanted);
        of.map(|judged| judged.known.name()).collect()
    };
    let (stale, past) = (names(&Fate::Stale), names(&Fate::Past));
    let mut told = Vec::new();
    if !stale.is_empty() {
        told.push(format!(
            "known and not failing any more: {}",
            stale.join(", ")
        ));
    }
    if !past.is_empty() {
        told.push(format!("past the date: {}", past.join(", ")));
    }
    (!told.is_empty()).then(|| told.join("; "))
}
