//! Whose data it is, and in whose name it is asked for.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acgw_conformance::gateway::Target;
use acgw_conformance::protocol::Credentials;
use acgw_conformance::protocol::text::UuidText;
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Faults, Reference};
use acgw_conformance::suite::outcome::Ended;
use acgw_conformance::suite::{Interrupt, Options, Outcome, Profile, Readiness, Suite};
use serde_json::{Value, json};

use crate::common::front::{Answer, Arrived, Front, ask};
use crate::common::verdicts::*;
use crate::common::{failed, identity, reference};
use crate::{around, put_otherwise, with};

/// The partner of the credentials.
fn partner(arrived: &Arrived) -> Option<usize> {
    let credentials = Credentials::decode(&arrived.header("x-cyberapp-auth")?).ok()?;
    let mut identities = PARTNERS.iter().map(|partner| partner.identity);
    identities.position(|identity| identity == credentials.identity())
}

fn denied(arrived: &Arrived) -> Answer {
    let told = json!({
        "request_id": arrived.json()["request_id"],
        "response_id": uuid::Uuid::new_v4().to_string(),
        "err_message": "this is another tenant's",
    });
    Answer::new(403, "application/json", told.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_that_was_answered_is_answered_from_memory() {
    let memory: Arc<Mutex<HashMap<String, Answer>>> = Arc::default();
    let outcome = put_otherwise(move |arrived, answer| {
        let mut memory = memory.lock().expect("no panic");
        let id = arrived.json()["request_id"].to_string();
        // What is refused is not remembered, nor is anything told to whom it is refused.
        match answer.status {
            200 => memory.entry(id).or_insert(answer).clone().reply(),
            _ => answer.reply(),
        }
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_of_two_partners_may_have_the_same_ids() {
    // The second partner's first customer is called by the id of the first partner's.
    let options = Options {
        write: false,
        custom: Vec::new(),
        ..brief()
    };
    for only in [&["TOP-06", "MAP-08"][..], &["MAP-08"]] {
        let options = Options {
            only: only.iter().map(ToString::to_string).collect(),
            ..options.clone()
        };
        let outcome = with(
            options,
            |arrived| arrived,
            |arrived, mut answer| {
                if partner(arrived) == Some(1) {
                    let text = String::from_utf8_lossy(&answer.body).replace("\"b/1\"", "\"1001\"");
                    answer.body = text.into_bytes();
                }
                answer.reply()
            },
        )
        .await;
        assert_right(&outcome);
    }
    let named = |from: &'static str, to: &'static str| {
        move |body: &mut Vec<u8>| {
            *body = String::from_utf8_lossy(body).replace(from, to).into_bytes();
        }
    };
    let (here, there) = (named("\"1001\"", "\"b/1\""), named("\"b/1\"", "\"1001\""));
    let options = Options {
        profile: Profile::Verification,
        ..brief()
    };
    let outcome = with(
        options,
        move |mut arrived| {
            if partner(&arrived) == Some(1) {
                here(&mut arrived.body);
            }
            arrived
        },
        move |arrived, mut answer| {
            if partner(arrived) == Some(1) {
                there(&mut answer.body);
            }
            answer.reply()
        },
    )
    .await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    assert_eq!(
        outcome.readiness(),
        Some(Readiness::Ready),
        "{}",
        account(&outcome)
    );
}

/// UUIDs are compared without regard to case, so there is one tenant, however the user writes it.
#[tokio::test(flavor = "multi_thread")]
async fn the_tenant_may_be_named_in_upper_case() {
    let upper = PARTNERS[0].acronis_tenant_id.to_ascii_uppercase();
    for enabled in [true, false] {
        let options = Options {
            tenant_id: Some(UuidText::new(&upper).expect("a UUID")),
            ..brief()
        };
        let begun = Arc::new(AtomicUsize::new(0));
        let outcome = around(options, move |reference, mut arrived| {
            let begun = begun.clone();
            async move {
                let first = begun.fetch_add(1, Ordering::SeqCst) == 0;
                if first && !enabled {
                    assert!(disable(&reference, &arrived).await);
                }
                // It keeps them in lower case, as databases do that have a type for them.
                let body = String::from_utf8_lossy(&arrived.body).into_owned();
                let upper = PARTNERS[0].acronis_tenant_id.to_ascii_uppercase();
                arrived.body = body
                    .replace(&upper, PARTNERS[0].acronis_tenant_id)
                    .into_bytes();
                ask(&reference, &arrived).await.reply()
            }
        })
        .await;
        assert_right(&outcome);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_come_with_the_tenant_of_another_may_be_refused() {
    let enabled: Arc<Mutex<HashMap<usize, Value>>> = Arc::default();
    let outcome = around(brief(), move |reference, arrived| {
        let enabled = enabled.clone();
        async move {
            let body = arrived.json();
            let tenant = body["context"]["tenant_id"].clone();
            let who = partner(&arrived);
            let others = {
                let enabled = enabled.lock().expect("no panic");
                let mut others = enabled.iter().filter(|(it, _)| Some(**it) != who);
                others.any(|(_, its)| *its == tenant)
            };
            let answer = ask(&reference, &arrived).await;
            if others && answer.status == 200 {
                return denied(&arrived).reply();
            }
            let callback = body["context"]["callback_id"].as_str().unwrap_or_default();
            if let (Some(who), 200) = (who, answer.status) {
                let mut enabled = enabled.lock().expect("no panic");
                if callback.contains("enablement.write") {
                    enabled.insert(who, body["payload"]["acronis_tenant_id"].clone());
                } else if callback.contains("enablement.reset") {
                    enabled.remove(&who);
                }
            }
            answer.reply()
        }
    })
    .await;
    assert_right(&outcome);
}

/// What the documents do not say: what becomes of a customer that a list names and nobody has.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_a_list_names_may_be_taken_for_a_customer() {
    type Taken = Arc<Mutex<BTreeMap<(usize, String), Value>>>;
    let taken: Taken = Arc::default();
    let outcome = around(brief(), move |reference, mut arrived| {
        let taken = taken.clone();
        async move {
            let mut body = arrived.json();
            let callback = body["context"]["callback_id"].to_string();
            let Some(who) = partner(&arrived) else {
                return ask(&reference, &arrived).await.reply();
            };
            let own = |id: &str| {
                let mut all = PARTNERS[who].customers.iter();
                all.any(|customer| customer.id == id)
            };
            let mut strangers = Vec::new();
            if let Some(Value::Array(list)) = body.pointer_mut("/payload/modified")
                && list.iter().all(is_change)
            {
                list.retain(|change| {
                    let id = change["vendor_tenant_id"].as_str().unwrap_or_default();
                    if !own(id) {
                        strangers.push((id.to_owned(), change["acronis_tenant_id"].clone()));
                    }
                    own(id)
                });
                if !strangers.is_empty() {
                    arrived.body = body.to_string().into_bytes();
                }
            }
            let mut answer = ask(&reference, &arrived).await;
            let mut taken = taken.lock().expect("no panic");
            match answer.status {
                200 if callback.contains("tenant_mapping.write") => {
                    for (id, to) in strangers {
                        match to.is_null() {
                            true => drop(taken.remove(&(who, id))),
                            false => drop(taken.insert((who, id), to)),
                        }
                    }
                }
                200 if callback.contains("enablement.reset") => {
                    taken.retain(|(it, _), _| *it != who)
                }
                200 if callback.contains("tenant_mapping.read") => {
                    let mut told = answer.json();
                    if let Some(Value::Array(items)) = told.pointer_mut("/payload/items") {
                        let its = taken.iter().filter(|((it, _), _)| *it == who);
                        items.extend(its.map(|((_, id), to)| {
                            json!({"vendor_tenant_id": id, "acronis_tenant_id": to})
                        }));
                        answer.body = told.to_string().into_bytes();
                    }
                }
                _ => {}
            }
            answer.reply()
        }
    })
    .await;
    assert_right(&outcome);
}

/// Whether an entry of a list says what is to be done with whom.
fn is_change(entry: &Value) -> bool {
    let to = entry.get("acronis_tenant_id");
    let whom = entry.get("vendor_tenant_id").and_then(Value::as_str);
    whom.is_some_and(|id| !id.is_empty())
        && to.is_none_or(|to| to.as_str().is_some_and(|to| UuidText::new(to).is_ok()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_tomorrow_may_be_refused() {
    let outcome = put_otherwise(|arrived, answer| {
        let body = arrived.json();
        let year = body["created_at"]
            .as_str()
            .and_then(|at| at.get(..4)?.parse::<u32>().ok());
        match year.is_some_and(|year| year > 2100) && answer.status == 200 {
            true => denied(arrived).reply(),
            false => answer.reply(),
        }
    })
    .await;
    assert_right(&outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_may_be_enabled_for_one_tenant_at_a_time() {
    let under_way: Arc<Mutex<Vec<(usize, String)>>> = Arc::default();
    let outcome = around(brief(), move |reference, arrived| {
        let under_way = under_way.clone();
        async move {
            let body = arrived.json();
            let callback = body["context"]["callback_id"].to_string();
            let who = partner(&arrived).filter(|_| callback.contains("enablement.write"));
            let Some(who) = who else {
                return ask(&reference, &arrived).await.reply();
            };
            let own = (who, body["payload"]["acronis_tenant_id"].to_string());
            {
                let mut all = under_way.lock().expect("no panic");
                if all
                    .iter()
                    .any(|(it, tenant)| *it == who && *tenant != own.1)
                {
                    let mut answer = denied(&arrived);
                    answer.status = 409;
                    return answer.reply();
                }
                all.push(own.clone());
            }
            // Time for the others to come.
            tokio::time::sleep(Duration::from_millis(10)).await;
            let answer = ask(&reference, &arrived).await;
            let mut all = under_way.lock().expect("no panic");
            let place = all.iter().position(|one| *one == own);
            all.swap_remove(place.expect("it is under way"));
            answer.reply()
        }
    })
    .await;
    assert_right(&outcome);
    assert_eq!(of(&outcome, "ENA-15").state.name(), "passed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_enablement_need_not_be_told_to_another_tenant() {
    let options = Options {
        tenant_id: UuidText::new(PARTNERS[0].acronis_tenant_id).ok(),
        other_tenant_id: UuidText::new(PARTNERS[1].acronis_tenant_id).ok(),
        ..brief()
    };
    let outcome = with(
        options,
        |arrived| arrived,
        |arrived, mut answer| {
            let (mut body, asked) = (answer.json(), arrived.json());
            let tenant = asked["context"]["tenant_id"].as_str();
            let told = body["payload"]["acronis_tenant_id"].as_str();
            let callback = asked["context"]["callback_id"].as_str();
            let is_read = callback.is_some_and(|callback| callback.contains("enablement.read"));
            if answer.status == 200 && is_read && told.is_some() && told != tenant {
                let members = body["payload"].as_object_mut().expect("an object");
                members.shift_remove("acronis_tenant_id");
                answer.body = body.to_string().into_bytes();
            }
            answer.reply()
        },
    )
    .await;
    assert_right(&outcome);
}

/// The outcome for a handler that shows customers to enabled partners alone, and to begin with none is; and who is enabled behind
/// the run, which is interrupted when that many requests have come.
async fn for_enabled_alone(options: Options, last: usize) -> (Outcome, Vec<usize>) {
    // The reference handler's partners are enabled when it starts.
    let enabled: Arc<Mutex<HashMap<usize, bool>>> = Arc::default();
    let (seen, interrupt) = (enabled.clone(), Interrupt::new());
    let (come, trigger) = (Arc::new(AtomicUsize::new(0)), interrupt.clone());
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let front = Front::answer(move |arrived| {
        if come.fetch_add(1, Ordering::Relaxed) + 1 == last {
            trigger.trigger();
        }
        let (enabled, reference) = (enabled.clone(), reference.clone());
        async move {
            let callback = arrived.json()["context"]["callback_id"].to_string();
            let Some(who) = partner(&arrived) else {
                return ask(&reference, &arrived).await.reply();
            };
            let first = !enabled.lock().expect("no panic").contains_key(&who);
            if first && disable(&reference, &arrived).await {
                enabled.lock().expect("no panic").insert(who, false);
            }
            let is_enabled = enabled.lock().expect("no panic").get(&who) == Some(&true);
            let answer = ask(&reference, &arrived).await;
            if answer.status != 200 {
                return answer.reply();
            }
            let customers = callback.contains("topology") || callback.contains("tenant_mapping");
            if customers && !is_enabled {
                return denied(&arrived).reply();
            }
            let now = callback.contains("enablement.write");
            if now || callback.contains("enablement.reset") {
                enabled.lock().expect("no panic").insert(who, now);
            }
            answer.reply()
        }
    })
    .await;
    let suite = Suite::new(Target::url(&front.url()).expect("a URL"));
    let suite = suite.identity(identity).options(options);
    let outcome = suite.interrupt(interrupt).run().await.expect("a run");
    let enabled = seen.lock().expect("no panic");
    let left = enabled.iter().filter(|(_, is)| **is);
    (outcome, left.map(|(who, _)| *who).collect())
}

/// Disables the partner of a request, with its token and credentials.
async fn disable(reference: &Reference, arrived: &Arrived) -> bool {
    let mut body = arrived.json();
    let Some(members) = body.as_object_mut() else {
        return false;
    };
    members.shift_remove("payload");
    body["type"] = json!("cti.a.p.acgw.request.v1.0~a.p.empty.v1.0");
    body["context"]["callback_id"] = json!("cti.a.p.acgw.callback.v1.0~a.p.enablement.reset.v1.0");
    let reset = Arrived {
        body: body.to_string().into_bytes(),
        ..arrived.clone()
    };
    ask(reference, &reset).await.status == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_may_be_shown_to_enabled_partners_alone() {
    for cases in [&[][..], &["HTTP-*"], &["MAP-08"]] {
        let options = Options {
            only: cases.iter().map(ToString::to_string).collect(),
            ..brief()
        };
        let (outcome, left) = for_enabled_alone(options, usize::MAX).await;
        assert_right(&outcome);
        assert_eq!(left, Vec::<usize>::new(), "still enabled");
    }
    // The flow goes its way from there, and what it leaves is not taken for what was there before.
    let options = Options {
        profile: Profile::Verification,
        ..brief()
    };
    let (outcome, left) = for_enabled_alone(options, usize::MAX).await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    assert_eq!(
        outcome.readiness(),
        Some(Readiness::Ready),
        "{}",
        account(&outcome)
    );
    assert_eq!(left, Vec::<usize>::new(), "still enabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_stays_enabled_whenever_the_run_is_interrupted() {
    for last in 1..40 {
        let (outcome, left) = for_enabled_alone(brief(), last).await;
        assert_eq!(outcome.ended, Ended::Interrupted, "at {last}");
        assert_eq!(left, Vec::<usize>::new(), "interrupted at {last}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_may_not_be_enabled_there_is_no_verdict() {
    let options = Options {
        write: false,
        ..brief()
    };
    let (outcome, _) = for_enabled_alone(options, usize::MAX).await;
    assert_eq!(outcome.exit_code(), 3, "{}", account(&outcome));
    assert_noticed(&outcome, "--write, which enables it");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_enabled_in_vain_is_disabled_again() {
    // It shows customers to nobody: enabling it does not help, and is undone.
    let enabled: Arc<Mutex<Vec<bool>>> = Arc::default();
    let seen = enabled.clone();
    let outcome = around(brief(), move |reference, arrived| {
        let enabled = enabled.clone();
        async move {
            let callback = arrived.json()["context"]["callback_id"].to_string();
            if partner(&arrived).is_some() && enabled.lock().expect("no panic").is_empty() {
                disable(&reference, &arrived).await;
            }
            let answer = ask(&reference, &arrived).await;
            if answer.status == 200 && callback.contains("tenant_mapping") {
                return denied(&arrived).reply();
            }
            let now = callback.contains("enablement.write");
            if answer.status == 200 && (now || callback.contains("enablement.reset")) {
                enabled.lock().expect("no panic").push(now);
            }
            answer.reply()
        }
    })
    .await;
    let broken = ["HTTP-01", "MAP-01"];
    assert_eq!(failed(&outcome), broken, "{}", account(&outcome));
    assert_eq!(
        seen.lock().expect("no panic")[..],
        [true, true, false, false]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_organisations_may_be_enabled_for_one_tenant() {
    // Both tell the first one's tenant where they are enabled at all.
    let outcome = with(
        Options {
            write: false,
            custom: Vec::new(),
            ..only(&["ENA-*"])
        },
        |arrived| arrived,
        |arrived, mut answer| {
            if partner(arrived) == Some(1) {
                let [first, second] = [0, 1].map(|place| PARTNERS[place].acronis_tenant_id);
                let text = String::from_utf8_lossy(&answer.body).replace(second, first);
                answer.body = text.into_bytes();
            }
            answer.reply()
        },
    )
    .await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_mappings_has_one_entry_at_most() {
    let outcome = around(brief(), |reference, arrived| async move {
        let body = arrived.json();
        let modified = body["payload"]["modified"].as_array();
        if modified.is_some_and(|modified| modified.len() > 1) {
            let told = json!({
                "request_id": body["request_id"],
                "response_id": uuid::Uuid::new_v4().to_string(),
                "err_message": "one at a time",
            });
            return Answer::new(413, "application/json", told.to_string()).reply();
        }
        ask(&reference, &arrived).await.reply()
    })
    .await;
    // No list is ever taken, so nothing is known of lists, nor can a tenant move within one.
    assert_fails_but(&outcome, &[], &["MAP-12", "MAP-13"]);
    assert_eq!(outcome.exit_code(), 0);
    // The customers that were mapped before are several.
    assert!(outcome.notices.iter().all(|one| !one.contains("put back")));
}
