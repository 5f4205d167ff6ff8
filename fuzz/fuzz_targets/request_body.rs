//! Bodies: the types, the schemas and `validate` agree on them; what is read prints the same; problems point into the body;
//! every spelling of a value is read as that value.
#![no_main]

use std::sync::LazyLock;

use acgw_conformance::generate::encode::{self, Style};
use acgw_conformance::protocol::Request;
use acgw_conformance::protocol::catalog::{self, CATALOG, Callback};
use acgw_conformance::protocol::schema;
use acgw_conformance::protocol::validate::{self, Problem, ProblemKind, TakenFor, Verdict};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

#[allow(dead_code)]
#[path = "../../tests/data/typed.rs"]
mod typed;

fuzz_target!(|body: &[u8]| {
    let value = serde_json::from_slice::<Value>(body).ok();
    let request = validate::request(body);
    sound(&request, body, value.as_ref());
    let responses: Vec<(Option<&'static Callback>, Verdict)> = std::iter::once(None)
        .chain(CATALOG.iter().map(Some))
        .map(|callback| (callback, validate::response(body, callback)))
        .collect();
    for (_, verdict) in &responses {
        sound(verdict, body, value.as_ref());
    }
    let Some(value) = value else {
        assert!(Request::from_json(body).is_err());
        assert!(serde_json::from_slice::<Request>(body).is_err());
        return;
    };
    judged_by_the_schema(&request, &value);
    for (callback, verdict) in &responses {
        response_judged_by_the_schema(*callback, verdict, &value);
    }
    agree(&value);

    let direct = serde_json::from_slice::<Request>(body);
    let once = !has_duplicates(&request);
    assert!(direct.is_err() || schema::REQUEST.is_valid(&value));
    assert!(
        direct.is_ok() || !once || !schema::REQUEST.is_valid(&value),
        "{direct:?}"
    );
    if let Ok(direct) = direct {
        let printed = serde_json::to_vec(&direct).expect("JSON");
        assert_eq!(
            Request::from_json(&printed).expect("what was printed"),
            direct
        );
    }
    spelt_otherwise(&value, body.len());
});

/// What holds of every verdict.
fn sound(verdict: &Verdict, body: &[u8], value: Option<&Value>) {
    assert_eq!(verdict.is_valid(), verdict.problems.is_empty());
    let no_json = verdict
        .problems
        .iter()
        .any(|problem| problem.kind == ProblemKind::Json);
    assert_eq!(no_json, value.is_none(), "{:?}", verdict.problems);
    for problem in &verdict.problems {
        assert!(!problem.message.is_empty() && !problem.to_string().is_empty());
        assert!(problem.message.len() < 2_000, "{problem}");
        match (value, problem.position) {
            (None, Some((line, _))) => {
                let lines = body.iter().filter(|byte| **byte == b'\n').count() + 1;
                assert!((1..=lines).contains(&line), "{problem}");
            }
            (Some(value), None) => assert!(
                value.pointer(&problem.pointer).is_some() || is_overwritten(problem, verdict),
                "{problem}"
            ),
            _ => panic!("{problem:?} has the wrong kind of place"),
        }
    }
}

/// Whether a key stands twice in a value that is not read, because the key of that value stands twice, too. Which keys do is told
/// up to a limit, the inner ones first.
fn is_overwritten(problem: &Problem, verdict: &Verdict) -> bool {
    let twice = |one: &&Problem| one.kind == ProblemKind::DuplicateKey;
    let told = verdict.problems.iter().filter(twice);
    let around = |one: &Problem| {
        let inner = problem.pointer.strip_prefix(one.pointer.as_str());
        inner.is_some_and(|inner| inner.starts_with('/'))
    };
    twice(&problem) && (told.clone().any(around) || told.count() >= 100)
}

/// A request is valid if and only if it keeps the schema of its callback, no key stands twice, and its identifiers are known.
fn judged_by_the_schema(verdict: &Verdict, value: &Value) {
    assert_eq!(verdict.taken_for, TakenFor::Request);
    let id = value
        .pointer("/context/callback_id")
        .and_then(Value::as_str);
    let callback = id.and_then(catalog::by_id);
    assert_eq!(
        verdict.callback.map(|callback| callback.id),
        callback.map(|callback| callback.id)
    );
    let once = !has_duplicates(verdict);
    if let Some(callback) = callback {
        assert_eq!(
            verdict.is_valid(),
            once && callback.request_schema.is_valid(value)
        );
        // The callback's schema narrows the envelope's.
        assert!(!callback.request_schema.is_valid(value) || schema::REQUEST.is_valid(value));
    } else if verdict.is_valid() && value.get("paging").is_none() {
        assert!(once && schema::REQUEST.is_valid(value));
    } else if verdict
        .problems
        .iter()
        .all(|problem| problem.kind != ProblemKind::Schema)
    {
        assert!(schema::REQUEST.is_valid(value) || value.get("paging").is_some());
    }
}

fn response_judged_by_the_schema(
    callback: Option<&'static Callback>,
    verdict: &Verdict,
    value: &Value,
) {
    let once = !has_duplicates(verdict);
    if verdict.taken_for == TakenFor::ErrorResponse {
        assert_eq!(
            verdict.is_valid(),
            once && schema::ERROR_RESPONSE.is_valid(value)
        );
        return;
    }
    if let Some(callback) = callback {
        assert_eq!(
            verdict.is_valid(),
            once && callback.response_schema.is_valid(value)
        );
    } else if verdict.is_valid() {
        assert!(schema::RESPONSE.is_valid(value));
    }
}

fn has_duplicates(verdict: &Verdict) -> bool {
    verdict
        .problems
        .iter()
        .any(|problem| problem.kind == ProblemKind::DuplicateKey)
}

/// Types and schemas take the same values, those of each callback too, and the type prints what it read.
fn agree(value: &Value) {
    let request = serde_json::from_value::<Request>(value.clone());
    assert_eq!(
        schema::REQUEST.is_valid(value),
        request.is_ok(),
        "{request:?}"
    );
    assert_eq!(
        schema::REQUEST.violations(value).is_empty(),
        request.is_ok()
    );
    let Ok(request) = request else {
        return;
    };
    assert_eq!(&serde_json::to_value(&request).expect("JSON"), value);
    for callback in CATALOG {
        // With the identifiers of the callback, so that the payload decides.
        let mut own = value.clone();
        own["type"] = callback.request_type.into();
        own["context"]["callback_id"] = callback.id.into();
        let typed = typed::request(callback, &own);
        assert_eq!(
            callback.request_schema.is_valid(&own),
            typed.is_ok(),
            "{}: {typed:?}",
            callback.name
        );
    }
}

/// White space, key order and escapes make no difference.
fn spelt_otherwise(value: &Value, choice: usize) {
    static STYLES: LazyLock<Vec<Style>> = LazyLock::new(Style::enumerated);
    let style = &STYLES[choice % STYLES.len()];
    let text = encode::write(value, style);
    let again: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(&again, value, "spelt as {style:?}");
}
