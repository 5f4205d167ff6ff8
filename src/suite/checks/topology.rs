//! `topology.read`.

use serde_json::Value;

use super::items::{duplicate, ids, judge_form, payload_agrees, some_of};
use crate::protocol::Family;
use crate::protocol::catalog::TOPOLOGY_READ;
use crate::suite::check::{Check, Draft, Expect, Need, Steps};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::{Defect, Findings};
use crate::suite::requirement::Requirement;

const PAGE: &str = "callback-handler/enablement/index";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("TOP-01", "topology.read is answered with items")
        .states("The payload of topology.read is an object with the list `items`, and no other member but `paging`.")
        .because("The user interface lists the partner's customers from it; otherwise: \"invalid format\".")
        .fix("Answer {\"items\": [{\"id\", \"name\"}]}.")
        .source(PAGE),
    Requirement::must("TOP-02", "A customer is exactly id and name")
        .states("Each item has the strings `id`, not empty, and `name`, and no other member.")
        .because("The schema allows no additional properties: \"invalid format\".")
        .fix("Map your organisations to {\"id\", \"name\"}, ids as strings.")
        .source(PAGE),
    Requirement::should("TOP-03", "Customer ids are unique")
        .states("No `id` stands twice in one answer.")
        .because("The user could not tell which of two rows is mapped.")
        .fix("List each organisation once.")
        .source(PAGE),
    Requirement::must("TOP-04", "Paging has a documented form")
        .states(
            "`paging`, where present, is {offset, limit, total_count}, all three integers, or {before, after}, strings, either \
             may be left out.",
        )
        .because("The gateway could not fetch the next page.")
        .fix("Leave `paging` out when everything is in one answer.")
        .source("Postman collection"),
    Requirement::should("TOP-05", "Two reads of the topology agree")
        .states("Two topology.read in a row list the same customers.")
        .because("The view refreshes every 5 seconds; rows would come and go.")
        .fix("Read from one consistent source.")
        .source("callback-handler/error-handling"),
    Requirement::must("TOP-06", "Another partner sees other customers only")
        .states("topology.read of a second partner, told by its credentials or by context.tenant_id, lists none of the first one's customers.")
        .because("Partners are competitors; one would see the other's customers.")
        .fix("Limit every query to the organisation of the credentials, or to context.tenant_id where partners are mirrored.")
        .source("callback-handler/verification"),
    Requirement::should("TOP-07", "Mapping leaves a customer's name alone")
        .states("After tenant_mapping.write, topology.read tells the names that it told before.")
        .because("Users find their customers by name when they map them.")
        .fix("Change the mapping's column only.")
        .source("callback-handler/enablement/index"),
];

const MAPPED: Need = Need::Family(Family::Mapping);

pub(super) const CHECKS: &[Check] = &[
    Check::procedure(
        "TOP-01",
        2,
        &[
            "TOP-02", "TOP-03", "TOP-04", "TOP-05", "TOP-06", "MAP-05", "MAP-06",
        ],
        read,
    )
    .needs(&[MAPPED]),
    Check::elsewhere("TOP-02").needs(&[MAPPED]),
    Check::elsewhere("TOP-03").needs(&[MAPPED]),
    Check::elsewhere("TOP-04").needs(&[MAPPED]),
    Check::elsewhere("TOP-05").needs(&[MAPPED]),
    // A mirrored partner has no topology before it is enabled.
    Check::sequence("TOP-07").needs(&[
        MAPPED,
        Need::Family(Family::Enablement),
        Need::Credentials,
        Need::Write,
        Need::Customers,
    ]),
    Check::procedure("TOP-06", 1, &[], isolation).needs(&[MAPPED, Need::SecondPartner]),
];

/// Why reads of a mirrored partner's customers are not judged.
pub(super) const NOT_ENABLED: &str =
    "the partner is not enabled: --write enables it for the run, or say --tenant-id of one that is";

/// Judges the payload of an answer to `topology.read`.
pub(crate) fn judge_payload(payload: Option<&Value>, findings: &mut Findings) {
    let Some(items) = judge_form(payload, "TOP-01", &["items", "paging"], findings) else {
        return;
    };
    for (place, item) in items.iter().enumerate() {
        let right = item.as_object().is_some_and(|item| {
            item.len() == 2
                && item
                    .get("id")
                    .and_then(Value::as_str)
                    .is_some_and(|id| !id.is_empty())
                && item.get("name").is_some_and(Value::is_string)
        });
        findings.verdict(
            "TOP-02",
            right,
            "each item is {id, name}, both strings, id not empty",
            || format!("items/{place} is {item}"),
        );
    }
    let twice = duplicate(items, "id");
    findings.verdict("TOP-03", twice.is_none(), "every `id` once", || {
        format!("{:?} twice", twice.clone().unwrap_or_default())
    });
    if let Some(paging) = payload.and_then(|payload| payload.get("paging")) {
        findings.verdict(
            "TOP-04",
            is_paging(paging),
            "{offset, limit, total_count} or {before?, after?}",
            || format!("`paging` is {paging}"),
        );
    }
}

fn is_paging(paging: &Value) -> bool {
    let Some(members) = paging.as_object() else {
        return false;
    };
    let is_integer = |value: &Value| {
        value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
    };
    let by_offset = members.len() == 3
        && ["offset", "limit", "total_count"]
            .iter()
            .all(|key| members.get(*key).is_some_and(is_integer));
    let by_cursor = members
        .iter()
        .all(|(key, value)| ["before", "after"].contains(&key.as_str()) && value.is_string());
    by_offset || by_cursor
}

fn read(engine: &mut Engine) -> Steps<'_> {
    Box::pin(async move {
        if !engine.session.is_certain(&TOPOLOGY_READ) {
            for id in ["TOP-01", "TOP-02", "TOP-03", "TOP-04", "TOP-05"] {
                engine.ledger.unexercised(id, NOT_ENABLED);
            }
            return Ok(());
        }
        let first = send(engine, "TOP-01", 0).await?;
        let Some(payload) = first.judgement.payload().cloned() else {
            // Success alone does not show items.
            let but = match first.defect("TOP-01") {
                Some(_) => "",
                None => "TOP-01",
            };
            engine.settle_others(&first, but);
            for id in ["TOP-01", "TOP-05", "MAP-05", "MAP-06"] {
                engine
                    .ledger
                    .blocked(id, "topology.read was not answered with a payload");
            }
            return Ok(());
        };
        engine.settle(&first);
        if payload.get("paging").is_none() {
            engine
                .ledger
                .unexercised("TOP-04", "the answer has no `paging`");
        }
        let second = send(engine, "TOP-05", 0).await?;
        engine.progress(1);
        let same = second
            .judgement
            .payload()
            .is_some_and(|again| payload_agrees(&payload, again));
        let defect = (!same).then(|| Defect {
            expected: format!(
                "the same customers as a moment before: {}",
                some_of(&ids(&payload, "id"))
            ),
            observed: second
                .judgement
                .payload()
                .map_or("no payload".to_owned(), |again| some_of(&ids(again, "id"))),
        });
        engine.conclude("TOP-05", defect, &second);
        engine.topology = Some(payload);
        Ok(())
    })
}

async fn send(engine: &mut Engine, id: &'static str, number: u64) -> Result<Exchange, Stop> {
    let session = engine.session.clone();
    let call = session.case_control(&TOPOLOGY_READ, id, number);
    engine
        .exchange_firmly(id, Draft::new("topology.read", call, Expect::Accept))
        .await
}

fn isolation(engine: &mut Engine) -> Steps<'_> {
    Box::pin(async move {
        if !engine.session.is_certain(&TOPOLOGY_READ) {
            engine.ledger.unexercised("TOP-06", NOT_ENABLED);
            return Ok(());
        }
        let Some(own) = engine.topology.clone() else {
            engine.ledger.blocked(
                "TOP-06",
                "TOP-01 failed: topology.read was not answered with a payload",
            );
            return Ok(());
        };
        super::isolation::judge(engine, &TOPOLOGY_READ, "TOP-06", &own).await
    })
}
