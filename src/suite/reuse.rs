//! Whether the handler takes a token more than once. Nothing documents that it must, so a run goes on with a token for each request
//! where it does not.

use super::check::{Draft, Expect};
use super::engine::{Engine, Stop};
use super::judge::{Defect, Disposition};

/// The requirement that it does.
const REUSE: &str = "JWT-24";

impl Engine {
    /// Sends a right request with the token of the first control.
    pub(crate) async fn meet_token_reuse(&mut self) -> Result<(), Stop> {
        let session = self.session.clone();
        let Some(signer) = session.signer() else {
            return Ok(());
        };
        let draft = |number| {
            let call = session.case_control(session.main_callback(), REUSE, number);
            Draft::new("a token that was used before", call, Expect::Accept)
        };
        let denied =
            |disposition: &Disposition| matches!(disposition, Disposition::Refused(401 | 403));
        let second = self.exchange_firmly(REUSE, draft(0)).await?;
        if !denied(&second.judgement.disposition) {
            self.settle_others(&second, REUSE);
            if second.judgement.accepted() {
                self.conclude(REUSE, None, &second);
            }
            return Ok(());
        }
        // With one of its own, and with that again: else it is not the token that is refused.
        signer.renew();
        let own = self.exchange(REUSE, draft(1)).await?;
        self.settle_others(&own, REUSE);
        let again = self.exchange(REUSE, draft(2)).await?;
        if !own.judgement.accepted() || !denied(&again.judgement.disposition) {
            self.settle_others(&second, REUSE);
            return Ok(());
        }
        signer.use_once();
        let defect = Defect {
            expected: "success, as with the same token before".to_owned(),
            observed: "denied, and accepted with a token that was not used before".to_owned(),
        };
        self.conclude(REUSE, Some(defect), &again);
        self.notice(
            "the handler takes each token once: every request has a token of its own from here on",
        );
        Ok(())
    }
}
