//! One thing that is wrong: a member missing, of a wrong type, or one character off.

use acgw_conformance::generate::mutate::{Change, Mutation};
use arbitrary::Arbitrary;
use serde_json::{Map, Number, Value};

/// A slip at one place of a message.
#[derive(Debug, Arbitrary)]
pub struct Slip {
    /// Which place, counted from the root.
    place: u8,
    what: What,
}

#[derive(Debug, Arbitrary)]
enum What {
    Missing,
    /// One character of the string is put in, taken out or another.
    Character {
        at: u16,
        instead: bool,
        put: Option<char>,
    },
    Value(Json),
    Further(Json),
    /// The member has the name of another that the protocol knows.
    Known(u8),
    Renamed(String),
    /// The number is one off.
    More,
    Less,
}

/// A value, two levels deep at most: deep ones are what `request_body` is for.
#[derive(Debug, Arbitrary)]
enum Json {
    Leaf(Leaf),
    Array(Vec<Leaf>),
    Object(Vec<(String, Leaf)>),
}

#[derive(Debug, Arbitrary)]
enum Leaf {
    Null,
    Bool(bool),
    Small(i8),
    Whole(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
    Known(u8),
}

/// Names and values that mean something somewhere.
const KNOWN: [&str; 28] = [
    "type",
    "request_id",
    "response_id",
    "created_at",
    "context",
    "payload",
    "paging",
    "err_message",
    "callback_id",
    "tenant_id",
    "items",
    "modified",
    "vendor_tenant_id",
    "acronis_tenant_id",
    "acronis_tenant_name",
    "partner_tenant_id",
    "id",
    "name",
    "state",
    "settings",
    "enabled",
    "disabled",
    "offset",
    "before",
    "ENABLED",
    "DISABLED",
    "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
    "cti.a.p.acgw.response.v1.0~a.p.success_no_content.v1.0",
];

impl Slip {
    /// What it does to a value.
    pub fn at(&self, value: &Value) -> Mutation {
        let all = places(value);
        let pointer = all[usize::from(self.place) % all.len()].clone();
        let here = value.pointer(&pointer);
        let change = match &self.what {
            What::Missing => Change::Remove,
            What::Character { at, instead, put } => {
                let text = here.and_then(Value::as_str).unwrap_or_default();
                Change::Replace(one_off(text, usize::from(*at), *instead, *put).into())
            }
            What::Value(json) => Change::Replace(json.value()),
            What::Further(json) => Change::Add(json.value()),
            What::Known(known) => Change::Rename(known_text(*known).to_owned()),
            What::Renamed(name) => Change::Rename(name.clone()),
            What::More => Change::Replace(by(here, 1)),
            What::Less => Change::Replace(by(here, -1)),
        };
        Mutation { pointer, change }
    }
}

/// Where a problem of a mutation may lie: at the place or in it, or, where a member goes or has another name, in what had it.
pub fn seat(mutation: &Mutation) -> String {
    let pointer = mutation.pointer.as_str();
    let seat = match mutation.change {
        Change::Replace(_) | Change::Add(_) => pointer,
        Change::Remove | Change::Rename(_) => {
            pointer.rsplit_once('/').map_or("", |(front, _)| front)
        }
    };
    seat.to_owned()
}

fn known_text(choice: u8) -> &'static str {
    KNOWN[usize::from(choice) % KNOWN.len()]
}

fn one_off(text: &str, at: usize, instead: bool, put: Option<char>) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = at % (characters.len() + 1);
    if (instead || put.is_none()) && at < characters.len() {
        characters.remove(at);
    }
    if let Some(put) = put {
        characters.insert(at, put);
    }
    characters.into_iter().collect()
}

/// A number that is one off; what is none becomes one.
fn by(value: Option<&Value>, step: i64) -> Value {
    let number = value.and_then(Value::as_i64).unwrap_or_default();
    match number.checked_add(step) {
        Some(number) => number.into(),
        None if step > 0 => (1_u64 << 63).into(),
        None => Value::from(-9_223_372_036_854_777_856.0),
    }
}

impl Json {
    fn value(&self) -> Value {
        match self {
            Self::Leaf(leaf) => leaf.value(),
            Self::Array(leaves) => leaves.iter().map(Leaf::value).collect(),
            Self::Object(members) => {
                let members = members.iter();
                let members = members.map(|(name, leaf)| (name.clone(), leaf.value()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

impl Leaf {
    fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => (*bool).into(),
            Self::Small(number) => (*number).into(),
            Self::Whole(number) => (*number).into(),
            Self::Unsigned(number) => (*number).into(),
            // There is no JSON for the others.
            Self::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
            Self::Text(text) => text.as_str().into(),
            Self::Known(known) => known_text(*known).into(),
        }
    }
}

/// The pointers of a value and of all in it.
fn places(value: &Value) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut next = 0;
    while let Some(pointer) = all.get(next).cloned() {
        next += 1;
        match value.pointer(&pointer) {
            Some(Value::Object(members)) => {
                let names = members.keys();
                let names = names.map(|name| name.replace('~', "~0").replace('/', "~1"));
                all.extend(names.map(|name| format!("{pointer}/{name}")));
            }
            Some(Value::Array(items)) => {
                all.extend((0..items.len()).map(|place| format!("{pointer}/{place}")));
            }
            _ => {}
        }
    }
    all
}
