//! The JSON Schemas of `schemas/`, compiled in. This folder alone knows the `jsonschema` crate.

mod compiled;
mod files;
pub mod openapi;
mod violation;

pub use files::*;
pub use violation::Violation;
