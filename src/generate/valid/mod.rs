//! Valid requests over the whole documented freedom.

mod dates;
mod identifiers;
mod media_type;
mod request;

pub use dates::{any_rfc3339, created_at, created_at_examples};
pub use identifiers::{any_uuid, cti, endpoint_id, request_id, tenant_uuid, upper_case_request_id};
pub use media_type::{media_type, media_type_examples};
pub use request::{Freedom, ValidCase, requests, requests_within};
