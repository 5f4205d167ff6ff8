//! Windows: as many cases as are sent in one go, with controls among them, so that the handler is never waited for with
//! idle hands and what did it harm is still found among few.

use std::sync::Arc;
use std::time::Instant;

use super::batch::{AFTERWARDS, Case, stumbled, turned_away};
use super::engine::{Engine, Exchange, Stop, blame_mix_ups};
use super::lanes::{Halt, Halting};

/// Cases between two controls.
const STRIDE: usize = 16;
/// Most cases of a window, if no more are sent at once than by default.
const MOST: usize = 64;
/// After so many controls in company that showed nothing alone, no more is made of them.
const IN_VAIN: u32 = 3;

/// What came of a window.
pub(crate) struct Window {
    /// The exchanges of the cases, in order.
    pub exchanges: Vec<Exchange>,
    /// The cases that were not sent, because something was wrong by then.
    pub left: Vec<Case>,
    /// How many of the exchanges, from the first, are above suspicion: behind each of them a control was answered as
    /// before.
    pub innocent: usize,
    /// Whether a control among them was not.
    pub disturbed: bool,
    /// The controls among them that the handler failed at outright.
    pub failed: Vec<Exchange>,
}

/// How large a window may be.
#[derive(Debug)]
pub(crate) struct Size {
    cases: usize,
    in_vain: u32,
}

impl Size {
    /// Small at first.
    pub fn new() -> Self {
        Self {
            cases: STRIDE,
            in_vain: 0,
        }
    }

    /// Grows while all is well. No clock has a part in it: what is spared once a requirement has failed often enough
    /// depends on where windows end, and must be the same in every run.
    fn went(&mut self, well: bool, concurrency: usize) {
        self.cases = match well {
            true => (self.cases * 2).min(MOST.max(concurrency * 4)),
            false => STRIDE,
        };
    }

    /// What controls in company showed was shown alone too, or not.
    pub fn disturbed(&mut self, in_vain: bool) {
        self.in_vain = if in_vain { self.in_vain + 1 } else { 0 };
    }
}

impl Engine {
    /// How many cases the next window should have: fewer for a handler so slow that they cannot be sent at once.
    pub(crate) fn window_size(&self) -> usize {
        match self.pace().is_crawling() {
            true => STRIDE / 4,
            false => self.size.cases,
        }
    }

    /// Sends cases, with controls among them where they are `fenced`, and halts where something is wrong or the time is
    /// up.
    pub(super) async fn window(
        &mut self,
        cases: Vec<Case>,
        fenced: bool,
        deadline: Option<Instant>,
    ) -> Result<Window, Stop> {
        let most = self.session.options.concurrency;
        let mut jobs = Vec::with_capacity(cases.len() + cases.len() / STRIDE);
        for (place, case) in cases.into_iter().enumerate() {
            if fenced && place > 0 && place % STRIDE == 0 {
                jobs.push(("ROB-11", self.fence_draft(AFTERWARDS)));
            }
            jobs.push(case);
        }
        let is_fence = |place: usize| fenced && place % (STRIDE + 1) == STRIDE;

        let telling = self.size.in_vain < IN_VAIN && !self.flaky.is_known();
        let usual = telling.then(|| Arc::new(self.usual()));
        let expected = usual.clone();
        let tells = move |exchange: &Exchange| {
            let wrong = match exchange.about {
                "ROB-11" => {
                    (expected.as_ref()).is_some_and(|usual| usual.trouble(exchange).is_some())
                }
                _ => exchange.broken().is_some() || turned_away(exchange),
            };
            match deadline.is_some_and(|deadline| Instant::now() > deadline) {
                true => Halting::AtOnce,
                false if wrong => Halting::InReach,
                false => Halting::No,
            }
        };
        // Not at once, but so far behind that it makes no difference how many are under way by then.
        let ahead = 1 + most.div_ceil(STRIDE + 1);
        let reach = move |place: usize| (place / (STRIDE + 1) + ahead) * (STRIDE + 1);
        let halt = Halt {
            reach: Box::new(reach),
            tells: Box::new(tells),
        };
        let mut carried = self.carry_all(jobs, most, Some(halt)).await?;
        if most > 1 {
            blame_mix_ups(&mut carried.exchanges);
        }
        let observations = carried.exchanges.iter().map(|one| &one.observation);
        self.pace().learn_batch(observations);

        let sent = carried.exchanges.len();
        let mut first_trouble = sent;
        let mut disturbed = false;
        let mut failed = Vec::new();
        let mut exchanges = Vec::with_capacity(sent);
        for (place, exchange) in carried.exchanges.into_iter().enumerate() {
            let wrong = match is_fence(place) {
                false => exchange.broken().is_some() || turned_away(&exchange),
                true => match usual.as_ref().map(|usual| usual.trouble(&exchange)) {
                    Some(None) => {
                        self.ledger.pass("ROB-11");
                        false
                    }
                    Some(Some(_)) => {
                        disturbed = true;
                        true
                    }
                    None => false,
                },
            };
            if wrong {
                first_trouble = first_trouble.min(place);
            }
            if !is_fence(place) {
                exchanges.push(exchange);
            } else if stumbled(&exchange) {
                failed.push(exchange);
            }
        }
        let left = carried.left.into_iter().enumerate();
        let left = left.filter(|(place, _)| !is_fence(sent + place));
        let any_defect = (exchanges.iter()).any(|one| one.judgement.any_defect());
        self.size.went(first_trouble == sent && !any_defect, most);
        // The last control that was answered as before may have overtaken some of the cases before it.
        let innocent = (first_trouble / (STRIDE + 1)).saturating_sub(1) * STRIDE;
        Ok(Window {
            innocent: innocent.min(exchanges.len()),
            exchanges,
            left: left.map(|(_, case)| case).collect(),
            disturbed,
            failed,
        })
    }
}
