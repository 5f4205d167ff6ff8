//! The reference handler: how to do it right, and its faults: how to do it wrong, one thing at a time.
//!
//! To learn how a callback is answered, read these files in this order: `handler` (the way through), `request` (what is let in),
//! `token`, `jwks` and `fetch` (who asks), `credentials` and `extra` (on whose behalf), `store` (what is remembered), `callbacks` (what
//! is done and answered), `answer` (how it is said), `server` and `tls` (the socket in front). Wherever a line mentions `flaws`, a handler without faults goes on
//! as if it were not there.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use acgw_conformance::protocol::Enablement;
//! use acgw_conformance::reference::{Faults, Reference, Server, Settings};
//!
//! let reference = Reference::new(Settings {
//!     jwks_url: "http://127.0.0.1:9180/api/idp/v1/keys".to_owned(),
//!     issuer: "https://acronis.cloud".to_owned(),
//!     enablement: Enablement::MAPPED,
//!     faults: Faults::none(),
//! });
//! let server = Server::start(([127, 0, 0, 1], 0).into(), reference, None).await?;
//! println!("listening on {}", server.url());
//! server.shutdown().await;
//! # Ok(())
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
//! ```

mod answer;
mod callbacks;
mod credentials;
mod custom;
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

pub use custom::custom_callback;
pub use fault::{Fault, Faults};
pub use handler::{Reference, Settings};
pub use server::{Server, ServerError};
pub use tls::{TlsConfig, TlsError};
