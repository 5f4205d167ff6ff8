//! Custom callbacks that do what they are free to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use acgw_conformance::protocol::CustomCallback;
use acgw_conformance::reference::Faults;
use acgw_conformance::suite::{Options, Outcome};
use serde_json::{Value, json};

use crate::common::front::{Front, ask};
use crate::common::own::{ID, NO, OK, Told, callback, schema};
use crate::common::verdicts::*;
use crate::common::*;
use crate::{around, common};

/// What a request is answered with; `mapped` says whether its tenant has a mapping.
type Answers = fn(payload: Option<&Value>, mapped: bool) -> Told;

/// The outcome for a handler that is the reference handler, but for a custom callback of its own.
async fn own(declared: CustomCallback, answer: Answers) -> Outcome {
    let options = Options {
        custom: vec![declared],
        cases: 15,
        ..brief()
    };
    around(options, move |reference, arrived| async move {
        let answer = |body: &Value, mapped| answer(body.get("payload"), mapped);
        common::own::own(&reference, arrived, answer).await
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
