//! `tenant_mapping.read`.

use serde_json::Value;

use super::items::{duplicate, ids, judge_form, payload_agrees, some_of};
use super::topology::NOT_ENABLED;
use crate::protocol::Family;
use crate::protocol::catalog::TENANT_MAPPING_READ;
use crate::protocol::text::is_uuid;
use crate::suite::check::{Check, Draft, Expect, Need, Sight, Steps};
use crate::suite::engine::Engine;
use crate::suite::judge::{Defect, Findings};
use crate::suite::requirement::Requirement;

const PAGE: &str = "callback-handler/enablement/mapping/enable-customer/reading-customer-mapping";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("MAP-01", "The payload is a list of items")
        .states("The payload of tenant_mapping.read is an object with the list `items` and no other member.")
        .because("The schema allows no additional properties: \"invalid format\".")
        .fix("Answer {\"items\": [{\"vendor_tenant_id\", \"acronis_tenant_id\"}]}, the list empty when there are no customers.")
        .source("Postman collection"),
    Requirement::must("MAP-02", "Every item has a vendor_tenant_id")
        .states("Each item is an object with `vendor_tenant_id`, a string that is not empty.")
        .because("The gateway could not tell whose mapping it is: \"invalid format\".")
        .fix("Turn numeric ids into strings.")
        .source(PAGE),
    Requirement::should("MAP-03", "Every customer is listed once")
        .states("No `vendor_tenant_id` stands twice in one answer.")
        .because("One customer would be mapped to two tenants, or shown mapped and unmapped.")
        .fix("Group by organisation.")
        .source(PAGE),
    Requirement::must("MAP-04", "acronis_tenant_id is a UUID or absent")
        .states("`acronis_tenant_id` is a UUID where the customer is mapped, and no key at all (not null, not \"\") where it is not.")
        .because("The schema wants a UUID: \"invalid format\".")
        .fix("Leave the key out for unmapped customers.")
        .source(PAGE),
    Requirement::should("MAP-05", "Only customers of the topology are listed")
        .states("Every `vendor_tenant_id` is an `id` of topology.read.")
        .because("The user interface could not show a name for it.")
        .fix("Answer both callbacks from the same list of customers.")
        .source(PAGE),
    Requirement::should("MAP-06", "All customers of the topology are listed")
        .states("Every `id` of topology.read is listed, mapped or not.")
        .because("The page asks for the partner's customer organisations, not for the mapped ones only.")
        .fix("Start from the list of customers and add acronis_tenant_id where there is a mapping.")
        .source(PAGE),
    Requirement::should("MAP-07", "Two reads of the mapping agree")
        .states("Two tenant_mapping.read in a row say the same, in whatever order.")
        .because("The view refreshes every 5 seconds; rows would come and go.")
        .fix("Read from one consistent source; a read changes nothing.")
        .source("callback-handler/error-handling"),
    Requirement::must("MAP-08", "Another partner sees other mappings only")
        .states("tenant_mapping.read of a second partner, told by its credentials or by context.tenant_id, lists none of the first one's customers.")
        .because("Partners are competitors; one would see the other's customers.")
        .fix("Limit every query to the organisation of the credentials, or to context.tenant_id where partners are mirrored.")
        .source("callback-handler/verification"),
];

const MAPPED: Need = Need::Family(Family::Mapping);

pub(super) const CHECKS: &[Check] = &[
    Check::passive("MAP-01", Sight::Success).needs(&[MAPPED]),
    Check::passive("MAP-02", Sight::Success).needs(&[MAPPED]),
    Check::passive("MAP-03", Sight::Success).needs(&[MAPPED]),
    Check::passive("MAP-04", Sight::Success).needs(&[MAPPED]),
    Check::procedure("MAP-07", 1, &["MAP-05", "MAP-06"], read_again).needs(&[MAPPED]),
    Check::elsewhere("MAP-05").needs(&[MAPPED]),
    Check::elsewhere("MAP-06").needs(&[MAPPED]),
    Check::procedure("MAP-08", 1, &[], isolation).needs(&[MAPPED, Need::SecondPartner]),
];

/// Judges the payload of an answer to `tenant_mapping.read`.
pub(crate) fn judge_payload(payload: Option<&Value>, findings: &mut Findings) {
    let Some(items) = judge_form(payload, "MAP-01", &["items"], findings) else {
        return;
    };
    for (place, item) in items.iter().enumerate() {
        let id = item.get("vendor_tenant_id").and_then(Value::as_str);
        findings.verdict(
            "MAP-02",
            id.is_some_and(|id| !id.is_empty()),
            "each item has the string `vendor_tenant_id`, not empty",
            || format!("items/{place} is {item}"),
        );
        let right = item
            .get("acronis_tenant_id")
            .is_none_or(|id| id.as_str().is_some_and(is_uuid));
        findings.verdict(
            "MAP-04",
            right,
            "`acronis_tenant_id` is a UUID, or no key at all",
            || format!("items/{place} is {item}"),
        );
    }
    let twice = duplicate(items, "vendor_tenant_id");
    findings.verdict(
        "MAP-03",
        twice.is_none(),
        "every `vendor_tenant_id` once",
        || format!("{:?} twice", twice.clone().unwrap_or_default()),
    );
}

fn read_again(engine: &mut Engine) -> Steps<'_> {
    Box::pin(async move {
        let session = engine.session.clone();
        if !session.is_certain(&TENANT_MAPPING_READ) {
            for id in [
                "MAP-01", "MAP-02", "MAP-03", "MAP-04", "MAP-05", "MAP-06", "MAP-07",
            ] {
                engine.ledger.unexercised(id, NOT_ENABLED);
            }
            return Ok(());
        }
        let before = match session.main_callback().id == TENANT_MAPPING_READ.id {
            true => engine.baseline.clone(),
            false => {
                let call = session.case_control(&TENANT_MAPPING_READ, "MAP-07", 1);
                let draft = Draft::new("a first tenant_mapping.read", call, Expect::Accept);
                let exchange = engine.exchange_firmly("MAP-01", draft).await?;
                engine.settle(&exchange);
                exchange.judgement.payload().cloned()
            }
        };
        let call = session.case_control(&TENANT_MAPPING_READ, "MAP-07", 0);
        let draft = Draft::new("a second tenant_mapping.read", call, Expect::Accept);
        let exchange = engine.exchange_firmly("MAP-07", draft).await?;
        engine.settle_others(&exchange, "MAP-07");
        let Some(before) = before else {
            engine
                .ledger
                .blocked("MAP-07", "the first answer had no payload");
            return Ok(());
        };
        let now = exchange.judgement.payload();
        let same = now.is_some_and(|now| payload_agrees(&before, now));
        let defect = (!same).then(|| Defect {
            expected: format!("what was said a moment before: {before}"),
            observed: now.map_or("no payload".to_owned(), Value::to_string),
        });
        engine.conclude("MAP-07", defect, &exchange);
        compare_with_topology(engine, &exchange);
        Ok(())
    })
}

/// Holds the list of mappings against the list of customers.
fn compare_with_topology(engine: &mut Engine, exchange: &crate::suite::engine::Exchange) {
    let (Some(topology), Some(mapping)) = (engine.topology.clone(), exchange.judgement.payload())
    else {
        return;
    };
    if topology.get("paging").is_some() {
        for id in ["MAP-05", "MAP-06"] {
            engine.ledger.unexercised(
                id,
                "topology.read answers in pages, and how to ask for the next is not documented",
            );
        }
        return;
    }
    let has_items = |payload: &Value| payload.get("items").is_some_and(Value::is_array);
    for (payload, broken) in [(&topology, "TOP-01"), (mapping, "MAP-01")] {
        if !has_items(payload) {
            for id in ["MAP-05", "MAP-06"] {
                let reason = format!("{broken} failed: there are no items to compare");
                engine.ledger.blocked(id, reason);
            }
            return;
        }
    }
    let (known, listed) = (ids(&topology, "id"), ids(mapping, "vendor_tenant_id"));
    // Whom this run has named to the handler, and the topology does not list, is listed for that.
    let unknown: Vec<&String> = (listed.difference(&known))
        .filter(|id| !engine.has_taken_in(id))
        .collect();
    let missing: Vec<&String> = known.difference(&listed).collect();
    let unknown = (!unknown.is_empty()).then(|| Defect {
        expected: "only customers of topology.read".to_owned(),
        observed: format!("also {}", some_of(unknown)),
    });
    let missing = (!missing.is_empty()).then(|| Defect {
        expected: "all customers of topology.read".to_owned(),
        observed: format!("missing: {}", some_of(missing)),
    });
    engine.conclude("MAP-05", unknown, exchange);
    engine.conclude("MAP-06", missing, exchange);
}

fn isolation(engine: &mut Engine) -> Steps<'_> {
    Box::pin(async move {
        let session = engine.session.clone();
        if !session.is_certain(&TENANT_MAPPING_READ) {
            engine.ledger.unexercised("MAP-08", NOT_ENABLED);
            return Ok(());
        }
        let own = match session.main_callback().id == TENANT_MAPPING_READ.id {
            true => engine.baseline.clone(),
            false => {
                let call = session.case_control(&TENANT_MAPPING_READ, "MAP-08", 1);
                let draft = Draft::new("the first partner's mapping", call, Expect::Accept);
                let exchange = engine.exchange_firmly("MAP-01", draft).await?;
                engine.settle(&exchange);
                exchange.judgement.payload().cloned()
            }
        };
        let Some(own) = own else {
            engine.ledger.blocked(
                "MAP-08",
                "MAP-01 failed: there was no payload to compare with",
            );
            return Ok(());
        };
        super::isolation::judge(engine, &TENANT_MAPPING_READ, "MAP-08", &own).await
    })
}
