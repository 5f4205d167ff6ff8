//! The engine: sends what the checks ask for, judges what comes back and enters it in the ledger.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::call::Call;
use super::check::{Draft, Expect};
use super::courier::Courier;
use super::customs::Met;
use super::diagnosis::Cause;
use super::event::{Event, Observer};
use super::evidence::Mask;
use super::expiry::ShortLived;
use super::flaky::Flaky;
use super::flow::Flow;
use super::fresh::LatestIds;
use super::interrupt::Interrupt;
use super::judge::{Defect, Disposition, Judgement};
use super::latency::Latency;
use super::ledger::Ledger;
use super::outcome::RunInfo;
use super::pace::Pace;
use super::session::Session;
use super::state::{Ground, Recording};
use super::window::Size;
use crate::gateway::{
    Client, Connection, IdentityProvider, Message, Observation, TransportErrorKind,
};

/// Why a run ends before its plan does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The user stopped it.
    Interrupted,
    /// The handler could never be reached.
    Unreachable(String),
    /// The handler went away and did not come back.
    Lost(String),
    /// The suite broke one of its own rules.
    Fault(String),
}

/// One exchange, judged.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// The requirement that the case is about.
    pub about: &'static str,
    /// The case.
    pub draft: Draft,
    /// The request as it was sent.
    pub message: Message,
    /// What was observed.
    pub observation: Observation,
    /// What it says.
    pub judgement: Judgement,
}

impl Exchange {
    /// How the exchange failed to bring a complete answer, where a right handler gives one.
    pub fn broken(&self) -> Option<TransportErrorKind> {
        let may_close = matches!(
            self.draft.expect,
            Expect::Free {
                may_close: true,
                ..
            }
        );
        match self.judgement.disposition {
            Disposition::NoAnswer(TransportErrorKind::ClosedBeforeAnswer) if may_close => None,
            Disposition::NoAnswer(kind) => Some(kind),
            _ => None,
        }
    }

    /// A string member of an answer that is a success.
    pub fn member(&self, name: &str) -> Option<&str> {
        match &self.judgement.disposition {
            Disposition::Accepted(Some(body)) => body.get(name).and_then(Value::as_str),
            _ => None,
        }
    }

    /// The `request_id` of the answer, whatever its status.
    pub fn echoed(&self) -> Option<String> {
        let answer = self.observation.result.as_ref().ok()?;
        let body: Value = serde_json::from_slice(&answer.body).ok()?;
        Some(body.get("request_id")?.as_str()?.to_owned())
    }

    /// What it says against a requirement.
    pub fn defect(&self, id: &str) -> Option<&Defect> {
        self.judgement
            .findings
            .iter()
            .find(|finding| finding.id == id)?
            .defect
            .as_ref()
    }
}

/// Runs checks. One task owns it; only the exchanges themselves run at once.
pub(crate) struct Engine {
    /// What the run knows.
    pub session: Arc<Session>,
    /// The evidence.
    pub ledger: Ledger,
    /// The test identity provider.
    pub idp: Option<IdentityProvider>,
    /// Sends requests.
    pub client: Client,
    /// How fast; the lanes learn it as they go.
    pub(super) pace: Arc<Mutex<Pace>>,
    /// What was run, and how.
    pub info: RunInfo,
    /// When the run started.
    pub started: Instant,
    /// What the reader should know.
    pub notices: Vec<String>,
    /// Causes that were found while the run went on.
    pub causes: Vec<Cause>,
    /// What the control's answer carried.
    pub baseline: Option<Value>,
    /// Whether the first control was refused because the partner is not enabled.
    pub awaits_enablement: bool,
    /// The ids of the latest answers.
    pub latest_ids: LatestIds,
    /// What is known of the handler's state; `None` while nothing may be changed.
    pub ground: Option<Ground>,
    /// The steps of the sequence that is run.
    pub trail: Vec<String>,
    /// What of it is entered in the ledger.
    pub recording: Recording,
    /// The flow that Acronis verifies, where the run is to show it.
    pub flow: Option<Flow>,
    /// What `topology.read` was answered with.
    pub topology: Option<Value>,
    /// What is known of the custom callbacks.
    pub met: Met,
    /// Numbers the requests about the handler's state, none of which may have the id of another.
    pub numbered: u64,
    /// Whether the second partner's credentials were accepted; `None` while nobody has asked.
    pub other_accepted: Option<bool>,
    /// A token that was accepted and expires during the run.
    pub(super) short_lived: Option<ShortLived>,
    /// Whether the new key of the rotation was refused and is to be tried again.
    pub rotation_pending: bool,
    /// Cases not sent because their requirement had failed often enough.
    pub spared: u64,
    /// Cases planned.
    pub planned: u64,
    /// Those of them that no budget cuts.
    pub assured: u64,
    /// When even they end.
    pub hard: Option<Instant>,
    /// When the scripted sequence ends in any case, while it is run.
    pub script_end: Option<Instant>,
    /// Cases done.
    pub done: u64,
    /// How long answers took.
    pub(super) latency: Latency,
    /// Failures that did not repeat.
    pub(super) flaky: Flaky,
    pub(super) interrupt: Interrupt,
    pub(super) fences: u64,
    /// How large a window may be.
    pub(super) size: Size,
    /// Requirements that cases were about which did the handler harm.
    pub(super) harmful: HashSet<&'static str>,
    pub(super) mask: Mask,
    pub(super) courier: Courier,
    pub(super) observer: Box<dyn Observer>,
    pub(super) progress_at: Instant,
    /// Cases that were told as done.
    pub(super) progress_told: u64,
}

impl Engine {
    /// An engine that has sent nothing yet.
    pub fn new(
        session: Session,
        client: Client,
        idp: Option<IdentityProvider>,
        info: RunInfo,
        interrupt: Interrupt,
        observer: Box<dyn Observer>,
    ) -> Self {
        let session = Arc::new(session);
        let options = &session.options;
        let known = options.credentials.iter().chain(&options.other_credentials);
        let mask = Mask::new(options.reveal, known);
        let now = Instant::now();
        Self {
            ledger: Ledger::new(session.options.baseline.is_some()),
            idp,
            courier: Courier::new(session.clone(), client.clone(), &mask),
            client,
            pace: Arc::new(Mutex::new(Pace::new(options.concurrency, options.timeout))),
            info,
            started: now,
            notices: Vec::new(),
            causes: Vec::new(),
            baseline: None,
            awaits_enablement: false,
            latest_ids: LatestIds::default(),
            ground: None,
            trail: Vec::new(),
            recording: Recording::Everything,
            flow: None,
            topology: None,
            met: Met::default(),
            numbered: 0,
            other_accepted: None,
            short_lived: None,
            rotation_pending: false,
            spared: 0,
            planned: 0,
            assured: 0,
            hard: None,
            script_end: None,
            done: 0,
            latency: Latency::default(),
            flaky: Flaky::default(),
            interrupt,
            fences: 0,
            size: Size::new(),
            harmful: HashSet::new(),
            mask,
            observer,
            progress_at: now,
            progress_told: 0,
            session,
        }
    }

    /// Tells the observer.
    pub fn tell(&mut self, event: Event<'_>) {
        self.observer.event(event);
    }

    /// Takes the observer out, for the last event.
    pub fn take_observer(&mut self) -> Box<dyn Observer> {
        std::mem::replace(&mut self.observer, Box::new(|_: Event<'_>| {}))
    }

    /// Tells the observer, and keeps for the end, what the user should know.
    pub fn notice(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.observer.event(Event::Notice(&text));
        self.notices.push(text);
    }

    /// Tells a cause that was found while the run goes on.
    pub fn diagnosed(&mut self, cause: Cause) {
        self.observer.event(Event::Notice(&cause.text));
        self.causes.push(cause);
    }

    /// Waits, unless the run is stopped.
    pub async fn sleep(&mut self, time: Duration) -> Result<(), Stop> {
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            () = self.interrupt.triggered() => Err(Stop::Interrupted),
        }
    }

    /// Sends one case alone; nothing of it is entered in the ledger yet.
    pub async fn exchange(&mut self, about: &'static str, draft: Draft) -> Result<Exchange, Stop> {
        let mut exchanges = self.exchange_all(vec![(about, draft)], 1).await?;
        exchanges
            .pop()
            .ok_or_else(|| Stop::Fault("a case was sent and lost".to_owned()))
    }

    /// Sends one case on this connection; nothing of it is entered in the ledger yet.
    pub async fn exchange_on(
        &mut self,
        connection: &mut Connection,
        about: &'static str,
        draft: Draft,
    ) -> Result<Exchange, Stop> {
        let message = self.courier.prepare(&draft)?;
        self.info.exchanges += 1;
        let observation = tokio::select! {
            observation = connection.send(&message) => observation,
            () = self.interrupt.triggered() => return Err(Stop::Interrupted),
        };
        self.progress(1);
        Ok(self.courier.judged(about, draft, message, observation))
    }

    /// Sends cases, at most `limit` at once and in this order; nothing is entered in the ledger yet.
    pub async fn exchange_all(
        &mut self,
        cases: Vec<(&'static str, Draft)>,
        limit: usize,
    ) -> Result<Vec<Exchange>, Stop> {
        let mut exchanges = self.carry_all(cases, limit, None).await?.exchanges;
        if limit > 1 {
            blame_mix_ups(&mut exchanges);
        }
        Ok(exchanges)
    }

    /// How fast.
    pub fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The control of this callback as a case about a requirement.
    pub fn control(&self, call: Call, name: impl Into<String>) -> Draft {
        Draft::new(name, call, Expect::Accept)
    }
}

/// A request_id that belongs to another request under way is the mark of a mix-up, which has a requirement of its own.
pub(super) fn blame_mix_ups(exchanges: &mut [Exchange]) {
    // A response of a custom callback need not be a success.
    let stray = |exchange: &Exchange| {
        let echoed = exchange.defect(ECHO).and_then(|_| exchange.echoed());
        echoed.filter(|echoed| *echoed != exchange.draft.call.request_id)
    };
    if !exchanges.iter().any(|exchange| stray(exchange).is_some()) {
        return;
    }
    let calls = exchanges.iter().map(|exchange| &exchange.draft.call);
    let ids: HashSet<String> = calls
        .flat_map(|call| {
            // What is malformed may have another id in its body than the one that it goes by.
            let body = call.json();
            let sent = body.and_then(|body| Some(body.get("request_id")?.as_str()?.to_owned()));
            [Some(call.request_id.clone()), sent]
        })
        .flatten()
        .collect();
    for exchange in exchanges {
        if !stray(exchange).is_some_and(|echoed| ids.contains(&echoed)) {
            continue;
        }
        for finding in &mut exchange.judgement.findings {
            if let (ECHO, Some(defect)) = (finding.id, &mut finding.defect) {
                finding.id = MIX_UP;
                defect
                    .observed
                    .push_str(", which is that of another request under way");
            }
        }
    }
}

/// The requirement that request_id is echoed.
const ECHO: &str = "ENV-03";
/// The requirement that concurrent requests get their own answers.
const MIX_UP: &str = "ENV-08";
