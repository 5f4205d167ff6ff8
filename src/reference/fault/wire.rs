//! Faults of the connection: what is done to the bytes of an answer on their way to the socket.
//!
//! The handler marks a response with a [`Spoil`]; the stream between hyper and the socket holds the bytes of that answer back until
//! they are complete, and then does what the mark says. Without faults it passes everything through.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::Service;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::{Fault, Faults};
use crate::reference::handler::Reference;

/// What is done to an answer on its way to the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reference) enum Spoil {
    /// The connection is closed in its place.
    Drop,
    /// The connection is closed in the middle of the body.
    HalfBody,
    /// The body is sent in chunks, and the connection closed without the last one.
    NoLastChunk,
    /// Content-Length is one less than it should be.
    ShortLength,
    /// The body comes slowly.
    Drip,
    /// Stray bytes follow.
    Garbage,
    /// The first line is no status line.
    StatusLine,
    /// One header line has no colon.
    HeaderLine,
    /// The status is 500.
    Fail,
    /// Nothing is sent, and nothing more happens on the connection.
    Hang,
}

/// The head of a request, letter by letter.
#[derive(Debug, Clone)]
pub(super) struct HeadAsSent(pub String);

impl Spoil {
    /// What is done to every answer of a handler with these faults.
    pub fn of_every_answer(faults: &Faults) -> Option<Self> {
        faults.iter().find_map(|fault| match fault {
            Fault::ClosesMidAnswer => Some(Spoil::HalfBody),
            Fault::LastChunkMissing => Some(Spoil::NoLastChunk),
            Fault::ContentLengthTooShort => Some(Spoil::ShortLength),
            Fault::DripsAnswer => Some(Spoil::Drip),
            Fault::GarbageAfterAnswer => Some(Spoil::Garbage),
            Fault::InvalidStatusLine => Some(Spoil::StatusLine),
            Fault::HeaderWithoutColon => Some(Spoil::HeaderLine),
            _ => None,
        })
    }

    /// What is done to the answer that hyper gives by itself to what is no HTTP.
    fn of_bad_framing(faults: &Faults) -> Option<Self> {
        faults.iter().find_map(|fault| match fault {
            Fault::BadFraming500 => Some(Spoil::Fail),
            Fault::BadFramingHang => Some(Spoil::Hang),
            _ => None,
        })
    }

    /// The bytes to send in place of the answer, and what happens then.
    fn apply(self, answer: Vec<u8>) -> (Vec<u8>, Then) {
        let end_of_head = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let (head, body) = answer.split_at(end_of_head.map_or(answer.len(), |end| end + 4));
        let length = format!("content-length: {}\r\n", body.len());
        let with_head = |from: &str, to: &str, body: &[u8]| {
            let head = String::from_utf8_lossy(head).replacen(from, to, 1);
            [head.as_bytes(), body].concat()
        };
        match self {
            Spoil::Drop => (Vec::new(), Then::Close),
            Spoil::HalfBody => ([head, &body[..body.len() / 2]].concat(), Then::Close),
            Spoil::NoLastChunk => {
                let chunk = [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n"].concat();
                (
                    with_head(&length, "transfer-encoding: chunked\r\n", &chunk),
                    Then::Close,
                )
            }
            Spoil::ShortLength => {
                let short = format!("content-length: {}\r\n", body.len().saturating_sub(1));
                (with_head(&length, &short, body), Then::GoOn)
            }
            Spoil::Drip => (answer, Then::GoOn),
            Spoil::Garbage => ([answer.as_slice(), b"0\r\n\r\n"].concat(), Then::GoOn),
            Spoil::StatusLine => (with_head("HTTP/1.1 ", "HTTP OK ", body), Then::Close),
            Spoil::HeaderLine => (
                with_head("\r\n", "\r\nX-Powered-By nothing\r\n", body),
                Then::Close,
            ),
            Spoil::Fail => (
                with_head("400 Bad Request", "500 Internal Server Error", body),
                Then::Close,
            ),
            Spoil::Hang => (Vec::new(), Then::Hang),
        }
    }
}

/// What happens to the connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    GoOn,
    Close,
    Hang,
}

/// The connection's faults: a stream and a service that know of each other.
pub(in crate::reference) fn between<S>(stream: S, reference: Reference) -> (Wire<S>, Answering) {
    let line = (!reference.faults().is_empty()).then(|| {
        Arc::new(Line {
            faults: reference.faults().clone(),
            state: Mutex::default(),
        })
    });
    let wire = Wire {
        stream,
        line: line.clone(),
        held: Vec::new(),
        out: Vec::new(),
        sent: 0,
        drip_from: None,
        pause: None,
        then: Then::GoOn,
    };
    (wire, Answering { reference, line })
}

/// What stream and service tell each other.
struct Line {
    faults: Faults,
    state: Mutex<LineState>,
}

#[derive(Default)]
struct LineState {
    /// What has been read, until the handler sees the request.
    read: Vec<u8>,
    requests: usize,
    /// The handler has answered, and what is to be done to the answer.
    answered: Option<Option<Spoil>>,
}

impl Line {
    fn state(&self) -> MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The handler as one connection sees it.
pub(in crate::reference) struct Answering {
    reference: Reference,
    line: Option<Arc<Line>>,
}

impl Service<Request<Incoming>> for Answering {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let Some(line) = self.line.clone() else {
            return self.reference.call(request);
        };
        let mut state = line.state();
        state.requests += 1;
        let second = state.requests > 1 && line.faults.has(Fault::SecondRequestDropped);
        let head = String::from_utf8_lossy(&std::mem::take(&mut state.read)).into_owned();
        drop(state);
        request.extensions_mut().insert(HeadAsSent(head));
        let answer = self.reference.call(request);
        Box::pin(async move {
            let response = answer.await?;
            let spoil = response.extensions().get().copied();
            line.state().answered = Some(if second { Some(Spoil::Drop) } else { spoil });
            Ok(response)
        })
    }
}

/// The stream between hyper and the socket.
pub(in crate::reference) struct Wire<S> {
    stream: S,
    line: Option<Arc<Line>>,
    /// The bytes of an answer until it is complete.
    held: Vec<u8>,
    /// The bytes to send, and how many are.
    out: Vec<u8>,
    sent: usize,
    /// From where on bytes are sent one at a time.
    drip_from: Option<usize>,
    pause: Option<Pin<Box<Sleep>>>,
    then: Then,
}

/// Time between two bytes that come slowly.
const DRIP: Duration = Duration::from_secs(1);

impl<S: AsyncWrite + Unpin> Wire<S> {
    /// Decides what becomes of the answer that is held back.
    fn release(&mut self, line: &Line) {
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            return;
        }
        let spoil = match line.state().answered.take() {
            Some(spoil) => spoil,
            None if held.starts_with(b"HTTP/1.1 4") => Spoil::of_bad_framing(&line.faults),
            None => None,
        };
        let (bytes, then) = match spoil {
            Some(spoil) => spoil.apply(held),
            None => (held, Then::GoOn),
        };
        if spoil == Some(Spoil::Drip) {
            let end_of_head = bytes.windows(4).position(|four| four == b"\r\n\r\n");
            self.drip_from = end_of_head.map(|end| self.out.len() + end + 4);
        }
        self.out.extend_from_slice(&bytes);
        self.then = then;
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.sent < self.out.len() {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            let end = match self.drip_from {
                Some(drip_from) if self.sent >= drip_from => self.sent + 1,
                Some(drip_from) => drip_from,
                None => self.out.len(),
            };
            let bytes = &self.out[self.sent..end];
            let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += sent;
            if self
                .drip_from
                .is_some_and(|drip_from| self.sent >= drip_from)
            {
                ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
                self.pause = Some(Box::pin(sleep(DRIP)));
            }
        }
        self.out.clear();
        (self.sent, self.drip_from, self.pause) = (0, None, None);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        if let Some(line) = &self.line {
            line.state().read.extend_from_slice(&buf.filled()[before..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.line.is_none() {
            return Pin::new(&mut self.stream).poll_write(cx, bytes);
        }
        self.held.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(line) = self.line.clone() {
            self.release(&line);
            ready!(self.poll_send(cx))?;
            match self.then {
                Then::GoOn => {}
                Then::Hang => return Poll::Pending,
                Then::Close => {
                    ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
                    return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
                }
            }
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.then == Then::Hang {
            return Poll::Pending;
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
