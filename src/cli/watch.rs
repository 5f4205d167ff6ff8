//! `acgw check --watch`: a run whenever the handler restarts, for whoever is writing it.

use std::io::IsTerminal as _;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::baseline::Known;
use super::check::{exit, run_once, write_reports};
use super::exit::Exit;
use super::options::Plan;
use super::output::tell;
use super::{signals, stage};
use crate::gateway::Target;
use crate::report::text::count;
use crate::suite::outcome::Ended;
use crate::suite::{Interrupt, Options, Outcome, State};

/// Between two attempts to reach a handler that is not there.
const KNOCK_EVERY: Duration = Duration::from_millis(200);

/// Milliseconds between the attempts to connect behind the end of an idle connection.
const KNOCKS_BEHIND_AN_END: [u64; 7] = [0, 1, 2, 4, 8, 16, 32];

/// Runs again and again, until Ctrl-C: everything first, then what failed, and everything again when that passes.
///
/// # Errors
/// When a run cannot begin.
pub async fn watch(plan: Plan, known: Known) -> anyhow::Result<Exit> {
    let reports = plan.reports.clone();
    let interrupt = Interrupt::new();
    signals::listen(interrupt.clone());
    let stage = stage::set(plan).await?;
    let mut enter = Enter::listen();
    let mut only = None;
    let mut last = Exit::NoVerdict;
    loop {
        tokio::select! {
            () = up(&stage.target) => {}
            () = interrupt.triggered() => return Ok(last),
        }
        let options = Options {
            only: only.clone().unwrap_or_else(|| stage.options.only.clone()),
            ..stage.options.clone()
        };
        let (outcome, shown) = run_once(&stage, options, &reports, &interrupt).await?;
        let written =
            shown & write_reports(&reports, &outcome) & (only.is_some() || known.write(&outcome));
        last = exit(&outcome, written);
        if outcome.ended == Ended::Interrupted {
            return Ok(last);
        }
        let before = only;
        only = failing(&outcome);
        match (&before, &only) {
            (Some(part), None) => {
                tell(&format!(
                    "mended: {}; now everything again",
                    part.join(", ")
                ));
                continue;
            }
            (_, None) => tell("waiting for the handler to restart: then everything is run again"),
            (_, Some(part)) => tell(&format!(
                "waiting for the handler to restart: then what failed is run again ({})",
                count(part.len() as u64, "requirement")
            )),
        }
        if enter.is_heard() {
            tell("Enter does not wait for it; Ctrl-C ends");
        }
        tokio::select! {
            () = restart(&stage.target) => {}
            () = enter.pressed() => {}
            () = interrupt.triggered() => return Ok(last),
        }
    }
}

/// The requirements to run again: those that failed and are not known to. `None` where none did, or the run did not come to its end.
fn failing(outcome: &Outcome) -> Option<Vec<String>> {
    let failed = outcome
        .requirements
        .iter()
        .filter(|one| one.state == State::Failed && one.known.is_none());
    let ids: Vec<String> = failed.map(|one| one.requirement.id.to_owned()).collect();
    (!ids.is_empty() && outcome.ended == Ended::Completed).then_some(ids)
}

async fn connect(target: &Target) -> std::io::Result<TcpStream> {
    let address = target.address().ok_or(std::io::ErrorKind::Unsupported)?;
    TcpStream::connect(address).await
}

/// Waits until the handler can be reached.
async fn up(target: &Target) {
    let mut told = false;
    while connect(target).await.is_err() {
        if !told {
            tell(&format!(
                "waiting for the handler at {}",
                target.authority()
            ));
            told = true;
        }
        tokio::time::sleep(KNOCK_EVERY).await;
    }
}

/// Waits until the handler goes away: an idle connection ends then, and no other can be made. One that is closed for being idle
/// is made again.
async fn restart(target: &Target) {
    loop {
        let Ok(mut connection) = connect(target).await else {
            return;
        };
        let mut bytes = [0; 64];
        while matches!(connection.read(&mut bytes).await, Ok(1..)) {}
        // Some are back within milliseconds.
        for wait in KNOCKS_BEHIND_AN_END {
            if connect(target).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
    }
}

/// Hears Enter, where somebody can press it.
struct Enter(Option<mpsc::UnboundedReceiver<()>>);

impl Enter {
    fn listen() -> Self {
        if !std::io::stdin().is_terminal() {
            return Self(None);
        }
        let (pressed, heard) = mpsc::unbounded_channel();
        // Nothing can take back a read that waits: the thread ends with the program.
        std::thread::spawn(move || {
            let lines = std::io::stdin().lines();
            for _ in lines.take_while(Result::is_ok) {
                if pressed.send(()).is_err() {
                    return;
                }
            }
        });
        Self(Some(heard))
    }

    fn is_heard(&self) -> bool {
        self.0.is_some()
    }

    async fn pressed(&mut self) {
        let pressed = match &mut self.0 {
            Some(heard) => heard.recv().await,
            None => None,
        };
        if pressed.is_none() {
            std::future::pending::<()>().await;
        }
    }
}
