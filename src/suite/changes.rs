//! Custom callbacks that change data. What they change is the vendor's business, so they are sent one at a time, and what the other
//! callbacks tell is learnt anew behind them.

use std::collections::HashSet;
use std::time::Instant;

use proptest::strategy::ValueTree;
use serde_json::Value;

use super::check::{Check, Draft, Expect};
use super::checks;
use super::customs::{Own, draft};
use super::engine::{Engine, Exchange, Stop};
use super::plan::{refused, refusing, useful_ids};
use super::requirement::Requirement;
use super::run::past;
use super::session::Session;
use crate::generate::seed;
use crate::protocol::Callback;

/// Right payloads that are tried where the one that was accepted is not accepted again.
const TRIES: usize = 6;
/// Payloads that are made for requests which are not accepted twice.
const FRESH: u64 = 64;

/// What makes a request acceptable, so that its refusal shows something.
enum Acceptable {
    /// The payload that was accepted, any number of times.
    Again,
    /// One of these, each of them once: what was done cannot be done twice.
    Once(std::vec::IntoIter<Option<Value>>),
}

impl Engine {
    /// Sends of callbacks that change data what a right handler must refuse, and what so changes nothing there: before the keys are
    /// changed, for then it need not be wrong any more.
    pub(crate) async fn refused_writes(
        &mut self,
        selected: &[&'static Requirement],
        deadline: Option<Instant>,
    ) -> Result<(), Stop> {
        let session = self.session.clone();
        let checks: Vec<_> = refusing(&session, selected).collect();
        let mut changed = false;
        for callback in self.met.writes.clone() {
            let own = session.customs().own(callback);
            // Of one that refuses everything, what is refused shows nothing.
            let own = own.filter(|_| session.customs().is_accepted(callback));
            let (Some(own), false) = (own, checks.is_empty()) else {
                continue;
            };
            let known = session.customs().payload(callback);
            let Some(mut acceptable) = self.acceptable(own).await? else {
                self.notice(format!(
                    "{} was answered with success once and not again, so what must be refused is not tried with it",
                    callback.name
                ));
                continue;
            };
            changed = true;
            let telling = |check: &&&Check| refused(&session, check, callback).is_some();
            let checks: Vec<_> = checks.iter().filter(telling).collect();
            self.planned += checks.len() as u64;
            let mut untried = Vec::new();
            for check in checks {
                if let Acceptable::Once(fresh) = &mut acceptable {
                    let Some(payload) = fresh.next() else {
                        untried.push(check.id);
                        self.progress(1);
                        continue;
                    };
                    session.accept_custom(callback, payload);
                }
                let Some(draft) = refused(&session, check, callback) else {
                    continue;
                };
                if self.is_left_out(check.id, &draft, deadline) {
                    continue;
                }
                self.flaky.begin();
                let exchange = self.exchange(check.id, draft).await?;
                // It may be sent again, for it must be refused again.
                let exchange = self.sifted(exchange, false).await?;
                self.taken(&exchange).await?;
            }
            session.accept_custom(callback, known);
            if !untried.is_empty() {
                self.notice(format!(
                    "{} is not answered with success twice for the same payload, and its schema has too few: not tried with it: {}",
                    callback.name,
                    untried.join(", ")
                ));
            }
        }
        if changed {
            self.relearn().await?;
        }
        Ok(())
    }

    /// Whether a case is not to be sent: there is no time left for it, or enough of its kind have failed. It is counted.
    fn is_left_out(
        &mut self,
        about: &'static str,
        draft: &Draft,
        deadline: Option<Instant>,
    ) -> bool {
        if past(deadline) {
            self.ledger.cut(about, 1);
        } else if self.has_failed_enough(about, draft) {
            self.spared += 1;
            self.progress(1);
        } else {
            return false;
        }
        true
    }

    /// Finds out what makes a request of this callback acceptable now; `None` where nothing does.
    async fn acceptable(&mut self, own: &Own) -> Result<Option<Acceptable>, Stop> {
        let session = self.session.clone();
        let callback = own.callback;
        let known = session.customs().payload(callback);
        if self.accepts(callback, known.clone(), 0).await? {
            return Ok(Some(Acceptable::Again));
        }
        let mut fresh = fresh(&session, own, known.as_ref()).into_iter();
        for number in 1..=TRIES as u64 {
            let Some(payload) = fresh.next() else {
                return Ok(None);
            };
            if self.accepts(callback, payload, number).await? {
                return Ok(Some(Acceptable::Once(fresh)));
            }
        }
        Ok(None)
    }

    async fn accepts(
        &mut self,
        callback: &'static Callback,
        payload: Option<Value>,
        number: u64,
    ) -> Result<bool, Stop> {
        let session = self.session.clone();
        let place = (&*format!("again {}", callback.name), number);
        let name = format!("{}, a right request behind others", callback.name);
        let draft = draft(&session, callback, place, (name, payload), Expect::Declared);
        let exchange = self.exchange("CUS-01", draft).await?;
        self.taken(&exchange).await?;
        Ok(exchange.judgement.accepted() && exchange.defect("CUS-01").is_none())
    }

    /// Takes down what an exchange shows, and goes on when the handler is there.
    async fn taken(&mut self, exchange: &Exchange) -> Result<(), Stop> {
        self.settle(exchange);
        if exchange.broken().is_some() {
            self.wait_until_well("a custom callback got no answer")
                .await?;
        }
        Ok(())
    }

    /// Sends the other cases of callbacks that change data.
    pub(crate) async fn custom_writes(
        &mut self,
        selected: &[&'static Requirement],
        deadline: Option<Instant>,
    ) -> Result<(), Stop> {
        let session = self.session.clone();
        let writes = std::mem::take(&mut self.met.writes);
        let wanted: HashSet<&str> = useful_ids(&session, selected).collect();
        for callback in &writes {
            let Some(own) = session.customs().own(callback) else {
                continue;
            };
            let mut cases = checks::custom::writes(&session, own);
            cases.retain(|(about, _)| wanted.contains(about));
            self.planned += cases.len() as u64;
            for (about, draft) in cases {
                if self.is_left_out(about, &draft, deadline) {
                    continue;
                }
                let exchange = self.exchange(about, draft).await?;
                self.taken(&exchange).await?;
            }
        }
        if !writes.is_empty() {
            self.relearn().await?;
        }
        Ok(())
    }
}

/// Right payloads other than this one: what is enumerated, and what is made.
fn fresh(session: &Session, own: &Own, known: Option<&Value>) -> Vec<Option<Value>> {
    let made = own.payloads.iter().flat_map(|payloads| {
        let any = payloads.any();
        (0..FRESH).filter_map(move |number| {
            let seed = seed::case_seed(session.options.seed, "fresh payloads", number);
            Some(seed::tree(&any, seed).ok()?.current())
        })
    });
    let mut all: Vec<Option<Value>> = Vec::new();
    for payload in own.right().into_iter().flatten().chain(made) {
        let payload = Some(payload);
        if payload.as_ref() != known && !all.contains(&payload) {
            all.push(payload);
        }
    }
    all
}
