//! One exchange that passed, and what it shows: what whoever looks on is told at once.

use std::time::Duration;

use crate::suite::requirement::Requirement;

/// One exchange that passed. Secrets and tokens are masked, unless the options reveal them.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its number, from 1.
    pub number: u64,
    /// When the first byte of the request came.
    pub at: jiff::Timestamp,
    /// The callback's name where it is known, what the request says of it otherwise, or method and path.
    pub callback: String,
    /// The status of the answer; `None` where there was no complete one.
    pub status: Option<u16>,
    /// From the last byte of the request to the last byte of the answer.
    pub took: Duration,
    /// What is wrong with the request: the doing of whoever sent it, not of the handler.
    pub problems: Vec<RequestProblem>,
    /// What the handler did wrong.
    pub violations: Vec<SeenViolation>,
    /// How many requirements it was seen to keep.
    pub kept: usize,
    /// Why the answer was not judged, or not all of it.
    pub unjudged: Option<String>,
}

/// A requirement that the handler was seen to break.
#[derive(Debug, Clone)]
pub struct SeenViolation {
    /// Which one.
    pub requirement: &'static Requirement,
    /// What a right handler does.
    pub expected: String,
    /// What this one did.
    pub observed: String,
}

/// How a request differs from what the gateway is documented to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestProblem {
    /// What of the request: `method`, `Content-Type`, `Authorization`, `body` …
    pub part: &'static str,
    /// What the gateway is documented to send.
    pub expected: String,
    /// What came.
    pub observed: String,
}
