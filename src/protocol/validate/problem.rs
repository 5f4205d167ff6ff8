//! One problem of a body, and how the violations of a schema become problems.

use std::fmt;

use crate::protocol::schema::Violation;
use crate::protocol::text::quoted;

/// What sort of problem it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The body is not one JSON text in UTF-8.
    Json,
    /// A key stands twice in an object: readers differ in which one they take.
    DuplicateKey,
    /// The body breaks the schema.
    Schema,
    /// The callback or the response's type is none that is documented.
    Unknown,
}

/// One thing that is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What sort of problem it is.
    pub kind: ProblemKind,
    /// JSON pointer to the place; empty for the body as a whole.
    pub pointer: String,
    /// Line and column, counted from 1, where the body is not JSON.
    pub position: Option<(usize, usize)>,
    /// What is wrong, in words.
    pub message: String,
}

impl Problem {
    pub(super) fn new(
        kind: ProblemKind,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            pointer: pointer.into(),
            position: None,
            message: message.into(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some((line, column)) => write!(f, "line {line}, column {column}: {}", self.message),
            None if self.pointer.is_empty() => write!(f, "(root): {}", self.message),
            None => write!(f, "{}: {}", self.pointer, self.message),
        }
    }
}

/// One problem for each defect. A schema is made of several, so that a value may break it in several ways at once: of the
/// violations of one value the most telling is kept. A missing key and an undocumented one that only spells it otherwise are
/// one defect, too.
pub(super) fn from_violations(violations: &[Violation]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen = Vec::new();
    for violation in violations {
        let path = violation.instance_path.as_str();
        if !violation.keys.is_empty() || seen.contains(&path) {
            continue;
        }
        seen.push(path);
        let most_telling = violations
            .iter()
            .filter(|other| other.instance_path == path && other.keys.is_empty())
            .min_by_key(|other| rank(other.keyword()));
        if let Some(violation) = most_telling {
            problems.push(Problem::new(ProblemKind::Schema, path, &violation.message));
        }
    }
    problems.extend(keys(violations));
    problems.sort_by_cached_key(|problem| {
        let steps = problem.pointer.split('/');
        // Item 2 comes before item 10.
        steps
            .map(|step| (step.parse::<u32>().ok(), step.to_owned()))
            .collect::<Vec<_>>()
    });
    problems
}

/// Which of several violations of one value tells most: lower is better.
fn rank(keyword: &str) -> usize {
    [
        "falseSchema",
        "type",
        "minLength",
        "const",
        "enum",
        "format",
    ]
    .iter()
    .position(|known| *known == keyword)
    .unwrap_or(usize::MAX)
}

/// The problems with keys: missing, undocumented or misspelt.
fn keys(violations: &[Violation]) -> Vec<Problem> {
    let of = |keyword: &str| {
        let mut keys: Vec<(&str, &str)> = violations
            .iter()
            .filter(|violation| violation.keyword() == keyword)
            .flat_map(|violation| {
                let path = violation.instance_path.as_str();
                violation.keys.iter().map(move |key| (path, key.as_str()))
            })
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    };
    let mut missing = of("required");
    let mut problems = Vec::new();
    for (path, key) in of("additionalProperties") {
        let meant = missing
            .iter()
            .position(|(other, wanted)| *other == path && same_letters(key, wanted));
        let message = match meant.map(|at| missing.remove(at)) {
            Some((_, wanted)) => format!("the key {} should read {}", quoted(key), quoted(wanted)),
            None => format!("the key {} is not documented here", quoted(key)),
        };
        problems.push(Problem::new(ProblemKind::Schema, child(path, key), message));
    }
    problems.extend(missing.into_iter().map(|(path, key)| {
        Problem::new(
            ProblemKind::Schema,
            path,
            format!("the key {} is missing", quoted(key)),
        )
    }));
    problems
}

/// Whether two keys differ in case, `_`, `-` and spaces alone.
fn same_letters(a: &str, b: &str) -> bool {
    let letters = |key: &str| -> String {
        key.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    letters(a) == letters(b)
}

/// The JSON pointer to a key of the object at the path.
pub(super) fn child(path: &str, key: &str) -> String {
    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"))
}
