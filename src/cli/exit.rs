//! The exit codes, which scripts rely on.

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: the handler conforms; the command did what was asked.
    Success,
    /// 1: a requirement failed; the validated file breaks its schema.
    Failed,
    /// 2: wrong usage or configuration.
    Usage,
    /// 3: no verdict: the handler could not be reached, nothing was exercised, or not all of the flow was shown.
    NoVerdict,
    /// 4: the suite's own fault.
    OwnFault,
    /// 130: interrupted, after what was under way was put in order.
    Interrupted,
}

impl Exit {
    /// The number that a shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::NoVerdict => 3,
            Exit::OwnFault => 4,
            Exit::Interrupted => 130,
        }
    }

    /// The exit that this number stands for; an unknown one is our own fault.
    pub fn from_code(code: u8) -> Self {
        [
            Exit::Success,
            Exit::Failed,
            Exit::Usage,
            Exit::NoVerdict,
            Exit::Interrupted,
        ]
        .into_iter()
        .find(|exit| exit.code() == code)
        .unwrap_or(Exit::OwnFault)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
