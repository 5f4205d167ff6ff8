//! The tap: hands a copy of what passes to the observer, without ever waiting for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// What passed on one connection.
#[derive(Debug)]
pub(super) enum Piece {
    /// Bytes from the client.
    Request(Instant, Bytes),
    /// Bytes from the handler.
    Answer(Instant, Bytes),
    /// The client has ended its side, in good order or not.
    RequestEnd,
    /// The handler has ended its side: how, where it was not in good order.
    AnswerEnd(Instant, Option<String>),
    /// From here on nothing is observed: there is too much in memory already.
    Lost,
}

/// One end of the tap.
#[derive(Debug)]
pub(super) struct Tap {
    pieces: mpsc::UnboundedSender<Piece>,
    held: Arc<AtomicUsize>,
    most: usize,
    lost: bool,
}

impl Tap {
    /// A tap that keeps at most so many bytes, those of all other connections included, and what comes out of it.
    pub(super) fn new(
        held: Arc<AtomicUsize>,
        most: usize,
    ) -> (Self, mpsc::UnboundedReceiver<Piece>) {
        let (pieces, receiver) = mpsc::unbounded_channel();
        let tap = Self {
            pieces,
            held,
            most,
            lost: false,
        };
        (tap, receiver)
    }

    /// Hands over what passed. An observer that is gone, or too slow, changes nothing for whoever calls.
    pub(super) fn push(&mut self, piece: Piece) {
        if self.lost {
            return;
        }
        let bytes = match &piece {
            Piece::Request(_, bytes) | Piece::Answer(_, bytes) => bytes.len(),
            _ => 0,
        };
        if self.held.load(Ordering::Relaxed) + bytes > self.most {
            self.lost = true;
            let _ = self.pieces.send(Piece::Lost);
            return;
        }
        self.held.fetch_add(bytes, Ordering::Relaxed);
        if self.pieces.send(piece).is_err() {
            self.held.fetch_sub(bytes, Ordering::Relaxed);
            self.lost = true;
        }
    }
}
