//! Values that have broken programs before: in strings, in place of strings, and in header fields.
//! None names a host that could be reached: names end in `.invalid` (RFC 6761), addresses are loopback.

mod fields;
mod headers;
mod json_texts;
mod strings;

pub use fields::in_fields;
pub use headers::{HeaderValue, header_values};
pub use json_texts::{JsonText, json_texts};
pub use strings::{Hostile, Kind, strings};
