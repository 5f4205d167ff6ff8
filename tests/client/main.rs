//! The HTTP client against handlers over raw sockets: every way in which an exchange can end.

mod answers;
mod broken_answers;
mod connections;
mod in_this_process;
mod limits;
mod no_answer;
mod raw_bytes;
mod support;
mod surplus;
mod tls;
mod what_is_sent;
