//! Diagnosis: from the pattern of what failed and what passed to a cause in words.
//!
//! A cause is told only where the pattern points to it: it is a help to the reader and decides nothing. What the runs against every
//! fault of the reference handler are diagnosed with is published in `docs/diagnosis.md`.

mod answers;
mod credentials;
mod evidence;
mod input;
mod misfire;
pub(crate) mod opening;
mod rule;
mod state;
mod token;

pub(crate) use rule::diagnose;
pub use rule::{Cause, KnownCause, causes};

/// All causes of a first control that is not accepted.
pub fn opening_causes() -> impl Iterator<Item = KnownCause> {
    opening::OPENING.iter().copied()
}
