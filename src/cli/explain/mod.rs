//! `acgw explain`: what a requirement asks, what a fault does, what a CTI identifier says.

mod command;
mod cti;
mod fault;
mod requirement;

pub use command::{ExplainArgs, run};
