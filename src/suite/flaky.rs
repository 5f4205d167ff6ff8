//! Failures that do not repeat. A request that the handler failed at is sent again, alone; where it is answered rightly then,
//! the requirement of its case is not what was broken, but that a handler answers alike each time.
//!
//! How often a request is sent again depends on its answers alone, never on a clock, and a failure that repeats costs a few
//! exchanges a requirement at most. Callbacks that change data are not sent again here.

use std::collections::{BTreeMap, HashMap};

use super::batch::{stumbled, turned_away};
use super::check::{Draft, Expect};
use super::engine::{Engine, Exchange, Stop};
use super::judge::{Defect, Disposition};
use super::outcome::{Failure, Flakiness};
use super::register;
use super::requirement::Level;

/// How often a request is sent again before its failure is believed to repeat.
pub(super) const REPEATS: u32 = 3;
/// Failures of cases about one requirement that are found to repeat before further ones are believed as they come.
const FIRM: u32 = 2;
/// Moments with failures that did not repeat, from which on the handler is known for them. One may be a restart.
const KNOWN: u64 = 2;
/// Right requests that are sent to see whether what happened once happens again.
const PROBE: usize = 200;
/// Right requests, one at a time, among which a handler that fails now and then is likely to fail.
const ONE_AT_A_TIME: usize = 64;
/// The same number where answers are slow.
const FEW: usize = 16;
/// How often it is asked whether right requests fail in company, until they have once.
const ASKED: u32 = 3;
/// Failures whose evidence is kept.
const KEPT: usize = 3;

/// The requirement that right requests, and wrong ones of an obligation, are answered alike each time.
pub(crate) const STEADY: &str = "ROB-23";
/// The same of the other wrong requests.
pub(super) const STEADY_ODD: &str = "ROB-24";
/// The requirement that right requests are answered in company.
pub(super) const COMPANY: &str = "ROB-12";

/// What is known of failures that did not repeat.
#[derive(Debug, Default)]
pub(crate) struct Flaky {
    /// Requests that failed once, by how.
    answers: BTreeMap<String, u64>,
    /// By requirement, how many, and the evidence of the first.
    broken: BTreeMap<&'static str, (u64, Vec<Failure>)>,
    /// Requests sent again, and again.
    sent_again: u64,
    /// Counts what is sent in one go, so that what one restart does to all that is under way counts once.
    moment: u64,
    /// The last moment with such a failure, and how many there were.
    last: Option<u64>,
    moments: u64,
    /// Failures that did repeat, by the requirement that the cases were about.
    firm: HashMap<&'static str, u32>,
    /// Whether right requests fail in company alone; `None` while it is not known.
    company: Option<bool>,
    asked: u32,
    /// Failures of sequences that are still to be looked into.
    pub(crate) suspects: Vec<Suspect>,
}

/// A failure of a step of a sequence, which may not repeat.
#[derive(Debug)]
pub(crate) struct Suspect {
    /// The requirement that is broken if it does.
    pub id: &'static str,
    /// The step's place; `None` while it is not known, and for what goes before the sequence.
    pub place: Option<usize>,
    /// How the handler failed.
    pub how: String,
    /// The evidence.
    pub evidence: Failure,
}

impl Flaky {
    /// Another window, or exchange of its own, begins.
    pub fn begin(&mut self) {
        self.moment += 1;
    }

    /// Whether the handler is known to fail now and then.
    pub fn is_known(&self) -> bool {
        self.moments >= KNOWN
    }

    /// What was seen counts, though it was seen once.
    pub fn counts(&mut self) {
        self.moments = self.moments.max(KNOWN);
    }

    /// Whether failures of cases about a requirement have been found to repeat, so that more are believed.
    pub fn is_firm(&self, about: &str) -> bool {
        self.firm.get(about).is_some_and(|times| *times >= FIRM)
    }

    /// A failure of a case about a requirement has repeated.
    pub fn repeats(&mut self, about: &'static str) {
        *self.firm.entry(about).or_default() += 1;
    }

    /// What the outcome tells; `None` where every failure repeated.
    pub fn told(&self, of: u64) -> Option<Flakiness> {
        (!self.answers.is_empty()).then(|| Flakiness {
            requests: self.answers.values().sum(),
            of,
            sent_again: self.sent_again,
            answers: self.answers.clone().into_iter().collect(),
            counts: self.is_known(),
        })
    }
}

impl Engine {
    /// Sends one case alone. One that the handler fails at is sent again, unless it changes data: whether that repeats
    /// decides what it is blamed on.
    pub async fn exchange_firmly(
        &mut self,
        about: &'static str,
        draft: Draft,
    ) -> Result<Exchange, Stop> {
        self.flaky.begin();
        let exchange = self.exchange(about, draft).await?;
        self.firmly(exchange, false).await
    }

    /// The exchange, or in its place the one behind it where the handler failed once only. `in_company` says whether others
    /// were under way.
    pub async fn firmly(&mut self, first: Exchange, in_company: bool) -> Result<Exchange, Stop> {
        if !stumbled(&first) || first.draft.call.callback.changes_data {
            return Ok(first);
        }
        self.sifted(first, in_company).await
    }

    /// The same of a case that may be sent again whatever its callback.
    pub(super) async fn sifted(
        &mut self,
        first: Exchange,
        in_company: bool,
    ) -> Result<Exchange, Stop> {
        if !stumbled(&first) || self.flaky.is_firm(first.about) {
            return Ok(first);
        }
        match self.right_again(&first, REPEATS).await? {
            Some(again) => {
                if in_company && self.fails_in_company().await? {
                    self.blame_company(&first);
                } else {
                    self.note_flake(&first);
                }
                Ok(again)
            }
            None => {
                self.flaky.repeats(first.about);
                Ok(first)
            }
        }
    }

    /// Sends a case again, alone, at most so often: the first exchange at which the handler does not fail.
    pub(super) async fn right_again(
        &mut self,
        first: &Exchange,
        times: u32,
    ) -> Result<Option<Exchange>, Stop> {
        for _ in 0..times {
            self.flaky.sent_again += 1;
            let again = self.exchange(first.about, first.draft.clone()).await?;
            if !stumbled(&again) && again.broken().is_none() {
                return Ok(Some(again));
            }
        }
        Ok(None)
    }

    /// Enters that the handler failed at a request, which it answered rightly when it was sent again.
    pub(super) fn note_flake(&mut self, exchange: &Exchange) {
        let id = steady(exchange.about);
        let kept = self.flaky.broken.get(id).map_or(0, |(_, kept)| kept.len());
        let evidence = (kept < KEPT).then(|| {
            let expected = match exchange.draft.expect {
                Expect::Accept => "success, as when it was sent again",
                _ => "what was answered when it was sent again",
            };
            let defect = Defect {
                expected: expected.to_owned(),
                observed: format!("{} once", how(exchange)),
            };
            self.evidence(id, defect, exchange)
        });
        self.enter_flake(id, how(exchange), &exchange.draft.name, evidence);
    }

    /// The same of a failure of a sequence, which did not fail when all of it was sent again.
    pub(super) fn note_flaky_step(&mut self, suspect: Suspect) {
        let id = steady(suspect.id);
        let kept = self.flaky.broken.get(id).map_or(0, |(_, kept)| kept.len());
        let name = suspect.evidence.case.clone();
        let evidence = (kept < KEPT).then(|| Failure {
            expected: "what came when all of these callbacks were sent again".to_owned(),
            observed: format!("{} once", suspect.how),
            repeat: suspect.evidence.repeat.replace(suspect.id, id),
            ..suspect.evidence
        });
        self.enter_flake(id, suspect.how, &name, evidence);
    }

    fn enter_flake(
        &mut self,
        id: &'static str,
        how: String,
        name: &str,
        evidence: Option<Failure>,
    ) {
        let flaky = &mut self.flaky;
        let (count, failures) = flaky.broken.entry(id).or_default();
        *count += 1;
        failures.extend(evidence);
        *flaky.answers.entry(how.clone()).or_default() += 1;
        let known = flaky.is_known();
        if flaky.last != Some(flaky.moment) {
            flaky.last = Some(flaky.moment);
            flaky.moments += 1;
        }
        if !known && flaky.is_known() {
            self.notice(format!(
                "the handler is flaky: the case {name:?} was answered rightly when it was sent again ({how} before), and \
                 that is not the first time"
            ));
        }
    }

    /// Whether right requests fail while other right requests are under way, though one at a time they do not.
    pub(super) async fn fails_in_company(&mut self) -> Result<bool, Stop> {
        let most = self.session.options.concurrency;
        if most < 2 || self.flaky.is_known() || self.flaky.asked >= ASKED {
            return Ok(self.flaky.company.unwrap_or(false));
        }
        if let Some(known) = self.flaky.company {
            return Ok(known);
        }
        self.flaky.asked += 1;
        let count = (self.pace().limit() * 4).clamp(4, most * 4);
        if !self.any_stumbles(count, most).await? {
            return Ok(false);
        }
        let company = !self.fails_alone().await? && self.any_stumbles(count, most).await?;
        self.flaky.company = Some(company);
        if company {
            self.notice(
                "right requests fail while others are under way, and not one at a time: that breaks ROB-12, and what failed \
                 so is not blamed on what it was about",
            );
        }
        Ok(company)
    }

    /// Whether right requests fail though they come one at a time.
    pub(crate) async fn fails_alone(&mut self) -> Result<bool, Stop> {
        let count = if self.pace().is_crawling() {
            FEW
        } else {
            ONE_AT_A_TIME
        };
        self.any_stumbles(count, 1).await
    }

    /// Whether the handler fails at one of so many right requests, so many of which are under way at once. One at a time, it
    /// ends with the first.
    async fn any_stumbles(&mut self, count: usize, at_once: usize) -> Result<bool, Stop> {
        let mut left = count;
        while left > 0 {
            let now = left.min(if at_once == 1 { 1 } else { count });
            let cases = (0..now)
                .map(|_| ("ROB-11", self.fence_draft("a right request among others")))
                .collect();
            let exchanges = self.exchange_all(cases, at_once).await?;
            if exchanges.iter().any(stumbled) {
                return Ok(true);
            }
            left -= now;
        }
        Ok(false)
    }

    /// Enters that a request failed only while others were under way.
    pub(super) fn blame_company(&mut self, exchange: &Exchange) {
        let defect = Defect {
            expected: "a request is answered as it is alone, whatever else is under way".to_owned(),
            observed: format!(
                "{} while others were under way, {} alone",
                how(exchange),
                match exchange.draft.expect {
                    Expect::Accept => "success",
                    _ => "a right answer",
                }
            ),
        };
        self.accuse(COMPANY, defect, exchange);
    }

    /// At the end of a run: what failed once is looked for again, and what failed now and then is entered.
    pub(crate) async fn conclude_flaky(&mut self) -> Result<(), Stop> {
        if self.flaky.moments > 0 && !self.flaky.is_known() {
            let count = if self.pace().is_crawling() {
                FEW
            } else {
                PROBE
            };
            let most = self.session.options.concurrency;
            let cases = (0..count)
                .map(|_| (STEADY, self.fence_draft("a right request, one of many")))
                .collect();
            let exchanges = self.exchange_all(cases, most).await?;
            for exchange in exchanges {
                self.flaky.begin();
                self.sifted(exchange, true).await?;
            }
        }
        Ok(())
    }

    /// Enters in the ledger what failed now and then, with the figures of the whole run.
    pub(super) fn enter_flaky(&mut self) {
        let Some(told) = self.flaky.told(self.info.exchanges) else {
            return;
        };
        if !told.counts {
            self.notice(told.sentence());
            return;
        }
        for (id, (count, failures)) in std::mem::take(&mut self.flaky.broken) {
            let callback = failures.first().and_then(|failure| failure.callback);
            let mut failures = failures.into_iter().map(|mut failure| {
                failure.observed = format!("flaky: {}. {}", failure.observed, told.sentence());
                failure
            });
            for _ in 0..count {
                let failure = failures.next();
                let of = failure
                    .as_ref()
                    .map_or(callback, |failure| failure.callback);
                self.enter_failure(id, of, failure);
            }
        }
    }
}

/// The requirement that cases about this one are answered alike each time.
fn steady(about: &str) -> &'static str {
    match register::find(about).map(|one| one.level) {
        Some(Level::Must) => STEADY,
        _ => STEADY_ODD,
    }
}

/// How the handler failed at a request, in a few words.
pub(crate) fn how(exchange: &Exchange) -> String {
    match &exchange.judgement.disposition {
        Disposition::NoAnswer(kind) => kind.to_string(),
        _ => match exchange.observation.status() {
            Some(status) if turned_away(exchange) && status < 500 => {
                format!("status {status} to a right request")
            }
            Some(status) => format!("status {status}"),
            None => "no answer".to_owned(),
        },
    }
}
