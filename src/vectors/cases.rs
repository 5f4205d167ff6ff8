//! The cases of the checks, as messages.

use super::vector::{Expectation, Vector, slug};
use crate::gateway::Message;
use crate::protocol::Callback;
use crate::suite::check::{Draft, Method};
use crate::suite::checks;
use crate::suite::session::Session;

/// One case of a check.
pub(super) struct Case {
    /// The requirement that it is about.
    pub requirement: &'static str,
    /// What it changes, in a few words.
    pub name: String,
    /// What a right handler does with it.
    pub expect: Expectation,
    /// The request.
    pub message: Message,
}

/// How many cases of a check are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All that are enumerated.
    All,
    /// The most telling: for those that a handler may take or refuse.
    Telling,
    /// So many, where there are hundreds that ask for the same.
    First(usize),
}

/// The enumerated cases of the check for a requirement, made of this callback's right request.
pub(super) fn of(
    session: &Session,
    callback: &'static Callback,
    requirement: &'static str,
    extent: Extent,
) -> Vec<Case> {
    let check = checks::all().iter().find(|check| check.id == requirement);
    let Some(Method::Cases {
        enumerated: Some(enumerated),
        ..
    }) = check.map(|check| check.method)
    else {
        return Vec::new();
    };
    let most = match extent {
        Extent::First(most) => most,
        Extent::All | Extent::Telling => usize::MAX,
    };
    let taken = |draft: &Draft| extent != Extent::Telling || draft.telling;
    enumerated(session, callback)
        .into_iter()
        .filter(taken)
        .take(most)
        .map(|draft| Case {
            requirement,
            expect: draft.expect.into(),
            message: draft.call.message(session),
            name: draft.name,
        })
        .collect()
}

impl Case {
    /// The beginnings of its vector; `kind` tells cases of one name apart.
    pub fn vector(&self, kind: &str, input: serde_json::Value) -> Vector {
        let id = slug(&format!("{} {kind} {}", self.requirement, self.name));
        Vector::new(id, &self.name, self.expect, &[self.requirement], input)
    }
}
