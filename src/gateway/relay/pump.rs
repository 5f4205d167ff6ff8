//! The pump: moves bytes both ways between a client and the handler, as they come.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::super::stream::Stream;
use super::tap::{Piece, Tap};

/// Room for what is read at once.
const READ_BYTES: usize = 16 * 1024;

/// One side of the relay. Both directions use it, from one task.
struct Side(Mutex<Stream>);

impl Side {
    fn stream(&self) -> MutexGuard<'_, Stream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what has come; nothing at the end.
    async fn read(&self, room: &mut [u8]) -> io::Result<Bytes> {
        let count = poll_fn(|cx| {
            let mut into = ReadBuf::new(room);
            Pin::new(&mut *self.stream())
                .poll_read(cx, &mut into)
                .map_ok(|()| into.filled().len())
        })
        .await;
        match count {
            // TLS without a closing message; many leave it out.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Bytes::new()),
            count => Ok(Bytes::copy_from_slice(&room[..count?])),
        }
    }

    async fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let count = poll_fn(|cx| Pin::new(&mut *self.stream()).poll_write(cx, bytes)).await?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            bytes = &bytes[count..];
        }
        poll_fn(|cx| Pin::new(&mut *self.stream()).poll_flush(cx)).await
    }

    /// Says that nothing more is written; the other direction stays open.
    async fn shutdown(&self) {
        // It fails only on a connection that is gone, and then there is nobody to tell.
        let _ = poll_fn(|cx| Pin::new(&mut *self.stream()).poll_shutdown(cx)).await;
    }
}

/// How one direction ended.
enum End {
    /// Whoever sends has sent all.
    Sent,
    /// Whoever sends was cut off.
    Cut,
    /// Whoever receives takes no more.
    Refused,
}

/// Moves bytes until both sides have ended, or one is gone. `first` came from the client already.
pub(super) async fn pump(client: Stream, handler: Stream, first: Bytes, tap: Tap) {
    let (client, handler) = (Side(Mutex::new(client)), Side(Mutex::new(handler)));
    let tap = Mutex::new(tap);
    let mut requests = pin!(one_way(&client, &handler, &tap, first, true));
    let mut answers = pin!(one_way(&handler, &client, &tap, Bytes::new(), false));
    let (mut asked, mut answered) = (false, false);
    while !(asked && answered) {
        tokio::select! {
            end = &mut requests, if !asked => match end {
                // A handler may answer before it has taken all, so its answer is still read.
                End::Sent | End::Refused => asked = true,
                End::Cut => {
                    handler.stream().reset_on_close();
                    break;
                }
            },
            end = &mut answers, if !answered => match end {
                End::Sent => answered = true,
                End::Refused => break,
                End::Cut => {
                    client.stream().reset_on_close();
                    break;
                }
            },
        }
    }
}

async fn one_way(from: &Side, to: &Side, tap: &Mutex<Tap>, first: Bytes, is_request: bool) -> End {
    let push = |piece| {
        tap.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(piece)
    };
    let mut room = vec![0; READ_BYTES];
    let mut next = Some(first).filter(|first| !first.is_empty());
    loop {
        let bytes = match next.take() {
            Some(first) => first,
            None => match from.read(&mut room).await {
                Ok(bytes) => bytes,
                Err(error) => {
                    push(match is_request {
                        true => Piece::RequestEnd,
                        false => Piece::AnswerEnd(Instant::now(), Some(error.to_string())),
                    });
                    return End::Cut;
                }
            },
        };
        if bytes.is_empty() {
            push(match is_request {
                true => Piece::RequestEnd,
                false => Piece::AnswerEnd(Instant::now(), None),
            });
            to.shutdown().await;
            return End::Sent;
        }
        // The copy costs nothing and waits for nobody. It is handed over first, so that no answer is seen before its request.
        push(match is_request {
            true => Piece::Request(Instant::now(), bytes.clone()),
            false => Piece::Answer(Instant::now(), bytes.clone()),
        });
        // A handler may hold the rest back until it is. Where there is more than fits, it comes in a stream that needs no help.
        if !is_request && bytes.len() < READ_BYTES {
            from.stream().acknowledge();
        }
        if to.write(&bytes).await.is_err() {
            return End::Refused;
        }
    }
}
