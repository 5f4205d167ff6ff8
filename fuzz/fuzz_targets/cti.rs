//! CTI identifiers: what is read prints the same, errors point into the text, ancestors are consistent, and the schema's
//! regular expression agrees with the parser.
#![no_main]

use std::sync::LazyLock;

use acgw_conformance::protocol::{Cti, CtiErrorKind, schema};
use libfuzzer_sys::fuzz_target;
use regex::Regex;
use serde_json::{Value, json};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let parsed = Cti::parse(&text);
    agrees_with_the_schema(&text, &parsed.as_ref().err().map(|error| error.kind()));
    match parsed {
        Ok(cti) => {
            prints_as_it_was_read(&text, &cti);
            has_consistent_ancestors(&text, &cti);
        }
        Err(error) => {
            let position = error.position();
            let characters = text.chars().count();
            assert!(position <= characters, "{error:?}");
            assert!(
                text.chars().take(position).all(|c| c.is_ascii()),
                "{error:?}"
            );
            assert!(!error.reason().is_empty() && !error.hint().is_empty());
            assert_eq!(
                error.is_reference(),
                error.kind() == CtiErrorKind::Reference
            );
            let pointed = error.pointed(&text);
            let (line, caret) = pointed.split_once('\n').expect("two lines");
            assert!(line.chars().count() < 1_000, "{pointed}");
            assert!(caret.trim_start().starts_with("^ "), "{pointed}");
            let under = caret.chars().take_while(|c| *c == ' ').count();
            assert!(under <= line.chars().count(), "{pointed}");
        }
    }
});

fn prints_as_it_was_read(text: &str, cti: &Cti) {
    assert_eq!(cti.as_str(), text);
    assert_eq!(cti.to_string(), text);
    assert_eq!(&text.parse::<Cti>().expect("the same text"), cti);
    let json = serde_json::to_value(cti).expect("a string");
    assert_eq!(json, Value::String(text.to_owned()));
    assert_eq!(
        &serde_json::from_value::<Cti>(json).expect("the same text"),
        cti
    );

    let contexts: Vec<String> = cti.contexts().map(|context| context.to_string()).collect();
    let mut rebuilt = format!("cti.{}", contexts.join("~"));
    if let Some(uuid) = cti.uuid() {
        rebuilt.push('~');
        rebuilt.push_str(uuid);
    }
    assert_eq!(rebuilt, text);
}

fn has_consistent_ancestors(text: &str, cti: &Cti) {
    let line: Vec<Cti> = std::iter::once(cti.clone())
        .chain(cti.ancestors())
        .collect();
    assert_eq!(line.len(), text.matches('~').count() + 1);
    assert_eq!(line.last(), Some(&cti.base()));
    assert_eq!(cti.parent().as_ref(), line.get(1));
    for (place, one) in line.iter().enumerate() {
        let again = Cti::parse(one.as_str()).expect("an ancestor is an identifier");
        assert!(again.contexts().eq(one.contexts()) && again.uuid() == one.uuid());
        for (other_place, other) in line.iter().enumerate() {
            assert_eq!(one.is_a(other), place <= other_place, "{one} {other}");
        }
        if let Some(parent) = one.parent() {
            let (front, _) = one.as_str().rsplit_once('~').expect("it has a parent");
            assert_eq!(parent.as_str(), front);
        }
    }
}

fn agrees_with_the_schema(text: &str, error: &Option<CtiErrorKind>) {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        let schema: Value = serde_json::from_str(schema::CTI.text()).expect("a schema");
        Regex::new(schema["pattern"].as_str().expect("a pattern")).expect("an expression")
    });
    // The schema demands the format as well, which is the parser; the expression says it on its own.
    assert_eq!(schema::CTI.is_valid(&json!(text)), error.is_none());
    let matches = PATTERN.is_match(text) && text.chars().count() <= Cti::MOST_CHARACTERS;
    let only_the_parser_knows = *error == Some(CtiErrorKind::NumberTooLarge);
    assert!(
        matches == error.is_none() || only_the_parser_knows,
        "{error:?}"
    );
}
