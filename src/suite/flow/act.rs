//! Steps that change something: the request itself, or what the handler remembers.

use super::course::{Change, Course, Told, hindrance, simplest};
use super::drive::{NO_CONTROL, NO_CUSTOMERS, NUMBERS};
use super::plan::Planned;
use super::record::StepState;
use crate::protocol::Callback;
use crate::suite::check::{Check, Draft, Expect, Method};
use crate::suite::checks;
use crate::suite::engine::{Engine, Stop};
use crate::suite::flaky::STEADY;
use crate::suite::plan::unmet;
use crate::suite::register;
use crate::suite::session::Session;
use crate::suite::state::{self, Action, Duty, Intent, Kind, Manner, Taken};

impl Engine {
    /// The accepted read with one thing changed, as the check of a requirement sends it.
    pub(super) async fn case_step(
        &mut self,
        course: &mut Course,
        planned: &Planned,
        id: &'static str,
        number: u64,
    ) -> Result<Told, Stop> {
        let session = self.session.clone();
        if register::matches_any(&session.options.skip, id) {
            return Ok(Told::not_shown(format!("--skip leaves out {id}")));
        }
        let Some(check) = checks::all().iter().find(|check| check.id == id) else {
            return Err(Stop::Fault(format!(
                "the flow names {id}, which has no check"
            )));
        };
        if let Some(reason) = unmet(&session, check) {
            return Ok(Told::not_shown(reason));
        }
        let Some(mut draft) = telling_case(&session, check, planned.callback) else {
            return Ok(Told::not_shown("there is no such case with these settings"));
        };
        let own = session.request_id(planned.callback, "flow", number);
        draft.call = draft.call.renamed(own);
        course.tried_credentials |= id.starts_with("CRED-") && draft.expect != Expect::Accept;
        // It shows by itself, whatever was changed before.
        let trail = std::mem::take(&mut self.trail);
        let exchange = self.deliver_step(course, id, draft).await;
        if let Ok(exchange) = &exchange {
            self.settle(exchange);
        }
        self.trail = trail;
        Ok(self.shown_by_step(exchange?, Vec::new(), ""))
    }

    /// A change, or an attempt at one.
    pub(super) async fn change_step(
        &mut self,
        course: &mut Course,
        planned: &Planned,
        kind: Kind,
        manner: Manner,
        place: usize,
    ) -> Result<Told, Stop> {
        let session = self.session.clone();
        let kind = match kind {
            // It is enabled already where an attempt that should have been refused was not.
            Kind::Enable(_) if course.is_enabled() && manner == Manner::Plain => Kind::EnableAgain,
            kind => kind,
        };
        let intent = Intent {
            party: 0,
            kind,
            manner,
        };
        let Some(step) = intent.resolve(&course.model) else {
            let flow = self.flow.as_ref();
            let reason = flow.map_or(String::new(), |flow| hindrance(flow, NO_CUSTOMERS));
            return Ok(Told::not_shown(reason));
        };
        let simpler = |id| course.model.simpler(id, &step);
        let (about, expect) = match course.model.duty(&step) {
            Duty::Accept(id) => (simplest(&self.ledger, simpler(id), id), Expect::Accept),
            Duty::Refuse(id) => match manner {
                Manner::Plain => (id, Expect::MALFORMED),
                _ => (id, Expect::BAD_CREDENTIALS),
            },
            Duty::Free => ("ROB-20", Expect::FREE),
        };
        if register::matches_any(&session.options.skip, about) {
            return Ok(Told::not_shown(format!("--skip leaves out {about}")));
        }
        let number = NUMBERS + place as u64;
        let mut calls = course.model.calls(&session, number, &step);
        let Some(call) = calls.pop() else {
            return Err(Stop::Fault(format!(
                "nothing to send, to {}",
                planned.action
            )));
        };
        let mut draft = Draft::new(planned.action, call, expect);
        draft.twin = self.twin(&course.model, &step);
        course.tried_credentials |= matches!(manner, Manner::BadSecret | Manner::BadIdentity);
        let exchange = self.deliver_step(course, about, draft).await?;
        let taken = state::taken(&step, std::slice::from_ref(&exchange));
        if let (Some(ground), true) = (&mut self.ground, taken != Taken::Refused) {
            ground
                .named
                .extend(state::names_given(&course.model, &step));
        }
        let at_stake = state::at_stake(&exchange);
        self.settle_others(&exchange, at_stake);
        let mut more = Vec::new();
        if let Some(defect) = exchange.defect(at_stake).cloned() {
            match self.is_suspect(&exchange) {
                true => {
                    self.suspect(at_stake, defect, &exchange, &mut Vec::new());
                    course.failed.push((place, intent));
                }
                false => self.accuse(at_stake, defect, &exchange),
            }
        }
        if let Some(defect) = state::other_tenant(&course.model, &step, &exchange) {
            more.push(("PMI-03", defect.observed.clone()));
            self.accuse("PMI-03", defect, &exchange);
        }
        let before = course.states();
        let refuse = matches!(expect, Expect::Refuse { .. });
        match (refuse, taken) {
            (true, Taken::Accepted) => course.let_in.push(about),
            (true, Taken::Refused) if manner == Manner::Plain => self.ledger.pass(about),
            (true, Taken::Refused) => course.uncontrolled.push((place, about)),
            (false, Taken::Accepted) => course.model.apply(&step),
            _ => {}
        }
        if matches!(step.action, Action::Enable { .. }) && !refuse {
            self.controlled(course, taken == Taken::Accepted);
        }
        let evidence = (taken == Taken::Accepted && !refuse).then_some(about);
        course.last = Some(Change {
            before,
            step,
            taken,
            evidence,
        });
        Ok(self.shown_by_step(exchange, more, ""))
    }

    /// Does again, from the start of a sequence, what the handler failed at: whether that repeats decides what is blamed.
    pub(super) async fn try_failed_steps(
        &mut self,
        failed: Vec<(usize, Intent)>,
    ) -> Result<(), Stop> {
        let suspects = std::mem::take(&mut self.flaky.suspects);
        for ((place, intent), mut suspect) in failed.into_iter().zip(suspects) {
            suspect.place = Some(0);
            let id = suspect.id;
            self.flaky.suspects.push(suspect);
            self.try_suspects(&[intent]).await?;
            if self.ledger.failed(id) > 0 {
                continue;
            }
            // The step has failed all the same, so it counts.
            self.flaky.counts();
            let flow = self.flow.as_mut();
            if let Some(step) = flow.and_then(|flow| flow.steps.get_mut(place)) {
                step.broken.retain(|broken| *broken != id);
                step.broken.push(STEADY);
                if let Some(observed) = &mut step.observed {
                    observed.push_str(", but not when it was done again: flaky");
                }
            }
        }
        self.note_broken();
        Ok(())
    }

    /// Whether the accepted twin of the refusals before was accepted: without it they show nothing.
    pub(super) fn controlled(&mut self, course: &mut Course, accepted: bool) {
        for (place, id) in course.uncontrolled.drain(..) {
            if accepted {
                self.ledger.pass(id);
                continue;
            }
            let step = self
                .flow
                .as_mut()
                .and_then(|flow| flow.steps.get_mut(place));
            if let Some(step) = step.filter(|step| step.state != StepState::Failed) {
                step.broken.clear();
                step.state = StepState::NotShown(NO_CONTROL.to_owned());
            }
        }
    }
}

/// The first case of a check, made of this callback.
fn telling_case(session: &Session, check: &Check, callback: &'static Callback) -> Option<Draft> {
    let Method::Cases {
        enumerated: Some(cases),
        ..
    } = check.method
    else {
        return None;
    };
    cases(session, callback).into_iter().next()
}
