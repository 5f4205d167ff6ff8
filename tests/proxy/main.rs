//! `acgw proxy`: bytes pass as they are, what passes is judged as a run judges it, and what is written down hides secrets.

#[path = "../common/mod.rs"]
mod common;

mod bytes;
mod ends;
mod through;
