//! Any JSON values, small enough for a header field. Regular expressions are costly to compile, so these strategies are built
//! once.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;
use serde_json::{Map, Number, Value};

use super::header::MOST_TEXT;
use super::hostile;

/// Strings: plain ones, with blanks and any characters, or hostile.
pub fn text() -> SBoxedStrategy<String> {
    static TEXT: LazyLock<SBoxedStrategy<String>> = LazyLock::new(|| {
        let hostile: Vec<String> = hostile::strings()
            .iter()
            .map(|hostile| hostile.value.clone())
            .filter(|value| value.len() <= 100)
            .collect();
        prop_oneof![
            3 => pattern("[a-z][a-z0-9_]{0,11}"),
            3 => pattern("[A-Za-z0-9 .:/\u{e4}\u{f6}\u{fc}\u{6f22}\u{1f600}\"'-]{0,16}"),
            1 => pattern("\\PC{0,12}"),
            1 => prop::sample::select(hostile),
        ]
        .sboxed()
    });
    TEXT.clone()
}

/// Numbers as JSON has them and all parsers read alike, more or less.
pub fn number() -> SBoxedStrategy<Number> {
    prop_oneof![
        3 => (-1_000_i64..1_000).prop_map(Number::from),
        1 => any::<i64>().prop_map(Number::from),
        1 => any::<u64>().prop_map(Number::from),
        1 => prop::num::f64::NORMAL
            .prop_map(|number| Number::from_f64(number).unwrap_or_else(|| Number::from(0))),
    ]
    .sboxed()
}

/// Any JSON value, not deep and not large.
pub fn any_value() -> SBoxedStrategy<Value> {
    // proptest's own recursion gives strategies that cannot be shared between threads; three levels are soon built by hand.
    static VALUE: LazyLock<SBoxedStrategy<Value>> = LazyLock::new(|| {
        (0..3).fold(scalar(), |inner, _| {
            let array = prop::collection::vec(inner.clone(), 0..=3).prop_map(Value::Array);
            let object = prop::collection::vec((text(), inner), 0..=3)
                .prop_map(|members| Value::Object(members.into_iter().collect()));
            prop_oneof![4 => scalar(), 1 => array, 1 => object].sboxed()
        })
    });
    VALUE.clone()
}

/// A JSON object of any members, whose text has room in a header.
pub fn object() -> SBoxedStrategy<Map<String, Value>> {
    prop::collection::vec((text(), any_value()), 0..=5)
        .prop_map(|members| bounded(members.into_iter().collect()))
        .sboxed()
}

/// The first members of an object, as many as have room.
pub(super) fn bounded(mut members: Map<String, Value>) -> Map<String, Value> {
    let mut room = MOST_TEXT;
    members.retain(|key, value| {
        let size = key.len() * 6 + value.to_string().len() + 4;
        let fits = size <= room;
        if fits {
            room -= size;
        }
        fits
    });
    members
}

fn scalar() -> SBoxedStrategy<Value> {
    prop_oneof![
        4 => text().prop_map(Value::String),
        2 => number().prop_map(Value::Number),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Null),
    ]
    .sboxed()
}

/// Strings of a regular expression written in this file.
fn pattern(expression: &'static str) -> SBoxedStrategy<String> {
    prop::string::string_regex(expression)
        .expect("the expressions of this file are valid")
        .sboxed()
}
