//! Whether a token that was accepted is accepted still when it has expired: handlers that remember tokens may not look again.
//!
//! It takes a token that expires during the run, so only a handler that allows for no difference of clocks shows it in time.

use std::time::Duration;

use super::call::Authorization;
use super::check::{Draft, Expect};
use super::engine::{Engine, Exchange, Stop};
use super::judge::{Defect, Disposition};
use super::signer::now;

/// The requirement that an expired token is refused.
pub(super) const EXPIRED: &str = "JWT-10";
/// Seconds for which the token is good.
const GOOD_FOR: i64 = 2;
/// Seconds behind its expiry after which it must be refused.
const PAST: i64 = 1;
/// How often a token that was used before is accepted where one that was not is refused, before that is believed.
const PAIRS: u32 = 3;

/// A token that was accepted shortly before it expired.
#[derive(Debug)]
pub(crate) struct ShortLived {
    token: String,
    expires: i64,
}

impl Engine {
    /// Sends a right request with a token that is soon to expire, unless the handler takes tokens that have expired a moment
    /// ago.
    pub(super) async fn use_short_lived_token(&mut self) -> Result<(), Stop> {
        let Some(before) = self.token_until(now() - PAST) else {
            return Ok(());
        };
        let is_strict = self
            .with_token(&before, "a token that has just expired")
            .await?;
        if !is_refused(&is_strict) {
            return Ok(());
        }
        let expires = now() + GOOD_FOR;
        let Some(token) = self.token_until(expires) else {
            return Ok(());
        };
        let used = self
            .with_token(&token, "a token that is about to expire")
            .await?;
        if used.judgement.accepted() {
            self.short_lived = Some(ShortLived { token, expires });
        }
        Ok(())
    }

    /// Uses it again when it has expired.
    pub(super) async fn use_expired_token(&mut self) -> Result<(), Stop> {
        let Some(ShortLived { token, expires }) = self.short_lived.take() else {
            return Ok(());
        };
        if self.ledger.failed(EXPIRED) > 0 {
            return Ok(());
        }
        let left = expires + PAST - now();
        if let Ok(left) = u64::try_from(left) {
            self.sleep(Duration::from_secs(left)).await?;
        }
        // More than once: of two instances one may still be a second behind the other.
        for attempt in 1..=PAIRS {
            let Some(twin) = self.token_until(expires) else {
                return Ok(());
            };
            let fresh = self
                .with_token(&twin, "a token that has just expired")
                .await?;
            if !is_refused(&fresh) {
                return Ok(());
            }
            let name = "a token that was accepted before it expired";
            let again = self.with_token(&token, name).await?;
            if is_refused(&again) {
                self.conclude(EXPIRED, None, &again);
                return Ok(());
            }
            if !again.judgement.accepted() {
                return Ok(());
            }
            if attempt == PAIRS {
                let defect = Defect {
                    expected: "refused, as another token that expired at the same time is"
                        .to_owned(),
                    observed: "accepted: it is not looked at any more, since it was accepted before it expired"
                        .to_owned(),
                };
                self.conclude(EXPIRED, Some(defect), &again);
            }
        }
        Ok(())
    }

    /// A right token but for its expiry, in seconds since 1970.
    fn token_until(&self, expires: i64) -> Option<String> {
        let signer = self.session.signer()?;
        let mut claims = signer.claims();
        claims["exp"] = expires.into();
        Some(signer.sign_claims(&claims))
    }

    async fn with_token(&mut self, token: &str, name: &str) -> Result<Exchange, Stop> {
        let session = self.session.clone();
        let number = self.info.exchanges;
        let mut call = session.case_control(session.main_callback(), "expiry", number);
        call.authorization = Authorization::Text(format!("Bearer {token}").into_bytes());
        let draft = Draft::new(name, call, Expect::FREE);
        let exchange = self.exchange(EXPIRED, draft).await?;
        self.settle_others(&exchange, EXPIRED);
        Ok(exchange)
    }
}

fn is_refused(exchange: &Exchange) -> bool {
    matches!(
        exchange.judgement.disposition,
        Disposition::Refused(401 | 403)
    )
}
