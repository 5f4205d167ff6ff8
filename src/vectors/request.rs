//! The body of a request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::cases::{self, Extent};
use super::difference;
use super::setting::{self, ENDPOINT, REQUEST_ID};
use super::subject::Subject;
use super::vector::{Expectation, Vector, slug};
use crate::protocol::catalog::{self, CATALOG, TENANT_MAPPING_READ};
use crate::protocol::validate;
use crate::reference::store::PARTNERS;

/// The requirements that a body alone can show; with JWT-17, a body beside a right token.
const SHOWN: &[(&str, Extent)] = &[
    ("ENV-04", Extent::All),
    ("ENV-09", Extent::All),
    ("ENV-10", Extent::All),
    ("JWT-17", Extent::All),
    ("ENV-11", Extent::All),
    ("ROB-01", Extent::All),
    ("ROB-02", Extent::All),
    ("ROB-03", Extent::All),
    ("ROB-04", Extent::Telling),
    ("ROB-05", Extent::Telling),
    ("ROB-08", Extent::First(120)),
];

/// Longer bodies are left out: they are there for limits of servers.
const MOST_BYTES: usize = 8 * 1024;

pub(super) fn subject() -> Subject {
    let session = setting::session(&PARTNERS[0], &PARTNERS[1], Map::new());
    let mut vectors: Vec<Vector> = CATALOG
        .iter()
        .map(|callback| {
            let body = session.control(callback, REQUEST_ID).body;
            let mut vector = Vector::new(
                right_id(callback.name),
                format!("a right request of {}", callback.name),
                Expectation::Accept,
                &["HTTP-01"],
                input(&body),
            );
            vector.result = result(&body);
            vector
        })
        .collect();
    let right = right_id(TENANT_MAPPING_READ.name);
    let control = session.control(&TENANT_MAPPING_READ, REQUEST_ID);
    let plain = control.json().unwrap_or_default();
    for (requirement, extent) in SHOWN {
        let mut seen = Vec::new();
        for case in cases::of(&session, &TENANT_MAPPING_READ, requirement, *extent) {
            let body = &case.message.body;
            // With one request id for all, some cases are the same.
            if *body == control.body || body.len() > MOST_BYTES || seen.contains(body) {
                continue;
            }
            seen.push(body.clone());
            let mut vector = case.vector("", input(body));
            let mut changed = difference::json_text(&plain, body);
            if case.expect != Expectation::Accept && changed == [difference::SPELLING] {
                // What a lenient parser reads alike is no other spelling to a strict one.
                changed = vec!["body".to_owned()];
            }
            if case.expect == Expectation::Free
                && let Some(broken) = breaks(requirement, body)
            {
                vector.expect = Expectation::Reject;
                vector.requirements.push(broken);
            }
            vector.twin = Some((right.clone(), json!(changed)));
            if case.expect == Expectation::Accept {
                vector.result = result(body);
            }
            vectors.push(vector);
        }
    }
    Subject {
        name: "request",
        title: "The body of a request",
        description: "Each input is the body of a POST request with `Content-Type: application/json`: `body` is its text, `body_base64` \
            in its place its bytes where they are no UTF-8. The request's token is right and has the one role `context.token_role`; your \
            code serves the callbacks of `context.callbacks`. `accept`: the request is right; `result` names its callback and gives \
            the body as a JSON parser reads it. `reject`: the request must be refused with a 4xx status. `free`: no document says whether \
            to accept or refuse it; do not fail on it.",
        context: Some(json!({
            "token_role": ENDPOINT,
            "callbacks": CATALOG.iter().map(|callback| (callback.name.to_owned(), json!(callback.id))).collect::<Map<_, _>>(),
        })),
        vectors,
    }
}

/// What else a body breaks that is there for something else: it asks for a callback that is not served, names an endpoint that
/// is not the token's, or has no id. Of odd JSON that is not said, since parsers read it differently.
fn breaks(requirement: &str, body: &[u8]) -> Option<&'static str> {
    let odd = requirement == "ROB-05";
    let body: Value = serde_json::from_slice(body).ok().filter(|_| !odd)?;
    let context = body.get("context")?;
    if context.get("endpoint_id").and_then(Value::as_str) != Some(ENDPOINT) {
        return Some("JWT-17");
    }
    match context.get("callback_id") {
        Some(Value::String(id)) if catalog::by_id(id).is_some() => {
            (!body["request_id"].is_string()).then_some("ROB-03")
        }
        Some(Value::String(_)) => Some("ENV-11"),
        _ => Some("ROB-02"),
    }
}

fn right_id(name: &str) -> String {
    slug(&format!("request right {name}"))
}

fn input(body: &[u8]) -> Value {
    match std::str::from_utf8(body) {
        Ok(text) => json!({ "body": text }),
        Err(_) => json!({"body_base64": STANDARD.encode(body)}),
    }
}

fn result(body: &[u8]) -> Option<Value> {
    let verdict = validate::request(body);
    let request: Value = serde_json::from_slice(body).ok()?;
    let id = request.pointer("/context/callback_id")?.as_str()?;
    let name = catalog::by_id(id)?.name;
    verdict
        .is_valid()
        .then(|| json!({"callback": name, "request": request}))
}
