//! Why a run could not begin.

use std::fmt;

/// Why a run could not begin. What happens once it has begun is told by its outcome.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    text: String,
}

/// The kinds of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A selector of `only` or `skip` matches no requirement.
    Selector,
    /// An option has a value that cannot be worked with.
    Options,
    /// No client or no signing key could be made.
    Setup,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
        }
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the user can mend it by other options.
    pub fn is_usage(&self) -> bool {
        matches!(self.kind, ErrorKind::Selector | ErrorKind::Options)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {}
