//! One callback as it will be sent: every part of it a choice, so that a negative case is its control with one choice changed.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::checks::replace;
use super::session::Session;
use super::signer::Signer;
use crate::gateway::{Message, Raw};
use crate::protocol::Callback;
use crate::protocol::headers::{AUTH_HEADER, EXTRA_HEADER};

/// A request, before it is signed.
#[derive(Clone)]
pub(crate) struct Call {
    /// The callback it is, or is derived from.
    pub callback: &'static Callback,
    /// What the answer must repeat.
    pub request_id: String,
    /// `POST` but for the cases about methods.
    pub method: String,
    /// `Content-Type`; `None` leaves it out.
    pub content_type: Option<Vec<u8>>,
    /// `Authorization`.
    pub authorization: Authorization,
    /// `X-CyberApp-Auth`; `None` leaves it out.
    pub auth: Option<Vec<u8>>,
    /// `X-CyberApp-Extra`; `None` leaves it out.
    pub extra: Option<Vec<u8>>,
    /// How the names of the header fields are spelt.
    pub spelling: Spelling,
    /// The body.
    pub body: Bytes,
    /// The header fields of a recorded request, sent in place of those above: of these only `authorization` and `auth` are put
    /// in, where the recording has them.
    pub recorded: Option<Arc<Fields>>,
    /// How the message is put on the wire, where HTTP libraries would refuse to send it.
    pub framing: Option<Framing>,
}

/// Header fields in order.
pub(crate) type Fields = Vec<(String, Vec<u8>)>;

/// What `Authorization` says.
#[derive(Clone)]
pub(crate) enum Authorization {
    /// `Bearer` and a token that is right for this endpoint.
    Good(String),
    /// Nothing: the header is left out.
    Absent,
    /// This text.
    Text(Vec<u8>),
    /// What is made of the signer's keys, for the endpoint of the control.
    Made(Arc<dyn Fn(&Signer) -> String + Send + Sync>),
}

/// How the names of header fields are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// As the documentation spells them.
    Documented,
    /// `content-type`.
    Lower,
    /// `CONTENT-TYPE`.
    Upper,
}

/// Turns a message and the target's authority and path into the bytes to send.
pub(crate) type Framing = Arc<dyn Fn(&Message, &Place) -> Raw + Send + Sync>;

/// What a hand-made request line and `Host` need.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// `host:port`.
    pub authority: String,
    /// Path and query.
    pub path: String,
}

impl Call {
    /// The same request under another id, wherever its body says it.
    pub fn renamed(mut self, request_id: String) -> Self {
        self.body = replace(&self.body, &self.request_id, &request_id);
        self.request_id = request_id;
        self
    }

    /// The same request about another endpoint, with a right token for that.
    pub fn naming_endpoint(mut self, endpoint: &str) -> Self {
        if let Some(mut body) = self.json() {
            body["context"]["endpoint_id"] = Value::from(endpoint);
            self.body = Bytes::from(body.to_string());
        }
        self.authorization = Authorization::Good(endpoint.to_owned());
        self
    }

    /// The message to send, signed now.
    pub fn message(&self, session: &Session) -> Message {
        if let Some(recorded) = &self.recorded {
            return self.recorded_message(session, recorded);
        }
        let mut headers = Vec::with_capacity(4);
        let mut push = |name: &str, value: Option<Vec<u8>>| {
            if let Some(value) = value {
                headers.push((self.spelling.spell(name), value));
            }
        };
        push("Content-Type", self.content_type.clone());
        push("Authorization", self.authorization.value(session));
        push(AUTH_HEADER, self.auth.clone());
        push(EXTRA_HEADER, self.extra.clone());
        Message {
            method: self.method.clone(),
            headers,
            body: self.body.clone(),
        }
    }

    fn recorded_message(&self, session: &Session, recorded: &[(String, Vec<u8>)]) -> Message {
        let headers = recorded.iter().filter_map(|(name, value)| {
            let value = if name.eq_ignore_ascii_case("authorization") {
                self.authorization.value(session)?
            } else if name.eq_ignore_ascii_case(AUTH_HEADER) {
                self.auth.clone()?
            } else {
                value.clone()
            };
            Some((name.clone(), value))
        });
        Message {
            method: self.method.clone(),
            headers: headers.collect(),
            body: self.body.clone(),
        }
    }

    /// What goes on the wire in place of this message, where that is no HTTP.
    pub fn raw(&self, message: &Message, place: &Place) -> Option<Raw> {
        let framing = self.framing.as_ref()?;
        Some(framing(message, place))
    }

    /// The body as JSON, where it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("callback", &self.callback.name)
            .field("request_id", &self.request_id)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl Authorization {
    /// `Bearer` and whatever token is made of the signer's keys.
    pub fn made(make: impl Fn(&Signer) -> String + Send + Sync + 'static) -> Self {
        Authorization::Made(Arc::new(make))
    }

    /// The header's value, or `None` to leave it out.
    fn value(&self, session: &Session) -> Option<Vec<u8>> {
        match self {
            Authorization::Good(endpoint) => Some(bearer(&session.token(endpoint))),
            Authorization::Absent => None,
            Authorization::Text(text) => Some(text.clone()),
            Authorization::Made(make) => session.signer().map(|signer| bearer(&make(signer))),
        }
    }
}

fn bearer(token: &str) -> Vec<u8> {
    format!("Bearer {token}").into_bytes()
}

impl Spelling {
    fn spell(self, name: &str) -> String {
        match self {
            Spelling::Documented => name.to_owned(),
            Spelling::Lower => name.to_ascii_lowercase(),
            Spelling::Upper => name.to_ascii_uppercase(),
        }
    }
}
