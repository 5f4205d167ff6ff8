//! The way through a run: what comes behind what.

use std::time::Instant;

use super::check::{Draft, Expect, Method};
use super::engine::{Engine, Stop};
use super::judge::Defect;
use super::plan::{Plan, Procedures, TELLING_GENERATED, sends_customs, unmet};
use super::requirement::{Level, Requirement};
use super::state::{TELLING_SEQUENCES, form_of};
use super::{checks, endpoints, expiry, register};
use crate::protocol::{Callback, Family};

/// Steps of a generated sequence, more or less, for the estimate.
const STEPS_A_SEQUENCE: u64 = 9;
/// Why nothing about what is remembered is checked.
const NO_STATE: &str =
    "these enablement methods have no predefined callback: --partner and --customer";
/// Why nothing is checked at all.
const NO_CONTROL: &str = "these enablement methods have no callbacks of their own, so there must be a [[callback]] with `changes-data = false`: \
    whether the handler is well can be asked of it at any time";

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
        let is_selected = |id| selected.iter().any(|one| one.id == id);
        if is_selected(endpoints::NAMED) {
            self.meet_endpoints().await?;
        }
        if is_selected(expiry::EXPIRED) {
            self.use_short_lived_token().await?;
        }
        self.show_flow().await?;
        let sequences = self.prepare_sequences(selected).await?;
        self.meet_other_partner(selected).await?;
        self.judge_decoding();
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
        self.use_expired_token().await?;
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
            self.names_stay().await?;
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
            let about = match (certain, callback.changes_data) {
                (true, _) => form_of(callback),
                (false, true) => "ROB-17",
                (false, false) => "ROB-20",
            };
            // What asks for what is so already may be sent again, whatever the callback.
            self.flaky.begin();
            let first = self.exchange(about, draft.clone()).await?;
            let mut exchange = self.sifted(first, false).await?;
            if exchange.broken().is_some() {
                // It may have fallen by itself just then.
                if let Err(stop) = self.wait_until_well("a right request got no answer").await {
                    self.settle(&exchange);
                    return Err(stop);
                }
                exchange = self.exchange(about, draft).await?;
            }
            match exchange.defect(about).cloned() {
                _ if certain => self.settle(&exchange),
                Some(defect) => {
                    self.settle_others(&exchange, about);
                    self.accuse(about, defect, &exchange);
                }
                // What no document says how to answer, once, is no evidence.
                None => self.settle_others(&exchange, about),
            }
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
}
