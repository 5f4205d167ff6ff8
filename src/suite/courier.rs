//! Carries a case to the handler: makes the message, sends it and judges what comes back. Nothing of it touches what the
//! engine keeps, so that all of it is done for many cases at once.

use std::sync::Arc;
use std::time::Instant;

use super::check::{Draft, Expect};
use super::engine::{Exchange, Stop};
use super::evidence::{Forms, Mask};
use super::judge::{Judgement, Sent, judge};
use super::session::Session;
use crate::gateway::{Client, Message, Observation};

/// What a case needs on its way. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Courier {
    session: Arc<Session>,
    client: Client,
    /// The secrets that no answer may repeat.
    secrets: Arc<[Forms]>,
}

impl Courier {
    /// A courier of this run.
    pub fn new(session: Arc<Session>, client: Client, mask: &Mask) -> Self {
        Self {
            session,
            client,
            secrets: mask.telling().into(),
        }
    }

    /// Sends a case, not before this moment, and judges the answer.
    pub async fn carry(
        self,
        about: &'static str,
        draft: Draft,
        at: Instant,
    ) -> Result<Exchange, Stop> {
        let message = self.prepare(&draft)?;
        // A timer takes a millisecond even when the moment has come.
        if at > Instant::now() {
            tokio::time::sleep_until(at.into()).await;
        }
        let observation = match draft.call.raw(&message, self.session.place()) {
            Some(raw) => self.client.send_raw(&raw).await,
            None => self.client.send(&message).await,
        };
        Ok(self.judged(about, draft, message, observation))
    }

    /// The message of a case; a right one is held against the schemas first.
    pub fn prepare(&self, draft: &Draft) -> Result<Message, Stop> {
        if draft.expect.is_right() {
            let wrong = self.session.self_accusation(&draft.call);
            if !wrong.is_empty() {
                return Err(Stop::Fault(format!(
                    "the case {:?} is to be sent as right, but breaks the schemas: {}",
                    draft.name,
                    wrong.join("; ")
                )));
            }
        }
        Ok(self.client.prepare(&draft.call.message(&self.session)))
    }

    /// The exchange with its judgement.
    pub fn judged(
        &self,
        about: &'static str,
        draft: Draft,
        message: Message,
        observation: Observation,
    ) -> Exchange {
        let judgement = self.judge(about, &draft, &message, &observation);
        Exchange {
            about,
            draft,
            message,
            observation,
            judgement,
        }
    }

    /// The exchange judged once more, as that of a request which was refused for a reason that only the handler knows.
    pub fn judged_as_refusal(&self, about: &'static str, exchange: Exchange) -> Exchange {
        let draft = Draft {
            expect: Expect::REFUSED_FOR_A_REASON,
            ..exchange.draft
        };
        self.judged(about, draft, exchange.message, exchange.observation)
    }

    fn judge(
        &self,
        about: &'static str,
        draft: &Draft,
        message: &Message,
        observation: &Observation,
    ) -> Judgement {
        let signature = signature(message);
        let sent = Sent {
            about,
            failing: draft.failing.unwrap_or(about),
            callback: draft.call.callback,
            request_id: &draft.call.request_id,
            expect: draft.expect,
            well_framed: draft.call.framing.is_none(),
            confidential: &self.secrets,
            signature,
        };
        judge(&sent, observation)
    }
}

/// The signature of the token that a message carries.
pub(crate) fn signature(message: &Message) -> Option<&str> {
    let value = message.header("authorization")?;
    let (signed, signature) = std::str::from_utf8(value).ok()?.rsplit_once('.')?;
    (signed.contains("eyJ") && signature.len() > 20).then_some(signature)
}
