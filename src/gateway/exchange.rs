//! One exchange on one connection: sends and receives at the same time, so that an answer which comes before the whole
//! request is read is not lost.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncReadExt, AsyncWrite};

use super::answer::{Fault, Reader, Step};
use super::connect::Live;
use super::observation::{Answer, TransportError, TransportErrorKind};
use super::pool::{Idle, peek};

/// Room that is made for each read.
const READ_BYTES: usize = 8 * 1024;
/// How much of an answer is acknowledged at once; what is larger comes in a stream that needs no help.
const ACKNOWLEDGED: u64 = 64 * 1024;
/// What is kept of the body of an answer that did not end well.
const PARTIAL_BODY: usize = 64 * 1024;

/// Says of an exchange that the client itself went away, as it was told to.
pub const ABANDONED: &str = "abandoned by the client";

/// What is to be sent and how far that has come.
pub(super) struct Outgoing {
    parts: [Bytes; 2],
    half_close: bool,
    abandon: bool,
    state: Sending,
}

#[derive(Debug)]
enum Sending {
    Bytes,
    Flush,
    Shutdown,
    Done,
    /// The connection took no more; an answer may still be there to read.
    Failed(io::Error),
}

impl Outgoing {
    pub(super) fn new(parts: [Bytes; 2]) -> Self {
        Self::raw(parts, false, false)
    }

    pub(super) fn raw(parts: [Bytes; 2], half_close: bool, abandon: bool) -> Self {
        Self {
            parts,
            half_close,
            abandon,
            state: Sending::Bytes,
        }
    }

    /// Sends as much as the connection takes.
    fn poll(&mut self, cx: &mut Context<'_>, live: &mut Live) {
        let mut stream = Pin::new(&mut live.stream);
        loop {
            let step = match self.state {
                Sending::Bytes => match self.parts.iter_mut().find(|part| !part.is_empty()) {
                    None => Poll::Ready(Ok(Sending::Flush)),
                    Some(part) => match stream.as_mut().poll_write(cx, part) {
                        Poll::Ready(Ok(0)) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                        Poll::Ready(Ok(count)) => {
                            part.advance(count);
                            Poll::Ready(Ok(Sending::Bytes))
                        }
                        Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                        Poll::Pending => Poll::Pending,
                    },
                },
                Sending::Flush => {
                    stream
                        .as_mut()
                        .poll_flush(cx)
                        .map_ok(|()| match self.half_close {
                            true => Sending::Shutdown,
                            false => Sending::Done,
                        })
                }
                Sending::Shutdown => stream.as_mut().poll_shutdown(cx).map_ok(|()| Sending::Done),
                Sending::Done | Sending::Failed(_) => return,
            };
            match step {
                Poll::Ready(Ok(state)) => self.state = state,
                Poll::Ready(Err(error)) => self.state = Sending::Failed(error),
                Poll::Pending => return,
            }
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.state, Sending::Done | Sending::Failed(_))
    }
}

/// One exchange.
pub(super) struct Exchange<'a> {
    live: &'a mut Live,
    outgoing: Outgoing,
    reader: Reader,
    received: u64,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(live: &'a mut Live, outgoing: Outgoing, reader: Reader) -> Self {
        Self {
            live,
            outgoing,
            reader,
            received: 0,
        }
    }

    /// Sends the request and reads the answer. Can be dropped at any time; [`Exchange::finish`] tells how far it came.
    pub(super) async fn run(&mut self) -> Result<(), Fault> {
        loop {
            match self.read().await {
                Ok(0) if self.outgoing.abandon => {
                    return Err((TransportErrorKind::ClosedBeforeAnswer, ABANDONED.to_owned()));
                }
                Ok(0) => {
                    return match self.reader.end(&mut self.live.buffer) {
                        Ok(_) => Ok(()),
                        Err(_) => Err(self.cut(None)),
                    };
                }
                Ok(count) => {
                    self.received += count as u64;
                    if self.outgoing.abandon {
                        self.live.buffer.clear();
                    } else if self.reader.advance(&mut self.live.buffer)? == Step::Done {
                        return Ok(());
                    } else if self.received < ACKNOWLEDGED {
                        self.live.stream.acknowledge();
                    }
                }
                Err(error) => return Err(self.cut(Some(error))),
            }
        }
    }

    /// Reads some bytes while sending what is left to send; 0 at the end of the connection, or when everything has been
    /// sent and no answer is wanted.
    async fn read(&mut self) -> io::Result<usize> {
        let Self { live, outgoing, .. } = self;
        live.buffer.reserve(READ_BYTES);
        let result = poll_fn(|cx| {
            if !outgoing.is_over() {
                outgoing.poll(cx, live);
            }
            if outgoing.abandon && outgoing.is_over() {
                return Poll::Ready(Ok(0));
            }
            pin!(live.stream.read_buf(&mut live.buffer)).poll(cx)
        })
        .await;
        match result {
            // TLS without a closing message. Many servers leave it out, and whether the answer is complete shows anyway.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
            result => result,
        }
    }

    /// The fault of a connection that ended before the answer did.
    fn cut(&self, error: Option<io::Error>) -> Fault {
        let how = match (&error, &self.outgoing.state) {
            (Some(error), _) => error.to_string(),
            (None, Sending::Failed(error)) => {
                format!("end of the connection ({error} when sending)")
            }
            (None, Sending::Done) => "end of the connection".to_owned(),
            (None, _) => "end of the connection before the whole request was sent".to_owned(),
        };
        let (kind, detail) = self.reader.cut(&self.live.buffer, &how);
        // A server that wants a client certificate says so only now.
        let alert = error.is_some_and(|error| error.kind() == io::ErrorKind::InvalidData);
        match alert && kind == TransportErrorKind::ClosedBeforeAnswer {
            true => (TransportErrorKind::Tls, detail),
            false => (kind, detail),
        }
    }

    /// What came of it; without a result, the time was up.
    pub(super) fn finish(self, result: Option<Result<(), Fault>>) -> Finished {
        let Self {
            live,
            outgoing,
            reader,
            received,
        } = self;
        let fault = match result {
            Some(Ok(())) => {
                let reusable = reader.keep_alive()
                    && peek(live) == Idle::Quiet
                    && !outgoing.half_close
                    && matches!(outgoing.state, Sending::Done);
                let surplus = live.buffer.split().freeze();
                return Finished {
                    result: reader.into_answer().ok_or_else(|| TransportError {
                        kind: TransportErrorKind::InvalidHttp,
                        detail: "no status line".to_owned(),
                        partial: None,
                    }),
                    surplus,
                    reusable,
                    received,
                };
            }
            Some(Err(fault)) => fault,
            None if reader.begun(&live.buffer) => {
                let (_, so_far) = reader.cut(&live.buffer, "the time was up");
                (TransportErrorKind::TimeoutInAnswer, so_far)
            }
            None => (TransportErrorKind::Timeout, String::new()),
        };
        let detail = match (&outgoing.state, reader.interim()) {
            _ if !fault.1.is_empty() => fault.1,
            (Sending::Bytes, _) => "the whole request had not been taken by then".to_owned(),
            (_, true) => "only interim (1xx) answers had come".to_owned(),
            _ => fault.1,
        };
        Finished {
            result: Err(TransportError {
                kind: fault.0,
                detail,
                partial: reader.partial(&live.buffer, PARTIAL_BODY),
            }),
            surplus: Bytes::new(),
            reusable: false,
            received,
        }
    }
}

/// What came of an exchange.
pub(super) struct Finished {
    pub(super) result: Result<Answer, TransportError>,
    pub(super) surplus: Bytes,
    /// Whether the connection can serve another exchange.
    pub(super) reusable: bool,
    /// Bytes that came, interim answers included.
    pub(super) received: u64,
}
