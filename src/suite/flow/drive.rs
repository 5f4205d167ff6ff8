//! Sends the flow, step by step, and tells what came of each.

use super::course::{Course, Told, hindrance};
use super::look;
use super::plan::{Deed, Planned, blank, plan};
use super::record::StepState;
use crate::gateway::TransportErrorKind;
use crate::protocol::headers::AUTH_HEADER;
use crate::suite::check::{Draft, Expect};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::event::Event;
use crate::suite::judge::Disposition;
use crate::suite::options::Profile;
use crate::suite::session::Bench;
use crate::suite::state::Model;

/// Numbers of the flow's requests begin here, far behind those of other sequences.
pub(super) const NUMBERS: u64 = 1 << 40;
/// Labels of the reads that others build upon.
const CONTROLS: [&str; 2] = ["partner", "customers"];
/// Why nothing is changed.
const NEEDS_WRITE: &str = "needs --write";
/// Why nothing is learnt of the customers.
pub(super) const NO_CUSTOMERS: &str = "the partner has no customer that could be mapped";
/// Why reads of a mirrored partner's customers are not sent.
const NOT_ENABLED: &str = "the partner is not enabled: needs --write";
/// Why another partner is not asked about.
const NO_OTHER: &str = "needs a second partner: --other-identity and --other-secrets";
/// Why an answer shows nothing.
pub(super) const UNREADABLE: &str = "what it says could not be read";
/// Why a list shows nothing of a change.
pub(super) const LISTED_TWICE: &str = "the customer is listed more than once (MAP-03, CMI-06)";
/// Why a refusal shows nothing.
pub(super) const NO_CONTROL: &str = "the same request with the right credentials was not accepted";

impl Engine {
    /// The flow before anything is sent, where the run is to show it.
    pub(crate) fn plan_flow(&mut self) {
        let options = &self.session.options;
        if options.profile == Profile::Verification {
            let steps = plan(options.enablement, options.write, false);
            self.flow = Some(blank(options.enablement, &steps));
        }
    }

    /// Sends the flow, where the run is to show it. Behind it the handler is in the state in which the general requirements
    /// are checked; what was there before is put back at the end of the run.
    pub(crate) async fn show_flow(&mut self) -> Result<(), Stop> {
        if self.flow.is_none() {
            return Ok(());
        }
        let session = self.session.clone();
        let (enablement, write) = (session.options.enablement, session.options.write);
        let closed = match (write, &self.ground) {
            // What was there before is known already where the first control took an enabled partner.
            (true, Some(_)) => None,
            (true, None) => self.survey().await?,
            (false, _) => Some(NEEDS_WRITE.to_owned()),
        };
        if let (Some(reason), true) = (&closed, write) {
            self.notice(reason.clone());
        }
        let known = self.ground.as_ref().map(|ground| ground.model.clone());
        let mut course = Course {
            known: known.is_some(),
            model: known.unwrap_or_else(|| Model::untouched(&session)),
            closed,
            last: None,
            let_in: Vec::new(),
            uncontrolled: Vec::new(),
            accepted: Vec::new(),
            tried_credentials: false,
            failed: Vec::new(),
        };
        let steps = plan(enablement, write, course.is_enabled());
        self.flow = Some(blank(enablement, &steps));
        self.trail.clear();
        let result = self.take_steps(&mut course, &steps).await;
        // Where the partner was never to be enabled rightly, it shows nothing that it was not enabled wrongly.
        self.controlled(&mut course, false);
        self.trail.clear();
        self.note_broken();
        session.set_bench(Bench::default());
        let Some(ground) = &mut self.ground else {
            return result;
        };
        ground.model = course.model;
        result?;
        self.try_failed_steps(course.failed).await?;
        self.set_bench().await
    }

    /// Writes down which requirements are broken so far.
    pub(crate) fn note_broken(&mut self) {
        let mut broken: Vec<&'static str> = self.ledger.failing().map(|(id, _)| id).collect();
        broken.sort_unstable();
        if let Some(flow) = &mut self.flow {
            flow.broken = broken;
        }
    }

    async fn take_steps(&mut self, course: &mut Course, steps: &[Planned]) -> Result<(), Stop> {
        for (place, planned) in steps.iter().enumerate() {
            if self.interrupt.is_triggered() {
                return Err(Stop::Interrupted);
            }
            let told = match self.prevented(course, steps, planned) {
                Some(reason) => Told::not_shown(reason),
                None => self.take_step(course, planned, place).await?,
            };
            let lost = told.exchange.as_ref().is_some_and(|exchange| {
                exchange.broken().is_some()
                    && exchange.broken() != Some(TransportErrorKind::Connect)
            });
            let accepted = |exchange: &Exchange| exchange.judgement.accepted();
            if told.exchange.as_ref().is_some_and(accepted) {
                course.accepted.push(planned.label);
            }
            let action = planned.action;
            if let Some(exchange) = &told.exchange {
                let status = look::observed(exchange, "");
                self.trail
                    .push(format!("{}, to {action}: {status}", planned.callback.name));
            }
            self.enter_step(place, told);
            if course.known {
                self.session.set_bench(course.model.bench());
            }
            if lost {
                let context = format!("a callback got no answer ({action})");
                self.wait_until_well(&context).await?;
            }
        }
        Ok(())
    }

    /// Writes down what came of a step, and tells it.
    fn enter_step(&mut self, place: usize, told: Told) {
        let latency = told.exchange.as_ref().map(|one| one.observation.total);
        let observed = told.observed.map(|text| match &told.exchange {
            Some(exchange) => self.masked(exchange, &text),
            None => text,
        });
        let Some(flow) = &mut self.flow else { return };
        let Some(step) = flow.steps.get_mut(place) else {
            return;
        };
        step.latency = latency;
        step.observed = observed;
        step.state = told.state;
        step.broken = told.broken;
        let (step, of) = (step.clone(), flow.steps.len());
        self.tell(Event::Step {
            number: place + 1,
            of,
            step: &step,
        });
    }

    /// Why a step is not sent; `None` when it is.
    fn prevented(&self, course: &Course, steps: &[Planned], planned: &Planned) -> Option<String> {
        if let (Some(reason), true) = (&course.closed, planned.writes) {
            return Some(reason.clone());
        }
        let flow = self.flow.as_ref()?;
        let labelled = |label: &&'static str| {
            let label = *label;
            let place = steps.iter().position(|step| step.label == label)?;
            Some((label, place + 1, &flow.steps.get(place)?.state))
        };
        for (label, number, state) in planned.after.iter().filter_map(labelled) {
            // To build upon what was read takes an answer, not that it is what it should be.
            let enough = CONTROLS.contains(&label) && course.accepted.contains(&label);
            match state {
                StepState::Failed if !enough => return Some(format!("step {number} failed")),
                StepState::NotShown(_) => return Some(format!("step {number} was not shown")),
                _ => {}
            }
        }
        let second = match planned.deed {
            Deed::ReadPartner(1) | Deed::ReadCustomers(1) => course.model.parties.len() > 1,
            Deed::ReadForeign => self.session.other_credentials().is_some(),
            _ => true,
        };
        if !second {
            let without = self.session.why_without_other();
            return Some(match (&self.session.options.other_credentials, without) {
                (None, _) => NO_OTHER.to_owned(),
                (_, Some(reason)) => reason.to_owned(),
                (_, None) => hindrance(flow, "the two partners cannot be told apart"),
            });
        }
        let enabled = course.is_enabled();
        let certain = enabled || self.session.is_certain(planned.callback);
        match planned.deed {
            Deed::ReadTopology if !certain => Some(hindrance(flow, NOT_ENABLED)),
            // What is read behind the end of the partner builds upon it.
            Deed::ReadCustomers(0) if !certain && planned.label == "customers" => {
                Some(hindrance(flow, NOT_ENABLED))
            }
            _ => None,
        }
    }

    async fn take_step(
        &mut self,
        course: &mut Course,
        planned: &Planned,
        place: usize,
    ) -> Result<Told, Stop> {
        let number = NUMBERS + place as u64;
        match planned.deed {
            Deed::Case(id) => self.case_step(course, planned, id, number).await,
            Deed::Change(kind, manner) => {
                self.change_step(course, planned, kind, manner, place).await
            }
            Deed::ReadPartner(party) => self.look_step(course, planned, party, true, number).await,
            Deed::ReadCustomers(party) => {
                self.look_step(course, planned, party, false, number).await
            }
            Deed::ReadTopology => self.topology_step(course, planned, number).await,
            Deed::ReadForeign => self.foreign_step(course, planned, number).await,
        }
    }

    /// Sends a step. A right request that got no answer, or was turned away behind wrong credentials, is sent once more when
    /// the handler is well: it may have been started anew, or have locked the account for a while.
    pub(super) async fn deliver_step(
        &mut self,
        course: &Course,
        about: &'static str,
        draft: Draft,
    ) -> Result<Exchange, Stop> {
        let exchange = self.exchange_firmly(about, draft.clone()).await?;
        if draft.expect != Expect::Accept {
            return Ok(exchange);
        }
        let denied = course.tried_credentials
            && matches!(
                exchange.judgement.disposition,
                Disposition::Refused(401 | 403 | 423) | Disposition::Slower
            );
        let lost = exchange.broken().is_some();
        let again = lost || (denied && self.turns_everybody_away().await?);
        if !again {
            return Ok(exchange);
        }
        let context = format!("a right request was not accepted ({})", draft.name);
        match self.wait_until_well(&context).await {
            Ok(_) => self.exchange(about, draft).await,
            Err(stop) if denied => Err(self.locked_out(&[exchange], stop)),
            Err(stop) => {
                self.settle(&exchange);
                Err(stop)
            }
        }
    }

    /// A text without the secrets of an exchange.
    fn masked(&self, exchange: &Exchange, text: &str) -> String {
        let auth = exchange.message.header(AUTH_HEADER).unwrap_or_default();
        self.mask.and_value(auth).text(text)
    }

    /// Whether the control is no longer accepted.
    async fn turns_everybody_away(&mut self) -> Result<bool, Stop> {
        let draft = self.fence_draft("a right request");
        let exchange = self.exchange("ROB-11", draft).await?;
        Ok(!exchange.judgement.accepted())
    }
}
