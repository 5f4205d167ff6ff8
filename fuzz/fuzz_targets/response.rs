//! Responses, differentially: the types, the schemas and the judge of the suite never disagree on whether a body is a
//! successful response, an error response, or the response of a callback, whichever it is.
//!
//! Two differences are known and right. Of a key that stands twice a JSON value keeps the last, as most readers do, while a
//! type that is read from the text refuses it. And the judge knows what no schema can say: what stands twice in a list, that
//! the `request_id` is the request's, and texts that nobody should see.
#![no_main]

use std::time::Duration;

use acgw_conformance::gateway::{Answer, Observation};
use acgw_conformance::protocol::schema::{self, Schema};
use acgw_conformance::protocol::text::is_uuid;
use acgw_conformance::protocol::validate::{self, ProblemKind};
use acgw_conformance::protocol::{CATALOG, Callback, EnvelopeError, ErrorResponse, Response};
use acgw_conformance::suite::fuzzing::{Expectation, Question, judge};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[allow(dead_code)]
#[path = "../../tests/data/typed.rs"]
mod typed;

/// What the judge knows beyond the schemas.
const BEYOND: [&str; 5] = ["MAP-03", "TOP-03", "CMI-06", "ERR-04", "ERR-05"];

fuzz_target!(|body: &[u8]| {
    let value = serde_json::from_slice::<Value>(body).ok();
    let once = validate::response(body, None)
        .problems
        .iter()
        .all(|problem| problem.kind != ProblemKind::DuplicateKey);
    agree(
        schema::RESPONSE,
        body,
        value.as_ref(),
        once,
        Response::from_json(body),
    );
    agree(
        schema::ERROR_RESPONSE,
        body,
        value.as_ref(),
        once,
        ErrorResponse::from_json(body),
    );
    let Some(value) = value else {
        return;
    };
    for callback in CATALOG {
        callback_agrees(callback, &value);
        if value.is_object() {
            // With the callback's own type, so that the payload decides.
            let mut own = value.clone();
            own["type"] = callback.response_type.into();
            callback_agrees(callback, &own);
        }
    }
});

/// A type, read from the body in two ways, and its schema.
fn agree<T>(
    schema: Schema,
    body: &[u8],
    value: Option<&Value>,
    once: bool,
    read: Result<T, EnvelopeError>,
) where
    T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug,
{
    let direct = serde_json::from_slice::<T>(body);
    let Some(value) = value else {
        assert!(matches!(read, Err(EnvelopeError::Json(_))), "{read:?}");
        assert!(direct.is_err(), "{direct:?}");
        return;
    };
    let violations = schema.violations(value);
    assert_eq!(schema.is_valid(value), violations.is_empty());
    match read {
        Ok(read) => {
            assert!(
                violations.is_empty(),
                "{read:?}, but {violations:?} of {}",
                schema.file()
            );
            assert!(direct.is_ok() || !once, "{direct:?}");
            assert!(direct.is_err() || direct.is_ok_and(|direct| direct == read));
            assert_eq!(&serde_json::to_value(&read).expect("JSON"), value);
        }
        Err(EnvelopeError::Form(violation)) => {
            assert_eq!(Some(&violation), violations.first(), "{}", schema.file());
            assert!(direct.is_err(), "{direct:?}");
            assert!(
                value.pointer(&violation.instance_path).is_some(),
                "{violation:?}"
            );
        }
        Err(error) => panic!("{} takes what its type does not: {error}", schema.file()),
    }
}

/// The types, the schema and the judge on the response of a callback.
fn callback_agrees(callback: &'static Callback, value: &Value) {
    let typed = typed::response(callback, value);
    let violations = callback.response_schema.violations(value);
    let valid = callback.response_schema.is_valid(value);
    assert_eq!(
        valid,
        typed.is_ok(),
        "{}: {typed:?}, {violations:?}",
        callback.name
    );
    assert_eq!(valid, violations.is_empty());
    // The callback's schema narrows the envelope's.
    assert!(!valid || schema::RESPONSE.is_valid(value));

    // A request has a UUID, so that no other id can be its own.
    let id = value.get("request_id").and_then(Value::as_str);
    let id = id.filter(|id| is_uuid(id));
    let question = Question {
        callback,
        request_id: id.unwrap_or("2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a"),
        expectation: Expectation::Accept,
        confidential: &[],
    };
    let ruling = judge("ROB-01", &question, &answered(value));
    let broken = |known: bool| {
        let all = ruling.broken.iter();
        all.filter(move |(id, ..)| BEYOND.contains(id) == known)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        valid,
        broken(false).is_empty(),
        "{}: {:?}, {violations:?}",
        callback.name,
        ruling.broken
    );
    assert!(!valid || ruling.accepted);
}

/// The value as the body of an answer that has nothing else to find fault with.
fn answered(value: &Value) -> Observation {
    let body = Bytes::from(serde_json::to_vec(value).expect("JSON"));
    Observation {
        result: Ok(Answer {
            status: 200,
            reason: "OK".to_owned(),
            version: "HTTP/1.1".to_owned(),
            headers: vec![("Content-Type".to_owned(), b"application/json".to_vec())],
            body,
        }),
        total: Duration::from_millis(1),
        reused: false,
        tls: None,
        surplus: Bytes::new(),
    }
}
