//! Handlers that do their worst, over raw sockets: every run ends in bounded time and memory, and its verdict names the
//! cause.

#[path = "../common/mod.rs"]
mod common;

mod crashing;
mod mischief;
mod never_right;
mod now_and_then;
mod once;
mod right_at_first;
