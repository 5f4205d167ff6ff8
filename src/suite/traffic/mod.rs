//! Traffic that passes a proxy: judged as it passes, by the same judges and requirements as the answers to the suite's own
//! requests.
//!
//! Nothing is sent here, so nothing that needs a crafted request is exercised, and what was seen is no conformance verdict.

mod coding;
mod conclude;
mod garbage;
pub(crate) mod judge;
mod known;
pub mod proxied;
pub mod record;
pub(crate) mod request;
pub mod seen;
pub mod watch;

pub use proxied::{Proxied, RequestTrouble};
pub use record::{RecordedRequest, Recording, RecordingError};
pub use seen::{RequestProblem, Seen, SeenViolation};
pub use watch::Watch;
