//! The JSON Schemas of `schemas/`, compiled in, and those of custom callbacks. This folder alone knows the `jsonschema` crate.

mod compiled;
pub(in crate::protocol) mod composed;
mod files;
pub mod openapi;
mod subset;
mod vendor;
mod violation;

pub use files::*;
pub use subset::{FORMATS, SchemaError, Unsupported};
pub use vendor::PayloadSchema;
pub use violation::Violation;
