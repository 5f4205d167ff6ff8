//! The types of `protocol` and the schemas of `schemas/` say the same: of every value, valid or broken in one place, both
//! take it or neither does.

use acgw_conformance::generate::{mutate, response, seed, values};
use acgw_conformance::protocol::schema::{self, Schema};
use acgw_conformance::protocol::token::{Claims, TokenHeader};
use acgw_conformance::protocol::{CATALOG, ErrorResponse, Extra, Request, Response};
use proptest::prelude::*;
use proptest::strategy::{SBoxedStrategy, ValueTree};
use serde::de::DeserializeOwned;
use serde_json::Value;

#[path = "data/typed.rs"]
mod typed;

/// Reads a value as the type that stands for a schema.
type Typed = dyn Fn(&Value) -> Result<(), String>;

/// A schema, the type that stands for it, and valid values of both.
struct Pair {
    schema: Schema,
    values: SBoxedStrategy<Value>,
    typed: Box<Typed>,
}

fn pairs() -> Vec<Pair> {
    let requests = CATALOG.iter().map(|callback| Pair {
        schema: callback.request_schema,
        values: response::request_of(callback),
        typed: Box::new(|value| typed::request(callback, value)),
    });
    let responses = CATALOG.iter().map(|callback| Pair {
        schema: callback.response_schema,
        values: response::answer_of(callback),
        typed: Box::new(|value| typed::response(callback, value)),
    });
    general()
        .into_iter()
        .chain(requests)
        .chain(responses)
        .collect()
}

fn general() -> Vec<Pair> {
    vec![
        Pair {
            schema: schema::REQUEST,
            values: response::request(),
            typed: Box::new(read::<Request>),
        },
        Pair {
            schema: schema::RESPONSE,
            values: response::response(),
            typed: Box::new(read::<Response>),
        },
        Pair {
            schema: schema::ERROR_RESPONSE,
            values: response::error_response(),
            typed: Box::new(read::<ErrorResponse>),
        },
        Pair {
            schema: schema::TOKEN_HEADER,
            values: response::token_header(),
            typed: Box::new(|value| {
                let header: TokenHeader = typed::parse(value)?;
                match header.alg.as_str() {
                    "RS256" => Ok(()),
                    other => Err(format!("alg {other:?}")),
                }
            }),
        },
        Pair {
            schema: schema::TOKEN_CLAIMS,
            values: response::token_claims(),
            typed: Box::new(read::<Claims>),
        },
        Pair {
            schema: schema::EXTRA,
            values: values::object().prop_map(Value::Object).sboxed(),
            typed: Box::new(|value| {
                use base64::Engine;
                let header = base64::engine::general_purpose::STANDARD.encode(value.to_string());
                Extra::decode(&header)
                    .map(drop)
                    .map_err(|error| error.to_string())
            }),
        },
    ]
}

#[test]
fn valid_values_pass_both() {
    for pair in pairs() {
        for case in 0..150 {
            let value = generate(&pair.values, "valid", &pair, case);
            let violations = pair.schema.violations(&value);
            assert!(
                violations.is_empty(),
                "{} refuses {value}: {violations:?}",
                pair.schema.file()
            );
            if let Err(error) = (pair.typed)(&value) {
                panic!(
                    "the type of {} refuses {value}: {error}",
                    pair.schema.file()
                );
            }
        }
    }
}

#[test]
fn broken_values_pass_both_or_neither() {
    for pair in pairs() {
        let broken = mutate::mutated(&pair.values);
        let (mut taken, mut refused) = (0, 0);
        for case in 0..300 {
            let value = generate(&broken, "broken", &pair, case);
            match agree(&pair, &value) {
                true => taken += 1,
                false => refused += 1,
            }
        }
        // A mutator that breaks nothing, or a schema that takes nothing, would make this test say nothing.
        assert!(
            taken > 0,
            "{}: no broken value is taken",
            pair.schema.file()
        );
        assert!(
            refused > 0,
            "{}: no broken value is refused",
            pair.schema.file()
        );
    }
}

#[test]
fn every_single_change_of_some_values_passes_both_or_neither() {
    for pair in pairs() {
        for case in 0..3 {
            let value = generate(&pair.values, "each change", &pair, case);
            for mutation in mutate::mutations(&value) {
                agree(&pair, &mutation.apply(&value));
            }
        }
    }
}

/// Whether both take the value; panics if they differ.
fn agree(pair: &Pair, value: &Value) -> bool {
    let typed = (pair.typed)(value);
    assert_eq!(
        pair.schema.is_valid(value),
        typed.is_ok(),
        "{} and its type differ on {value}\nschema: {:?}\ntype: {typed:?}",
        pair.schema.file(),
        pair.schema.violations(value)
    );
    typed.is_ok()
}

fn generate(strategy: &SBoxedStrategy<Value>, test: &str, pair: &Pair, case: u64) -> Value {
    let name = format!("{test} {}", pair.schema.file());
    seed::tree(strategy, seed::case_seed(1, &name, case))
        .expect("no strategy rejects")
        .current()
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<(), String> {
    typed::parse::<T>(value).map(drop)
}
