//! Causes in words, the same in every report. What they are was decided by the suite.

use crate::suite::Cause;

/// The heading above causes.
pub const DIAGNOSIS: &str = "Diagnosis: what would explain this";

/// Which failures a cause explains.
pub fn explains(cause: &Cause) -> String {
    format!("explains {} [{}]", cause.explains.join(", "), cause.name)
}
