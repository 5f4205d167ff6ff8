//! What the reference handler can be made to do wrong, one thing at a time, so that the suite can show that it notices.
//!
//! `table` names the faults, the other files carry them out, one for each stretch of a request's way. The handler asks its
//! `Flaws` wherever a fault may decide otherwise.

mod again;
mod arrival;
mod credentials;
mod delivery;
mod denied;
mod enablement;
mod flaws;
mod lists;
mod mapping;
mod mirroring;
mod named;
mod output;
mod payload;
mod quote;
mod refusal;
mod secure;
mod set;
mod state;
mod stumble;
mod table;
mod token;
mod unread;
pub(super) mod wire;

pub(super) use flaws::Flaws;
pub use set::Faults;
pub(super) use wire::Spoil;

pub use table::Fault;
