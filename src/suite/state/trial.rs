//! Sends malformed writes, and looks whether a refusal changed something and whether the reads go on as documented. What was
//! accepted is undone: what comes later knows nothing of it.

use std::time::Instant;

use super::aftermath::Effect;
use super::compare::{same, strange, told};
use super::execute::Recording;
use super::intent::{Intent, Kind};
use super::malformed::{Footing, Malformed, callbacks, cases, footing, undo};
use super::model::{Action, Manner, Model, PartyState, Settings, Step};
use super::observe::View;
use super::restore::is_read;
use super::snapshot::Snapshot;
use crate::protocol::{Callback, EnablementMethod};
use crate::suite::batch::stumbled;
use crate::suite::call::Call;
use crate::suite::cases::past;
use crate::suite::check::{Draft, Expect};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::{Defect, Disposition};
use crate::suite::register;
use crate::suite::requirement::Requirement;

/// Malformed writes of each callback that no budget cuts.
const TELLING: usize = 24;
/// Malformed writes that are sent at once, as long as nothing comes of them.
const AT_ONCE: usize = 8;
/// Failures of one callback after which no more of its malformed writes are sent.
const ENOUGH_FAILURES: u64 = 4;
/// Attempts at coming back to where a malformed write was sent.
const ATTEMPTS: usize = 2;

/// That the handler stays whole.
const WHOLE: &str = "ROB-21";
/// That what can be read is as documented.
const READABLE: &str = "ROB-22";
/// Requirements without which nothing can be said of what a write leaves.
const UNSTABLE: [&str; 3] = ["ROB-16", "ENA-03", "MAP-07"];

/// Where a malformed write starts from.
struct Start {
    state: PartyState,
    view: View,
    /// Whether what is shown there is as documented.
    whole: bool,
}

impl Engine {
    /// Whether malformed writes give evidence for one of these requirements, and may be sent.
    pub(crate) fn wants_malformed_writes(&self, selected: &[&'static Requirement]) -> bool {
        let left_out = register::matches_any(&self.session.options.skip, WHOLE);
        let wanted = [WHOLE, READABLE, "MAP-14", "CMI-08", "ENA-11", "PMI-09"];
        !left_out && selected.iter().any(|one| wanted.contains(&one.id))
    }

    /// How many malformed writes there are, more or less: in all, and of them those that no budget cuts.
    pub(crate) fn malformed_planned(&self) -> (u64, u64) {
        let writes = self
            .ground
            .as_ref()
            .map_or(0, |ground| callbacks(&ground.model).len());
        ((writes * TELLING * 2) as u64, (writes * TELLING) as u64)
    }

    /// Sends the malformed writes: those that no budget cuts until one moment, the others until another.
    pub(crate) async fn malformed_writes(
        &mut self,
        hard: Option<Instant>,
        soft: Option<Instant>,
    ) -> Result<(), Stop> {
        let Some(ground) = &self.ground else {
            return Ok(());
        };
        let mut model = ground.model.clone();
        let other = model.parties.get(1).map(|party| party.tenants[0].clone());
        model.parties.truncate(1);
        let recording = std::mem::replace(&mut self.recording, Recording::Nothing);
        let mut result = Ok(());
        for (part, deadline) in [(Part::Telling, hard), (Part::Further, soft)] {
            for callback in callbacks(&model) {
                if result.is_ok() {
                    let other = other.as_deref();
                    result = self
                        .malformed_writes_of(&mut model, other, callback, part, deadline)
                        .await;
                }
            }
        }
        self.recording = recording;
        if let (Some(ground), Some(own)) = (&mut self.ground, model.parties.pop()) {
            ground.model.parties[0] = own;
        }
        result
    }

    async fn malformed_writes_of(
        &mut self,
        model: &mut Model,
        other: Option<&str>,
        callback: &'static Callback,
        part: Part,
        deadline: Option<Instant>,
    ) -> Result<(), Stop> {
        let wanted = footing(model, callback);
        if !self.take_footing(model, wanted).await? {
            return Ok(());
        }
        let Some(cases) = cases(&self.session, model, other, callback) else {
            return Ok(());
        };
        let cases = part.of(&cases);
        let mut start = self.start(model).await?;
        let before = self.ledger.failed(WHOLE);
        for (done, together) in cases.chunks(AT_ONCE).enumerate() {
            if past(deadline) {
                let cut = cases.len() - done * AT_ONCE;
                self.ledger.cut(WHOLE, cut as u64);
                return Ok(());
            }
            if self.nothing_comes_of(model, &start, together).await? {
                continue;
            }
            let mut back = self.return_to(model, &start, together, callback).await?;
            for malformed in together {
                if self.ledger.failed(WHOLE) >= before + ENOUGH_FAILURES {
                    self.spared += 1;
                } else if back && !past(deadline) {
                    back = self
                        .alone_malformed(model, &mut start, malformed, callback)
                        .await?;
                }
            }
            if !back {
                // Nothing more can be learnt, and what is left is told when the data are put back.
                return Ok(());
            }
        }
        Ok(())
    }

    /// Sends several at once: whether all were refused, and all is as it was.
    async fn nothing_comes_of(
        &mut self,
        model: &Model,
        start: &Start,
        cases: &[Malformed],
    ) -> Result<bool, Stop> {
        let drafts = cases
            .iter()
            .map(|malformed| (WHOLE, self.fresh(malformed)))
            .collect();
        let limit = self.session.options.concurrency;
        let exchanges = self.exchange_all(drafts, limit).await?;
        let refused = |exchange: &Exchange| {
            matches!(exchange.judgement.disposition, Disposition::Refused(_))
                && exchange
                    .judgement
                    .findings
                    .iter()
                    .all(|one| one.defect.is_none())
        };
        if !start.whole || !exchanges.iter().all(refused) {
            if exchanges.iter().any(|exchange| exchange.broken().is_some()) {
                self.wait_until_well("malformed writes got no answer")
                    .await?;
            }
            return Ok(false);
        }
        let (view, reads) = self.look(model).await?;
        if !same(&view, &start.view) || reads.iter().any(|read| strange(read, None).is_some()) {
            return Ok(false);
        }
        for exchange in &exchanges {
            self.settle_openly(exchange);
            self.refusal_kept(exchange);
            self.ledger.pass(READABLE);
        }
        Ok(true)
    }

    /// Sends one and looks what came of it; whether all is as it was again.
    async fn alone_malformed(
        &mut self,
        model: &mut Model,
        start: &mut Start,
        malformed: &Malformed,
        callback: &'static Callback,
    ) -> Result<bool, Stop> {
        let only = std::slice::from_ref(malformed);
        let draft = self.fresh(malformed);
        let mut exchange = self.exchange(WHOLE, draft).await?;
        if stumbled(&exchange) && exchange.broken().is_none() && !self.flaky.is_firm(WHOLE) {
            // Once more from the same start: what does not fail again then is not the write's doing.
            if !self.return_to(model, start, only, callback).await? {
                self.settle_openly(&exchange);
                return Ok(false);
            }
            let draft = self.fresh(malformed);
            let again = self.exchange(WHOLE, draft).await?;
            match stumbled(&again) {
                true => self.flaky.repeats(WHOLE),
                false => self.note_flake(&exchange),
            }
            exchange = again;
        }
        self.settle_openly(&exchange);
        if exchange.broken().is_some() {
            let context = format!("a malformed write got no answer ({})", malformed.name);
            self.wait_until_well(&context).await?;
        }
        let unstable = UNSTABLE.iter().any(|id| self.ledger.failed(id) > 0);
        let (view, reads) = self.look(model).await?;
        if !start.whole || unstable {
            return self.return_to(model, start, only, callback).await;
        }
        let Some((id, defect)) = self.finding(start, &exchange, &view, &reads, malformed) else {
            if matches!(exchange.judgement.disposition, Disposition::Refused(_)) {
                self.refusal_kept(&exchange);
            }
            self.ledger.pass(READABLE);
            if same(&view, &start.view) {
                return Ok(true);
            }
            return self.return_to(model, start, only, callback).await;
        };
        // Once more, and with nothing but reads before it: what changes by itself is not the write's doing.
        if !self.return_to(model, start, only, callback).await? {
            self.accuse(id, defect, &exchange);
            return Ok(false);
        }
        let (view, _) = self.look(model).await?;
        if !same(&view, &start.view) {
            start.whole = false;
            return Ok(true);
        }
        let draft = self.fresh(malformed);
        let exchange = self.exchange(WHOLE, draft).await?;
        let (view, reads) = self.look(model).await?;
        if let Some((again, defect)) = self.finding(start, &exchange, &view, &reads, malformed)
            && again == id
        {
            self.accuse(id, defect, &exchange);
        }
        self.return_to(model, start, only, callback).await
    }

    /// What a write and the reads behind it say against a requirement.
    fn finding(
        &self,
        start: &Start,
        exchange: &Exchange,
        view: &View,
        reads: &[Exchange],
        malformed: &Malformed,
    ) -> Option<(&'static str, Defect)> {
        let status = exchange.observation.status().unwrap_or_default();
        match exchange.judgement.disposition {
            Disposition::Refused(_) if !same(view, &start.view) => Some((
                self.atomic(exchange.draft.call.callback),
                Defect {
                    expected: "a refusal that changes nothing".to_owned(),
                    observed: format!(
                        "refused with status {status}, and {}",
                        told(&start.view, view)
                    ),
                },
            )),
            Disposition::Refused(_) | Disposition::Accepted(_) => {
                // What is answered for a partner that is not enabled any more is not documented.
                let reads = reads.iter().filter(|read| {
                    let refused = matches!(read.judgement.disposition, Disposition::Refused(_));
                    let mut findings = read.judgement.findings.iter();
                    let known = findings.any(|finding| {
                        finding.defect.is_some() && self.ledger.failed(finding.id) > 0
                    });
                    !(known || (refused && view.enabled == Some(None)))
                });
                let strange = { reads }.find_map(|read| strange(read, Some(malformed)))?;
                Some((
                    READABLE,
                    Defect {
                        expected: "the reads that follow are answered as documented".to_owned(),
                        observed: format!("status {status}, and then {strange}"),
                    },
                ))
            }
            _ => None,
        }
    }

    /// The requirement that a refusal of this callback changes nothing.
    fn atomic(&self, callback: &Callback) -> &'static str {
        match callback.name {
            "tenant_mapping.write" => "MAP-14",
            "customer.mirroring.set_state" => "CMI-08",
            "enablement.write" | "enablement.reset" => "ENA-11",
            _ => "PMI-09",
        }
    }

    fn refusal_kept(&mut self, exchange: &Exchange) {
        let id = self.atomic(exchange.draft.call.callback);
        self.ledger.pass(id);
    }

    fn settle_openly(&mut self, exchange: &Exchange) {
        self.recording = Recording::Everything;
        self.settle(exchange);
        self.recording = Recording::Nothing;
    }

    fn fresh(&mut self, malformed: &Malformed) -> Draft {
        let number = self.next_request();
        let callback = malformed.callback();
        malformed.draft(&self.session.request_id(callback, "state", number))
    }

    /// Reads what the first partner has.
    async fn look(&mut self, model: &Model) -> Result<(View, Vec<Exchange>), Stop> {
        let (mut views, reads) = self.observe(model).await?;
        Ok((views.pop().unwrap_or_default(), reads))
    }

    /// Where malformed writes start from.
    async fn start(&mut self, model: &Model) -> Result<Start, Stop> {
        self.await_effect().await?;
        let (view, reads) = self.look(model).await?;
        let unstable = UNSTABLE.iter().any(|id| self.ledger.failed(id) > 0);
        let whole = reads.iter().all(|read| strange(read, None).is_none());
        let own = &model.parties[0];
        Ok(Start {
            state: own.state.clone(),
            whole: whole && !unstable && is_read(model, own, &view),
            view,
        })
    }

    /// Brings the first partner into the state from which malformed writes start; whether that went well.
    async fn take_footing(&mut self, model: &mut Model, footing: Footing) -> Result<bool, Stop> {
        let plain = |kind| Intent {
            party: 0,
            kind,
            manner: Manner::Plain,
        };
        let steps = match footing {
            Footing::Disabled => vec![plain(Kind::Disable)],
            Footing::Enabled => vec![
                plain(Kind::Enable(0)),
                plain(Kind::RemoveAll),
                plain(Kind::Add(0)),
            ],
        };
        for intent in steps {
            let state = &model.parties[0].state;
            let there = match intent.kind {
                Kind::Disable => state.enabled.is_none(),
                Kind::Add(_) => state.customers.values().any(Option::is_some),
                Kind::RemoveAll => {
                    state.customers.values().filter(|to| to.is_some()).count() < 2
                        || state.customers.values().filter(|to| to.is_none()).count() > 1
                }
                _ => state.enabled.is_some(),
            };
            if there {
                continue;
            }
            if let Some(step) = intent.resolve(model) {
                self.step(model, &step).await?;
            }
        }
        self.trail.clear();
        let enabled = model.parties[0].state.enabled.is_some();
        Ok(enabled == (footing == Footing::Enabled))
    }

    /// Undoes what malformed writes may have done; whether all is as it was.
    async fn return_to(
        &mut self,
        model: &mut Model,
        start: &Start,
        sent: &[Malformed],
        callback: &'static Callback,
    ) -> Result<bool, Stop> {
        for attempt in 0..ATTEMPTS {
            let (view, _) = self.look(model).await?;
            if same(&view, &start.view) {
                model.parties[0].state = start.state.clone();
                return Ok(true);
            }
            for payload in sent.iter().filter_map(|one| undo(model, one, callback)) {
                let tenant = model.parties[0].tenant().to_owned();
                let number = self.next_request();
                let call = model.call(&self.session, number, 0, (callback, Some(payload), tenant));
                self.restore_by(call).await?;
            }
            let unreadable = (view.enabled.is_none() && start.view.enabled.is_some())
                || (view.customers.is_none() && start.view.customers.is_some());
            if unreadable || attempt > 0 {
                self.clear(model).await?;
            }
            let snapshot = Snapshot::of(vec![start.state.clone()]);
            self.put_back(model, &snapshot).await?;
        }
        let (view, _) = self.look(model).await?;
        let back = same(&view, &start.view);
        if back {
            model.parties[0].state = start.state.clone();
        }
        Ok(back)
    }

    /// Takes away all that the first partner has, whatever is shown of it.
    async fn clear(&mut self, model: &mut Model) -> Result<(), Stop> {
        let all = model.parties[0].state.customers.keys().take(MOST).cloned();
        let changes: Vec<_> = all.map(|id| (id, None)).collect();
        let action = match model.enablement.partner() {
            EnablementMethod::Explicit if changes.is_empty() => return Ok(()),
            EnablementMethod::Explicit => Action::Change {
                changes,
                settings: Settings::None,
                moves: false,
            },
            _ => Action::Disable,
        };
        let step = Step {
            party: 0,
            action,
            manner: Manner::Plain,
        };
        let number = self.next_request();
        for call in model.calls(&self.session, number, &step) {
            if self.restore_by(call).await? {
                model.apply(&step);
            }
        }
        Ok(())
    }

    async fn restore_by(&mut self, call: Call) -> Result<bool, Stop> {
        let draft = Draft::new("undoing a malformed write", call, Expect::FREE);
        let exchange = self.exchange("ROB-20", draft).await?;
        self.await_effect().await?;
        Ok(exchange.judgement.accepted())
    }

    /// Waits until what was written shows, where that is late.
    async fn await_effect(&mut self) -> Result<(), Stop> {
        match self.ground.as_ref().map(|ground| ground.effect) {
            Some(Effect::Late(time)) => self.sleep(time).await,
            _ => Ok(()),
        }
    }
}

/// Most customers that are taken away at once.
const MOST: usize = 20;

/// Which of a callback's malformed writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Telling,
    Further,
}

impl Part {
    fn of(self, cases: &[Malformed]) -> &[Malformed] {
        let (telling, further) = cases.split_at(cases.len().min(TELLING));
        match self {
            Part::Telling => telling,
            Part::Further => further,
        }
    }
}
