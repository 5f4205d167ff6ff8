//! The rotation of keys.

use std::time::{Duration, Instant};

use super::jwt::VERIFICATION;
use crate::gateway::token;
use crate::suite::call::Authorization;
use crate::suite::check::{Check, Draft, Expect, Need, Steps};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::Defect;
use crate::suite::requirement::Requirement;

/// Well-known libraries do not fetch the JWKS again for 30 seconds after they last did.
pub(crate) const COOL_DOWN: Duration = Duration::from_secs(32);

/// When a handler is asked again before that: who fetches no more than once in a second or ten need not be waited for so long.
const SOONER: [Duration; 3] = [
    Duration::from_secs(2),
    Duration::from_secs(6),
    Duration::from_secs(12),
];

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::should("JWT-18", "A rotated key is found")
        .states(
            "A token signed by a key that was added to the JWKS after the handler last fetched it is accepted, at the latest \
             half a minute later.",
        )
        .because("Acronis rotates its keys every 24 hours; a handler that keeps the old ones refuses everything from then on.")
        .fix("When no cached key has the token's kid, fetch the JWKS again before refusing.")
        .source(VERIFICATION),
    Requirement::should("JWT-23", "The JWKS is cached")
        .states("The keys are kept for some time, rather than fetched for every request.")
        .because("Every callback would wait for Acronis's identity provider.")
        .fix("Keep the keys by kid, for up to 24 hours, and fetch again when a kid is unknown.")
        .source(VERIFICATION)
        .unobservable("caching is allowed, not demanded, so no number of fetches is wrong"),
];

// Late: once the stranger's key is published, a token that it signed is no longer one that a handler must refuse, if the
// handler tries every published key.
pub(super) const CHECKS: &[Check] = &[Check::procedure("JWT-18", 1, &[], rotate)
    .needs(&[Need::Signing, Need::IdentityProvider])
    .late()];

fn rotate(engine: &mut Engine) -> Steps<'_> {
    Box::pin(async move {
        if let (Some(idp), Some(signer)) = (&engine.idp, engine.session.signer()) {
            idp.publish(signer.stranger().jwk());
        }
        let exchange = attempt(engine, 0).await?;
        engine.progress(1);
        if exchange.judgement.accepted() {
            engine.conclude("JWT-18", None, &exchange);
        } else {
            engine.rotation_pending = true;
        }
        Ok(())
    })
}

/// Sends a right request signed by the key that was published last.
async fn attempt(engine: &mut Engine, number: u64) -> Result<Exchange, Stop> {
    let session = engine.session.clone();
    let mut call = session.case_control(session.main_callback(), "JWT-18", number);
    call.authorization = Authorization::made(|signer| {
        let key = signer.stranger();
        token::mint(key, &token::header(key.kid()), &signer.claims())
    });
    let draft = Draft::new(
        "signed by a key that was added to the JWKS",
        call,
        Expect::Accept,
    );
    let exchange = engine.exchange("JWT-18", draft).await?;
    match exchange.observation.status() {
        Some(500..) => engine.firmly(exchange, false).await,
        _ => Ok(exchange),
    }
}

/// What is left to do when everything else is done: a handler that did not find the new key at once is asked again, at the
/// last when no usual cooling-down time can be the reason.
pub(crate) async fn epilogue(engine: &mut Engine) -> Result<(), Stop> {
    if !engine.rotation_pending {
        return Ok(());
    }
    engine.rotation_pending = false;
    let last = last_fetch(engine).unwrap_or(engine.started);
    let patience = engine.session.options.rotation_patience.min(COOL_DOWN);
    let now = Instant::now();
    let most = (last + patience).saturating_duration_since(now);
    if most > Duration::from_secs(1) {
        engine.notice(format!(
            "a new signing key was not found at once; asking again for {} s, since many libraries do not fetch the keys \
             again so soon (--skip JWT-18 spares the wait)",
            most.as_secs() + 1
        ));
    }
    // Those that are past are made up for by asking now.
    let past = SOONER.iter().filter(|after| last + **after <= now).count();
    for (number, after) in (1..).zip(SOONER).skip(past.saturating_sub(1)) {
        if after < patience {
            wait_until(engine, last + after).await?;
            let exchange = attempt(engine, number).await?;
            if exchange.judgement.accepted() {
                engine.conclude("JWT-18", None, &exchange);
                return Ok(());
            }
        }
    }
    // A fetch in the meantime has begun the time anew.
    let last = last_fetch(engine).unwrap_or(last);
    wait_until(engine, last + patience).await?;
    let exchange = attempt(engine, 1 + SOONER.len() as u64).await?;
    // Not that a handler which fails now and then did so just here.
    let exchange = engine.firmly(exchange, false).await?;
    let defect = (!exchange.judgement.accepted()).then(|| Defect {
        expected: "the new key is fetched from the JWKS and the request accepted".to_owned(),
        observed: match exchange.observation.status() {
            Some(status) => format!(
                "status {status}, also {} s after the keys were last fetched",
                patience.as_secs()
            ),
            None => "no answer".to_owned(),
        },
    });
    engine.conclude("JWT-18", defect, &exchange);
    Ok(())
}

/// When the handler last fetched the keys.
fn last_fetch(engine: &Engine) -> Option<Instant> {
    engine.idp.as_ref().and_then(|idp| idp.fetches().last)
}

async fn wait_until(engine: &mut Engine, time: Instant) -> Result<(), Stop> {
    engine
        .sleep(time.saturating_duration_since(Instant::now()))
        .await
}
