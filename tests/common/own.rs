//! A custom callback of a test's own. What is general, the reference handler looks at.

use acgw_conformance::protocol::{CustomCallback, PayloadSchema};
use acgw_conformance::reference::Reference;
use serde_json::{Value, json};

use super::front::{Answer, Arrived, Reply, ask};

pub const ID: &str = "cti.a.p.acgw.callback.v2.0~acme.app.thing.v1.0";
pub const ASK: &str = "cti.a.p.acgw.request.v1.1~acme.app.thing.v1.0";
pub const OK: &str = "cti.a.p.acgw.response.v1.1~acme.app.thing.ok.v1.0";
pub const NO: &str = "cti.a.p.acgw.response.v1.1~acme.app.thing.no.v1.0";

pub fn schema(schema: Value) -> Option<PayloadSchema> {
    Some(PayloadSchema::parse("schema.json", &schema.to_string()).expect("a schema"))
}

/// The callback, which changes nothing and has no response yet.
pub fn callback(request: Option<PayloadSchema>) -> CustomCallback {
    CustomCallback::new(ID, ASK, request)
        .expect("a callback")
        .changes_data(false)
}

/// The status, the type and the payload of an answer.
pub type Told = (u16, &'static str, Option<Value>);

/// Answers the callback so, where the reference handler has nothing against the request, and everything else as the reference
/// handler does. `answer` is asked with the request's body and whether its tenant has a mapping.
pub async fn own(
    reference: &Reference,
    arrived: Arrived,
    answer: impl FnOnce(&Value, bool) -> Told,
) -> Reply {
    let body = arrived.json();
    let is_own = body["context"]["callback_id"] == ID && body["type"] == ASK;
    if !is_own
        || body
            .get("payload")
            .is_some_and(|payload| !payload.is_object())
    {
        return ask(reference, &arrived).await.reply();
    }
    // As if it were a quote.
    let mut quote = body.clone();
    quote["context"]["callback_id"] = json!("cti.a.p.acgw.callback.v1.0~acgw.reference.quote.v1.0");
    quote["type"] = json!("cti.a.p.acgw.request.v1.0~acgw.reference.quote.v1.0");
    quote["payload"] = json!({"plan": "basic", "seats": 1});
    if let Some(members) = quote.as_object_mut() {
        members.shift_remove("paging");
    }
    let looked_at = Arrived {
        body: quote.to_string().into_bytes(),
        ..arrived
    };
    let general = ask(reference, &looked_at).await;
    let unmapped = String::from_utf8_lossy(&general.body).contains("no organisation is mapped");
    if general.status != 200 && !unmapped {
        return general.reply();
    }
    let (status, kind, payload) = answer(&body, !unmapped);
    if status >= 500 {
        return Answer::new(status, "text/plain", "Internal Server Error").reply();
    }
    let mut told = json!({
        "type": kind, "request_id": body["request_id"],
        "response_id": uuid::Uuid::new_v4().to_string(),
    });
    if let Some(payload) = payload {
        told["payload"] = payload;
    }
    Answer::new(status, "application/json", told.to_string()).reply()
}
