//! Steps at which the handler failed outright: whether that repeats decides what it is blamed on. What changes data is not
//! simply sent again; the whole sequence is, from the start.

use super::execute::Recording;
use super::intent::Intent;
use crate::suite::batch::{closed, stumbled};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::flaky::{STEADY, Suspect, how};
use crate::suite::judge::{Defect, Disposition};

/// How often a sequence is sent again.
const AGAIN: u32 = 3;

impl Engine {
    /// Whether what an exchange of a sequence shows may be a failure that does not repeat.
    pub(crate) fn is_suspect(&self, exchange: &Exchange) -> bool {
        // A refusal may be right or wrong, but it is the handler's decision; unless it does not know the gateway just then.
        let refused = match exchange.judgement.disposition {
            Disposition::Refused(status) => !matches!(status, 401 | 403),
            _ => false,
        };
        self.recording == Recording::Everything
            && stumbled(exchange)
            && !refused
            && !self.flaky.is_firm(exchange.about)
    }

    /// Keeps a defect until it is known whether it repeats.
    pub(crate) fn suspect(
        &mut self,
        id: &'static str,
        defect: Defect,
        exchange: &Exchange,
        broken: &mut Vec<&'static str>,
    ) {
        if broken.contains(&id) {
            return;
        }
        broken.push(id);
        let evidence = self.evidence(id, defect, exchange);
        self.flaky.suspects.push(Suspect {
            id,
            place: None,
            how: how(exchange),
            evidence,
        });
    }

    /// The suspects that are not placed yet are of this step.
    pub(super) fn place_suspects(&mut self, place: usize) {
        for suspect in &mut self.flaky.suspects {
            suspect.place.get_or_insert(place);
        }
    }

    /// Runs the sequence again, to the step of each suspect.
    pub(crate) async fn try_suspects(&mut self, intents: &[Intent]) -> Result<(), Stop> {
        for suspect in std::mem::take(&mut self.flaky.suspects) {
            let again = self.flaky.is_firm(suspect.id) || self.repeats(&suspect, intents).await?;
            self.judge_suspect(suspect, again);
        }
        Ok(())
    }

    /// Whether a failure comes again at its very place. What depends on others that are under way may do so once only, where right
    /// requests do not fail by themselves; anything else may fail there more than once by chance.
    async fn repeats(&mut self, suspect: &Suspect, intents: &[Intent]) -> Result<bool, Stop> {
        let intent = suspect.place.and_then(|place| intents.get(place));
        let at_once = intent.is_some_and(|intent| intent.manner.is_at_once());
        let needed = match at_once && !self.flaky.is_known() {
            true => 1,
            false => AGAIN,
        };
        let mut seen = 0;
        for tried in 1..=AGAIN {
            // Other numbers of requests each time: who fails at one in so many may get to the same place by counting.
            for _ in 0..tried {
                let draft = self.fence_draft("before a sequence is sent again");
                self.exchange(STEADY, draft).await?;
            }
            seen += u32::from(self.comes_again(suspect, intents).await?);
            if seen >= needed || seen + (AGAIN - tried) < needed {
                break;
            }
        }
        let repeats = seen >= needed;
        Ok(repeats && !(needed < AGAIN && self.fails_alone().await?))
    }

    async fn comes_again(&mut self, suspect: &Suspect, intents: &[Intent]) -> Result<bool, Stop> {
        let end = suspect.place.map_or(0, |place| place + 1);
        self.recording = Recording::Nothing;
        let result = self
            .prefaced(&intents[..end.min(intents.len())], false)
            .await;
        self.recording = Recording::Everything;
        let (preface, broken) = result?;
        Ok(match suspect.place {
            // By then a simpler requirement may be blamed for the same.
            Some(place) => broken
                .iter()
                .any(|(id, at)| *at == place && (*id == suspect.id || self.ledger.failed(id) > 0)),
            None => preface.iter().any(|(id, _)| *id == suspect.id),
        })
    }

    /// Enters a suspect as what it turned out to be.
    pub(super) fn judge_suspect(&mut self, suspect: Suspect, again: bool) {
        if again {
            self.flaky.repeats(suspect.id);
            let callback = suspect.evidence.callback;
            let kept = (self.ledger).keeps_more(suspect.id, callback.unwrap_or_default());
            self.enter_failure(suspect.id, callback, kept.then_some(suspect.evidence));
        } else {
            self.flaky.begin();
            self.note_flaky_step(suspect);
        }
    }
}

/// The requirement that a step's answer may break: the one that it is about, or the one that an answer comes at all, where the
/// connection was closed under it, as a restart does for once.
pub(crate) fn at_stake(exchange: &Exchange) -> &'static str {
    let mut findings = exchange.judgement.findings.iter();
    let broken = findings.find(|finding| closed(exchange) && finding.defect.is_some());
    broken.map_or(exchange.about, |finding| finding.id)
}
