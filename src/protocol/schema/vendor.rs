//! A payload schema that a vendor wrote, compiled.

use std::fmt;
use std::sync::Arc;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Value, json};

use super::subset::{self, SchemaError, Unsupported};
use super::violation::Violation;
use crate::protocol::cti::Cti;
use crate::protocol::text::{is_date_time, is_uri, is_uuid};

/// A payload schema of a custom callback: JSON Schema draft-04, read leniently. Cheap to clone.
///
/// `format` is no part of what is documented of payload schemas, and optional by draft-04: values are made by it, and no answer is
/// judged by it.
///
/// ```
/// use acgw_conformance::protocol::PayloadSchema;
/// use serde_json::json;
///
/// let schema = PayloadSchema::parse("seats.json", r#"{"type": "object", "properties": {"seats": {"type": "integer"}}}"#)?;
/// assert!(schema.is_valid(&json!({"seats": 3})));
/// assert_eq!(schema.violations(&json!({"seats": "3"}))[0].instance_path, "/seats");
/// # Ok::<(), acgw_conformance::protocol::SchemaError>(())
/// ```
#[derive(Clone)]
pub struct PayloadSchema(Arc<Compiled>);

struct Compiled {
    name: String,
    document: Value,
    unsupported: Vec<Unsupported>,
    validator: Validator,
    with_formats: Validator,
}

impl PayloadSchema {
    /// Reads a schema. `name` is what it is called in messages, for example its file.
    ///
    /// # Errors
    /// When the text is not JSON or no schema, a reference leads nowhere or out of the file, or a pattern is no regular
    /// expression; the error says where.
    pub fn parse(name: &str, text: &str) -> Result<Self, SchemaError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let schema: Value = serde_json::from_str(text)
            .map_err(|error| SchemaError::new("#", format!("the file is not JSON: {error}")))?;
        let read = subset::read(&schema)?;
        let validator = compile(&read.document, false)?;
        let with_formats = compile(&read.document, true)?;
        Ok(Self(Arc::new(Compiled {
            name: name.to_owned(),
            document: read.document,
            unsupported: read.unsupported,
            validator,
            with_formats,
        })))
    }

    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What of it is not supported: left out of what is judged, and in the way of making values.
    pub fn unsupported(&self) -> &[Unsupported] {
        &self.0.unsupported
    }

    /// Whether it says nothing at all, which stands for a payload that is absent.
    pub fn is_empty(&self) -> bool {
        self.0.unsupported.is_empty() && self.0.document == json!({})
    }

    /// Whether it leaves room for a payload that is absent: it says no more than that there is an object.
    pub fn is_bare(&self) -> bool {
        let no_more = |(key, value): (&String, &Value)| match key.as_str() {
            "type" => *value == json!("object"),
            "properties" => *value == json!({}),
            _ => false,
        };
        let members = self.0.document.as_object();
        members.is_some_and(|members| members.iter().all(no_more))
    }

    /// Whether its type, where it has one, has objects among it.
    pub fn takes_objects(&self) -> bool {
        match self.resolved(self.document()).get("type") {
            None => true,
            Some(Value::Array(types)) => types.contains(&json!("object")),
            Some(one) => *one == json!("object"),
        }
    }

    /// Whether the value keeps the schema; formats do not count.
    pub fn is_valid(&self, value: &Value) -> bool {
        self.0.validator.is_valid(value)
    }

    /// Whether the value keeps the schema and its formats, so that it may be sent as a right one.
    pub fn is_right(&self, value: &Value) -> bool {
        self.0.with_formats.is_valid(value)
    }

    /// How the value breaks the schema, formats aside: empty when it keeps it, at most [`Violation::MOST`] otherwise.
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        let errors = self.0.validator.iter_errors(value);
        errors
            .take(Violation::MOST)
            .map(|error| Violation::new(&error))
            .collect()
    }

    /// The schema as it is judged by: draft-04, without annotations.
    pub(crate) fn document(&self) -> &Value {
        &self.0.document
    }

    /// The schema that a part of it stands for: what a reference refers to.
    pub(crate) fn resolved<'a>(&'a self, mut schema: &'a Value) -> &'a Value {
        // The reader sees to it that references lead somewhere and not in circles.
        while let Some(target) = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| subset::resolve(self.document(), reference))
        {
            schema = target;
        }
        schema
    }
}

impl PartialEq for PayloadSchema {
    fn eq(&self, other: &Self) -> bool {
        (&self.0.name, &self.0.document, &self.0.unsupported)
            == (&other.0.name, &other.0.document, &other.0.unsupported)
    }
}

impl fmt::Debug for PayloadSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PayloadSchema").field(&self.0.name).finish()
    }
}

/// What a pattern is.
pub(super) enum Pattern {
    /// A regular expression.
    Regular,
    /// One with look-around or back-references, for which values cannot be made and matching takes any time.
    Fancy,
    /// No expression, and why.
    Wrong(String),
}

/// Looks at a pattern.
pub(super) fn pattern(text: &str) -> Pattern {
    let schema = json!({ "pattern": text });
    let draft = || jsonschema::options().with_draft(Draft::Draft4).offline();
    let regular = draft().with_pattern_options(PatternOptions::regex());
    if regular.build(&schema).is_ok() {
        return Pattern::Regular;
    }
    let fancy = draft().with_pattern_options(PatternOptions::fancy_regex());
    match fancy.build(&schema) {
        Ok(_) => Pattern::Fancy,
        Err(error) => Pattern::Wrong(error.to_string()),
    }
}

fn compile(document: &Value, formats: bool) -> Result<Validator, SchemaError> {
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .offline()
        // Linear in time, whatever the pattern and the handler's answer; `subset` leaves out what takes more.
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(formats)
        .should_ignore_unknown_formats(true)
        .with_format("uuid", is_uuid)
        .with_format("date-time", is_date_time)
        .with_format("uri", is_uri)
        .with_format("cti", |text: &str| Cti::parse(text).is_ok())
        .build(document)
        .map_err(|error| SchemaError::new(format!("#{}", error.instance_path()), error.to_string()))
}
