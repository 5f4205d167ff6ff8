//! One file a command; thin.

mod args;
mod check;
mod config;
mod credentials;
mod environment;
mod exit;
mod explain;
mod nearest;
mod options;
mod output;
mod page;
mod panic;
mod runtime;
mod serve;
mod settings;
mod signals;
mod stage;
mod usage;
mod validate;
mod value;

pub use args::{Cli, run};
pub use exit::Exit;
pub use panic::install as install_panic_hook;
