//! Reads requests out of the bytes that a client sends, one after the other. No input or output happens here.

use bytes::{Buf, Bytes, BytesMut};
use httparse::Status;

use super::super::message::Message;
use super::passed::PassedRequest;

/// Header fields of a request that are read; more are too many.
const MAX_FIELDS: usize = 1024;
/// Enough for nearly every request.
const USUAL_FIELDS: usize = 48;
/// The longest line that begins a chunk, extensions included.
const MAX_CHUNK_LINE: usize = 4096;
/// Most bytes of request line and header fields, and of trailers.
const MAX_HEAD: usize = 256 * 1024;

/// Where the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gateway) enum Step {
    /// More bytes are needed.
    More,
    /// The request is complete.
    Whole,
}

/// Reads one request after the other.
#[derive(Debug)]
pub(in crate::gateway) struct Reader {
    state: State,
    most_body: usize,
    request: Option<PassedRequest>,
    body: BytesMut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    /// Within a body, or a chunk, with this many bytes to come.
    Length(u64),
    ChunkLine,
    ChunkData(u64),
    ChunkEnd,
    Trailers,
    /// What came is no HTTP, and nothing behind it can be told apart.
    Malformed,
}

impl Reader {
    /// A reader that keeps at most so many bytes of a body.
    pub(in crate::gateway) fn new(most_body: usize) -> Self {
        Self {
            state: State::Head,
            most_body,
            request: None,
            body: BytesMut::new(),
        }
    }

    /// Takes from the buffer what belongs to the request under way.
    pub(in crate::gateway) fn advance(&mut self, buffer: &mut BytesMut) -> Step {
        loop {
            let step = match self.state {
                State::Head => self.head(buffer),
                State::Length(left) => match self.data(left, buffer) {
                    0 => return self.whole(),
                    left => {
                        self.state = State::Length(left);
                        return Step::More;
                    }
                },
                State::ChunkLine => self.chunk_line(buffer),
                State::ChunkData(left) => match self.data(left, buffer) {
                    0 => Ok(Some(State::ChunkEnd)),
                    left => {
                        self.state = State::ChunkData(left);
                        return Step::More;
                    }
                },
                State::ChunkEnd => chunk_end(buffer),
                State::Trailers => match trailers(buffer) {
                    Ok(true) => return self.whole(),
                    Ok(false) => Ok(None),
                    Err(problem) => Err(problem),
                },
                State::Malformed => {
                    buffer.clear();
                    return Step::More;
                }
            };
            match step {
                Ok(Some(State::Length(0))) => {
                    return self.whole();
                }
                Ok(Some(state)) => self.state = state,
                Ok(None) => return Step::More,
                Err(problem) => self.malformed(problem, buffer),
            }
        }
    }

    /// Whether what came is no HTTP, so that what follows cannot be told apart either.
    pub(super) fn is_malformed(&self) -> bool {
        self.state == State::Malformed
    }

    /// The method of the request under way, once it is known.
    pub(super) fn method(&self) -> Option<&str> {
        let request = self.request.as_ref()?;
        Some(&request.message.method)
    }

    /// Whether a request is under way of which this much is known that it can be told of.
    pub(super) fn has_begun(&self) -> bool {
        self.request.is_some()
    }

    /// The request under way as far as it is known. A malformed one is taken once.
    pub(in crate::gateway) fn so_far(&self) -> Option<PassedRequest> {
        let mut request = self.request.clone()?;
        request.message.body = Bytes::copy_from_slice(&self.body);
        Some(request)
    }

    /// The complete request; the next one begins behind it.
    pub(in crate::gateway) fn take(&mut self) -> Option<PassedRequest> {
        let mut request = self.request.take()?;
        request.message.body = std::mem::take(&mut self.body).freeze();
        Some(request)
    }

    fn whole(&mut self) -> Step {
        self.state = State::Head;
        if let Some(request) = &mut self.request {
            request.whole = true;
        }
        Step::Whole
    }

    fn malformed(&mut self, problem: String, buffer: &mut BytesMut) {
        let request = self.request.get_or_insert_with(|| PassedRequest {
            message: Message {
                method: "?".to_owned(),
                headers: Vec::new(),
                body: Bytes::new(),
            },
            target: "?".to_owned(),
            version: "HTTP/1.1",
            whole: false,
            too_large: false,
            malformed: None,
        });
        request.malformed = Some(problem);
        self.state = State::Malformed;
        buffer.clear();
    }

    fn head(&mut self, buffer: &mut BytesMut) -> Result<Option<State>, String> {
        // Empty lines before a request are to be skipped (RFC 9112, section 2.2).
        while buffer.starts_with(b"\r\n") || buffer.starts_with(b"\n") {
            let line = if buffer[0] == b'\r' { 2 } else { 1 };
            buffer.advance(line);
        }
        if buffer.is_empty() {
            return Ok(None);
        }
        let parsed = match parse::<USUAL_FIELDS>(buffer) {
            Err(httparse::Error::TooManyHeaders) => parse::<MAX_FIELDS>(buffer),
            other => other,
        };
        match parsed {
            Ok(Some((bytes, request))) => {
                buffer.advance(bytes);
                let state = framing(&request);
                self.request = Some(request);
                state.map(Some)
            }
            Ok(None) if buffer.len() > MAX_HEAD => {
                Err(format!("more than {MAX_HEAD} bytes of header fields"))
            }
            Ok(None) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Takes body bytes; how many are still to come.
    fn data(&mut self, left: u64, buffer: &mut BytesMut) -> u64 {
        let some = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let too_large = (self.request.as_ref()).is_some_and(|request| request.too_large);
        if too_large || self.body.len() + some > self.most_body {
            if let Some(request) = &mut self.request {
                request.too_large = true;
            }
            self.body = BytesMut::new();
        } else {
            self.body.extend_from_slice(&buffer[..some]);
        }
        buffer.advance(some);
        left - some as u64
    }

    fn chunk_line(&mut self, buffer: &mut BytesMut) -> Result<Option<State>, String> {
        match httparse::parse_chunk_size(buffer) {
            Ok(Status::Complete((bytes, size))) => {
                buffer.advance(bytes);
                Ok(Some(match size {
                    0 => State::Trailers,
                    size => State::ChunkData(size),
                }))
            }
            Ok(Status::Partial) if buffer.len() <= MAX_CHUNK_LINE => Ok(None),
            Ok(Status::Partial) => Err(format!(
                "a chunk begins with a line of more than {MAX_CHUNK_LINE} bytes"
            )),
            Err(_) => Err("a chunk does not begin with its size".to_owned()),
        }
    }
}

fn parse<const FIELDS: usize>(
    bytes: &[u8],
) -> Result<Option<(usize, PassedRequest)>, httparse::Error> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut parsed = httparse::Request::new(&mut fields);
    let length = match parsed.parse(bytes)? {
        Status::Complete(length) => length,
        Status::Partial => return Ok(None),
    };
    let request = PassedRequest {
        message: Message {
            method: parsed.method.unwrap_or_default().to_owned(),
            headers: (parsed.headers.iter())
                .map(|field| (field.name.to_owned(), field.value.to_vec()))
                .collect(),
            body: Bytes::new(),
        },
        target: parsed.path.unwrap_or_default().to_owned(),
        version: match parsed.version {
            Some(0) => "HTTP/1.0",
            _ => "HTTP/1.1",
        },
        whole: false,
        too_large: false,
        malformed: None,
    };
    Ok(Some((length, request)))
}

/// How the end of the body is found (RFC 9112, section 6.3); what servers may read in two ways is no HTTP.
fn framing(request: &PassedRequest) -> Result<State, String> {
    let list = |name: &'static str| {
        let fields = request.message.headers.iter();
        fields
            .filter(move |(field, _)| field.eq_ignore_ascii_case(name))
            .flat_map(|(_, value)| value.split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
    };
    let mut length = None;
    for member in list("content-length") {
        let number = std::str::from_utf8(member)
            .ok()
            .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|text| text.parse::<u64>().ok())
            .ok_or_else(|| format!("Content-Length is no length: {}", member.escape_ascii()))?;
        if length.replace(number).is_some_and(|other| other != number) {
            return Err("there are two different Content-Lengths".to_owned());
        }
    }
    match (list("transfer-encoding").next_back(), length) {
        (Some(_), Some(_)) => Err("there are both Transfer-Encoding and Content-Length".to_owned()),
        (Some(last), None) if last.eq_ignore_ascii_case(b"chunked") => Ok(State::ChunkLine),
        (Some(last), None) => Err(format!(
            "the last Transfer-Encoding is not chunked: {}",
            last.escape_ascii()
        )),
        (None, length) => Ok(State::Length(length.unwrap_or(0))),
    }
}

fn chunk_end(buffer: &mut BytesMut) -> Result<Option<State>, String> {
    match &buffer[..] {
        [b'\r', b'\n', ..] => {
            buffer.advance(2);
            Ok(Some(State::ChunkLine))
        }
        [] | [b'\r'] => Ok(None),
        _ => Err("a chunk is not as long as its size says".to_owned()),
    }
}

/// Whether the trailers are over.
fn trailers(buffer: &mut BytesMut) -> Result<bool, String> {
    let mut fields = [httparse::EMPTY_HEADER; USUAL_FIELDS];
    match httparse::parse_headers(buffer, &mut fields) {
        Ok(Status::Complete((bytes, _))) => {
            buffer.advance(bytes);
            Ok(true)
        }
        Ok(Status::Partial) if buffer.len() <= MAX_HEAD => Ok(false),
        Ok(Status::Partial) => Err(format!("more than {MAX_HEAD} bytes of trailers")),
        Err(error) => Err(format!(
            "what follows the last chunk is no header field: {error}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = (String, Vec<u8>, bool);

    /// The requests that are read from these bytes in pieces of this size: method, body, whether too large; and what is
    /// malformed behind them.
    fn read(bytes: &[u8], piece: usize) -> (Vec<Read>, Option<String>) {
        let mut reader = Reader::new(16);
        let mut buffer = BytesMut::new();
        let mut requests = Vec::new();
        for piece in bytes.chunks(piece) {
            buffer.extend_from_slice(piece);
            while reader.advance(&mut buffer) == Step::Whole {
                let request = reader.take().expect("a request");
                assert!(request.whole);
                let message = request.message;
                requests.push((message.method, message.body.to_vec(), request.too_large));
            }
        }
        let malformed = reader.so_far().and_then(|request| request.malformed);
        (requests, malformed)
    }

    #[test]
    fn requests_are_read_one_after_the_other_however_they_are_cut() {
        let stream = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello\r\n\
            GET /x HTTP/1.0\r\n\r\n\
            PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n\
            POST / HTTP/1.1\r\nContent-Length: 17\r\n\r\n0123456789abcdefgPOST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
        let body = |text: &str| text.as_bytes().to_vec();
        let expected = vec![
            ("POST".to_owned(), body("hello"), false),
            ("GET".to_owned(), body(""), false),
            ("PUT".to_owned(), body("abcde"), false),
            ("POST".to_owned(), body(""), true),
            ("POST".to_owned(), body(""), false),
        ];
        for piece in [1, 2, 3, 7, 64, stream.len()] {
            assert_eq!(read(stream, piece), (expected.clone(), None), "{piece}");
        }
    }

    #[test]
    fn what_is_no_http_is_told_and_ends_the_reading() {
        for (stream, told) in [
            (&b"\x16\x03\x01 hello"[..], "token"),
            (
                b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "two different",
            ),
            (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "no length"),
            (
                b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "both Transfer-Encoding",
            ),
            (
                b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
                "not chunked",
            ),
            (
                b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
                "its size",
            ),
            (
                b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
                "as long as",
            ),
        ] {
            let (requests, malformed) = read(stream, stream.len());
            assert!(requests.is_empty());
            let malformed = malformed.unwrap_or_default();
            assert!(malformed.contains(told), "{malformed}");
        }
    }
}
