//! The custom callbacks of a run: what is sent of them, and the first meeting, which finds out what the handler accepts.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;
use serde_json::Value;

use super::check::{Draft, Expect};
use super::checks;
use super::engine::{Engine, Exchange, Stop};
use super::flaky::how;
use super::judge::{Defect, Disposition};
use super::options::Options;
use super::plan::sends_customs;
use super::requirement::Requirement;
use super::session::Session;
use crate::generate::custom::Payloads;
use crate::protocol::{Callback, Custom};

/// Right payloads that are tried to find one that the handler answers with success.
const TRIES: u64 = 24;
/// The requirement that near payloads do no harm.
const NEAR: &str = "CUS-05";
/// The requirement that the callback is served.
const SERVED: &str = "CUS-04";
/// The requirement that the answer is a declared response.
pub(super) const DECLARED: &str = "CUS-01";

/// The custom callbacks of a run.
pub(crate) struct Customs {
    all: Vec<Own>,
    /// The payload of the control, by the callback's name, once the handler was found to accept it.
    accepted: RwLock<HashMap<&'static str, Option<Value>>>,
}

/// One of them.
pub(crate) struct Own {
    /// The callback.
    pub callback: &'static Callback,
    /// The payloads that its schema allows; `None` where it has none, or none could be made.
    pub payloads: Option<Payloads>,
    custom: &'static Custom,
}

impl Own {
    /// Payloads of right requests, the likeliest to succeed first; `None` is a request without one.
    pub fn right(&self) -> Vec<Option<Value>> {
        let Some(_) = &self.custom.request else {
            return vec![None];
        };
        let made = self.payloads.iter().flat_map(Payloads::right);
        self.custom
            .example
            .iter()
            .chain(made)
            .cloned()
            .map(Some)
            .collect()
    }

    /// Why nothing can be sent, if nothing can.
    fn unsendable(&self) -> Option<String> {
        let schema = self.custom.request.as_ref()?;
        let name = self.callback.name;
        self.right().is_empty().then(|| {
            let why = match schema.unsupported() {
                [] => "no payload that keeps it was found".to_owned(),
                unsupported => {
                    let told: Vec<String> = unsupported.iter().map(ToString::to_string).collect();
                    format!("it has what is not supported: {}", told.join(", "))
                }
            };
            format!(
                "{name} needs an `example`, for no payload can be made of {}: {why}",
                schema.name()
            )
        })
    }
}

impl Customs {
    /// Those of these options.
    pub fn new(options: &Options) -> Self {
        let declared = options.custom.iter();
        let all = declared.filter_map(|declared| {
            // What is incomplete is refused before the run.
            let callback = declared.callback().ok()?;
            let custom = callback.custom?;
            Some(Own {
                callback,
                payloads: custom.request.as_ref().and_then(Payloads::of),
                custom,
            })
        });
        Self {
            all: all.collect(),
            accepted: RwLock::default(),
        }
    }

    /// All of them.
    pub fn all(&self) -> &[Own] {
        &self.all
    }

    /// The one that a callback is.
    pub fn own(&self, callback: &Callback) -> Option<&Own> {
        self.all
            .iter()
            .find(|own| std::ptr::eq(own.callback, callback))
    }

    /// The payload of the control.
    pub fn payload(&self, callback: &Callback) -> Option<Value> {
        let accepted = self.accepted.read().unwrap_or_else(PoisonError::into_inner);
        match accepted.get(callback.name) {
            Some(accepted) => accepted.clone(),
            None => self.own(callback)?.right().into_iter().next().flatten(),
        }
    }

    /// Whether a request of this callback was answered with success.
    pub fn is_accepted(&self, callback: &Callback) -> bool {
        let accepted = self.accepted.read().unwrap_or_else(PoisonError::into_inner);
        accepted.contains_key(callback.name)
    }

    /// Remembers a payload that was answered with success.
    pub fn accept(&self, callback: &'static Callback, payload: Option<Value>) {
        let mut accepted = self
            .accepted
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        accepted.insert(callback.name, payload);
    }
}

/// What the first meeting found out.
#[derive(Debug, Default)]
pub(crate) struct Met {
    /// Those that change nothing and were not denied each time.
    pub answered: Vec<&'static Callback>,
    /// Those of them that were answered with success.
    pub accepted: Vec<&'static Callback>,
    /// Those of them that refused a tenant without a mapping.
    pub guarded: Vec<&'static Callback>,
    /// Those that change data, and may, likewise.
    pub writes: Vec<&'static Callback>,
}

/// A request of a custom callback with this payload; `None` leaves it out.
pub(crate) fn draft(
    session: &Session,
    callback: &'static Callback,
    (check, number): (&str, u64),
    (name, payload): (String, Option<Value>),
    expect: Expect,
) -> Draft {
    let mut call = session.case_control(callback, check, number);
    let mut envelope = session.template(callback).envelope(&call.request_id);
    if let Some(members) = envelope.as_object_mut() {
        members.shift_remove("payload");
        members.extend(payload.map(|payload| ("payload".to_owned(), payload)));
    }
    call.body = Bytes::from(envelope.to_string());
    Draft::new(name, call, expect)
}

impl Engine {
    /// Meets the custom callbacks: sends right payloads until one is answered with success.
    pub(crate) async fn meet_customs(
        &mut self,
        selected: &[&'static Requirement],
    ) -> Result<Met, Stop> {
        let session = self.session.clone();
        let mut met = Met::default();
        if !sends_customs(&session, selected) {
            return Ok(met);
        }
        // The report is to say it too; whoever watches was told before.
        let remarks = session
            .options
            .custom
            .iter()
            .flat_map(|declared| declared.remarks());
        self.notices.extend(remarks);
        let mut any = false;
        let mut idle = Vec::new();
        for own in session.customs().all() {
            let callback = own.callback;
            let reason = match own.unsendable() {
                _ if callback.changes_data && !session.options.write => Some(format!(
                    "{} may change data, which this run may not: `changes-data = false` in its [[callback]], or --write",
                    callback.name
                )),
                reason => reason,
            };
            if let Some(reason) = reason {
                self.notice(reason.clone());
                idle.push(reason);
                continue;
            }
            any = true;
            let greeting = self.meet(own).await?;
            if greeting == Greeting::Denied {
                continue;
            }
            match callback.changes_data {
                true => met.writes.push(callback),
                false => met.answered.push(callback),
            }
            if greeting == Greeting::Accepted && !callback.changes_data {
                met.accepted.push(callback);
            }
        }
        if any && met.accepted.is_empty() && met.writes.is_empty() {
            self.ledger.blocked(NEAR, "no custom callback was answered with success (CUS-04), so what is wrong was not tried");
        }
        if !any && !idle.is_empty() {
            for check in checks::all().iter().filter(|check| check.is_custom()) {
                self.ledger.unexercised(check.id, idle.join("; "));
            }
        }
        Ok(met)
    }

    /// Meets one.
    async fn meet(&mut self, own: &Own) -> Result<Greeting, Stop> {
        let session = self.session.clone();
        let callback = own.callback;
        let mut refusals = Refusals::default();
        let candidates = own.right().into_iter().take(TRIES as usize);
        for (payload, number) in candidates.zip(0..) {
            let what = match number {
                0 if own.custom.example.is_some() => "the example",
                _ => "a right request",
            };
            let name = format!("{}, {what}", callback.name);
            let place = (&*format!("meet {}", callback.name), number);
            let draft = draft(
                &session,
                callback,
                place,
                (name, payload.clone()),
                Expect::Declared,
            );
            let mut exchange = self.exchange_firmly(DECLARED, draft.clone()).await?;
            if exchange.broken().is_some() {
                if let Err(stop) = self.wait_until_well("a right request got no answer").await {
                    self.settle(&exchange);
                    return Err(stop);
                }
                if !callback.changes_data {
                    exchange = self.exchange(DECLARED, draft).await?;
                }
            }
            self.settle(&exchange);
            if exchange.judgement.accepted() && exchange.defect(DECLARED).is_none() {
                session.accept_custom(callback, payload);
                self.conclude(SERVED, None, &exchange);
                return Ok(Greeting::Accepted);
            }
            refusals.count(&exchange);
            let refused = refusals.declared + refusals.denied == refusals.all;
            if number == 0 && own.custom.example.is_some() && refused && !session.knows_tenant() {
                // Who is not mapped may be refused.
                let reason = format!(
                    "the example of {} was refused ({}), which is right where the tenant has no mapping: name one that has, by \
                     --tenant-id, or use --write, which enables one",
                    callback.name,
                    how(&exchange)
                );
                self.notice(reason.clone());
                self.ledger.blocked(SERVED, reason);
                return Ok(refusals.greeting());
            }
            if number == 0 && own.custom.example.is_some() {
                let defect = Defect {
                    expected: "the example is answered with a declared success".to_owned(),
                    observed: how(&exchange),
                };
                self.conclude(SERVED, Some(defect), &exchange);
                return Ok(refusals.greeting());
            }
            refusals.last = Some(exchange);
        }
        if let Some(exchange) = refusals.last.take() {
            self.conclude_unserved(callback, &refusals, &exchange);
        }
        Ok(refusals.greeting())
    }

    /// Sends the first control where there is no predefined callback that reads; whether it was accepted. What is accepted has to be
    /// found out first.
    pub(super) async fn custom_baseline(
        &mut self,
        callback: &'static Callback,
    ) -> Result<bool, Stop> {
        let session = self.session.clone();
        let payload = session.customs().payload(callback);
        let exchange = self
            .first_exchange(DECLARED, |_, knocks| {
                let request = ("a right request".to_owned(), payload.clone());
                let place = ("baseline", knocks);
                draft(&session, callback, place, request, Expect::Declared)
            })
            .await?;
        let accepted = match session.customs().own(callback) {
            Some(own) => self.meet(own).await? == Greeting::Accepted,
            None => false,
        };
        if accepted {
            let call = session.case_control(callback, "baseline control", 0);
            let control = self.control(call, "a right request");
            let exchange = self.exchange("HTTP-01", control).await?;
            self.settle(&exchange);
            self.baseline = exchange.judgement.payload().cloned();
            return Ok(exchange.judgement.accepted());
        }
        self.explain_refusal(&exchange).await?;
        Ok(false)
    }

    /// Nothing that was sent was answered with success: which may be right, where the suite does not know what the handler knows.
    fn conclude_unserved(&mut self, callback: &Callback, refusals: &Refusals, last: &Exchange) {
        let name = callback.name;
        let Refusals {
            all,
            declared,
            denied,
            failed,
            ..
        } = refusals;
        if *failed == *all {
            self.ledger.blocked(
                SERVED,
                format!(
                    "{DECLARED} or CUS-02 failed: {name} was answered with no declared response"
                ),
            );
        } else if *denied + *failed == *all {
            let reason = format!(
                "{name} was denied each time (401 or 403): is the tenant of --tenant-id one that the handler has a mapping for?"
            );
            self.notice(reason.clone());
            self.ledger.blocked(SERVED, reason);
        } else if *declared > 0 {
            let reason = format!(
                "none of {all} right payloads of {name} was answered with success, which may be right: give an `example` that \
                 the handler knows"
            );
            self.notice(reason.clone());
            self.ledger.blocked(SERVED, reason);
        } else {
            let defect = Defect {
                expected: "a declared response to at least one right request".to_owned(),
                observed: format!("none to {all} right payloads; the last: {}", how(last)),
            };
            self.conclude(SERVED, Some(defect), last);
        }
    }
}

/// How a callback was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Greeting {
    /// With a success.
    Accepted,
    /// With 401 or 403 each time.
    Denied,
    /// Otherwise.
    Refused,
}

/// How right requests were refused.
#[derive(Default)]
struct Refusals {
    all: u64,
    /// With a response that is declared.
    declared: u64,
    /// With 401 or 403.
    denied: u64,
    /// In a way that breaks a requirement.
    failed: u64,
    last: Option<Exchange>,
}

impl Refusals {
    fn greeting(&self) -> Greeting {
        match self.denied == self.all {
            true => Greeting::Denied,
            false => Greeting::Refused,
        }
    }

    fn count(&mut self, exchange: &Exchange) {
        self.all += 1;
        let callback = exchange.draft.call.callback;
        match exchange.judgement.disposition {
            _ if ["CUS-02", DECLARED]
                .iter()
                .any(|id| exchange.defect(id).is_some()) =>
            {
                self.failed += 1;
            }
            Disposition::Refused(401 | 403) => self.denied += 1,
            Disposition::Refused(status @ 400..) if callback.declared(status).is_some() => {
                self.declared += 1;
            }
            Disposition::Refused(400..) => {}
            _ => self.failed += 1,
        }
    }
}
