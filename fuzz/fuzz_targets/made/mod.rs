//! Messages made from a fuzzer's bytes by their structure: a right one, and the slips that make it nearly right.

mod right;
mod slip;

use acgw_conformance::protocol::{CATALOG, Callback};
use arbitrary::Arbitrary;
use serde_json::Value;

pub use slip::seat;

/// What the fuzzer chooses.
#[derive(Debug, Arbitrary)]
pub struct Input {
    /// Which callback, by its place in the catalog.
    callback: u8,
    direction: Direction,
    parts: right::Parts,
    first: Option<slip::Slip>,
    second: Option<slip::Slip>,
    /// How the text is spelt, by the place of the style.
    pub style: u8,
}

#[derive(Debug, Arbitrary)]
enum Direction {
    Request,
    Response,
    Error,
}

/// What a message is.
pub enum Message {
    /// A request of this callback.
    Request(&'static Callback),
    /// A successful response to this callback.
    Response(&'static Callback),
    /// An error response.
    Error,
}

impl Input {
    /// What is made.
    pub fn message(&self) -> Message {
        let callback = &CATALOG[usize::from(self.callback) % CATALOG.len()];
        match self.direction {
            Direction::Request => Message::Request(callback),
            Direction::Response => Message::Response(callback),
            Direction::Error => Message::Error,
        }
    }

    /// The message without a slip.
    pub fn right(&self) -> Value {
        self.parts.message(&self.message())
    }

    /// What is wrong with it.
    pub fn slips(&self) -> impl Iterator<Item = &slip::Slip> {
        self.first.iter().chain(&self.second)
    }
}
