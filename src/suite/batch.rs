//! Batches: cases sent at once, with a control behind them, and what is done when the handler does not stay whole.

use std::time::{Duration, Instant};

use super::check::{Draft, Expect};
use super::engine::{Engine, Exchange, Stop};
use super::judge::{Defect, Disposition};
use serde_json::Value;

use crate::gateway::TransportErrorKind;
use crate::suite::checks::payload_agrees;

/// Time between two attempts to find it back.
const ATTEMPT_EVERY: Duration = Duration::from_millis(250);
/// What a wrong request leaves behind in variables is gone with the next one; a lock on an account lasts longer than this.
const SHORTEST_LOCK: Duration = Duration::from_millis(600);
/// What the reader should know of a handler that locks accounts.
const LOCKED: &str = "the handler seems to lock an account that is tried with wrong credentials; lift that for the account \
                      of this run";
/// The control behind wrong requests, in words.
pub(super) const AFTERWARDS: &str = "a right request after wrong ones";
/// What is asked of the handler after wrong requests.
const EXPECTED: &str = "the right request that follows is answered as before";
/// Requirements that reads agree with each other.
const UNSTABLE: [&str; 3] = ["MAP-07", "ENA-03", "ROB-16"];
/// Failures of a check that are confirmed one at a time; further ones are believed as they come.
const CONFIRMED: u64 = 2;

/// A case, and the requirement that it is about.
pub(crate) type Case = (&'static str, Draft);

/// How a right request was not answered as before.
pub(crate) struct Trouble {
    /// What is wrong with that.
    pub defect: Defect,
    /// Whether it was turned away as somebody unknown is, or asked for patience.
    denied: bool,
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
        let window = self.window(cases, fenced, deadline).await?;
        let (mut exchanges, disturbed) = (window.exchanges, window.disturbed);
        let unanswered = exchanges
            .iter()
            .filter(|exchange| exchange.broken().is_some())
            .count();
        let broken = unanswered > 0;
        let trouble = if fenced || broken {
            self.fence().await?
        } else {
            None
        };
        let any_turned_away = exchanges.iter().any(turned_away);
        let whole = !broken && !any_turned_away && !disturbed && trouble.is_none();
        let innocent = if whole {
            exchanges.len()
        } else {
            window.innocent
        };
        for exchange in &exchanges[..innocent] {
            self.settle(exchange);
        }
        if whole {
            return Ok((exchanges, window.left));
        }
        let suspected = exchanges.split_off(innocent);
        let mut counted = exchanges;
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
            match self.wait_until_well(&context).await {
                Ok(waited) => culprit = lock && waited > SHORTEST_LOCK,
                Err(stop) if lock => return Err(self.locked_out(&exchanges, stop)),
                Err(stop) => {
                    self.blame_batch(&exchanges, &trouble.defect);
                    return Err(stop);
                }
            }
        }
        let mut unexplained = Vec::new();
        for exchange in exchanges {
            let doubtful = exchange.broken().is_some() || turned_away(&exchange);
            let certain = trouble.is_none() && !disturbed && !company && !doubtful;
            let confirmed = self.ledger.failed(exchange.about) >= CONFIRMED;
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
                    self.ledger.fail(exchange.about, None);
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
            let turned_away = turned_away(&exchange) && again.judgement.accepted();
            if !harmful && (lost_its_connection(&exchange) || turned_away) {
                unexplained.push((counted.len(), exchange));
            } else {
                self.settle(&again);
            }
            counted.push(again);
        }
        // Where one of the cases does harm, what happened to the others is its doing.
        let mut in_company = None;
        let mut passing: Option<Defect> = None;
        for (place, first) in unexplained {
            if !culprit && turned_away(&first) {
                let again = match in_company {
                    Some(known) => known,
                    None => self.turns_away_in_company().await?,
                };
                in_company = Some(again);
                if again {
                    self.blame_company(&first);
                } else {
                    passing = passing.or_else(|| {
                        let status = first.observation.status().unwrap_or_default();
                        Some(Defect {
                            expected: EXPECTED.to_owned(),
                            observed: format!(
                                "answered with status {status}, and with success later"
                            ),
                        })
                    });
                }
            } else if !culprit {
                self.notice(format!(
                    "the case {:?} lost its connection once and was answered when it was sent again alone",
                    first.draft.name
                ));
                counted[place] = first;
            }
            self.settle(&counted[place]);
        }
        let passing = passing.filter(|_| trouble.is_none());
        if disturbed {
            self.size.disturbed(!culprit && trouble.is_none());
        }
        let left_behind = trouble.map(|trouble| trouble.defect).or(passing);
        if let (Some(defect), false) = (left_behind, culprit) {
            self.blame_batch(&counted[innocent..], &defect);
        }
        Ok((counted, window.left))
    }

    /// Whether right requests are turned away while nothing but right requests is under way.
    async fn turns_away_in_company(&mut self) -> Result<bool, Stop> {
        let most = self.session.options.concurrency;
        let cases =
            (0..most * 2).map(|_| ("ROB-11", self.fence_draft("a right request among others")));
        let cases = cases.collect();
        let exchanges = self.exchange_all(cases, most).await?;
        Ok(exchanges.iter().any(turned_away))
    }

    /// Enters that a right request was turned away only while others were under way.
    fn blame_company(&mut self, exchange: &Exchange) {
        let answered = exchange.observation.status().unwrap_or_default();
        let defect = Defect {
            expected: "a right request is accepted, whatever else is under way".to_owned(),
            observed: format!("status {answered} while others were under way, success alone"),
        };
        self.accuse("ROB-12", defect, exchange);
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
        let Some(trouble) = self.fence().await? else {
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
        let id = if again.about == "ROB-15" {
            "ROB-15"
        } else {
            "ROB-11"
        };
        self.accuse(id, trouble.defect, &again);
        if let Err(stop) = self.wait_until_well(&context).await {
            self.settle(&again);
            return Err(stop);
        }
        Ok((again, true))
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
        let trouble = self.usual().trouble(&exchange);
        if trouble.is_none() {
            self.ledger.pass("ROB-11");
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
        Usual {
            payload: self.baseline.clone(),
            stable,
        }
    }

    /// Waits, for a bounded time, until a control is accepted again; tells how long that took. What it is answered with then is what later ones are
    /// held against, so that data that have changed for good are blamed once.
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

/// Whether the handler closed the connection of a right request. Too slow only in company is the queue's fault; closed
/// without an answer is not, unless another request of the batch is what made the handler do it.
fn lost_its_connection(exchange: &Exchange) -> bool {
    exchange.draft.expect == Expect::Accept
        && matches!(
            exchange.broken(),
            Some(TransportErrorKind::ClosedBeforeAnswer | TransportErrorKind::ClosedInAnswer)
        )
}
