//! Outcomes made by hand, one for each way in which a run can go.

mod flow;
mod known;
mod parts;
mod whole;

pub use flow::{failed_beside_the_flow, not_complete, not_ready, ready};
pub use known::{known, known_and_new, out_of_date};
pub use parts::{ECHO, ITEMS, failure};
pub use whole::{broken, conforming, every, long, strict, without_verdict};
