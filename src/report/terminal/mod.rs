//! The report for whoever sits in front of it: a live face on a terminal, plain lines in a pipe.

mod flow;
mod live;
mod passing;
mod summary;

pub use live::{Loss, Stream, Terminal};
pub use summary::summary;
