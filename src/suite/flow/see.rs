//! Steps that read, and what their answers show.

use super::course::{Course, Told};
use super::drive::{LISTED_TWICE, UNREADABLE};
use super::look;
use super::plan::Planned;
use crate::protocol::Callback;
use crate::suite::call::Call;
use crate::suite::check::{Draft, Expect};
use crate::suite::checks;
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::Disposition;
use crate::suite::other_partner::OTHER_DENIED;
use crate::suite::register;
use crate::suite::session::{Session, encode_credentials};
use crate::suite::state::{self, form_of};

/// Why another partner's list shows nothing.
const SAME_IDS: &str = "both partners list customers of the same ids, and their names are not told";

impl Engine {
    /// A read of what a partner has, held against what it should have.
    pub(super) async fn look_step(
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
        // An obligation about the answer goes before what it says; advice must not hide what it says.
        if exchange.judgement.disposition == Disposition::Slower || breaks_obligation(&exchange) {
            return Ok(self.shown_by_step(exchange, Vec::new(), ""));
        }
        let view = state::view(&course.model, party, of_partner, &exchange);
        let refused = matches!(exchange.judgement.disposition, Disposition::Refused(_));
        let silent = match of_partner {
            true => view.enabled.is_none(),
            // A refusal, where it is right, is as good as an empty list.
            false => view.customers.is_none() && (certain || !refused),
        };
        if silent {
            let observed = look::observed(&exchange, "");
            return Ok(Told::unclear(exchange, UNREADABLE, observed));
        }
        let seen = look::told(&course.model, &view);
        let found = look::compare(course, callback, party, &view, &self.ledger);
        let mut more = Vec::new();
        if found.is_empty() && look::is_ambiguous(course, &view) {
            look::take_over(&mut course.model, party, &view);
            let observed = look::observed(&exchange, &seen);
            return Ok(Told::unclear(exchange, LISTED_TWICE, observed));
        }
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
        Ok(self.shown_by_step(exchange, more, &seen))
    }

    /// The customers on the vendor's side.
    pub(super) async fn topology_step(
        &mut self,
        course: &mut Course,
        planned: &Planned,
        number: u64,
    ) -> Result<Told, Stop> {
        let call = read(course, &self.session, planned.callback, 0, number);
        let draft = Draft::new(planned.action, call, Expect::Accept);
        let exchange = self.deliver_step(course, "TOP-01", draft).await?;
        self.settle(&exchange);
        let Some(listed) = look::listed(&exchange, "id") else {
            return Ok(match breaks_obligation(&exchange) {
                true => self.shown_by_step(exchange, Vec::new(), ""),
                false => {
                    let observed = look::observed(&exchange, "");
                    Told::unclear(exchange, UNREADABLE, observed)
                }
            });
        };
        for id in &listed {
            look::learn_customer(&mut course.model, id);
        }
        let seen = format!("{} listed", listed.len());
        Ok(self.shown_by_step(exchange, Vec::new(), &seen))
    }

    /// The mapping as another partner sees it.
    pub(super) async fn foreign_step(
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
        let other = session.other_credentials();
        call.auth = other.map(encode_credentials);
        let draft = Draft::new(planned.action, call, Expect::Accept);
        let exchange = self.exchange_firmly(id, draft).await?;
        let Some(others) = look::listed(&exchange, member) else {
            let observed = look::observed(&exchange, "");
            return Ok(Told::unclear(exchange, OTHER_DENIED, observed));
        };
        self.settle_others(&exchange, id);
        let shared = others.iter().filter(|id| own.contains(id)).count();
        if shared == 0 {
            let seen = format!("{} listed, none of them this partner's", others.len());
            self.conclude(id, None, &exchange);
            return Ok(self.shown_by_step(exchange, Vec::new(), &seen));
        }
        // They may have the same ids by chance: then their names differ.
        let call = session.case_control(planned.callback, "flow own", number);
        let draft = Draft::new(planned.callback.name, call, Expect::Accept);
        let mine = self
            .exchange_firmly(form_of(planned.callback), draft)
            .await?;
        let both = (mine.judgement.payload(), exchange.judgement.payload());
        if let (Some(mine), Some(others)) = (both.0.cloned(), both.1.cloned()) {
            let of = (planned.callback, id);
            checks::conclude_isolation(self, of, (&mine, &others), &exchange).await?;
        }
        let seen = format!(
            "{} listed, {shared} of them with ids of this partner's",
            others.len()
        );
        let entry = self.ledger.get(id);
        let (cases, failed) = entry.map_or((0, 0), |entry| (entry.cases, entry.failed));
        match (failed > 0, cases > 0) {
            (true, _) => {
                let more = vec![(id, seen.clone())];
                Ok(self.shown_by_step(exchange, more, &seen))
            }
            (false, true) => {
                let seen = format!("{seen}, but other names");
                Ok(self.shown_by_step(exchange, Vec::new(), &seen))
            }
            (false, false) => Ok(Told::unclear(exchange, SAME_IDS, seen)),
        }
    }

    /// What came of a step that was sent: the defects of the exchange, and these beside it.
    pub(super) fn shown_by_step(
        &self,
        exchange: Exchange,
        more: Vec<(&'static str, String)>,
        seen: &str,
    ) -> Told {
        let findings = exchange.judgement.findings.iter();
        let mut broken: Vec<(&'static str, String)> = findings
            .filter_map(|one| Some((one.id, one.defect.as_ref()?.observed.clone())))
            .collect();
        for (id, observed) in more {
            if broken.iter().all(|(known, _)| *known != id) {
                broken.push((id, observed));
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
            Some((_, observed)) if observed.starts_with("status ") => observed.clone(),
            Some((_, observed)) => look::observed(&exchange, observed),
            None => look::observed(&exchange, seen),
        };
        let broken = broken.into_iter().map(|(id, _)| id).collect();
        Told::shown(exchange, broken, observed, strict)
    }

    /// The same exchange, judged as the answer to a right request.
    fn judged_as_right(&self, exchange: Exchange, about: &'static str) -> Exchange {
        let Exchange {
            mut draft,
            message,
            observation,
            ..
        } = exchange;
        draft.expect = Expect::Accept;
        self.courier.judged(about, draft, message, observation)
    }
}

/// Whether an exchange breaks an obligation.
fn breaks_obligation(exchange: &Exchange) -> bool {
    let mut broken = (exchange.judgement.findings.iter()).filter(|one| one.defect.is_some());
    broken.any(|one| register::find(one.id).is_none_or(|one| one.level.counts(false)))
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
