//! Shrinking: from a generated case that failed to the smallest one that still does.

use std::time::{Duration, Instant};

use super::check::Expect;
use super::engine::{Engine, Exchange, Stop};
use super::options::Options;
use super::plan::Generator;

/// Most exchanges spent on one failure.
const MOST_EXCHANGES: u32 = 60;
/// Most exchanges spent on a failure that costs the handler its life or the full timeout.
const MOST_COSTLY: u32 = 8;
/// Most exchanges on one failure, with those that wait for the handler to come back and those that ask whether it is whole.
const MOST_IN_ALL: u64 = 200;
/// Most time spent on one failure.
const MOST_TIME: Duration = Duration::from_secs(10);

impl Engine {
    /// Looks for a smaller case of the same generator that breaks the same requirement, and puts the smallest one found in
    /// the first failure's place.
    pub async fn shrink(
        &mut self,
        generator: &Generator,
        number: u64,
        id: &'static str,
        failed: &Exchange,
    ) -> Result<(), Stop> {
        let before = self.info.exchanges;
        let mut tree = generator
            .tree(self.session.options.seed, number)
            .map_err(Stop::Fault)?;
        let costly = failed.broken().is_some();
        let mut left = if costly { MOST_COSTLY } else { MOST_EXCHANGES };
        let until = Instant::now() + MOST_TIME;
        let mut smallest: Option<Exchange> = None;
        let mut more = tree.simplify();
        while more && left > 0 && Instant::now() < until {
            left -= 1;
            let step = u64::from(MOST_EXCHANGES - left);
            let draft = generator.own(&self.session, tree.current(), number, step);
            let exchange = self.exchange(generator.id, draft).await?;
            if costly && self.fence().await?.is_some() {
                self.wait_until_well("while looking for a smaller case")
                    .await?;
            }
            if exchange.defect(id).is_some() {
                smallest = Some(exchange);
                more = tree.simplify();
            } else {
                more = tree.complicate();
            }
        }
        if !costly && failed.draft.expect != Expect::Accept && self.fence().await?.is_some() {
            self.wait_until_well("while looking for a smaller case")
                .await?;
        }
        // The tests run the suite against every fault with this on. Whoever has more patience has asked for more.
        let patient = Options::default().recovery_patience < self.session.options.recovery_patience;
        debug_assert!(
            patient || self.info.exchanges - before <= MOST_IN_ALL,
            "shrinking a failure of {id} took {} exchanges",
            self.info.exchanges - before
        );
        if let Some(exchange) = smallest
            && let Some(defect) = exchange.defect(id).cloned()
        {
            let evidence = self.evidence(id, defect, &exchange);
            self.ledger.replace_first(id, evidence);
        }
        Ok(())
    }
}
