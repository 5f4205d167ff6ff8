//! The way through a run: baseline, procedures, cases, outcome.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::batch::Case;
use super::check::{Draft, Expect, Method};
use super::engine::{Engine, Exchange, Stop};
use super::judge::{Defect, Disposition};
use super::ledger::Ledger;
use super::plan::{Generator, Plan, Procedures, TELLING_GENERATED, sends_customs, unmet};
use super::requirement::{Level, Requirement};
use super::state::{TELLING_SEQUENCES, form_of};
use super::supply::Supply;
use super::{advice, checks, endpoints, register};
use crate::gateway::TransportErrorKind;
use crate::protocol::catalog::{ENABLEMENT_READ, PARTNER_MIRRORING_GET_STATE};
use crate::protocol::{Callback, Family};

/// Steps of a generated sequence, more or less, for the estimate.
const STEPS_A_SEQUENCE: u64 = 9;
/// A check whose requirement has failed this often has shown what it can.
const ENOUGH_FAILURES: u64 = 8;
/// Why nothing about what is remembered is checked.
const NO_STATE: &str =
    "these enablement methods have no predefined callback: --partner and --customer";
/// Why nothing is checked at all.
const NO_CONTROL: &str = "these enablement methods have no callbacks of their own, so there must be a [[callback]] with `changes-data = false`: \
    whether the handler is well can be asked of it at any time";
/// How often a handler that cannot be reached at first is tried again.
const KNOCKS: u64 = 3;

impl Engine {
    /// Runs the plan for these requirements.
    pub(crate) async fn run(&mut self, selected: &[&'static Requirement]) -> Result<(), Stop> {
        let session = self.session.clone();
        let mut possible = false;
        for check in checks::all()
            .iter()
            .filter(|check| selected.iter().any(|one| one.id == check.id))
        {
            match unmet(&session, check) {
                Some(reason) => self.ledger.unexercised(check.id, reason),
                None => possible = true,
            }
        }
        if possible && !session.has_main_callback() {
            for one in selected {
                self.ledger.unexercised(one.id, NO_CONTROL);
            }
            return Ok(());
        }
        // The first control comes before the plan, which takes time to make.
        let accepted = possible && self.baseline().await?;
        self.note_broken();
        if !accepted {
            return Ok(());
        }
        let end = self.carry_out(selected).await;
        self.restore(matches!(end, Err(Stop::Lost(_)))).await;
        end
    }

    /// Everything behind the first control.
    async fn carry_out(&mut self, selected: &[&'static Requirement]) -> Result<(), Stop> {
        let session = self.session.clone();
        let begun = Instant::now();
        self.meet_token_reuse().await?;
        if selected.iter().any(|one| one.id == endpoints::NAMED) {
            self.meet_endpoints().await?;
        }
        self.show_flow().await?;
        let sequences = self.prepare_sequences(selected).await?;
        let mut callbacks = self.repeatable_callbacks().await?;
        self.met = self.meet_customs(selected).await?;
        let main = callbacks.first().map(|main| main.id);
        let accepted = self.met.accepted.iter().copied();
        callbacks.extend(accepted.filter(|callback| Some(callback.id) != main));
        let customs = (self.met.answered.clone(), self.met.accepted.clone());
        let procedures = Procedures::new(&session, checks::all(), selected);
        // Making thousands of cases takes a while, in which the handler has something to do already.
        let (of, wanted) = (session.clone(), selected.to_vec());
        let making = tokio::task::spawn_blocking(move || {
            Plan::new(
                &of,
                checks::all(),
                &wanted,
                &callbacks,
                (&customs.0, &customs.1),
            )
        });
        self.planned = self.done + procedures.weight() + 1;
        self.assured = self.planned;
        for (_, _, steps) in &procedures.early {
            steps(self).await?;
        }
        let plan = making
            .await
            .map_err(|error| Stop::Fault(format!("the cases could not be made: {error}")))?;
        let cases = u64::from(session.options.cases);
        let late: u64 = procedures.late.iter().map(|(_, weight, _)| weight).sum();
        self.planned = self.done + late + plan.cases(cases);
        self.assured = self.done + late + plan.assured(cases);
        if sequences {
            self.planned += self.sequences_planned() * STEPS_A_SEQUENCE;
            if self.wants_malformed_writes(selected) {
                let (all, assured) = self.malformed_planned();
                self.planned += all;
                self.assured += assured;
            }
        }
        let budget = session.options.budget;
        let soft = budget.and_then(|budget| begun.checked_add(budget));
        // What no budget cuts ends all the same, should every answer take the whole timeout.
        let hard = (session.options.most()).and_then(|most| begun.checked_add(most));
        self.hard = hard;
        let telling = TELLING_GENERATED.min(cases);
        self.cases(plan.first, hard).await?;
        self.generated(&plan.generators, 0..telling.min(1), hard)
            .await?;
        self.cases(plan.telling, hard).await?;
        self.generated(&plan.generators, telling.min(1)..telling, hard)
            .await?;
        self.refused_writes(selected, hard).await?;
        for (_, _, steps) in &procedures.late {
            steps(self).await?;
        }
        if sequences {
            let all = self.sequences_planned();
            self.generated_sequences(0..TELLING_SEQUENCES.min(all), hard)
                .await?;
            self.generated_sequences(TELLING_SEQUENCES.min(all)..all, soft)
                .await?;
            self.set_bench().await?;
        }
        self.cases(plan.further, soft).await?;
        self.generated(&plan.generators, TELLING_GENERATED..cases, soft)
            .await?;
        self.custom_writes(selected, soft).await?;
        checks::epilogue(self).await?;
        checks::former(self).await?;
        // Last, for what is accepted of it may leave anything.
        if sequences && self.wants_malformed_writes(selected) {
            self.malformed_writes(hard, soft).await?;
        }
        self.conclude_flaky().await?;
        // In the order in which it passed, changes and all; nothing comes behind it but that data are put back.
        self.replay().await?;
        Ok(())
    }

    /// Saves the handler's state and runs the scripted sequence, where requirements about state are wanted and data may be
    /// changed; whether that is so.
    async fn prepare_sequences(&mut self, selected: &[&'static Requirement]) -> Result<bool, Stop> {
        let session = self.session.clone();
        if session.options.enablement.callbacks().next().is_none() {
            // There are custom callbacks only, which nobody has a model of.
            for check in checks::all() {
                if matches!(check.method, Method::Sequence) {
                    self.ledger.unexercised(check.id, NO_STATE);
                }
            }
            return Ok(false);
        }
        let wanted = checks::all().iter().any(|check| {
            matches!(check.method, Method::Sequence)
                && selected.iter().any(|one| one.id == check.id)
                && unmet(&session, check).is_none()
        });
        // Of custom callbacks only a mapped tenant gets anything.
        let customs = sends_customs(&session, selected);
        if !(wanted || customs && session.options.write) {
            return Ok(false);
        }
        // What was there before is known already where the flow was shown.
        let unreadable = match &self.ground {
            Some(_) => None,
            None => self.survey().await?,
        };
        if let Some(reason) = unreadable {
            self.notice(reason.clone());
            for check in checks::all() {
                if matches!(check.method, Method::Sequence) && unmet(&session, check).is_none() {
                    self.ledger.blocked(check.id, reason.clone());
                }
            }
            return Ok(false);
        }
        if wanted {
            self.script().await?;
        }
        self.set_bench().await?;
        if wanted {
            self.read_the_rest().await?;
        }
        Ok(wanted)
    }

    /// Brings the handler into the state in which the general requirements are checked, and learns what is answered there.
    pub(crate) async fn set_bench(&mut self) -> Result<(), Stop> {
        self.make_bench().await?;
        self.learn_baseline().await
    }

    /// Learns what a right request is answered with now.
    async fn learn_baseline(&mut self) -> Result<(), Stop> {
        let session = self.session.clone();
        let call = session.case_control(session.main_callback(), "bench", self.info.exchanges);
        let draft = self.control(call, "a right request");
        let exchange = self.exchange_firmly("HTTP-01", draft).await?;
        self.settle(&exchange);
        let payload = exchange.judgement.payload().cloned();
        if payload.is_none() && self.baseline.is_some() {
            let defect = Defect {
                expected: "a right request is answered as before".to_owned(),
                observed: "after callbacks that change data it is answered without the payload"
                    .to_owned(),
            };
            self.accuse("ROB-11", defect, &exchange);
        }
        self.baseline = payload.or(self.baseline.take());
        Ok(())
    }

    /// Learns anew what a right request is answered with, where it may have changed for good.
    pub(super) async fn relearn(&mut self) -> Result<(), Stop> {
        self.baseline = None;
        self.learn_baseline().await
    }

    /// The callbacks on which the general requirements are checked: those whose control is accepted, the main one first.
    async fn repeatable_callbacks(&mut self) -> Result<Vec<&'static Callback>, Stop> {
        let session = self.session.clone();
        let main = session.main_callback();
        let mut callbacks = vec![main];
        for callback in session.options.enablement.callbacks() {
            if callback.id == main.id || !session.is_repeatable(callback) {
                continue;
            }
            // Whoever does not remember what was written answers otherwise for that reason alone.
            if callback.changes_data && self.is_forgetful() {
                continue;
            }
            let call = session.case_control(callback, "repeatable", 0);
            let certain = !callback.changes_data && session.is_certain(callback);
            let expect = if certain {
                Expect::Accept
            } else {
                Expect::FREE
            };
            let draft = Draft::new(callback.name, call, expect);
            let about = if certain { form_of(callback) } else { "ROB-17" };
            let mut exchange = self.exchange_firmly(about, draft.clone()).await?;
            if exchange.broken().is_some() {
                // It may have fallen by itself just then.
                if let Err(stop) = self.wait_until_well("a right request got no answer").await {
                    self.settle(&exchange);
                    return Err(stop);
                }
                exchange = self.exchange(about, draft).await?;
            }
            self.settle(&exchange);
            if callback.changes_data && !self.is_unchanged().await? {
                // Whatever is sent again does harm, which has requirements of its own.
                self.set_bench().await?;
                continue;
            }
            if callback.changes_data && exchange.judgement.accepted() {
                // It says what is there already, but perhaps in other words.
                self.learn_baseline().await?;
            }
            if exchange.judgement.accepted() {
                callbacks.push(callback);
                let payload = exchange.judgement.payload();
                let told = payload.and_then(|payload| payload.get("acronis_tenant_id"));
                if let (Family::Enablement, Some(told)) = (callback.family, told) {
                    session.learn_tenant(told);
                }
            } else {
                let why = match callback.changes_data {
                    true => "not accepted where it asks for what is so already",
                    false => "not accepted here",
                };
                self.notice(format!(
                    "{} is {why}, so nothing that is wrong with tokens, bodies and headers is tried with it",
                    callback.name
                ));
            }
        }
        Ok(callbacks)
    }

    /// Whether an obligation about what is remembered is broken.
    fn is_forgetful(&self) -> bool {
        checks::all().iter().any(|check| {
            let must = || register::find(check.id).is_some_and(|one| one.level == Level::Must);
            matches!(check.method, Method::Sequence) && self.ledger.failed(check.id) > 0 && must()
        })
    }

    /// Sends the first control; whether it was accepted.
    async fn baseline(&mut self) -> Result<bool, Stop> {
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

    /// Sends enumerated cases until the deadline.
    async fn cases(&mut self, cases: Vec<Case>, deadline: Option<Instant>) -> Result<(), Stop> {
        let mut cases = VecDeque::from(cases);
        while !cases.is_empty() {
            if past(deadline) {
                for (id, _) in cases {
                    self.ledger.cut(id, 1);
                }
                return Ok(());
            }
            let most = self.window_size();
            let mut batch = Vec::with_capacity(most);
            while batch.len() < most
                && let Some((id, draft)) = cases.pop_front()
            {
                if !draft.telling && self.has_failed_enough(id, &draft) {
                    self.spared += 1;
                    self.progress(1);
                } else {
                    batch.push((id, draft));
                }
            }
            let (_, left) = self.batch(batch, deadline).await?;
            for case in left.into_iter().rev() {
                cases.push_front(case);
            }
        }
        Ok(())
    }

    /// Sends generated cases, one of every generator in turn, until the deadline.
    async fn generated(
        &mut self,
        generators: &[Generator],
        numbers: std::ops::Range<u64>,
        deadline: Option<Instant>,
    ) -> Result<(), Stop> {
        let mut shrunk = HashSet::new();
        let mut supply = Supply::start(self.session.clone(), generators, numbers.clone());
        let mut turns = numbers
            .flat_map(|number| (0..generators.len()).map(move |generator| (number, generator)))
            .peekable();
        // What was made and not sent.
        let mut ready: VecDeque<((u64, usize), Draft)> = VecDeque::new();
        while turns.peek().is_some() || !ready.is_empty() {
            if past(deadline) {
                let ready = ready.into_iter().map(|(origin, _)| origin);
                for (_, generator) in ready.chain(turns) {
                    self.ledger.cut(generators[generator].id, 1);
                }
                return Ok(());
            }
            let most = self.window_size();
            let mut origins = Vec::with_capacity(most);
            let mut batch = Vec::with_capacity(most);
            while batch.len() < most {
                let (origin, draft) = match (ready.pop_front(), turns.peek()) {
                    (Some(made), _) => made,
                    (None, Some(_)) => {
                        let draft = supply.next().await?;
                        let Some(origin) = turns.next() else { break };
                        (origin, draft)
                    }
                    (None, None) => break,
                };
                let id = generators[origin.1].id;
                if self.has_failed_enough(id, &draft) {
                    self.spared += 1;
                    self.progress(1);
                    continue;
                }
                origins.push(origin);
                batch.push((id, draft));
            }
            let before = Broken::now(&self.ledger);
            let (exchanges, left) = self.batch(batch, deadline).await?;
            let unsent = origins.split_off(exchanges.len());
            for (origin, (_, draft)) in unsent.into_iter().zip(left).rev() {
                ready.push_front((origin, draft));
            }
            for (exchange, (number, place)) in exchanges.iter().zip(origins) {
                for id in before.newly(exchange) {
                    let with = before.with(exchange.draft.call.callback.name);
                    if shrunk.insert((generators[place].id, id, with)) {
                        self.shrink(&generators[place], number, id, exchange)
                            .await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a requirement has failed so often that another case of it shows nothing new.
    pub(super) fn has_failed_enough(&self, id: &str, draft: &Draft) -> bool {
        self.ledger.failed_with(id, draft.call.callback.name) >= ENOUGH_FAILURES
    }
}

/// Whether the time is over.
pub(super) fn past(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() > deadline)
}

/// What was broken at a moment: requirements, with the callback where callbacks are told apart.
struct Broken {
    by_callback: bool,
    places: HashSet<(&'static str, Option<&'static str>)>,
}

impl Broken {
    fn now(ledger: &Ledger) -> Self {
        Self {
            by_callback: ledger.tells_callbacks_apart(),
            places: ledger.broken().collect(),
        }
    }

    fn with(&self, callback: &'static str) -> Option<&'static str> {
        self.by_callback.then_some(callback)
    }

    /// The requirements that an exchange breaks and that were whole then.
    fn newly(&self, exchange: &Exchange) -> Vec<&'static str> {
        let with = self.with(exchange.draft.call.callback.name);
        let broken = exchange.judgement.findings.iter();
        broken
            .filter(|finding| finding.defect.is_some())
            .map(|finding| finding.id)
            .filter(|id| !self.places.contains(&(id, with)))
            .collect()
    }
}
