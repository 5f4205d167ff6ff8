//! Texts as a schema asks for them: by pattern, by format, by length. None has control characters, for a right handler may have
//! any reason not to like those.

use proptest::prelude::*;
use proptest::strategy::{SBoxedStrategy, ValueTree};

use super::effective::Part;
use crate::generate::{payload, seed, valid};

/// Texts of a pattern that are tried.
const TRIES: u64 = 64;
/// Characters of a long text: more than 255, which columns and fields are often made for.
const LONG: usize = 300;
/// Longest text that is made for the sake of a bound alone.
const LONGEST: usize = 4_096;

/// Texts that this part of a schema allows, as far as they can be made.
pub(super) fn texts(part: &Part<'_>) -> SBoxedStrategy<String> {
    if let Some(pattern) = part.members.get("pattern").and_then(|it| it.as_str()) {
        return prop::sample::select(of_pattern(part, pattern)).sboxed();
    }
    match part.members.get("format").and_then(|it| it.as_str()) {
        Some(format) => of_format(format),
        None => of_length(part),
    }
}

/// The texts at the bounds, the shortest first.
pub(super) fn bounds(part: &Part<'_>) -> Vec<String> {
    if let Some(pattern) = part.members.get("pattern").and_then(|it| it.as_str()) {
        let mut known = of_pattern(part, pattern);
        known.dedup_by_key(|text| text.chars().count());
        let last = known.pop();
        return known.into_iter().take(1).chain(last).collect();
    }
    if part.members.contains_key("format") {
        return Vec::new();
    }
    let (least, most) = (part.count("minLength"), part.count("maxLength"));
    let all = [least, most.filter(|most| *most <= LONGEST)];
    all.into_iter().flatten().map(plain).collect()
}

/// Texts of the lengths that have no bound: none at all, and more than fits where nobody thought of it.
pub(super) fn unbounded(part: &Part<'_>) -> Vec<String> {
    if part.members.contains_key("pattern") || part.members.contains_key("format") {
        return Vec::new();
    }
    let (least, most) = (part.count("minLength"), part.count("maxLength"));
    let none = least.unwrap_or(0) == 0;
    let long = most.is_none() && least.is_none_or(|least| least <= LONG);
    let all = [none.then(String::new), long.then(|| plain(LONG))];
    all.into_iter().flatten().collect()
}

/// A text of so many characters, each of one byte.
pub(super) fn plain(length: usize) -> String {
    "abcdefghijklmnopqrstuvwxyz"
        .chars()
        .cycle()
        .take(length)
        .collect()
}

fn of_length(part: &Part<'_>) -> SBoxedStrategy<String> {
    let least = part.count("minLength").unwrap_or(1);
    let most = part.count("maxLength").unwrap_or(usize::MAX);
    let mut bounds = bounds(part);
    bounds.extend(unbounded(part));
    let names = payload::name().prop_map(move |name| {
        let length = name.chars().count();
        match length {
            _ if length > most => plain(most),
            _ if length < least => name + &plain(least - length),
            _ => name,
        }
    });
    if bounds.is_empty() {
        return names.sboxed();
    }
    prop_oneof![4 => names, 1 => prop::sample::select(bounds)].sboxed()
}

fn of_format(format: &str) -> SBoxedStrategy<String> {
    let one_of = |texts: &[&'static str]| {
        let texts = texts.to_vec();
        prop::sample::select(texts).prop_map(str::to_owned).sboxed()
    };
    match format {
        "date-time" => valid::created_at(),
        "uuid" => valid::tenant_uuid(),
        "cti" => valid::endpoint_id(),
        "date" => one_of(&["2023-04-10", "1999-12-31", "2024-02-29"]),
        "email" => one_of(&["anna@example.com", "o.neil+it@mail.example.org"]),
        "hostname" => one_of(&["example.com", "a-1.eu.example.org"]),
        "ipv4" => one_of(&["192.0.2.1", "10.0.0.255"]),
        "ipv6" => one_of(&["2001:db8::1", "::1"]),
        _ => one_of(&["https://example.com/a?b=c#d", "urn:example:a"]),
    }
}

/// Texts of a pattern, of the lengths that are asked for, the shortest first; one that fits nothing where none could be made,
/// since whoever asks tries what comes.
fn of_pattern(part: &Part<'_>, pattern: &str) -> Vec<String> {
    let least = part.count("minLength").unwrap_or(0);
    let most = part.count("maxLength").unwrap_or(usize::MAX);
    let Ok(all) = prop::string::string_regex(&makeable(pattern)) else {
        return vec![String::new()];
    };
    let made = (0..TRIES).filter_map(|number| {
        let tree = seed::tree(&all, seed::case_seed(0, pattern, number));
        tree.ok().map(|tree| tree.current())
    });
    let mut fitting: Vec<String> = made
        .filter(|text| (least..=most).contains(&text.chars().count()))
        .filter(|text| !text.chars().any(char::is_control))
        .collect();
    fitting.sort_by_key(|text| (text.chars().count(), text.clone()));
    fitting.dedup();
    if fitting.is_empty() {
        vec![String::new()]
    } else {
        fitting
    }
}

/// The pattern as texts can be made of it: without anchors, and with printable ASCII for what stands for any character.
fn makeable(pattern: &str) -> String {
    let mut made = String::new();
    let mut letters = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(letter) = letters.next() {
        match (letter, in_class) {
            ('\\', _) => match (letters.next(), in_class) {
                (Some('d'), true) => made.push_str("0-9"),
                (Some('d'), false) => made.push_str("[0-9]"),
                (Some('w'), true) => made.push_str("A-Za-z0-9_"),
                (Some('w'), false) => made.push_str("[A-Za-z0-9_]"),
                (Some('s'), _) => made.push(' '),
                (Some('S'), false) => made.push_str("[!-~]"),
                (Some('b' | 'B'), false) => {}
                (Some('/'), _) => made.push('/'),
                (Some(other), _) => made.extend(['\\', other]),
                (None, _) => made.push('\\'),
            },
            ('^' | '$', false) => {}
            ('.', false) => made.push_str("[ -~]"),
            ('[', false) => {
                in_class = true;
                if letters.next_if_eq(&'^').is_some() {
                    made.push_str("[ -~&&[^");
                    copy_class(&mut letters, &mut made);
                    made.push_str("]]");
                    in_class = false;
                } else {
                    made.push('[');
                }
            }
            (']', true) => {
                in_class = false;
                made.push(']');
            }
            (other, _) => made.push(other),
        }
    }
    made
}

/// Copies the rest of a negated class, without its end.
fn copy_class(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, made: &mut String) {
    while let Some(letter) = letters.next() {
        match letter {
            ']' => return,
            '\\' => made.extend(std::iter::once('\\').chain(letters.next())),
            other => made.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::protocol::PayloadSchema;

    #[test]
    fn texts_of_patterns_have_them() {
        for (pattern, least, most) in [
            ("^[A-Z]{2}-\\d{3,5}$", 0, 9),
            ("^(a|b)+$", 3, 5),
            ("^\\w+@[^@ ]+\\.com$", 0, 40),
            ("^ab$|^cd$", 0, 9),
            ("x.y", 3, 3),
            ("^\\/[a-z]+$", 0, 99),
        ] {
            let text = json!({"pattern": pattern, "minLength": least, "maxLength": most, "type": "string"});
            let schema = PayloadSchema::parse("s", &text.to_string()).expect("a schema");
            let made = of_pattern(&Part::root(&schema), pattern);
            for text in &made {
                assert!(
                    schema.is_right(&Value::from(text.as_str())),
                    "{pattern} {text:?}"
                );
            }
        }
    }

    #[test]
    fn texts_have_the_lengths_that_are_asked_for() {
        let text = json!({"type": "string", "minLength": 4, "maxLength": 7});
        let schema = PayloadSchema::parse("s", &text.to_string()).expect("a schema");
        let part = Part::root(&schema);
        assert_eq!(bounds(&part), ["abcd", "abcdefg"]);
        let all = texts(&part);
        for number in 0..200 {
            let tree = seed::tree(&all, seed::case_seed(1, "texts", number)).expect("no filter");
            let length = tree.current().chars().count();
            assert!((4..=7).contains(&length), "{}", tree.current());
        }
    }
}
