//! CTI identifiers: hand-picked cases, and properties of generated ones.

use std::collections::HashSet;

use acgw_conformance::generate::cti::{BAD, GOOD};
use acgw_conformance::protocol::{Cti, CtiErrorKind as Kind};
use proptest::prelude::*;
use serde_json::{Value, json};

const UUID: &str = "35a0fdea-077a-4117-ab7a-1eebc309ee05";

#[test]
fn good_identifiers_are_taken_apart_and_print_back() {
    for (text, contexts, uuid) in GOOD {
        let cti = Cti::parse(text).unwrap_or_else(|error| panic!("{}", error.pointed(text)));
        let found: Vec<_> = cti
            .contexts()
            .map(|c| (c.vendor, c.package, c.entity_name, c.major, c.minor))
            .collect();
        assert_eq!(found, *contexts, "{text}");
        assert_eq!(cti.uuid(), *uuid, "{text}");
        assert_eq!(cti.to_string(), *text);
        assert_eq!(rebuilt(&cti), *text);
    }
}

#[test]
fn bad_texts_are_refused_for_the_right_reason_at_the_right_character() {
    for (kind, good, rest) in BAD {
        let text = format!("{good}{rest}");
        let Err(error) = Cti::parse(&text) else {
            panic!("{text:?} was taken for an identifier");
        };
        assert_eq!(error.kind(), *kind, "{text:?}: {error}");
        assert_eq!(error.position(), good.chars().count(), "{text:?}: {error}");
        assert_eq!(error.is_reference(), *kind == Kind::Reference, "{text:?}");
    }
}

#[test]
fn the_table_is_long_varied_and_without_repetition() {
    let good: HashSet<String> = GOOD.iter().map(|(text, ..)| (*text).to_owned()).collect();
    let bad: HashSet<String> = BAD.iter().map(|(_, a, b)| format!("{a}{b}")).collect();
    assert_eq!(good.len(), GOOD.len());
    assert_eq!(bad.len(), BAD.len());
    assert!(good.is_disjoint(&bad));
    assert!(good.len() + bad.len() >= 150);
    let kinds: HashSet<Kind> = BAD.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(
        kinds.len(),
        19,
        "every kind but the length, which has its own test"
    );
}

#[test]
fn at_most_1024_characters() {
    let of_length = |length: usize| format!("cti.a.p.{}.v1.0", "x".repeat(length - 13));
    assert_eq!(of_length(1024).len(), 1024);
    assert!(Cti::parse(&of_length(1023)).is_ok());
    assert!(Cti::parse(&of_length(1024)).is_ok());
    let error = Cti::parse(&of_length(1025)).unwrap_err();
    assert_eq!((error.kind(), error.position()), (Kind::TooLong, 1024));

    // The first offence is told: before the limit that is the character, behind it the length.
    let early = Cti::parse(&format!("cti.A{}", "x".repeat(2000))).unwrap_err();
    assert_eq!((early.kind(), early.position()), (Kind::UpperCase, 4));
    let late = Cti::parse(&format!("{} ", of_length(1024))).unwrap_err();
    assert_eq!((late.kind(), late.position()), (Kind::TooLong, 1024));
    let missing = Cti::parse(&format!("cti.a.p.{}", "x".repeat(1016))).unwrap_err();
    assert_eq!(
        (missing.kind(), missing.position()),
        (Kind::MissingVersion, 1024)
    );
    // Characters are counted, not bytes.
    let wide = Cti::parse(&format!("cti.a.p.{}é", "x".repeat(1015))).unwrap_err();
    assert_eq!((wide.kind(), wide.position()), (Kind::Character, 1023));
}

#[test]
fn ancestry() {
    let base = Cti::parse("cti.a.p.x.v1.0").unwrap();
    let child = Cti::parse("cti.a.p.x.v1.0~b.q.y.v2.3").unwrap();
    let anonymous = Cti::parse(&format!("cti.a.p.x.v1.0~b.q.y.v2.3~{UUID}")).unwrap();

    assert_eq!(base.parent(), None);
    assert_eq!(child.parent(), Some(base.clone()));
    assert_eq!(anonymous.parent(), Some(child.clone()));
    assert_eq!(
        anonymous.ancestors().collect::<Vec<_>>(),
        [child.clone(), base.clone()]
    );
    assert_eq!(anonymous.base(), base);
    assert_eq!(base.base(), base);
    assert_eq!(anonymous.parent().unwrap().contexts().len(), 2);
    assert_eq!(anonymous.parent().unwrap().uuid(), None);

    assert!(base.is_a(&base));
    assert!(child.is_a(&base));
    assert!(anonymous.is_a(&base));
    assert!(anonymous.is_a(&child));
    assert!(!base.is_a(&child));
    // A shared beginning is no kinship.
    assert!(!Cti::parse("cti.a.p.x.v1.0.v2.0").unwrap().is_a(&base));
    assert!(!Cti::parse("cti.a.p.x.v1.1").unwrap().is_a(&base));
    let sibling = Cti::parse("cti.a.p.x.v1.0~b.q.y.v2.30").unwrap();
    assert!(!sibling.is_a(&child));
}

#[test]
fn order_hash_and_text_agree() {
    let a = Cti::parse("cti.a.p.x.v1.0").unwrap();
    let b: Cti = "cti.a.p.x.v1.1".parse().unwrap();
    assert!(a < b);
    assert_eq!(HashSet::from([a.clone(), a.clone(), b.clone()]).len(), 2);
    assert_eq!(
        format!("{a:>16}|{a:4}|"),
        "  cti.a.p.x.v1.0|cti.a.p.x.v1.0|"
    );
    assert_eq!(serde_json::to_value(&a).unwrap(), json!("cti.a.p.x.v1.0"));
    assert_eq!(
        serde_json::from_value::<Cti>(json!("cti.a.p.x.v1.0")).unwrap(),
        a
    );
    for other in [
        json!("cti.a.p.x.v1"),
        json!(1),
        json!(null),
        json!(["cti.a.p.x.v1.0"]),
    ] {
        assert!(serde_json::from_value::<Cti>(other).is_err());
    }
}

#[test]
fn the_caret_stands_under_the_offending_character() {
    for (_, good, rest) in BAD {
        let text = format!("{good}{rest}");
        let error = Cti::parse(&text).unwrap_err();
        let pointed = error.pointed(&text);
        let lines: Vec<&str> = pointed.lines().collect();
        let [line, caret] = lines[..] else {
            panic!("two lines are expected, not {pointed:?}");
        };
        let column = caret.chars().position(|c| c == '^').expect("a caret");
        assert!(caret.starts_with(&" ".repeat(column)));
        assert_eq!(&caret[column + 1..], format!(" {}", error.reason()));
        assert!(!error.hint().is_empty());
        let under: String = line.chars().skip(column).collect();
        match rest.chars().next() {
            None => assert_eq!(under, "", "{pointed}"),
            Some(c) if c.is_ascii_graphic() || c == ' ' => {
                assert!(under.starts_with(c), "{pointed}")
            }
            Some(c) => assert!(
                under.starts_with(&c.escape_debug().to_string()),
                "{pointed}"
            ),
        }
    }
}

#[test]
fn the_caret_line_of_a_long_text_is_cut() {
    let text = format!("cti.a.p.{}Y{}", "x".repeat(500), "x".repeat(500));
    let pointed = Cti::parse(&text).unwrap_err().pointed(&text);
    let line = pointed.lines().next().unwrap();
    assert!(line.chars().count() < 100, "{line}");
    assert!(line.starts_with('…') && line.ends_with('…'), "{line}");
    let column = pointed.lines().nth(1).unwrap().find('^').unwrap();
    assert_eq!(line.chars().nth(column), Some('Y'));
}

/// The identifier printed from its parts.
fn rebuilt(cti: &Cti) -> String {
    let contexts: Vec<String> = cti.contexts().map(|context| context.to_string()).collect();
    let uuid = cti
        .uuid()
        .map(|uuid| format!("~{uuid}"))
        .unwrap_or_default();
    format!("cti.{}{uuid}", contexts.join("~"))
}

fn word() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[a-z][a-z0-9_]{0,6}").expect("a regular expression")
}

fn part() -> impl Strategy<Value = String> {
    proptest::string::string_regex("_?[a-z0-9]{1,4}(_[a-z0-9]{1,3}){0,2}_?|_|v[0-9]{1,2}|v")
        .expect("a regular expression")
}

fn first_part() -> impl Strategy<Value = String> {
    part().prop_filter("a name begins with no digit", |part| {
        !part.starts_with(|c: char| c.is_ascii_digit())
    })
}

fn version() -> impl Strategy<Value = (u64, u64)> {
    let number = || prop_oneof![0..3u64, 0..100u64, 0..=i64::MAX as u64];
    (number(), number()).prop_filter("there is no version 0.0", |version| *version != (0, 0))
}

fn context() -> impl Strategy<Value = String> {
    (
        word(),
        word(),
        first_part(),
        prop::collection::vec(part(), 0..4),
        version(),
    )
        .prop_map(|(vendor, package, first, further, (major, minor))| {
            let mut name = vec![first];
            name.extend(further);
            format!("{vendor}.{package}.{}.v{major}.{minor}", name.join("."))
        })
}

fn identifier() -> impl Strategy<Value = String> {
    let uuid = proptest::string::string_regex(
        "(~[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})?",
    )
    .expect("a regular expression");
    (prop::collection::vec(context(), 1..4), uuid)
        .prop_map(|(contexts, uuid)| format!("cti.{}{uuid}", contexts.join("~")))
}

/// A text with one character taken away, put in, replaced or doubled.
fn damaged() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        prop::sample::select(
            ".~_v0123456789ax-*[]@$ AZ\n\u{e9}\u{1f600}"
                .chars()
                .collect::<Vec<_>>()
        ),
        any::<char>(),
    ];
    (identifier(), any::<prop::sample::Index>(), 0..4, character).prop_map(
        |(text, index, how, character)| {
            let mut characters: Vec<char> = text.chars().collect();
            let at = index.index(characters.len());
            match how {
                0 => drop(characters.remove(at)),
                1 => characters.insert(at, character),
                2 => characters[at] = character,
                _ => characters.insert(at, characters[at]),
            }
            characters.into_iter().collect()
        },
    )
}

/// The schema's pattern alone, without its format.
fn pattern() -> jsonschema::Validator {
    let schema: Value =
        serde_json::from_str(acgw_conformance::protocol::schema::CTI.text()).expect("JSON");
    jsonschema::validator_for(&json!({ "pattern": schema["pattern"] })).expect("a schema")
}

/// The one thing that the pattern does not say.
fn small_numbers(text: &str) -> bool {
    text.split(['.', 'v', '~'])
        .filter(|number| number.len() >= 19 && number.bytes().all(|byte| byte.is_ascii_digit()))
        .all(|number| number.parse::<i64>().is_ok())
}

#[test]
fn the_pattern_of_the_schema_agrees_with_the_parser_on_the_table() {
    let pattern = pattern();
    for (text, ..) in GOOD {
        assert!(pattern.is_valid(&json!(text)), "{text}");
    }
    for (kind, good, rest) in BAD {
        if *kind != Kind::NumberTooLarge {
            assert!(
                !pattern.is_valid(&json!(format!("{good}{rest}"))),
                "{good}{rest}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_identifiers_round_trip(text in identifier()) {
        let cti = Cti::parse(&text).map_err(|error| TestCaseError::fail(error.pointed(&text)))?;
        prop_assert_eq!(cti.as_str(), &text);
        prop_assert_eq!(rebuilt(&cti), text.clone());
        prop_assert_eq!(cti.contexts().len() + usize::from(cti.uuid().is_some()), text.matches('~').count() + 1);
        let parent = text.rsplit_once('~').map(|(parent, _)| parent.to_owned());
        prop_assert_eq!(cti.parent().map(|parent| parent.to_string()), parent);
        for ancestor in cti.ancestors() {
            prop_assert!(cti.is_a(&ancestor));
            prop_assert!(!ancestor.is_a(&cti));
            prop_assert_eq!(Cti::parse(ancestor.as_str()).map(|again| rebuilt(&again)), Ok(rebuilt(&ancestor)));
        }
        prop_assert_eq!(cti.ancestors().last().unwrap_or_else(|| cti.clone()), cti.base());
    }

    #[test]
    fn damage_is_refused_within_the_text_or_leaves_an_identifier(text in damaged()) {
        match Cti::parse(&text) {
            Ok(cti) => {
                prop_assert_eq!(cti.as_str(), &text);
                prop_assert_eq!(rebuilt(&cti), text);
            }
            Err(error) => {
                prop_assert!(error.position() <= text.chars().count());
                prop_assert!(text.chars().take(error.position()).all(|c| c.is_ascii()));
                prop_assert!(error.pointed(&text).contains('^'));
            }
        }
    }

    #[test]
    fn the_pattern_of_the_schema_agrees_with_the_parser(text in damaged()) {
        thread_local!(static PATTERN: jsonschema::Validator = pattern());
        let by_pattern = PATTERN.with(|pattern| pattern.is_valid(&json!(text)));
        prop_assert_eq!(Cti::parse(&text).is_ok(), by_pattern && small_numbers(&text), "{}", text);
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>(), prefix in prop::bool::ANY) {
        let text = if prefix { format!("cti.{text}") } else { text };
        if let Err(error) = Cti::parse(&text) {
            prop_assert!(error.position() <= text.chars().count());
            prop_assert!(!error.pointed(&text).is_empty());
        }
    }
}
