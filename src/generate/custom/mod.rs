//! Payloads of custom callbacks, made from the vendor's schema: right ones, and near ones with one thing wrong.

mod effective;
mod near;
mod payloads;
mod sample;
mod text;
mod value;

pub use near::Near;
pub use payloads::Payloads;
