//! `acgw proxy`: bytes pass as they are, what passes is judged as a run judges it, and what is written down hides secrets.

#[path = "../common/mod.rs"]
mod common;

#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "every binary uses a part of it")]
mod program;
#[path = "../cli/running.rs"]
#[allow(dead_code, reason = "every binary uses a part of it")]
mod running;

mod bytes;
mod console;
mod ends;
mod recording;
mod replay;
mod through;
