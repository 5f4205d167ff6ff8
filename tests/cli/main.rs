//! The built program: what it says, where, and how it ends.

mod baseline;
mod check;
mod custom;
mod explain;
mod program;
mod running;
mod send;
mod serving;
mod tools;
mod usage;
mod validate;
mod vectors;
mod verification;
mod watch;
