//! Requests with exactly one thing wrong.

mod build;
mod damage;
mod encoding;
mod fields;
mod large;
mod payload;
mod shape;
mod transport;
mod types;

pub use damage::{Damage, Edit, damage, truncation};
pub use types::{Class, Malformation, each_of_class, enumerated, of_class};

pub(super) use build::{Builder, one_of_each_type};
