//! Any value that a part of a schema allows, as far as it can be made; whoever takes one holds it against the schema.

use proptest::prelude::*;
use proptest::strategy::{SBoxedStrategy, Union};
use serde_json::{Map, Value, json};

use super::effective::Part;
use super::text;

/// Most items of a list that may have any number.
const MORE_ITEMS: usize = 3;
/// Most items of any list.
const MOST_ITEMS: usize = 64;
/// A number that 32 bits do not hold.
const LARGE: f64 = 5e9;
/// Numbers beyond this are not whole in every language.
const SAFE: f64 = 9_007_199_254_740_991.0;

/// The values.
pub(super) fn values(part: &Part<'_>) -> SBoxedStrategy<Value> {
    if part.is_too_deep() {
        return Just(Value::Null).sboxed();
    }
    let alternatives = part.alternatives();
    match &alternatives[..] {
        [one] => plain(one),
        several => one_of(several.iter().map(plain).collect()),
    }
}

fn plain(part: &Part<'_>) -> SBoxedStrategy<Value> {
    if let Some(listed) = part.listed().filter(|listed| !listed.is_empty()) {
        return prop::sample::select(listed.clone()).sboxed();
    }
    one_of(
        part.types()
            .into_iter()
            .map(|kind| of_type(part, kind))
            .collect(),
    )
}

fn of_type(part: &Part<'_>, kind: &str) -> SBoxedStrategy<Value> {
    match kind {
        "object" => objects(part),
        "array" => lists(part),
        "string" => text::texts(part).prop_map(Value::String).sboxed(),
        "integer" => numbers(part, 1.0),
        "number" => numbers(part, 0.25),
        "boolean" => any::<bool>().prop_map(Value::Bool).sboxed(),
        _ => Just(Value::Null).sboxed(),
    }
}

fn objects(part: &Part<'_>) -> SBoxedStrategy<Value> {
    let deep = part.is_deep();
    let mut fields: Vec<SBoxedStrategy<Option<(String, Value)>>> = Vec::new();
    for (name, field, required) in part.properties() {
        if deep && !required {
            continue;
        }
        let value = values(&field).prop_map(move |value| (name.clone(), value));
        fields.push(match required {
            true => value.prop_map(Some).sboxed(),
            false => prop::option::weighted(0.7, value).sboxed(),
        });
    }
    if let Some(further) = part
        .members
        .get("additionalProperties")
        .filter(|it| it.is_object() && !deep)
    {
        let value = values(&part.part(further));
        for name in ["key-1", "key 2"] {
            let value = value
                .clone()
                .prop_map(move |value| (name.to_owned(), value));
            fields.push(prop::option::weighted(0.5, value).sboxed());
        }
    }
    fields
        .prop_map(|fields| Value::Object(fields.into_iter().flatten().collect::<Map<_, _>>()))
        .sboxed()
}

fn lists(part: &Part<'_>) -> SBoxedStrategy<Value> {
    let (least, most) = lengths(part);
    let most = if part.is_deep() { least } else { most };
    let unique = part.says("uniqueItems");
    let item = part.items().map_or_else(
        || (0..1_000_u32).prop_map(|number| json!(number)).sboxed(),
        |items| values(&items),
    );
    let listed = move |items: Vec<Value>| {
        let mut kept: Vec<Value> = Vec::new();
        for item in items {
            if !unique || !kept.contains(&item) {
                kept.push(item);
            }
        }
        Value::Array(kept)
    };
    let any = prop::collection::vec(item.clone(), least..=most).prop_map(listed);
    let bound = |length: usize| prop::collection::vec(item.clone(), length).prop_map(listed);
    prop_oneof![3 => any, 1 => bound(least), 1 => bound(most)].sboxed()
}

/// The least and the most items of a list.
pub(super) fn lengths(part: &Part<'_>) -> (usize, usize) {
    let least = part.count("minItems").unwrap_or(0).min(MOST_ITEMS);
    let most = part.count("maxItems").unwrap_or(least + MORE_ITEMS);
    (least, most.min(MOST_ITEMS).max(least))
}

fn numbers(part: &Part<'_>, step: f64) -> SBoxedStrategy<Value> {
    let (least, most, step) = steps(part, step);
    let number = move |at: i64| json_number(at as f64 * step);
    let mut bounds = vec![number(least), number(most)];
    bounds.extend(unbounded(part, step));
    prop_oneof![
        4 => (least..=most).prop_map(number),
        1 => prop::sample::select(bounds),
    ]
    .sboxed()
}

/// Numbers on the side that has no bound: below zero, and beyond 32 bits.
pub(super) fn unbounded(part: &Part<'_>, step: f64) -> Vec<Value> {
    let (_, _, step) = steps(part, step);
    let mut all = Vec::new();
    if part.number("minimum").is_none() && part.number("maximum").is_none_or(|most| most >= -1.0) {
        all.push(json_number((-1.0 / step).floor() * step));
    }
    if part.number("maximum").is_none() && part.number("minimum").is_none_or(|least| least <= LARGE)
    {
        all.push(json_number((LARGE / step).ceil() * step));
    }
    all
}

/// The least and the most multiple of a step that is within the bounds, and the step.
pub(super) fn steps(part: &Part<'_>, step: f64) -> (i64, i64, f64) {
    let of = part.number("multipleOf").filter(|of| *of > 0.0);
    let step = match of {
        // Whole numbers only, where a whole one is asked for.
        Some(of) if step == 1.0 && of.fract() != 0.0 => (of * (1.0 / of).round()).max(1.0).round(),
        Some(of) => of,
        None => step,
    };
    let (low, high) = (part.number("minimum"), part.number("maximum"));
    let least = low
        .or(high.map(|high| (high - 1_000.0).min(0.0)))
        .unwrap_or(0.0);
    let most = high.unwrap_or(least.max(0.0) + 1_000.0);
    let clamp = |number: f64| number.clamp(-SAFE, SAFE);
    let mut least_at = (clamp(least) / step).ceil();
    let mut most_at = (clamp(most) / step).floor();
    if low.is_some() && part.says("exclusiveMinimum") && least_at * step <= least {
        least_at += 1.0;
    }
    if high.is_some() && part.says("exclusiveMaximum") && most_at * step >= most {
        most_at -= 1.0;
    }
    (least_at as i64, (most_at as i64).max(least_at as i64), step)
}

/// A number as it is written plainly: without a fraction where it has none.
pub(super) fn json_number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() <= SAFE {
        json!(number as i64)
    } else {
        json!(number)
    }
}

fn one_of(mut strategies: Vec<SBoxedStrategy<Value>>) -> SBoxedStrategy<Value> {
    match (strategies.len(), strategies.pop()) {
        (_, None) => Just(Value::Null).sboxed(),
        (1, Some(only)) => only,
        (_, Some(last)) => {
            strategies.push(last);
            Union::new(strategies).sboxed()
        }
    }
}
