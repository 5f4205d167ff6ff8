//! Sequences of steps: the scripted one, generated ones, and the shortest that still fails.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use proptest::strategy::{Strategy as _, ValueTree as _};

use super::execute::Recording;
use super::intent::{Intent, Kind, sequences};
use super::model::{Manner, Model, Party};
use super::observe::View;
use super::remember::resynchronise;
use super::script;
use crate::generate::seed;
use crate::suite::check::Method;
use crate::suite::checks;
use crate::suite::engine::{Engine, Stop};
use crate::suite::flaky::Suspect;
use crate::suite::judge::Defect;

/// Cases of a generated check for which there is one generated sequence: a sequence takes dozens of exchanges.
const CASES_A_SEQUENCE: u32 = 4;
/// Sequences that no budget cuts.
pub(crate) const TELLING_SEQUENCES: u64 = 1;
/// Most exchanges spent on finding a shorter sequence.
const MOST_EXCHANGES: u64 = 200;
/// Most time spent on it.
const MOST_TIME: Duration = Duration::from_secs(10);
/// Steps of the same requirement that are looked into further, once it has failed.
const ENOUGH_FAILURES: u64 = 3;

/// Attempts at coming into the state of the bench.
const ATTEMPTS: usize = 3;

/// Lengths of the ends of a sequence that are tried.
const LENGTHS: &[usize] = &[1, 2, 3, 4, 6, 9, 14];
/// Requirements broken by the scripted sequence for which a shorter one is looked for.
const MOST_SHORTENED: usize = 4;

/// A requirement that was broken, and the place of the step that broke it.
type Broken = (&'static str, usize);

/// Where looking for a shorter sequence ends.
struct Limit {
    exchanges: u64,
    until: Instant,
}

impl Engine {
    /// How many generated sequences are run.
    pub(crate) fn sequences_planned(&self) -> u64 {
        u64::from(self.session.options.cases.div_ceil(CASES_A_SEQUENCE))
    }

    /// Runs the scripted sequence.
    pub(crate) async fn script(&mut self) -> Result<(), Stop> {
        let Some(mut model) = self.model() else {
            return Ok(());
        };
        let script = script::steps(&model);
        self.script_end = self.session.options.script_end(self.started);
        let result = self.run_steps(&mut model, &script, false).await;
        let is_cut = self
            .script_end
            .take()
            .is_some_and(|end| Instant::now() > end);
        self.remember(model);
        let broken = result?;
        if is_cut {
            self.notice("the handler is so slow that the scripted sequence of callbacks was not run to its end: --budget");
            let checks = checks::all().iter();
            for check in checks.filter(|check| matches!(check.method, Method::Sequence)) {
                self.ledger.cut(check.id, 1);
            }
        }
        self.try_suspects(&script).await?;
        let mut seen = HashSet::new();
        for (id, place) in broken {
            let repeats = self.ledger.failed(id) > 0;
            if repeats && seen.insert(id) && seen.len() <= MOST_SHORTENED {
                self.shorten(&script[..=place], id).await?;
            }
        }
        Ok(())
    }

    /// Runs generated sequences of these numbers, until the deadline.
    pub(crate) async fn generated_sequences(
        &mut self,
        numbers: std::ops::Range<u64>,
        deadline: Option<Instant>,
    ) -> Result<(), Stop> {
        let Some(model) = self.model() else {
            return Ok(());
        };
        let parties = model.parties.len();
        let mut shrunk: HashSet<&'static str> = HashSet::new();
        for number in numbers.clone() {
            if deadline.is_some_and(|deadline| Instant::now() > deadline) {
                let cut = numbers.end - number;
                self.notice(format!("the budget cut {cut} sequences of callbacks"));
                return Ok(());
            }
            let mut runner = seed::runner(seed::case_seed(
                self.session.options.seed,
                "sequence",
                number,
            ));
            let Ok(tree) = sequences(parties).new_tree(&mut runner) else {
                return Err(Stop::Fault("no sequence could be generated".to_owned()));
            };
            let intents = tree.current();
            let known: HashSet<&'static str> = self.ledger.failing().map(|(id, _)| id).collect();
            let broken = self.sequence(&intents).await?;
            self.progress(1);
            self.try_suspects(&intents).await?;
            let mut fresh = broken.into_iter();
            let fresh = fresh.find(|(id, _)| !known.contains(id) && self.ledger.failed(id) > 0);
            if let Some((id, place)) = fresh.filter(|(id, _)| shrunk.insert(*id)) {
                self.shorten(&intents[..=place], id).await?;
            }
        }
        Ok(())
    }

    /// Runs one sequence from a state in which the first partner is enabled and nobody has customers.
    async fn sequence(&mut self, intents: &[Intent]) -> Result<Vec<Broken>, Stop> {
        let (_, broken) = self.prefaced(intents, true).await?;
        Ok(broken)
    }

    /// The same: what the steps broke that lead to that state, and what the sequence broke.
    pub(super) async fn prefaced(
        &mut self,
        intents: &[Intent],
        to_the_first: bool,
    ) -> Result<(Vec<Broken>, Vec<Broken>), Stop> {
        let Some(mut model) = self.model() else {
            return Ok((Vec::new(), Vec::new()));
        };
        let step = |party, kind, manner| Intent {
            party,
            kind,
            manner,
        };
        let preface: Vec<Intent> = (0..model.parties.len())
            .flat_map(|party| {
                [
                    step(party, Kind::Enable(0), Manner::Plain),
                    step(party, Kind::RemovePassing, Manner::InLists),
                    step(party, Kind::RemoveAll, Manner::Plain),
                ]
            })
            .collect();
        let recording = self.recording;
        if recording != Recording::Everything {
            self.recording = Recording::Nothing;
        }
        let result = self.run_steps(&mut model, &preface, false).await;
        self.recording = recording;
        self.trail.clear();
        for suspect in &mut self.flaky.suspects {
            // What came before is not in the sequence.
            suspect.place = None;
        }
        let result = match result {
            Ok(before) => {
                let early = std::mem::take(&mut self.flaky.suspects);
                let broken = self.run_steps(&mut model, intents, to_the_first).await;
                self.flaky.suspects.extend(early);
                broken.map(|broken| (before, broken))
            }
            Err(stop) => Err(stop),
        };
        self.remember(model);
        result
    }

    /// Runs steps, to the first that breaks something where told so; what they broke, and which of them did.
    async fn run_steps(
        &mut self,
        model: &mut Model,
        intents: &[Intent],
        to_the_first: bool,
    ) -> Result<Vec<Broken>, Stop> {
        self.trail.clear();
        let mut broken = Vec::new();
        for (place, intent) in intents.iter().enumerate() {
            if self.script_end.is_some_and(|end| Instant::now() > end) {
                break;
            }
            let Some(step) = intent.resolve(model) else {
                continue;
            };
            let result = self.step(model, &step).await;
            self.place_suspects(place);
            self.progress(1);
            match result {
                Ok(ids) => broken.extend(ids.into_iter().map(|id| (id, place))),
                Err(stop) => {
                    self.trail.clear();
                    return Err(stop);
                }
            }
            let unstable = self.ledger.failed("ROB-16") > 0;
            if unstable || (to_the_first && !broken.is_empty()) {
                break;
            }
        }
        self.trail.clear();
        Ok(broken)
    }

    /// Looks for a shorter sequence that breaks the same requirement, and puts it in the first failure's place: its end
    /// alone, then without each of its steps.
    async fn shorten(&mut self, intents: &[Intent], id: &'static str) -> Result<(), Stop> {
        if self.ledger.failed(id) > ENOUGH_FAILURES {
            return Ok(());
        }
        let limit = Limit {
            exchanges: self.info.exchanges + MOST_EXCHANGES,
            until: Instant::now() + MOST_TIME,
        };
        let mut shortest: Option<Vec<Intent>> = None;
        for length in LENGTHS
            .iter()
            .copied()
            .filter(|length| *length < intents.len())
        {
            let end = &intents[intents.len() - length..];
            if self.still_breaks(end, id, &limit).await? {
                shortest = Some(end.to_vec());
                break;
            }
        }
        let mut kept = shortest.clone().unwrap_or_else(|| intents.to_vec());
        // The last step is the one that breaks it.
        let mut place = 0;
        while place + 1 < kept.len() {
            let mut fewer = kept.clone();
            fewer.remove(place);
            if self.still_breaks(&fewer, id, &limit).await? {
                kept = fewer.clone();
                shortest = Some(fewer);
            } else {
                place += 1;
            }
        }
        if let Some(intents) = shortest {
            self.recording = Recording::Smallest(id);
            let result = self.sequence(&intents).await;
            self.recording = Recording::Everything;
            result?;
        }
        Ok(())
    }

    /// Whether a shorter sequence breaks the requirement as well; not, where the limit is reached.
    async fn still_breaks(
        &mut self,
        intents: &[Intent],
        id: &'static str,
        limit: &Limit,
    ) -> Result<bool, Stop> {
        if self.info.exchanges >= limit.exchanges || Instant::now() > limit.until {
            return Ok(false);
        }
        self.recording = Recording::Nothing;
        let result = self.sequence(intents).await;
        self.recording = Recording::Everything;
        Ok(result?.iter().any(|(broken, _)| *broken == id))
    }

    /// Brings the handler into the state of the bench.
    pub(crate) async fn make_bench(&mut self) -> Result<(), Stop> {
        let mut suspects: Vec<Suspect> = Vec::new();
        // Where the handler failed at a step, it is not there yet; the steps that are still to be taken are taken.
        for _ in 0..ATTEMPTS {
            self.approach_bench().await?;
            let now = std::mem::take(&mut self.flaky.suspects);
            if now.is_empty() {
                break;
            }
            suspects.extend(now);
        }
        let enough = if self.flaky.is_known() { ATTEMPTS } else { 2 };
        let ids: Vec<&'static str> = suspects.iter().map(|suspect| suspect.id).collect();
        for suspect in suspects {
            let times = ids.iter().filter(|id| **id == suspect.id).count();
            self.judge_suspect(suspect, times >= enough);
        }
        Ok(())
    }

    async fn approach_bench(&mut self) -> Result<(), Stop> {
        let Some(mut model) = self.model() else {
            return Ok(());
        };
        let plain = |kind| Intent {
            party: 0,
            kind,
            manner: Manner::Plain,
        };
        let mut steps = Vec::new();
        let party = &model.parties[0];
        let elsewhere = |enabled: &String| *enabled != party.tenants[0];
        if model.maps_partners() && party.state.enabled.as_ref().is_some_and(elsewhere) {
            steps.push(plain(Kind::Disable));
        }
        steps.push(plain(Kind::Enable(0)));
        // Writes are repeated without settings, and are to change nothing.
        if !model.maps_partners() && party.shown.partner.is_some() {
            steps.push(plain(Kind::EnableAgain));
        }
        let passing = Intent {
            manner: Manner::InLists,
            ..plain(Kind::RemovePassing)
        };
        steps.push(passing);
        if !party.shown.customers.is_empty() {
            steps.push(plain(Kind::RemoveAll));
            steps.push(plain(Kind::Add(0)));
        }
        let mapped = |model: &Model| {
            let customers = &model.parties[0].state.customers;
            customers.values().any(Option::is_some)
        };
        if !mapped(&model) {
            steps.push(plain(Kind::Add(0)));
        }

        let result = self.run_steps(&mut model, &steps, false).await;
        self.session.set_bench(model.bench());
        self.remember(model);
        result.map(drop)
    }

    /// Disables the partner of the bench; whether it is disabled by that. The bench is to be made again behind it.
    pub(crate) async fn leave_bench(&mut self) -> Result<bool, Stop> {
        let Some(mut model) = self.model() else {
            return Ok(false);
        };
        let disable = Intent {
            party: 0,
            kind: Kind::Disable,
            manner: Manner::Plain,
        };
        let was_enabled = model.parties[0].state.enabled.is_some();
        self.recording = Recording::Nothing;
        let result = self.run_steps(&mut model, &[disable], false).await;
        self.recording = Recording::Everything;
        let is_disabled = model.parties[0].state.enabled.is_none();
        self.remember(model);
        result?;
        Ok(was_enabled && is_disabled)
    }

    /// Makes the bench anew. What the steps to it show has been judged before.
    pub(crate) async fn return_to_bench(&mut self) -> Result<(), Stop> {
        self.recording = Recording::Nothing;
        let result = self.set_bench().await;
        self.recording = Recording::Everything;
        result
    }

    /// Whether the handler shows what the model remembers.
    pub(crate) async fn is_unchanged(&mut self) -> Result<bool, Stop> {
        let Some(model) = self.model() else {
            return Ok(true);
        };
        let (views, _) = self.observe(&model).await?;
        let same = |(party, view): (&Party, &View)| {
            let customers = view.customers.as_ref().is_none_or(|shown| {
                let state = &party.state.customers;
                let all = shown.keys().chain(state.keys());
                all.into_iter()
                    .all(|id| shown.get(id).cloned().flatten() == state.get(id).cloned().flatten())
            });
            let partner = view
                .enabled
                .as_ref()
                .is_none_or(|shown| *shown == party.state.enabled);
            customers && partner && view.repeated == party.repeated
        };
        let unchanged = model.parties.iter().zip(&views).all(same);
        if !unchanged {
            let mut model = model;
            resynchronise(&mut model, &views);
            self.remember(model);
        }
        Ok(unchanged)
    }

    /// Reads what the checked state does not need, and looks whether that changed something.
    pub(crate) async fn read_the_rest(&mut self) -> Result<(), Stop> {
        let Some(model) = self.model().filter(Model::maps_customers) else {
            return Ok(());
        };
        if model.maps_partners() || model.parties[0].state.enabled.is_none() {
            return Ok(());
        }
        let (before, _) = self.observe(&model).await?;
        let exchange = self.read_topology(&model, 0).await?;
        self.settle(&exchange);
        let (after, reads) = self.observe(&model).await?;
        let (Some(before), Some(after)) = (before.first(), after.first()) else {
            return Ok(());
        };
        let Some(read) = after.shown_by.1.and_then(|place| reads.get(place)) else {
            return Ok(());
        };
        if let (Some(was), Some(is)) = (&before.customers, &after.customers) {
            let defect = (was != is).then(|| Defect {
                expected: "after topology.read what was said before".to_owned(),
                observed: "something else, and nothing but reads in between".to_owned(),
            });
            self.conclude("ROB-16", defect, read);
        }
        Ok(())
    }

    /// The model as it stands; `None` where the state may not be changed.
    pub(super) fn model(&self) -> Option<Model> {
        self.ground.as_ref().map(|ground| ground.model.clone())
    }

    fn remember(&mut self, model: Model) {
        if let Some(ground) = &mut self.ground {
            ground.model = model;
        }
    }
}
