//! The stateful part of the suite: every combination of enablement methods, and what is left behind.

mod common;

use acgw_conformance::protocol::Enablement;
use acgw_conformance::reference::{Faults, Server};
use acgw_conformance::suite::State;
use common::{anywhere, identity, options_for, reference_for, run};

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
        let told: Vec<String> = outcome
            .requirements
            .iter()
            .filter(|one| one.state != State::Passed)
            .map(|one| {
                let failures: Vec<String> = one
                    .failures
                    .iter()
                    .map(|failure| {
                        format!(
                            "\n    {:?}\n    {} / {}",
                            failure.steps, failure.expected, failure.observed
                        )
                    })
                    .collect();
                format!(
                    "{} {:?} {}",
                    one.requirement.id,
                    one.state,
                    failures.join("")
                )
            })
            .collect();
        println!(
            "== {enablement}: {} exchanges, {:?}\n{}",
            outcome.run.exchanges,
            outcome.ended,
            told.join("\n")
        );
        println!("{:#?}", outcome.notices);
        assert!(
            !outcome
                .requirements
                .iter()
                .any(|one| one.state == State::Failed),
            "{enablement}"
        );
    }
}
