//! What the relay saw: facts only, no judgement.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::message::Message;
use super::super::observation::Observation;

/// Something that the relay saw.
#[derive(Debug)]
pub enum Sighting {
    /// A request passed, and what came back of it.
    Exchange(Box<Passed>),
    /// The handler could not be reached, so the relay answered the client itself, with status 502.
    Unreachable {
        /// When.
        at: jiff::Timestamp,
        /// Why.
        reason: String,
    },
    /// Bytes pass on a connection, or passed on it, that could not be observed.
    Unobserved {
        /// When.
        at: jiff::Timestamp,
        /// Why.
        reason: String,
    },
}

/// One exchange that passed.
#[derive(Debug)]
pub struct Passed {
    /// When the first byte of the request came.
    pub at: jiff::Timestamp,
    /// The request.
    pub request: PassedRequest,
    /// What came back. Its time is from the last byte of the request to the last byte of the answer.
    pub observation: Observation,
    /// Why what came back says nothing of the handler, where it does not: the client went away, say.
    pub inconclusive: Option<String>,
    /// What it keeps in memory, until it is dropped.
    pub(super) _held: Held,
}

/// A request that passed.
#[derive(Debug, Clone)]
pub struct PassedRequest {
    /// Method, header fields and body, transfer coding removed.
    pub message: Message,
    /// What the request line asks for.
    pub target: String,
    /// `HTTP/1.0` or `HTTP/1.1`.
    pub version: &'static str,
    /// Whether all of it was seen before it was answered.
    pub whole: bool,
    /// Whether the body was larger than what is observed, so that it is not in the message.
    pub too_large: bool,
    /// What keeps it from being HTTP, if anything does; there is little in the message then.
    pub malformed: Option<String>,
}

/// Bytes that are kept in memory, counted for all connections together.
#[derive(Debug)]
pub(super) struct Held {
    count: Arc<AtomicUsize>,
    bytes: usize,
}

impl Held {
    /// Counts so many bytes until this is dropped.
    pub(super) fn new(count: &Arc<AtomicUsize>, bytes: usize) -> Self {
        count.fetch_add(bytes, Ordering::Relaxed);
        Self {
            count: Arc::clone(count),
            bytes,
        }
    }

    /// Counts so many more.
    pub(super) fn add(&mut self, bytes: usize) {
        self.count.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.count.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
