//! What a part of a schema asks for, put in one place: references followed, `allOf` put together.

use serde_json::{Map, Value, json};

use crate::protocol::PayloadSchema;

/// Most references to the same place within each other: what refers to itself must end.
const MOST_TURNS: usize = 2;

/// A part of a schema, and the references that led to it.
#[derive(Clone)]
pub(super) struct Part<'a> {
    pub schema: &'a PayloadSchema,
    pub members: Map<String, Value>,
    passed: Vec<String>,
}

impl<'a> Part<'a> {
    /// The whole of it.
    pub fn root(schema: &'a PayloadSchema) -> Self {
        let whole = Part {
            schema,
            members: Map::new(),
            passed: Vec::new(),
        };
        whole.part(schema.document())
    }

    /// A part of this part.
    pub fn part(&self, schema: &Value) -> Self {
        let mut passed = self.passed.clone();
        let members = self.members_of(schema, &mut passed);
        Part {
            schema: self.schema,
            members,
            passed,
        }
    }

    fn members_of(&self, schema: &Value, passed: &mut Vec<String>) -> Map<String, Value> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            passed.push(reference.to_owned());
        }
        let resolved = self.schema.resolved(schema);
        let mut members = resolved.as_object().cloned().unwrap_or_default();
        // What refers to itself through `allOf` asks for no more than it did the first time.
        if self.turns(passed) > MOST_TURNS + 1 {
            members.shift_remove("allOf");
        }
        let Some(Value::Array(all)) = members.shift_remove("allOf") else {
            return members;
        };
        all.iter().fold(members, |members, one| {
            let more = self.members_of(one, passed);
            both(members, more)
        })
    }

    fn turns(&self, passed: &[String]) -> usize {
        let last = passed.last();
        passed.iter().filter(|one| Some(*one) == last).count()
    }

    /// Whether it lies so deep in itself that nothing optional is made of it any more.
    pub fn is_deep(&self) -> bool {
        self.turns(&self.passed) > MOST_TURNS || self.passed.len() > 12
    }

    /// Whether it lies deeper still, where even what is required is not made.
    pub fn is_too_deep(&self) -> bool {
        self.turns(&self.passed) > MOST_TURNS + 2 || self.passed.len() > 24
    }

    /// The alternatives of it; itself, where there are none.
    pub fn alternatives(&self) -> Vec<Self> {
        let mut rest = self.members.clone();
        let of = ["oneOf", "anyOf"]
            .iter()
            .find_map(|word| rest.shift_remove(*word));
        let Some(Value::Array(of)) = of else {
            return vec![self.clone()];
        };
        let beside = Value::Object(rest);
        of.iter()
            .map(|one| self.part(&json!({"allOf": [beside, one]})))
            .collect()
    }

    /// The types that it allows, or those that its other keywords are about; any, where nothing says.
    pub fn types(&self) -> Vec<&str> {
        match self.members.get("type") {
            Some(Value::String(one)) => return vec![one],
            Some(Value::Array(several)) => {
                return several.iter().filter_map(Value::as_str).collect();
            }
            _ => {}
        }
        let about: [(&str, &[&str]); 4] = [
            (
                "object",
                &[
                    "properties",
                    "required",
                    "additionalProperties",
                    "minProperties",
                    "maxProperties",
                ],
            ),
            ("array", &["items", "minItems", "maxItems", "uniqueItems"]),
            ("string", &["minLength", "maxLength", "pattern", "format"]),
            ("number", &["minimum", "maximum", "multipleOf"]),
        ];
        let has = |words: &[&str]| words.iter().any(|word| self.members.contains_key(*word));
        let found: Vec<&str> = about
            .iter()
            .filter(|(_, words)| has(words))
            .map(|(kind, _)| *kind)
            .collect();
        if found.is_empty() {
            vec!["string", "integer", "boolean"]
        } else {
            found
        }
    }

    /// A number that a keyword says.
    pub fn number(&self, keyword: &str) -> Option<f64> {
        self.members.get(keyword)?.as_f64()
    }

    /// A count that a keyword says.
    pub fn count(&self, keyword: &str) -> Option<usize> {
        // A count may be written as 3.0.
        self.number(keyword).map(|number| number.max(0.0) as usize)
    }

    /// Whether a keyword says true.
    pub fn says(&self, keyword: &str) -> bool {
        self.members.get(keyword) == Some(&json!(true))
    }

    /// The values of `enum`.
    pub fn listed(&self) -> Option<&Vec<Value>> {
        self.members.get("enum")?.as_array()
    }

    /// The properties that are told, each with whether it must be there; those that must and are not told are texts.
    pub fn properties(&self) -> Vec<(String, Self, bool)> {
        let told = self.members.get("properties").and_then(Value::as_object);
        let required: Vec<&str> = (self.members.get("required").and_then(Value::as_array))
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let mut all: Vec<(String, Self, bool)> = told
            .into_iter()
            .flatten()
            .map(|(name, schema)| {
                (
                    name.clone(),
                    self.part(schema),
                    required.contains(&name.as_str()),
                )
            })
            .collect();
        for name in required {
            if all.iter().all(|(known, ..)| known != name) {
                let further = self.members.get("additionalProperties");
                let schema = further.filter(|schema| schema.is_object()).cloned();
                let text = json!({"type": "string", "minLength": 1});
                all.push((name.to_owned(), self.part(&schema.unwrap_or(text)), true));
            }
        }
        all
    }

    /// What each item must be.
    pub fn items(&self) -> Option<Self> {
        Some(self.part(self.members.get("items")?))
    }
}

/// What keeps both.
fn both(mut one: Map<String, Value>, other: Map<String, Value>) -> Map<String, Value> {
    for (keyword, value) in other {
        let Some(known) = one.get(&keyword).cloned() else {
            one.insert(keyword, value);
            continue;
        };
        let kept = match keyword.as_str() {
            "properties" => match (known, value) {
                (Value::Object(mut known), Value::Object(more)) => {
                    for (name, schema) in more {
                        let merged = match known.get(&name) {
                            Some(first) => json!({"allOf": [first, schema]}),
                            None => schema,
                        };
                        known.insert(name, merged);
                    }
                    Value::Object(known)
                }
                (known, _) => known,
            },
            "required" => list(&known).chain(list(&value)).cloned().collect(),
            "enum" => list(&known)
                .filter(|one| list(&value).any(|two| two == *one))
                .cloned()
                .collect(),
            "type" => {
                let common: Vec<&Value> = list(&known)
                    .filter(|one| list(&value).any(|two| two == *one))
                    .collect();
                match &common[..] {
                    // A whole number is a number.
                    [] => json!("integer"),
                    [one] => (*one).clone(),
                    several => json!(several),
                }
            }
            "minimum" | "minLength" | "minItems" | "minProperties" => larger(known, value),
            "maximum" | "maxLength" | "maxItems" | "maxProperties" => {
                if larger(known.clone(), value.clone()) == known {
                    value
                } else {
                    known
                }
            }
            "items" => json!({"allOf": [known, value]}),
            _ => value,
        };
        one.insert(keyword, kept);
    }
    one
}

/// The entries of a list; anything else is its only entry.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(several) => several.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

fn larger(one: Value, other: Value) -> Value {
    if one.as_f64() >= other.as_f64() {
        one
    } else {
        other
    }
}
