//! From the ledger to the outcome: the state of every requirement, and why.

use super::diagnosis::diagnose;
use super::engine::{Engine, Stop};
use super::flaky::{COMPANY, STEADY, STEADY_ODD};
use super::ledger::Entry;
use super::outcome::{Ended, Outcome, RequirementOutcome, State};
use super::register;
use super::requirement::Requirement;

/// The requirements without which nothing can be learnt of the others, in the order of the gateway's way through an answer.
const FOUNDATIONS: &[&str] = &[
    "TLS-01", "HTTP-10", "HTTP-07", "HTTP-06", "HTTP-05", "ERR-06", "HTTP-01", "HTTP-04",
    "HTTP-03", "ENV-01", "TOP-01", "MAP-01",
];

impl Engine {
    /// What the run found, for these requirements.
    pub(crate) fn conclude_run(
        mut self,
        selected: &[&'static Requirement],
        end: Result<(), Stop>,
    ) -> Outcome {
        self.enter_flaky();
        let ended = match end {
            Ok(()) => Ended::Completed,
            Err(Stop::Interrupted) => Ended::Interrupted,
            Err(Stop::Unreachable(reason)) => Ended::Unreachable(reason),
            Err(Stop::Lost(reason)) => Ended::HandlerLost(reason),
            Err(Stop::Fault(reason)) => Ended::SuiteFault(reason),
        };
        let flow = self.flow.take().map(|flow| flow.closed(&ended));
        // What the flow broke is told whether the profile selects it or not: the verdicts must not part.
        let broken = |id| (flow.iter()).any(|flow| flow.broken.contains(&id));
        // Nor must a failure be lost for not having repeated, or not alone, whatever the case that showed it was about.
        let skip = &self.session.options.skip;
        let flaky = |id| {
            [STEADY, STEADY_ODD, COMPANY].contains(&id)
                && self.ledger.failed(id) > 0
                && !register::matches_any(skip, id)
        };
        let told = (register::all().iter()).filter(|one| {
            broken(one.id) || flaky(one.id) || selected.iter().any(|selected| selected.id == one.id)
        });
        let requirements: Vec<RequirementOutcome> = told
            .map(|requirement| self.requirement_outcome(requirement, &ended))
            .collect();
        let cut: u64 = requirements.iter().map(|outcome| outcome.cut).sum();
        if cut > 0
            && self
                .session
                .options
                .budget
                .is_some_and(|budget| self.started.elapsed() > budget)
        {
            let kinds = requirements
                .iter()
                .filter(|outcome| outcome.cut > 0)
                .count();
            self.notices.push(format!(
                "the budget cut {cut} cases of {kinds} requirements; --budget none runs them all"
            ));
        }
        if self.spared > 0 {
            self.notices.push(format!(
                "{} cases were not sent, because their requirements had already failed several times",
                self.spared
            ));
        }
        self.info.duration = self.started.elapsed();
        let flaky = self.flaky.told(self.info.exchanges);
        let mut outcome = Outcome {
            run: self.info,
            ended,
            requirements,
            flow,
            flaky,
            latencies: self.latency.told(self.session.options.timeout),
            baseline: Vec::new(),
            diagnosis: self.causes,
            notices: self.notices,
            proxied: None,
        };
        if let Some(baseline) = &self.session.options.baseline {
            outcome.baseline = baseline.judge(&outcome);
        }
        outcome.diagnosis.extend(diagnose(&outcome));
        outcome
    }

    fn requirement_outcome(
        &self,
        requirement: &'static Requirement,
        ended: &Ended,
    ) -> RequirementOutcome {
        let entry = self.ledger.get(requirement.id).cloned().unwrap_or_default();
        let state = self.state(requirement, &entry, ended);
        let known = match &state {
            State::Failed if entry.fresh == 0 => self.known_by(requirement.id, &entry),
            State::Blocked(_) => self.known(requirement.id, None).map(str::to_owned),
            _ => None,
        };
        let mut failures = entry.failures;
        // What is new is what a reader looks for.
        failures.sort_by_key(|failure| failure.known.is_some());
        RequirementOutcome {
            requirement,
            state,
            cases: entry.cases,
            cut: entry.cut,
            failed_cases: entry.failed,
            callbacks: entry.callbacks,
            known,
            failures,
        }
    }

    /// Why all failures are known, each reason once.
    fn known_by(&self, id: &str, entry: &Entry) -> Option<String> {
        let failed = entry.callbacks.iter().filter(|cases| cases.failed > 0);
        let mut reasons: Vec<&str> = Vec::new();
        for reason in failed.filter_map(|cases| self.known(id, cases.callback)) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    fn state(&self, requirement: &'static Requirement, entry: &Entry, ended: &Ended) -> State {
        if entry.failed > 0 {
            return State::Failed;
        }
        if let Some(reason) = requirement.unobservable {
            return State::NotExercised(format!("cannot be observed from outside: {reason}"));
        }
        if let Some(reason) = &entry.blocked {
            return State::Blocked(reason.clone());
        }
        if entry.cases > 0 {
            return State::Passed;
        }
        if let Some(reason) = &entry.unexercised {
            return State::NotExercised(reason.clone());
        }
        match ended {
            Ended::Interrupted => return State::NotExercised("the run was interrupted".to_owned()),
            Ended::Unreachable(_) => {
                return State::NotExercised("the handler could not be reached".to_owned());
            }
            Ended::HandlerLost(_) => {
                return State::NotExercised("the handler went away before".to_owned());
            }
            Ended::SuiteFault(_) => {
                return State::NotExercised("the suite failed before".to_owned());
            }
            Ended::Completed => {}
        }
        let broken = FOUNDATIONS
            .iter()
            .find(|id| **id != requirement.id && self.ledger.failed(id) > 0);
        match broken {
            Some(id) => State::Blocked(format!("{id} failed, so nothing could be learnt")),
            None if entry.throttled > 0 => State::Blocked(
                "every case was answered 429; raise the handler's limits for this run".to_owned(),
            ),
            // Not what the run leaves out by itself, so it must not pass for complete.
            None if entry.cut > 0 => {
                State::Blocked("the time was over before: --budget".to_owned())
            }
            None => State::NotExercised("no answer gave evidence for it".to_owned()),
        }
    }
}
