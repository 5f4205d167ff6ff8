//! What bodies of custom callbacks must keep, where those are declared.

use serde_json::Value;

use super::problem::{Problem, ProblemKind, from_violations};
use super::verdict::Verdict;
use crate::protocol::catalog::Callback;
use crate::protocol::custom::DeclaredResponse;
use crate::protocol::schema::{self, composed::of_payload};
use crate::protocol::text::quoted;

impl Verdict {
    /// Judges a response that is declared with this `type`, by the first of these callbacks that has one. Whether there is any.
    pub(super) fn keeps_declared_response(
        &mut self,
        value: &Value,
        kind: Option<&str>,
        customs: &[&'static Callback],
    ) -> bool {
        let declared = customs.iter().find_map(|own| {
            let mut responses = own.custom?.responses.iter();
            let response = responses.find(|one| kind == Some(&one.response_type))?;
            Some((*own, response))
        });
        let Some((
            own,
            DeclaredResponse {
                status, payload, ..
            },
        )) = declared
        else {
            return false;
        };
        self.keeps(schema::RESPONSE, value, Some(own));
        let violations = of_payload(payload.as_ref(), value);
        self.problems.extend(from_violations(&violations));
        self.notes.push(format!(
            "right with status {status} alone, which is not checked"
        ));
        true
    }

    /// A response to a custom callback whose `type` is none that is declared.
    pub(super) fn is_undeclared(
        &mut self,
        value: &Value,
        kind: Option<&str>,
        own: &'static Callback,
    ) {
        self.keeps(schema::RESPONSE, value, Some(own));
        let Some(kind) = kind else { return };
        let declared = own.custom.iter().flat_map(|custom| &custom.responses);
        let types: Vec<&str> = declared.map(|one| one.response_type.as_str()).collect();
        let message = format!(
            "{} is not declared for {}: {}",
            quoted(kind),
            own.name,
            types.join(", ")
        );
        self.problems
            .push(Problem::new(ProblemKind::Schema, "/type", message));
    }
}
