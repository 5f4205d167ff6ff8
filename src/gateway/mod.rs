//! Plays the gateway: signs tokens, serves the keys, sends messages and tells what was observed.

pub mod client;
pub mod idp;
pub mod key;
pub mod message;
pub mod observation;
pub mod target;
pub mod token;

pub use message::{Message, Wire};
pub use observation::{Answer, Observation, TransportError, TransportErrorKind};
