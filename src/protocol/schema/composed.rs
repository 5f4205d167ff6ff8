//! The schema of a custom callback's messages: the envelope's own, and the vendor's for the payload.

use std::hash::{Hash, Hasher};

use serde_json::Value;

use super::files::{REQUEST, RESPONSE, Schema};
use super::vendor::PayloadSchema;
use super::violation::Violation;
use crate::protocol::paging;

/// What a message of a custom callback must be. A copy is the same schema.
#[derive(Debug, Clone, Copy)]
pub struct Composed(&'static Parts);

/// What a message is composed of.
#[derive(Debug)]
pub(in crate::protocol) struct Parts {
    /// `context.callback_id`, in a request.
    pub callback_id: Option<String>,
    /// `type`.
    pub kind: String,
    /// The payload's; `None` where there is no payload.
    pub payload: Option<PayloadSchema>,
}

impl Composed {
    /// The schema of such a message.
    pub(in crate::protocol) fn new(parts: &'static Parts) -> Self {
        Self(parts)
    }

    /// What the vendor's part is called.
    pub(super) fn name(self) -> &'static str {
        let payload = self.0.payload.as_ref();
        payload.map_or("no payload", |payload| payload.name())
    }

    /// How a message breaks it. A payload that is sent keeps its formats as well; one that is answered need not.
    pub(super) fn violations(self, message: &Value) -> Vec<Violation> {
        let parts = self.0;
        let envelope: Schema = match parts.callback_id {
            Some(_) => REQUEST,
            None => RESPONSE,
        };
        // The envelope's schema is that of version 1, which has no pages.
        let apart = parts
            .callback_id
            .as_ref()
            .and_then(|id| paging::apart(id, message));
        let mut violations = match apart {
            Some((rest, broken)) => [envelope.violations(&rest), broken].concat(),
            None => envelope.violations(message),
        };
        let mut constant = |pointer: &str, right: &str| {
            let given = message.pointer(pointer).and_then(Value::as_str);
            if let Some(given) = given.filter(|given| *given != right) {
                let told = format!("{given:?} where {right:?} is expected");
                violations.push(Violation::told(pointer, "const", told));
            }
        };
        constant("/type", &parts.kind);
        if let Some(id) = &parts.callback_id {
            constant("/context/callback_id", id);
        }
        let payload = of_payload(parts.payload.as_ref(), message);
        if let (true, true, Some(schema), Some(payload)) = (
            payload.is_empty(),
            parts.callback_id.is_some(),
            &parts.payload,
            message.get("payload"),
        ) && !schema.is_right(payload)
        {
            let told = "a text in it does not have its format".to_owned();
            violations.push(Violation::told("/payload", "format", told));
        }
        violations.extend(payload);
        violations.truncate(Violation::MOST);
        violations
    }
}

/// How the payload of a message breaks the vendor's schema; without one there must be none.
pub(in crate::protocol) fn of_payload(
    schema: Option<&PayloadSchema>,
    message: &Value,
) -> Vec<Violation> {
    let told =
        |pointer, keyword, text: &str| vec![Violation::told(pointer, keyword, text.to_owned())];
    match (schema, message.get("payload")) {
        (None, None) => Vec::new(),
        (None, Some(_)) => told("/payload", "falseSchema", "nothing may stand here"),
        (Some(_), None) => told("", "required", "the key \"payload\" is missing"),
        (Some(schema), Some(payload)) => {
            let broken = schema.violations(payload).into_iter();
            broken.map(|one| one.below("/payload")).collect()
        }
    }
}

impl PartialEq for Composed {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Composed {}

impl Hash for Composed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::ptr::hash(self.0, state);
    }
}
