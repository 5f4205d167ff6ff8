//! Plays the gateway: signs tokens, serves the keys, sends messages and tells what was observed.

mod answer;
pub mod client;
mod connect;
mod der;
mod exchange;
#[doc(hidden)]
pub mod fuzzing;
mod head;
pub mod idp;
pub mod key;
pub mod message;
pub mod observation;
mod pem;
mod pool;
pub mod relay;
mod request;
mod service;
mod stream;
pub mod target;
mod tls;
pub mod token;

pub use client::{Client, ClientError, ClientOptions, Connection};
pub use idp::{Fetches, IdentityProvider, IdpError};
pub use key::{KeyError, SigningKey};
pub use message::{Message, Raw};
pub use observation::{Answer, Observation, TlsFacts, TransportError, TransportErrorKind};
pub use relay::{Passed, PassedRequest, Relay, RelayError, RelayOptions, RelayTls, Sighting};
pub use target::{Target, TargetError};
