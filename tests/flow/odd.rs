//! Right handlers that are odd, and those of which the flow shows nothing.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use acgw_conformance::protocol::{Enablement, EnablementMethod};
use acgw_conformance::reference::{Fault, Faults, Server};
use acgw_conformance::suite::{Options, Outcome};
use serde_json::json;

use crate::common::front::{Answer, Arrived, Front, Reply, ask};
use crate::common::verdicts::assert_noticed;
use crate::common::{anywhere, identity, reference_for, run};
use crate::*;

/// The outcome for a handler whose answers are the reference handler's, put otherwise.
async fn put_otherwise<F>(enablement: Enablement, put: F) -> Outcome
where
    F: Fn(&Arrived, Answer) -> Reply + Send + Sync + 'static,
{
    let identity = identity();
    let reference = reference_for(enablement, &identity, Faults::none());
    let put = Arc::new(put);
    let front = Front::answer(move |arrived| {
        let (reference, put) = (reference.clone(), put.clone());
        async move {
            let answer = ask(&reference, &arrived).await;
            put(&arrived, answer)
        }
    })
    .await;
    run(identity, &front.url(), options(enablement)).await
}

fn refused(status: u16) -> Answer {
    Answer::new(status, "text/plain", "no")
}

fn is(arrived: &Arrived, callback: &str) -> bool {
    let body = arrived.json();
    let id = body["context"]["callback_id"].as_str().unwrap_or_default();
    id.contains(callback)
}

#[tokio::test(flavor = "multi_thread")]
async fn right_handlers_that_are_odd_are_ready() {
    for enablement in combinations() {
        // Other statuses for refusals, and connections that are closed.
        let outcome = put_otherwise(enablement, |_, mut answer| {
            if answer.status >= 400 {
                answer.set_status(403);
            }
            answer.reply().closing()
        })
        .await;
        assert_ready(&outcome);
        // Plain refusals of any status are advice at most.
        let outcome = put_otherwise(enablement, |_, answer| match answer.status {
            400..=499 => refused(422).reply(),
            _ => answer.reply(),
        })
        .await;
        assert_ready(&outcome);
        // What a partner that is not enabled is shown, and unmapped customers, are the handler's choice.
        let at_first = enablement.partner() == EnablementMethod::Mapped;
        let enabled = Arc::new(Mutex::new(at_first));
        let outcome = put_otherwise(enablement, move |arrived, answer| {
            let mut enabled = enabled.lock().expect("no poison");
            let own = arrived.header("X-CyberApp-Auth")
                == options(enablement)
                    .credentials
                    .map(|credentials| credentials.encode());
            let success = answer.status == 200;
            if own
                && success
                && (is(arrived, "enablement.write") || is(arrived, "partner.mirroring.enable"))
            {
                *enabled = true;
            }
            if own
                && success
                && (is(arrived, "enablement.reset") || is(arrived, "partner.mirroring.reset"))
            {
                *enabled = false;
            }
            let customers =
                is(arrived, "customer.mirroring.get_state") || is(arrived, "tenant_mapping.read");
            let explicit = enablement.partner() == EnablementMethod::Explicit;
            if own && success && customers && !*enabled && !explicit {
                return refused(404).reply();
            }
            let mut answer = answer;
            if success && is(arrived, "tenant_mapping.read") {
                let mut body = answer.json();
                if let Some(items) = body["payload"]["items"].as_array_mut() {
                    items.retain(|item| item.get("acronis_tenant_id").is_some());
                }
                answer.body = body.to_string().into_bytes();
            }
            answer.reply()
        })
        .await;
        assert_ready(&outcome);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_without_customers_does_not_show_the_whole_flow() {
    let outcome = put_otherwise(Enablement::MAPPED, |arrived, mut answer| {
        let mut body = answer.json();
        let lists = is(arrived, "topology.read") || is(arrived, "tenant_mapping.read");
        if lists && answer.status == 200 {
            body["payload"]["items"] = json!([]);
            answer.body = body.to_string().into_bytes();
        }
        answer.reply()
    })
    .await;
    assert_consistent(&outcome);
    assert_eq!(outcome.exit_code(), 3, "{}", told(&outcome));
    let (_, step) = flow(&outcome).missing().next().expect("a missing step");
    let reason = "the partner has no customer that could be mapped";
    assert_eq!(
        (step.action.as_str(), step.state.reason()),
        ("map a customer", Some(reason))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_without_an_accepted_twin_shows_nothing() {
    let identity = identity();
    let handler = reference_for(Enablement::MAPPED, &identity, Faults::none());
    let server = Server::start(anywhere(), handler, None)
        .await
        .expect("a free port");
    let options = Options {
        skip: vec!["ENA-04".to_owned(), "ENA-12".to_owned()],
        ..options(Enablement::MAPPED)
    };
    let outcome = run(identity, &server.url(), options).await;
    assert_consistent(&outcome);
    assert_eq!(outcome.exit_code(), 3, "{}", told(&outcome));
    for step in &flow(&outcome).steps {
        if step.callback == "enablement.write" {
            assert!(step.state.reason().is_some(), "{}", told(&outcome));
        }
    }
}

/// Of several rows nobody knows which counts, so nothing is shown by them.
#[tokio::test(flavor = "multi_thread")]
async fn customers_that_are_listed_twice_show_nothing_of_a_change() {
    let identity = identity();
    let faults = [Fault::MappingDuplicate, Fault::RemovalIgnored];
    let handler = reference_for(Enablement::MAPPED, &identity, faults.into_iter().collect());
    let server = Server::start(anywhere(), handler, None)
        .await
        .expect("a free port");
    let outcome = run(identity, &server.url(), options(Enablement::MAPPED)).await;
    assert_consistent(&outcome);
    assert_eq!(outcome.exit_code(), 3, "{}", told(&outcome));
    let mut missing = flow(&outcome).missing();
    let reason = missing.find_map(|(_, step)| step.state.reason());
    assert_eq!(
        reason,
        Some("the customer is listed more than once (MAP-03, CMI-06)")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_locked_for_a_while_are_waited_for() {
    let lock = Arc::new(Mutex::new((0, None::<Instant>)));
    let outcome = put_otherwise(Enablement::MAPPED, move |_, answer| {
        let mut lock = lock.lock().expect("no poison");
        if lock
            .1
            .is_some_and(|since| since.elapsed() > Duration::from_millis(1_200))
        {
            *lock = (0, None);
        }
        if answer.json()["err_message"]
            .to_string()
            .contains("its secrets are wrong")
        {
            lock.0 += 1;
        }
        if lock.0 >= 3 {
            lock.1.get_or_insert_with(Instant::now);
            return refused(403).reply();
        }
        answer.reply()
    })
    .await;
    assert_consistent(&outcome);
    assert_eq!(outcome.exit_code(), 0, "{}", told(&outcome));
    assert_noticed(&outcome, "is back");
}
