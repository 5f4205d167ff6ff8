//! Whether one partner sees another's customers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::items::{ids, some_of};
use crate::protocol::catalog::TOPOLOGY_READ;
use crate::protocol::{Callback, CallbackIdentity};
use crate::suite::check::{Draft, Expect};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::flaky::how;
use crate::suite::judge::{Defect, Disposition};
use crate::suite::other_partner::OTHER_DENIED;
use crate::suite::session::encode_credentials;

/// The second partner's request, where there is a second partner: with its credentials, or with its tenant in the context.
pub(super) fn draft(
    engine: &Engine,
    callback: &'static Callback,
    id: &'static str,
) -> Option<Draft> {
    let session = &engine.session;
    let mut call = session.case_control(callback, id, 0);
    let other = session.other_credentials();
    let other = other.map(encode_credentials);
    // Where they are sent without need, they are the other's all the same.
    call.auth = call.auth.and(other);
    if session.options.enablement.identity(callback) == CallbackIdentity::Credentials {
        let name = format!("{} with the other partner's credentials", callback.name);
        return Some(Draft::new(name, call, Expect::Accept));
    }
    let known = engine.ground.as_ref();
    let known = known.and_then(|ground| ground.model.parties.get(1));
    let tenant = other_tenant(engine)?;
    // What is answered for a partner that is not enabled is not documented.
    let expect = match known.is_some_and(|party| party.state.enabled.is_some()) {
        true => Expect::Accept,
        false => Expect::FREE,
    };
    let mut body = call.json()?;
    body["context"]["tenant_id"] = Value::from(tenant);
    call.body = body.to_string().into();
    let name = format!("{} of the other partner's tenant", callback.name);
    Some(Draft::new(name, call, expect))
}

/// The same with the second partner's tenant in the context, where it is known: a handler may refuse credentials that come with the
/// tenant of somebody else.
fn with_own_tenant(engine: &Engine, mut draft: Draft) -> Option<Draft> {
    let mut body = draft.call.json()?;
    body["context"]["tenant_id"] = Value::from(other_tenant(engine)?);
    draft.call.body = body.to_string().into();
    draft.name = format!("{} and tenant", draft.name);
    let id = engine.session.made_up_id(&draft.name, 0);
    draft.call = draft.call.renamed(id);
    Some(draft)
}

fn other_tenant(engine: &Engine) -> Option<String> {
    let ground = engine.ground.as_ref();
    let known = ground.and_then(|ground| ground.model.parties.get(1));
    let told = || engine.session.options.other_tenant_id.as_ref();
    match known {
        Some(party) => Some(party.tenant().to_owned()),
        None => Some(told()?.as_str().to_owned()),
    }
}

/// The answer to the second partner, asked for with the first one's tenant in the context and, where that is refused, with its own.
async fn answer(
    engine: &mut Engine,
    id: &'static str,
    draft: Draft,
    by_credentials: bool,
) -> Result<Exchange, Stop> {
    let again = by_credentials.then(|| with_own_tenant(engine, draft.clone()));
    let exchange = engine.exchange_firmly(id, draft).await?;
    match again.flatten() {
        Some(again) if exchange.judgement.payload().is_none() => {
            engine.exchange_firmly(id, again).await
        }
        _ => Ok(exchange),
    }
}

/// Asks on behalf of the second partner, and judges whether what it is answered shows the first one's customers.
pub(super) async fn judge(
    engine: &mut Engine,
    callback: &'static Callback,
    id: &'static str,
    own: &Value,
) -> Result<(), Stop> {
    let Some(draft) = draft(engine, callback, id) else {
        return Ok(());
    };
    let certain = draft.expect == Expect::Accept;
    let by_credentials =
        engine.session.options.enablement.identity(callback) == CallbackIdentity::Credentials;
    let exchange = answer(engine, id, draft, by_credentials).await?;
    engine.progress(1);
    match exchange.judgement.payload().cloned() {
        Some(other) => conclude(engine, (callback, id), (own, &other), &exchange).await?,
        None if by_credentials && !is_denied(&exchange) => engine.ledger.unexercised(
            id,
            format!(
                "the other partner's credentials were answered {}: that partner may have to be enabled first",
                how(&exchange)
            ),
        ),
        None if by_credentials => engine.ledger.blocked(
            id,
            OTHER_DENIED,
        ),
        None if certain => engine
            .ledger
            .blocked(id, "the other partner, which is enabled, was not answered"),
        None => engine.ledger.unexercised(
            id,
            "the other partner was not answered: --other-tenant-id must name one that is enabled",
        ),
    }
    Ok(())
}

/// Whether the credentials themselves may be what is refused.
fn is_denied(exchange: &Exchange) -> bool {
    !matches!(
        exchange.judgement.disposition,
        Disposition::Refused(404 | 409 | 412 | 422)
    )
}

/// Judges whether what the second partner is answered shows the first one's customers.
pub(crate) async fn conclude(
    engine: &mut Engine,
    (callback, id): (&'static Callback, &'static str),
    (own, other): (&Value, &Value),
    exchange: &Exchange,
) -> Result<(), Stop> {
    let is_topology = callback.id == TOPOLOGY_READ.id;
    let member = if is_topology {
        "id"
    } else {
        "vendor_tenant_id"
    };
    let mut shared = ids(own, member);
    if shared.is_empty() {
        engine.ledger.unexercised(
            id,
            "the partner has no customers, so none could be shown to another",
        );
        return Ok(());
    }
    let others = ids(other, member);
    let own_ids = shared.clone();
    shared.retain(|customer| others.contains(customer) && !engine.has_taken_in(customer));
    if !shared.is_empty() {
        let namesakes = match is_topology {
            true => Some(namesakes(own, other)),
            false => namesakes_of_topologies(engine, id).await?,
        };
        let Some(namesakes) = namesakes else {
            conclude_without_names(engine, id, (own, other), (&own_ids, &others), exchange);
            return Ok(());
        };
        shared.retain(|customer| !namesakes.contains(customer));
    }
    let defect = (!shared.is_empty()).then(|| leak(&shared));
    engine.conclude(id, defect, exchange);
    Ok(())
}

fn leak(shared: &BTreeSet<String>) -> Defect {
    Defect {
        expected: "none of the first partner's customers".to_owned(),
        observed: format!("the first partner's customers {}", some_of(shared)),
    }
}

/// Judges lists that have ids in common where nobody tells the customers' names: an Acronis tenant is mapped by one partner alone, and
/// of a partner who has a list of its own each has some that the other has not.
fn conclude_without_names(
    engine: &mut Engine,
    id: &'static str,
    (own, other): (&Value, &Value),
    (own_ids, others): (&BTreeSet<String>, &BTreeSet<String>),
    exchange: &Exchange,
) {
    let tenants = ids(own, "acronis_tenant_id");
    let of_both = ids(other, "acronis_tenant_id");
    let shared: BTreeSet<String> = own_ids.intersection(others).cloned().collect();
    if !tenants.is_disjoint(&of_both) {
        engine.conclude(id, Some(leak(&shared)), exchange);
    } else if own_ids.is_subset(others) || others.is_subset(own_ids) {
        engine.ledger.unexercised(
            id,
            format!(
                "both partners list customers of the ids {}, and whether these are the same shows in their names, which topology.read did \
                 not tell of both: enable both partners before the run, or take a second one whose customers have other ids",
                some_of(&shared)
            ),
        );
    } else {
        engine.conclude(id, None, exchange);
    }
}

/// Ids that both partners list under different names: a handler may number the customers of each partner by themselves.
pub(crate) fn namesakes(own: &Value, other: &Value) -> BTreeSet<String> {
    let named = |payload: &Value| -> BTreeMap<String, Value> {
        let items = payload.get("items").and_then(Value::as_array);
        let items = items.map(Vec::as_slice).unwrap_or_default();
        let named = items.iter().filter_map(|item| {
            let id = item.get("id")?.as_str()?;
            Some((id.to_owned(), item.get("name")?.clone()))
        });
        named.collect()
    };
    let (own, other) = (named(own), named(other));
    let differs = |(id, name): &(String, Value)| other.get(id).is_some_and(|its| its != name);
    own.into_iter().filter(differs).map(|(id, _)| id).collect()
}

/// The same where the customers' names are to be asked for; `None` where they are not told.
async fn namesakes_of_topologies(
    engine: &mut Engine,
    id: &'static str,
) -> Result<Option<BTreeSet<String>>, Stop> {
    let own = match engine.topology.clone() {
        Some(own) => Some(own),
        None => {
            let session = engine.session.clone();
            let call = session.case_control(&TOPOLOGY_READ, id, 1);
            let draft = Draft::new("the first partner's customers", call, Expect::Accept);
            let exchange = engine.exchange_firmly(id, draft).await?;
            exchange.judgement.payload().cloned()
        }
    };
    let (Some(own), Some(draft)) = (own, draft(engine, &TOPOLOGY_READ, id)) else {
        return Ok(None);
    };
    let by_credentials =
        engine.session.options.enablement.identity(&TOPOLOGY_READ) == CallbackIdentity::Credentials;
    let exchange = answer(engine, id, draft, by_credentials).await?;
    // A page does not tell all of them.
    let has_names = |payload: &Value| {
        let items = payload.get("items").and_then(Value::as_array);
        items.is_some_and(|items| !items.is_empty()) && payload.get("paging").is_none()
    };
    let other = exchange.judgement.payload();
    let told = other.filter(|other| has_names(other) && has_names(&own));
    Ok(told.map(|other| namesakes(&own, other)))
}
