//! Reads a JSON text as strictly as RFC 8259 lets one: UTF-8 without a byte order mark, one value, and no key twice.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::problem::{Problem, ProblemKind, child};
use crate::protocol::text::quoted;

/// The most duplicate keys that are told.
const MOST: usize = 100;

/// The value, and a problem for each key that stands twice; of those the last counts, as with most readers.
pub(super) fn read(body: &[u8]) -> Result<(Value, Vec<Problem>), Problem> {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => {
            let good = &body[..error.valid_up_to()];
            let line_start = good
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| at + 1);
            let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
            let column = 1 + String::from_utf8_lossy(&good[line_start..]).chars().count();
            return Err(syntax((line, column), "the body is not UTF-8 here"));
        }
    };
    if text.starts_with('\u{feff}') {
        return Err(syntax(
            (1, 1),
            "a byte order mark stands before the JSON text",
        ));
    }
    if text.trim_ascii().is_empty() {
        return Err(syntax((1, 1), "the body is empty"));
    }
    let duplicates = RefCell::new(Vec::new());
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let reader = Reader {
        path: String::new(),
        duplicates: &duplicates,
    };
    let value = reader
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| not_json(&error))?;
    Ok((value, duplicates.into_inner()))
}

fn syntax(position: (usize, usize), message: impl Into<String>) -> Problem {
    Problem {
        position: Some(position),
        ..Problem::new(ProblemKind::Json, "", message)
    }
}

fn not_json(error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    // The position is told apart from the words.
    let words = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(words, _)| words);
    syntax((error.line(), error.column()), format!("not JSON: {words}"))
}

/// Builds the value at a path and notes duplicate keys.
struct Reader<'a> {
    path: String,
    duplicates: &'a RefCell<Vec<Problem>>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(value) = items.next_element_seed(Reader {
            path: format!("{}/{}", self.path, array.len()),
            duplicates: self.duplicates,
        })? {
            array.push(value);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let path = child(&self.path, &key);
            if object.contains_key(&key) && self.duplicates.borrow().len() < MOST {
                self.duplicates.borrow_mut().push(Problem::new(
                    ProblemKind::DuplicateKey,
                    &path,
                    format!(
                        "the key {} stands more than once; readers differ in which they take",
                        quoted(&key)
                    ),
                ));
            }
            let value = entries.next_value_seed(Reader {
                path,
                duplicates: self.duplicates,
            })?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}
