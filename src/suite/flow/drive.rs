//! Sends the flow, step by step, and judges what comes back as any other exchange is judged.

use super::course::{Change, Course, Told, hindrance, simplest};
use super::look;
use super::plan::{Deed, Planned, blank, plan};
use super::record::StepState;
use crate::gateway::TransportErrorKind;
use crate::protocol::Callback;
use crate::protocol::headers::AUTH_HEADER;
use crate::suite::call::Call;
use crate::suite::check::{Check, Draft, Expect, Method};
use crate::suite::checks;
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::event::Event;
use crate::suite::judge::{Defect, Disposition};
use crate::suite::options::Profile;
use crate::suite::plan::unmet;
use crate::suite::register;
use crate::suite::session::{Bench, Session, encode_credentials};
use crate::suite::state::{self, Action, Duty, Intent, Kind, Manner, Model, Taken, form_of};

/// Numbers of the flow's requests begin here, far behind those of other sequences.
const NUMBERS: u64 = 1 << 40;
/// Labels of the reads that others build upon.
const CONTROLS: [&str; 2] = ["partner", "customers"];
/// Why nothing is changed.
const NEEDS_WRITE: &str = "needs --write";
/// Why nothing is learnt of the customers.
const NO_CUSTOMERS: &str = "the partner has no customer that could be mapped";
/// Why reads of a mirrored partner's customers are not sent.
const NOT_ENABLED: &str = "the partner is not enabled: needs --write";
/// Why another partner is not asked about.
const NO_OTHER: &str = "needs a second partner: --other-identity and --other-secrets";
/// Why another partner shows nothing.
const OTHER_REFUSED: &str =
    "the other partner's credentials were not accepted: --other-identity and --other-secrets";
/// Why a refusal shows nothing.
const NO_CONTROL: &str = "the same request with the right credentials was not accepted";

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
        let closed = match write {
            true => self.survey().await?,
            false => Some(NEEDS_WRITE.to_owned()),
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
        };
        let steps = plan(enablement, write, course.is_enabled());
        self.flow = Some(blank(enablement, &steps));
        self.trail.clear();
        let result = self.take_steps(&mut course, &steps).await;
        self.trail.clear();
        self.note_broken();
        session.set_bench(Bench::default());
        let Some(ground) = &mut self.ground else {
            return result;
        };
        ground.model = course.model;
        result?;
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
            let told = match self.prevented(course, steps, planned) {
                Some(reason) => Told::not_shown(reason),
                None => self.take(course, planned, place).await?,
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
            self.enter(place, told);
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
    fn enter(&mut self, place: usize, told: Told) {
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
            Deed::ReadForeign => self.session.options.other_credentials.is_some(),
            _ => true,
        };
        if !second {
            return Some(match self.session.options.other_credentials {
                None => NO_OTHER.to_owned(),
                Some(_) => hindrance(flow, "the two partners cannot be told apart"),
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

    async fn take(
        &mut self,
        course: &mut Course,
        planned: &Planned,
        place: usize,
    ) -> Result<Told, Stop> {
        let number = NUMBERS + place as u64;
        match planned.deed {
            Deed::Case(id) => self.case(course, planned, id, number).await,
            Deed::Change(kind, manner) => self.change(course, planned, kind, manner, place).await,
            Deed::ReadPartner(party) => self.look(course, planned, party, true, number).await,
            Deed::ReadCustomers(party) => self.look(course, planned, party, false, number).await,
            Deed::ReadTopology => self.topology(course, planned, number).await,
            Deed::ReadForeign => self.foreign(course, planned, number).await,
        }
    }

    /// The accepted read with one thing changed, as the check of a requirement sends it.
    async fn case(
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
        let own = session.request_id("flow", number);
        draft.call.body = checks::replace(&draft.call.body, &draft.call.request_id, &own);
        draft.call.request_id = own;
        course.tried_credentials |= id.starts_with("CRED-") && draft.expect != Expect::Accept;
        // It shows by itself, whatever was changed before.
        let trail = std::mem::take(&mut self.trail);
        let exchange = self.deliver_step(course, id, draft).await;
        if let Ok(exchange) = &exchange {
            self.settle(exchange);
        }
        self.trail = trail;
        Ok(self.shown(exchange?, Vec::new(), ""))
    }

    /// A change, or an attempt at one.
    async fn change(
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
        self.settle_others(&exchange, about);
        let mut more = Vec::new();
        if let Some(defect) = exchange.defect(about).cloned() {
            self.accuse(about, defect, &exchange);
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
        Ok(self.shown(exchange, more, ""))
    }

    /// Whether the accepted twin of the refusals before was accepted: without it they show nothing.
    fn controlled(&mut self, course: &mut Course, accepted: bool) {
        for (place, id) in course.uncontrolled.drain(..) {
            if accepted {
                self.ledger.pass(id);
                continue;
            }
            let step = self
                .flow
                .as_mut()
                .and_then(|flow| flow.steps.get_mut(place));
            if let Some(step) = step {
                step.state = StepState::NotShown(NO_CONTROL.to_owned());
            }
        }
    }

    /// A read of what a partner has, held against what it should have.
    async fn look(
        &mut self,
        course: &mut Course,
        planned: &Planned,
        party: usize,
        of_partner: bool,
        number: u64,
    ) -> Result<Told, Stop> {
        let callback = planned.callback;
        let state = &course.model.parties[party].state;
        let by_credentials = self.session.is_certain(callback) && course.last.is_none();
        let certain = of_partner || state.enabled.is_some() || by_credentials;
        let (about, expect) = match certain {
            true => (
                state::about(callback, &course.model.parties[party]),
                Expect::Accept,
            ),
            false => ("ROB-20", Expect::FREE),
        };
        let call = read(course, &self.session, callback, party, number);
        let mut exchange = self
            .deliver_step(course, about, Draft::new(planned.action, call, expect))
            .await?;
        if !certain && exchange.judgement.accepted() {
            // It was free to refuse; an answer keeps its form all the same.
            exchange = self.judged_as_right(exchange, form_of(callback));
        }
        self.settle(&exchange);
        let whole = exchange
            .judgement
            .findings
            .iter()
            .all(|one| one.defect.is_none());
        if !whole || exchange.judgement.disposition == Disposition::Slower {
            return Ok(self.shown(exchange, Vec::new(), ""));
        }
        let view = state::view(&course.model, party, of_partner, &exchange);
        let seen = look::told(&course.model, &view);
        let found = look::compare(course, callback, party, &view, &self.ledger);
        let mut more = Vec::new();
        if !course.let_in.is_empty() && party == 0 {
            // What was done is the doing of whom the handler let in, which is told already.
            let by = std::mem::take(&mut course.let_in);
            if let Some((_, defect)) = found.first() {
                more.extend(by.into_iter().map(|id| (id, defect.observed.clone())));
            }
        } else {
            if let (true, Some(change), 0) = (found.is_empty(), &mut course.last, party)
                && let Some(id) = change.evidence.take()
            {
                self.ledger.pass(id);
            }
            let mistaken = look::mistaken(&course.model, party, &view);
            for (id, defect) in found.into_iter().chain(mistaken) {
                if more.iter().all(|(known, _)| *known != id) {
                    more.push((id, defect.observed.clone()));
                    self.accuse(id, defect, &exchange);
                }
            }
        }
        look::take_over(&mut course.model, party, &view);
        Ok(self.shown(exchange, more, &seen))
    }

    /// The customers on the vendor's side.
    async fn topology(
        &mut self,
        course: &mut Course,
        planned: &Planned,
        number: u64,
    ) -> Result<Told, Stop> {
        let call = read(course, &self.session, planned.callback, 0, number);
        let draft = Draft::new(planned.action, call, Expect::Accept);
        let exchange = self.deliver_step(course, "TOP-01", draft).await?;
        self.settle(&exchange);
        let listed = look::listed(&exchange, "id").unwrap_or_default();
        for id in &listed {
            look::learn_customer(&mut course.model, id);
        }
        let seen = match exchange.judgement.payload() {
            Some(_) => format!("{} listed", listed.len()),
            None => String::new(),
        };
        Ok(self.shown(exchange, Vec::new(), &seen))
    }

    /// The mapping as another partner sees it.
    async fn foreign(
        &mut self,
        course: &Course,
        planned: &Planned,
        number: u64,
    ) -> Result<Told, Stop> {
        let (id, member) = match planned.callback.name {
            "topology.read" => ("TOP-06", "id"),
            _ => ("MAP-08", "vendor_tenant_id"),
        };
        let session = self.session.clone();
        let own: Vec<String> = (course.model.parties[0].state.customers.keys().cloned()).collect();
        if own.is_empty() {
            return Ok(Told::not_shown(
                "the partner has no customers that could be shown to another",
            ));
        }
        let mut call = session.case_control(planned.callback, "flow foreign", number);
        let other = session.options.other_credentials.as_ref();
        call.auth = other.map(encode_credentials);
        let draft = Draft::new(planned.action, call, Expect::Accept);
        let exchange = self.exchange(id, draft).await?;
        let Some(others) = look::listed(&exchange, member) else {
            let observed = look::observed(&exchange, "");
            return Ok(Told::unclear(exchange, OTHER_REFUSED, observed));
        };
        self.settle_others(&exchange, id);
        let shared = others.iter().filter(|id| own.contains(id)).count();
        let seen = format!("{} listed, {shared} of them this partner's", others.len());
        let defect = (shared > 0).then(|| Defect {
            expected: "none of the first partner's customers".to_owned(),
            observed: seen.clone(),
        });
        let more = defect.iter().map(|_| (id, seen.clone())).collect();
        self.conclude(id, defect, &exchange);
        Ok(self.shown(exchange, more, &seen))
    }

    /// What came of a step that was sent: the defects of the exchange, and these beside it.
    fn shown(&self, exchange: Exchange, more: Vec<(&'static str, String)>, seen: &str) -> Told {
        let findings = exchange.judgement.findings.iter();
        let mut broken: Vec<(&'static str, String)> = findings
            .filter_map(|one| Some((one.id, one.defect.as_ref()?.observed.clone())))
            .collect();
        for (id, observed) in more {
            if broken.iter().all(|(known, _)| *known != id) {
                broken.push((id, look::observed(&exchange, &observed)));
            }
        }
        match exchange.judgement.disposition {
            Disposition::Slower => {
                let observed = look::observed(&exchange, "");
                return Told::unclear(exchange, "answered 429 again and again", observed);
            }
            Disposition::NoAnswer(kind) if broken.is_empty() => {
                return Told::unclear(exchange, "no answer came", kind.to_string());
            }
            _ => {}
        }
        let strict = self.session.options.strict;
        let observed = match broken.first() {
            Some((_, observed)) => observed.clone(),
            None => look::observed(&exchange, seen),
        };
        let broken = broken.into_iter().map(|(id, _)| id).collect();
        Told::shown(exchange, broken, observed, strict)
    }

    /// Sends a step. A right request that got no answer, or was turned away behind wrong credentials, is sent once more when
    /// the handler is well: it may have been started anew, or have locked the account for a while.
    async fn deliver_step(
        &mut self,
        course: &Course,
        about: &'static str,
        draft: Draft,
    ) -> Result<Exchange, Stop> {
        let exchange = self.exchange(about, draft.clone()).await?;
        if draft.expect != Expect::Accept {
            return Ok(exchange);
        }
        let denied = course.tried_credentials
            && matches!(
                exchange.judgement.disposition,
                Disposition::Refused(401 | 403 | 423) | Disposition::Slower
            );
        let lost = exchange.broken().is_some();
        if !lost && !(denied && self.turns_everybody_away().await?) {
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
        self.fences += 1;
        let session = self.session.clone();
        let call = session.case_control(session.main_callback(), "fence", self.fences);
        let draft = self.control(call, "a right request");
        let exchange = self.exchange("ROB-11", draft).await?;
        Ok(!exchange.judgement.accepted())
    }
}

/// A reading request of a partner.
fn read(
    course: &Course,
    session: &Session,
    callback: &'static Callback,
    party: usize,
    number: u64,
) -> Call {
    let tenant = course.model.parties[party].tenant().to_owned();
    let payload = session.template(callback).payload;
    course
        .model
        .call(session, number, party, (callback, payload, tenant))
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

impl Course {
    /// Whether the first partner is enabled, as far as is known.
    fn is_enabled(&self) -> bool {
        self.model.parties[0].state.enabled.is_some()
    }

    /// What every partner has.
    fn states(&self) -> Vec<state::PartyState> {
        (self.model.parties.iter())
            .map(|party| party.state.clone())
            .collect()
    }
}
