//! The payload with one thing wrong, found by walking the template's payload: each member missing, each value of every other
//! JSON type, ids of a bad form, entries that are no objects, lists that are none. Only what breaks the callback's schema is
//! kept, so that an optional member that is missing, or a field of the settings that is another, is not among them.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::build::{Builder, one_of_each_type};
use super::fields::UUIDS;
use super::types::{Class, Malformation};
use crate::protocol::text::is_uuid;

/// Most places that are looked at: a batch may have hundreds of entries, which differ in nothing.
const MOST_PLACES: usize = 60;

/// Whether the payload has anything that can be malformed beside itself.
pub(super) fn has_members(builder: &Builder<'_>) -> bool {
    match builder.template.payload() {
        Some(Value::Object(members)) => !members.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        _ => false,
    }
}

/// Everything in turn: what is missing, what is null, what is of another type, what has a bad form.
pub(super) fn payload(builder: &Builder<'_>) -> Vec<Malformation> {
    if !has_members(builder) {
        return Vec::new();
    }
    let plain = builder.envelope();
    let mut places = Vec::new();
    walk(&plain, &mut places);
    places.truncate(MOST_PLACES);
    let schema = builder.template.callback.request_schema;
    let mut names = HashSet::new();
    let mut all = Vec::new();
    let mut add = |name: String, envelope: Value| {
        if !schema.is_valid(&envelope) && names.insert(name.clone()) {
            all.push(Malformation::body(
                name,
                Class::Payload,
                envelope.to_string(),
            ));
        }
    };
    for place in &places {
        if let Some(without) = place.removed(&plain) {
            add(format!("{} absent", place.label), without);
        }
    }
    for place in &places {
        add(
            format!("{} = null", place.label),
            place.set(&plain, Value::Null),
        );
    }
    for place in &places {
        for other in place.other_types() {
            add(
                format!("{} = {other}", place.label),
                place.set(&plain, other),
            );
        }
    }
    for place in &places {
        for (form, value) in place.bad_forms() {
            add(format!("{} {form}", place.label), place.set(&plain, value));
        }
    }
    all
}

/// One value in the payload.
struct Place {
    pointer: String,
    label: String,
    value: Value,
}

impl Place {
    /// The request without it; an entry of a list is not missed by anybody.
    fn removed(&self, plain: &Value) -> Option<Value> {
        let (parent, key) = self.pointer.rsplit_once('/')?;
        let mut envelope = plain.clone();
        let members = envelope.pointer_mut(parent)?.as_object_mut()?;
        members.shift_remove(&unescaped(key))?;
        Some(envelope)
    }

    /// The request with another value in its place.
    fn set(&self, plain: &Value, value: Value) -> Value {
        let mut envelope = plain.clone();
        if let Some(place) = envelope.pointer_mut(&self.pointer) {
            *place = value;
        }
        envelope
    }

    /// A value of each other JSON type.
    fn other_types(&self) -> impl Iterator<Item = Value> + use<'_> {
        let same = std::mem::discriminant(&self.value);
        one_of_each_type()
            .into_iter()
            .filter(move |other| !other.is_null() && std::mem::discriminant(other) != same)
    }

    /// Values of the right JSON type that are wrong all the same, each with what is wrong.
    fn bad_forms(&self) -> Vec<(String, Value)> {
        match &self.value {
            Value::String(text) if is_uuid(text) => [""]
                .iter()
                .chain(UUIDS)
                .map(|bad| (format!("= {}", json!(bad)), json!(bad)))
                .chain([
                    ("without dashes".to_owned(), json!(text.replace('-', ""))),
                    ("with a blank before".to_owned(), json!(format!(" {text}"))),
                    ("cut short".to_owned(), json!(text[..text.len() - 1])),
                ])
                .collect(),
            Value::String(_) => vec![("= \"\"".to_owned(), json!(""))],
            Value::Array(items) => {
                let mut nested = items.clone();
                nested.push(json!([]));
                vec![
                    ("in a list of its own".to_owned(), json!([items])),
                    ("with a list among its entries".to_owned(), json!(nested)),
                    ("with null among its entries".to_owned(), {
                        let mut items = items.clone();
                        items.push(Value::Null);
                        json!(items)
                    }),
                    ("as an object of its entries".to_owned(), {
                        let numbered = items.iter().enumerate();
                        numbered
                            .map(|(at, item)| (at.to_string(), item.clone()))
                            .collect()
                    }),
                ]
            }
            object @ Value::Object(members) => {
                let mut forms = vec![
                    ("in a list".to_owned(), json!([object])),
                    ("as a text".to_owned(), json!(object.to_string())),
                ];
                if !members.is_empty() {
                    forms.push(("= {}".to_owned(), json!({})));
                }
                forms
            }
            _ => Vec::new(),
        }
    }
}

/// The payload and everything in it, what is nearer to the root first.
fn walk(envelope: &Value, places: &mut Vec<Place>) {
    let mut level = vec![vec!["payload".to_owned()]];
    while !level.is_empty() {
        let mut next = Vec::new();
        for path in level {
            let pointer: String = path
                .iter()
                .map(|key| format!("/{}", escaped(key)))
                .collect();
            let Some(value) = envelope.pointer(&pointer) else {
                continue;
            };
            let below = |key: String| [path.clone(), vec![key]].concat();
            match value {
                Value::Object(members) => next.extend(members.keys().cloned().map(below)),
                Value::Array(items) => {
                    next.extend((0..items.len()).map(|at| below(at.to_string())));
                }
                _ => {}
            }
            places.push(Place {
                label: path.join("."),
                value: value.clone(),
                pointer,
            });
        }
        level = next;
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn unescaped(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}
