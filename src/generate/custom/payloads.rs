//! The payloads of one callback.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::{SBoxedStrategy, ValueTree};
use serde_json::Value;

use super::effective::Part;
use super::near::{Near, near};
use super::sample::{Edge, at, edge_values, places, unbounded_values, with};
use super::value;
use crate::generate::seed;
use crate::protocol::PayloadSchema;

/// Most payloads that are enumerated.
const MOST: usize = 60;
/// Generated payloads that are tried before none is believed to be found.
const TRIES: u64 = 300;

/// The payloads that a schema allows, and those that it nearly allows. All that are right were held against the schema, formats
/// included.
#[derive(Debug, Clone)]
pub struct Payloads {
    schema: PayloadSchema,
    any: SBoxedStrategy<Value>,
    right: Vec<Value>,
}

impl Payloads {
    /// The payloads of a schema; `None` where none could be made, because it has what is not supported or contradicts itself.
    pub fn of(schema: &PayloadSchema) -> Option<Self> {
        if !schema.unsupported().is_empty() {
            return None;
        }
        let root = Part::root(schema);
        let is_right = |value: &Value| value.is_object() && schema.is_right(value);
        let any = value::values(&root);
        let made = |number| {
            let tree = seed::tree(&any, seed::case_seed(0, "custom", number)).ok()?;
            Some(tree.current())
        };
        let usual = (0..TRIES).filter_map(made).find(|value| is_right(value));
        let (least, most) = (at(&root, Edge::Least), at(&root, Edge::Most));
        let mut right: Vec<Value> = [usual.clone(), Some(most.clone()), Some(least)]
            .into_iter()
            .flatten()
            .filter(|value| is_right(value))
            .collect();
        let richest = if is_right(&most) { Some(most) } else { usual };
        if let Some(richest) = richest {
            let put = |pointer: &str, value| {
                with(&richest, pointer, value).filter(|payload| is_right(payload))
            };
            let places = places(&root, &richest);
            for place in &places {
                for edge in edge_values(&place.part) {
                    right.extend(put(&place.pointer, Some(edge)));
                }
                if !place.required {
                    right.extend(put(&place.pointer, None));
                }
            }
            // Those that a handler likes least come last: what it is asked first, it should rather answer.
            for place in &places {
                let unbounded = unbounded_values(&place.part).into_iter();
                right.extend(unbounded.filter_map(|value| put(&place.pointer, Some(value))));
            }
        }
        let mut distinct: Vec<Value> = Vec::new();
        for value in right {
            if distinct.len() < MOST && !distinct.contains(&value) {
                distinct.push(value);
            }
        }
        let otherwise = distinct.first()?.clone();
        let (held_against, checked) = (schema.clone(), any.clone());
        let any = checked
            .prop_map(
                move |value| match value.is_object() && held_against.is_right(&value) {
                    true => value,
                    false => otherwise.clone(),
                },
            )
            .sboxed();
        Some(Self {
            schema: schema.clone(),
            any,
            right: distinct,
        })
    }

    /// Right payloads, the most telling first: a usual one, the largest, the smallest, then every bound and choice.
    pub fn right(&self) -> &[Value] {
        &self.right
    }

    /// Any right payload.
    pub fn any(&self) -> SBoxedStrategy<Value> {
        self.any.clone()
    }

    /// Payloads with one thing wrong, made of a right one.
    pub fn near(&self, right: &Value) -> Vec<Near> {
        near(&self.schema, right)
    }

    /// Any payload with one thing wrong.
    pub fn any_near(&self) -> SBoxedStrategy<Near> {
        let schema = self.schema.clone();
        (self.any(), any::<Index>())
            .prop_map(move |(right, index)| {
                // There is always one: what is no object is no payload.
                let mut all = near(&schema, &right);
                all.swap_remove(index.index(all.len()))
            })
            .sboxed()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;

    fn schema(value: &Value) -> PayloadSchema {
        PayloadSchema::parse("s.json", &value.to_string()).expect("a schema")
    }

    fn quote() -> Value {
        json!({
            "type": "object", "additionalProperties": false, "required": ["plan", "seats"],
            "properties": {
                "plan": {"enum": ["basic", "plus"]},
                "seats": {"type": "integer", "minimum": 1, "maximum": 500},
                "rate": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "maximum": 1},
                "code": {"type": "string", "pattern": "^[A-Z]{2}-\\d{3}$"},
                "name": {"type": ["string", "null"], "minLength": 2, "maxLength": 9},
                "at": {"type": "string", "format": "date-time"},
                "tags": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1, "maxItems": 3, "uniqueItems": true},
                "owner": {"$ref": "#/definitions/person"},
                "id": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "maxLength": 4}]},
                "step": {"allOf": [{"type": "integer"}, {"multipleOf": 5, "minimum": 10}, {"maximum": 20}]},
            },
            "definitions": {"person": {
                "type": "object", "required": ["name"],
                "properties": {"name": {"type": "string"}, "boss": {"$ref": "#/definitions/person"}},
            }},
        })
    }

    fn made(payloads: &Payloads, count: u64) -> Vec<Value> {
        let any = payloads.any();
        (0..count)
            .map(|case| {
                let tree = seed::tree(&any, seed::case_seed(1, "made", case));
                tree.expect("no filter").current()
            })
            .collect()
    }

    #[test]
    fn right_payloads_are_right_and_of_all_kinds() {
        let schema = schema(&quote());
        let payloads = Payloads::of(&schema).expect("payloads");
        let made = made(&payloads, 400);
        for value in payloads.right().iter().chain(&made) {
            assert!(schema.is_right(value), "{value}");
        }
        let has =
            |key: &str, is: fn(&Value) -> bool| made.iter().any(|one| one.get(key).is_some_and(is));
        assert!(has("seats", |it| *it == 1) && has("seats", |it| *it == 500));
        assert!(
            has("name", Value::is_null)
                && has("name", |it| it.as_str().is_some_and(|it| it.len() == 2))
        );
        assert!(has("id", Value::is_number) && has("id", Value::is_string));
        assert!(has("owner", |it| it["boss"]["name"].is_string()));
        assert!(has("tags", |it| it
            .as_array()
            .is_some_and(|it| it.len() == 3)));
        assert!(
            made.iter()
                .any(|one| one.as_object().is_some_and(|it| it.len() < 4))
        );
        let different: HashSet<String> = made.iter().map(Value::to_string).collect();
        assert!(different.len() > 300, "{}", different.len());
        let enumerated = payloads.right();
        assert!(
            enumerated
                .iter()
                .any(|one| one.as_object().is_some_and(|it| it.len() == 2))
        );
        assert!(
            enumerated
                .iter()
                .any(|one| one.as_object().is_some_and(|it| it.len() == 10))
        );
    }

    #[test]
    fn near_payloads_break_the_schema_at_one_place_each() {
        let schema = schema(&quote());
        let payloads = Payloads::of(&schema).expect("payloads");
        let richest = payloads
            .right()
            .iter()
            .max_by_key(|one| one.to_string().len())
            .expect("one");
        let near = payloads.near(richest);
        let names: HashSet<&str> = near.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names.len(), near.len());
        for wanted in [
            "payload absent",
            "payload = null",
            "payload.plan absent",
            "payload.seats too small",
            "payload.seats too large",
            "payload.seats = 1.5",
            "payload.rate just too small",
            "payload.code in other case",
            "payload.name too long",
            "payload.tags too long",
            "payload.tags with the same twice",
            "payload.owner.name absent",
            "payload.step no multiple",
            "payload with a further key",
            "payload.plan that nobody knows",
            "payload.seats as a text",
        ] {
            assert!(names.contains(wanted), "{wanted}: {names:?}");
        }
        for one in &near {
            assert!(
                one.payload
                    .as_ref()
                    .is_none_or(|payload| !schema.is_valid(payload)),
                "{one:?}"
            );
        }
        let any = payloads.any_near();
        for case in 0..300 {
            let tree = seed::tree(&any, seed::case_seed(1, "near", case)).expect("no filter");
            let one = tree.current();
            assert!(
                one.payload
                    .as_ref()
                    .is_none_or(|payload| !schema.is_valid(payload)),
                "{one:?}"
            );
        }
    }

    #[test]
    fn odd_schemas_have_payloads_or_none_and_never_end_the_program() {
        for (text, some) in [
            (json!({"type": "object"}), true),
            (json!({"properties": {"a": {}}}), true),
            (json!({"required": ["a", "b"]}), true),
            (
                json!({"type": "object", "properties": {"next": {"$ref": "#"}}}),
                true,
            ),
            (
                json!({"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}, "c": {"type": "array", "items": {"$ref": "#"}}}}),
                true,
            ),
            (
                json!({"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#"}}}),
                false,
            ),
            (
                json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "minimum": 5, "maximum": 4}}}),
                false,
            ),
            (json!({"enum": [{"a": 1}, {"a": 2}]}), true),
            (json!({"enum": [1]}), false),
            (
                json!({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1}),
                true,
            ),
            (
                json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 1e300}}}),
                false,
            ),
            (json!({"type": "object", "not": {"required": ["a"]}}), false),
            (
                json!({"type": "object", "required": ["m"], "properties": {"m": {"type": "number", "multipleOf": 0.01, "minimum": 0.07}}}),
                true,
            ),
        ] {
            let schema = schema(&text);
            let payloads = Payloads::of(&schema);
            assert_eq!(payloads.is_some(), some, "{text}");
            for value in payloads.iter().flat_map(|payloads| made(payloads, 30)) {
                assert!(schema.is_right(&value), "{text} {value}");
            }
        }
    }
}
