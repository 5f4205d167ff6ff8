//! What the validation of a body found.

use super::problem::Problem;
use crate::protocol::catalog::Callback;

/// What a body was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenFor {
    /// A request.
    Request,
    /// A successful response.
    Response,
    /// An error response, because it has `err_message`.
    ErrorResponse,
}

/// What the validation of a body found.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What the body was taken for.
    pub taken_for: TakenFor,
    /// The callback whose schema was used; `None` where only the envelope was checked.
    pub callback: Option<&'static Callback>,
    /// What is wrong; empty for a valid body.
    pub problems: Vec<Problem>,
    /// What was not checked, and why.
    pub notes: Vec<String>,
}

impl Verdict {
    /// Whether nothing is wrong.
    pub fn is_valid(&self) -> bool {
        self.problems.is_empty()
    }
}
