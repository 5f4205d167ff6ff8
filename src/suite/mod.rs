//! The requirements, the checks that gather evidence for them, and the engine that runs the checks.

pub mod event;
pub mod options;
pub mod outcome;
pub mod requirement;

pub use event::{Event, Observer};
pub use options::{Options, Profile};
pub use outcome::{Failure, Outcome, State};
pub use requirement::{Area, Level, Requirement};
