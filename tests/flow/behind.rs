//! What the flow leaves behind, and what it tells while it goes on.

use std::sync::{Arc, Mutex};

use acgw_conformance::gateway::Target;
use acgw_conformance::protocol::Enablement;
use acgw_conformance::reference::{Faults, Server};
use acgw_conformance::suite::{Event, Interrupt, Suite};

use crate::common::direct::{knowing, told};
use crate::common::front::{Front, ask};
use crate::common::{anywhere, identity, reference_for};
use crate::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_is_there_behind() {
    let handler = knowing(Enablement::MAPPED, Faults::none());
    let before = told(&handler).await;
    assert!(
        before[0]["acronis_tenant_id"].is_string(),
        "the partner is enabled before"
    );
    let whole = against(|_| handler.clone(), options(Enablement::MAPPED)).await;
    assert_ready(&whole);
    assert_eq!(told(&handler).await, before, "{:?}", whole.notices);
    // And whenever the run is stopped in the middle of the flow.
    let all = flow(&whole).steps.len();
    for last in 1..=all {
        let server = Server::start(anywhere(), handler.clone(), None)
            .await
            .expect("a free port");
        let interrupt = Interrupt::new();
        let stop = interrupt.clone();
        let outcome = Suite::new(Target::url(&server.url()).expect("a URL"))
            .identity(identity())
            .options(options(Enablement::MAPPED))
            .interrupt(interrupt)
            .observer(Box::new(move |event: Event<'_>| {
                if matches!(event, Event::Step { number, .. } if number == last) {
                    stop.trigger();
                }
            }))
            .run()
            .await
            .expect("a run");
        assert_eq!(outcome.exit_code(), 130, "step {last}");
        assert_consistent(&outcome);
        let taken = flow(&outcome)
            .steps
            .iter()
            .filter(|step| step.latency.is_some())
            .count();
        assert!(taken <= last + 1, "step {last}: {taken} were taken");
        assert_eq!(
            told(&handler).await,
            before,
            "step {last}: {:?}",
            outcome.notices
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_are_told_as_they_are_taken_and_sent_as_they_are_told() {
    let identity = identity();
    let reference = reference_for(Enablement::MAPPED, &identity, Faults::none());
    let sent: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = sent.clone();
    let front = Front::answer(move |arrived| {
        let (reference, seen) = (reference.clone(), seen.clone());
        async move {
            let body = arrived.json();
            let id = body["context"]["callback_id"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            seen.lock().expect("no poison").push(id);
            ask(&reference, &arrived).await.reply()
        }
    })
    .await;
    /// The number of a step, its callback, and how many requests had been sent when it was told.
    type Heard = Vec<(usize, &'static str, usize)>;
    let told: Arc<Mutex<Heard>> = Arc::default();
    let (heard, counted) = (told.clone(), sent.clone());
    let outcome = Suite::new(Target::url(&front.url()).expect("a URL"))
        .identity(identity)
        .options(options(Enablement::MAPPED))
        .observer(Box::new(move |event: Event<'_>| {
            if let Event::Step { number, step, .. } = event {
                let sent = counted.lock().expect("no poison").len();
                heard
                    .lock()
                    .expect("no poison")
                    .push((number, step.callback, sent));
            }
        }))
        .run()
        .await
        .expect("a run");
    assert_ready(&outcome);
    let told = told.lock().expect("no poison").clone();
    let sent = sent.lock().expect("no poison").clone();
    assert_eq!(told.len(), flow(&outcome).steps.len());
    let first = told[0].2;
    for (place, (number, callback, so_far)) in told.iter().enumerate() {
        assert_eq!(*number, place + 1);
        // One request a step, and nothing between two of them.
        assert_eq!(*so_far, first + place, "step {number}");
        assert!(
            sent[so_far - 1].contains(callback),
            "step {number}: {}",
            sent[so_far - 1]
        );
    }
}
