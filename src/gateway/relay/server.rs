//! The socket in front: accepts clients, connects each to the handler, and ends without cutting anybody off.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use rustls_pki_types::CertificateDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};

use super::super::client::{ClientError, behind};
use super::super::connect::Connector;
use super::super::observation::TransportError;
use super::super::stream::Stream;
use super::super::target::Target;
use super::super::tls::Tls;
use super::observer::{Observer, Shared};
use super::passed::Sighting;
use super::pump::pump;
use super::tap::Tap;
use super::tls::RelayTls;

/// Time for a TLS handshake of a client.
const HANDSHAKE: Duration = Duration::from_secs(30);
/// Pause after a connection could not be accepted, for example because too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How often it is looked whether all exchanges have ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long a client that was answered 502 may go on sending.
const DRAIN: Duration = Duration::from_secs(1);

/// What a relay may be told.
#[derive(Debug, Clone)]
pub struct RelayOptions {
    /// Time for connecting to the handler, TLS handshake included.
    pub connect_timeout: Duration,
    /// Most bytes of a request's or an answer's body that are looked at. Larger ones are forwarded all the same.
    pub max_body: usize,
    /// Most bytes of an answer's status line and header fields that are looked at, interim answers and trailers included.
    pub max_head: usize,
    /// Most bytes of all connections together that are kept in memory to be looked at. What is more is forwarded and not
    /// looked at.
    pub max_held: usize,
    /// Time for the exchanges under way when the relay is told to stop.
    pub grace: Duration,
    /// Certificates of handlers to trust beside those that this machine trusts. Others are forwarded to as well, and
    /// what is wrong with them is told.
    pub roots: Vec<CertificateDer<'static>>,
    /// The certificate to show to clients; without one the relay speaks plain http.
    pub tls: Option<RelayTls>,
}

impl Default for RelayOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            max_body: 8 * 1024 * 1024,
            max_head: 64 * 1024,
            max_held: 128 * 1024 * 1024,
            grace: Duration::from_secs(5),
            roots: Vec::new(),
            tls: None,
        }
    }
}

/// Why a relay cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelayError {
    /// The address is taken, or may not be used.
    #[error("cannot listen on {addr}: {source}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// A certificate to trust is of no use.
    #[error(transparent)]
    Root(ClientError),
}

/// A running relay; it stops when this is dropped.
#[derive(Debug)]
pub struct Relay {
    addr: SocketAddr,
    secure: bool,
    path: String,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Relay {
    /// Listens on this address, port 0 for any free one, and connects whoever comes to this handler. What is seen goes to
    /// the channel, which is closed when the relay has ended.
    ///
    /// # Errors
    /// When the address cannot be listened on, or a certificate is of no use.
    pub async fn start(
        addr: SocketAddr,
        handler: Target,
        options: RelayOptions,
        sightings: mpsc::UnboundedSender<Sighting>,
    ) -> Result<Self, RelayError> {
        let tls = match handler.is_tls() {
            true => Some(Tls::new(&options.roots).map_err(|(number, reason)| {
                RelayError::Root(ClientError::Root { number, reason })
            })?),
            false => None,
        };
        let at_addr = |source| RelayError::Listen { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(at_addr)?;
        let addr = listener.local_addr().map_err(at_addr)?;
        let (stop, stopped) = oneshot::channel();
        let path = handler.path_and_query().to_owned();
        let secure = options.tls.is_some();
        let route = Arc::new(Route {
            name: handler.name().to_owned(),
            connector: Connector::new(handler, tls),
            options,
            shared: Shared {
                sightings,
                held: Arc::default(),
                busy: Arc::default(),
            },
        });
        Ok(Self {
            addr,
            secure,
            path,
            stop: Some(stop),
            task: tokio::spawn(serve(listener, route, stopped)),
        })
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL under which the handler is reached through the relay.
    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}{}", self.addr, self.path)
    }

    /// Accepts no more connections, waits for the exchanges under way, some seconds at most, and closes what is left.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(()); // fails only if the relay has stopped already
        }
        let _ = (&mut self.task).await;
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What every connection needs.
struct Route {
    name: String,
    connector: Connector,
    options: RelayOptions,
    shared: Shared,
}

async fn serve(listener: TcpListener, route: Arc<Route>, mut stopped: oneshot::Receiver<()>) {
    let busy: Arc<AtomicUsize> = Arc::clone(&route.shared.busy);
    let grace = route.options.grace;
    let mut connections = JoinSet::new(); // dropped with this task, and the connections with it
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connect(stream, Arc::clone(&route)));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    let until = Instant::now() + grace;
    while busy.load(Ordering::Relaxed) > 0 && Instant::now() < until {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Serves one client; whatever goes wrong with it concerns nobody else.
async fn connect(stream: TcpStream, route: Arc<Route>) {
    let _ = stream.set_nodelay(true);
    let client = match &route.options.tls {
        None => Stream::Tcp(stream),
        Some(tls) => match timeout(HANDSHAKE, tls.0.accept(stream)).await {
            Ok(Ok(stream)) => Stream::Accepted(Box::new(stream)),
            _ => return,
        },
    };
    converse(client, &route).await;
}

async fn converse(mut client: Stream, route: &Route) {
    let (live, first) = match route.connect().await {
        Ok(live) => (live, Bytes::new()),
        Err(_) => {
            // The client may only have opened a connection for later, when the handler is there again.
            let mut first = BytesMut::with_capacity(4096);
            match client.read_buf(&mut first).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            match route.connect().await {
                Ok(live) => (live, first.freeze()),
                Err(error) => return route.apologise(client, &error).await,
            }
        }
    };
    let (tap, pieces) = Tap::new(Arc::clone(&route.shared.held), route.options.max_held);
    let observer = Observer::new(route.shared.clone(), &route.options, live.tls);
    // A task of its own: should it fail, the bytes flow on.
    tokio::spawn(observer.run(pieces));
    pump(client, live.stream, first, tap).await;
}

impl Route {
    async fn connect(&self) -> Result<super::super::connect::Live, TransportError> {
        let deadline = behind(Instant::now(), self.options.connect_timeout);
        self.connector.connect(deadline).await
    }

    /// Answers in place of a handler that cannot be reached. To the gateway 502 means the same as no connection.
    async fn apologise(&self, mut client: Stream, error: &TransportError) {
        let reason = error.to_string();
        let _ = self.shared.sightings.send(Sighting::Unreachable {
            at: jiff::Timestamp::now(),
            reason: reason.clone(),
        });
        let body = format!(
            "acgw proxy: the handler at {} could not be reached: {reason}\nThis is the proxy's own answer.\n",
            self.name
        );
        let answer = format!(
            "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        if client.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        let _ = client.shutdown().await;
        // Closing with bytes unread would reset the connection, and the client might never see the answer.
        let drain = async {
            let mut buffer = [0; 4096];
            while matches!(client.read(&mut buffer).await, Ok(1..)) {}
        };
        let _ = timeout(DRAIN, drain).await;
    }
}
