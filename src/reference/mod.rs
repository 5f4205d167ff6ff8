//! The reference handler: how to do it right, and its faults: how to do it wrong, one thing at a time.
//!
//! To learn how a callback is answered, read [`handler`] from top to bottom; it calls the other files in the order in which
//! they are listed here. Wherever a line mentions `flaws`, a handler without faults goes on as if it were not there.

mod answer;
mod callbacks;
mod credentials;
mod extra;
pub mod fault;
mod fetch;
pub mod handler;
mod jwks;
mod request;
pub mod server;
pub mod store;
pub mod tls;
mod token;

pub use fault::{Fault, Faults};
pub use handler::{Reference, Settings};
pub use server::Server;
pub use tls::{TlsConfig, TlsError};
