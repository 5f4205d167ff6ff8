//! One file a command; thin.

mod args;
mod baseline;
mod callback;
mod check;
mod config;
mod credentials;
mod custom;
mod enablement;
mod environment;
mod exit;
mod explain;
mod idp;
mod init;
mod nearest;
mod options;
mod output;
mod page;
mod panic;
mod payload;
mod runtime;
mod schemas;
mod send;
mod serve;
mod settings;
mod shell;
mod signals;
mod signing_key;
mod stage;
mod token;
mod usage;
mod validate;
mod value;
mod watch;

pub use args::{Cli, run};
pub use exit::Exit;
pub use panic::install as install_panic_hook;
