//! What mirrored partners and customers had before a run: settings come back as they were read, and names are told.

mod common;

use std::time::Duration;

use acgw_conformance::gateway::Target;
use acgw_conformance::protocol::catalog::{
    CUSTOMER_MIRRORING_GET_STATE, CUSTOMER_MIRRORING_SET_STATE, PARTNER_MIRRORING_ENABLE,
    PARTNER_MIRRORING_GET_STATE,
};
use acgw_conformance::protocol::text::UuidText;
use acgw_conformance::protocol::{Callback, Enablement, EnablementMethod};
use acgw_conformance::reference::{Faults, Reference, Server};
use acgw_conformance::suite::outcome::Ended;
use acgw_conformance::suite::{Interrupt, Options, Outcome, Suite};
use common::direct::{self, knowing};
use common::{anywhere, identity, options_for};
use serde_json::{Value, json};

/// A partner that was enabled before the run.
const PARTNER: &str = "0b7f4c1e-64d2-4a0e-8d5b-91c2a6f0e301";
/// Its customers; the last one's id is a neighbour of the partner's, as ids written by hand are, and as those that the suite makes up.
const CUSTOMERS: [&str; 2] = [
    "5a1e9d70-2f4c-4b63-9b1a-7c8e0d5f6a02",
    "0b7f4c1e-64d2-4a0e-8d5b-91c2a6f0e303",
];

fn both_mirrored() -> Enablement {
    Enablement::new(EnablementMethod::Mirrored, EnablementMethod::Mirrored).expect("offered")
}

fn handler() -> Reference {
    knowing(both_mirrored(), Faults::none())
}

async fn send(handler: &Reference, callback: &Callback, payload: Option<Value>) -> Value {
    direct::send(handler, PARTNER, callback, payload).await
}

/// A partner with settings, one customer with settings and one without.
async fn enable(handler: &Reference) {
    let partner = json!({
        "acronis_tenant_id": PARTNER,
        "acronis_tenant_name": "Anchor MSP",
        "settings": {"Plan": "silver", "seats": 12},
    });
    send(handler, &PARTNER_MIRRORING_ENABLE, Some(partner)).await;
    let customers = json!({
        "partner_tenant_id": PARTNER,
        "partner_tenant_name": "Anchor MSP",
        "enabled": [
            {
                "acronis_tenant_id": CUSTOMERS[0],
                "acronis_tenant_name": "Bakery",
                "settings": {"region": ["EU"], "backup of mail": true},
            },
            {"acronis_tenant_id": CUSTOMERS[1], "acronis_tenant_name": "Library"},
        ],
    });
    send(handler, &CUSTOMER_MIRRORING_SET_STATE, Some(customers)).await;
}

/// What the handler says of the partner and its customers.
async fn told(handler: &Reference) -> [Value; 2] {
    [
        send(handler, &PARTNER_MIRRORING_GET_STATE, None).await,
        send(handler, &CUSTOMER_MIRRORING_GET_STATE, None).await,
    ]
}

async fn check(server: &Server, seed: u64, interrupt: Interrupt) -> Outcome {
    let options = Options {
        only: ["PMI-*", "CMI-*", "ROB-2*"].map(str::to_owned).to_vec(),
        cases: 8,
        seed,
        tenant_id: Some(UuidText::new(PARTNER).expect("a UUID")),
        ..options_for(both_mirrored())
    };
    Suite::new(Target::url(&server.url()).expect("a URL"))
        .identity(identity())
        .options(options)
        .interrupt(interrupt)
        .run()
        .await
        .expect("a run")
}

/// What is told of names, if anything is.
fn of_names(outcome: &Outcome) -> Option<&String> {
    let mut notices = outcome.notices.iter();
    notices.find(|notice| notice.starts_with("names cannot be read"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_run_puts_settings_back_and_tells_of_names() {
    let handler = handler();
    let server = Server::start(anywhere(), handler.clone(), None)
        .await
        .expect("a port");
    enable(&handler).await;
    let before = told(&handler).await;
    let outcome = check(&server, 1, Interrupt::new()).await;
    assert_eq!(outcome.ended, Ended::Completed);
    assert_eq!(common::failed(&outcome), [""; 0]);
    assert_eq!(told(&handler).await, before, "{:?}", outcome.notices);
    let names = of_names(&outcome).expect("names are told");
    for id in [PARTNER, CUSTOMERS[0], CUSTOMERS[1]] {
        assert!(names.contains(id), "{names}");
    }
    assert_eq!(outcome.notices.len(), 1, "{:?}", outcome.notices);
}

#[tokio::test(flavor = "multi_thread")]
async fn whenever_a_run_is_interrupted_settings_are_put_back() {
    let handler = handler();
    let server = Server::start(anywhere(), handler.clone(), None)
        .await
        .expect("a port");
    enable(&handler).await;
    let before = told(&handler).await;
    let (mut interrupted, mut changed, mut named) = (0, 0, 0);
    for round in 0..60u64 {
        let interrupt = Interrupt::new();
        let stop = interrupt.clone();
        let run = check(&server, round, interrupt);
        let meanwhile = async {
            let moment = Duration::from_micros(2_000 + round.wrapping_mul(7_919) % 250_000);
            tokio::time::sleep(moment).await;
            let now = told(&handler).await;
            stop.trigger();
            now
        };
        let (outcome, now) = tokio::join!(run, meanwhile);
        interrupted += u32::from(outcome.ended == Ended::Interrupted);
        changed += u32::from(now != before);
        named += u32::from(of_names(&outcome).is_some());
        assert_eq!(
            told(&handler).await,
            before,
            "round {round}: {:?}",
            outcome.notices
        );
    }
    assert!(interrupted > 30, "{interrupted} interrupted");
    assert!(changed > 10, "{changed} changed");
    assert!(named > 10, "{named} told of names");
}
