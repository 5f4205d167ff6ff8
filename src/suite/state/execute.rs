//! One step: sent, taken, and the state held against the model.

use super::aftermath::{Again, LATE};
use super::answers::{Attempt, is_too_long};
use super::attribute::{Difference, NOT_ISOLATED, Taken, anothers, differences};
use super::credit::{has_crowd, is_shown, kept};
use super::deliver::{names_given, told};
use super::model::{Action, Duty, Manner, Model, Step};
use super::observe::View;
use super::passing::ALL_LISTED;
use super::remember::{learn_customers, remember, resynchronise};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::Defect;

/// Why nothing was learnt of requests at the same time.
const ALONE: &str = "the handler is so slow that no two requests were under way at once";

/// What of a sequence is entered in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recording {
    /// All of it.
    Everything,
    /// Nothing, while a shorter sequence is looked for.
    Nothing,
    /// The evidence for one requirement, in place of that of the longer sequence.
    Smallest(&'static str),
}

impl Engine {
    /// Runs a step against handler and model: the requirements that it broke. Behind it the model holds what the handler
    /// shows.
    pub(super) async fn step(
        &mut self,
        model: &mut Model,
        step: &Step,
    ) -> Result<Vec<&'static str>, Stop> {
        let before = (model.parties.iter())
            .map(|party| party.state.clone())
            .collect();
        let duty = match model.duty(step) {
            Duty::Accept(_) if self.is_spoilt(model, step) => Duty::Free,
            Duty::Accept(id) => Duty::Accept(self.simplest(model.simpler(id, step), id)),
            other => other,
        };
        let number = self.next_request();
        if matches!(
            step.manner,
            Manner::Parallel | Manner::Rivals | Manner::InLists
        ) {
            // Numbers that the single requests take.
            for _ in 0..16 {
                self.next_request();
            }
        }
        let calls = model.calls(&self.session, number, step);
        model.meet(step, false);
        let text = model.describe(step);
        let exchanges = self.deliver(model, step, duty, &calls, &text).await?;
        self.trail.push(format!("{text}: {}", told(&exchanges)));

        let mut broken = Vec::new();
        let too_long = exchanges.iter().any(|one| is_too_long(step, one));
        let duty = if too_long { Duty::Free } else { duty };
        let mut attempt = Attempt::new(step, before, duty, exchanges);
        self.judge_answers(model, &mut attempt, &mut broken);
        if (attempt.exchanges.iter()).any(|exchange| exchange.broken().is_some()) {
            let context = format!("a callback got no answer ({text})");
            self.wait_until_well(&context).await?;
        }
        remember(model, &attempt);
        if let Some(ground) = &mut self.ground
            && attempt.taken != Taken::Refused
        {
            ground.named.extend(names_given(model, step));
            ground.changed |= step.changes_customers();
        }
        let (mut views, reads) = self.observe(model).await?;
        if attempt.taken == Taken::Accepted {
            model.take_in(step, views[step.party].customers.as_ref());
        }
        if !model.maps_partners() {
            self.learn_namesakes(model, &views).await?;
        }
        self.judge_lists(model, &attempt, &views, &reads, &mut broken);
        // Nothing can be held against a handler's state when it is not known what it took.
        if !attempt.wrongly_accepted() && attempt.taken != Taken::Unclear {
            self.compare(model, &attempt, &mut views, &reads, &mut broken)
                .await?;
        }
        self.tell_few_customers(model, step);
        self.is_accepted_again(&attempt, &mut broken).await?;
        resynchronise(model, &views);
        Ok(broken)
    }

    /// Judges what the lists of customers show whatever the step did: somebody else's customers, and customers twice.
    fn judge_lists(
        &mut self,
        model: &mut Model,
        attempt: &Attempt<'_>,
        views: &[View],
        reads: &[Exchange],
        broken: &mut Vec<&'static str>,
    ) {
        let list = |place: usize| reads.get(views[place].shown_by.1?);
        let seen = (1..views.len())
            .find_map(|place| Some((place, anothers(model, place, views)?, list(place)?)));
        if let Some((place, customer, exchange)) = seen {
            let name = model.parties[place].name;
            let defect = Defect {
                expected: format!("{name} sees its own customers"),
                observed: format!("{name} sees {customer:?}, who is the first partner's"),
            };
            self.blame(NOT_ISOLATED, defect, exchange, broken);
        } else if !model.maps_partners() {
            learn_customers(model, views);
        }
        let twice = self.listed_again(model, attempt.step, attempt.taken, views);
        if let (Some((id, defect)), Some(exchange)) = (twice, list(attempt.step.party)) {
            self.blame(id, defect, exchange, broken);
        }
    }

    /// Holds what is shown against the model. Behind it the views are those that were read last.
    async fn compare(
        &mut self,
        model: &Model,
        attempt: &Attempt<'_>,
        views: &mut Vec<View>,
        reads: &[Exchange],
        broken: &mut Vec<&'static str>,
    ) -> Result<(), Stop> {
        let (step, taken) = (attempt.step, attempt.taken);
        let wrong = |engine: &Engine, views: &[View]| {
            differences(model, &attempt.before, step, taken, views, &engine.ledger)
        };
        let mut found = wrong(self, views);
        let differs = !found.is_empty();
        let may_be_late = differs && taken == Taken::Accepted;
        let is_late =
            |engine: &Engine, views: &[View]| may_be_late && wrong(engine, views).is_empty();
        if differs || self.is_to_be_read_twice(step, taken) {
            let again = match self.look_again(model, views, broken, is_late).await? {
                Again::Steady if may_be_late && self.comes_late(model, views, is_late).await? => {
                    Again::Late
                }
                again => again,
            };
            match again {
                Again::Steady => {}
                // What changes by itself is neither held against a write, nor evidence for it.
                Again::Changing => return Ok(()),
                Again::Late => {
                    let observed = found.iter_mut().map(|one| &mut one.defect.observed);
                    observed.for_each(|text| text.push_str(LATE));
                }
            }
        }
        let shown = is_shown(model, step, &views[step.party]);
        let kept_all = found.is_empty() && broken.is_empty();
        if kept_all && shown && attempt.none_at_fault && !attempt.neither {
            let at_once = self.session.options.concurrency.min(self.pace().limit()) > 1;
            for id in kept(model, attempt, views, at_once) {
                self.kept(id);
            }
            if let (Some(id), false) = (step.manner.of_company(), at_once) {
                self.ledger.unexercised(id, ALONE);
            }
        }
        for Difference {
            id,
            defect,
            shown_by,
        } in found
        {
            if let Some(exchange) = shown_by.and_then(|place| reads.get(place)) {
                self.blame(id, defect, exchange, broken);
            }
        }
        Ok(())
    }

    /// Tells how many customers a handler took, where it let less than a crowd be enabled.
    fn tell_few_customers(&mut self, model: &Model, step: &Step) {
        let Action::Change { changes, .. } = &step.action else {
            return;
        };
        let enables = changes.iter().all(|(_, to)| to.is_some());
        if step.manner == Manner::InLists && enables && !has_crowd(model, step) {
            let most = model.parties[step.party].enabled_customers();
            self.ledger.unexercised(
                ALL_LISTED,
                format!("the handler let {most} customers at most be enabled below one partner"),
            );
        }
    }

    /// Whether a repeated delivery has left customers that are there twice: what may be done with these is not documented.
    fn is_spoilt(&self, model: &Model, step: &Step) -> bool {
        let repeated = ["ROB-17", "ROB-18"]
            .iter()
            .any(|id| self.ledger.failed(id) > 0);
        let twice = !model.parties[step.party].ever_repeated.is_empty();
        repeated && twice && matches!(step.action, Action::Change { .. })
    }

    /// Enters a defect once a step.
    pub(super) fn blame(
        &mut self,
        id: &'static str,
        defect: Defect,
        exchange: &Exchange,
        broken: &mut Vec<&'static str>,
    ) {
        if broken.contains(&id) {
            return;
        }
        broken.push(id);
        match self.recording {
            Recording::Everything => self.accuse(id, defect, exchange),
            Recording::Nothing => {}
            Recording::Smallest(wanted) => {
                if wanted == id {
                    let evidence = self.evidence(id, defect, exchange);
                    self.ledger.replace_first(id, evidence);
                }
            }
        }
    }

    pub(super) fn kept(&mut self, id: &'static str) {
        if self.recording == Recording::Everything {
            self.ledger.pass(id);
        }
    }

    /// The first of these that is broken already, or else this one.
    pub(super) fn simplest(&self, simpler: &[&'static str], id: &'static str) -> &'static str {
        let broken = simpler.iter().find(|id| self.ledger.failed(id) > 0);
        broken.copied().unwrap_or(id)
    }
}
