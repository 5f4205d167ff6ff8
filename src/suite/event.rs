//! What the engine tells while it runs.

use std::time::Duration;

use super::flow::FlowStep;
use super::outcome::{Failure, Outcome, RunInfo};
use super::requirement::Requirement;
use super::traffic::Seen;

/// Something that happened in a run.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The run begins; nothing was sent yet.
    Started {
        /// What is run, and how.
        run: &'a RunInfo,
        /// Requirements selected.
        requirements: usize,
    },
    /// How far the run is.
    Progress {
        /// Cases done.
        done: u64,
        /// Cases planned.
        planned: u64,
        /// Time since the start.
        elapsed: Duration,
        /// Estimated time to the end; `None` while there is nothing to estimate from.
        remaining: Option<Duration>,
    },
    /// A requirement failed for the first time.
    Failed {
        /// Which one.
        requirement: &'static Requirement,
        /// The evidence.
        failure: &'a Failure,
    },
    /// A step of the flow that Acronis verifies was taken, or could not be.
    Step {
        /// Its number, from 1.
        number: usize,
        /// Steps in all.
        of: usize,
        /// What came of it.
        step: &'a FlowStep,
    },
    /// An exchange passed a proxy.
    Passed(&'a Seen),
    /// Something the user should know now: the handler went away, came back, slows down.
    Notice(&'a str),
    /// The run is over.
    Finished(&'a Outcome),
}

/// Hears what happens in a run. Called from one task, in order.
pub trait Observer: Send {
    /// Takes one event.
    fn event(&mut self, event: Event<'_>);
}

impl<F: FnMut(Event<'_>) + Send> Observer for F {
    fn event(&mut self, event: Event<'_>) {
        self(event);
    }
}
