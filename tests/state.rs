//! The stateful part of the suite: every combination of enablement methods, and what is left behind.

mod common;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acgw_conformance::gateway::Target;
use acgw_conformance::protocol::Enablement;
use acgw_conformance::reference::{Faults, Server};
use acgw_conformance::suite::outcome::Ended;
use acgw_conformance::suite::{Interrupt, Options, State, Suite};
use common::direct::{knowing, told};
use common::verdicts::applies;
use common::{anywhere, identity, options, options_for, reference_for, run};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;

/// What some combinations have nothing to show of: https, pages, credentials, customers.
const ELSEWHERE: &[&str] = &[
    "TLS", "TOP-04", "CRED", "ENA-09", "PMI-07", "ROB-19", "ROB-20",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_handler_conforms_for_every_combination() {
    for enablement in Enablement::all() {
        if enablement.callbacks().next().is_none() {
            continue;
        }
        let identity = identity();
        let handler = reference_for(enablement, &identity, Faults::none());
        let server = Server::start(anywhere(), handler, None)
            .await
            .expect("a port");
        let outcome = run(identity, &server.url(), options_for(enablement)).await;
        let failed: Vec<_> = outcome
            .requirements
            .iter()
            .filter(|one| one.state == State::Failed)
            .map(|one| (one.requirement.id, &one.failures))
            .collect();
        assert!(failed.is_empty(), "{enablement}: {failed:#?}");
        assert_eq!(outcome.ended, Ended::Completed, "{enablement}");
        assert!(outcome.conforms(), "{enablement}");
        assert_eq!(outcome.notices, [""; 0], "{enablement}");
        let idle: Vec<_> = outcome
            .requirements
            .iter()
            .filter(|one| one.state != State::Passed && applies(one))
            .filter(|one| one.requirement.unobservable.is_none())
            .map(|one| one.requirement.id)
            .filter(|id| !ELSEWHERE.iter().any(|area| id.starts_with(area)))
            .collect();
        assert_eq!(idle, [""; 0], "{enablement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whenever_a_run_is_interrupted_the_data_are_put_back() {
    let handler = knowing(Enablement::MAPPED, Faults::none());
    let server = Server::start(anywhere(), handler.clone(), None)
        .await
        .expect("a port");
    let before = told(&handler).await;
    let mut interrupted = 0;
    let mut changed_meanwhile = 0;
    for round in 0..100u64 {
        let options = Options {
            only: ["ENA-*", "MAP-*", "ROB-17", "ROB-19"]
                .map(str::to_owned)
                .to_vec(),
            cases: 20,
            seed: round,
            ..options()
        };
        let interrupt = Interrupt::new();
        let suite = Suite::new(Target::url(&server.url()).expect("a URL"))
            .identity(identity())
            .options(options)
            .interrupt(interrupt.clone());
        let run = tokio::spawn(suite.run());
        // Any moment of the run: they take some tenths of a second.
        let moment = Duration::from_micros(2_000 + round.wrapping_mul(7_919) % 250_000);
        tokio::time::sleep(moment).await;
        changed_meanwhile += u32::from(told(&handler).await != before);
        interrupt.trigger();
        let outcome = run.await.expect("no panic").expect("a run");
        interrupted += u32::from(outcome.ended == Ended::Interrupted);
        assert_eq!(
            told(&handler).await,
            before,
            "round {round}: {:?}",
            outcome.notices
        );
    }
    assert!(interrupted > 50, "{interrupted} interrupted");
    assert!(changed_meanwhile > 20, "{changed_meanwhile} changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_leave_to_write_no_callback_that_changes_data_is_sent() {
    let handler = knowing(Enablement::MAPPED, Faults::none());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let counted = seen.clone();
    let inner = handler.clone();
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (counted, inner) = (counted.clone(), inner.clone());
        async move {
            let (parts, body) = request.into_parts();
            // What is cut off on purpose is no callback.
            let body = body.collect().await.map(|body| body.to_bytes());
            let body = body.unwrap_or_default();
            counted.lock().expect("no panic").push(body.clone());
            let request = http::Request::from_parts(parts, Full::new(body));
            Ok::<_, Infallible>(inner.handle(request).await)
        }
    });
    let outcome = Suite::new(Target::service(service))
        .identity(identity())
        .options(Options {
            write: false,
            ..options()
        })
        .run()
        .await
        .expect("a run");
    assert!(outcome.run.exchanges > 1_000);
    let writes = [
        ".write.v1.0",
        ".reset.v1.0",
        ".enable.v1.0",
        ".set_state.v1.0",
    ];
    for body in seen.lock().expect("no panic").iter() {
        let text = String::from_utf8_lossy(body);
        assert!(
            !writes.iter().any(|name| text.contains(name)),
            "{text} was sent"
        );
    }
}
