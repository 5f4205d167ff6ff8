//! `acgw init`: a commented `acgw.toml`, after a look at the handler where its address is given.

mod command;
mod file;
mod look;

pub use command::{InitArgs, run};
