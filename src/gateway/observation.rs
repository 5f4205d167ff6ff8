//! What was observed of one exchange: facts only, no judgement.

use std::time::Duration;

use bytes::Bytes;

/// A complete HTTP response, or as much of it as the limits let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code, 100 to 999.
    pub status: u16,
    /// The reason phrase; empty where there is none.
    pub reason: String,
    /// `HTTP/1.0` or `HTTP/1.1`.
    pub version: String,
    /// Header fields in order, with their spelling where it is known.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body, transfer coding removed.
    pub body: Bytes,
}

impl Answer {
    /// The value of the first header field of this name, whatever its case; bytes that are not UTF-8 are replaced.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }
}

/// Why there is no complete answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}{}", if detail.is_empty() { String::new() } else { format!(": {detail}") })]
pub struct TransportError {
    /// What went wrong.
    pub kind: TransportErrorKind,
    /// What the operating system or the HTTP library says of it.
    pub detail: String,
    /// The status and header fields, where they had arrived, and the part of the body that had.
    pub partial: Option<Box<Answer>>,
}

/// The ways in which an exchange ends without a complete answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TransportErrorKind {
    /// No connection: refused, unreachable or not made in time.
    #[error("no connection could be made")]
    Connect,
    /// The TLS handshake failed.
    #[error("the TLS handshake failed")]
    Tls,
    /// No first byte of an answer within the time allowed.
    #[error("no answer within the time allowed")]
    Timeout,
    /// An answer began, but did not end within the time allowed.
    #[error("the answer began, but was not complete within the time allowed")]
    TimeoutInAnswer,
    /// The connection was closed or reset before the first byte of an answer.
    #[error("the connection was closed before an answer came")]
    ClosedBeforeAnswer,
    /// The connection was closed or reset within the answer.
    #[error("the connection was closed in the middle of the answer")]
    ClosedInAnswer,
    /// What came is not HTTP.
    #[error("the answer is not valid HTTP")]
    InvalidHttp,
    /// The header fields or the body exceed the limits.
    #[error("the answer is larger than the limit")]
    TooLarge,
}

/// What was observed of one exchange.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The answer, or why there is none.
    pub result: Result<Answer, TransportError>,
    /// From the first byte sent (or the start of connecting) to the end.
    pub total: Duration,
    /// Whether the connection had served an earlier exchange.
    pub reused: bool,
    /// What TLS agreed on; `None` without TLS.
    pub tls: Option<TlsFacts>,
    /// Bytes that came behind the answer on the same connection, as far as they were seen.
    pub surplus: Bytes,
}

/// What TLS agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFacts {
    /// For example `TLSv1.3`.
    pub version: String,
    /// Why the certificate is not trusted; `None` when it is.
    pub certificate_error: Option<String>,
}

impl Observation {
    /// The status code of a complete answer.
    pub fn status(&self) -> Option<u16> {
        self.result.as_ref().ok().map(|answer| answer.status)
    }
}
