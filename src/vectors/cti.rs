//! CTI identifiers.

use serde_json::{Value, json};

use super::difference::Edit;
use super::subject::{Subject, tell_apart};
use super::vector::{Expectation, Vector, slug};
use crate::generate::cti::{BAD, GOOD};
use crate::protocol::{Cti, CtiError, CtiErrorKind};

/// Regular expressions have been published that take these; where they disagree, the reference parser of CTI decides.
const DISPUTED: &[CtiErrorKind] = &[
    CtiErrorKind::LeadingZero,
    CtiErrorKind::ZeroVersion,
    CtiErrorKind::DoubleUnderscore,
    CtiErrorKind::EmptyPart,
];

/// The largest number up to which every whole one is a double.
const EXACT: u64 = 1 << 53;

pub(super) fn subject() -> Subject {
    let longest = of_length(Cti::MOST_CHARACTERS);
    let mut good: Vec<(String, String)> = GOOD
        .iter()
        .map(|(text, ..)| (slug(text), (*text).to_owned()))
        .collect();
    good.push(("longest".to_owned(), longest));
    let mut positives: Vec<Vector> = good
        .iter()
        .map(|(name, text)| positive(name, text))
        .collect();
    // The negatives name them.
    tell_apart(&mut positives);
    let negatives = BAD
        .iter()
        .map(|(_, good, rest)| format!("{good}{rest}"))
        .chain([of_length(Cti::MOST_CHARACTERS + 1)])
        .filter_map(|text| Some(negative(&Cti::parse(&text).err()?, &text, &positives)))
        .collect();
    Subject {
        name: "cti",
        title: "CTI identifiers",
        description: "Each input is a text where an identifier is expected. `accept`: it is an identifier; `result` has its contexts, \
            and its UUID where it is anonymous. `reject`: it is none; `error.position` is the first offending character, counted \
            from 0 in Unicode characters, and the text's length where something is missing at its end. The position and the kind are for \
            parsers that tell them. Reference expressions (wildcards, missing versions, queries, selectors) exist in CTI, but are no \
            identifiers.",
        context: None,
        vectors: [positives, negatives].concat(),
    }
}

fn of_length(length: usize) -> String {
    let around = "cti.a.p..v1.0".len();
    format!("cti.a.p.{}.v1.0", "x".repeat(length - around))
}

fn positive(name: &str, text: &str) -> Vector {
    let id = slug(&format!("cti {}", name.trim_start_matches("cti-")));
    let mut vector = Vector::new(
        id,
        "an identifier",
        Expectation::Accept,
        &[],
        json!({"text": text}),
    );
    let cti = Cti::parse(text).ok();
    let large = |cti: &Cti| cti.contexts().any(|one| one.major.max(one.minor) > EXACT);
    if cti.as_ref().is_some_and(large) {
        vector.note =
            Some("Parsers that read JSON numbers as doubles lose digits of this version.");
    }
    vector.result = cti.as_ref().map(parts);
    vector
}

fn parts(cti: &Cti) -> Value {
    let contexts: Vec<Value> = cti
        .contexts()
        .map(|context| {
            json!({
                "vendor": context.vendor,
                "package": context.package,
                "entity_name": context.entity_name,
                "major": context.major,
                "minor": context.minor,
            })
        })
        .collect();
    json!({
        "contexts": contexts,
        "uuid": cti.uuid(),
        "parent": cti.parent().map(|parent| parent.to_string()),
    })
}

fn negative(error: &CtiError, text: &str, positives: &[Vector]) -> Vector {
    let kind = snake(&format!("{:?}", error.kind()));
    let id = slug(&format!("cti bad {kind} {text}"));
    let mut vector = Vector::new(
        id,
        error.reason(),
        Expectation::Reject,
        &[],
        json!({"text": text}),
    );
    vector.twin = nearest(text, positives);
    vector.error =
        Some(json!({"kind": kind, "position": error.position(), "reason": error.reason()}));
    if DISPUTED.contains(&error.kind()) {
        vector.note = Some(
            "Published regular expressions disagree here; the reference parser of CTI refuses it.",
        );
    }
    vector
}

/// The identifier that the text is made from by the smallest change of one piece, and that change.
fn nearest(text: &str, positives: &[Vector]) -> Option<(String, Value)> {
    let edits = positives.iter().filter_map(|positive| {
        let from = positive.input["text"].as_str()?;
        Some((positive, Edit::between(from, text)))
    });
    let (positive, edit) = edits.min_by_key(|(_, edit)| edit.size())?;
    Some((positive.id.clone(), edit.to_json()))
}

/// `LeadingZero` as `leading_zero`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
