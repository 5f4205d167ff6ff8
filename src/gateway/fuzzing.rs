//! For the fuzz targets of `fuzz/` alone; no promise is made about it.

use bytes::{Bytes, BytesMut};

use super::answer::{Limits, Reader, Step};
use super::observation::{Answer, TransportError};
use super::relay::PassedRequest;
use super::relay::request::{self, Reader as Requests};

/// Reads one answer from bytes that come in pieces of at most this many, the connection ending behind them; also gives what
/// came behind the answer.
///
/// # Errors
/// As an exchange does when there is no complete answer.
pub fn read_answer(bytes: &[u8], piece: usize) -> Result<(Answer, Bytes), TransportError> {
    let limits = Limits {
        head: 16 * 1024,
        body: 256 * 1024,
    };
    let mut reader = Reader::new(limits, "POST");
    let mut buffer = BytesMut::new();
    let mut rest = bytes;
    let read = loop {
        if rest.is_empty() {
            break reader.end(&mut buffer).map(drop);
        }
        let (front, behind) = rest.split_at(rest.len().min(piece.max(1)));
        rest = behind;
        buffer.extend_from_slice(front);
        match reader.advance(&mut buffer) {
            Ok(Step::More) => {}
            Ok(Step::Done) => break Ok(()),
            Err(fault) => break Err(fault),
        }
    };
    buffer.extend_from_slice(rest);
    let failed = |kind, detail, partial| TransportError {
        kind,
        detail,
        partial,
    };
    match read {
        Err((kind, detail)) => Err(failed(kind, detail, reader.partial(&buffer, 64 * 1024))),
        Ok(()) => match reader.into_answer() {
            Some(answer) => Ok((answer, buffer.freeze())),
            None => {
                let kind = super::TransportErrorKind::InvalidHttp;
                Err(failed(kind, "no status line".to_owned(), None))
            }
        },
    }
}

/// Reads requests, as the relay does, from bytes that come in pieces of at most this many, the connection ending behind them. The
/// last one may not be whole.
pub fn read_requests(bytes: &[u8], piece: usize) -> Vec<PassedRequest> {
    let mut reader = Requests::new(64 * 1024);
    let mut buffer = BytesMut::new();
    let mut requests = Vec::new();
    for piece in bytes.chunks(piece.max(1)) {
        buffer.extend_from_slice(piece);
        while reader.advance(&mut buffer) == request::Step::Whole {
            requests.extend(reader.take());
        }
    }
    requests.extend(reader.so_far());
    requests
}
