//! The requirements, the checks that gather evidence for them, and the engine that runs the checks.

pub mod baseline;
pub mod diagnosis;
pub mod error;
pub mod event;
pub mod flow;
#[doc(hidden)]
pub mod fuzzing;
pub mod identity;
pub mod interrupt;
mod opening;
pub mod options;
mod other_partner;
pub mod outcome;
pub mod register;
pub mod requirement;
pub mod runner;
pub mod single;
pub mod traffic;

pub(crate) mod advice;
pub(crate) mod batch;
pub(crate) mod call;
mod cases;
mod changes;
pub(crate) mod check;
pub(crate) mod checks;
pub(crate) mod conclusion;
pub(crate) mod courier;
pub(crate) mod customs;
pub(crate) mod decoding;
mod endpoints;
pub(crate) mod engine;
pub(crate) mod evidence;
mod expiry;
pub(crate) mod flaky;
mod fresh;
pub(crate) mod judge;
pub(crate) mod keys;
pub(crate) mod lanes;
pub(crate) mod latency;
pub(crate) mod ledger;
pub(crate) mod pace;
pub(crate) mod panics;
pub(crate) mod plan;
pub(crate) mod record;
pub(crate) mod replay;
mod reuse;
pub(crate) mod run;
pub(crate) mod session;
pub(crate) mod shrink;
pub(crate) mod signer;
pub(crate) mod state;
pub(crate) mod stranger;
pub(crate) mod supply;
pub(crate) mod window;

pub use baseline::{Baseline, Fate, Judged, KnownFailure};
pub use diagnosis::Cause;
pub use error::{Error, ErrorKind};
pub use event::{Event, Observer};
pub use flow::{Flow, FlowStep, Item, ItemState, Readiness, StepState};
pub use identity::TestIdentity;
pub use interrupt::Interrupt;
pub use options::{Options, Profile};
pub use outcome::{
    CallbackCases, CallbackLatency, Failure, Flakiness, Latencies, Outcome, Percentiles, State,
};
pub use requirement::{Area, Level, Requirement};
pub use runner::Suite;
pub use single::{Single, SingleOutcome};
pub use traffic::{Proxied, Recording, Seen, Watch};
