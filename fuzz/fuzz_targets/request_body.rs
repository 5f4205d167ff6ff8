//! Bodies: the types, the schemas and `validate` agree on them; what is read prints the same; problems point into the body;
//! every spelling of a value is read as that value.
#![no_main]

use std::sync::LazyLock;

use acgw_conformance::generate::encode::{self, Style};
use acgw_conformance::protocol::catalog::{self, CATALOG, Callback};
use acgw_conformance::protocol::envelope::{TenantMapping, Topology};
use acgw_conformance::protocol::payload::{
    EnabledCustomer, EnablementState, PartnerEnabled, PartnerState,
};
use acgw_conformance::protocol::schema::{self, Schema};
use acgw_conformance::protocol::validate::{self, ProblemKind, TakenFor, Verdict};
use acgw_conformance::protocol::{ErrorResponse, Request, Response};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

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
    agree::<Request>(schema::REQUEST, &value);
    agree::<Response>(schema::RESPONSE, &value);
    agree::<ErrorResponse>(schema::ERROR_RESPONSE, &value);
    payloads_agree(&value);

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
            (Some(value), None) => assert!(value.pointer(&problem.pointer).is_some(), "{problem}"),
            _ => panic!("{problem:?} has the wrong kind of place"),
        }
    }
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

/// Type and schema take the same values, and the type prints what it read.
fn agree<T>(schema: Schema, value: &Value)
where
    T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug,
{
    let typed = serde_json::from_value::<T>(value.clone());
    assert_eq!(
        schema.is_valid(value),
        typed.is_ok(),
        "{} and {typed:?}",
        schema.file()
    );
    assert_eq!(schema.violations(value).is_empty(), typed.is_ok());
    if let Ok(typed) = typed {
        assert_eq!(&serde_json::to_value(&typed).expect("JSON"), value);
    }
}

fn payloads_agree(value: &Value) {
    let Ok(response) = serde_json::from_value::<Response>(value.clone()) else {
        return;
    };
    let payload = response.payload;
    for callback in CATALOG {
        let typed = match callback.name {
            "tenant_mapping.read" => reads::<TenantMapping>(&payload),
            "topology.read" => reads::<Topology>(&payload),
            "enablement.read" => reads::<EnablementState>(&payload),
            "partner.mirroring.get_state" => reads::<PartnerState>(&payload),
            "partner.mirroring.enable" => reads::<PartnerEnabled>(&payload),
            "customer.mirroring.get_state" => reads::<Vec<EnabledCustomer>>(&payload),
            _ if !callback.response_payload => payload.is_none(),
            other => panic!("no type for the payload of {other}"),
        };
        let mut own = value.clone();
        own["type"] = callback.response_type.into();
        assert_eq!(
            callback.response_schema.is_valid(&own),
            typed,
            "{}",
            callback.name
        );
    }
}

fn reads<T: DeserializeOwned>(payload: &Option<Value>) -> bool {
    let payload = payload.clone();
    payload.is_some_and(|payload| serde_json::from_value::<T>(payload).is_ok())
}

/// White space, key order and escapes make no difference.
fn spelt_otherwise(value: &Value, choice: usize) {
    static STYLES: LazyLock<Vec<Style>> = LazyLock::new(Style::enumerated);
    let style = &STYLES[choice % STYLES.len()];
    let text = encode::write(value, style);
    let again: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(&again, value, "spelt as {style:?}");
}
