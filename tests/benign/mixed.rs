//! Partners and customers that are enabled by different methods.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use acgw_conformance::protocol::{Credentials, Enablement, EnablementMethod};
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Faults, Reference};
use acgw_conformance::suite::{Options, Outcome};
use serde_json::{Value, json};

use crate::common::front::{Answer, Arrived, Front, Reply, ask};
use crate::common::verdicts::*;
use crate::common::{failed, identity, options_for, reference_for, run};

/// The outcome for a handler that does something around the reference handler of these methods.
async fn around<F, Fut>(partner: EnablementMethod, customer: EnablementMethod, answer: F) -> Outcome
where
    F: Fn(Reference, Arrived) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Reply> + Send + 'static,
{
    let enablement = Enablement::new(partner, customer).expect("offered");
    let options = Options {
        only: brief().only,
        skip: brief().skip,
        cases: 12,
        credentials: Some(PARTNERS[0].credentials()),
        other_credentials: Some(PARTNERS[1].credentials()),
        ..options_for(enablement)
    };
    let identity = identity();
    let reference = reference_for(enablement, &identity, Faults::none());
    let front = Front::answer(move |arrived| answer(reference.clone(), arrived)).await;
    run(identity, &front.url(), options).await
}

/// Nothing failed, at any level, and nothing that the methods have was left open.
fn assert_kept(outcome: &Outcome) {
    assert_eq!(failed(outcome), [""; 0], "{}", account(outcome));
    let exit = (outcome.exit_code(), outcome.summary().blocked);
    assert_eq!(exit, (0, 0), "{}", account(outcome));
}

fn callback(arrived: &Arrived) -> String {
    let id = &arrived.json()["context"]["callback_id"];
    id.as_str().unwrap_or_default().to_owned()
}

fn tenant(arrived: &Arrived) -> String {
    let id = &arrived.json()["context"]["tenant_id"];
    id.as_str().unwrap_or_default().to_ascii_lowercase()
}

/// The same request, asking for the customers in place of changing them.
fn as_read(arrived: &Arrived) -> Arrived {
    let mut read = arrived.clone();
    let body = String::from_utf8_lossy(&arrived.body)
        .replace("mirroring.set_state", "mirroring.get_state");
    let mut body: Value = serde_json::from_str(&body).unwrap_or_default();
    if let Some(members) = body.as_object_mut() {
        members.remove("payload");
    }
    read.body = body.to_string().into_bytes();
    read
}

/// Whoever has no use for credentials may look at them all the same, and mind somebody else's.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_of_another_than_the_enabled_partner_may_be_refused() {
    let at_start = PARTNERS.iter().map(|partner| {
        let tenant = partner.acronis_tenant_id.to_ascii_lowercase();
        (tenant, partner.identity.to_owned())
    });
    let enabled: HashMap<String, String> = at_start.collect();
    let enabled = Arc::new(Mutex::new(enabled));
    let outcome = around(
        EnablementMethod::Mapped,
        EnablementMethod::Mirrored,
        move |reference, arrived| {
            let enabled = enabled.clone();
            async move {
                let (callback, tenant) = (callback(&arrived), tenant(&arrived));
                let credentials = arrived.header("x-cyberapp-auth");
                let who = credentials.and_then(|text| Credentials::decode(&text).ok());
                let who = who.map(|it| it.identity().to_owned());
                let whose = enabled.lock().expect("no panic").get(&tenant).cloned();
                let minds =
                    callback.contains("customer.mirroring") && who.is_some() && who != whose;
                // What is wrong besides is refused for that, and nothing is done that is refused.
                let answer = match minds {
                    true => ask(&reference, &as_read(&arrived)).await,
                    false => ask(&reference, &arrived).await,
                };
                if answer.status != 200 {
                    return answer.reply();
                }
                if minds {
                    let told = json!({
                        "request_id": arrived.json()["request_id"],
                        "response_id": uuid::Uuid::new_v4().to_string(),
                        "err_message": "these credentials are another partner's",
                    });
                    return Answer::new(403, "application/json", told.to_string()).reply();
                }
                let mut enabled = enabled.lock().expect("no panic");
                if let (true, Some(who)) = (callback.contains("enablement.write"), who) {
                    enabled.insert(tenant, who);
                }
                answer.reply()
            }
        },
    )
    .await;
    assert_kept(&outcome);
}

/// The customers of each partner are numbered by themselves.
#[tokio::test(flavor = "multi_thread")]
async fn customers_of_two_mirrored_partners_may_have_the_same_ids() {
    let outcome = around(
        EnablementMethod::Mirrored,
        EnablementMethod::Mapped,
        |reference, mut arrived| async move {
            let tenant = tenant(&arrived);
            let mut body = arrived.json();
            if let Some(Value::Array(list)) = body.pointer_mut("/payload/modified") {
                for change in list {
                    if let Some(Value::String(id)) = change.get_mut("vendor_tenant_id")
                        && !id.is_empty()
                    {
                        *id = format!("{tenant}/{id}");
                    }
                }
                arrived.body = body.to_string().into_bytes();
            }
            let mut answer = ask(&reference, &arrived).await;
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            let text = text.replace(&format!("{tenant}/"), "");
            let text = ["North", "South", "Übersee"]
                .iter()
                .fold(text, |text, name| {
                    text.replace(&format!("\"{name}\""), &format!("\"{name} of {tenant}\""))
                });
            answer.body = text.into_bytes();
            answer.reply()
        },
    )
    .await;
    assert_kept(&outcome);
}
