//! Faults in refusals.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use super::{Fault, Flaws};
use crate::protocol::catalog::TENANT_MAPPING_READ;
use crate::protocol::headers::AUTH_HEADER;
use crate::protocol::text::UuidText;
use crate::reference::answer::{Refusal, Subject};
use crate::reference::request::single;
use crate::reference::token::Denial;

/// What stands in front of handlers that have faults answers instead of them where a token has expired.
const EXPIRED: [(Fault, StatusCode); 3] = [
    (Fault::Expired503, StatusCode::SERVICE_UNAVAILABLE),
    (Fault::ExpiredRedirected, StatusCode::FOUND),
    (Fault::ExpiredPage200, StatusCode::OK),
];

/// What the runtime of a handler prints that shows its errors to everybody.
const TRACE: &str = "Traceback (most recent call last):\n  File \"/srv/app/handler.py\", line 42, in callback\n    \
    raise Denied()\napp.errors.Denied";

impl Flaws {
    /// Spoils a refusal before it is written down.
    pub fn spoil_refusal(&self, parts: &Parts, refusal: &mut Refusal) {
        if self.faults.is_empty() || refusal.status.is_server_error() {
            return;
        }
        if (self.has(Fault::BadToken400) && refusal.subject == Subject::Token)
            || (self.has(Fault::BadCredentials400) && refusal.subject == Subject::Credentials)
        {
            refusal.status = StatusCode::BAD_REQUEST;
        }
        if refusal.message == Refusal::from(Denial::Expired).message {
            for (fault, status) in EXPIRED {
                if self.has(fault) {
                    refusal.status = status;
                }
            }
        }
        if self.any(&[Fault::RefusalStatus200, Fault::NothingLookedAt]) {
            refusal.status = StatusCode::OK;
        }
        if self.has(Fault::SecretEchoed) {
            let given = parts.headers.get(AUTH_HEADER);
            let decoded = STANDARD
                .decode(given.map_or(&b""[..], HeaderValue::as_bytes))
                .unwrap_or_default();
            refusal.message = format!("{}: {}", refusal.message, String::from_utf8_lossy(&decoded));
        }
        if self.has(Fault::TokenEchoed) {
            let given = single(&parts.headers, &AUTHORIZATION).unwrap_or_default();
            refusal.message = format!("{}: {given}", refusal.message);
        }
        if self.has(Fault::StackTrace) {
            TRACE.clone_into(&mut refusal.message);
        }
    }

    /// Spoils the body of a refusal.
    pub fn spoil_error(&self, body: &mut Value) {
        for fault in self.faults.iter() {
            match fault {
                Fault::NothingLookedAt => {
                    *body = json!({
                        "type": TENANT_MAPPING_READ.response_type,
                        "request_id": body["request_id"],
                        "response_id": body["response_id"],
                        "payload": {"items": []},
                    });
                }
                Fault::MessageMisnamed => {
                    *body = json!({
                        "request_id": body["request_id"],
                        "response_id": body["response_id"],
                        "error": body["err_message"],
                    });
                }
                Fault::RefusalUnnamed => body["request_id"] = json!(uuid::Uuid::nil().to_string()),
                Fault::RefusalRequestIdFresh => body["request_id"] = json!(UuidText::random()),
                Fault::ErrorTypeOnRefusal => body["type"] = json!("error"),
                Fault::SuccessTypeOnRefusal => {
                    body["type"] = json!(TENANT_MAPPING_READ.response_type);
                }
                _ => {}
            }
        }
    }

    /// Spoils a refusal that is written down.
    pub fn spoil_error_response(&self, refusal: &Refusal, response: &mut Response<Full<Bytes>>) {
        if let Some(spoil) = refusal.spoil {
            response.extensions_mut().insert(spoil);
        }
        if self.has(Fault::PlainTextRefusals) {
            *response.body_mut() = Full::from(refusal.message.clone());
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, plain);
        }
        if refusal.message == Refusal::from(Denial::Expired).message {
            if self.has(Fault::ExpiredRedirected) {
                let login = HeaderValue::from_static("/login");
                response.headers_mut().insert(LOCATION, login);
            }
            if self.has(Fault::ExpiredPage200) {
                *response.body_mut() =
                    Full::from("<html><body>Your session has ended.</body></html>");
                let page = HeaderValue::from_static("text/html");
                response.headers_mut().insert(CONTENT_TYPE, page);
            }
        }
        if self.has(Fault::EmptyRefusals) {
            *response.body_mut() = Full::default();
            response.headers_mut().remove(CONTENT_TYPE);
        }
    }
}
