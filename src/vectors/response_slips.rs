//! What goes wrong when a response is written: its members missing, null, of another type or form, and members too many.

use serde_json::{Value, json};

use crate::generate::mutate::{Change, Mutation, mutations};
use crate::protocol::Callback;
use crate::protocol::catalog::{CATALOG, TENANT_MAPPING_READ};
use crate::protocol::text::is_uuid;

/// One thing that is otherwise than in the right response. Whether it is wrong is the judge's to say.
pub(super) struct Slip {
    /// What it is.
    pub name: String,
    /// The body with it.
    pub body: Value,
}

/// Slips of a callback's successful response. The envelope is alike in all, so it is broken in one callback alone.
pub(super) fn of(callback: &Callback, right: &Value) -> Vec<Slip> {
    let whole = callback.id == TENANT_MAPPING_READ.id;
    let mut slips: Vec<Slip> = mutations(right)
        .into_iter()
        .filter(|mutation| whole || mutation.pointer.starts_with("/payload"))
        .filter(|mutation| is_first(&mutation.pointer, right))
        .filter_map(|mutation| slip(&mutation, right))
        .collect();
    slips.extend(other_types(callback, right));
    slips.extend(twice(right));
    if !callback.response_payload {
        slips.extend([json!(null), json!({}), json!([])].map(|payload| {
            let name = format!("/payload = {payload}, where there is none");
            with(right, "payload", payload, name)
        }));
    }
    slips
}

/// Whether no item before has the same place: what is broken in one item need not be broken in the next.
fn is_first(pointer: &str, right: &Value) -> bool {
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let in_first: Vec<&str> = pointer
        .split('/')
        .map(|part| {
            if !part.is_empty() && is_number(&part) {
                "0"
            } else {
                part
            }
        })
        .collect();
    let in_first = in_first.join("/");
    in_first == pointer || right.pointer(&in_first).is_none()
}

/// Slips of an error answer.
pub(super) fn of_error(right: &Value, callback: &Callback) -> Vec<Slip> {
    let mut slips: Vec<Slip> = mutations(right)
        .iter()
        .filter_map(|mutation| slip(mutation, right))
        .collect();
    slips.push(with(
        right,
        "type",
        json!(callback.response_type),
        "the type of a success".to_owned(),
    ));
    slips
}

/// Of all mutations those that handlers are known for.
fn slip(mutation: &Mutation, right: &Value) -> Option<Slip> {
    let Mutation { pointer, change } = mutation;
    let own = right.pointer(pointer)?;
    let is_root = pointer.is_empty();
    let known = match change {
        Change::Remove => true,
        Change::Rename(_) => false,
        Change::Add(further) => own.is_object() && *further == json!("further"),
        Change::Replace(other) if is_root => *other == json!([]),
        Change::Replace(other) => match own {
            Value::String(text) => {
                [json!(null), json!(""), json!(0)].contains(other)
                    || is_uuid(text) && *other == json!(text.replace('-', ""))
                    || !is_uuid(text) && *other == json!(text.to_ascii_lowercase())
            }
            Value::Array(_) => [json!(null), json!({})].contains(other),
            Value::Object(_) => [json!(null), json!([])].contains(other),
            _ => [json!(null), json!("")].contains(other),
        },
    };
    if !known {
        return None;
    }
    let place = if is_root { "the body" } else { pointer };
    let name = match change {
        Change::Remove => format!("{place} absent"),
        Change::Add(_) => format!("{place} with a further member"),
        Change::Replace(other) => format!("{place} = {other}"),
        Change::Rename(name) => format!("{place} named {name}"),
    };
    Some(Slip {
        name,
        body: mutation.apply(right),
    })
}

/// The first item of a list once more.
fn twice(right: &Value) -> Option<Slip> {
    let place = ["/payload/items", "/payload"]
        .into_iter()
        .find(|place| right.pointer(place).is_some_and(Value::is_array))?;
    let mut body = right.clone();
    let items = body.pointer_mut(place)?.as_array_mut()?;
    let first = items.first()?.clone();
    items.push(first);
    let name = format!("the first of {place} twice");
    Some(Slip { name, body })
}

/// Types that are mistaken for the response's.
fn other_types(callback: &Callback, right: &Value) -> Vec<Slip> {
    let other = CATALOG
        .iter()
        .find(|other| other.response_type != callback.response_type);
    [
        Some(("the request's type", callback.request_type.to_owned())),
        Some(("the callback's id for a type", callback.id.to_owned())),
        Some((
            "the next minor version of the type",
            next_minor(callback.response_type),
        )),
        other.map(|other| {
            (
                "the type of another callback's response",
                other.response_type.to_owned(),
            )
        }),
    ]
    .into_iter()
    .flatten()
    .map(|(name, kind)| with(right, "type", json!(kind), name.to_owned()))
    .collect()
}

fn next_minor(kind: &str) -> String {
    match kind.strip_suffix(".0") {
        Some(start) => format!("{start}.1"),
        None => format!("{kind}1"),
    }
}

fn with(right: &Value, member: &str, value: Value, name: String) -> Slip {
    let mut body = right.clone();
    body[member] = value;
    Slip { name, body }
}
