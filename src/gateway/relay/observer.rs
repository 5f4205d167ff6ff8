//! The observer of one connection: finds the requests and answers in the bytes that passed, and which belong together.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::super::answer::{Limits, Reader as Answers, Step as AnswerStep};
use super::super::observation::{
    Answer, Observation, TlsFacts, TransportError, TransportErrorKind,
};
use super::passed::{Held, Passed, PassedRequest, Sighting};
use super::request::{Reader as Requests, Step};
use super::server::RelayOptions;
use super::tap::Piece;

/// Requests on one connection that wait for their answers; more are not observed.
const MOST_WAITING: usize = 256;
/// What is kept of the body of an answer that did not end well.
const PARTIAL_BODY: usize = 64 * 1024;

/// What all observers share.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    /// Where sightings go.
    pub(super) sightings: mpsc::UnboundedSender<Sighting>,
    /// Bytes in memory.
    pub(super) held: Arc<AtomicUsize>,
    /// Connections with a request that is not answered yet.
    pub(super) busy: Arc<AtomicUsize>,
}

/// A request, and when it came.
#[derive(Debug)]
struct Waiting {
    request: PassedRequest,
    at: jiff::Timestamp,
    /// When its last byte came.
    since: Instant,
    held: Held,
}

/// Observes one connection.
pub(super) struct Observer {
    shared: Shared,
    limits: Limits,
    tls: Option<TlsFacts>,
    requests: Requests,
    request_bytes: BytesMut,
    /// When the request under way began.
    begun: Option<(jiff::Timestamp, Instant)>,
    waiting: VecDeque<Waiting>,
    /// Whether the request under way was answered already.
    answered_early: bool,
    answers: Option<Answers>,
    answer_bytes: BytesMut,
    served: u64,
    client_gone: bool,
    /// Whether the rest of the connection is not observed.
    blind: bool,
    counted_busy: bool,
}

impl Observer {
    pub(super) fn new(shared: Shared, options: &RelayOptions, tls: Option<TlsFacts>) -> Self {
        Self {
            shared,
            limits: Limits {
                head: options.max_head,
                body: options.max_body,
            },
            tls,
            requests: Requests::new(options.max_body),
            request_bytes: BytesMut::new(),
            begun: None,
            waiting: VecDeque::new(),
            answered_early: false,
            answers: None,
            answer_bytes: BytesMut::new(),
            served: 0,
            client_gone: false,
            blind: false,
            counted_busy: false,
        }
    }

    /// Observes to the end of the connection.
    pub(super) async fn run(mut self, mut pieces: mpsc::UnboundedReceiver<Piece>) {
        while let Some(piece) = pieces.recv().await {
            let bytes = match &piece {
                Piece::Request(_, bytes) | Piece::Answer(_, bytes) => bytes.len(),
                _ => 0,
            };
            if !self.blind {
                self.take(piece);
            }
            self.shared.held.fetch_sub(bytes, Ordering::Relaxed);
            self.count_busy(!self.blind && self.is_waiting());
        }
        // The relay itself was stopped, or the client took no more.
        if !self.blind {
            self.client_gone = true;
            self.ended(Instant::now(), None);
        }
        self.count_busy(false);
    }

    fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Request(now, bytes) => self.request(now, &bytes),
            Piece::Answer(now, bytes) => {
                self.answer_bytes.extend_from_slice(&bytes);
                self.answer(now);
            }
            Piece::RequestEnd => self.client_gone = true,
            Piece::AnswerEnd(now, how) => self.ended(now, how),
            Piece::Lost => self.go_blind("the proxy forwards faster than it can look on"),
        }
    }

    fn is_waiting(&self) -> bool {
        !self.waiting.is_empty() || (self.requests.has_begun() && !self.answered_early)
    }

    fn count_busy(&mut self, busy: bool) {
        if busy != self.counted_busy {
            self.counted_busy = busy;
            match busy {
                true => self.shared.busy.fetch_add(1, Ordering::Relaxed),
                false => self.shared.busy.fetch_sub(1, Ordering::Relaxed),
            };
        }
    }

    fn request(&mut self, now: Instant, bytes: &[u8]) {
        self.request_bytes.extend_from_slice(bytes);
        while !self.request_bytes.is_empty() {
            self.begun
                .get_or_insert_with(|| (jiff::Timestamp::now(), now));
            if self.requests.advance(&mut self.request_bytes) == Step::More {
                return;
            }
            let begun = self.begun.take();
            let Some(request) = self.requests.take() else {
                return;
            };
            if std::mem::take(&mut self.answered_early) {
                continue;
            }
            if self.waiting.len() == MOST_WAITING {
                return self.go_blind("too many requests wait on one connection for their answers");
            }
            let at = begun.map_or_else(jiff::Timestamp::now, |(at, _)| at);
            let held = Held::new(&self.shared.held, size(&request));
            self.waiting.push_back(Waiting {
                request,
                at,
                since: now,
                held,
            });
        }
    }

    /// The request that the answer under way belongs to.
    fn asked(&mut self) -> Option<Waiting> {
        if let Some(waiting) = self.waiting.pop_front() {
            return Some(waiting);
        }
        // An answer may come before the whole request has been sent.
        let request = self.requests.so_far()?;
        if self.answered_early {
            return None;
        }
        self.answered_early = true;
        let (at, since) = self
            .begun
            .unwrap_or_else(|| (jiff::Timestamp::now(), Instant::now()));
        let held = Held::new(&self.shared.held, size(&request));
        Some(Waiting {
            request,
            at,
            since,
            held,
        })
    }

    fn method(&self) -> String {
        let waiting = self.waiting.front();
        let method = waiting.map(|waiting| waiting.request.message.method.as_str());
        method
            .or_else(|| self.requests.method())
            .unwrap_or_default()
            .to_owned()
    }

    fn answer(&mut self, now: Instant) {
        while !self.answer_bytes.is_empty() && !self.blind {
            if !self.is_waiting() {
                // Nobody asked: a server that gives up an idle connection may say so.
                return self.answer_bytes.clear();
            }
            let method = self.method();
            let limits = self.limits;
            let reader = self
                .answers
                .get_or_insert_with(|| Answers::new(limits, &method));
            match reader.advance(&mut self.answer_bytes) {
                Ok(AnswerStep::More) => return,
                Ok(AnswerStep::Done) => self.answered(now),
                Err((kind, detail)) => {
                    let partial = reader.partial(&self.answer_bytes, PARTIAL_BODY);
                    self.answers = None;
                    let too_large = kind == TransportErrorKind::TooLarge;
                    let inconclusive = too_large.then(|| {
                        format!("the answer is larger than what the proxy looks at: {detail}")
                    });
                    let error = TransportError {
                        kind,
                        detail,
                        partial,
                    };
                    self.tell(now, Err(error), Bytes::new(), inconclusive);
                    self.go_blind("where the next answer begins cannot be told any more");
                }
            }
        }
    }

    fn answered(&mut self, now: Instant) {
        let Some(answer) = self.answers.take().and_then(Answers::into_answer) else {
            return;
        };
        let (status, method) = (answer.status, self.method());
        let surplus = match self.waiting.len() > 1 || self.requests.has_begun() {
            // The answer to the next request may be there already.
            true => Bytes::new(),
            false => self.answer_bytes.split().freeze(),
        };
        let more = !surplus.is_empty();
        self.tell(now, Ok(answer), surplus, None);
        if status == 101 || (method == "CONNECT" && (200..300).contains(&status)) {
            self.blind = true;
        } else if more {
            self.go_blind("bytes came behind an answer that nobody asked for");
        } else if self.requests.is_malformed() && self.answered_early {
            // What follows may be the answer to what the handler took for another request.
            self.blind = true;
        }
    }

    /// The handler has ended its side, or all is over.
    fn ended(&mut self, now: Instant, how: Option<String>) {
        if !self.is_waiting() {
            return;
        }
        let method = self.method();
        let limits = self.limits;
        let mut reader = self
            .answers
            .take()
            .unwrap_or_else(|| Answers::new(limits, &method));
        if self.client_gone && how.is_none() && !reader.begun(&self.answer_bytes) {
            let gone =
                "the client went away, or the proxy was stopped, before an answer came".to_owned();
            return self.left(
                now,
                TransportErrorKind::ClosedBeforeAnswer,
                &gone,
                Some(&gone),
            );
        }
        let cut = match &how {
            Some(how) => Err(reader.cut(&self.answer_bytes, how)),
            None => reader.end(&mut self.answer_bytes).map(drop),
        };
        match cut {
            Ok(()) => {
                self.answers = Some(reader);
                self.answered(now);
            }
            Err((kind, detail)) => {
                let inconclusive = match kind {
                    _ if self.client_gone => Some("the client had gone away by then"),
                    // A server may close a connection that it kept at any time; clients send again on a fresh one.
                    TransportErrorKind::ClosedBeforeAnswer if self.served > 0 => {
                        Some("the handler closed a connection that was kept, as it may")
                    }
                    _ => None,
                };
                let partial = reader.partial(&self.answer_bytes, PARTIAL_BODY);
                let error = TransportError {
                    kind,
                    detail,
                    partial,
                };
                self.tell(
                    now,
                    Err(error),
                    Bytes::new(),
                    inconclusive.map(str::to_owned),
                );
            }
        }
        let behind = "the handler closed the connection before it came to this request";
        self.left(
            now,
            TransportErrorKind::ClosedBeforeAnswer,
            "",
            Some(behind),
        );
    }

    /// Tells of every request that is left without an answer.
    fn left(&mut self, now: Instant, kind: TransportErrorKind, detail: &str, why: Option<&str>) {
        while self.is_waiting() {
            let error = TransportError {
                kind,
                detail: detail.to_owned(),
                partial: None,
            };
            self.tell(now, Err(error), Bytes::new(), why.map(str::to_owned));
        }
        self.blind = true;
    }

    fn tell(
        &mut self,
        now: Instant,
        result: Result<Answer, TransportError>,
        surplus: Bytes,
        inconclusive: Option<String>,
    ) {
        let Some(asked) = self.asked() else { return };
        let reused = self.served > 0;
        self.served += 1;
        let kept = match &result {
            Ok(answer) => answer.body.len(),
            Err(error) => (error.partial.as_ref()).map_or(0, |partial| partial.body.len()),
        };
        // Held as long as the request, in one.
        let mut held = asked.held;
        held.add(kept + surplus.len());
        let passed = Passed {
            at: asked.at,
            request: asked.request,
            observation: Observation {
                result,
                total: now
                    .checked_duration_since(asked.since)
                    .unwrap_or(Duration::ZERO),
                reused,
                tls: self.tls.clone(),
                surplus,
            },
            inconclusive,
            _held: held,
        };
        // Fails only when nobody listens any more.
        let _ = (self.shared.sightings).send(Sighting::Exchange(Box::new(passed)));
    }

    fn go_blind(&mut self, why: &str) {
        self.blind = true;
        self.waiting.clear();
        self.request_bytes = BytesMut::new();
        self.answer_bytes = BytesMut::new();
        let _ = self.shared.sightings.send(Sighting::Unobserved {
            at: jiff::Timestamp::now(),
            reason: why.to_owned(),
        });
    }
}

/// About what a request takes in memory.
fn size(request: &PassedRequest) -> usize {
    let fields = request.message.headers.iter();
    request.message.body.len()
        + fields
            .map(|(name, value)| name.len() + value.len())
            .sum::<usize>()
}
