//! Language-neutral test vectors: inputs with their right outcome, for vendors who test their parsing and verifying code without
//! running anything of this crate.
//!
//! The inputs are those of the checks, the outcomes those of the checks and the judge: nothing is listed here a second time. What is
//! random in a run (keys, time, ids) is fixed, so that the files come out the same, byte for byte, wherever they are made.

mod auth;
mod cases;
mod cti;
mod difference;
mod extra;
mod file;
mod request;
mod response;
mod response_slips;
mod setting;
mod subject;
mod token;
mod vector;

pub use file::{VectorFile, all};
