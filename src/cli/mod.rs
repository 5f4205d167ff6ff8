//! One file a command; thin.

mod args;
mod check;
mod config;
mod environment;
mod exit;
mod nearest;
mod options;
mod output;
mod panic;
pub mod serve;
mod settings;
mod usage;
mod value;

pub use args::{Cli, run};
pub use exit::Exit;
pub use panic::install as install_panic_hook;
