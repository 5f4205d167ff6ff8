//! What the handler answers: a success with the callback's response type, or a refusal with a message for people.

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use super::callbacks::{Call, Reply};
use super::fault::{Flaws, Spoil};
use crate::protocol::ErrorResponse;
use crate::protocol::text::UuidText;

/// The media type of every answer.
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Why a request is not served.
#[derive(Debug)]
pub(super) struct Refusal {
    /// What the request was refused for.
    pub subject: Subject,
    /// 4xx; 503 when the keys cannot be fetched.
    pub status: StatusCode,
    /// For people; it never repeats what the client sent.
    pub message: String,
    /// Whether the rest of the connection is unusable.
    pub close: bool,
    /// What a fault does to the connection in place of answering.
    pub spoil: Option<Spoil>,
}

/// What a request was refused for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// Its form: method, media type, body.
    Form,
    /// Its token.
    Token,
    /// Its vendor credentials.
    Credentials,
    /// The callback that it asks for.
    Callback,
    /// What it asks to be done with the data.
    Data,
    /// Something that is not its fault.
    Handler,
}

impl Refusal {
    /// A refusal that leaves the connection usable.
    pub fn new(subject: Subject, status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            subject,
            status,
            message: message.into(),
            close: false,
            spoil: None,
        }
    }

    /// 400: the request does not have the documented form.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(Subject::Form, StatusCode::BAD_REQUEST, message)
    }

    /// The same refusal, after which the connection is closed.
    pub fn closing(mut self) -> Self {
        self.close = true;
        self
    }
}

/// The answer to a request that was served: status 200, or what a custom callback declares, with the type that goes with it; and no
/// `payload` at all where the callback has none to give.
pub(super) fn response(call: &Call, reply: Reply) -> Response<Full<Bytes>> {
    let Call {
        request,
        flaws,
        callback,
        ..
    } = call;
    let right = callback.type_of(reply.status);
    let mut body = json!({
        "type": flaws.type_of_quote(reply.status, right, callback.response_type),
        "request_id": request.request_id,
        "response_id": UuidText::random(),
    });
    if let Some(payload) = reply.payload {
        body["payload"] = payload;
    }
    flaws.spoil_success(call, &mut body);
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = respond(status, &body);
    flaws.spoil_success_response(&body, &mut response);
    response
}

/// The answer to a request that was refused: the documented error body, which has no `type`.
pub(super) fn refusal(
    refusal: &Refusal,
    request_id: Option<UuidText>,
    flaws: &Flaws,
) -> Response<Full<Bytes>> {
    let mut body = json!(ErrorResponse {
        request_id: request_id.unwrap_or_else(no_request_id),
        response_id: UuidText::random(),
        err_message: refusal.message.clone(),
    });
    flaws.spoil_error(&mut body);
    let mut response = respond(refusal.status, &body);
    flaws.spoil_error_response(refusal, &mut response);
    let headers = response.headers_mut();
    if refusal.status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    if refusal.status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if refusal.close {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn respond(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// Stands for the id of a request whose id could not be read.
fn no_request_id() -> UuidText {
    UuidText::new(uuid::Uuid::nil().to_string()).expect("the nil UUID is a UUID")
}
