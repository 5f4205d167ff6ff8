//! One step: sent, taken, and the state held against the model.

use super::aftermath::{Again, LATE};
use super::attribute::{Difference, NOT_ISOLATED, RIVALS, Taken, anothers, differences};
use super::model::{Action, Change, Duty, Manner, Model, PartyState, Step};
use super::observe::View;
use super::passing::{ALL_LISTED, MANY};
use super::remember::{apply_accepted, apply_first, learn_customers, resynchronise};
use crate::protocol::{EnablementMethod, Family};
use crate::suite::call::Call;
use crate::suite::check::{Draft, Expect, Twin};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::{Defect, Disposition};

/// The requirement that what was accepted is accepted again.
const AGAIN: &str = "ROB-25";
/// Requirements without which lists of many cannot take effect.
const LISTS: &[&str] = &["CMI-02", "CMI-03", "CMI-05"];

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
        let before: Vec<PartyState> = model
            .parties
            .iter()
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
        let taken = taken(step, &exchanges);
        self.trail.push(format!("{text}: {}", told(&exchanges)));

        let mut broken = Vec::new();
        let mut none_at_fault = true;
        for exchange in &exchanges {
            self.settle_others(exchange, exchange.about);
            if let Some(defect) = exchange.defect(exchange.about).cloned() {
                none_at_fault = false;
                match self.is_suspect(exchange) {
                    true => self.suspect(defect, exchange, &mut broken),
                    false => self.blame(exchange.about, defect, exchange, &mut broken),
                }
            }
        }
        if let Some(exchange) = exchanges.first()
            && let Some(defect) = other_tenant(model, step, exchange)
        {
            self.blame("PMI-03", defect, exchange, &mut broken);
        }
        let neither =
            matches!(step.manner, Manner::AtOnce | Manner::Rivals) && taken == Taken::Refused;
        // That rivals are in each other's way is nowhere forbidden.
        let blamed = neither
            && step.manner == Manner::AtOnce
            && matches!(duty, Duty::Accept(id) if self.ledger.failed(id) == 0);
        if let (true, Some(exchange)) = (blamed, exchanges.first()) {
            let defect = Defect {
                expected: "one of the two is accepted".to_owned(),
                observed: "both were refused".to_owned(),
            };
            self.blame("ROB-18", defect, exchange, &mut broken);
        }
        let several = several_rivals(step, &exchanges);
        let several_enabled = several.is_some();
        if let Some((defect, exchange)) = several {
            let id = self.simplest(&["ENA-04", "ENA-06"], RIVALS);
            self.blame(id, defect, exchange, &mut broken);
        }

        if let (Some(defect), Some(exchange)) = (self.order_matters(step, taken), exchanges.first())
        {
            self.blame("MAP-13", defect, exchange, &mut broken);
        }
        if exchanges.iter().any(|exchange| exchange.broken().is_some()) {
            let context = format!("a callback got no answer ({text})");
            self.wait_until_well(&context).await?;
        }
        let refusable = matches!(duty, Duty::Refuse(_)) && taken == Taken::Accepted;
        let wrongly_accepted = refusable || several_enabled;
        match step.manner {
            Manner::Parallel | Manner::InLists => apply_accepted(model, step, &exchanges),
            Manner::Rivals if !wrongly_accepted => apply_first(model, step, &exchanges),
            _ if taken == Taken::Accepted && !wrongly_accepted => model.apply(step),
            _ => {}
        }
        if let Some(ground) = &mut self.ground
            && taken != Taken::Refused
        {
            ground.named.extend(names_given(model, step));
        }
        let (views, reads) = self.observe(model).await?;
        if taken == Taken::Accepted {
            model.take_in(step, views[step.party].customers.as_ref());
        }
        let seen = (1..views.len()).find_map(|place| {
            let customer = anothers(model, place, &views)?.clone();
            Some((
                model.parties[place].name,
                customer,
                views[place].shown_by.1?,
            ))
        });
        if let Some((name, customer, read)) = seen
            && let Some(exchange) = reads.get(read)
        {
            let defect = Defect {
                expected: format!("{name} sees its own customers"),
                observed: format!("{name} sees {customer:?}, who is the first partner's"),
            };
            self.blame(NOT_ISOLATED, defect, exchange, &mut broken);
        } else if !model.maps_partners() {
            learn_customers(model, &views);
        }
        if let (Some((id, defect)), Some(exchange)) = (
            self.listed_again(model, step, taken, &views),
            views[step.party]
                .shown_by
                .1
                .and_then(|place| reads.get(place)),
        ) {
            self.blame(id, defect, exchange, &mut broken);
        }
        // Nothing can be held against a handler's state when it is not known what it took.
        let mut views = views;
        if !wrongly_accepted && taken != Taken::Unclear {
            let wrong = |engine: &Engine, views: &[View]| {
                differences(model, &before, step, taken, views, &engine.ledger)
            };
            let mut found = wrong(self, &views);
            let differs = !found.is_empty();
            let may_be_late = differs && taken == Taken::Accepted;
            let is_late =
                |engine: &Engine, views: &[View]| may_be_late && wrong(engine, views).is_empty();
            if differs || self.is_to_be_read_twice(step, taken) {
                let again = self.look_again(model, &mut views, &mut broken, is_late);
                let again = match again.await? {
                    Again::Steady
                        if may_be_late && self.comes_late(model, &mut views, is_late).await? =>
                    {
                        Again::Late
                    }
                    again => again,
                };
                match again {
                    Again::Steady => {}
                    Again::Changing => found.clear(),
                    Again::Late => {
                        let observed = found.iter_mut().map(|one| &mut one.defect.observed);
                        observed.for_each(|text| text.push_str(LATE));
                    }
                }
            }
            let shown = is_shown(model, step, &views[step.party]);
            let kept_all = found.is_empty() && broken.is_empty();
            if kept_all && shown && none_at_fault && !neither {
                for id in kept(model, &before, step, duty, taken) {
                    self.kept(id);
                }
            }
            for Difference {
                id,
                defect,
                shown_by,
            } in found
            {
                let exchange = shown_by.and_then(|place| reads.get(place));
                if let (false, Some(exchange)) = (broken.contains(&id), exchange) {
                    self.blame(id, defect, exchange, &mut broken);
                }
            }
        }
        if matches!(step.action, Action::Change { ref changes, .. } if changes.iter().all(|(_, to)| to.is_some()))
            && step.manner == Manner::InLists
            && !has_crowd(model, step)
        {
            let most = model.parties[step.party].enabled_customers();
            self.ledger.unexercised(
                ALL_LISTED,
                format!("the handler let {most} customers at most be enabled below one partner"),
            );
        }
        self.is_accepted_again(step, duty, &exchanges, &mut broken)
            .await?;
        resynchronise(model, &views);
        Ok(broken)
    }

    /// Judges whether a write that was accepted is accepted when it is delivered again.
    async fn is_accepted_again(
        &mut self,
        step: &Step,
        duty: Duty,
        exchanges: &[Exchange],
        broken: &mut Vec<&'static str>,
    ) -> Result<(), Stop> {
        let ([first, second], Manner::Twice, Duty::Accept(_)) = (exchanges, step.manner, duty)
        else {
            return Ok(());
        };
        if !first.judgement.accepted() {
            return Ok(());
        }
        let refused = |exchange: &Exchange| match exchange.judgement.disposition {
            Disposition::Refused(status) => Some(status),
            _ => None,
        };
        // Who loses a token now and then refuses for that, and not for what is asked.
        let again = match refused(second) {
            Some(401 | 403) => {
                let once_more = vec![("ROB-17", second.draft.clone())];
                self.exchange_all(once_more, 1).await?.pop()
            }
            _ => None,
        };
        let last = again.as_ref().unwrap_or(second);
        if last.judgement.accepted() {
            self.kept(AGAIN);
        } else if let Some(status) = refused(last) {
            let defect = Defect {
                expected: "success, as the first time: nobody knows whether that answer arrived"
                    .to_owned(),
                observed: format!("success the first time, status {status} when delivered again"),
            };
            let id = self.simplest(&["ENA-05", "PMI-05"], AGAIN);
            self.blame(id, defect, last, broken);
        }
        Ok(())
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

    /// Whether a list that moves a tenant is accepted in one order and refused in the other.
    fn order_matters(&mut self, step: &Step, taken: Taken) -> Option<Defect> {
        let Action::Change {
            changes,
            moves: true,
            ..
        } = &step.action
        else {
            return None;
        };
        if !self.session.options.enablement.has(Family::Mapping) {
            return None;
        }
        let new_first = changes.first()?.1.is_some();
        let accepted = match (taken, step.manner) {
            (Taken::Accepted, Manner::Plain) => true,
            (Taken::Refused, Manner::Plain) => false,
            _ => return None,
        };
        let moves = &mut self.ground.as_mut()?.moves;
        moves[usize::from(new_first)].get_or_insert(accepted);
        let [Some(old_first), Some(new_first)] = *moves else {
            return None;
        };
        if self.ledger.failed("MAP-12") > 0 {
            // Lists are not done in whole, whatever their order.
            return None;
        }
        (old_first != new_first).then(|| Defect {
            expected: "the same answer whichever of the two customers is named first".to_owned(),
            observed: match old_first {
                true => "accepted when the customer that gives the tenant away is named first, refused otherwise",
                false => "accepted when the customer that gets the tenant is named first, refused otherwise",
            }
            .to_owned(),
        })
    }

    pub(super) fn kept(&mut self, id: &'static str) {
        if self.recording == Recording::Everything {
            self.ledger.pass(id);
        }
    }

    async fn deliver(
        &mut self,
        model: &Model,
        step: &Step,
        duty: Duty,
        calls: &[Call],
        text: &str,
    ) -> Result<Vec<Exchange>, Stop> {
        let draft = |call: &Call, about: &'static str, expect: Expect| {
            let mut draft = Draft::new(text, call.clone(), expect);
            draft.twin = self.twin(model, step);
            (about, draft)
        };
        let denied = match step.manner {
            Manner::NoToken | Manner::BadToken | Manner::OtherApp | Manner::Expired => {
                Expect::BAD_TOKEN
            }
            Manner::BadSecret | Manner::BadIdentity => Expect::BAD_CREDENTIALS,
            _ => Expect::MALFORMED,
        };
        let (about, expect) = match duty {
            Duty::Accept(id) => (id, Expect::Accept),
            Duty::Refuse(id) => (id, denied),
            Duty::Free if step.manner == Manner::InLists => {
                (self.simplest(LISTS, ALL_LISTED), Expect::FREE)
            }
            Duty::Free => ("ROB-20", Expect::FREE),
        };
        let limit = self.session.options.concurrency;
        let accept = matches!(duty, Duty::Accept(_));
        match step.manner {
            Manner::Twice => {
                let first = draft(&calls[0], about, expect);
                let second = draft(&calls[0], "ROB-17", Expect::FREE);
                let mut exchanges = self.exchange_all(vec![first], 1).await?;
                exchanges.extend(self.exchange_all(vec![second], 1).await?);
                Ok(exchanges)
            }
            Manner::AtOnce => {
                let both = vec![
                    draft(&calls[0], "ROB-18", Expect::FREE),
                    draft(&calls[0], "ROB-18", Expect::FREE),
                ];
                self.exchange_all(both, limit.min(2)).await
            }
            Manner::Parallel => {
                let expect = if accept { Expect::Accept } else { Expect::FREE };
                let plain: &[&'static str] = match model.maps_customers() {
                    true => &["MAP-09", "MAP-10"],
                    false => &["CMI-02", "CMI-03"],
                };
                let about = self.simplest(plain, "ROB-19");
                let all = calls
                    .iter()
                    .map(|call| draft(call, about, expect))
                    .collect();
                self.exchange_all(all, limit).await
            }
            Manner::Rivals => {
                let each = calls.iter().map(|call| draft(call, RIVALS, Expect::FREE));
                self.exchange_all(each.collect(), limit).await
            }
            _ => {
                let each = calls.iter().map(|call| draft(call, about, expect));
                self.exchange_all(each.collect(), 1).await
            }
        }
    }

    /// The first of these that is broken already, or else this one.
    fn simplest(&self, simpler: &[&'static str], id: &'static str) -> &'static str {
        let broken = simpler.iter().find(|id| self.ledger.failed(id) > 0);
        broken.copied().unwrap_or(id)
    }

    /// The accepted twin of a step that is spoilt on purpose.
    pub(crate) fn twin(&self, model: &Model, step: &Step) -> Twin {
        match step.manner {
            Manner::NoToken
            | Manner::BadToken
            | Manner::OtherApp
            | Manner::Expired
            | Manner::BadSecret
            | Manner::BadIdentity => {
                let request = model.request(step.party, &step.action);
                Twin::This(Box::new(model.call(&self.session, 0, step.party, request)))
            }
            _ => Twin::Nothing,
        }
    }
}

/// How the answer to a mirrored partner's enablement names another tenant than the enabled one, if it does.
pub(crate) fn other_tenant(model: &Model, step: &Step, exchange: &Exchange) -> Option<Defect> {
    let Action::Enable { acronis, .. } = &step.action else {
        return None;
    };
    let payload = exchange.judgement.payload()?;
    let told = payload.get("acronis_tenant_id")?;
    let differs = told
        .as_str()
        .is_some_and(|told| !told.eq_ignore_ascii_case(acronis));
    (differs && !model.maps_partners()).then(|| Defect {
        expected: format!("`acronis_tenant_id` is that of the enabled partner, {acronis}"),
        observed: format!("`acronis_tenant_id` is {told}"),
    })
}

/// How a step was taken.
pub(crate) fn taken(step: &Step, exchanges: &[Exchange]) -> Taken {
    let accepted = |exchange: &Exchange| exchange.judgement.accepted();
    let refused =
        |exchange: &Exchange| matches!(exchange.judgement.disposition, Disposition::Refused(_));
    let decisive = match step.manner {
        Manner::Twice => &exchanges[..exchanges.len().min(1)],
        _ => exchanges,
    };
    if decisive.iter().any(accepted) && exchanges.iter().all(|one| accepted(one) || refused(one)) {
        Taken::Accepted
    } else if !exchanges.is_empty() && exchanges.iter().all(refused) {
        Taken::Refused
    } else {
        Taken::Unclear
    }
}

/// That several tenants were enabled where one can be, and the second of them.
fn several_rivals<'a>(step: &Step, exchanges: &'a [Exchange]) -> Option<(Defect, &'a Exchange)> {
    if step.manner != Manner::Rivals {
        return None;
    }
    let mut accepted = exchanges.iter().filter(|one| one.judgement.accepted());
    let (_, second) = (accepted.next()?, accepted.next()?);
    let defect = Defect {
        expected: format!("of {} tenants at once one is enabled", exchanges.len()),
        observed: format!("{} of them were", 2 + accepted.count()),
    };
    Some((defect, second))
}

/// The statuses of the answers.
fn told(exchanges: &[Exchange]) -> String {
    let texts: Vec<String> = exchanges
        .iter()
        .map(|exchange| match exchange.observation.status() {
            Some(status) => status.to_string(),
            None => "no answer".to_owned(),
        })
        .collect();
    texts.join(", ")
}

/// The Acronis tenants to which a step gives a name.
pub(crate) fn names_given(model: &Model, step: &Step) -> Vec<String> {
    let enabled = |changes: &[Change]| {
        let mirrored = changes.iter().filter(|_| !model.maps_customers());
        mirrored.filter_map(|(_, to)| to.clone()).collect()
    };
    match &step.action {
        Action::Enable { acronis, .. } if !model.maps_partners() => vec![acronis.clone()],
        Action::Change { changes, .. } | Action::ChangeUnknown { changes, .. } => enabled(changes),
        _ => Vec::new(),
    }
}

/// Whether what a partner has could be read.
fn is_shown(model: &Model, step: &Step, view: &View) -> bool {
    let party = &model.parties[step.party];
    let enabled = party.state.enabled.is_some();
    let changes = match &step.action {
        Action::Change { changes, .. } | Action::ChangeUnknown { changes, .. } => &changes[..],
        _ => &[],
    };
    let once = |(id, _): &Change| !party.ever_repeated.contains(id);
    changes.iter().all(once)
        && (view.enabled.is_some() || model.partner_read().is_none())
        && (view.customers.is_some() || model.customer_read().is_none() || !enabled)
}

/// Whether a step has left a partner with so many customers that a list which is cut shows.
fn has_crowd(model: &Model, step: &Step) -> bool {
    model.parties[step.party].enabled_customers() >= MANY
}

/// The requirements that a step without any difference is evidence for.
fn kept(
    model: &Model,
    before: &[PartyState],
    step: &Step,
    duty: Duty,
    taken: Taken,
) -> Vec<&'static str> {
    let maps = model.maps_customers();
    let mapped = model.maps_partners();
    let mut ids = Vec::new();
    if let Duty::Accept(id) | Duty::Refuse(id) = duty {
        ids.push(id);
    }
    let state = &before[step.party];
    let had_customers = state.customers.values().any(Option::is_some);
    let has_customers = model.enablement.customer() != EnablementMethod::Explicit;
    match (&step.action, taken) {
        (Action::Change { .. } | Action::ChangeUnknown { .. }, Taken::Refused) => {
            ids.push(if maps { "MAP-14" } else { "CMI-08" });
        }
        (_, Taken::Refused) => ids.push(if mapped { "ENA-11" } else { "PMI-09" }),
        (Action::Change { changes, moves, .. }, Taken::Accepted) => {
            let others = state
                .customers
                .iter()
                .any(|(id, to)| to.is_some() && !changes.iter().any(|(changed, _)| changed == id));
            if others {
                ids.push(if maps { "MAP-11" } else { "CMI-04" });
            }
            if *moves {
                ids.push(if maps { "MAP-13" } else { "CMI-10" });
            }
        }
        (Action::Disable, Taken::Accepted) if had_customers && has_customers => {
            ids.push(if mapped { "ENA-09" } else { "PMI-07" });
        }
        (Action::Enable { .. }, Taken::Accepted) if !mapped => ids.push("PMI-04"),
        (Action::Enable { .. }, Taken::Accepted) if state.enabled.is_none() => ids.push("ENA-04"),
        _ => {}
    }
    if model.parties.len() > 1 && taken == Taken::Accepted {
        match &step.action {
            Action::Change { .. } | Action::ChangeUnknown { .. } => {
                ids.push(if maps { "MAP-15" } else { "CMI-07" });
            }
            _ => ids.push(if mapped { "ENA-13" } else { "PMI-08" }),
        }
    }
    match step.manner {
        Manner::Twice => ids.push("ROB-17"),
        Manner::AtOnce => ids.push("ROB-18"),
        Manner::Parallel => ids.push("ROB-19"),
        Manner::Rivals => ids.push(RIVALS),
        Manner::InLists if has_crowd(model, step) => ids.push(ALL_LISTED),
        _ => {}
    }
    if matches!(duty, Duty::Free) && step.manner != Manner::InLists {
        ids.push("ROB-20");
    }
    ids.dedup();
    ids
}
