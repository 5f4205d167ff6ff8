//! Answers: any bytes are read alike however they are cut, and judged without contradiction. An answer to a right request
//! without a defect keeps the callback's schema, and one that keeps it has no defect.
//!
//! The first byte of the input chooses the request, the second how the bytes are cut; the rest is the answer as it comes.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use acgw_conformance::gateway::fuzzing::read_answer;
use acgw_conformance::gateway::{Answer, Observation};
use acgw_conformance::protocol::catalog::{Callback, TENANT_MAPPING_READ, TOPOLOGY_READ};
use acgw_conformance::suite::fuzzing::{Expectation, Question, Ruling, judge};
use acgw_conformance::suite::register;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const REQUEST_ID: &str = "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a";
const UPPER_CASE_REQUEST_ID: &str = "2F1C7A52-6F8D-4A2B-9B63-0F3F0F0C6F0A";
const EXPECTATIONS: [Expectation; 6] = [
    Expectation::Accept,
    Expectation::BadToken,
    Expectation::BadCredentials,
    Expectation::UnknownCallback,
    Expectation::Malformed,
    Expectation::Free,
];

static CONFIDENTIAL: LazyLock<Vec<String>> = LazyLock::new(|| {
    vec![
        "correct-horse-battery".to_owned(),
        "c2lnbmF0dXJlLW9mLWEtdG9rZW4".to_owned(),
    ]
});

fuzz_target!(|data: &[u8]| {
    let [choice, piece, bytes @ ..] = data else {
        return;
    };
    let read = read_answer(bytes, usize::MAX);
    assert_eq!(
        kind(&read_answer(bytes, usize::from(*piece))),
        kind(&read),
        "cut in pieces of {piece}"
    );

    let (result, surplus) = match read {
        Ok((answer, surplus)) => (Ok(answer), surplus),
        Err(error) => (Err(error), Bytes::new()),
    };
    let observation = Observation {
        result,
        total: Duration::from_millis(1),
        reused: false,
        tls: None,
        surplus,
    };
    let choice = usize::from(*choice);
    let (callback, request_id): (&'static Callback, _) = match (choice / 6) % 2 {
        0 => (&TENANT_MAPPING_READ, REQUEST_ID),
        _ => (&TOPOLOGY_READ, UPPER_CASE_REQUEST_ID),
    };
    let question = Question {
        callback,
        request_id,
        expectation: EXPECTATIONS[choice % 6],
        confidential: &CONFIDENTIAL,
    };
    let ruling = judge("ROB-01", &question, &observation);
    sound(&ruling);
    match &observation.result {
        Ok(answer) => judged(&question, answer, observation.surplus.is_empty(), &ruling),
        Err(_) => assert!(!ruling.accepted && !ruling.refused && !ruling.broken.is_empty()),
    }
});

/// An answer and what came behind it, or the kind of the error.
fn kind(
    read: &Result<(Answer, Bytes), acgw_conformance::gateway::TransportError>,
) -> Result<(&Answer, &Bytes), acgw_conformance::gateway::TransportErrorKind> {
    match read {
        Ok((answer, surplus)) => Ok((answer, surplus)),
        Err(error) => Err(error.kind),
    }
}

/// What holds of every ruling: known requirements, each judged once, in words of bounded length.
fn sound(ruling: &Ruling) {
    let mut ids: Vec<&str> = ruling.kept.clone();
    for (id, expected, observed) in &ruling.broken {
        ids.push(id);
        for words in [expected, observed] {
            assert!(!words.is_empty(), "{id}");
            assert!(
                words.chars().count() <= 2_000,
                "{id}: {} characters",
                words.len()
            );
        }
    }
    for id in &ids {
        assert!(register::find(id).is_some(), "{id}");
        assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{id}");
    }
    assert!(!(ruling.accepted && ruling.refused));
}

fn judged(question: &Question<'_>, answer: &Answer, whole: bool, ruling: &Ruling) {
    let broken = |id: &str| ruling.broken.iter().any(|(other, ..)| *other == id);
    if answer.status == 429 {
        assert!(ruling.broken.is_empty() && ruling.kept.is_empty());
        assert!(!ruling.accepted && !ruling.refused);
        return;
    }
    assert_eq!(broken("HTTP-06"), !whole);
    let body = String::from_utf8_lossy(&answer.body);
    let leak = question
        .confidential
        .iter()
        .any(|text| body.contains(text.as_str()));
    assert!(broken("ERR-04") || !leak);
    let flawless = ruling.broken.is_empty();
    match question.expectation {
        Expectation::Accept => {
            let value = serde_json::from_slice::<Value>(&answer.body).ok();
            if flawless {
                assert!(ruling.accepted && answer.status == 200);
                assert!(keeps_schema(question, value.as_ref().expect("JSON")));
            }
            let right = plainly_json(answer)
                && whole
                && answer.status == 200
                && value.is_some_and(|value| keeps_schema(question, &value));
            if right {
                // What the schema cannot say: ids that stand twice, and texts that nobody should see.
                let beyond = ["MAP-03", "TOP-03", "ERR-04", "ERR-05"];
                assert!(ruling.accepted);
                for defect in &ruling.broken {
                    assert!(beyond.contains(&defect.0), "{defect:?}");
                }
            }
        }
        Expectation::Free => {
            assert!(!flawless || (200..500).contains(&answer.status) || answer.status < 200);
        }
        _ => {
            assert!(!flawless || (ruling.refused && (400..500).contains(&answer.status)));
            assert!(!ruling.accepted || broken("ROB-01"));
        }
    }
}

fn keeps_schema(question: &Question<'_>, value: &Value) -> bool {
    let id = value.get("request_id").and_then(Value::as_str);
    question.callback.response_schema.is_valid(value) && id == Some(question.request_id)
}

fn plainly_json(answer: &Answer) -> bool {
    let values = |name: &str| {
        let fields = answer.headers.iter();
        let named = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_slice()).collect::<Vec<_>>()
    };
    values("content-type") == [b"application/json"] && values("content-encoding").is_empty()
}
