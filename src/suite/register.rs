//! The register: every requirement, and how requirements are selected.

use std::sync::LazyLock;

use super::checks;
use super::options::Profile;
use super::requirement::Requirement;

/// Every requirement, by area and number.
pub fn all() -> &'static [&'static Requirement] {
    static ALL: LazyLock<Vec<&'static Requirement>> = LazyLock::new(|| {
        let mut all: Vec<&'static Requirement> =
            checks::REQUIREMENTS.iter().copied().flatten().collect();
        all.sort_by_key(|requirement| (requirement.area(), requirement.id));
        all
    });
    &ALL
}

/// The requirement with this id, whatever the case of its letters.
pub fn find(id: &str) -> Option<&'static Requirement> {
    all()
        .iter()
        .copied()
        .find(|requirement| requirement.id.eq_ignore_ascii_case(id))
}

/// Why nothing is selected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// A pattern that matches no requirement.
    #[error("{0:?} matches no requirement{tip}", tip = suggestion(.0))]
    Unknown(String),
    /// Patterns that leave nothing.
    #[error(
        "of the profile {} no requirement is left: {}", .0.name(), match .0 {
            Profile::Verification => "--only names none that Acronis verifies, or --skip takes away what is named",
            Profile::Full => "--skip takes away all that is to be run",
        }
    )]
    Nothing(Profile),
}

/// The requirements of a profile that match one of `only` (all, when there is none) and none of `skip`.
///
/// A pattern is an id or a glob: `*` stands for any text, `?` for one character; case makes no difference.
///
/// # Errors
/// When a pattern matches no requirement at all, and when none is left.
pub fn select(
    only: &[String],
    skip: &[String],
    profile: Profile,
) -> Result<Vec<&'static Requirement>, SelectError> {
    for pattern in only.iter().chain(skip) {
        if !all()
            .iter()
            .any(|requirement| matches(pattern, requirement.id))
        {
            return Err(SelectError::Unknown(pattern.clone()));
        }
    }
    let selected: Vec<_> = (all().iter().copied())
        .filter(|requirement| profile == Profile::Full || requirement.verification)
        .filter(|requirement| only.is_empty() || matches_any(only, requirement.id))
        .filter(|requirement| !matches_any(skip, requirement.id))
        .collect();
    match selected.is_empty() {
        true => Err(SelectError::Nothing(profile)),
        false => Ok(selected),
    }
}

/// Whether one of the patterns matches an id.
pub(crate) fn matches_any(patterns: &[String], id: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, id))
}

fn suggestion(pattern: &str) -> String {
    let area = pattern.split(['-', '*', '?']).next().unwrap_or_default();
    let near: Vec<&str> = all()
        .iter()
        .map(|requirement| requirement.id)
        .filter(|id| {
            !area.is_empty()
                && id
                    .to_ascii_lowercase()
                    .starts_with(&area.to_ascii_lowercase())
        })
        .collect();
    match (near.first(), near.last()) {
        (Some(first), Some(last)) => format!("; of this area there are {first} to {last}"),
        _ => {
            let areas: Vec<&str> = super::requirement::Area::ALL
                .iter()
                .map(|area| area.code())
                .collect();
            format!(
                "; the areas are {}, and `acgw explain` lists every requirement",
                areas.join(", ")
            )
        }
    }
}

/// Whether a glob matches a whole text; case makes no difference.
fn matches(pattern: &str, text: &str) -> bool {
    fn rest(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', after)) => (0..=text.len()).any(|skipped| rest(after, &text[skipped..])),
            Some((b'?', after)) => text
                .split_first()
                .is_some_and(|(_, text)| rest(after, text)),
            Some((byte, after)) => text
                .split_first()
                .is_some_and(|(first, text)| first.eq_ignore_ascii_case(byte) && rest(after, text)),
        }
    }
    rest(pattern.as_bytes(), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::suite::requirement::Area;

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut seen = HashSet::new();
        for requirement in all() {
            assert!(seen.insert(requirement.id), "{} twice", requirement.id);
            let (area, number) = requirement.id.split_once('-').expect("a dash");
            assert!(
                Area::ALL.iter().any(|known| known.code() == area),
                "{}",
                requirement.id
            );
            assert!(
                number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit()),
                "{}",
                requirement.id
            );
        }
    }

    #[test]
    fn every_requirement_has_a_check_or_a_reason_why_not() {
        for requirement in all() {
            let checked = checks::all().iter().any(|check| check.id == requirement.id);
            assert_eq!(
                checked,
                requirement.unobservable.is_none(),
                "{}",
                requirement.id
            );
        }
    }

    #[test]
    fn every_check_is_of_a_requirement_and_of_one_only() {
        let mut seen = HashSet::new();
        for check in checks::all() {
            assert!(find(check.id).is_some(), "{}", check.id);
            assert!(seen.insert(check.id), "{} twice", check.id);
        }
    }

    #[test]
    fn undocumented_behaviour_is_never_a_must() {
        for requirement in all() {
            let documented = requirement.source != "good practice";
            assert!(
                documented || requirement.level == crate::suite::Level::Hardening,
                "{}",
                requirement.id
            );
        }
    }

    #[test]
    fn patterns() {
        let ids = |only: &str| -> Vec<&str> {
            let only = [only.to_owned()];
            let selected = select(&only, &[], Profile::Full).expect("a known pattern");
            selected.iter().map(|requirement| requirement.id).collect()
        };
        assert_eq!(ids("jwt-01"), ["JWT-01"]);
        assert!(ids("JWT-*").len() > 15);
        assert!(ids("*-01").len() > 5);
        assert!(select(&["JWT-99".to_owned()], &[], Profile::Full).is_err());
        assert!(select(&[], &["NOPE".to_owned()], Profile::Full).is_err());
    }
}
