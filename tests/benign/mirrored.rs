//! Customers that are records of the handler's own making: how many it takes, which ids it gives them, what it shows of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use acgw_conformance::protocol::{Enablement, EnablementMethod};
use acgw_conformance::reference::{Faults, Reference};
use acgw_conformance::suite::{Options, Outcome, State};
use serde_json::{Value, json};

use crate::common::front::{Answer, Arrived, Front, Reply, ask};
use crate::common::verdicts::*;
use crate::common::{failed, identity, options_for, reference_for, run};

/// The outcome for a handler of mirrored partners and customers that does something around the reference handler.
async fn around<F, Fut>(answer: F) -> Outcome
where
    F: Fn(Reference, Arrived) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Reply> + Send + 'static,
{
    let mirrored = EnablementMethod::Mirrored;
    let enablement = Enablement::new(mirrored, mirrored).expect("offered");
    let options = Options {
        only: brief().only,
        skip: brief().skip,
        cases: 12,
        ..options_for(enablement)
    };
    let identity = identity();
    let reference = reference_for(enablement, &identity, Faults::none());
    let front = Front::answer(move |arrived| answer(reference.clone(), arrived)).await;
    run(identity, &front.url(), options).await
}

/// What a customer of a list is called.
fn id(customer: &Value) -> String {
    customer["acronis_tenant_id"]
        .as_str()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

fn is(arrived: &Arrived, callback: &str) -> bool {
    let body = arrived.json();
    let called = body["context"]["callback_id"].as_str();
    called.is_some_and(|called| called.contains(callback))
}

fn is_set_state(arrived: &Arrived) -> bool {
    is(arrived, "customer.mirroring.set_state")
}

fn is_get_state(arrived: &Arrived) -> bool {
    is(arrived, "customer.mirroring.get_state")
}

/// The customers that a request enables.
fn enabled(arrived: &Arrived) -> Vec<Value> {
    let body = arrived.json();
    let list = body["payload"]["enabled"].as_array();
    list.cloned().unwrap_or_default()
}

fn refused(arrived: &Arrived, status: u16) -> Answer {
    let told = json!({
        "request_id": arrived.json()["request_id"],
        "response_id": uuid::Uuid::new_v4().to_string(),
        "err_message": "that is too much",
    });
    Answer::new(status, "application/json", told.to_string())
}

/// Puts each customer that is listed otherwise.
fn each(answer: &mut Answer, put: impl FnMut(&mut Value)) {
    let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else {
        return;
    };
    let customers = body.get_mut("payload").and_then(Value::as_array_mut);
    customers.into_iter().flatten().for_each(put);
    answer.body = body.to_string().into_bytes();
}

/// Nothing is wrong, and it is told that there were too few customers to see all of them listed.
#[track_caller]
fn assert_no_crowd(outcome: &Outcome) {
    assert_eq!(failed(outcome), [""; 0], "{}", account(outcome));
    let State::NotExercised(reason) = &of(outcome, "CMI-11").state else {
        panic!("{}", account(outcome));
    };
    assert!(reason.contains("customers at most"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_on_the_vendors_side_may_differ_in_case_alone() {
    let outcome = around(|reference, arrived| async move {
        let mut answer = ask(&reference, &arrived).await;
        each(&mut answer, |customer| {
            // A letter for each bit, as shorteners of ids have them.
            let id = id(customer);
            let digits = id.chars().filter_map(|digit| digit.to_digit(16));
            let bits = digits.flat_map(|digit| [8, 4, 2, 1].map(|bit| digit & bit > 0));
            let letters = bits.map(|is_set| if is_set { 'A' } else { 'a' });
            customer["vendor_tenant_id"] = json!(letters.collect::<String>());
        });
        answer.reply()
    })
    .await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    assert_eq!(of(&outcome, "CMI-06").state, State::Passed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_may_have_a_limited_number_of_customers() {
    for quota in [12, 60] {
        let outcome = around(move |reference, arrived| async move {
            if is_set_state(&arrived) && !enabled(&arrived).is_empty() {
                // Who could not change anything learns nothing of the quota.
                let mut read = arrived.json();
                read["context"]["callback_id"] =
                    json!("cti.a.p.acgw.callback.v2.0~a.p.customer.mirroring.get_state.v1.0");
                read["type"] =
                    json!("cti.a.p.acgw.request.v1.1~a.p.customer.mirroring.get_state.v1.0");
                read.as_object_mut()
                    .map(|read| read.shift_remove("payload"));
                let read = Arrived {
                    body: read.to_string().into_bytes(),
                    ..arrived.clone()
                };
                let now = ask(&reference, &read).await;
                let now: Value = serde_json::from_slice(&now.body).unwrap_or_default();
                let now: Vec<String> = match now["payload"].as_array() {
                    Some(listed) => listed.iter().map(id).collect(),
                    None => return ask(&reference, &arrived).await.reply(),
                };
                let wanted = enabled(&arrived);
                let new = wanted.iter().filter(|one| !now.contains(&id(one))).count();
                if new > 0 && now.len() + new > quota {
                    return refused(&arrived, 409).reply();
                }
            }
            ask(&reference, &arrived).await.reply()
        })
        .await;
        assert_no_crowd(&outcome);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_may_be_refused_for_its_length() {
    let outcome = around(|reference, arrived| async move {
        match is_set_state(&arrived) && enabled(&arrived).len() > 5 {
            true => refused(&arrived, 413).reply(),
            false => ask(&reference, &arrived).await.reply(),
        }
    })
    .await;
    assert_no_crowd(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_is_enabled_anew_may_get_another_id() {
    let given: Arc<Mutex<HashMap<String, u32>>> = Arc::default();
    let outcome = around(move |reference, arrived| {
        let given = given.clone();
        async move {
            let mut answer = ask(&reference, &arrived).await;
            if answer.status == 200 && is_set_state(&arrived) {
                let mut given = given.lock().expect("no panic");
                for customer in enabled(&arrived) {
                    *given.entry(id(&customer)).or_default() += 1;
                }
            }
            if answer.status == 200 && is_get_state(&arrived) {
                let given = given.lock().expect("no panic");
                each(&mut answer, |customer| {
                    let times = given.get(&id(customer)).copied().unwrap_or_default();
                    customer["vendor_tenant_id"] = json!(format!("{}#{times}", id(customer)));
                });
            }
            answer.reply()
        }
    })
    .await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    assert_eq!(of(&outcome, "CMI-11").state, State::Passed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_without_settings_may_have_those_of_its_partner() {
    let chosen: Arc<Mutex<HashMap<String, Value>>> = Arc::default();
    let outcome = around(move |reference, arrived| {
        let chosen = chosen.clone();
        async move {
            let mut answer = ask(&reference, &arrived).await;
            let body = arrived.json();
            let tenant = body["context"]["tenant_id"]
                .to_string()
                .to_ascii_lowercase();
            let mut chosen = chosen.lock().expect("no panic");
            if answer.status == 200 && is(&arrived, "partner.mirroring.enable") {
                chosen.insert(tenant, body["payload"]["settings"].clone());
            } else if answer.status == 200 && is_get_state(&arrived) {
                let inherited = chosen.get(&tenant).filter(|settings| settings.is_object());
                each(&mut answer, |customer| {
                    if let (Some(inherited), None) = (inherited, customer.get("settings")) {
                        customer["settings"] = inherited.clone();
                    }
                });
            }
            answer.reply()
        }
    })
    .await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    assert_eq!(of(&outcome, "CMI-11").state, State::Passed);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_two_customers_have_the_same_name() {
    let named: Arc<Mutex<HashMap<(String, String), String>>> = Arc::default();
    let outcome = around(move |reference, arrived| {
        let named = named.clone();
        async move {
            if is_set_state(&arrived) {
                let partner = arrived.json()["context"]["tenant_id"].to_string();
                let mut named = named.lock().expect("no poison");
                for customer in enabled(&arrived) {
                    let name = customer["acronis_tenant_name"].to_string();
                    let key = (partner.clone(), name);
                    if named.get(&key).is_some_and(|other| *other != id(&customer)) {
                        return refused(&arrived, 409).reply();
                    }
                }
                for customer in enabled(&arrived) {
                    let name = customer["acronis_tenant_name"].to_string();
                    named.insert((partner.clone(), name), id(&customer));
                }
            }
            ask(&reference, &arrived).await.reply()
        }
    })
    .await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    assert_eq!(outcome.exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_one_entry_at_most() {
    let outcome = around(|reference, arrived| async move {
        let body = arrived.json();
        let count = |list: &str| body["payload"][list].as_array().map_or(0, Vec::len);
        if is_set_state(&arrived) && count("enabled") + count("disabled") > 1 {
            return refused(&arrived, 413).reply();
        }
        ask(&reference, &arrived).await.reply()
    })
    .await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    assert_eq!(outcome.exit_code(), 0);
    assert!(outcome.notices.iter().all(|one| !one.contains("put back")));
}
