//! What a violation of a schema is, and how it is put into words.

use std::fmt;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use crate::protocol::cti::Cti;
use crate::protocol::text::{DateTimeText, UriText, UuidText, quoted};

/// One way in which a value breaks a schema.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Violation {
    /// JSON pointer into the value; empty for the value as a whole.
    pub instance_path: String,
    /// JSON pointer into the schema file that says so.
    pub schema_path: String,
    /// What is wrong, in words. It may quote the value, shortened.
    pub message: String,
    /// The keys that are missing (`required`) or not documented (`additionalProperties`) in the object at the path.
    pub keys: Vec<String>,
    keyword: String,
}

impl Violation {
    /// The most violations that one value is told: enough to learn from, and an answer of a million wrong items stays cheap.
    pub const MOST: usize = 100;

    pub(super) fn new(error: &ValidationError<'_>) -> Self {
        Self {
            instance_path: error.instance_path().to_string(),
            schema_path: error.schema_path().to_string(),
            message: message(error.kind(), error.instance())
                .unwrap_or_else(|| error.masked().to_string()),
            keys: keys(error.kind()),
            keyword: error.kind().keyword().to_owned(),
        }
    }

    /// That something is wrong which no schema file says.
    pub(super) fn told(instance_path: &str, keyword: &str, message: String) -> Self {
        Self {
            instance_path: instance_path.to_owned(),
            schema_path: String::new(),
            message,
            keys: Vec::new(),
            keyword: keyword.to_owned(),
        }
    }

    /// The same, of a value that stands at a place in another one.
    pub(in crate::protocol) fn below(mut self, place: &str) -> Self {
        self.instance_path.insert_str(0, place);
        self
    }

    /// The schema's keyword that is broken, for example `required`; `falseSchema` where nothing may stand.
    pub fn keyword(&self) -> &str {
        &self.keyword
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.instance_path.is_empty() {
            "(root)"
        } else {
            &self.instance_path
        };
        write!(f, "{place}: {}", self.message)
    }
}

fn keys(kind: &Kind) -> Vec<String> {
    match kind {
        Kind::Required { property } => property.as_str().map(str::to_owned).into_iter().collect(),
        Kind::AdditionalProperties { unexpected } => unexpected.clone(),
        _ => Vec::new(),
    }
}

/// The words for the keywords that our schemas use; others keep the validator's, without the value.
fn message(kind: &Kind, value: &Value) -> Option<String> {
    Some(match kind {
        Kind::Type { kind } => format!("{} where {} is expected", shown(value), types(kind)),
        Kind::Required { property } => {
            format!("the key {} is missing", shown(property))
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            format!(
                "{} not documented here: {}",
                if unexpected.len() == 1 {
                    "a key that is"
                } else {
                    "keys that are"
                },
                list(unexpected)
            )
        }
        Kind::Constant { expected_value } => {
            format!(
                "{} where {} is expected",
                shown(value),
                shown(expected_value)
            )
        }
        Kind::Enum { options } => {
            format!(
                "{} where one of {} is expected",
                shown(value),
                shown(options)
            )
        }
        Kind::FalseSchema => "nothing may stand here".to_owned(),
        Kind::MinLength { limit: 1 } => "the string is empty".to_owned(),
        Kind::Maximum { limit } => format!("{} is more than {limit}", shown(value)),
        Kind::Minimum { limit } => format!("{} is less than {limit}", shown(value)),
        Kind::Pattern { .. } => format!("{} does not have the documented form", shown(value)),
        Kind::Format { format } => unformatted(format, value.as_str()?)?,
        _ => return None,
    })
}

/// Why the text does not have the format, in the words of the type that demands the same.
fn unformatted(format: &str, text: &str) -> Option<String> {
    match format {
        "uuid" => UuidText::new(text).err().map(|error| error.to_string()),
        "date-time" => DateTimeText::new(text).err().map(|error| error.to_string()),
        "uri" => UriText::new(text).err().map(|error| error.to_string()),
        "cti" => Cti::parse(text)
            .err()
            .map(|error| format!("{} is not a CTI identifier: {error}", quoted(text))),
        _ => None,
    }
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => named(one.as_str()).to_owned(),
        TypeKind::Multiple(several) => several
            .iter()
            .map(|one| named(one.as_str()))
            .collect::<Vec<_>>()
            .join(" or "),
    }
}

fn named(json_type: &str) -> &str {
    match json_type {
        "array" => "an array",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "object" => "an object",
        "string" => "a string",
        other => other,
    }
}

/// A value for a message: short ones as they are, others by their type.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) if items.len() > 8 => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => {
            let text = other.to_string();
            if text.len() > 200 {
                "a long value".to_owned()
            } else {
                text
            }
        }
    }
}

fn list(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(8)
        .map(|name| quoted(name))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > 8 {
        text.push_str(&format!(" and {} more", names.len() - 8));
    }
    text
}
