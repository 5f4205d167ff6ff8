//! Makes connections: name lookup, TCP, TLS, or a pipe to a service in this process.

use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;

use bytes::BytesMut;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::observation::{TlsFacts, TransportError, TransportErrorKind};
use super::stream::Stream;
use super::target::{Place, Target};
use super::tls::Tls;

/// Makes connections to one target.
pub(super) struct Connector {
    target: Target,
    tls: Option<Tls>,
    /// The address that answered last, so that names are not looked up for every connection.
    known: Mutex<Option<SocketAddr>>,
}

/// An open connection and what is known of it.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) stream: Stream,
    pub(super) tls: Option<TlsFacts>,
    /// Bytes that have come and belong to no answer yet.
    pub(super) buffer: BytesMut,
    /// Complete exchanges so far.
    pub(super) served: u64,
    /// When it was opened or last used.
    pub(super) since: Instant,
}

impl Connector {
    pub(super) fn new(target: Target, tls: Option<Tls>) -> Self {
        Self {
            target,
            tls,
            known: Mutex::new(None),
        }
    }

    /// Opens a connection, TLS handshake included.
    pub(super) async fn connect(&self, deadline: Instant) -> Result<Live, TransportError> {
        let (stream, tls) = match self.target.place() {
            Place::Service(service) => {
                let (io, _guard) = service.connect();
                (Stream::Service { io, _guard }, None)
            }
            Place::Network { host, port, .. } => {
                let tcp = self.tcp(host, *port, deadline).await?;
                match &self.tls {
                    None => (Stream::Tcp(tcp), None),
                    Some(tls) => match timeout_at(deadline, tls.connect(host, tcp)).await {
                        Ok(Ok((stream, facts))) => (Stream::Tls(Box::new(stream)), Some(facts)),
                        Ok(Err(detail)) => return Err(error(TransportErrorKind::Tls, detail)),
                        Err(_) => {
                            let detail = "not complete within the time allowed for connecting";
                            return Err(error(TransportErrorKind::Tls, detail));
                        }
                    },
                }
            }
        };
        Ok(Live {
            stream,
            tls,
            buffer: BytesMut::new(),
            served: 0,
            since: Instant::now(),
        })
    }

    async fn tcp(
        &self,
        host: &str,
        port: u16,
        deadline: Instant,
    ) -> Result<TcpStream, TransportError> {
        let known = *self.known();
        let mut failures = Vec::new();
        if let Some(address) = known {
            match attempt(address, deadline).await {
                Ok(stream) => return Ok(stream),
                Err(failure) => failures.push(failure),
            }
        }
        let addresses = timeout_at(deadline, tokio::net::lookup_host((host, port)))
            .await
            .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "took too long")))
            .map_err(|problem| {
                let detail = format!("the name {host:?} could not be looked up: {problem}");
                error(TransportErrorKind::Connect, detail)
            })?;
        let mut addresses: Vec<SocketAddr> = addresses.collect();
        addresses.dedup();
        let count = addresses.len();
        for (index, address) in addresses.into_iter().enumerate() {
            if known == Some(address) {
                continue;
            }
            // An address that swallows packets must leave time for the others.
            let now = Instant::now();
            let share = deadline.saturating_duration_since(now) / (count - index) as u32;
            match attempt(address, now + share).await {
                Ok(stream) => {
                    *self.known() = Some(address);
                    return Ok(stream);
                }
                Err(failure) => failures.push(failure),
            }
        }
        let detail = match failures.is_empty() {
            true => format!("the name {host:?} has no address"),
            false => failures.join("; "),
        };
        Err(error(TransportErrorKind::Connect, detail))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<SocketAddr>> {
        self.known
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Connects to one address; a failure names it.
async fn attempt(address: SocketAddr, deadline: Instant) -> Result<TcpStream, String> {
    let stream = timeout_at(deadline, TcpStream::connect(address))
        .await
        .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "timed out")))
        .map_err(|problem| format!("{address}: {problem}"))?;
    // On loopback, connecting to a port that nobody listens on can by chance meet itself.
    if stream.local_addr().is_ok_and(|local| local == address) {
        return Err(format!("{address}: nobody listens there"));
    }
    // Without it the last part of a request can wait for an acknowledgement. It fails only on a dead connection, which
    // the exchange will find out.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

fn error(kind: TransportErrorKind, detail: impl Into<String>) -> TransportError {
    TransportError {
        kind,
        detail: detail.into(),
        partial: None,
    }
}
