//! The test vectors: as committed, true to the register, one change apart, and at one with the parsers and the reference handler.

mod agree;
mod change;
mod faults;
mod files;
mod handler;
mod read;
