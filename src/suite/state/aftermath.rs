//! What shows behind a step beside what it did: reads that change something, customers that are listed twice.

use super::attribute::Taken;
use super::model::{Action, Manner, Model, Step};
use super::observe::View;
use crate::suite::engine::{Engine, Stop};
use crate::suite::judge::Defect;

/// Writes behind which everything is read twice.
const READ_TWICE: u32 = 4;

impl Engine {
    /// Whether what is shown changes by nothing but reading it, which explains any difference. Behind it the views are those
    /// that were read last.
    pub(super) async fn reads_change(
        &mut self,
        model: &Model,
        views: &mut Vec<View>,
        broken: &mut Vec<&'static str>,
    ) -> Result<bool, Stop> {
        let (again, reads) = self.observe(model).await?;
        let changed = views.iter().zip(&again).find_map(|(view, again)| {
            let customers = view.customers.is_some() && again.customers.is_some();
            if customers && view.customers != again.customers {
                again.shown_by.1
            } else if view.enabled.is_some() && again.enabled.is_some() {
                again.shown_by.0.filter(|_| view.enabled != again.enabled)
            } else {
                None
            }
        });
        *views = again;
        if let Some(exchange) = changed.and_then(|place| reads.get(place)) {
            let defect = Defect {
                expected: "what was said a moment before".to_owned(),
                observed: "something else, and nothing but reads in between".to_owned(),
            };
            self.blame("ROB-16", defect, exchange, broken);
            return Ok(true);
        }
        self.kept("ROB-16");
        Ok(self.ledger.failed("ROB-16") > 0)
    }

    /// Whether this is one of the first writes, behind which everything is read twice.
    pub(super) fn is_to_be_read_twice(&mut self, step: &Step, taken: Taken) -> bool {
        let Some(ground) = &mut self.ground else {
            return false;
        };
        let first = ground.read_twice < READ_TWICE
            && taken == Taken::Accepted
            && !matches!(step.action, Action::Disable);
        ground.read_twice += u32::from(first);
        first
    }

    /// Whether a customer is listed twice since its write was delivered twice.
    pub(super) fn listed_again(
        &mut self,
        model: &mut Model,
        step: &Step,
        taken: Taken,
        views: &[View],
    ) -> Option<(&'static str, Defect)> {
        let mut found = None;
        for (place, (party, view)) in model.parties.iter_mut().zip(views).enumerate() {
            let fresh = view.repeated.difference(&party.repeated).next().cloned();
            party.repeated.clone_from(&view.repeated);
            party.ever_repeated.extend(view.repeated.iter().cloned());
            let Some(customer) = fresh else { continue };
            let repeated = match step.manner {
                Manner::Twice => Some("ROB-17"),
                Manner::AtOnce => Some("ROB-18"),
                _ => None,
            };
            let ground = self.ground.as_mut()?;
            match repeated.filter(|_| place == step.party && taken == Taken::Accepted) {
                // What one delivery does as well has a requirement of its own.
                Some(id) if !ground.repeats => {
                    let defect = Defect {
                        expected: format!("{customer:?} is listed once"),
                        observed: format!("{customer:?} is listed twice"),
                    };
                    found = Some((id, defect));
                }
                Some(_) => {}
                None => ground.repeats = true,
            }
        }
        found
    }
}
