//! The kinds of connection, as one.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::service::ServeGuard;

/// A connection to the handler, or one that was accepted from a client.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// From a client, over TLS.
    Accepted(Box<tokio_rustls::server::TlsStream<TcpStream>>),
    Service {
        io: DuplexStream,
        _guard: ServeGuard,
    },
}

impl Stream {
    /// Acknowledges at once what has come. A server that sends head and body one by one waits for that before it sends the
    /// body (Nagle's algorithm), and by itself the acknowledgement comes 40 ms later. Only Linux lets us.
    pub(super) fn acknowledge(&self) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            // If it cannot be done, the exchange is only slower.
            if let Some(tcp) = self.tcp() {
                let _ = tcp.set_quickack(true);
            }
        }
    }

    /// Lets the connection be reset when it is dropped, as the other side of a relay was.
    pub(super) fn reset_on_close(&self) {
        if let Some(tcp) = self.tcp() {
            // If it cannot be done, the connection ends in good order in place of a reset.
            let _ = tcp.set_zero_linger();
        }
    }

    fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Stream::Tcp(tcp) => Some(tcp),
            Stream::Tls(tls) => Some(tls.get_ref().0),
            Stream::Accepted(tls) => Some(tls.get_ref().0),
            Stream::Service { .. } => None,
        }
    }
}

macro_rules! each {
    ($self:ident, $io:ident => $call:expr) => {
        match $self.get_mut() {
            Stream::Tcp($io) => $call,
            Stream::Tls($io) => $call,
            Stream::Accepted($io) => $call,
            Stream::Service { io: $io, .. } => $call,
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        each!(self, io => Pin::new(io).poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        each!(self, io => Pin::new(io).poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, io => Pin::new(io).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, io => Pin::new(io).poll_shutdown(cx))
    }
}
