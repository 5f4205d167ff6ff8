//! `paging` of requests: right ones, and near ones.
//!
//! What responses say of pages is not public, and with it what a cursor is: a right one asks for the first page, and one that has a
//! cursor is near at best.

use proptest::arbitrary::any;
use proptest::prop_oneof;
use proptest::sample::select;
use proptest::strategy::{Just, SBoxedStrategy, Strategy};
use serde_json::{Value, json};

/// How many entries the control asks for.
const USUAL: u64 = 50;
/// The most that is asked for as a matter of course; of a larger page a handler may think that it is too much.
const MOST: u64 = 100;

/// What the control has.
pub fn usual() -> Value {
    page(USUAL)
}

/// What else a right request may have.
pub fn right() -> Vec<Value> {
    [1, MOST, 10, 2, 25].map(page).into()
}

/// Anything that a right request may have.
pub fn any_right() -> SBoxedStrategy<Value> {
    (1..=MOST).prop_map(page).sboxed()
}

/// What a right request does not have, or is not known to have, the most telling first: what it is, in a few words, and what stands
/// there; `None` where nothing does.
pub fn near() -> Vec<(String, Option<Value>)> {
    let mut all = vec![("paging absent".to_owned(), None)];
    let mut put = |name: String, paging: Value| all.push((name, Some(paging)));
    for limit in [json!(0), json!(-1), json!("10"), json!(null)] {
        put(format!("paging.limit = {limit}"), json!({"limit": limit}));
    }
    put("paging = null".to_owned(), json!(null));
    put("paging.limit absent".to_owned(), json!({}));
    for (key, cursor) in [
        ("after", json!("acgw-unknown")),
        ("before", json!("acgw-unknown")),
        ("after", json!(7)),
    ] {
        put(format!("paging.{key} = {cursor}"), with(key, cursor));
    }
    for limit in [
        json!(2_147_483_648_u64),
        json!(1e300),
        json!(1.5),
        json!(true),
        json!([10]),
        json!({}),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1_000_000),
        json!(""),
        json!("ten"),
    ] {
        put(format!("paging.limit = {limit}"), json!({"limit": limit}));
    }
    for key in ["after", "before"] {
        for cursor in [
            json!(""),
            json!(null),
            json!({}),
            json!([]),
            json!(-1),
            json!("' OR '1'='1"),
            json!("\u{0}"),
        ] {
            put(format!("paging.{key} = {cursor}"), with(key, cursor));
        }
    }
    put(
        "paging with both cursors".to_owned(),
        json!({"limit": USUAL, "after": "acgw-unknown", "before": "acgw-unknown"}),
    );
    put(
        "paging with a further key".to_owned(),
        with("acgw-unknown", json!(1)),
    );
    for paging in [
        json!([]),
        json!("text"),
        json!(10),
        json!(true),
        json!([{"limit": USUAL}]),
    ] {
        put(format!("paging = {paging}"), paging);
    }
    all
}

/// Anything of that kind.
pub fn any_near() -> SBoxedStrategy<(String, Option<Value>)> {
    let scalar = prop_oneof![
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,40}".prop_map(|text| json!(text)),
        Just(json!(null)),
    ];
    let made = prop_oneof![
        scalar.clone().prop_map(|limit| (
            format!("paging.limit = {limit}"),
            Some(json!({"limit": limit}))
        )),
        (select(vec!["after", "before"]), scalar).prop_map(|(key, cursor)| (
            format!("paging.{key} = {cursor}"),
            Some(with(key, cursor))
        )),
    ];
    prop_oneof![select(near()), made].sboxed()
}

fn page(limit: u64) -> Value {
    json!({ "limit": limit })
}

fn with(key: &str, value: Value) -> Value {
    let mut paging = usual();
    paging[key] = value;
    paging
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_has_a_name_of_its_own_and_only_right_ones_are_right() {
        let near = near();
        let names: HashSet<&str> = near.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.len(), near.len());
        let right: Vec<Value> = right().into_iter().chain([usual()]).collect();
        for one in &right {
            assert!(
                one["limit"]
                    .as_u64()
                    .is_some_and(|limit| (1..=MOST).contains(&limit))
            );
            assert!(
                near.iter().all(|(_, other)| other.as_ref() != Some(one)),
                "{one}"
            );
        }
    }
}
