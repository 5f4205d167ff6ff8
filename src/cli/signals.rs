//! Ctrl-C: the first one lets the run put things in order and report, the second one ends the program.

use std::io;

use super::exit::Exit;
use super::output::tell;
use crate::suite::Interrupt;

/// Listens for as long as the runtime lasts.
pub fn listen(interrupt: Interrupt) {
    // Where it cannot be listened, the system's own handling stays: the program ends at once.
    let Ok(mut signals) = Signals::new() else {
        return;
    };
    tokio::spawn(async move {
        signals.next().await;
        interrupt.trigger();
        tell("interrupted: writing what was found; once more to end at once");
        signals.next().await;
        std::process::exit(Exit::Interrupted.code().into());
    });
}

/// Requests to stop, none of which is missed between two waits.
#[cfg(unix)]
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
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
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
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
