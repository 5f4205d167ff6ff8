//! Turns a message into bytes, with the header fields that every request carries.

use bytes::Bytes;

use super::message::Message;
use super::target::Target;

/// Bodies up to this size are sent together with the header fields.
const JOINED_BODY: usize = 64 * 1024;

/// `acgw/<version>`.
pub const USER_AGENT: &str = concat!("acgw/", env!("CARGO_PKG_VERSION"));

/// The header fields that are added to a message which does not have them: in front of its own, then behind.
struct Added<'a> {
    front: [Option<(&'static str, &'a str)>; 4],
    length: Option<(&'static str, String)>,
}

impl<'a> Added<'a> {
    fn new(target: &'a Target, message: &Message) -> Self {
        let unless_given =
            |name: &'static str, value| message.header(name).is_none().then_some((name, value));
        // RFC 9110, section 8.6: a method that expects a body says its length even when that is 0.
        let says_length =
            !message.body.is_empty() || matches!(message.method.as_str(), "POST" | "PUT" | "PATCH");
        let framed = ["Content-Length", "Transfer-Encoding"]
            .iter()
            .any(|name| message.header(name).is_some());
        Self {
            front: [
                unless_given("Host", target.authority()),
                unless_given("User-Agent", USER_AGENT),
                unless_given("Accept", "application/json"),
                unless_given("Accept-Encoding", "identity"),
            ],
            length: (says_length && !framed)
                .then(|| ("Content-Length", message.body.len().to_string())),
        }
    }
}

/// The message with every header field that is sent. Doing it twice changes nothing more.
pub(super) fn prepare(target: &Target, message: &Message) -> Message {
    let added = Added::new(target, message);
    let owned = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let front = added.front.iter().flatten();
    let mut headers: Vec<_> = front.map(|(name, value)| owned(name, value)).collect();
    headers.extend(message.headers.iter().cloned());
    headers.extend(added.length.map(|(name, value)| owned(name, &value)));
    Message {
        method: message.method.clone(),
        headers,
        body: message.body.clone(),
    }
}

/// What is sent: the head, with the body if that is small, and the body if it is not.
pub(super) fn encode(target: &Target, message: &Message) -> [Bytes; 2] {
    let added = Added::new(target, message);
    let joined = message.body.len() <= JOINED_BODY;
    let room = if joined { message.body.len() } else { 0 };
    let mut out = Vec::with_capacity(2048 + room);
    out.extend_from_slice(message.method.as_bytes());
    out.push(b' ');
    out.extend_from_slice(target.path_and_query().as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\n");
    let mut field = |name: &str, value: &[u8]| {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    };
    for (name, value) in added.front.iter().flatten() {
        field(name, value.as_bytes());
    }
    for (name, value) in &message.headers {
        field(name, value);
    }
    if let Some((name, value)) = &added.length {
        field(name, value.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    match joined {
        true => {
            out.extend_from_slice(&message.body);
            [out.into(), Bytes::new()]
        }
        false => [out.into(), message.body.clone()],
    }
}
