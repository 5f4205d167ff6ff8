//! The contract, pure: no input or output happens here.

pub mod catalog;
pub mod cti;
pub mod custom;
pub mod enablement;
pub mod envelope;
pub mod headers;
mod paging;
pub mod payload;
pub mod schema;
mod strict;
pub mod text;
pub mod token;
pub mod validate;

pub use catalog::{CATALOG, Callback, Family};
pub use cti::{Cti, CtiError, CtiErrorKind};
pub use custom::{Custom, CustomCallback, CustomError, CustomField, DeclaredResponse};
pub use enablement::{CallbackIdentity, Enablement, EnablementMethod};
pub use envelope::{Context, EnvelopeError, ErrorResponse, Request, Response};
pub use headers::{Credentials, Extra};
pub use schema::{PayloadSchema, Schema, SchemaError, Unsupported, Violation};
