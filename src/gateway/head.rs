//! Reads a status line and header fields, and how the end of the body is found.

use bytes::Bytes;
use httparse::Status;

use super::observation::Answer;

/// A status line and its header fields.
pub(super) struct Head {
    /// The answer, its body still empty.
    pub(super) answer: Answer,
    /// How many bytes it took.
    pub(super) bytes: usize,
    pub(super) framing: Framing,
    /// Whether the connection can serve another exchange once the body has come.
    pub(super) keep_alive: bool,
}

/// How the end of a body is found (RFC 9112, section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    Chunked,
    Length(u64),
    ToEnd,
}

/// Why there is no head.
pub(super) enum HeadError {
    TooManyFields,
    Invalid(String),
}

/// Reads a head of at most this many fields; `None` while it is not complete.
pub(super) fn parse_head<const FIELDS: usize>(
    bytes: &[u8],
    bodyless: bool,
) -> Result<Option<Head>, HeadError> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut parsed = httparse::Response::new(&mut fields);
    let length = match parsed.parse(bytes) {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(HeadError::TooManyFields),
        Err(error) => return Err(HeadError::Invalid(error.to_string())),
    };
    let status = parsed.code.unwrap_or_default();
    if status < 100 {
        return Err(HeadError::Invalid(format!(
            "there is no status {status:03}"
        )));
    }
    let newer = parsed.version == Some(1);
    let fields = Fields(parsed.headers);
    let framing = if bodyless || matches!(status, 100..200 | 204 | 304) {
        Framing::None
    } else {
        fields.framing(newer).map_err(HeadError::Invalid)?
    };
    let keep_alive = framing != Framing::ToEnd
        && status != 101
        && !fields.says("connection", "close")
        && (newer || fields.says("connection", "keep-alive"));
    Ok(Some(Head {
        answer: Answer {
            status,
            reason: parsed.reason.unwrap_or_default().to_owned(),
            version: if newer { "HTTP/1.1" } else { "HTTP/1.0" }.to_owned(),
            headers: fields
                .0
                .iter()
                .map(|field| (field.name.to_owned(), field.value.to_vec()))
                .collect(),
            body: Bytes::new(),
        },
        bytes: length,
        framing,
        keep_alive,
    }))
}

struct Fields<'a>(&'a [httparse::Header<'a>]);

impl<'a> Fields<'a> {
    /// The members of a list that may be spread over several fields.
    fn list(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.0
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name))
            .flat_map(|field| field.value.split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
    }

    fn says(&self, name: &str, word: &str) -> bool {
        self.list(name)
            .any(|member| member.eq_ignore_ascii_case(word.as_bytes()))
    }

    fn framing(&self, newer: bool) -> Result<Framing, String> {
        if let Some(last) = self.list("transfer-encoding").last() {
            return match last.eq_ignore_ascii_case(b"chunked") {
                true if newer => Ok(Framing::Chunked),
                true => Err("Transfer-Encoding is not part of HTTP/1.0".to_owned()),
                false => Ok(Framing::ToEnd),
            };
        }
        let mut length = None;
        for member in self.list("content-length") {
            let number = std::str::from_utf8(member)
                .ok()
                .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|text| text.parse::<u64>().ok())
                .ok_or_else(|| format!("Content-Length is no length: {}", member.escape_ascii()))?;
            if length.replace(number).is_some_and(|other| other != number) {
                return Err("there are two different Content-Lengths".to_owned());
            }
        }
        Ok(length.map_or(Framing::ToEnd, Framing::Length))
    }
}
