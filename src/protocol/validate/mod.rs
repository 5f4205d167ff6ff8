//! Says what is wrong with a request's or a response's body: the pure part of `acgw validate`.

mod body;
mod custom;
mod json;
mod problem;
mod verdict;

pub use body::{request, request_among, response, response_among};
pub use problem::{Problem, ProblemKind};
pub use verdict::{TakenFor, Verdict};
