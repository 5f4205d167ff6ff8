//! From what was seen to an outcome, which is never a verdict on conformance.

use super::proxied::Proxied;
use super::watch::Watch;
use crate::suite::event::Event;
use crate::suite::outcome::{Ended, Outcome, RequirementOutcome, State};
use crate::suite::register;
use crate::suite::requirement::Requirement;

/// What every proxied run says.
const NO_VERDICT: &str = "this is what was seen of traffic that passed a proxy: no conformance verdict. What no exchange showed is not \
                          exercised; acgw check exercises it";
/// Kinds of trouble with requests that notices name.
const MOST_TOLD: usize = 10;
/// Why a requirement is not exercised.
const NOT_SHOWN: &str = "no exchange that passed showed it; acgw check sends what does";

impl Watch {
    /// What was seen until now, and no more will be.
    pub fn conclude(mut self) -> Outcome {
        self.info.duration = self.started.elapsed();
        let mut notices = vec![NO_VERDICT.to_owned()];
        notices.append(&mut self.notices);
        notices.extend(told(&self.proxied));
        let requirements = register::all().iter().copied();
        let outcome = Outcome {
            requirements: requirements.map(|one| self.requirement(one)).collect(),
            ended: match self.fault {
                Some(fault) => Ended::SuiteFault(fault),
                None => Ended::Completed,
            },
            run: self.info,
            flow: None,
            flaky: None,
            latencies: self.latency.told(self.options.timeout),
            baseline: Vec::new(),
            diagnosis: Vec::new(),
            notices,
            proxied: Some(self.proxied),
        };
        self.observer.event(Event::Finished(&outcome));
        outcome
    }

    fn requirement(&self, requirement: &'static Requirement) -> RequirementOutcome {
        let entry = self.ledger.get(requirement.id).cloned().unwrap_or_default();
        let state = match requirement.unobservable {
            _ if entry.failed > 0 => State::Failed,
            Some(reason) => {
                State::NotExercised(format!("cannot be observed from outside: {reason}"))
            }
            None if entry.cases > 0 => State::Passed,
            None => State::NotExercised(NOT_SHOWN.to_owned()),
        };
        RequirementOutcome {
            requirement,
            state,
            cases: entry.cases,
            cut: 0,
            failed_cases: entry.failed,
            callbacks: entry.callbacks,
            known: None,
            failures: entry.failures,
        }
    }
}

/// How often, in words.
fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    }
}

/// What a reader should know of what passed.
fn told(proxied: &Proxied) -> Vec<String> {
    let mut told = vec![format!(
        "{} of {} exchanges that passed were judged",
        proxied.judged, proxied.exchanges
    )];
    for (reason, count) in &proxied.unjudged {
        told.push(format!("not judged ({}): {reason}", times(*count)));
    }
    if proxied.unreachable > 0 {
        told.push(format!(
            "the handler could not be reached {}; the proxy answered 502 itself, which does not count",
            times(proxied.unreachable)
        ));
    }
    for trouble in proxied.troubles.iter().take(MOST_TOLD) {
        told.push(format!(
            "the sender's doing, not the handler's: {} ({}): {}: expected {}, came: {}",
            trouble.callback,
            times(trouble.requests),
            trouble.part,
            trouble.expected,
            trouble.observed
        ));
    }
    let more = proxied.troubles.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        told.push(format!(
            "requests differed in {more} further ways from what is documented; the JSON report has them all"
        ));
    }
    told
}
