//! Whether one partner sees another's customers.

use serde_json::Value;

use super::items::{ids, some_of};
use crate::protocol::{Callback, CallbackIdentity};
use crate::suite::check::{Draft, Expect};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::Defect;
use crate::suite::session::encode_credentials;

/// The second partner's request, where there is a second partner: with its credentials, or with its tenant in the context.
pub(super) fn draft(
    engine: &Engine,
    callback: &'static Callback,
    id: &'static str,
) -> Option<Draft> {
    let session = &engine.session;
    let mut call = session.case_control(callback, id, 0);
    if session.options.enablement.identity(callback) == CallbackIdentity::Credentials {
        let other = session.options.other_credentials.as_ref();
        call.auth = other.map(encode_credentials);
        let name = format!("{} with the other partner's credentials", callback.name);
        return Some(Draft::new(name, call, Expect::Accept));
    }
    let known = engine.ground.as_ref();
    let known = known.and_then(|ground| ground.model.parties.get(1));
    let tenant = match known {
        Some(party) => party.tenant().to_owned(),
        None => session
            .options
            .other_tenant_id
            .as_ref()?
            .as_str()
            .to_owned(),
    };
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

/// Asks on behalf of the second partner, and judges whether what it is answered shows the first one's customers.
pub(super) async fn judge(
    engine: &mut Engine,
    callback: &'static Callback,
    id: &'static str,
    member: &str,
    own: &Value,
) -> Result<(), Stop> {
    let Some(draft) = draft(engine, callback, id) else {
        return Ok(());
    };
    let certain = draft.expect == Expect::Accept;
    let exchange = engine.exchange_firmly(id, draft).await?;
    engine.progress(1);
    let by_credentials =
        engine.session.options.enablement.identity(callback) == CallbackIdentity::Credentials;
    match exchange.judgement.payload() {
        Some(_) => conclude(engine, id, member, own, &exchange),
        None if by_credentials => engine.ledger.blocked(
            id,
            "the other partner's credentials were not accepted (--other-identity, --other-secrets)",
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

fn conclude(engine: &mut Engine, id: &'static str, member: &str, own: &Value, exchange: &Exchange) {
    let other = exchange.judgement.payload();
    let (own, other) = (
        ids(own, member),
        other.map(|other| ids(other, member)).unwrap_or_default(),
    );
    if own.is_empty() {
        engine.ledger.unexercised(
            id,
            "the partner has no customers, so none could be shown to another",
        );
        return;
    }
    let shared: Vec<&String> = own.intersection(&other).collect();
    let defect = (!shared.is_empty()).then(|| Defect {
        expected: "none of the first partner's customers".to_owned(),
        observed: format!("the first partner's customers {}", some_of(shared)),
    });
    engine.conclude(id, defect, exchange);
}
