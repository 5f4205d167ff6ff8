//! What the engine enters in the ledger, and what it tells of it.

use std::time::{Duration, Instant};

use super::baseline;
use super::batch::{CONFIRMED, stumbled};
use super::check::{Expect, Twin};
use super::checks;
use super::engine::{Engine, Exchange};
use super::event::Event;
use super::evidence::{self, Variables};
use super::flaky::{STEADY, STEADY_ODD};
use super::judge::{Defect, Disposition};
use super::outcome::Failure;
use super::plan::wanted_beside;
use super::register;
use super::state::Recording;
use crate::gateway::IdentityProvider;
use crate::protocol::headers::AUTH_HEADER;

/// Time between two events about progress.
pub(super) const PROGRESS_EVERY: Duration = Duration::from_millis(50);
/// Cases done before the time left is estimated.
const ENOUGH_TO_ESTIMATE: u64 = 16;
/// The requirement that each answer has an id of its own, and the check that holds those of a burst against each other.
const FRESH: &str = "ENV-06";
const BURST: &str = "ROB-12";
/// Repeated ids that are told.
const REPETITIONS: u64 = 8;
/// A requirement that sequences are run for, whatever the enablement methods.
const ANY_SEQUENCE: &str = "ROB-20";

impl Engine {
    /// Enters in the ledger what an exchange says, and counts it as done.
    pub fn settle(&mut self, exchange: &Exchange) {
        self.settle_others(exchange, "");
    }

    /// Enters what an exchange says, but for one requirement that a procedure concludes upon itself.
    pub fn settle_others(&mut self, exchange: &Exchange, but: &str) {
        if self.recording != Recording::Everything {
            return;
        }
        if exchange.judgement.disposition == Disposition::Slower {
            self.ledger.throttled(exchange.about);
        }
        let findings = &exchange.judgement.findings;
        for finding in findings.iter().filter(|finding| finding.id != but) {
            self.conclude(finding.id, finding.defect.clone(), exchange);
        }
        // Those of a burst are counted there, what is answered in the name of another request is blamed on that, and a constant
        // would be told with every answer.
        let named = exchange.member("request_id") == Some(&exchange.draft.call.request_id);
        if exchange.about != BURST
            && named
            && self.ledger.failed(FRESH) < REPETITIONS
            && let Some(defect) = self.latest_ids.defect(exchange)
        {
            self.accuse(FRESH, defect, exchange);
        }
        match exchange.draft.expect {
            Expect::Accept if exchange.judgement.accepted() => self.ledger.pass(STEADY),
            Expect::Refuse { .. } | Expect::Free { .. } if !stumbled(exchange) => {
                self.ledger.pass(STEADY_ODD);
            }
            _ => {}
        }
        if let Some(failing) = exchange.draft.failing
            && exchange.defect(failing).is_some()
        {
            let reason = format!(
                "the handler neither accepted nor refused its cases, but failed: {failing}"
            );
            self.ledger.unexercised(exchange.about, reason);
        }
        self.progress(1);
    }

    /// Enters a defect that an exchange shows.
    pub fn accuse(&mut self, id: &'static str, defect: Defect, exchange: &Exchange) {
        let callback = exchange.draft.call.callback.name;
        // A further case that costs a connection may be the only one of its window or not, depending on what else is run.
        let doubtful = exchange.broken().is_some() && exchange.draft.expect != Expect::Accept;
        let told_enough = doubtful && self.ledger.failed_with(id, callback) >= CONFIRMED;
        let shown = self.ledger.keeps_more(id, callback) && !told_enough;
        let evidence = shown.then(|| self.evidence(id, defect, exchange));
        self.enter_failure(id, Some(callback), evidence);
    }

    /// Enters one more failure, and tells the first of its requirement, and the first that no baseline knows.
    pub(super) fn enter_failure(
        &mut self,
        id: &'static str,
        callback: Option<&'static str>,
        evidence: Option<Failure>,
    ) {
        let fresh = self.known(id, callback).is_none();
        let told = evidence.is_some();
        let first = self.ledger.fail(id, callback, fresh, evidence);
        if first
            && told
            && let Some(requirement) = register::find(id)
            && let Some(failure) = self.ledger.last_failure(id)
        {
            self.observer.event(Event::Failed {
                requirement,
                failure,
            });
        }
    }

    /// Enters what a procedure found out: kept, or broken as this exchange shows.
    pub fn conclude(&mut self, id: &'static str, defect: Option<Defect>, exchange: &Exchange) {
        match defect {
            None => self.ledger.pass_with(id, exchange.draft.call.callback.name),
            Some(defect) => self.accuse(id, defect, exchange),
        }
    }

    /// Why a failure is known, where a baseline says so.
    pub(super) fn known(&self, id: &str, callback: Option<&str>) -> Option<&str> {
        let baseline = self.session.options.baseline.as_ref()?;
        let entry = baseline.covering(id, callback, baseline::day(self.info.started_at));
        entry.map(|entry| entry.reason.as_str())
    }

    /// Counts cases as done.
    pub fn progress(&mut self, cases: u64) {
        self.done += cases;
        self.progress_so_far(0);
    }

    /// Tells how far the run has come, with cases of which nothing is entered yet.
    pub(super) fn progress_so_far(&mut self, under_way: u64) {
        // What was under way when it was told last may be entered by and by.
        let done = (self.done + under_way).max(self.progress_told);
        if self.progress_at.elapsed() < PROGRESS_EVERY {
            return;
        }
        self.progress_at = Instant::now();
        self.progress_told = done;
        let elapsed = self.started.elapsed();
        // The first cases are procedures, which tell little of the pace.
        let remaining = (done >= ENOUGH_TO_ESTIMATE).then(|| {
            let time_for = |cases: u64| {
                let left = cases.saturating_sub(done) as f64;
                elapsed.mul_f64(left / done as f64)
            };
            let whole = time_for(self.planned);
            let options = &self.session.options;
            let within = |limit: Option<Duration>, time: Duration| match limit {
                Some(limit) => time.min(limit.saturating_sub(elapsed)),
                None => time,
            };
            let assured = within(options.most(), time_for(self.assured));
            within(options.budget, whole).max(assured)
        });
        let planned = self.planned.max(done);
        self.observer.event(Event::Progress {
            done,
            planned,
            elapsed,
            remaining,
        });
    }

    pub(super) fn evidence(
        &self,
        id: &'static str,
        defect: Defect,
        exchange: &Exchange,
    ) -> Failure {
        let session = &self.session;
        let place = session.place();
        let auth = exchange.message.header(AUTH_HEADER).unwrap_or_default();
        let mask = &self.mask.and_value(auth);
        let call = &exchange.draft.call;
        let twin = match &exchange.draft.twin {
            Twin::Control => Some(session.control(call.callback, &call.request_id)),
            Twin::Nothing => None,
            Twin::This(call) => Some((**call).clone()),
        };
        let control = twin
            .filter(|_| exchange.draft.expect != Expect::Accept)
            .map(|twin| self.client.prepare(&twin.message(session)));
        let diff = control
            .as_ref()
            .and_then(|control| evidence::diff(&exchange.message, control, place, mask));
        let mut only = vec![id];
        match self.trail.is_empty() {
            // What a sequence showed, sequences show again.
            false => only.push(ANY_SEQUENCE),
            true => only.extend(wanted_beside(checks::all(), id, exchange.about)),
        }
        Failure {
            callback: Some(call.callback.name),
            known: self.known(id, Some(call.callback.name)).map(str::to_owned),
            steps: last_steps(&self.trail)
                .map(|step| mask.text(&step))
                .collect(),
            case: mask.text(&exchange.draft.name),
            expected: mask.text(&defect.expected),
            observed: mask.text(&defect.observed),
            request: evidence::request(&exchange.message, place, mask),
            response: evidence::response(&exchange.observation, mask),
            control: control.map(|control| evidence::request(&control, place, mask)),
            diff,
            curl: match call.framing {
                Some(_) => "# not possible with curl: the request is not valid HTTP".to_owned(),
                None => evidence::curl(
                    &exchange.message,
                    session.target.as_url(),
                    mask,
                    Variables::of(call, session),
                ),
            },
            repeat: evidence::repeat(
                session,
                self.idp.as_ref().map(IdentityProvider::addr),
                &only,
            ),
        }
    }
}

/// Most steps of a sequence that are shown.
const MOST_STEPS: usize = 15;

/// The end of a sequence, and how much came before it.
fn last_steps(trail: &[String]) -> impl Iterator<Item = String> {
    let before = trail.len().saturating_sub(MOST_STEPS);
    let left_out = (before > 0).then(|| format!("({before} steps before these)"));
    left_out.into_iter().chain(trail[before..].iter().cloned())
}
