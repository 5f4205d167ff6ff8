//! Reads one HTTP/1.x answer out of the bytes that come. No input or output happens here.

use bytes::{Buf, Bytes, BytesMut};
use httparse::Status;

use super::head::{Framing, HeadError, parse_head};
use super::observation::{Answer, TransportErrorKind};

/// Header fields of an answer that are read; more are too many.
const MAX_FIELDS: usize = 1024;
/// Enough for nearly every answer, so that the rest of the room is only made when it is needed.
const USUAL_FIELDS: usize = 48;
/// The longest line that begins a chunk, extensions included.
const MAX_CHUNK_LINE: usize = 4096;
/// Bodies up to this size are copied, so that keeping one does not keep the whole read buffer.
const COPIED_BODY: usize = 4096;

/// How much of an answer is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of status line and header fields, interim answers and trailers included.
    pub(super) head: usize,
    /// Bytes of the body, transfer coding removed.
    pub(super) body: usize,
}

/// Whether an answer is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// More bytes are needed.
    More,
    /// The answer is complete; what is left in the buffer came behind it.
    Done,
}

/// What is wrong with an answer.
pub(super) type Fault = (TransportErrorKind, String);

/// Reads one answer.
#[derive(Debug)]
pub(super) struct Reader {
    state: State,
    limits: Limits,
    /// Whether the request's method permits no body in the answer.
    bodyless: bool,
    /// Bytes of heads and trailers so far.
    head_bytes: usize,
    /// Bytes of the buffer that have been searched for the end of a line.
    searched: usize,
    interim: bool,
    answer: Option<Answer>,
    body: BytesMut,
    keep_alive: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    /// A body of this length.
    Length(usize),
    /// At the line that begins a chunk.
    ChunkLine,
    /// Within a chunk, with this many bytes to come.
    ChunkData(usize),
    /// At the line end behind a chunk.
    ChunkEnd,
    Trailers,
    /// A body that ends with the connection.
    ToEnd,
    Done,
}

impl Reader {
    pub(super) fn new(limits: Limits, method: &str) -> Self {
        Self {
            state: State::Head,
            limits,
            bodyless: matches!(method, "HEAD" | "CONNECT"),
            head_bytes: 0,
            searched: 0,
            interim: false,
            answer: None,
            body: BytesMut::new(),
            keep_alive: false,
        }
    }

    /// Takes from the buffer what belongs to the answer.
    pub(super) fn advance(&mut self, buffer: &mut BytesMut) -> Result<Step, Fault> {
        loop {
            let step = match self.state {
                State::Head => self.head(buffer)?,
                State::Length(length) => self.length(length, buffer),
                State::ChunkLine => self.chunk_line(buffer)?,
                State::ChunkData(left) => self.chunk_data(left, buffer)?,
                State::ChunkEnd => self.chunk_end(buffer)?,
                State::Trailers => self.trailers(buffer)?,
                State::ToEnd if buffer.len() > self.limits.body => {
                    return Err(self.body_too_large());
                }
                State::ToEnd => Step::More,
                State::Done => return Ok(Step::Done),
            };
            if step == Step::More {
                return Ok(Step::More);
            }
        }
    }

    /// The connection has ended in good order, and the answer may end with it.
    pub(super) fn end(&mut self, buffer: &mut BytesMut) -> Result<Step, Fault> {
        match self.state {
            State::ToEnd => {
                self.body = buffer.split();
                self.state = State::Done;
                Ok(Step::Done)
            }
            _ => Err(self.cut(buffer, "end of the connection")),
        }
    }

    /// The fault of a connection that ended, in good order or not, before the answer did.
    pub(super) fn cut(&self, buffer: &BytesMut, how: &str) -> Fault {
        let before = |detail| (TransportErrorKind::ClosedBeforeAnswer, detail);
        let within = |detail| (TransportErrorKind::ClosedInAnswer, detail);
        let body = self.body.len() + buffer.len();
        match self.state {
            State::Head if !self.begun(buffer) && self.interim => {
                before(format!("{how} after an interim (1xx) answer"))
            }
            State::Head if !self.begun(buffer) => before(how.to_owned()),
            // The last bytes may not have been looked at, since no line ends in them.
            State::Head => match parse_head::<MAX_FIELDS>(buffer, self.bodyless) {
                Err(HeadError::Invalid(problem)) => invalid(problem, buffer),
                _ => within(format!("{how} within the header fields")),
            },
            State::Length(length) => within(format!(
                "{how} after {body} of the {length} bytes that Content-Length promised"
            )),
            State::Trailers => within(format!(
                "{how} behind the last chunk, before the empty line"
            )),
            State::ChunkLine | State::ChunkData(_) | State::ChunkEnd => {
                within(format!("{how} before the last chunk"))
            }
            State::ToEnd | State::Done => within(format!("{how} after {body} bytes of the body")),
        }
    }

    /// Whether a byte of the answer itself has come; interim answers do not count.
    pub(super) fn begun(&self, buffer: &BytesMut) -> bool {
        self.answer.is_some() || !buffer.is_empty()
    }

    /// Whether an interim answer has come.
    pub(super) fn interim(&self) -> bool {
        self.interim
    }

    /// Whether the connection can serve another exchange, once the answer is complete.
    pub(super) fn keep_alive(&self) -> bool {
        self.state == State::Done && self.keep_alive
    }

    /// The complete answer.
    pub(super) fn into_answer(self) -> Option<Answer> {
        let mut answer = self.answer?;
        answer.body = match self.body.len() {
            0..=COPIED_BODY => Bytes::copy_from_slice(&self.body),
            _ => self.body.freeze(),
        };
        Some(answer)
    }

    /// What has come of the answer so far, with at most this much of its body.
    pub(super) fn partial(&self, buffer: &BytesMut, most: usize) -> Option<Box<Answer>> {
        let mut answer = self.answer.clone()?;
        let so_far = match self.state {
            State::Length(_) | State::ToEnd => &buffer[..],
            _ => &self.body[..],
        };
        answer.body = Bytes::copy_from_slice(&so_far[..so_far.len().min(most)]);
        Some(Box::new(answer))
    }

    fn head(&mut self, buffer: &mut BytesMut) -> Result<Step, Fault> {
        let seen = self.searched.min(buffer.len());
        self.searched = buffer.len();
        let too_large = buffer.len() + self.head_bytes > self.limits.head;
        // Parsing begins anew each time, so it is only worth it when a line has ended, or while the first line may show
        // that this is no HTTP at all.
        if seen >= 16 && !buffer[seen..].contains(&b'\n') && !too_large {
            return Ok(Step::More);
        }
        let parsed =
            parse_head::<USUAL_FIELDS>(buffer, self.bodyless).or_else(|error| match error {
                HeadError::TooManyFields => parse_head::<MAX_FIELDS>(buffer, self.bodyless),
                other => Err(other),
            });
        let head = match parsed {
            Ok(Some(head)) if head.bytes + self.head_bytes <= self.limits.head => head,
            Ok(None) if !too_large => return Ok(Step::More),
            Ok(_) => {
                return Err((
                    TransportErrorKind::TooLarge,
                    format!("more than {} bytes of header fields", self.limits.head),
                ));
            }
            Err(HeadError::TooManyFields) => {
                let detail = format!("more than {MAX_FIELDS} header fields");
                return Err((TransportErrorKind::TooLarge, detail));
            }
            Err(HeadError::Invalid(problem)) => return Err(invalid(problem, buffer)),
        };
        self.searched = 0;
        self.head_bytes += head.bytes;
        buffer.advance(head.bytes);
        // 101 ends HTTP on the connection: it is the answer.
        if (100..200).contains(&head.answer.status) && head.answer.status != 101 {
            self.interim = true;
            return Ok(Step::Done);
        }
        self.keep_alive = head.keep_alive;
        self.answer = Some(head.answer);
        self.state = match head.framing {
            Framing::None => State::Done,
            Framing::Chunked => State::ChunkLine,
            Framing::Length(length) if length > self.limits.body as u64 => {
                return Err((
                    TransportErrorKind::TooLarge,
                    format!(
                        "Content-Length promises {length} bytes; the limit is {}",
                        self.limits.body
                    ),
                ));
            }
            Framing::Length(length) => State::Length(length as usize),
            Framing::ToEnd => State::ToEnd,
        };
        Ok(Step::Done)
    }

    fn length(&mut self, length: usize, buffer: &mut BytesMut) -> Step {
        if buffer.len() < length {
            return Step::More;
        }
        self.body = buffer.split_to(length);
        self.state = State::Done;
        Step::Done
    }

    fn chunk_line(&mut self, buffer: &mut BytesMut) -> Result<Step, Fault> {
        match httparse::parse_chunk_size(buffer) {
            Ok(Status::Complete((bytes, size))) => {
                buffer.advance(bytes);
                self.state = match usize::try_from(size) {
                    Ok(0) => State::Trailers,
                    Ok(size) if size <= self.limits.body - self.body.len() => {
                        State::ChunkData(size)
                    }
                    _ => return Err(self.body_too_large()),
                };
                Ok(Step::Done)
            }
            Ok(Status::Partial) if buffer.len() <= MAX_CHUNK_LINE => Ok(Step::More),
            Ok(Status::Partial) => {
                let detail =
                    format!("a chunk begins with a line of more than {MAX_CHUNK_LINE} bytes");
                Err((TransportErrorKind::TooLarge, detail))
            }
            Err(_) => Err(invalid("a chunk does not begin with its size", buffer)),
        }
    }

    fn chunk_data(&mut self, left: usize, buffer: &mut BytesMut) -> Result<Step, Fault> {
        let some = left.min(buffer.len());
        self.body.extend_from_slice(&buffer[..some]);
        buffer.advance(some);
        match left - some {
            0 => {
                self.state = State::ChunkEnd;
                Ok(Step::Done)
            }
            left => {
                self.state = State::ChunkData(left);
                Ok(Step::More)
            }
        }
    }

    fn chunk_end(&mut self, buffer: &mut BytesMut) -> Result<Step, Fault> {
        match &buffer[..] {
            [b'\r', b'\n', ..] => {
                buffer.advance(2);
                self.state = State::ChunkLine;
                Ok(Step::Done)
            }
            [] | [b'\r'] => Ok(Step::More),
            _ => Err(invalid("a chunk is not as long as its size says", buffer)),
        }
    }

    fn trailers(&mut self, buffer: &mut BytesMut) -> Result<Step, Fault> {
        if buffer.len() + self.head_bytes > self.limits.head {
            let detail = format!("more than {} bytes of header fields", self.limits.head);
            return Err((TransportErrorKind::TooLarge, detail));
        }
        let mut fields = [httparse::EMPTY_HEADER; USUAL_FIELDS];
        match httparse::parse_headers(buffer, &mut fields) {
            Ok(Status::Complete((bytes, _))) => {
                buffer.advance(bytes);
                self.state = State::Done;
                Ok(Step::Done)
            }
            Ok(Status::Partial) => Ok(Step::More),
            Err(error) => {
                let problem = format!("what follows the last chunk is no header field: {error}");
                Err(invalid(problem, buffer))
            }
        }
    }

    fn body_too_large(&self) -> Fault {
        let detail = format!("more than {} bytes of body", self.limits.body);
        (TransportErrorKind::TooLarge, detail)
    }
}

fn invalid(problem: impl std::fmt::Display, at: &[u8]) -> Fault {
    let shown = &at[..at.len().min(40)];
    let hint = match at {
        // A TLS record: alert or handshake, version 3.x.
        [0x15 | 0x16, 3, ..] => "; it looks like TLS (https:// in place of http://?)",
        _ => "",
    };
    let detail = format!("{problem}, at \"{}\"{hint}", shown.escape_ascii());
    (TransportErrorKind::InvalidHttp, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        head: 256,
        body: 64,
    };

    /// What the reader makes of these pieces, the connection ending behind them: status, body and what is left over, or
    /// the fault's kind.
    fn read<'a>(
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<(u16, Vec<u8>, Vec<u8>), TransportErrorKind> {
        let mut reader = Reader::new(LIMITS, "POST");
        let mut buffer = BytesMut::new();
        let mut step = Step::More;
        for piece in pieces {
            buffer.extend_from_slice(piece);
            if step == Step::More {
                step = reader.advance(&mut buffer).map_err(|(kind, _)| kind)?;
            }
        }
        if step == Step::More {
            reader.end(&mut buffer).map_err(|(kind, _)| kind)?;
        }
        let answer = reader.into_answer().expect("a complete answer");
        Ok((answer.status, answer.body.to_vec(), buffer.to_vec()))
    }

    const STREAMS: &[&str] = &[
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more",
        "\r\nHTTP/1.0 200 OK\nA: b\n\nto the end",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nleft",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nleft",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3;a=b\r\nabc\r\n00A\r\n0123456789\r\n0\r\nT: 1\r\n\r\nleft",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nto the end",
        "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nnot fifty",
        "HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n0123456789",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n41\r\n0123456789",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno field\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno field\r\n\r\n",
        "no status line at all, and quite long before it ends",
        "HTTP/1.1 200 OK\r\nno field \" at the end",
        "",
    ];

    #[test]
    fn it_does_not_matter_where_the_bytes_are_cut() {
        for stream in STREAMS.iter().map(|stream| stream.as_bytes()) {
            let whole = read([stream]);
            assert_eq!(read(stream.chunks(1)), whole);
            for cut in 1..stream.len() {
                let (front, behind) = stream.split_at(cut);
                assert_eq!(read([front, behind]), whole, "cut at {cut}");
            }
        }
    }

    #[test]
    fn the_streams_are_read_as_they_are_meant() {
        use TransportErrorKind::{ClosedBeforeAnswer, ClosedInAnswer, InvalidHttp, TooLarge};
        let ok = |status, body: &str, left: &str| Ok((status, body.into(), left.into()));
        let expected = [
            ok(200, "hello", " and more"),
            ok(200, "to the end", ""),
            ok(204, "", "left"),
            ok(101, "", "left"),
            ok(200, "abc0123456789", "left"),
            ok(200, "to the end", ""),
            Err(ClosedInAnswer),
            Err(TooLarge),
            Err(ClosedInAnswer),
            Err(TooLarge),
            Err(InvalidHttp),
            Err(InvalidHttp),
            Err(InvalidHttp),
            Err(InvalidHttp),
            Err(InvalidHttp),
            Err(ClosedBeforeAnswer),
        ];
        assert_eq!(expected.len(), STREAMS.len());
        for (stream, expected) in STREAMS.iter().zip(expected) {
            assert_eq!(read([stream.as_bytes()]), expected, "{stream:?}");
        }
    }

    #[test]
    fn what_is_cut_off_is_told_by_where() {
        use TransportErrorKind::{ClosedBeforeAnswer, ClosedInAnswer};
        const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunked = |rest: &str| CHUNKED.to_owned() + rest;
        for (stream, kind, told) in [
            (String::new(), ClosedBeforeAnswer, ""),
            (
                "HTTP/1.1 100 Continue\r\n\r\n".to_owned(),
                ClosedBeforeAnswer,
                " after an interim (1xx) answer",
            ),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 20".to_owned(),
                ClosedInAnswer,
                " within the header fields",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nnot fifty".to_owned(),
                ClosedInAnswer,
                " after 9 of the 50 bytes that Content-Length promised",
            ),
            (chunked("3\r\nab"), ClosedInAnswer, " before the last chunk"),
            (
                chunked("3\r\nabc"),
                ClosedInAnswer,
                " before the last chunk",
            ),
            (
                chunked("0\r\nT: 1\r\n"),
                ClosedInAnswer,
                " behind the last chunk, before the empty line",
            ),
        ] {
            let mut reader = Reader::new(LIMITS, "POST");
            let mut buffer = BytesMut::from(stream.as_bytes());
            assert_eq!(reader.advance(&mut buffer), Ok(Step::More), "{stream:?}");
            let fault = (kind, format!("end of the connection{told}"));
            assert_eq!(reader.end(&mut buffer), Err(fault), "{stream:?}");
        }
    }

    #[test]
    fn limits_hold_to_the_byte() {
        let head = |bytes: usize| {
            let rest = "HTTP/1.1 200 OK\r\nA: \r\n\r\n".len();
            format!("HTTP/1.1 200 OK\r\nA: {}\r\n\r\n", "x".repeat(bytes - rest))
        };
        assert!(read([head(256).as_bytes()]).is_ok());
        assert_eq!(
            read([head(257).as_bytes()]),
            Err(TransportErrorKind::TooLarge)
        );
        let begun = |bytes| head(400)[..bytes].to_owned();
        assert_eq!(
            read([begun(256).as_bytes()]),
            Err(TransportErrorKind::ClosedInAnswer)
        );
        assert_eq!(
            read([begun(257).as_bytes()]),
            Err(TransportErrorKind::TooLarge)
        );
        // The limit is for heads and trailers together.
        let interim = format!("HTTP/1.1 100 Continue\r\n\r\n{}", head(256));
        assert_eq!(
            read([interim.as_bytes()]),
            Err(TransportErrorKind::TooLarge)
        );
        let body = |bytes| format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(bytes));
        assert!(read([body(64).as_bytes()]).is_ok());
        assert_eq!(
            read([body(65).as_bytes()]),
            Err(TransportErrorKind::TooLarge)
        );
    }
}
