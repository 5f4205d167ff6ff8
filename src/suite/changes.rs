//! Custom callbacks that change data. What they change is the vendor's business, so they are sent one at a time, and what the other
//! callbacks tell is learnt anew behind them.

use std::collections::HashSet;
use std::time::Instant;

use proptest::strategy::ValueTree;
use serde_json::Value;

use super::cases::past;
use super::check::{Check, Draft, Expect};
use super::checks;
use super::customs::{Own, draft};
use super::engine::{Engine, Exchange, Stop};
use super::judge::Disposition;
use super::plan::{refused, refusing, useful_ids};
use super::requirement::Requirement;
use super::session::Session;
use crate::generate::custom::Payloads;
use crate::generate::seed;
use crate::protocol::Callback;

/// Payloads in turn that the handler may not accept, before the others are taken for no better.
const TRIES: u32 = 24;
/// Payloads that are made for requests which are not accepted twice.
const FRESH: u64 = 256;
/// Where the numbers of the request ids begin that stand in for those of cases.
const FIRST_ID: u64 = 1 << 48;

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
            let telling = |check: &&&Check| refused(&session, check, callback).is_some();
            let checks: Vec<_> = checks.iter().filter(telling).copied().collect();
            let (Some(own), false) = (own, checks.is_empty()) else {
                continue;
            };
            let known = session.customs().payload(callback);
            self.refused_of(own, checks, deadline).await?;
            session.accept_custom(callback, known);
            changed = true;
        }
        if changed {
            self.relearn().await?;
        }
        Ok(())
    }

    /// The same of one callback. A refusal shows something only where all else is acceptable, which the handler alone knows: it
    /// counts once a request with the same payload was accepted behind it. What is not so shown is sent with another payload.
    async fn refused_of(
        &mut self,
        own: &Own,
        checks: Vec<&'static Check>,
        deadline: Option<Instant>,
    ) -> Result<(), Stop> {
        let session = self.session.clone();
        let callback = own.callback;
        let known = session.customs().payload(callback);
        let mut fresh = fresh(&session, own, known.clone());
        self.planned += checks.len() as u64;
        let mut left = checks;
        // Whether the same can be done again, and how often something was not accepted behind what was refused.
        let mut again = self.accepts(callback, known.clone(), 0).await?;
        let (mut rounds, mut vain) = (0, 0);
        let mut next = if again { Some(known) } else { fresh.next() };
        while let Some(payload) = next
            && !left.is_empty()
            && vain < TRIES
        {
            session.accept_custom(callback, payload.clone());
            // Of a payload that is hardly the right one, one request is enough.
            let most = if vain > 0 { 1 } else { left.len() };
            let mut now: Vec<_> = left.drain(..most).collect();
            let tried = (again, rounds);
            let unshown = self.refused_with(own, &mut now, tried, deadline).await?;
            left.splice(..0, now);
            rounds += 1;
            if unshown.is_empty() {
                vain = 0;
            } else {
                let shown = self.accepts(callback, payload, rounds).await?;
                for (check, exchange) in unshown {
                    match shown {
                        true => self.taken(&exchange).await?,
                        false => left.push(check),
                    }
                }
                again &= shown;
                vain = if shown { 0 } else { vain + 1 };
            }
            next = fresh.next();
        }
        self.progress(left.len() as u64);
        if !left.is_empty() {
            let untried: Vec<&str> = left.iter().map(|check| check.id).collect();
            self.notice(format!(
                "{} is not answered with success twice for the same payload, and of others that its schema allows too few were: \
                 not tried with it: {}",
                callback.name,
                untried.join(", ")
            ));
        }
        Ok(())
    }

    /// The same with one payload: until the handler accepts one, unless it accepts the same again; what is then left is left in the
    /// list. What it refused since it last accepted one is for the caller to enter. `round` makes the request ids others than
    /// before: a handler may answer to one that it has seen what it answered then.
    async fn refused_with(
        &mut self,
        own: &Own,
        left: &mut Vec<&'static Check>,
        (again, round): (bool, u64),
        deadline: Option<Instant>,
    ) -> Result<Vec<(&'static Check, Exchange)>, Stop> {
        let session = self.session.clone();
        let mut unshown = Vec::new();
        while !left.is_empty() {
            let check = left.remove(0);
            let Some(mut draft) = refused(&session, check, own.callback) else {
                continue;
            };
            let id = session.request_id(own.callback, check.id, FIRST_ID + round);
            draft.call = draft.call.renamed(id);
            if self.is_left_out(check.id, &draft, deadline) {
                continue;
            }
            self.flaky.begin();
            let exchange = self.exchange(check.id, draft).await?;
            // It may be sent again, for it must be refused again.
            let exchange = self.sifted(exchange, false).await?;
            let accepted = exchange.judgement.accepted();
            if let Disposition::Refused(_) = exchange.judgement.disposition {
                unshown.push((check, exchange));
                continue;
            }
            if accepted {
                for (_, exchange) in std::mem::take(&mut unshown) {
                    self.taken(&exchange).await?;
                }
            }
            self.taken(&exchange).await?;
            if accepted && !again {
                break;
            }
        }
        Ok(unshown)
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

/// Right payloads other than this one, each once: what is enumerated, and what is made.
fn fresh(
    session: &Session,
    own: &Own,
    known: Option<Value>,
) -> impl Iterator<Item = Option<Value>> {
    let run = session.options.seed;
    let any = own.payloads.as_ref().map(Payloads::any);
    let made = any.into_iter().flat_map(move |any| {
        (0..FRESH).filter_map(move |number| {
            let seed = seed::case_seed(run, "fresh payloads", number);
            Some(seed::tree(&any, seed).ok()?.current())
        })
    });
    let mut met = vec![known];
    let all = own.right().into_iter().chain(made.map(Some));
    all.filter(move |payload| {
        let is_fresh = payload.is_some() && !met.contains(payload);
        met.extend(is_fresh.then(|| payload.clone()));
        is_fresh
    })
}
