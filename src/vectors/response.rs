//! The body of a response, as the gateway reads it. What is wrong with one, and which requirement it breaks, is the judge's to say.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::difference;
use super::response_slips::{self, Slip};
use super::setting::REQUEST_ID;
use super::subject::Subject;
use super::vector::{Expectation, Vector, slug};
use crate::gateway::{Answer, Observation};
use crate::protocol::Callback;
use crate::protocol::catalog::{CATALOG, TENANT_MAPPING_READ};
use crate::protocol::schema::ERROR_RESPONSE;
use crate::suite::fuzzing::{Expectation as Asked, Question, Ruling, judge};
use crate::suite::{Area, register};

/// A response, and what it answers.
#[derive(Clone)]
struct Response {
    callback: &'static Callback,
    request_id: String,
    /// Whether the request was one to refuse, for its token.
    denied: bool,
    status: u16,
    body: Value,
}

pub(super) fn subject() -> Subject {
    let mut vectors = Vec::new();
    for callback in CATALOG {
        let mut seen = HashSet::new();
        for (number, body) in examples(callback).into_iter().enumerate() {
            let right = Response {
                callback,
                request_id: REQUEST_ID.to_owned(),
                denied: false,
                status: 200,
                body,
            };
            // Names are for ever, and a further example goes behind those that are there.
            let id = slug(&format!("response right {} {}", callback.name, number + 1));
            vectors.push(right.accepted(&id, format!("a right response of {}", callback.name)));
            // The further examples are broken in what the earlier ones do not have.
            let mut slips = response_slips::of(callback, &right.body);
            slips.retain(|slip| seen.insert(slip.name.clone()));
            vectors.extend(right.broken(&id, slips));
            if callback.id == TENANT_MAPPING_READ.id && number == 0 {
                vectors.extend(right.other_letters(&id));
            }
        }
    }
    vectors.extend(errors());
    Subject {
        name: "response",
        title: "The body of a response",
        description: "Each input is a response to a request of the callback `callback` (its `context.callback_id` is `callback_id`) with \
            this `request_id`: its HTTP `status` and its `body`. `request_is_right` says whether the request was right, or one with a \
            wrong token. `accept`: the gateway takes the response; `result.kind` tells whether for a `success` or an `error`, and \
            `result.payload` is what the callback gave. `reject`: the response breaks the requirements named, and `error` says \
            what was expected and what is there. Compare what your code writes with the positives, or hold your own validator to \
            all of them.",
        context: None,
        vectors,
    }
}

/// The examples of the callback's schema, as answers to the request of the vectors.
fn examples(callback: &Callback) -> Vec<Value> {
    let schema: Value = serde_json::from_str(callback.response_schema.text()).unwrap_or_default();
    let examples = schema["examples"].as_array().cloned().unwrap_or_default();
    examples
        .into_iter()
        .map(|mut example| {
            example["request_id"] = json!(REQUEST_ID);
            example
        })
        .collect()
}

/// The error answer, and what is made wrong with it.
fn errors() -> Vec<Vector> {
    let schema: Value = serde_json::from_str(ERROR_RESPONSE.text()).unwrap_or_default();
    let mut body = schema["examples"][0].clone();
    body["request_id"] = json!(REQUEST_ID);
    let right = Response {
        callback: &TENANT_MAPPING_READ,
        request_id: REQUEST_ID.to_owned(),
        denied: true,
        status: 401,
        body,
    };
    let id = "response-right-error";
    let mut vectors =
        vec![right.accepted(id, "a right error answer, to a request with a wrong token")];
    vectors.extend(right.broken(id, response_slips::of_error(&right.body, right.callback)));
    let as_success = Response {
        status: 200,
        ..right.clone()
    };
    vectors.extend(as_success.rejected(id, "status 200 with an error answer", json!(["status"])));
    vectors
}

impl Response {
    fn input(&self) -> Value {
        json!({
            "callback": self.callback.name,
            "callback_id": self.callback.id,
            "request_id": self.request_id,
            "request_is_right": !self.denied,
            "status": self.status,
            "body": self.body.to_string(),
        })
    }

    /// What the judge says.
    fn ruling(&self) -> Ruling {
        let question = Question {
            callback: self.callback,
            request_id: &self.request_id,
            expectation: match self.denied {
                true => Asked::BadToken,
                false => Asked::Accept,
            },
            confidential: &[],
        };
        let answer = Answer {
            status: self.status,
            reason: String::new(),
            version: "HTTP/1.1".to_owned(),
            headers: vec![("Content-Type".to_owned(), b"application/json".to_vec())],
            body: Bytes::from(self.body.to_string()),
        };
        let observation = Observation {
            result: Ok(answer),
            total: Duration::ZERO,
            reused: false,
            tls: None,
            surplus: Bytes::new(),
        };
        judge("HTTP-01", &question, &observation)
    }

    /// A positive, which shows what it keeps.
    fn accepted(&self, id: &str, description: impl Into<String>) -> Vector {
        let kept: Vec<&'static str> = self.ruling().kept;
        let kept = kept.into_iter().filter(|id| is_shown(id));
        let mut kept: Vec<&'static str> = kept.collect();
        kept.sort_unstable();
        let mut vector = Vector::new(id, description, Expectation::Accept, &kept, self.input());
        let mut result = json!({"kind": if self.denied { "error" } else { "success" }});
        for member in ["payload", "err_message"] {
            if let Some(value) = self.body.get(member) {
                result[member] = value.clone();
            }
        }
        vector.result = Some(result);
        vector
    }

    /// The slips that break a requirement; what the judge finds nothing against is no document's concern.
    fn broken(&self, right: &str, slips: Vec<Slip>) -> Vec<Vector> {
        let vectors = slips.into_iter().filter_map(|slip| {
            let changed = difference::json_text(&self.body, slip.body.to_string().as_bytes());
            let response = Response {
                body: slip.body,
                ..self.clone()
            };
            response.rejected(right, &slip.name, json!(changed))
        });
        vectors.collect()
    }

    /// A negative, where it breaks something.
    fn rejected(&self, right: &str, what: &str, changed: Value) -> Option<Vector> {
        let mut broken = self.ruling().broken;
        broken.retain(|(id, ..)| is_shown(id));
        let (_, expected, observed) = broken.first()?.clone();
        let ids: Vec<&'static str> = broken.iter().map(|(id, ..)| *id).collect();
        let id = slug(&format!("{} {right} {what}", ids[0]).replace("response-right-", ""));
        let mut vector = Vector::new(id, what, Expectation::Reject, &ids, self.input());
        vector.twin = Some((right.to_owned(), changed));
        vector.error = Some(json!({"expected": expected, "observed": observed}));
        Some(vector)
    }

    /// The answer to a request whose id has upper-case letters, with the same letters and with others.
    fn other_letters(&self, right: &str) -> Vec<Vector> {
        let upper = REQUEST_ID.to_ascii_uppercase();
        let mut same = Response {
            request_id: upper.clone(),
            ..self.clone()
        };
        let lower = same.clone();
        same.body["request_id"] = json!(upper);
        let id = format!("{right}-upper-case");
        let kept = same.accepted(
            &id,
            "the answer to a request_id in upper case, letter by letter",
        );
        let broken = lower.rejected(
            &id,
            "`request_id` in lower case, where the request's is in upper case",
            json!(["/request_id"]),
        );
        std::iter::once(kept).chain(broken).collect()
    }
}

/// Whether a body can show it, whatever carries it.
fn is_shown(id: &str) -> bool {
    const AREAS: &[Area] = &[
        Area::Env,
        Area::Err,
        Area::Ena,
        Area::Top,
        Area::Map,
        Area::Pmi,
        Area::Cmi,
    ];
    // That nothing is repeated or shown is seen of all bodies; here it says nothing.
    let silent = ["ERR-04", "ERR-05"];
    register::find(id).is_some_and(|one| AREAS.contains(&one.area())) && !silent.contains(&id)
}
