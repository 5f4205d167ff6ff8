//! The first control of a run, and why it may not be accepted.

use std::time::Duration;

use serde_json::Value;

use super::check::{Draft, Expect};
use super::engine::{Engine, Exchange, Stop};
use super::judge::Disposition;
use super::{advice, checks};
use crate::gateway::TransportErrorKind;
use crate::protocol::Family;
use crate::protocol::catalog::{ENABLEMENT_READ, PARTNER_MIRRORING_GET_STATE};

/// How often a handler that cannot be reached at first is tried again.
const KNOCKS: u64 = 3;

impl Engine {
    /// Sends the first control; whether it was accepted.
    pub(super) async fn baseline(&mut self) -> Result<bool, Stop> {
        let session = self.session.clone();
        let callback = session.main_callback();
        // The first question about a mirrored partner is about one that the handler may never have seen.
        let unseen = callback.id == PARTNER_MIRRORING_GET_STATE.id;
        let about = if unseen { "PMI-02" } else { "HTTP-01" };
        if callback.custom.is_some() {
            return self.custom_baseline(callback).await;
        }
        let exchange = self
            .first_exchange(about, |engine, knocks| {
                let call = session.case_control(callback, "baseline", knocks);
                engine.control(call, "a right request")
            })
            .await?;
        if self.awaits_enablement {
            return self.enabled_baseline(&exchange).await;
        }
        if let Disposition::Accepted(_) = exchange.judgement.disposition {
            self.baseline = exchange.judgement.payload().cloned();
            let state = self.baseline.as_ref().and_then(|told| told.get("state"));
            if unseen && state.is_some_and(|state| state == "ENABLED") {
                session.learn_enabled();
            }
            return Ok(true);
        }
        let denied = matches!(
            exchange.judgement.disposition,
            Disposition::Refused(401 | 403)
        );
        let refused = matches!(exchange.judgement.disposition, Disposition::Refused(_));
        if unseen && refused && !denied && session.options.write {
            // It may do better with a partner that is enabled.
            return Ok(true);
        }
        self.explain_refusal(&exchange).await?;
        Ok(false)
    }

    /// Whether a first control was refused for want of an enabled partner: no document says what is answered then, and the gateway
    /// does not ask before it has enabled the partner.
    async fn is_for_enabled_alone(&mut self, exchange: &Exchange) -> Result<bool, Stop> {
        let session = self.session.clone();
        let options = &session.options;
        let asked = exchange.draft.call.callback.family;
        let refused = matches!(exchange.judgement.disposition, Disposition::Refused(_));
        let reads_partner = options.enablement.has(Family::Enablement) && asked == Family::Mapping;
        if !refused || !reads_partner || options.credentials.is_none() {
            return Ok(false);
        }
        let call = session.case_control(&ENABLEMENT_READ, "is enabled", 0);
        let draft = Draft::new("enablement.read", call, Expect::Accept);
        let told = self.exchange("ENA-01", draft).await?;
        let payload = told.judgement.payload().and_then(Value::as_object);
        Ok(payload.is_some_and(|told| {
            told.contains_key("vendor_tenant_id") && !told.contains_key("acronis_tenant_id")
        }))
    }

    /// The first control of a handler that answers enabled partners alone: enables it where that is allowed, until the end of the
    /// run.
    async fn enabled_baseline(&mut self, refused: &Exchange) -> Result<bool, Stop> {
        if !self.session.options.write {
            let reason = "the handler refuses it while the partner is not enabled, which it may: enable the partner first and name \
                its --tenant-id, or use --write, which enables it for the time of the run";
            self.notice(format!("{}: {reason}", self.session.main_callback().name));
            self.ledger.blocked("HTTP-01", reason);
            return Ok(false);
        }
        if let Some(reason) = self.survey().await? {
            self.notice(reason);
            self.settle(refused);
            self.explain_refusal(refused).await?;
            return Ok(false);
        }
        let learnt = self.set_bench().await;
        if learnt.is_err() || self.baseline.is_none() {
            // The run ends here, and nobody else puts it back.
            self.restore(matches!(learnt, Err(Stop::Lost(_)))).await;
        }
        learnt.map(|()| self.baseline.is_some())
    }

    /// Tells why the first control was not accepted, as far as that can be found out.
    pub(super) async fn explain_refusal(&mut self, exchange: &Exchange) -> Result<(), Stop> {
        if let Some(cause) = advice::for_baseline(self, exchange).await? {
            self.diagnosed(cause);
        }
        Ok(())
    }

    /// Sends the first request of a run, which `make` makes anew for each attempt, and learns from it what only the first one tells.
    pub(super) async fn first_exchange(
        &mut self,
        about: &'static str,
        make: impl Fn(&Self, u64) -> Draft,
    ) -> Result<Exchange, Stop> {
        let mut knocks = 0;
        let exchange = loop {
            let draft = make(self, knocks);
            let exchange = self.exchange(about, draft).await?;
            let unreachable = exchange.broken() == Some(TransportErrorKind::Connect);
            if !unreachable {
                break exchange;
            }
            knocks += 1;
            if knocks == KNOCKS {
                let reason = exchange
                    .observation
                    .result
                    .as_ref()
                    .err()
                    .map(ToString::to_string);
                return Err(Stop::Unreachable(reason.unwrap_or_default()));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        // A refusal may be for keys that are not there yet, which is looked into next.
        let exchange = match exchange.observation.status() {
            Some(500..) => self.firmly(exchange, false).await?,
            _ => exchange,
        };
        let exchange = self.wait_for_keys(exchange).await?;
        self.awaits_enablement = self.is_for_enabled_alone(&exchange).await?;
        if !self.awaits_enablement {
            self.settle(&exchange);
        }
        self.pace().learn_alone(exchange.observation.total);
        checks::judge_tls(self, &exchange);
        Ok(exchange)
    }
}
