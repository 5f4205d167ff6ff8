//! Reads a vendor's payload schema: JSON Schema draft-04, leniently, and says what it does not know.
//!
//! Documented for payloads are the seven types, `properties`, `required`, `additionalProperties`, `items`, `title`, and `anyOf`,
//! `allOf` and `oneOf` (page `callback-handler/custom-callbacks`). What else draft-04 says of values is understood as well, and so are
//! later spellings of the same. The rest is left out of what is judged and named, so that nobody believes that it was judged.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};

use super::vendor::{self, Pattern};

/// Formats that values are made of; the others are not known.
pub const FORMATS: &[&str] = &[
    "date-time",
    "date",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uuid",
    "cti",
];

/// Keywords that say nothing about values.
const ANNOTATIONS: &[&str] = &[
    "title",
    "description",
    "default",
    "example",
    "examples",
    "$schema",
    "$id",
    "id",
    "$comment",
    "readOnly",
    "writeOnly",
    "deprecated",
];

/// Keywords that are taken as they are.
const PLAIN: &[&str] = &[
    "type",
    "enum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// A keyword, or a value of one, that is not supported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// The keyword, for example `patternProperties`.
    pub keyword: String,
    /// JSON pointer to it in the schema, with `#` before it.
    pub pointer: String,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` at {}", self.keyword, self.pointer)
    }
}

/// What is wrong with a schema, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {message}")]
pub struct SchemaError {
    /// JSON pointer into the schema, with `#` before it.
    pub pointer: String,
    /// What is wrong there.
    pub message: String,
}

impl SchemaError {
    pub(super) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            message: message.into(),
        }
    }
}

/// A schema as it is judged by: draft-04, without annotations and without what is not supported.
#[derive(Debug)]
pub(super) struct Read {
    pub document: Value,
    pub unsupported: Vec<Unsupported>,
}

/// Reads a schema.
///
/// # Errors
/// When it is no schema, or refers to what is not in it.
pub(super) fn read(schema: &Value) -> Result<Read, SchemaError> {
    let mut reader = Reader::default();
    let document = reader.schema(schema, "#")?;
    for (from, to) in &reader.references {
        if !reader.seen.contains(to) {
            return Err(SchemaError::new(
                from,
                format!(
                    "`$ref` to {to:?}, where there is no schema; what it refers to must be in the same file, \
                     as in \"#/definitions/name\""
                ),
            ));
        }
    }
    refuse_circles(&document)?;
    Ok(Read {
        document,
        unsupported: reader.unsupported,
    })
}

#[derive(Default)]
struct Reader {
    unsupported: Vec<Unsupported>,
    /// The places of schemas.
    seen: BTreeSet<String>,
    /// Where references are, and what they refer to.
    references: Vec<(String, String)>,
}

impl Reader {
    fn schema(&mut self, schema: &Value, at: &str) -> Result<Value, SchemaError> {
        self.seen.insert(at.to_owned());
        let members = match schema {
            // Of later drafts, and soon said otherwise.
            Value::Bool(true) => return Ok(json!({})),
            Value::Bool(false) => return Ok(json!({"not": {}})),
            Value::Object(members) => members,
            other => {
                return Err(SchemaError::new(
                    at,
                    format!("a schema is a JSON object, not {other}"),
                ));
            }
        };
        if members.contains_key("$ref") {
            return self.reference(members, at);
        }
        let mut read = Map::new();
        for (keyword, value) in members {
            self.keyword(keyword, value, at, &mut read)?;
        }
        Ok(Value::Object(read))
    }

    /// A reference; by draft-04 nothing beside it counts but definitions, which others may refer to.
    fn reference(&mut self, members: &Map<String, Value>, at: &str) -> Result<Value, SchemaError> {
        let place = format!("{at}/$ref");
        let mut read = Map::new();
        for (keyword, value) in members {
            match keyword.as_str() {
                "definitions" | "$defs" => self.keyword(keyword, value, at, &mut read)?,
                "$ref" => {
                    let Some(target) = value.as_str().filter(|to| to.starts_with('#')) else {
                        return Err(SchemaError::new(
                            place,
                            format!(
                                "`$ref` to {value}, which is not in this file; put it under `definitions` and write \
                                 \"#/definitions/name\""
                            ),
                        ));
                    };
                    self.references
                        .push((place.clone(), target.trim_end_matches('/').to_owned()));
                    read.insert("$ref".to_owned(), json!(target.trim_end_matches('/')));
                }
                other if is_annotation(other) => {}
                other => self.leave_out(other, at),
            }
        }
        Ok(Value::Object(read))
    }

    fn keyword(
        &mut self,
        keyword: &str,
        value: &Value,
        at: &str,
        read: &mut Map<String, Value>,
    ) -> Result<(), SchemaError> {
        let place = format!("{at}/{}", escaped(keyword));
        match keyword {
            plain if PLAIN.contains(&plain) => {
                read.insert(keyword.to_owned(), value.clone());
            }
            "pattern" => match value.as_str().map(vendor::pattern) {
                Some(Pattern::Fancy) => self.leave_out("pattern (with look-around)", at),
                Some(Pattern::Wrong(why)) => {
                    return Err(SchemaError::new(
                        place,
                        format!("{value} is no regular expression: {why}"),
                    ));
                }
                Some(Pattern::Regular) | None => {
                    drop(read.insert(keyword.to_owned(), value.clone()))
                }
            },
            "const" => drop(read.insert("enum".to_owned(), json!([value]))),
            // Draft-04 wants at least one; none is said by an empty list often enough.
            "required" if value.as_array().is_some_and(Vec::is_empty) => {}
            "required" => drop(read.insert(keyword.to_owned(), value.clone())),
            "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum" => {
                bound(keyword, value, read);
            }
            "format" => match value.as_str() {
                Some(format) if FORMATS.contains(&format) => {
                    read.insert(keyword.to_owned(), value.clone());
                }
                _ => self.leave_out(&format!("format: {value}"), at),
            },
            "properties" | "definitions" | "$defs" => {
                let Some(members) = value.as_object() else {
                    return Err(SchemaError::new(
                        place,
                        format!("`{keyword}` is an object of schemas"),
                    ));
                };
                let mut schemas = Map::new();
                for (name, schema) in members {
                    let at = format!("{place}/{}", escaped(name));
                    schemas.insert(name.clone(), self.schema(schema, &at)?);
                }
                read.insert(keyword.to_owned(), Value::Object(schemas));
            }
            "items" if value.is_array() => self.leave_out("items (a list)", at),
            "additionalProperties" if value.is_boolean() => {
                read.insert(keyword.to_owned(), value.clone());
            }
            "items" | "additionalProperties" => {
                let schema = self.schema(value, &place)?;
                read.insert(keyword.to_owned(), schema);
            }
            "anyOf" | "allOf" | "oneOf" => {
                let Some(schemas) = value.as_array().filter(|schemas| !schemas.is_empty()) else {
                    return Err(SchemaError::new(
                        place,
                        format!("`{keyword}` is a list of schemas"),
                    ));
                };
                let mut of = Vec::new();
                for (number, schema) in schemas.iter().enumerate() {
                    of.push(self.schema(schema, &format!("{place}/{number}"))?);
                }
                read.insert(keyword.to_owned(), Value::Array(of));
            }
            other if is_annotation(other) => {}
            other => self.leave_out(other, at),
        }
        Ok(())
    }

    fn leave_out(&mut self, keyword: &str, at: &str) {
        let name = keyword.split([':', ' ']).next().unwrap_or(keyword);
        self.unsupported.push(Unsupported {
            keyword: keyword.to_owned(),
            pointer: format!("{at}/{}", escaped(name)),
        });
    }
}

/// A bound of numbers: draft-04 says beside `minimum` whether it is exclusive, later drafts in place of it.
fn bound(keyword: &str, value: &Value, read: &mut Map<String, Value>) {
    let (plain, exclusive, tighter): (_, _, fn(f64, f64) -> bool) = match keyword {
        "minimum" | "exclusiveMinimum" => ("minimum", "exclusiveMinimum", |new, old| new >= old),
        _ => ("maximum", "exclusiveMaximum", |new, old| new <= old),
    };
    let Some(number) = value.as_f64() else {
        // What is no number where one belongs, the draft's own schema tells better.
        read.insert(keyword.to_owned(), value.clone());
        return;
    };
    let later = keyword == exclusive;
    let known = read.get(plain).and_then(Value::as_f64);
    let wins = known.is_none_or(|known| match later {
        true => tighter(number, known),
        false => tighter(number, known) && number != known,
    });
    if wins {
        read.insert(plain.to_owned(), value.clone());
        match (later, read.get(exclusive)) {
            (true, _) => drop(read.insert(exclusive.to_owned(), json!(true))),
            (false, Some(_)) if known.is_some() => drop(read.shift_remove(exclusive)),
            (false, _) => {}
        }
    }
}

/// Refuses references that lead to themselves, and so say nothing.
fn refuse_circles(document: &Value) -> Result<(), SchemaError> {
    fn walk(document: &Value, value: &Value, at: &str) -> Result<(), SchemaError> {
        if let Some(first) = value.get("$ref").and_then(Value::as_str) {
            let mut passed = BTreeSet::new();
            let mut next = Some(first);
            while let Some(target) = next {
                if !passed.insert(target) {
                    return Err(SchemaError::new(
                        at,
                        format!("`$ref` to {first:?} leads back to itself"),
                    ));
                }
                next = resolve(document, target)
                    .and_then(|found| found.get("$ref"))
                    .and_then(Value::as_str);
            }
        }
        match value {
            Value::Object(members) => members.iter().try_for_each(|(key, value)| {
                walk(document, value, &format!("{at}/{}", escaped(key)))
            }),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .try_for_each(|(number, value)| walk(document, value, &format!("{at}/{number}"))),
            _ => Ok(()),
        }
    }
    walk(document, document, "#")
}

/// What a reference within the document refers to.
pub(crate) fn resolve<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    document.pointer(reference.strip_prefix('#')?)
}

fn is_annotation(keyword: &str) -> bool {
    ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-")
}

/// A key as a part of a JSON pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(schema: Value) -> Value {
        read(&schema).expect("a schema").document
    }

    #[test]
    fn annotations_are_dropped_and_later_spellings_are_put_in_draft_04() {
        assert_eq!(
            document(json!({"title": "T", "x-ui": 1, "$schema": "s", "required": [], "const": 3})),
            json!({"enum": [3]})
        );
        assert_eq!(
            document(json!({"properties": {"title": {"exclusiveMinimum": 0, "maximum": 9}}})),
            json!({"properties": {"title": {"minimum": 0, "exclusiveMinimum": true, "maximum": 9}}})
        );
        assert_eq!(
            document(json!({"items": false})),
            json!({"items": {"not": {}}})
        );
    }

    #[test]
    fn the_tighter_of_two_bounds_counts() {
        for (schema, minimum, exclusive) in [
            (json!({"minimum": 1, "exclusiveMinimum": 3}), 3, Some(true)),
            (json!({"minimum": 5, "exclusiveMinimum": 3}), 5, None),
            (json!({"exclusiveMinimum": 3, "minimum": 5}), 5, None),
            (json!({"exclusiveMinimum": 3, "minimum": 3}), 3, Some(true)),
            (json!({"minimum": 3, "exclusiveMinimum": 3}), 3, Some(true)),
            (
                json!({"minimum": 3, "exclusiveMinimum": true}),
                3,
                Some(true),
            ),
            (
                json!({"exclusiveMinimum": true, "minimum": 3}),
                3,
                Some(true),
            ),
        ] {
            let read = document(schema.clone());
            assert_eq!(read["minimum"], json!(minimum), "{schema}");
            assert_eq!(
                read.get("exclusiveMinimum").and_then(Value::as_bool),
                exclusive,
                "{schema}"
            );
        }
    }

    #[test]
    fn what_is_not_supported_is_named_with_its_place() {
        let read = read(&json!({
            "properties": {"a/b": {"not": {"type": "null"}, "format": "phone"}},
            "if": {}, "items": [{}],
        }))
        .expect("a schema");
        let told: Vec<String> = read.unsupported.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "`not` at #/properties/a~1b/not",
                "`format: \"phone\"` at #/properties/a~1b/format",
                "`if` at #/if",
                "`items (a list)` at #/items",
            ]
        );
        assert_eq!(read.document, json!({"properties": {"a/b": {}}}));
    }

    #[test]
    fn references_stay_within_the_file_and_lead_somewhere() {
        let tree = json!({"properties": {"next": {"$ref": "#"}}});
        assert_eq!(document(tree.clone()), tree);
        let named = json!({"$ref": "#/definitions/a", "definitions": {"a": {"type": "object"}}});
        assert_eq!(document(named.clone()), named);
        for (schema, pointer) in [
            (json!({"items": {"$ref": "other.json"}}), "#/items/$ref"),
            (
                json!({"items": {"$ref": "#/definitions/x"}}),
                "#/items/$ref",
            ),
            (json!({"$ref": "#"}), "#"),
            (json!({"items": 3}), "#/items"),
            (json!({"properties": []}), "#/properties"),
            (json!({"anyOf": []}), "#/anyOf"),
            (json!([]), "#"),
        ] {
            let error = read(&schema).expect_err("refused");
            assert_eq!(error.pointer, pointer, "{schema}");
        }
    }
}
