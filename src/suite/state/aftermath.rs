//! What shows behind a step beside what it did: changes that show late, reads that change something, customers that are listed
//! twice.

use std::time::Duration;

use super::attribute::Taken;
use super::model::{Action, Manner, Model, Step};
use super::observe::View;
use crate::suite::engine::{Engine, Stop};
use crate::suite::judge::Defect;

/// Writes behind which everything is read twice.
const READ_TWICE: u32 = 4;
/// Pauses after which it is looked again for what did not show.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(40),
    Duration::from_millis(160),
    Duration::from_millis(400),
];
/// Writes that are waited for in vain.
const MOST_WAITS: u32 = 3;

/// What is observed of a write whose effect shows late.
pub(crate) const LATE: &str = " when the write is answered, and is right a moment later";

/// How soon what a handler accepts has its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Before the answer, or never: so many have been waited for in vain.
    AtOnce(u32),
    /// After the answer, as was seen: within this time.
    Late(Duration),
}

impl Default for Effect {
    fn default() -> Self {
        Effect::AtOnce(0)
    }
}

/// What looking again behind a step shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// The same.
    Steady,
    /// What was not there is there now, and stays.
    Late,
    /// Something else: it changes by nothing but reading it, which explains any difference.
    Changing,
}

impl Engine {
    /// Looks again at what differs, or may. Behind it the views are those that were read last.
    pub(super) async fn look_again(
        &mut self,
        model: &Model,
        views: &mut Vec<View>,
        broken: &mut Vec<&'static str>,
        is_late: impl Fn(&Engine, &[View]) -> bool,
    ) -> Result<Again, Stop> {
        let (again, reads) = self.observe(model).await?;
        let changed = changed(views, &again);
        *views = again;
        if is_late(self, views) && self.stays(model, views, &is_late).await? {
            return Ok(Again::Late);
        }
        if let Some(exchange) = changed.and_then(|place| reads.get(place)) {
            let defect = Defect {
                expected: "what was said a moment before".to_owned(),
                observed: "something else, and nothing but reads in between".to_owned(),
            };
            self.blame("ROB-16", defect, exchange, broken);
            return Ok(Again::Changing);
        }
        self.kept("ROB-16");
        Ok(match self.ledger.failed("ROB-16") {
            0 => Again::Steady,
            _ => Again::Changing,
        })
    }

    /// Waits for the effect of an accepted step: whether it comes, and stays. Behind it the views are those that were read
    /// last.
    pub(super) async fn comes_late(
        &mut self,
        model: &Model,
        views: &mut Vec<View>,
        is_late: impl Fn(&Engine, &[View]) -> bool,
    ) -> Result<bool, Stop> {
        match self.ground.as_mut().map(|ground| &mut ground.effect) {
            Some(Effect::Late(_)) => {}
            Some(Effect::AtOnce(waits)) if *waits < MOST_WAITS => *waits += 1,
            _ => return Ok(false),
        }
        let mut waited = Duration::ZERO;
        for pause in PAUSES {
            tokio::time::sleep(pause).await;
            waited += pause;
            (*views, _) = self.observe(model).await?;
            if is_late(self, views) {
                let stays = self.stays(model, views, &is_late).await?;
                if let (true, Some(ground)) = (stays, &mut self.ground) {
                    let known = match ground.effect {
                        Effect::Late(known) => known,
                        Effect::AtOnce(_) => Duration::ZERO,
                    };
                    ground.effect = Effect::Late(waited.max(known));
                }
                return Ok(stays);
            }
        }
        Ok(false)
    }

    /// Whether an effect that came late stays: what takes turns is not late.
    async fn stays(
        &mut self,
        model: &Model,
        views: &mut Vec<View>,
        is_late: impl Fn(&Engine, &[View]) -> bool,
    ) -> Result<bool, Stop> {
        for _ in 0..2 {
            (*views, _) = self.observe(model).await?;
            if !is_late(self, views) {
                return Ok(false);
            }
        }
        Ok(true)
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

/// The read that shows something else than was shown before, if any does.
fn changed(before: &[View], now: &[View]) -> Option<usize> {
    before.iter().zip(now).find_map(|(before, now)| {
        let customers = before.customers.is_some() && now.customers.is_some();
        let vendors = before.settings.vendors != now.settings.vendors;
        if customers && (vendors || before.customers != now.customers) {
            now.shown_by.1
        } else if before.enabled.is_some() && now.enabled.is_some() {
            now.shown_by.0.filter(|_| before.enabled != now.enabled)
        } else {
            None
        }
    })
}
