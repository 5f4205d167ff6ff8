//! One vector: an input, its right outcome, and what it differs in from its positive twin.

use serde_json::{Map, Value, json};

use crate::suite::check::Expect;
use crate::suite::{Level, register};

/// What a right handler does with an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expectation {
    /// It takes it.
    Accept,
    /// It refuses it.
    Reject,
    /// It takes or refuses it, as no document says which, and stays whole.
    Free,
}

/// One vector.
#[derive(Debug, Clone)]
pub(super) struct Vector {
    /// Names it for ever; unique among all files.
    pub id: String,
    /// What it is, in a few words.
    pub description: String,
    /// What a right handler does with it.
    pub expect: Expectation,
    /// What it shows; none where no requirement is about it.
    pub requirements: Vec<&'static str>,
    /// The positive that it is made from, and the places that differ.
    pub twin: Option<(String, Value)>,
    /// What goes in.
    pub input: Value,
    /// What comes out, where it is taken.
    pub result: Option<Value>,
    /// What is wrong, and where.
    pub error: Option<Value>,
    /// What a reader must know beside.
    pub note: Option<&'static str>,
}

impl From<Expect> for Expectation {
    fn from(expect: Expect) -> Self {
        match expect {
            Expect::Accept | Expect::Declared => Self::Accept,
            Expect::Refuse { .. } => Self::Reject,
            Expect::Free { .. } => Self::Free,
        }
    }
}

impl Expectation {
    fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Free => "free",
        }
    }
}

impl Vector {
    /// A vector without a twin.
    pub fn new(
        id: impl Into<String>,
        description: impl Into<String>,
        expect: Expectation,
        requirements: &[&'static str],
        input: Value,
    ) -> Self {
        Self {
            id: id.into(),
            description: description.into(),
            expect,
            requirements: requirements.to_vec(),
            twin: None,
            input,
            result: None,
            error: None,
            note: None,
        }
    }

    /// How binding it is: as the most binding of its requirements.
    fn level(&self) -> Option<Level> {
        let requirements = self.requirements.iter().copied();
        let levels = requirements.filter_map(|id| Some(register::find(id)?.level));
        levels.min()
    }

    /// The vector as JSON.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        };
        put("id", Some(json!(self.id)));
        put("description", Some(json!(self.description)));
        put("expect", Some(json!(self.expect.name())));
        put("level", self.level().map(|level| json!(level.name())));
        put("requirements", Some(json!(self.requirements)));
        let (from, changed) = match &self.twin {
            Some((from, changed)) => (Some(json!(from)), Some(changed.clone())),
            None => (None, None),
        };
        put("differs_from", from);
        put("changed", changed);
        put("input", Some(self.input.clone()));
        put("result", self.result.clone());
        put("error", self.error.clone());
        put("note", self.note.map(|note| json!(note)));
        Value::Object(members)
    }
}

/// A text of lower-case letters and digits, parted by dashes.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.truncate(90);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_letters_digits_and_dashes() {
        assert_eq!(slug("claim scope = [{\"a\": 1}]"), "claim-scope-a-1");
        assert_eq!(slug("  `sub` changed, … kept"), "sub-changed-kept");
        assert_eq!(slug(&"ab ".repeat(60)).len(), 89);
    }
}
