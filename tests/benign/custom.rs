//! Custom callbacks that do what they are free to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use acgw_conformance::protocol::{CustomCallback, PayloadSchema};
use acgw_conformance::reference::Faults;
use acgw_conformance::suite::{Options, Outcome};
use serde_json::{Value, json};

use crate::around;
use crate::common::front::{Answer, Arrived, Front, ask};
use crate::common::verdicts::*;
use crate::common::*;

const ID: &str = "cti.a.p.acgw.callback.v2.0~acme.app.thing.v1.0";
const ASK: &str = "cti.a.p.acgw.request.v1.1~acme.app.thing.v1.0";
const OK: &str = "cti.a.p.acgw.response.v1.1~acme.app.thing.ok.v1.0";
const NO: &str = "cti.a.p.acgw.response.v1.1~acme.app.thing.no.v1.0";

fn schema(schema: Value) -> Option<PayloadSchema> {
    Some(PayloadSchema::parse("schema.json", &schema.to_string()).expect("a schema"))
}

fn callback(request: Option<PayloadSchema>) -> CustomCallback {
    CustomCallback::new(ID, ASK, request)
        .expect("a callback")
        .changes_data(false)
}

/// The status, the type and the payload that a request is answered with; `mapped` says whether its tenant has a mapping.
type Own = fn(payload: Option<&Value>, mapped: bool) -> (u16, &'static str, Option<Value>);

/// The outcome for a handler that is the reference handler, but for a custom callback of its own.
async fn own(declared: CustomCallback, answer: Own) -> Outcome {
    let options = Options {
        custom: vec![declared],
        cases: 15,
        ..brief()
    };
    around(options, move |reference, arrived| async move {
        let body = arrived.json();
        let is_own = body["context"]["callback_id"] == ID && body["type"] == ASK;
        if !is_own
            || body
                .get("payload")
                .is_some_and(|payload| !payload.is_object())
        {
            return ask(&reference, &arrived).await.reply();
        }
        // What is general, the reference handler looks at: as if it were a quote.
        let mut quote = body.clone();
        quote["context"]["callback_id"] =
            json!("cti.a.p.acgw.callback.v1.0~acgw.reference.quote.v1.0");
        quote["type"] = json!("cti.a.p.acgw.request.v1.0~acgw.reference.quote.v1.0");
        quote["payload"] = json!({"plan": "basic", "seats": 1});
        let looked_at = Arrived {
            body: quote.to_string().into_bytes(),
            ..arrived
        };
        let general = ask(&reference, &looked_at).await;
        let unmapped = String::from_utf8_lossy(&general.body).contains("no organisation is mapped");
        if general.status != 200 && !unmapped {
            return general.reply();
        }
        let (status, kind, payload) = answer(body.get("payload"), !unmapped);
        let mut told = json!({
            "type": kind, "request_id": body["request_id"],
            "response_id": uuid::Uuid::new_v4().to_string(),
        });
        if let Some(payload) = payload {
            told["payload"] = payload;
        }
        Answer::new(status, "application/json", told.to_string()).reply()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_knows_its_example_only() {
    let declared = callback(schema(
        json!({"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}),
    ))
    .responds(
        200,
        OK,
        schema(json!({"type": "object", "required": ["name"]})),
    )
    .and_then(|it| it.responds(404, NO, None))
    .and_then(|it| it.example(json!({"id": "d-17"})))
    .expect("a declaration");
    let outcome = own(declared, |payload, mapped| {
        match mapped && payload.is_some_and(|payload| payload["id"] == "d-17") {
            true => (200, OK, Some(json!({"name": "Laptop"}))),
            false => (404, NO, None),
        }
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_takes_anything_and_tells_more_than_is_declared() {
    let declared = callback(schema(json!({"type": "object", "properties": {"seats": {"type": "integer", "minimum": 1}}, "required": ["seats"]})))
        .responds(202, OK, schema(json!({"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}}})))
        .expect("a declaration");
    let outcome = own(declared, |_, mapped| {
        let at = if mapped { "yesterday" } else { "never" };
        (202, OK, Some(json!({"at": at, "further": [1, null]})))
    })
    .await;
    // It refuses nothing.
    assert_fails_but(&outcome, &[], &["CUS-06"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_without_payloads() {
    let declared = callback(None)
        .responds(204, OK, None)
        .and_then(|it| it.responds(200, NO, schema(json!({"type": "object"}))))
        .expect("a declaration");
    // With a payload where none was sent, it says nothing; where what it says may be nothing, neither.
    let outcome = own(declared, |_, _| (200, NO, None)).await;
    assert_fails_but(&outcome, &[], &["CUS-06", "CUS-08"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_tells_strangers_nothing() {
    let declared = callback(schema(json!({"type": "object"})))
        .responds(
            200,
            OK,
            schema(json!({"type": "object", "required": ["items"]})),
        )
        .expect("a declaration");
    let outcome = own(declared, |_, mapped| {
        let items = if mapped { json!(["a", "b"]) } else { json!([]) };
        (200, OK, Some(json!({"items": items})))
    })
    .await;
    assert_fails_but(&outcome, &[], &["CUS-06"]);
}

/// Things made by the callback that makes things.
static MADE: AtomicUsize = AtomicUsize::new(0);

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_makes_something_new_each_time() {
    let declared = callback(schema(json!({"type": "object", "properties": {"name": {"type": "string", "minLength": 1}}, "required": ["name"]})))
        .changes_data(true)
        .responds(201, OK, schema(json!({"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]})))
        .and_then(|it| it.responds(409, NO, None))
        .expect("a declaration");
    let before = MADE.load(Ordering::SeqCst);
    let outcome = own(declared, |payload, mapped| {
        let named = payload.is_some_and(|payload| payload["name"].is_string());
        match named && mapped {
            true => (
                201,
                OK,
                Some(json!({"number": MADE.fetch_add(1, Ordering::SeqCst)})),
            ),
            false => (409, NO, None),
        }
    })
    .await;
    assert_fails_but(&outcome, &[], &["CUS-06", "CUS-07", "CUS-08"]);
    assert!(MADE.load(Ordering::SeqCst) > before + 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_leave_to_write_nothing_is_changed() {
    let identity = identity();
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = sent.clone();
    let reference = reference(&identity, Faults::none());
    let front = Front::answer(move |arrived| {
        let (reference, counted) = (reference.clone(), counted.clone());
        async move {
            if arrived.json()["context"]["callback_id"] == ID {
                counted.fetch_add(1, Ordering::SeqCst);
            }
            ask(&reference, &arrived).await.reply()
        }
    })
    .await;
    let declared = callback(None).changes_data(true).responds(200, OK, None);
    let options = Options {
        custom: vec![declared.expect("a declaration")],
        write: false,
        ..brief()
    };
    let outcome = run(identity, &front.url(), options).await;
    assert_eq!(sent.load(Ordering::SeqCst), 0);
    let reason = of(&outcome, "CUS-01")
        .state
        .reason()
        .unwrap_or_default()
        .to_owned();
    assert!(
        reason.contains("`changes-data = false`") && reason.contains("--write"),
        "{reason}"
    );
    assert_eq!(outcome.exit_code(), 0);
}
