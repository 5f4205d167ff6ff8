//! What custom callbacks are asked: payloads made from the vendor's schema, and pages; right ones, and near ones with one thing wrong.

mod effective;
mod near;
pub mod paging;
mod payloads;
mod sample;
mod text;
mod value;

pub use near::Near;
pub use payloads::Payloads;
