//! Equivalent spellings of a JSON value.

mod style;
mod write;

pub use style::{Escapes, Space, Style};
pub use write::write;
