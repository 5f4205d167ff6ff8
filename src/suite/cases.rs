//! Sending cases: enumerated ones as they come, generated ones as they are made, until the time is over.

use std::collections::{HashSet, VecDeque};
use std::time::Instant;

use super::batch::Case;
use super::check::Draft;
use super::engine::{Engine, Exchange, Stop};
use super::ledger::Ledger;
use super::plan::Generator;
use super::supply::Supply;

/// A check whose requirement has failed this often has shown what it can.
const ENOUGH_FAILURES: u64 = 8;

impl Engine {
    /// Sends enumerated cases until the deadline.
    pub(super) async fn cases(
        &mut self,
        cases: Vec<Case>,
        deadline: Option<Instant>,
    ) -> Result<(), Stop> {
        let mut cases = VecDeque::from(cases);
        while !cases.is_empty() {
            if past(deadline) {
                for (id, _) in cases {
                    self.ledger.cut(id, 1);
                }
                return Ok(());
            }
            let most = self.window_size();
            let mut batch = Vec::with_capacity(most);
            while batch.len() < most
                && let Some((id, draft)) = cases.pop_front()
            {
                if !draft.telling && self.has_failed_enough(id, &draft) {
                    self.spared += 1;
                    self.progress(1);
                } else {
                    batch.push((id, draft));
                }
            }
            let (_, left) = self.batch(batch, deadline).await?;
            for case in left.into_iter().rev() {
                cases.push_front(case);
            }
        }
        Ok(())
    }

    /// Sends generated cases, one of every generator in turn, until the deadline.
    pub(super) async fn generated(
        &mut self,
        generators: &[Generator],
        numbers: std::ops::Range<u64>,
        deadline: Option<Instant>,
    ) -> Result<(), Stop> {
        let mut shrunk = HashSet::new();
        let mut supply = Supply::start(self.session.clone(), generators, numbers.clone());
        let mut turns = numbers
            .flat_map(|number| (0..generators.len()).map(move |generator| (number, generator)))
            .peekable();
        // What was made and not sent.
        let mut ready: VecDeque<((u64, usize), Draft)> = VecDeque::new();
        while turns.peek().is_some() || !ready.is_empty() {
            if past(deadline) {
                let ready = ready.into_iter().map(|(origin, _)| origin);
                for (_, generator) in ready.chain(turns) {
                    self.ledger.cut(generators[generator].id, 1);
                }
                return Ok(());
            }
            let most = self.window_size();
            let mut origins = Vec::with_capacity(most);
            let mut batch = Vec::with_capacity(most);
            while batch.len() < most {
                let (origin, draft) = match (ready.pop_front(), turns.peek()) {
                    (Some(made), _) => made,
                    (None, Some(_)) => {
                        let draft = supply.next().await?;
                        let Some(origin) = turns.next() else { break };
                        (origin, draft)
                    }
                    (None, None) => break,
                };
                let id = generators[origin.1].id;
                if self.has_failed_enough(id, &draft) {
                    self.spared += 1;
                    self.progress(1);
                    continue;
                }
                origins.push(origin);
                batch.push((id, draft));
            }
            let before = Broken::now(&self.ledger);
            let (exchanges, left) = self.batch(batch, deadline).await?;
            let unsent = origins.split_off(exchanges.len());
            for (origin, (_, draft)) in unsent.into_iter().zip(left).rev() {
                ready.push_front((origin, draft));
            }
            for (exchange, (number, place)) in exchanges.iter().zip(origins) {
                for id in before.newly(exchange) {
                    let with = before.with(exchange.draft.call.callback.name);
                    if shrunk.insert((generators[place].id, id, with)) {
                        self.shrink(&generators[place], number, id, exchange)
                            .await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a requirement has failed so often that another case of it shows nothing new.
    pub(super) fn has_failed_enough(&self, id: &str, draft: &Draft) -> bool {
        self.ledger.failed_with(id, draft.call.callback.name) >= ENOUGH_FAILURES
    }
}

/// Whether the time is over.
pub(super) fn past(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() > deadline)
}

/// What was broken at a moment: requirements, with the callback where callbacks are told apart.
struct Broken {
    by_callback: bool,
    places: HashSet<(&'static str, Option<&'static str>)>,
}

impl Broken {
    fn now(ledger: &Ledger) -> Self {
        Self {
            by_callback: ledger.tells_callbacks_apart(),
            places: ledger.broken().collect(),
        }
    }

    fn with(&self, callback: &'static str) -> Option<&'static str> {
        self.by_callback.then_some(callback)
    }

    /// The requirements that an exchange breaks and that were whole then.
    fn newly(&self, exchange: &Exchange) -> Vec<&'static str> {
        let with = self.with(exchange.draft.call.callback.name);
        let broken = exchange.judgement.findings.iter();
        broken
            .filter(|finding| finding.defect.is_some())
            .map(|finding| finding.id)
            .filter(|id| !self.places.contains(&(id, with)))
            .collect()
    }
}
