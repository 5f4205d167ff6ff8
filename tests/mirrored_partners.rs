//! Mirrored partners whose customers are mapped: two partners are told apart by `context.tenant_id` alone.

mod common;

use acgw_conformance::gateway::Target;
use acgw_conformance::protocol::catalog::PARTNER_MIRRORING_ENABLE;
use acgw_conformance::protocol::text::UuidText;
use acgw_conformance::protocol::{Enablement, EnablementMethod};
use acgw_conformance::reference::{Fault, Faults, Reference};
use acgw_conformance::suite::{Options, Outcome, State, Suite};
use common::direct::{knowing, send};
use common::front::{Front, ask};
use common::verdicts::{account, of};
use common::*;
use serde_json::{Value, json};

const PARTNER: &str = "0b7f4c1e-64d2-4a0e-8d5b-91c2a6f0e301";
const OTHER: &str = "1c8e5d2f-75e3-4b1f-9e6c-a2d3b7f1f402";

fn enablement() -> Enablement {
    Enablement::new(EnablementMethod::Mirrored, EnablementMethod::Mapped).expect("offered")
}

/// A handler that two partners were enabled for before the run.
async fn with_two(faults: Faults) -> Reference {
    let handler = knowing(enablement(), faults);
    for tenant in [PARTNER, OTHER] {
        let payload = json!({"acronis_tenant_id": tenant, "acronis_tenant_name": "MSP"});
        send(&handler, tenant, &PARTNER_MIRRORING_ENABLE, Some(payload)).await;
    }
    handler
}

/// A run that only reads.
async fn reading(handler: Reference, other: Option<&str>) -> Outcome {
    let uuid = |id: &str| UuidText::new(id).expect("a UUID");
    Suite::new(Target::service(handler))
        .identity(identity())
        .options(Options {
            write: false,
            only: ["TOP-*", "MAP-*", "PMI-*"].map(str::to_owned).to_vec(),
            tenant_id: Some(uuid(PARTNER)),
            other_tenant_id: other.map(uuid),
            ..options_for(enablement())
        })
        .run()
        .await
        .expect("a run")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_of_two_enabled_partners_is_held_apart() {
    let outcome = reading(with_two(Faults::none()).await, Some(OTHER)).await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    for id in ["TOP-01", "TOP-06", "MAP-01", "MAP-06", "MAP-08"] {
        assert_eq!(
            of(&outcome, id).state,
            State::Passed,
            "{}",
            account(&outcome)
        );
    }
    let leaky = [Fault::TopologyOfFirstTenant, Fault::MappingOfFirstTenant];
    let handler = with_two(leaky.into_iter().collect()).await;
    let outcome = reading(handler, Some(OTHER)).await;
    let found = failed(&outcome);
    for id in ["TOP-06", "MAP-08"] {
        assert!(found.contains(&id), "{}", account(&outcome));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_second_partner_it_is_said_what_is_missing() {
    let outcome = reading(with_two(Faults::none()).await, None).await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    for id in ["TOP-06", "MAP-08"] {
        let reason = of(&outcome, id).state.reason().unwrap_or_default();
        assert!(reason.contains("--other-tenant-id"), "{reason}");
    }
    // One that nobody has enabled shows nothing, which is no fault.
    let nobody = "2d9f6e30-86f4-4c20-8f7d-b3e4c8a2a503";
    let outcome = reading(with_two(Faults::none()).await, Some(nobody)).await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
}

#[tokio::test(flavor = "multi_thread")]
async fn partners_that_have_no_customers_yet() {
    let identity = identity();
    let reference = reference_for(enablement(), &identity, Faults::none());
    let front = Front::answer(move |arrived| {
        let reference = reference.clone();
        async move {
            let mut answer = ask(&reference, &arrived).await;
            let mut body = answer.json();
            if body.pointer("/payload/items").is_some_and(Value::is_array) {
                body["payload"]["items"] = json!([]);
                answer.body = body.to_string().into_bytes();
            }
            answer.reply()
        }
    })
    .await;
    let outcome = run(identity, &front.url(), options_for(enablement())).await;
    assert_eq!(failed(&outcome), [""; 0], "{}", account(&outcome));
    assert_eq!(outcome.exit_code(), 0, "{}", account(&outcome));
}
