//! What the handler knows: the vendor's partners and their customers, fixed, and what it remembers of them, which callbacks change.

mod partners;
mod records;
mod state;

pub use partners::{Customer, PARTNERS, Partner, by_identity};
pub(super) use records::{Organisation, PartnerRecord, canonical};
pub(super) use state::{PartnerId, State, Store};
