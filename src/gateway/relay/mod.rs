//! The relay: passes connections on to a handler byte by byte, and tells what it saw of the exchanges on them.
//!
//! Bytes are forwarded as they come and never wait for whoever looks at them: what is observed is a copy. An observer that
//! cannot keep up, or cannot make sense of the bytes, stops observing, says so, and the bytes flow on.

mod observer;
mod passed;
mod pump;
pub(super) mod request;
mod server;
mod tap;
mod tls;

pub use passed::{Passed, PassedRequest, Sighting};
pub use server::{Relay, RelayError, RelayOptions};
pub use tls::{RelayTls, RelayTlsError};
