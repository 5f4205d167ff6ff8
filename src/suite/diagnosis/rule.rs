//! Rules, and what they make of a run.

use super::evidence::Evidence;
use super::misfire::MISFIRES;
use super::{answers, credentials, input, state, token};
use crate::suite::outcome::Outcome;

/// A cause that would explain failures, and what to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// A name that never changes, for example `token-never-verified`.
    pub name: &'static str,
    /// The cause and what to change, in words.
    pub text: String,
    /// The failed requirements that it explains, in the register's order.
    pub explains: Vec<&'static str>,
}

/// A pattern and the cause that it points to.
pub(super) struct Rule {
    /// The cause's name.
    pub name: &'static str,
    /// The requirements whose failure it explains.
    pub explains: &'static [&'static str],
    /// Whether a run shows the pattern.
    pub when: fn(&Evidence<'_>) -> bool,
    /// The cause and what to change.
    pub text: &'static str,
}

/// All rules: of those about the same requirements the one that explains most comes first.
fn rules() -> impl Iterator<Item = &'static Rule> {
    let all = [
        token::RULES,
        credentials::RULES,
        answers::RULES,
        input::RULES,
        state::RULES,
    ];
    all.into_iter().flatten()
}

/// A cause that a pattern of failures may point to.
#[derive(Debug, Clone, Copy)]
pub struct KnownCause {
    /// Its name, as reports say it.
    pub name: &'static str,
    /// What it is, and what to change.
    pub text: &'static str,
    /// The requirements whose failure it would explain; none where it may be any.
    pub explains: &'static [&'static str],
}

/// All causes that a pattern of failures may point to.
pub fn causes() -> impl Iterator<Item = KnownCause> {
    let misfires = MISFIRES.iter().map(|kind| KnownCause {
        name: kind.name,
        text: kind.text,
        explains: &[],
    });
    misfires.chain(rules().map(|rule| KnownCause {
        name: rule.name,
        text: rule.text,
        explains: rule.explains,
    }))
}

/// The causes that a run points to. What an earlier one explains needs no other.
pub(crate) fn diagnose(outcome: &Outcome) -> Vec<Cause> {
    let evidence = Evidence(outcome);
    let mut found: Vec<Cause> = Vec::new();
    let all = outcome.requirements.iter().map(|one| one.requirement.id);
    let failed: Vec<&'static str> = all.filter(|id| evidence.failed(id)).collect();
    for kind in MISFIRES {
        let explains = failed.iter().filter(|id| kind.explains(&evidence, id));
        let explains: Vec<&'static str> = explains.copied().collect();
        if !explains.is_empty() {
            found.push(Cause {
                name: kind.name,
                text: kind.text.to_owned(),
                explains,
            });
        }
    }
    let misfired: Vec<&'static str> = found.iter().flat_map(|one| one.explains.clone()).collect();
    for rule in rules() {
        if !(rule.when)(&evidence) {
            continue;
        }
        let explained = |id: &&&str| rule.explains.contains(*id) && !misfired.contains(*id);
        let explains: Vec<&'static str> = failed.iter().filter(explained).copied().collect();
        let is_new = |id: &&str| !found.iter().any(|cause| cause.explains.contains(id));
        if explains.iter().any(is_new) {
            found.push(Cause {
                name: rule.name,
                text: rule.text.to_owned(),
                explains,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::suite::register;

    #[test]
    fn rules_have_names_of_their_own_and_explain_what_exists() {
        let mut names = HashSet::new();
        for rule in rules() {
            assert!(names.insert(rule.name), "{} twice", rule.name);
            assert!(!rule.explains.is_empty(), "{}", rule.name);
            for id in rule.explains {
                assert!(register::find(id).is_some(), "{}: {id}", rule.name);
            }
            assert!(rule.text.ends_with('.'), "{}", rule.name);
        }
    }
}
