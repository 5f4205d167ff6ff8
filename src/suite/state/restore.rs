//! Behind a run: the handler's own data put back, and what could not be.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::Ground;
use super::calls::NAME;
use super::deliver::names_given;
use super::execute::Recording;
use super::model::{Model, Party, Step};
use super::observe::View;
use super::snapshot::{Snapshot, adopt};
use crate::protocol::Family;
use crate::suite::call::Call;
use crate::suite::check::{Draft, Expect};
use crate::suite::engine::{Engine, Stop};
use crate::suite::evidence::{Variables, curl};
use crate::suite::interrupt::Interrupt;
use crate::suite::judge::Disposition;

/// Most time spent on putting the data back.
const MOST_TIME: Duration = Duration::from_secs(60);
/// Attempts at it, where the handler does not answer at first.
const ATTEMPTS: u32 = 5;

/// What an attempt at putting the data back left.
pub(super) struct PutBack {
    /// The steps that are still to be done.
    left: Vec<Step>,
    /// The partners of whom it cannot be read what they have.
    unread: Vec<&'static str>,
}

/// Whether what a partner has can be read. Of one that is not enabled nothing need be shown.
pub(super) fn is_read(model: &Model, party: &Party, view: &View) -> bool {
    let enabled = party.state.enabled.is_some();
    (view.enabled.is_some() || model.partner_read().is_none())
        && (view.customers.is_some() || model.customer_read().is_none() || !enabled)
}

impl Engine {
    /// Puts everything back as it was, also when the run was stopped; what could not be put back is told.
    pub(crate) async fn restore(&mut self, lost: bool) {
        let Some(ground) = self.ground.take() else {
            return;
        };
        let Ground {
            mut model,
            snapshot,
            named,
            ..
        } = ground;
        if snapshot.is_empty() {
            return;
        }
        // Whoever stopped the run wants the data back all the same; a second Ctrl-C ends the program.
        self.interrupt = Interrupt::new();
        self.ground = Some(Ground {
            named,
            ..Ground::new(model.clone(), snapshot.clone())
        });
        self.recording = Recording::Nothing;
        self.trail.clear();
        let until = Instant::now() + MOST_TIME;
        let (mut left, mut unread) = (Vec::new(), Vec::new());
        let attempts = if lost { 2 } else { ATTEMPTS };
        for attempt in 0..attempts {
            if attempt > 0 {
                if Instant::now() > until {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(300) * attempt).await;
            }
            (left, unread) = match self.put_back(&mut model, &snapshot).await {
                Ok(PutBack { left, unread }) => (left, unread),
                Err(_) => (snapshot.steps(&model), Vec::new()),
            };
            if left.is_empty() && unread.is_empty() {
                break;
            }
        }
        let named = self.ground.take().map(|ground| ground.named);
        self.tell_names(&model, &snapshot, &named.unwrap_or_default());
        let mut number = self.next_request();
        self.tell_taken_in(&model);
        if !unread.is_empty() {
            self.notice(format!(
                "what {} has could not be read at the end, so it is not known whether all is as it was before the run",
                unread.join(" and ")
            ));
        }
        if left.is_empty() {
            return;
        }
        self.notice("some data could not be put back as they were before the run; these requests would do it, in this order:");
        for step in left {
            let text = model.describe(&step);
            // No two have the same id, by which a handler may know a request again.
            let calls = model.calls(&self.session, number, &step);
            number += calls.len() as u64;
            for call in calls {
                let curl = self.curl(&call);
                self.notice(format!("to restore: {text}\n{curl}"));
            }
        }
    }

    /// Tells which tenants of before the run have a name of the suite's now: no callback reads names.
    fn tell_names(&mut self, model: &Model, snapshot: &Snapshot, named: &BTreeSet<String>) {
        let mirrored = model.enablement.has(Family::PartnerMirroring);
        let partners = (snapshot.parties().iter()).filter_map(|was| was.enabled.as_ref());
        let customers = (snapshot.parties().iter())
            .flat_map(|was| was.customers.iter())
            .filter(|(_, to)| to.is_some() && !model.maps_customers())
            .map(|(id, _)| id);
        let renamed: Vec<&str> = partners
            .filter(|_| mirrored)
            .chain(customers)
            .filter(|id| named.contains(*id))
            .map(String::as_str)
            .collect();
        if !renamed.is_empty() {
            self.notice(format!(
                "names cannot be read through callbacks, nor settings that get_state does not tell, so they could not be put back: \
                 {} {} enabled again under a name that begins with {NAME:?}",
                renamed.join(", "),
                if renamed.len() == 1 { "was" } else { "were" }
            ));
        }
    }

    /// Tells which customers that nobody has are still listed, for this run has named them.
    fn tell_taken_in(&mut self, model: &Model) {
        let parties = model.parties.iter();
        let left = parties.flat_map(|party| {
            let listed = party.state.customers.keys();
            listed.filter(|id| party.taken_in.contains(*id))
        });
        let left: Vec<String> = left.map(|id| format!("{id:?}")).collect();
        if !left.is_empty() {
            self.notice(format!(
                "the handler took in what a list named and nobody has, and no callback takes it out of what tenant_mapping.read lists: {}",
                left.join(", ")
            ));
        }
    }

    /// One attempt, and what is still to be done behind it.
    pub(super) async fn put_back(
        &mut self,
        model: &mut Model,
        snapshot: &Snapshot,
    ) -> Result<PutBack, Stop> {
        let (views, _) = self.observe_by(model, 1).await?;
        adopt(model, &views);
        let mut one_by_one = false;
        for step in snapshot.steps(model) {
            if !self.put_back_by(model, &step).await? {
                continue;
            }
            // How many a list may have is for the handler to say. One that does not answer is not asked for each of them.
            for single in step.one_by_one() {
                one_by_one = true;
                self.put_back_by(model, &single).await?;
            }
        }
        let (views, _) = self.observe_by(model, 1).await?;
        adopt(model, &views);
        let left = snapshot.steps(model);
        let unread = model.parties.iter().zip(&views);
        let unread = unread.filter(|(party, view)| !is_read(model, party, view));
        Ok(PutBack {
            unread: unread.map(|(party, _)| party.name).collect(),
            left: match one_by_one {
                true => left.iter().flat_map(Step::singly).collect(),
                false => left,
            },
        })
    }

    /// Does a step that puts data back; whether it was refused.
    async fn put_back_by(&mut self, model: &mut Model, step: &Step) -> Result<bool, Stop> {
        let number = self.next_request();
        let (mut accepted, mut refused) = (true, false);
        for call in model.calls(&self.session, number, step) {
            let draft = Draft::new("restoring", call, Expect::FREE);
            let exchange = self.exchange("ROB-20", draft).await?;
            accepted &= exchange.judgement.accepted();
            refused |= matches!(exchange.judgement.disposition, Disposition::Refused(_));
        }
        if accepted {
            model.apply(step);
            if let Some(ground) = &mut self.ground {
                ground.named.extend(names_given(model, step));
            }
        }
        Ok(refused)
    }

    fn curl(&self, call: &Call) -> String {
        let message = self.client.prepare(&call.message(&self.session));
        let variables = Variables::of(call, &self.session);
        curl(
            &message,
            self.session.target.as_url(),
            &self.mask,
            variables,
        )
    }
}
