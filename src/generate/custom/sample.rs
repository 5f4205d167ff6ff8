//! Single values at the edges of what a schema allows, and those that differ from one at one place.

use serde_json::{Map, Value, json};

use super::effective::Part;
use super::{text, value};

/// Which edge.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// Nothing that may be left out, everything as small as may be.
    Least,
    /// Everything there is, as large as may be.
    Most,
}

/// The value at an edge.
pub(super) fn at(part: &Part<'_>, edge: Edge) -> Value {
    if part.is_too_deep() {
        return Value::Null;
    }
    let alternatives = part.alternatives();
    let part = match edge {
        Edge::Least => alternatives.first(),
        Edge::Most => alternatives.last(),
    };
    let Some(part) = part else { return Value::Null };
    let all = edge_values(part);
    let chosen = match edge {
        Edge::Least => all.into_iter().next(),
        Edge::Most => all.into_iter().next_back(),
    };
    if let Some(chosen) = chosen {
        return chosen;
    }
    match part.types().first() {
        Some(&"object") => object(part, edge),
        Some(&"array") => list(part, edge),
        _ => Value::Null,
    }
}

/// The telling values of what is neither object nor list: every one that is listed, the bounds, a usual one.
pub(super) fn edge_values(part: &Part<'_>) -> Vec<Value> {
    if let Some(listed) = part.listed() {
        return listed.clone();
    }
    let mut all = Vec::new();
    for kind in part.types() {
        match kind {
            "string" => {
                let usual = first_text(part);
                let bounds = text::bounds(part);
                all.extend(bounds.first().cloned().map(Value::String));
                all.push(Value::String(usual));
                all.extend(bounds.into_iter().skip(1).map(Value::String));
            }
            "integer" | "number" => {
                let step = if kind == "integer" { 1.0 } else { 0.25 };
                let (least, most, step) = value::steps(part, step);
                let between = least + (most - least) / 2;
                for at in [least, between, most] {
                    all.push(value::json_number(at as f64 * step));
                }
            }
            "boolean" => all.extend([json!(false), json!(true)]),
            "null" => all.push(Value::Null),
            _ => {}
        }
    }
    all.dedup();
    all
}

/// Values that are right for want of a bound, and which a program may not have thought of: no text and a long one, numbers below
/// zero and ones that do not fit 32 bits.
pub(super) fn unbounded_values(part: &Part<'_>) -> Vec<Value> {
    if part.listed().is_some() {
        return Vec::new();
    }
    let of_type = |kind: &str| match kind {
        "string" => text::unbounded(part)
            .into_iter()
            .map(Value::String)
            .collect(),
        "integer" => value::unbounded(part, 1.0),
        "number" => value::unbounded(part, 0.25),
        _ => Vec::new(),
    };
    part.types().into_iter().flat_map(of_type).collect()
}

fn first_text(part: &Part<'_>) -> String {
    use crate::generate::seed;
    use proptest::strategy::ValueTree;
    let tree = seed::tree(&text::texts(part), seed::case_seed(0, "custom text", 0));
    tree.map_or_else(|_| String::new(), |tree| tree.current())
}

fn object(part: &Part<'_>, edge: Edge) -> Value {
    let all = edge == Edge::Most && !part.is_deep();
    let fields = part.properties().into_iter();
    fields
        .filter(|(_, _, required)| *required || all)
        .map(|(name, field, _)| (name, at(&field, edge)))
        .collect::<Map<_, _>>()
        .into()
}

fn list(part: &Part<'_>, edge: Edge) -> Value {
    let (least, most) = value::lengths(part);
    let length = match edge {
        Edge::Least => least,
        Edge::Most if part.is_deep() => least,
        Edge::Most => most.min(least.max(2)),
    };
    let Some(items) = part.items() else {
        return (0..length).map(|number| json!(number)).collect();
    };
    let mut listed: Vec<Value> = Vec::new();
    let others = edge_values(&items);
    for number in 0..length {
        let item = at(&items, edge);
        let fresh = others.iter().find(|one| !listed.contains(one));
        listed.push(match (listed.contains(&item), fresh) {
            (true, Some(fresh)) if part.says("uniqueItems") => fresh.clone(),
            (true, None) if part.says("uniqueItems") => json!(number),
            _ => item,
        });
    }
    listed.into()
}

/// A place within a value: where it is, and what the schema asks for there.
pub(super) struct Place<'a> {
    /// A JSON pointer.
    pub pointer: String,
    pub part: Part<'a>,
    /// Whether it must be there; items of lists need not.
    pub required: bool,
    pub value: Value,
}

/// Every place within a value that the schema knows, what is nearer to the root first.
pub(super) fn places<'a>(root: &Part<'a>, value: &Value) -> Vec<Place<'a>> {
    const MOST: usize = 80;
    let mut found = vec![Place {
        pointer: String::new(),
        part: fitting(root, value),
        required: true,
        value: value.clone(),
    }];
    let mut next = 0;
    while next < found.len() && found.len() < MOST {
        let Place {
            pointer,
            part,
            value,
            ..
        } = &found[next];
        let mut below = Vec::new();
        match value {
            Value::Object(members) => {
                for (name, field, required) in part.properties() {
                    if let Some(value) = members.get(&name) {
                        let key = name.replace('~', "~0").replace('/', "~1");
                        below.push(Place {
                            pointer: format!("{pointer}/{key}"),
                            part: fitting(&field, value),
                            required,
                            value: value.clone(),
                        });
                    }
                }
            }
            Value::Array(items) => {
                if let (Some(of), Some(first)) = (part.items(), items.first()) {
                    below.push(Place {
                        pointer: format!("{pointer}/0"),
                        part: fitting(&of, first),
                        required: false,
                        value: first.clone(),
                    });
                }
            }
            _ => {}
        }
        found.extend(below);
        next += 1;
    }
    found
}

/// The alternative that the value seems to be of: by its JSON type.
fn fitting<'a>(part: &Part<'a>, value: &Value) -> Part<'a> {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let mut alternatives = part.alternatives();
    let fits = |one: &Part<'_>| {
        let types = one.types();
        let listed = one.listed().is_some_and(|listed| listed.contains(value));
        listed || types.contains(&kind) || (kind == "integer" && types.contains(&"number"))
    };
    let at = alternatives.iter().position(fits).unwrap_or(0);
    alternatives.swap_remove(at)
}

/// The value with another one at a place; `None` takes away what is there.
pub(super) fn with(value: &Value, pointer: &str, other: Option<Value>) -> Option<Value> {
    let mut changed = value.clone();
    match other {
        Some(other) => *changed.pointer_mut(pointer)? = other,
        None => {
            let (parent, key) = pointer.rsplit_once('/')?;
            let key = key.replace("~1", "/").replace("~0", "~");
            changed
                .pointer_mut(parent)?
                .as_object_mut()?
                .shift_remove(&key)?;
        }
    }
    Some(changed)
}
