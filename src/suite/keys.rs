//! The first request to a handler that still has the keys of an earlier run.
//!
//! A run may have another key than the one before, and libraries do not fetch the keys again soon after they last did. So a run
//! that follows upon another is refused at first, though nothing is wrong.

use std::time::{Duration, Instant};

use super::advice::{self, Suspect};
use super::checks::COOL_DOWN;
use super::engine::{Engine, Exchange, Stop};
use super::judge::Disposition;

/// Time between two attempts.
const ATTEMPT_EVERY: Duration = Duration::from_secs(2);

impl Engine {
    /// Sends the control again for as long as the handler may be waiting before it fetches the keys; the last exchange.
    pub(super) async fn wait_for_keys(&mut self, refused: Exchange) -> Result<Exchange, Stop> {
        let patience = self.session.options.rotation_patience.min(COOL_DOWN);
        let denied = matches!(
            refused.judgement.disposition,
            Disposition::Refused(401 | 403)
        );
        let signing = self.session.signer().is_some();
        if !denied || !signing || patience.is_zero() || self.fetched() != Some(false) {
            return Ok(refused);
        }
        // A handler that dislikes something else need not fetch the keys.
        let suspect = advice::suspect(self, &refused).await?;
        if !matches!(suspect, Suspect::Token | Suspect::Unknown) || self.fetched() != Some(false) {
            return Ok(refused);
        }
        self.notice(format!(
            "the handler refuses a right request and has not fetched this run's keys. If it fetched those of an earlier run a \
             moment ago, its library may wait before it asks again: trying for {} s",
            patience.as_secs()
        ));
        let until = Instant::now() + patience;
        let mut last = refused;
        for number in 0.. {
            if Instant::now() >= until || self.fetched() != Some(false) {
                break;
            }
            self.sleep(ATTEMPT_EVERY.min(patience)).await?;
            last = self.ask_again(2 * number).await?;
            if last.judgement.accepted() {
                break;
            }
            // One that knows the key, and dislikes something else about the token, has no reason of its own to fetch it.
            advice::tempt(self, number).await?;
            if self.fetched() == Some(true) {
                last = self.ask_again(2 * number + 1).await?;
            }
        }
        Ok(last)
    }

    async fn ask_again(&mut self, number: u64) -> Result<Exchange, Stop> {
        let session = self.session.clone();
        let call = session.case_control(session.main_callback(), "keys", number);
        let draft = self.control(call, "a right request");
        self.exchange("HTTP-01", draft).await
    }

    /// Whether the handler has fetched the keys in this run; `None` without a test identity provider.
    fn fetched(&self) -> Option<bool> {
        self.idp.as_ref().map(|idp| idp.fetches().count > 0)
    }
}
