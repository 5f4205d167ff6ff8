//! Writes with malformed payloads: what right handlers do with them, each in its own way, and none of them may be failed for.

mod common;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use acgw_conformance::protocol::{Callback, Enablement, EnablementMethod, catalog};
use acgw_conformance::reference::{Faults, Reference};
use acgw_conformance::suite::{Options, Outcome};
use common::front::{Answer, Arrived, Front, Reply, ask};
use common::verdicts::{account, of};
use common::*;
use serde_json::{Map, Value, json};

/// The combinations with different callbacks that write.
const COMBINATIONS: [(EnablementMethod, EnablementMethod); 4] = [
    (EnablementMethod::Mapped, EnablementMethod::Mapped),
    (EnablementMethod::Mirrored, EnablementMethod::Mirrored),
    (EnablementMethod::Mirrored, EnablementMethod::Mapped),
    (EnablementMethod::Explicit, EnablementMethod::Mirrored),
];

/// Runs the requirements that malformed writes bear on against a handler that takes some writes its own way, and holds the
/// outcome to evidence and no failure.
async fn assert_right_in_all<F, Fut>(answer: F)
where
    F: Fn(Reference, Arrived, &'static Callback) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Reply> + Send + 'static,
{
    for (partner, customer) in COMBINATIONS {
        let enablement = Enablement::new(partner, customer).expect("offered");
        let outcome = outcome(enablement, answer.clone()).await;
        assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
        for id in ["ROB-21", "ROB-22"] {
            assert!(of(&outcome, id).cases > 50, "{}", account(&outcome));
        }
        assert_eq!(outcome.notices, [""; 0], "{enablement}");
    }
}

async fn outcome<F, Fut>(enablement: Enablement, answer: F) -> Outcome
where
    F: Fn(Reference, Arrived, &'static Callback) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Reply> + Send + 'static,
{
    let identity = identity();
    let reference = reference_for(enablement, &identity, Faults::none());
    let answer = Arc::new(answer);
    let front = Front::answer(move |arrived| {
        let (reference, answer) = (reference.clone(), answer.clone());
        async move {
            match written(&arrived) {
                Some(callback) => answer(reference, arrived, callback).await,
                None if of_nobody(&reference, &arrived).await => {
                    Answer::new(404, "text/plain", "no such partner").reply()
                }
                None => ask(&reference, &arrived).await.reply(),
            }
        }
    })
    .await;
    let options = Options {
        cases: 4,
        only: ["ENA-*", "MAP-*", "PMI-*", "CMI-*", "ROB-2*"]
            .map(str::to_owned)
            .to_vec(),
        ..options_for(enablement)
    };
    run(identity, &front.url(), options).await
}

/// Whether a mirrored partner's customers are asked for while it is not enabled.
async fn of_nobody(reference: &Reference, arrived: &Arrived) -> bool {
    let mut body = arrived.json();
    let callback = body["context"]["callback_id"].as_str();
    let asked = [
        catalog::TOPOLOGY_READ.id,
        catalog::TENANT_MAPPING_READ.id,
        catalog::CUSTOMER_MIRRORING_GET_STATE.id,
    ];
    let asked = callback.is_some_and(|callback| asked.contains(&callback));
    if !asked || reference.enablement().partner() != EnablementMethod::Mirrored {
        return false;
    }
    let state = &catalog::PARTNER_MIRRORING_GET_STATE;
    body["type"] = json!(state.request_type);
    body["context"]["callback_id"] = json!(state.id);
    body.as_object_mut()
        .map(|body| body.shift_remove("payload"));
    let question = Arrived {
        body: body.to_string().into_bytes(),
        ..arrived.clone()
    };
    ask(reference, &question).await.json()["payload"]["state"] == "DISABLED"
}

/// The callback of a write that is right but for its payload, which is not.
fn written(arrived: &Arrived) -> Option<&'static Callback> {
    let body = arrived.json();
    let callback = catalog::by_id(body["context"]["callback_id"].as_str()?)?;
    (callback.changes_data && !callback.request_schema.is_valid(&body)).then_some(callback)
}

/// A success of the callback.
fn success(arrived: &Arrived, callback: &Callback) -> Reply {
    let request = arrived.json();
    let body = json!({
        "type": callback.response_type,
        "request_id": request["request_id"],
        "response_id": "0f6e2b1d-5f0c-4f9b-8a55-2f4f5b0a7c11",
    });
    Answer::new(200, "application/json", body.to_string()).reply()
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_with_any_status() {
    assert_right_in_all(|_, arrived, _| async move {
        let statuses = [400, 404, 409, 410, 422];
        let status = statuses[arrived.body.len() % statuses.len()];
        Answer::new(status, "text/plain", "no").reply()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_and_ignored() {
    assert_right_in_all(|_, arrived, callback| async move { success(&arrived, callback) }).await;
}

/// What of a payload makes sense: entries that can be read, ids that are texts, null for what is absent.
fn sense(callback: &Callback, request: &mut Value) {
    let tenant = request["context"]["tenant_id"].clone();
    let payload = request["payload"].as_object().cloned().unwrap_or_default();
    let readable = |list: &str, names: &[&str]| -> Vec<Value> {
        let entries = payload.get(list).and_then(Value::as_array);
        let entries = entries.into_iter().flatten().filter_map(Value::as_object);
        entries.filter_map(|entry| sound(entry, names)).collect()
    };
    let made = match callback.name {
        "tenant_mapping.write" => {
            json!({"modified": readable("modified", &["vendor_tenant_id", "acronis_tenant_id"])})
        }
        "customer.mirroring.set_state" => json!({
            "partner_tenant_id": tenant,
            "partner_tenant_name": "x",
            "enabled": readable("enabled", &["acronis_tenant_id", "acronis_tenant_name"]),
            "disabled": readable("disabled", &["acronis_tenant_id"]),
        }),
        "partner.mirroring.enable" => {
            json!({"acronis_tenant_id": tenant, "acronis_tenant_name": "x"})
        }
        "enablement.write" => {
            json!({"vendor_tenant_id": payload.get("vendor_tenant_id"), "acronis_tenant_id": tenant})
        }
        _ => Value::Null,
    };
    match made {
        Value::Null => drop(request.as_object_mut().map(|it| it.shift_remove("payload"))),
        made => request["payload"] = made,
    }
}

/// An entry with those of its members that have a meaning; none where it names nobody.
fn sound(entry: &Map<String, Value>, names: &[&str]) -> Option<Value> {
    let mut made = Map::new();
    for name in names {
        let uuid = |text: &&str| text.len() == 36 && text.split('-').count() == 5;
        match entry.get(*name) {
            Some(Value::String(text)) if *name != "acronis_tenant_id" && !text.is_empty() => {
                made.insert((*name).to_owned(), json!(text));
            }
            Some(Value::String(text)) if Some(text.as_str()).filter(uuid).is_some() => {
                made.insert((*name).to_owned(), json!(text));
            }
            None | Some(Value::Null) if *name == "acronis_tenant_name" => {
                made.insert((*name).to_owned(), json!("?"));
            }
            None | Some(Value::Null) if names[0] == "vendor_tenant_id" && *name != names[0] => {}
            _ => return None,
        }
    }
    Some(Value::Object(made))
}

#[tokio::test(flavor = "multi_thread")]
async fn done_as_far_as_it_makes_sense() {
    assert_right_in_all(|reference, arrived, callback| async move {
        let mut request = arrived.json();
        sense(callback, &mut request);
        let arrived = Arrived {
            body: request.to_string().into_bytes(),
            ..arrived
        };
        ask(&reference, &arrived).await.reply()
    })
    .await;
}

/// Whatever a handler keeps that takes any text for a tenant's id, under ids that the reference handler takes.
#[derive(Default)]
struct Texts {
    ids: HashMap<String, String>,
    texts: HashMap<String, String>,
}

impl Texts {
    fn id(&mut self, text: &str) -> String {
        if let Some(id) = self.ids.get(text) {
            return id.clone();
        }
        let id = format!("7e000000-0000-4000-8000-{:012x}", self.ids.len());
        self.ids.insert(text.to_owned(), id.clone());
        self.texts.insert(id.clone(), text.to_owned());
        id
    }

    fn hide(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide(item)),
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(text) if name == "acronis_tenant_id" => {
                            if text.len() != 36 || text.contains('g') {
                                *text = self.id(text);
                            }
                        }
                        member => self.hide(member),
                    }
                }
            }
            _ => {}
        }
    }

    fn show(&self, value: &mut Value) {
        match value {
            Value::String(id) => {
                if let Some(text) = self.texts.get(id) {
                    id.clone_from(text);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.show(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.show(member)),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_taken_for_an_id() {
    for (partner, customer) in COMBINATIONS {
        let enablement = Enablement::new(partner, customer).expect("offered");
        let identity = identity();
        let reference = reference_for(enablement, &identity, Faults::none());
        let texts = Arc::new(Mutex::new(Texts::default()));
        let front = Front::answer(move |mut arrived| {
            let (reference, texts) = (reference.clone(), texts.clone());
            async move {
                let mut request = arrived.json();
                if request["payload"].is_object() {
                    texts
                        .lock()
                        .expect("no panic")
                        .hide(&mut request["payload"]);
                    arrived.body = request.to_string().into_bytes();
                }
                let mut answer = ask(&reference, &arrived).await;
                let mut body = answer.json();
                if answer.status == 200 {
                    texts.lock().expect("no panic").show(&mut body["payload"]);
                    if body["payload"].is_null() {
                        body.as_object_mut().map(|it| it.shift_remove("payload"));
                    }
                    answer.body = body.to_string().into_bytes();
                }
                answer.reply()
            }
        })
        .await;
        let options = Options {
            cases: 4,
            only: ["ENA-*", "MAP-*", "PMI-*", "CMI-*", "ROB-2*"]
                .map(str::to_owned)
                .to_vec(),
            ..options_for(enablement)
        };
        let outcome = run(identity, &front.url(), options).await;
        assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
        assert_eq!(outcome.notices, [""; 0], "{enablement}");
    }
}
