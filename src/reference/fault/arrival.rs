//! Faults in how a request is taken in: method, media type, header names, the body's text, the envelope.

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::wire::HeadAsSent;
use super::{Fault, Flaws};
use crate::protocol::catalog::TENANT_MAPPING_READ;
use crate::protocol::text::UuidText;
use crate::protocol::token::UnverifiedToken;
use crate::protocol::{Request, catalog};
use crate::reference::answer::{Refusal, Subject};
use crate::reference::callbacks;
use crate::reference::request::single;

/// Header fields that a handler of the documentation's spelling looks for.
const SPELT: &[&str] = &[
    "Authorization",
    "Content-Type",
    "X-CyberApp-Auth",
    "X-CyberApp-Extra",
];

impl Flaws {
    /// Forgets header fields that are not spelt as a faulty handler looks them up.
    pub fn find_headers(&self, parts: &mut Parts) {
        if !self.has(Fault::HeaderNamesCaseSensitive) {
            return;
        }
        let Some(HeadAsSent(head)) = parts.extensions.get() else {
            return; // in-process requests have no spelling
        };
        for name in SPELT {
            if !head.contains(&format!("\n{name}:")) {
                parts.headers.remove(*name);
            }
        }
    }

    /// Whether a callback is served when it comes with a method other than POST.
    pub fn takes_method(&self, method: &Method) -> bool {
        self.has(Fault::AnyMethod) || (method == Method::PUT && self.has(Fault::PutAccepted))
    }

    /// What becomes of the refusal of another method.
    pub fn on_other_method(&self, refusal: Refusal) -> Refusal {
        self.fail_if(Fault::OtherMethod500, refusal)
    }

    /// Whether a spelling of `application/json` is refused.
    pub fn minds_media_type(&self, given: &str) -> bool {
        (self.has(Fault::ContentTypeExact) && given != "application/json")
            || (self.has(Fault::ContentTypeCaseSensitive)
                && !given.trim().starts_with("application/json"))
    }

    /// What becomes of the refusal of another media type.
    pub fn on_other_media_type(&self, refusal: Refusal) -> Refusal {
        self.fail_if(Fault::WrongContentType500, refusal)
    }

    /// The body as a handler reads it that mends what it should refuse.
    pub fn reread(&self, parts: &Parts, body: &Bytes) -> Bytes {
        let mends = [
            Fault::NoObjectAccepted,
            Fault::CallbackDefaulted,
            Fault::RequestIdInvented,
        ];
        if !self.any(&mends) {
            return body.clone();
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(request)) => self.mend(request),
            _ if self.has(Fault::NoObjectAccepted) => stand_in(parts),
            _ => body.clone(),
        }
    }

    fn mend(&self, mut request: Map<String, Value>) -> Bytes {
        if self.has(Fault::RequestIdInvented)
            && !request.get("request_id").is_some_and(Value::is_string)
        {
            request.insert("request_id".to_owned(), json!(UuidText::random()));
        }
        if self.has(Fault::CallbackDefaulted)
            && let Some(Value::Object(context)) = request.get_mut("context")
            && !context.get("callback_id").is_some_and(Value::is_string)
        {
            context.insert("callback_id".to_owned(), json!(TENANT_MAPPING_READ.id));
            request.insert("type".to_owned(), json!(TENANT_MAPPING_READ.request_type));
        }
        Bytes::from(Value::Object(request).to_string())
    }

    /// The callback that the request asks for.
    pub fn callback_id<'a>(&self, request: &'a Request) -> Result<&'a str, Refusal> {
        let id = request.context.callback_id.as_str();
        if !callbacks::is_known(id) {
            if self.has(Fault::CallbackByPrefix)
                && let Some(known) = callbacks::known_prefix(id)
            {
                return Ok(known);
            }
            if self.has(Fault::UnknownCallbackServed) {
                return Ok(TENANT_MAPPING_READ.id);
            }
            if self.has(Fault::UnknownCallback500) {
                return Err(failure());
            }
        }
        if id == catalog::TOPOLOGY_READ.id && self.has(Fault::TopologyNotServed) {
            return Ok("");
        }
        Ok(id)
    }

    fn fail_if(&self, fault: Fault, refusal: Refusal) -> Refusal {
        if self.has(fault) { failure() } else { refusal }
    }
}

/// Status 500.
pub(super) fn failure() -> Refusal {
    Refusal::new(
        Subject::Handler,
        StatusCode::INTERNAL_SERVER_ERROR,
        "Internal Server Error",
    )
}

/// A `tenant_mapping.read` for the endpoint that the token is good for.
fn stand_in(parts: &Parts) -> Bytes {
    let token = single(&parts.headers, &AUTHORIZATION)
        .and_then(|value| value.split_once(' '))
        .and_then(|(_, token)| UnverifiedToken::parse(token).ok());
    let role = token
        .as_ref()
        .and_then(|token| token.claims.pointer("/scope/0/role"));
    let request = json!({
        "type": TENANT_MAPPING_READ.request_type,
        "request_id": UuidText::random(),
        "created_at": "2023-04-10T15:33:01+00:00",
        "context": {
            "callback_id": TENANT_MAPPING_READ.id,
            "endpoint_id": role,
            "tenant_id": UuidText::random(),
            "datacenter_url": "https://acronis.cloud",
        },
    });
    Bytes::from(request.to_string())
}
