//! What the answers to a step show, before anything is read.

use super::attribute::{RIVALS, Taken};
use super::deliver::taken;
use super::model::{Action, Duty, Manner, Model, PartyState, Step};
use super::suspects::at_stake;
use crate::protocol::Family;
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::{Defect, Disposition};

/// The requirement that what was accepted is accepted again.
const AGAIN: &str = "ROB-25";

/// A step that was sent, and how it was taken.
pub(super) struct Attempt<'a> {
    /// The step.
    pub step: &'a Step,
    /// What the partners had before.
    pub before: Vec<PartyState>,
    /// What the handler had to do.
    pub duty: Duty,
    /// The requests and their answers.
    pub exchanges: Vec<Exchange>,
    /// What it did, by its answers.
    pub taken: Taken,
    /// Whether each answer is one that may be given.
    pub none_at_fault: bool,
    /// Whether both of two deliveries at once were refused.
    pub neither: bool,
    /// Whether several tenants were enabled where one can be.
    several: bool,
}

impl<'a> Attempt<'a> {
    /// A step of which nothing is judged yet.
    pub(super) fn new(
        step: &'a Step,
        before: Vec<PartyState>,
        duty: Duty,
        exchanges: Vec<Exchange>,
    ) -> Self {
        let taken = taken(step, &exchanges);
        let at_once = matches!(step.manner, Manner::AtOnce | Manner::Rivals);
        Self {
            step,
            before,
            duty,
            exchanges,
            taken,
            none_at_fault: true,
            neither: at_once && taken == Taken::Refused,
            several: false,
        }
    }

    /// Whether something was accepted that must not be.
    pub(super) fn wrongly_accepted(&self) -> bool {
        let refusable = matches!(self.duty, Duty::Refuse(_)) && self.taken == Taken::Accepted;
        refusable || self.several
    }
}

impl Engine {
    /// Judges the answers to a step.
    pub(super) fn judge_answers(
        &mut self,
        model: &Model,
        attempt: &mut Attempt<'_>,
        broken: &mut Vec<&'static str>,
    ) {
        let Attempt {
            step,
            ref exchanges,
            ..
        } = *attempt;
        let mut none_at_fault = true;
        for exchange in exchanges {
            let about = at_stake(exchange);
            self.settle_others(exchange, about);
            if is_too_long(step, exchange) {
                continue;
            }
            if let Some(defect) = exchange.defect(about).cloned() {
                none_at_fault = false;
                match self.is_suspect(exchange) {
                    true => self.suspect(about, defect, exchange, broken),
                    false => self.blame(about, defect, exchange, broken),
                }
            }
        }
        let Some(first) = exchanges.first() else {
            return;
        };
        if let Some(defect) = other_tenant(model, step, first) {
            self.blame("PMI-03", defect, first, broken);
        }
        // That rivals are in each other's way is nowhere forbidden.
        let blamed = attempt.neither
            && step.manner == Manner::AtOnce
            && matches!(attempt.duty, Duty::Accept(id) if self.ledger.failed(id) == 0);
        if blamed {
            let defect = Defect {
                expected: "one of the two is accepted".to_owned(),
                observed: "both were refused".to_owned(),
            };
            self.blame("ROB-18", defect, first, broken);
        }
        let several = several_rivals(step, exchanges);
        let is_several = several.is_some();
        if let Some((defect, exchange)) = several {
            let id = self.simplest(&["ENA-04", "ENA-06"], RIVALS);
            self.blame(id, defect, exchange, broken);
        }
        if let Some(defect) = self.order_matters(step, attempt.taken, exchanges) {
            self.blame("MAP-13", defect, first, broken);
        }
        attempt.none_at_fault = none_at_fault;
        attempt.several = is_several;
    }

    /// Whether a list that moves a tenant is accepted in one order and refused in the other.
    fn order_matters(
        &mut self,
        step: &Step,
        taken: Taken,
        exchanges: &[Exchange],
    ) -> Option<Defect> {
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
        // Who does not know the gateway just then says nothing of the list.
        let denied = |exchange: &Exchange| {
            matches!(
                exchange.judgement.disposition,
                Disposition::Refused(401 | 403)
            )
        };
        if exchanges.iter().any(denied) {
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

    /// Judges whether a write that was accepted is accepted when it is delivered again.
    pub(super) async fn is_accepted_again(
        &mut self,
        attempt: &Attempt<'_>,
        broken: &mut Vec<&'static str>,
    ) -> Result<(), Stop> {
        let manner = attempt.step.manner;
        let ([first, second], Manner::Twice, Duty::Accept(_)) =
            (&attempt.exchanges[..], manner, attempt.duty)
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
}

/// Whether a list is refused for its length: how many entries one may have is for the handler to say, and 413 says so.
pub(super) fn is_too_long(step: &Step, exchange: &Exchange) -> bool {
    step.is_list() && exchange.observation.status() == Some(413)
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
