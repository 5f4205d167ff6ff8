//! The suite as a library: from a target and options to an outcome.

use std::time::{Duration, Instant};

use super::baseline::{Baseline, Fate};
use super::engine::{Engine, Stop};
use super::error::{Error, ErrorKind};
use super::event::{Event, Observer};
use super::identity::{self, TestIdentity};
use super::interrupt::Interrupt;
use super::options::{Options, Profile};
use super::outcome::{Ended, Outcome, RunInfo};
use super::panics::{caught, caught_call};
use super::register;
use super::session::Session;
use crate::gateway::{Client, ClientOptions, Target};
use crate::protocol::{Credentials, CustomCallback, schema};

/// A run to be made.
pub struct Suite {
    target: Target,
    options: Options,
    client: ClientOptions,
    identity: Option<TestIdentity>,
    observer: Box<dyn Observer>,
    interrupt: Interrupt,
}

impl Suite {
    /// A run against this target, with default options and no observer.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            options: Options::default(),
            client: ClientOptions::default(),
            identity: None,
            observer: Box::new(|_: Event<'_>| {}),
            interrupt: Interrupt::new(),
        }
    }

    /// Sets the options.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Trusts further authorities, beside the platform's, when the target is https.
    pub fn roots(mut self, roots: Vec<rustls_pki_types::CertificateDer<'static>>) -> Self {
        self.client.roots = roots;
        self
    }

    /// What signs the tokens. A run needs it unless its options have a captured token.
    pub fn identity(mut self, identity: TestIdentity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// The vendor credentials that `X-CyberApp-Auth` carries.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.options.credentials = Some(credentials);
        self
    }

    /// A second partner's credentials, for the isolation checks.
    pub fn other_credentials(mut self, credentials: Credentials) -> Self {
        self.options.other_credentials = Some(credentials);
        self
    }

    /// Failures that are known: they are looked for and shown, and do not count.
    pub fn baseline(mut self, baseline: Baseline) -> Self {
        self.options.baseline = Some(baseline);
        self
    }

    /// Checks a callback of the vendor's own as well.
    ///
    /// ```no_run
    /// # async fn example(target: acgw_conformance::gateway::Target) -> Result<(), Box<dyn std::error::Error>> {
    /// use acgw_conformance::protocol::{CustomCallback, PayloadSchema};
    /// use acgw_conformance::suite::Suite;
    ///
    /// let users = PayloadSchema::parse("users.json", r#"{"type": "object", "required": ["users"]}"#)?;
    /// let list = CustomCallback::new(
    ///     "cti.a.p.acgw.callback.v1.0~acme.app.users.v1.0",
    ///     "cti.a.p.acgw.request.v1.0~a.p.empty.v1.0",
    ///     None,
    /// )?
    /// .responds(200, "cti.a.p.acgw.response.v1.0~acme.app.users.ok.v1.0", Some(users))?
    /// .changes_data(false);
    /// let outcome = Suite::new(target).custom_callback(list).run().await?;
    /// outcome.assert_conforms();
    /// # Ok(())
    /// # }
    /// ```
    pub fn custom_callback(mut self, callback: CustomCallback) -> Self {
        self.options.custom.push(callback);
        self
    }

    /// Who hears what happens.
    pub fn observer(mut self, observer: Box<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// What stops the run from outside.
    pub fn interrupt(mut self, interrupt: Interrupt) -> Self {
        self.interrupt = interrupt;
        self
    }

    /// Makes the run. It goes on when a requirement fails, and ends in bounded time whatever the handler does.
    ///
    /// # Errors
    /// When the run cannot begin: an unknown selector, options that contradict each other, no client.
    pub async fn run(self) -> Result<Outcome, Error> {
        let mut stop_when_dropped = StopWhenDropped(Some(self.interrupt.clone()));
        let runtime = tokio::runtime::Handle::current();
        // The trees that generated cases are shrunk with cannot change threads, so the run has one of its own.
        let run = tokio::task::spawn_blocking(move || runtime.block_on(self.run_here()));
        let outcome = run.await.map_err(|error| {
            Error::new(
                ErrorKind::Setup,
                format!("the run ended in a defect of the suite: {error}"),
            )
        })?;
        stop_when_dropped.0 = None;
        outcome
    }

    async fn run_here(self) -> Result<Outcome, Error> {
        let options = self.options;
        let selected = register::select(&options.only, &options.skip, options.profile)
            .map_err(|error| Error::new(ErrorKind::Selector, error.to_string()))?;
        if options.token.is_none() && self.identity.is_none() {
            return Err(Error::new(
                ErrorKind::Options,
                "a run needs a way to sign its requests: a test identity, or a captured token",
            ));
        }
        if options.baseline.is_some() && options.profile == Profile::Verification {
            return Err(Error::new(
                ErrorKind::Options,
                "a baseline does not go with the profile verification: what Acronis verifies has no known failures",
            ));
        }
        refuse_incomplete(&options.custom)?;
        for credentials in options.credentials.iter().chain(&options.other_credentials) {
            if !schema::AUTH_SECRETS
                .violations(credentials.secrets())
                .is_empty()
            {
                return Err(Error::new(
                    ErrorKind::Options,
                    format!(
                        "the secrets of {:?} must be a JSON object",
                        credentials.identity()
                    ),
                ));
            }
        }
        let client = ClientOptions {
            timeout: options.timeout,
            ..self.client
        };
        let client = Client::new(self.target.clone(), client)
            .map_err(|error| Error::new(ErrorKind::Setup, error.to_string()))?;
        let info = RunInfo {
            target: self.target.name().to_owned(),
            seed: options.seed,
            started_at: jiff::Timestamp::now(),
            duration: Duration::ZERO,
            exchanges: 0,
            profile: options.profile.name(),
            write: options.write,
            strict: options.strict,
        };
        let (signer, idp) = identity::signing(self.identity, &options);
        let session = Session::new(options, self.target, signer, idp.is_some());
        let mut engine = Engine::new(session, client, idp, info, self.interrupt, self.observer);
        let info = engine.info.clone();
        engine.tell(Event::Started {
            run: &info,
            requirements: selected.len(),
        });
        engine.plan_flow();
        engine.started = Instant::now();
        let end = match caught(engine.run(&selected)).await {
            Ok(end) => end,
            Err(panic) => {
                // The handler's data are not to suffer for it, if that can be helped.
                let restored = caught(engine.restore(true)).await;
                let and_then =
                    restored.map_or_else(|again| format!("; then {again}"), |()| String::new());
                Err(Stop::Fault(format!("it panicked: {panic}{and_then}")))
            }
        };
        let mut observer = engine.take_observer();
        let mut outcome = engine.conclude_run(&selected, end);
        // Whoever only looks on must not take the outcome away.
        if let Err(panic) = caught_call(|| observer.event(Event::Finished(&outcome))) {
            outcome.ended = Ended::SuiteFault(format!("the observer panicked: {panic}"));
        }
        Ok(outcome)
    }
}

/// Stops the run when whoever waits for it no longer does.
struct StopWhenDropped(Option<Interrupt>);

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        if let Some(interrupt) = &self.0 {
            interrupt.trigger();
        }
    }
}

/// Refuses custom callbacks that cannot be checked.
fn refuse_incomplete(custom: &[CustomCallback]) -> Result<(), Error> {
    for (number, callback) in custom.iter().enumerate() {
        let name = callback.name();
        if let Err(error) = callback.callback() {
            return Err(Error::new(ErrorKind::Options, format!("{name}: {error}")));
        }
        if custom[..number].iter().any(|other| other.name() == name) {
            return Err(Error::new(
                ErrorKind::Options,
                format!("the custom callback {name} is declared twice"),
            ));
        }
    }
    Ok(())
}

impl Outcome {
    /// Panics with the failures, readable, unless the handler conforms, known failures aside. For tests.
    ///
    /// # Panics
    /// When the handler does not conform, nothing was learnt, or a known failure is none any more.
    #[track_caller]
    pub fn assert_conforms(&self) {
        if self.exit_code() == 0 {
            return;
        }
        let mut text = format!("{} does not conform ({:?})\n", self.run.target, self.ended);
        for notice in &self.notices {
            text.push_str(&format!("note: {notice}\n"));
        }
        for outcome in self.counted_failures() {
            let requirement = outcome.requirement;
            text.push_str(&format!(
                "\n{} ({}) {}: {} of {} cases failed\n",
                requirement.id,
                requirement.level.name(),
                requirement.title,
                outcome.failed_cases,
                outcome.cases
            ));
            for failure in &outcome.failures {
                text.push_str(&format!(
                    "  case:     {}\n  expected: {}\n  observed: {}\n--- request\n{}\n--- answer\n{}\n",
                    failure.case, failure.expected, failure.observed, failure.request, failure.response
                ));
            }
            text.push_str(&format!("  fix:      {}\n", requirement.fix));
        }
        for judged in self.untrue_entries() {
            let why = match judged.fate {
                Fate::Past => "the day until which it is known is over",
                _ => "it does not fail any more",
            };
            text.push_str(&format!("\nbaseline: {}: {why}\n", judged.known.name()));
        }
        if let Some(flow) = &self.flow {
            for (number, step) in flow.failed().chain(flow.missing()) {
                text.push_str(&format!(
                    "\nstep {number} of the flow, {} to {}: {}, {}\n",
                    step.callback,
                    step.action,
                    step.state.name(),
                    step.observed
                        .as_deref()
                        .or(step.state.reason())
                        .unwrap_or_default()
                ));
            }
        }
        text.push_str(&format!("\nseed {:016x}", self.run.seed));
        panic!("{text}");
    }
}
