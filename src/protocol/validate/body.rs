//! Which schema a body must keep, and what it breaks.

use serde_json::Value;

use super::json;
use super::problem::{Problem, ProblemKind, from_violations};
use super::verdict::{TakenFor, Verdict};
use crate::protocol::catalog::{self, CATALOG, Callback};
use crate::protocol::cti::Cti;
use crate::protocol::paging;
use crate::protocol::schema::{self, Schema};
use crate::protocol::text::quoted;

/// Says what is wrong with a request's body: JSON, the envelope, and the callback that `context.callback_id` names.
///
/// ```
/// use acgw_conformance::protocol::validate;
///
/// let verdict = validate::request(b"{\"type\": 1,}");
/// assert!(!verdict.is_valid());
/// assert_eq!(verdict.problems[0].position, Some((1, 12)));
/// ```
pub fn request(body: &[u8]) -> Verdict {
    request_among(body, &[])
}

/// The same, with custom callbacks that are declared beside those of the catalog.
pub fn request_among(body: &[u8], customs: &[&'static Callback]) -> Verdict {
    validate(body, TakenFor::Request, |value, verdict| {
        let id = value
            .pointer("/context/callback_id")
            .and_then(Value::as_str);
        if let Some(own) = customs.iter().find(|own| id == Some(own.id)) {
            return verdict.keeps(own.request_schema, value, Some(own));
        }
        if let Some(callback) = id.and_then(catalog::by_id) {
            return verdict.keeps(callback.request_schema, value, Some(callback));
        }
        if let Some(id) = id {
            verdict.identify(id, "/context/callback_id", &CALLBACKS);
        }
        if let Some(kind) = value.get("type").and_then(Value::as_str) {
            verdict.belongs(kind, "/type", &REQUESTS);
        }
        let Some((rest, broken)) = id.and_then(|id| paging::apart(id, value)) else {
            return verdict.keeps(schema::REQUEST, value, None);
        };
        verdict.keeps(schema::REQUEST, &rest, None);
        verdict.problems.extend(from_violations(&broken));
    })
}

/// Says what is wrong with a response's body: JSON, the envelope, and the callback's payload.
///
/// A body with `err_message` is taken for an error response. Without a callback the response's `type` tells which it is.
///
/// ```
/// use acgw_conformance::protocol::{catalog, validate};
///
/// let body = br#"{"type": "cti.a.p.acgw.response.v1.0~a.p.tenant_mapping.read.ok.v1.0",
///     "request_id": "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
///     "response_id": "c0a4b7f2-9c1d-4e55-a1de-6b1d0c9e8f33"}"#;
/// let verdict = validate::response(body, Some(&catalog::TENANT_MAPPING_READ));
/// assert_eq!(verdict.problems[0].to_string(), r#"(root): the key "payload" is missing"#);
/// ```
pub fn response(body: &[u8], callback: Option<&'static Callback>) -> Verdict {
    response_among(body, callback, &[])
}

/// The same, with custom callbacks that are declared beside those of the catalog. Each of their responses is right, whatever the
/// status.
pub fn response_among(
    body: &[u8],
    callback: Option<&'static Callback>,
    customs: &[&'static Callback],
) -> Verdict {
    validate(body, TakenFor::Response, |value, verdict| {
        if value.get("err_message").is_some() {
            verdict.taken_for = TakenFor::ErrorResponse;
            return verdict.keeps(schema::ERROR_RESPONSE, value, None);
        }
        let kind = value.get("type").and_then(Value::as_str);
        let own = callback.filter(|callback| callback.custom.is_some());
        let customs = match (callback, &own) {
            (None, _) => customs,
            (Some(_), own) => own.as_slice(),
        };
        if verdict.keeps_declared_response(value, kind, customs) {
            return;
        }
        if let Some(own) = own {
            return verdict.is_undeclared(value, kind, own);
        }
        let by_type = kind.and_then(catalog::by_response_type);
        if let (Some(callback), Some(other)) = (callback, by_type)
            && callback.response_type != other.response_type
        {
            // The answer to another callback: that is the defect, and not all that makes it one.
            let message = format!("the response of {}, not of {}", other.name, callback.name);
            verdict
                .problems
                .push(Problem::new(ProblemKind::Schema, "/type", message));
        }
        // Several callbacks share the type of "done, and nothing to say", so the one that is named goes first.
        let named = callback.filter(|one| kind == Some(one.response_type));
        if let Some(callback) = named.or(by_type).or(callback) {
            verdict.keeps(callback.response_schema, value, Some(callback));
            if named.is_none() {
                verdict.shared(callback);
            }
            return;
        }
        if let Some(kind) = kind {
            verdict.identify(kind, "/type", &RESPONSES);
        }
        verdict.keeps(schema::RESPONSE, value, None);
    })
}

fn validate(body: &[u8], taken_for: TakenFor, judge: impl FnOnce(&Value, &mut Verdict)) -> Verdict {
    let mut verdict = Verdict {
        taken_for,
        callback: None,
        problems: Vec::new(),
        notes: Vec::new(),
    };
    match json::read(body) {
        Ok((value, duplicates)) => {
            judge(&value, &mut verdict);
            verdict.problems.extend(duplicates);
        }
        Err(problem) => verdict.problems.push(problem),
    }
    verdict
}

/// The identifiers of one kind: their base in all its versions.
struct Family {
    entity_name: &'static str,
    /// Such as "callback", for messages.
    what: &'static str,
}

const REQUESTS: Family = Family {
    entity_name: "acgw.request",
    what: "request type",
};
const CALLBACKS: Family = Family {
    entity_name: "acgw.callback",
    what: "callback",
};
const RESPONSES: Family = Family {
    entity_name: "acgw.response",
    what: "response type",
};

impl Verdict {
    pub(super) fn keeps(
        &mut self,
        schema: Schema,
        value: &Value,
        callback: Option<&'static Callback>,
    ) {
        self.callback = callback;
        self.problems
            .extend(from_violations(&schema.violations(value)));
    }

    /// Where the `type` is that of several callbacks, it does not tell which one was answered.
    fn shared(&mut self, callback: &Callback) {
        let names: Vec<&str> = CATALOG
            .iter()
            .filter(|other| other.response_type == callback.response_type)
            .map(|other| other.name)
            .collect();
        if names.len() > 1 {
            self.callback = None;
            let names = names.join(", ");
            self.notes
                .push(format!("this `type` answers each of {names}"));
        }
    }

    /// Judges an identifier that the catalog does not have. Whether the text is an identifier at all is the schema's business.
    fn identify(&mut self, text: &str, pointer: &str, family: &Family) {
        let Some(cti) = self.belongs(text, pointer, family) else {
            return;
        };
        let what = family.what;
        let own = cti.contexts().nth(1);
        if own.is_some_and(|own| (own.vendor, own.package) != ("a", "p")) {
            self.notes.push(format!(
                "a vendor's own {what}: only the envelope was checked"
            ));
        } else {
            self.unknown(text, pointer, what);
        }
    }

    /// Judges whether an identifier is one of a family, and gives it if it is.
    fn belongs(&mut self, text: &str, pointer: &str, family: &Family) -> Option<Cti> {
        let cti = Cti::parse(text).ok()?;
        let base = cti.contexts().next()?;
        let fits = (base.vendor, base.package, base.entity_name) == ("a", "p", family.entity_name);
        if !fits {
            self.unknown(text, pointer, family.what);
        }
        fits.then_some(cti)
    }

    fn unknown(&mut self, text: &str, pointer: &str, what: &str) {
        let message = format!("{} is no documented {what}", quoted(text));
        self.problems
            .push(Problem::new(ProblemKind::Unknown, pointer, message));
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
