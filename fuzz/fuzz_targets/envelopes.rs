//! Requests and responses that are right but for a slip or two, made from the input by their structure: the types agree with
//! the schemas; the problems that are told lie where the slips are; what is read prints the same; and white space, key order
//! and escapes change nothing of where problems are told.
#![no_main]

use std::sync::LazyLock;

use acgw_conformance::generate::encode::{self, Style};
use acgw_conformance::protocol::schema::{self, Schema};
use acgw_conformance::protocol::validate::{self, Verdict};
use acgw_conformance::protocol::{Callback, EnvelopeError, ErrorResponse, Request, Response};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde_json::Value;

mod made;
#[allow(dead_code)]
#[path = "../../tests/data/typed.rs"]
mod typed;

use made::{Input, Message};

fuzz_target!(|input: Input| {
    let message = input.message();
    let right = input.right();
    take(&message, &right, &[]);

    let mut value = right;
    let mut slips = Vec::new();
    for slip in input.slips() {
        let mutation = slip.at(&value);
        let changed = mutation.apply(&value);
        if changed != value {
            slips.push(made::seat(&mutation));
            value = changed;
        }
    }
    take(&message, &value, &slips);
    spelt_otherwise(&message, &value, input.style);
});

/// All that holds of a message with slips at these places, none for a right one.
fn take(message: &Message, value: &Value, slips: &[String]) {
    let body = serde_json::to_vec(value).expect("JSON");
    let again: Value = serde_json::from_slice(&body).expect("what was printed");
    assert_eq!(&again, value);
    let (schema, typed) = match message {
        Message::Request(callback) => (callback.request_schema, typed::request(callback, value)),
        Message::Response(callback) => (callback.response_schema, typed::response(callback, value)),
        Message::Error => (
            schema::ERROR_RESPONSE,
            typed::parse::<ErrorResponse>(value).map(drop),
        ),
    };
    let violations = schema.violations(value);
    assert_eq!(
        violations.is_empty(),
        typed.is_ok(),
        "{}: {violations:?}, {typed:?}",
        schema.file()
    );
    assert_eq!(schema.is_valid(value), typed.is_ok());
    assert!(
        !slips.is_empty() || typed.is_ok(),
        "{value}: {violations:?}, {typed:?}"
    );
    for violation in &violations {
        assert!(value.pointer(&violation.instance_path).is_some());
        assert!(
            lies_at(&violation.instance_path, slips),
            "{violation} and not at {slips:?}"
        );
    }
    match message {
        Message::Request(callback) => {
            of_type(schema::REQUEST, value, Request::from_json(&body), slips);
            let verdict = validate::request(&body);
            if verdict
                .callback
                .is_some_and(|found| found.id == callback.id)
            {
                told(&verdict, value, typed.is_ok(), slips);
            }
        }
        Message::Response(callback) => {
            of_type(schema::RESPONSE, value, Response::from_json(&body), slips);
            let verdict = validate::response(&body, Some(callback));
            assert_eq!(verdict.is_valid(), typed.is_ok(), "{:?}", verdict.problems);
            if is_judged_as(callback, value) {
                told(&verdict, value, typed.is_ok(), slips);
            }
        }
        Message::Error => {
            of_type(
                schema::ERROR_RESPONSE,
                value,
                ErrorResponse::from_json(&body),
                slips,
            );
            if value.get("err_message").is_some() {
                let verdict = validate::response(&body, None);
                told(&verdict, value, typed.is_ok(), slips);
            }
        }
    }
}

/// Whether a body is judged as the response of this callback, and not as another's or an error response.
fn is_judged_as(callback: &Callback, value: &Value) -> bool {
    value.get("err_message").is_none()
        && value.get("type").and_then(Value::as_str) == Some(callback.response_type)
}

/// What `validate` tells: nothing, or where the slips are, once each.
fn told(verdict: &Verdict, value: &Value, right: bool, slips: &[String]) {
    let problems = &verdict.problems;
    assert_eq!(verdict.is_valid(), right, "{problems:?}");
    for (place, problem) in problems.iter().enumerate() {
        assert!(value.pointer(&problem.pointer).is_some(), "{problem}");
        assert!(
            lies_at(&problem.pointer, slips),
            "{problem} and not at {slips:?}"
        );
        assert!(!problems[..place].contains(problem), "{problem} twice");
    }
}

/// The envelope's own type, read from the body: it agrees with its schema, points to a slip, and prints what it read.
fn of_type<T: Serialize>(
    schema: Schema,
    value: &Value,
    read: Result<T, EnvelopeError>,
    slips: &[String],
) {
    match read {
        Ok(read) => {
            assert!(schema.is_valid(value));
            assert_eq!(&serde_json::to_value(&read).expect("JSON"), value);
        }
        Err(EnvelopeError::Form(violation)) => {
            assert!(!schema.is_valid(value));
            assert!(
                lies_at(&violation.instance_path, slips),
                "{violation} and not at {slips:?}"
            );
        }
        Err(error) => panic!("{} takes what its type does not: {error}", schema.file()),
    }
}

/// Whether a place is that of a slip, or in it.
fn lies_at(pointer: &str, slips: &[String]) -> bool {
    slips.iter().any(|slip| {
        let rest = pointer.strip_prefix(slip.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// The same problems are told however the value is spelt; in the same words, too, but that what they quote has its keys in the
/// order of the text.
fn spelt_otherwise(message: &Message, value: &Value, choice: u8) {
    static STYLES: LazyLock<Vec<Style>> = LazyLock::new(Style::enumerated);
    let style = &STYLES[usize::from(choice) % STYLES.len()];
    let problems = |body: &[u8]| {
        let verdict = match message {
            Message::Request(_) => validate::request(body),
            Message::Response(callback) => validate::response(body, Some(callback)),
            Message::Error => validate::response(body, None),
        };
        let mut told: Vec<(String, Option<String>)> = verdict
            .problems
            .into_iter()
            .map(|problem| {
                let words = problem.message;
                (problem.pointer, style.order.is_none().then_some(words))
            })
            .collect();
        told.sort();
        told
    };
    let plain = problems(&serde_json::to_vec(value).expect("JSON"));
    let other = problems(encode::write(value, style).as_bytes());
    assert_eq!(plain, other, "spelt as {style:?}");
}
