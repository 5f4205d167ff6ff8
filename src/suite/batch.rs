//! Batches: cases sent at once, with a control behind them, and what is done when the handler does not stay whole.

use std::time::{Duration, Instant};

use super::check::{Draft, Expect};
use super::engine::{Engine, Exchange, Stop};
use super::flaky::REPEATS;
use super::judge::{Defect, Disposition};
use serde_json::Value;

use crate::gateway::TransportErrorKind;
use crate::suite::checks::payload_agrees;

/// Time between two attempts to find it back.
const ATTEMPT_EVERY: Duration = Duration::from_millis(250);
/// A handler notices a client that went away when it next reads, which may be after the next request has been answered.
const NOTICED: Duration = Duration::from_millis(50);
/// What a wrong request leaves behind in variables is gone with the next one; a lock on an account lasts longer than this.
const SHORTEST_LOCK: Duration = Duration::from_millis(600);
/// What the reader should know of a handler that locks accounts.
const LOCKED: &str = "the handler seems to lock an account that is tried with wrong credentials; lift that for the account \
                      of this run";
/// The control behind wrong requests, in words.
pub(super) const AFTERWARDS: &str = "a right request after wrong ones";
/// What is asked of the handler after wrong requests.
const EXPECTED: &str = "the right request that follows is answered as before";
/// The requirement that a client that goes away does no harm.
const ABANDONED: &str = "ROB-15";
/// Requirements that reads agree with each other.
const UNSTABLE: [&str; 3] = ["MAP-07", "ENA-03", "ROB-16"];
/// Failures of a check that are confirmed one at a time; further ones are believed as they come.
pub(super) const CONFIRMED: u64 = 2;

/// A case, and the requirement that it is about.
pub(crate) type Case = (&'static str, Draft);

/// How a right request was not answered as before.
pub(crate) struct Trouble {
    /// What is wrong with that.
    pub defect: Defect,
    /// Whether it was turned away as somebody unknown is, or asked for patience.
    denied: bool,
    /// The control that showed it, where the handler failed at it outright.
    failed: Option<Box<Exchange>>,
}

/// How controls are answered.
pub(crate) struct Usual {
    /// With this payload.
    payload: Option<Value>,
    /// Whether the payload is the same each time.
    stable: bool,
}

impl Usual {
    /// How the answer to a control differs from what is usual, if it does.
    pub fn trouble(&self, exchange: &Exchange) -> Option<Trouble> {
        let observed = match &exchange.judgement.disposition {
            Disposition::Accepted(_) => match (&self.payload, exchange.judgement.payload()) {
                (Some(before), Some(now)) if self.stable && !payload_agrees(before, now) => {
                    "answered with another payload than before".to_owned()
                }
                (Some(_), None) => "answered without the payload".to_owned(),
                _ => return None,
            },
            Disposition::Refused(status) => format!("refused with status {status}"),
            Disposition::Slower => "answered 429 again and again".to_owned(),
            Disposition::Otherwise(status) => format!("answered with status {status}"),
            Disposition::NoAnswer(kind) => format!("not answered: {kind}"),
        };
        let denied = matches!(
            exchange.judgement.disposition,
            Disposition::Refused(401 | 403 | 423) | Disposition::Slower
        );
        let expected = EXPECTED.to_owned();
        Some(Trouble {
            defect: Defect { expected, observed },
            denied,
            failed: None,
        })
    }
}

impl Engine {
    /// Sends cases at once, with controls among and behind them. Where a case got no answer, or a control is not answered
    /// as before, the cases that may have done it are sent again one at a time, each with a control of its own, to find
    /// out which one it was. Returns the exchanges that count, and the cases behind them that were not sent.
    pub async fn batch(
        &mut self,
        cases: Vec<Case>,
        deadline: Option<Instant>,
    ) -> Result<(Vec<Exchange>, Vec<Case>), Stop> {
        let fenced = cases
            .iter()
            .any(|(_, draft)| draft.expect != Expect::Accept);
        self.flaky.begin();
        let mut window = self.window(cases, fenced, deadline).await?;
        let disturbed = window.disturbed;
        let mut exchanges = std::mem::take(&mut window.exchanges);
        if self.flaky.is_known() {
            // It is not looked into anew each time.
            exchanges = self.sift(exchanges).await?;
            if !disturbed && !exchanges.iter().any(stumbled) {
                window.innocent = exchanges.len();
            }
        }
        let unanswered = exchanges
            .iter()
            .filter(|exchange| exchange.broken().is_some())
            .count();
        let broken = unanswered > 0;
        let mut trouble = if fenced || broken {
            self.fence().await?
        } else {
            None
        };
        // Trouble that is gone with the next request; whose doing it was shows below.
        let mut passing = None;
        if let Some(failed) = trouble.as_mut().and_then(|one| one.failed.take())
            && self.fence().await?.is_none()
        {
            passing = Some(failed);
            if self.flaky.is_known() {
                trouble = None;
            }
        }
        if let (None, Some(failed)) = (&trouble, &passing) {
            self.note_flake(failed);
        }
        let failed_among = std::mem::take(&mut window.failed);
        let any_turned_away = exchanges.iter().any(turned_away);
        let whole = !broken && !any_turned_away && !disturbed && trouble.is_none();
        let innocent = if whole {
            exchanges.len()
        } else {
            window.innocent
        };
        let suspected = exchanges.split_off(innocent);
        let mut counted = self.sift(exchanges).await?;
        for exchange in &counted {
            self.settle(exchange);
        }
        if whole {
            self.note_passing(&failed_among).await?;
            return Ok((counted, window.left));
        }
        let exchanges = suspected;
        let suspects = exchanges.len();
        // A right request that was turned away may have been so for what another one left behind for a while.
        let company = any_turned_away && self.ledger.failed("ROB-12") < CONFIRMED;
        let mut culprit = false;
        if let Some(trouble) = &trouble {
            let context = format!(
                "after {suspects} cases sent at once, a right request was {}",
                trouble.defect.observed
            );
            let lock = trouble.denied && exchanges.iter().any(tries_wrong_credentials);
            let waited = match passing {
                Some(_) => Ok(Duration::ZERO),
                None => self.wait_until_well(&context).await,
            };
            match waited {
                Ok(waited) => culprit = lock && waited > SHORTEST_LOCK,
                Err(stop) if lock => return Err(self.locked_out(&exchanges, stop)),
                Err(stop) => {
                    self.blame_batch(&exchanges, &trouble.defect);
                    return Err(stop);
                }
            }
        }
        // One that took all the time allowed while the others were quick was not kept waiting by them.
        let slowest = exchanges
            .iter()
            .filter(|exchange| exchange.observation.result.is_ok())
            .map(|exchange| exchange.observation.total)
            .max();
        let quick = slowest.is_some_and(|slowest| slowest * 4 < self.session.options.timeout);
        let mut unexplained = Vec::new();
        for exchange in exchanges {
            let doubtful = exchange.broken().is_some() || stumbled(&exchange);
            let certain = trouble.is_none() && !disturbed && !company && !doubtful;
            let confirmed = self.ledger.failed(exchange.about) >= CONFIRMED
                || self.flaky.is_firm(exchange.about);
            let lost = exchange.draft.expect == Expect::Accept && exchange.broken().is_some();
            // There is no time to send them again when every answer takes as long as is allowed.
            let late = self.hard.is_some_and(|hard| Instant::now() > hard);
            let believed = late || (confirmed && !lost);
            if certain || believed {
                // What cases about the same did before, this one may have done.
                culprit |= !certain && self.harmful.contains(exchange.about);
                if unanswered > 1 && exchange.broken().is_some() {
                    // Which of them did it is not worth another fall of the handler, so none is shown as evidence.
                    culprit = true;
                    let callback = exchange.draft.call.callback.name;
                    self.enter_failure(exchange.about, Some(callback), None);
                    self.progress(1);
                } else {
                    self.settle(&exchange);
                }
                counted.push(exchange);
                continue;
            }
            let (again, harmful) = self.alone(&exchange).await?;
            if harmful {
                culprit = true;
                self.harmful.insert(exchange.about);
            }
            let once = stumbled(&exchange) || (quick && timed_out(&exchange));
            if !harmful && once && !stumbled(&again) && again.broken().is_none() {
                unexplained.push((counted.len(), exchange));
            } else {
                self.settle(&again);
            }
            counted.push(again);
        }
        // Where one of the cases does harm, what happened to the others is its doing.
        let away = trouble.is_some() && passing.is_none();
        for (place, first) in unexplained {
            if culprit {
                // It is told.
            } else if lost_its_connection(&first) && away {
                self.notice(format!(
                    "the case {:?} lost its connection once and was answered when it was sent again alone",
                    first.draft.name
                ));
                counted[place] = first;
            } else if self.fails_in_company().await? {
                self.blame_company(&first);
            } else if !away {
                self.note_flake(&first);
            }
            self.settle(&counted[place]);
        }
        if disturbed {
            self.size.disturbed(!culprit && trouble.is_none());
        }
        if !culprit && !away {
            self.note_passing(&failed_among).await?;
        }
        match (trouble, passing) {
            _ if culprit => {}
            (Some(_), Some(failed)) => self.note_flake(&failed),
            (Some(trouble), None) => self.blame_batch(&counted[innocent..], &trouble.defect),
            (None, _) => {}
        }
        Ok((counted, window.left))
    }

    /// Sends again what the handler failed at, and puts what is right then in its place.
    async fn sift(&mut self, exchanges: Vec<Exchange>) -> Result<Vec<Exchange>, Stop> {
        let mut sifted = Vec::with_capacity(exchanges.len());
        for exchange in exchanges {
            sifted.push(self.sifted(exchange, true).await?);
        }
        Ok(sifted)
    }

    /// Enters that the handler failed at controls among other cases, though none of these does it harm and a control behind
    /// them was answered as before.
    async fn note_passing(&mut self, failed: &[Exchange]) -> Result<(), Stop> {
        for exchange in failed {
            match self.fails_in_company().await? {
                true => self.blame_company(exchange),
                false => self.note_flake(exchange),
            }
        }
        Ok(())
    }

    /// Enters that a right request was not answered as before after these, when it is not known which of them did it.
    fn blame_batch(&mut self, exchanges: &[Exchange], trouble: &Defect) {
        let suspect = exchanges
            .iter()
            .find(|exchange| exchange.broken().is_some())
            .or(exchanges.last());
        let Some(suspect) = suspect else { return };
        // What was under way when the handler fell got no answer.
        let unanswered: Vec<&Exchange> = exchanges
            .iter()
            .filter(|exchange| exchange.broken().is_some())
            .collect();
        let (suspects, how) = match unanswered.is_empty() {
            true => (exchanges.iter().collect(), "sent shortly before"),
            false => (unanswered, "which got no answer"),
        };
        let names: Vec<&str> = suspects
            .iter()
            .map(|exchange| exchange.draft.name.as_str())
            .collect();
        let observed = match &names[..] {
            [name] => format!("{}, after {name:?}, {how}", trouble.observed),
            names => format!(
                "{}; it is not certain which of these {} requests, {how}, did it: {}",
                trouble.observed,
                names.len(),
                names.join("; ")
            ),
        };
        self.accuse(
            "ROB-11",
            Defect {
                observed,
                expected: trouble.expected.clone(),
            },
            suspect,
        );
    }

    /// Sends a case again, alone, with a control behind it; whether it is what harms the handler.
    async fn alone(&mut self, first: &Exchange) -> Result<(Exchange, bool), Stop> {
        let mut again = self.exchange(first.about, first.draft.clone()).await?;
        if turned_away(&again) && self.fence().await?.is_some() {
            // The handler turns everybody away, perhaps for what came before this case.
            let context = format!("when {:?} was sent again", again.draft.name);
            self.wait_until_well(&context).await?;
            again = self.exchange(first.about, first.draft.clone()).await?;
        }
        again = self.alone_firmly(first, again).await?;
        if again.about == ABANDONED {
            self.sleep(NOTICED).await?;
        }
        let mut trouble = self.fence().await?;
        if let Some(failed) = trouble.as_mut().and_then(|one| one.failed.take())
            && self.fence().await?.is_none()
        {
            // It is gone with the next request. If it is this case's doing, it comes again with it.
            self.exchange(first.about, first.draft.clone()).await?;
            trouble = self.fence().await?;
            if trouble.is_none() {
                self.note_flake(&failed);
            }
        }
        let Some(trouble) = trouble else {
            let harmful = again.broken().is_some();
            return Ok((again, harmful));
        };
        let context = format!(
            "after the case {:?}, a right request was {}",
            again.draft.name, trouble.defect.observed
        );
        if trouble.denied && tries_wrong_credentials(&again) {
            match self.wait_until_well(&context).await {
                Err(stop) => return Err(self.locked_out(&[again], stop)),
                Ok(waited) if waited > SHORTEST_LOCK => self.notice(LOCKED),
                Ok(_) => self.accuse("ROB-11", trouble.defect, &again),
            }
            return Ok((again, true));
        }
        // What a broken connection leaves behind has a requirement of its own.
        let id = match again.about {
            ABANDONED => ABANDONED,
            _ => "ROB-11",
        };
        self.accuse(id, trouble.defect, &again);
        if let Err(stop) = self.wait_until_well(&context).await {
            self.settle(&again);
            return Err(stop);
        }
        Ok((again, true))
    }

    /// What counts of a case that was sent again alone: where the handler failed at it, whether it always does. One that
    /// costs the handler its connection twice is not tried further, unless that is what happens to any request now and then.
    async fn alone_firmly(&mut self, first: &Exchange, again: Exchange) -> Result<Exchange, Stop> {
        let known = self.flaky.is_known();
        let costly = again.broken().is_some() && first.broken().is_some() && !known;
        if !stumbled(&again) || costly || self.flaky.is_firm(again.about) {
            return Ok(again);
        }
        match self.right_again(&again, REPEATS - 1).await? {
            Some(right) => {
                if !stumbled(first) {
                    self.note_flake(&again);
                }
                Ok(right)
            }
            None => {
                self.flaky.repeats(again.about);
                Ok(again)
            }
        }
    }

    /// Enters that nothing was learnt from wrong credentials, because right ones are refused since; why the run ends.
    pub(crate) fn locked_out(&mut self, exchanges: &[Exchange], stop: Stop) -> Stop {
        for exchange in exchanges {
            if tries_wrong_credentials(exchange) {
                self.ledger.blocked(exchange.about, LOCKED);
            }
        }
        match stop {
            Stop::Lost(reason) => Stop::Lost(format!("{reason}: {LOCKED}")),
            other => other,
        }
    }

    /// Sends a control; how it differs from the first one's answer, if it does.
    pub async fn fence(&mut self) -> Result<Option<Trouble>, Stop> {
        let draft = self.fence_draft(AFTERWARDS);
        let exchange = self.exchange("ROB-11", draft).await?;
        self.pace().note_alone(exchange.observation.total);
        let mut trouble = self.usual().trouble(&exchange);
        match &mut trouble {
            None => self.ledger.pass("ROB-11"),
            Some(trouble) if stumbled(&exchange) => trouble.failed = Some(Box::new(exchange)),
            Some(_) => {}
        }
        Ok(trouble)
    }

    /// A control that shows whether the handler is whole.
    pub(super) fn fence_draft(&mut self, name: &str) -> Draft {
        self.fences += 1;
        let session = self.session.clone();
        let call = session.case_control(session.main_callback(), "fence", self.fences);
        self.control(call, name)
    }

    /// How controls are answered.
    pub(super) fn usual(&self) -> Usual {
        // What differs from one read to the next by itself has requirements of its own.
        let stable = !UNSTABLE.iter().any(|id| self.ledger.failed(id) > 0);
        // What a custom callback tells may change with the time, or with what else was asked.
        let own = self.session.main_callback().custom.is_some();
        Usual {
            payload: self.baseline.clone().filter(|_| !own),
            stable,
        }
    }

    /// Waits, for a bounded time, until a control is accepted again; tells how long that took. What it is answered with then
    /// is what later ones are held against, so that data that have changed for good are blamed once.
    ///
    /// # Errors
    /// [`Stop::Lost`] when it is not.
    pub async fn wait_until_well(&mut self, context: &str) -> Result<Duration, Stop> {
        let since = Instant::now();
        self.notice(format!("{context}; waiting for the handler to come back"));
        let patience = self.session.options.recovery_patience;
        while since.elapsed() < patience {
            self.sleep(ATTEMPT_EVERY).await?;
            let draft = self.fence_draft("a right request, to see whether the handler is back");
            let exchange = self.exchange("ROB-11", draft).await?;
            let payload = exchange.judgement.payload();
            if exchange.judgement.accepted() && payload.is_some() >= self.baseline.is_some() {
                self.baseline = payload.cloned();
                let waited = since.elapsed();
                self.notice(format!("the handler is back after {waited:.1?}"));
                return Ok(waited);
            }
        }
        Err(Stop::Lost(format!(
            "{context}, and it did not come back within {patience:?}"
        )))
    }
}

/// Whether the case is one that may lock an account.
fn tries_wrong_credentials(exchange: &Exchange) -> bool {
    exchange.about.starts_with("CRED-") && exchange.draft.expect != Expect::Accept
}

/// Whether a right request was answered, but not with success. In company that may be the company's fault.
pub(super) fn turned_away(exchange: &Exchange) -> bool {
    let answered = matches!(
        exchange.judgement.disposition,
        Disposition::Refused(_) | Disposition::Otherwise(_)
    );
    exchange.draft.expect == Expect::Accept && answered
}

/// Whether the handler failed at a request outright, be that right or wrong: a right one was turned away, a wrong one was
/// answered with 5xx, or the connection was closed under it.
pub(super) fn stumbled(exchange: &Exchange) -> bool {
    let failed = matches!(
        exchange.judgement.disposition,
        Disposition::Otherwise(500..)
    );
    closed(exchange) || failed || turned_away(exchange)
}

/// Whether the connection was closed before the answer, or in it.
pub(super) fn closed(exchange: &Exchange) -> bool {
    matches!(
        exchange.broken(),
        Some(TransportErrorKind::ClosedBeforeAnswer | TransportErrorKind::ClosedInAnswer)
    )
}

/// Whether there was no answer in time.
fn timed_out(exchange: &Exchange) -> bool {
    matches!(
        exchange.broken(),
        Some(TransportErrorKind::Timeout | TransportErrorKind::TimeoutInAnswer)
    )
}

/// Whether the handler closed the connection of a right request. Too slow only in company is the queue's fault; closed
/// without an answer is not, unless another request of the batch is what made the handler do it.
fn lost_its_connection(exchange: &Exchange) -> bool {
    exchange.draft.expect == Expect::Accept && closed(exchange)
}
