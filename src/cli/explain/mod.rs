//! `acgw explain`: what a requirement asks, what a fault or a cause is, what a CTI identifier says.

mod cause;
mod command;
mod cti;
mod fault;
mod requirement;

pub use command::{ExplainArgs, run};
