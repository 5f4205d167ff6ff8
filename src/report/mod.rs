//! One file a format; consumes events and the outcome, and decides nothing.

pub mod baseline;
pub mod diagnosis;
pub mod diff;
pub mod flow;
pub mod json;
mod latency;
pub mod markdown;
mod markdown_flow;
pub mod tally;
pub mod text;
pub mod verdict;

#[cfg(feature = "cli")]
pub mod card;
#[cfg(feature = "cli")]
pub mod file;
#[cfg(feature = "cli")]
pub mod format;
#[cfg(feature = "cli")]
pub mod html;
#[cfg(feature = "cli")]
pub mod junit;
#[cfg(feature = "cli")]
pub mod palette;
#[cfg(feature = "cli")]
pub mod sarif;
#[cfg(feature = "cli")]
pub mod terminal;

#[cfg(feature = "cli")]
pub use format::Format;
