//! Ctrl-C: the first one lets the run put things in order and report, the second one ends the program.

use std::io;
use std::time::{Duration, Instant};

use super::exit::Exit;
use super::output::tell;
use crate::suite::Interrupt;

/// Signals that come so soon behind the first are one request to stop.
const ONE_REQUEST: Duration = Duration::from_millis(500);

/// Listens for as long as the runtime lasts.
pub fn listen(interrupt: Interrupt) {
    // Where it cannot be listened, the system's own handling stays: the program ends at once.
    let Ok(mut signals) = Signals::new() else {
        return;
    };
    tokio::spawn(async move {
        signals.next().await;
        interrupt.trigger();
        tell(
            "interrupted: putting back what was changed, and writing what was found; once more to end at once, without either",
        );
        let first = Instant::now();
        loop {
            signals.next().await;
            // Who stops a program for others, as timeout does, sends the same twice.
            if first.elapsed() > ONE_REQUEST {
                break;
            }
        }
        tell("ended at once: what was changed may not be back, and no report was written");
        std::process::exit(Exit::Interrupted.code().into());
    });
}

/// Requests to stop, none of which is missed between two waits.
#[cfg(unix)]
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            // The terminal was closed.
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

/// Requests to stop, none of which is missed between two waits.
#[cfg(windows)]
pub struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        let _ = self.0.recv().await;
    }
}
