//! The plan: which checks run, with which cases, in which order.
//!
//! First everything that no budget cuts: the procedures, and of every check its most telling cases. Then the other
//! enumerated cases, then the generated ones. Checks take turns, so that time cut off at the end is cut off evenly, and a
//! handler that is slower still has at least been asked everything once.

use std::collections::{HashMap, HashSet};

use proptest::strategy::SBoxedStrategy;

use super::check::{Check, Denial, Draft, Expect, Method, Need, Steps};
use super::checks;
use super::customs::DECLARED;
use super::engine::Engine;
use super::options::Profile;
use super::register;
use super::requirement::Requirement;
use super::session::Session;
use crate::generate::seed;
use crate::protocol::{Callback, CallbackIdentity};

/// Numbers of generated cases begin here, far behind those of enumerated ones.
const FIRST_GENERATED: u64 = 1 << 32;
/// Generated cases of every check that no budget cuts.
pub(crate) const TELLING_GENERATED: u64 = 2;

/// The procedures that will be run.
pub(crate) struct Procedures {
    /// Before everything else, in order.
    pub early: Vec<(&'static str, u64, StepsFn)>,
    /// Behind the telling cases, in order.
    pub late: Vec<(&'static str, u64, StepsFn)>,
}

/// The cases that will be sent.
pub(crate) struct Plan {
    /// The first enumerated case of every check: what comes before all others.
    pub first: Vec<(&'static str, Draft)>,
    /// The other enumerated cases that no budget cuts: the second of every check, the third, and so on.
    pub telling: Vec<(&'static str, Draft)>,
    /// The other enumerated cases.
    pub further: Vec<(&'static str, Draft)>,
    /// Where generated cases come from.
    pub generators: Vec<Generator>,
}

/// Why a check cannot run; `None` when it can.
pub(crate) fn unmet(session: &Session, check: &Check) -> Option<&'static str> {
    check.needs.iter().find_map(|need| session.unmet(*need))
}

/// Runs a procedure.
pub(crate) type StepsFn = for<'a> fn(&'a mut Engine) -> Steps<'a>;

/// Where the generated cases of a check come from.
#[derive(Clone)]
pub(crate) struct Generator {
    /// The check.
    pub id: &'static str,
    /// Its cases, for each callback; they take turns.
    pub strategies: Vec<SBoxedStrategy<Draft>>,
}

/// Whether the cases of a check can be made of this callback.
fn suits(session: &Session, check: &Check, callback: &Callback) -> bool {
    let by_credentials =
        session.options.enablement.identity(callback) == CallbackIdentity::Credentials;
    let needed = [
        Need::Credentials,
        Need::SentCredentials,
        Need::OtherCredentials,
    ];
    by_credentials
        || !check.needs.iter().any(|need| needed.contains(need))
        // A custom callback may go by the tenant alone, so that wrong credentials need not be refused.
        || (callback.custom.is_some() && check.needs.contains(&Need::SentCredentials))
}

/// Whether a case changes nothing even if a handler takes it: it is the control in other words, or with another token. What
/// wrong credentials do to a write is tried in sequences: they may be right for somebody else.
fn is_harmless(callback: &Callback, expect: Expect) -> bool {
    !callback.changes_data
        || matches!(
            expect,
            Expect::Accept
                | Expect::Refuse {
                    denial: Some(Denial::Token),
                    ..
                }
        )
}

/// Whether custom callbacks are sent for the sake of these requirements.
pub(crate) fn sends_customs(session: &Session, selected: &[&'static Requirement]) -> bool {
    // They are outside of what Acronis verifies, and what the user leaves out is not sent for the sake of others.
    let left_out = register::matches_any(&session.options.skip, DECLARED);
    if left_out || session.options.profile == Profile::Verification {
        return false;
    }
    let sends = |check: &Check| check.is_custom() || matches!(check.method, Method::Cases { .. });
    !session.customs().all().is_empty() && useful(session, checks::all(), selected).any(sends)
}

/// The checks whose wrong requests are sent of custom callbacks that change data, too.
pub(crate) fn refusing<'a>(
    session: &'a Session,
    selected: &'a [&'static Requirement],
) -> impl Iterator<Item = &'static Check> + 'a {
    let all = useful(session, checks::all(), selected);
    all.filter(|check| !check.is_custom() && matches!(check.method, Method::Cases { .. }))
}

/// The first case of a check that a right handler must refuse, so that it changes nothing there. What is right, or may be taken for
/// right, would change data once more.
pub(crate) fn refused(
    session: &Session,
    check: &Check,
    callback: &'static Callback,
) -> Option<Draft> {
    let Method::Cases {
        enumerated: Some(cases),
        ..
    } = check.method
    else {
        return None;
    };
    let mut drafts = suits(session, check, callback)
        .then(|| cases(session, callback))?
        .into_iter();
    drafts.find(|draft| draft.telling && matches!(draft.expect, Expect::Refuse { .. }))
}

/// What the checks are about that are run for the sake of these requirements.
pub(crate) fn useful_ids<'a>(
    session: &'a Session,
    selected: &'a [&'static Requirement],
) -> impl Iterator<Item = &'static str> + 'a {
    useful(session, checks::all(), selected).map(|check| check.id)
}

/// The checks that are run for the sake of these requirements.
fn useful<'a>(
    session: &'a Session,
    checks: &'static [Check],
    selected: &'a [&'static Requirement],
) -> impl Iterator<Item = &'static Check> + 'a {
    let wanted: HashSet<&str> = selected.iter().map(|requirement| requirement.id).collect();
    checks.iter().filter(move |check| {
        let useful = checks
            .iter()
            .any(|other| wanted.contains(other.id) && is_run_for(check, other));
        // What the user leaves out is not sent for the sake of other requirements either: it may do harm.
        let left_out = register::matches_any(&session.options.skip, check.id);
        useful && !left_out && unmet(session, check).is_none()
    })
}

/// Whether a check is run where another one's requirement is wanted.
fn is_run_for(check: &Check, other: &Check) -> bool {
    match check.method {
        // What comes late changes the keys and takes its time: not for the sake of others.
        Method::Procedure { late: true, .. } => check.id == other.id,
        _ => check.bears_on(other),
    }
}

/// The requirements to be wanted beside `id`, so that what is sent about `about` is sent again: an answer may show more than
/// what it was asked for.
pub(crate) fn wanted_beside(
    checks: &'static [Check],
    id: &str,
    about: &str,
) -> impl Iterator<Item = &'static str> {
    let wanted = checks.iter().find(move |check| check.id == id);
    let sends = move |check: &&Check| match check.method {
        Method::Procedure { with, .. } => check.id == about || with.contains(&about),
        Method::Cases { .. } => check.id == about,
        // These only look at what others send.
        Method::Passive(_) | Method::Elsewhere | Method::Sequence => false,
    };
    let senders = checks.iter().filter(sends);
    senders
        .filter(move |check| !wanted.is_some_and(|wanted| is_run_for(check, wanted)))
        .map(|check| check.id)
}

impl Procedures {
    /// The procedures for these requirements.
    pub fn new(
        session: &Session,
        checks: &'static [Check],
        selected: &[&'static Requirement],
    ) -> Self {
        let mut procedures = Self {
            early: Vec::new(),
            late: Vec::new(),
        };
        for check in useful(session, checks, selected) {
            if let Method::Procedure {
                steps,
                weight,
                late,
                ..
            } = check.method
            {
                let list = match late {
                    true => &mut procedures.late,
                    false => &mut procedures.early,
                };
                list.push((check.id, weight, steps));
            }
        }
        procedures
    }

    /// Exchanges of all of them.
    pub fn weight(&self) -> u64 {
        let all = self.early.iter().chain(&self.late);
        all.map(|(_, weight, _)| weight).sum()
    }
}

impl Plan {
    /// The plan for these requirements.
    pub fn new(
        session: &Session,
        checks: &'static [Check],
        selected: &[&'static Requirement],
        callbacks: &[&'static Callback],
        (answered, accepted): (&[&'static Callback], &[&'static Callback]),
    ) -> Self {
        let mut plan = Plan {
            first: Vec::new(),
            telling: Vec::new(),
            further: Vec::new(),
            generators: Vec::new(),
        };
        let mut telling: Vec<(usize, &'static str, Draft)> = Vec::new();
        for check in useful(session, checks, selected) {
            match &check.method {
                Method::Passive(_)
                | Method::Elsewhere
                | Method::Sequence
                | Method::Procedure { .. } => {}
                Method::Cases {
                    enumerated,
                    generated,
                    ..
                } => {
                    let mut strategies = Vec::new();
                    let own = check.is_custom();
                    let callbacks = match own {
                        // What one who refuses everything does with wrong requests shows nothing.
                        true if check.wants_control() => accepted,
                        true => answered,
                        false => callbacks,
                    };
                    for (round, callback) in callbacks.iter().copied().enumerate() {
                        if !suits(session, check, callback) {
                            continue;
                        }
                        let drafts = enumerated
                            .map(|cases| cases(session, callback))
                            .unwrap_or_default();
                        // What is less telling is not tried on every callback.
                        let drafts = drafts.into_iter().filter(|draft| {
                            own || round == 0
                                || (draft.telling && is_harmless(callback, draft.expect))
                        });
                        let most = match own {
                            true => usize::MAX,
                            false => session.most_cases(callback),
                        };
                        for (place, draft) in drafts.take(most).enumerate() {
                            match draft.telling {
                                true if place == 0 && round == 0 => {
                                    plan.first.push((check.id, draft));
                                }
                                true => telling.push((place + round, check.id, draft)),
                                false => plan.further.push((check.id, draft)),
                            }
                        }
                        if let Some(generated) = generated.filter(|_| !callback.changes_data) {
                            strategies.push(generated(session, callback));
                        }
                    }
                    if !strategies.is_empty() {
                        plan.generators.push(Generator {
                            id: check.id,
                            strategies,
                        });
                    }
                }
            }
        }
        telling.sort_by_key(|(place, ..)| *place);
        plan.telling = telling
            .into_iter()
            .map(|(_, id, draft)| (id, draft))
            .collect();
        plan.shuffle_further(session.options.seed);
        plan
    }

    /// Puts the further cases into an order that the seed fixes, and in which those of one requirement follow each other
    /// in the same way whatever else is run, so that a requirement alone shows what it showed in a full run.
    fn shuffle_further(&mut self, seed: u64) {
        let mut numbers: HashMap<&str, u64> = HashMap::new();
        let mut keyed: Vec<_> = (self.further.drain(..))
            .map(|(id, draft)| {
                let number = numbers.entry(id).or_default();
                *number += 1;
                let key = seed::case_seed(seed, &format!("{id} order"), *number);
                (key, (id, draft))
            })
            .collect();
        keyed.sort_by_key(|(key, _)| *key);
        self.further = keyed.into_iter().map(|(_, case)| case).collect();
    }

    /// Cases in all.
    pub fn cases(&self, generated: u64) -> u64 {
        let more = generated.saturating_sub(TELLING_GENERATED);
        self.assured(generated) + self.further.len() as u64 + self.generators.len() as u64 * more
    }

    /// Cases that no budget cuts.
    pub fn assured(&self, generated: u64) -> u64 {
        let generated = self.generators.len() as u64 * generated.min(TELLING_GENERATED);
        (self.first.len() + self.telling.len()) as u64 + generated
    }
}

impl Generator {
    /// A generated case with a request id of its own: generators share one control, and a handler may remember ids.
    /// `step` counts the steps of shrinking, from 0.
    pub fn own(&self, session: &Session, mut draft: Draft, number: u64, step: u64) -> Draft {
        let callback = draft.call.callback;
        let shared = session.request_id(callback, self.id, u64::MAX);
        if draft.call.request_id == shared {
            let own =
                session.request_id(callback, self.id, FIRST_GENERATED + number * 1_000 + step);
            draft.call = draft.call.renamed(own);
        }
        draft
    }

    /// The tree of a case: the same for the same seed, and independent of all others.
    pub fn tree(
        &self,
        run_seed: u64,
        number: u64,
    ) -> Result<Box<dyn proptest::strategy::ValueTree<Value = Draft>>, String> {
        use proptest::strategy::Strategy;
        let mut runner = seed::runner(seed::case_seed(run_seed, self.id, number));
        let place = number % self.strategies.len().max(1) as u64;
        let strategy = &self.strategies[place as usize];
        let tree = strategy.new_tree(&mut runner);
        tree.map(|tree| Box::new(tree) as Box<_>).map_err(|reason| {
            format!(
                "{}: case {number} could not be generated: {reason}",
                self.id
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(id: &str, about: &str) -> Vec<&'static str> {
        wanted_beside(checks::all(), id, about).collect()
    }

    #[test]
    fn what_is_seen_in_passing_comes_again_with_the_check_that_sent_it() {
        assert_eq!(beside("TOP-01", "JWT-21"), ["JWT-21"]);
        assert_eq!(beside("ENA-01", "TOP-05"), ["TOP-01"]);
        // It changes the keys, so that it is run for its own sake only.
        assert_eq!(beside("ENV-01", "JWT-18"), ["JWT-18"]);
    }

    #[test]
    fn what_is_sent_anyway_needs_no_naming() {
        for (id, about) in [
            ("JWT-21", "JWT-21"),
            ("TOP-01", "TOP-05"),
            ("TOP-05", "TOP-01"),
            // Passive, of all successes.
            ("ENV-01", "JWT-21"),
            // The first control, and those among wrong requests.
            ("ENA-01", "HTTP-01"),
            ("ENA-01", "ROB-11"),
        ] {
            assert_eq!(beside(id, about), [""; 0], "{id} {about}");
        }
    }
}
