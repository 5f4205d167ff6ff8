//! The built program: what it says, where, and how it ends.

mod check;
mod explain;
mod program;
mod running;
mod send;
mod serving;
mod usage;
mod validate;
mod verification;
