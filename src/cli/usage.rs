//! What the user can put right: told with what to do, and exit code 2.

/// Wrong usage or configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}{}", tip.as_ref().map(|tip| format!("\n\n  tip: {tip}")).unwrap_or_default())]
pub struct UsageError {
    what: String,
    tip: Option<String>,
}

impl UsageError {
    /// Says what is wrong, and where.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            tip: None,
        }
    }

    /// Says what to do about it.
    pub fn tip(mut self, tip: impl Into<String>) -> Self {
        self.tip = Some(tip.into());
        self
    }
}
