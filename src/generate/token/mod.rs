//! Tokens that are wrong in one place, as JSON or as text; signing them is the gateway's business.

mod accepted;
mod case;
mod garbage;
mod look_alikes;
mod wrong_types;

pub use accepted::{further_members, right_scopes};
pub use case::TokenCase;
pub use garbage::garbage;
pub use look_alikes::{issuers, roles};
pub use wrong_types::wrong_types;
