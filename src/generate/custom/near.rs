//! Payloads with one thing wrong.

use serde_json::{Value, json};

use super::effective::Part;
use super::sample::{Place, places, with};
use super::text;
use super::value::json_number;
use crate::protocol::PayloadSchema;

/// A payload that breaks the schema at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// What is wrong, in a few words.
    pub name: String,
    /// The payload; `None` where it is left out.
    pub payload: Option<Value>,
}

/// What has one thing wrong, made of a right payload; each breaks the schema, formats aside.
pub(super) fn near(schema: &PayloadSchema, right: &Value) -> Vec<Near> {
    let mut all = whole(schema);
    let root = Part::root(schema);
    for place in places(&root, right) {
        for (what, other) in wrong_at(&place) {
            let Some(payload) = with(right, &place.pointer, other) else {
                continue;
            };
            let name = format!("payload{} {what}", place.pointer.replace('/', "."));
            if !schema.is_valid(&payload) && all.iter().all(|known| known.name != name) {
                all.push(Near {
                    name,
                    payload: Some(payload),
                });
            }
        }
    }
    all
}

/// No payload, or none that is an object. Where the schema allows that too, the envelope does not.
fn whole(schema: &PayloadSchema) -> Vec<Near> {
    let mut all = Vec::new();
    if !schema.is_bare() && !schema.is_valid(&json!({})) {
        all.push(Near {
            name: "payload absent".to_owned(),
            payload: None,
        });
    }
    for other in [json!(null), json!([]), json!("text"), json!(7)] {
        all.push(Near {
            name: format!("payload = {other}"),
            payload: Some(other),
        });
    }
    all
}

/// What may be wrong at a place: what it is, and what stands there then. Most of it is: whoever asks holds it against the schema.
fn wrong_at(place: &Place<'_>) -> Vec<(String, Option<Value>)> {
    let Place { part, value, .. } = place;
    let mut all: Vec<(String, Option<Value>)> = Vec::new();
    if place.required && !place.pointer.is_empty() {
        all.push(("absent".to_owned(), None));
    }
    let mut put = |what: &str, other: Value| all.push((what.to_owned(), Some(other)));
    if !place.pointer.is_empty() {
        for other in [
            json!(null),
            json!("text"),
            json!(7),
            json!(1.5),
            json!(true),
            json!([]),
            json!({}),
        ] {
            if std::mem::discriminant(&other) != std::mem::discriminant(value)
                || other == json!(1.5)
            {
                put(&format!("= {other}"), other);
            }
        }
        put("as a text", json!(value.to_string()));
        put("in a list", json!([value]));
    }
    match value {
        Value::String(text) => {
            put("empty", json!(""));
            put("in other case", json!(swapped(text)));
            put("with a blank behind", json!(format!("{text} ")));
            put("that nobody knows", json!("acgw-unknown"));
            if let Some(least) = part.count("minLength").filter(|least| *least > 0) {
                put("too short", json!(text::plain(least - 1)));
            }
            if let Some(most) = part.count("maxLength").filter(|most| *most < 100_000) {
                put("too long", json!(text::plain(most + 1)));
            }
        }
        Value::Number(_) => {
            for (bound, step, what) in [
                ("minimum", -1.0, "too small"),
                ("maximum", 1.0, "too large"),
            ] {
                if let Some(bound) = part.number(bound) {
                    put(what, json_number(bound + step));
                    put(
                        &format!("{what} by a fraction"),
                        json_number(bound + step / 8.0),
                    );
                    put(&format!("just {what}"), json_number(bound));
                }
            }
            if let Some(of) = part.number("multipleOf") {
                put(
                    "no multiple",
                    json_number(value.as_f64().unwrap_or_default() + of / 2.0),
                );
            }
            put("far too large", json!(1e300));
            put("negative", json!(-1));
        }
        Value::Array(items) => {
            if let Some(least) = part.count("minItems").filter(|least| *least > 0) {
                put("too short", items.iter().take(least - 1).cloned().collect());
            }
            let most = part.count("maxItems").filter(|most| *most < 10_000);
            if let (Some(most), Some(first)) = (most, items.first()) {
                put("too long", vec![first.clone(); most + 1].into());
            }
            if let Some(first) = items.first() {
                put("with the same twice", json!([first, first]));
            }
        }
        Value::Object(members) => {
            let mut more = members.clone();
            more.insert("acgw-unknown".to_owned(), json!(1));
            put("with a further key", Value::Object(more));
            if !members.is_empty() {
                put("= {}", json!({}));
            }
        }
        Value::Bool(_) | Value::Null => {}
    }
    all
}

fn swapped(text: &str) -> String {
    let swap = |letter: char| match letter.is_ascii_lowercase() {
        true => letter.to_ascii_uppercase(),
        false => letter.to_ascii_lowercase(),
    };
    text.chars().map(swap).collect()
}
