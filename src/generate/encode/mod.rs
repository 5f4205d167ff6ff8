//! Equivalent spellings of a JSON value.

mod style;
mod write;

pub use style::{Escapes, Space, Style};
pub(crate) use write::short_escape;
pub use write::write;
