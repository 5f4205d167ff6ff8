//! The socket in front of the handler: accepts connections, speaks TLS if it is told to, and ends without cutting anybody off.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use super::fault::wire;
use super::handler::Reference;
use super::tls::{TlsConfig, TlsError};

/// Time for a TLS handshake, and for the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Time for the requests under way when the server is told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause after a connection could not be accepted, for example because too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A running server; it stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    secure: bool,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address is taken, or may not be used.
    #[error("cannot listen on {addr}: {source}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The certificate or its key is of no use.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Server {
    /// Serves the handler on this address, port 0 for any free one; over https if a certificate is given.
    ///
    /// # Errors
    /// When the address cannot be listened on, or the certificate is of no use.
    pub async fn start(
        addr: SocketAddr,
        reference: Reference,
        tls: Option<TlsConfig>,
    ) -> Result<Self, ServerError> {
        let tls = tls.map(|tls| tls.acceptor(reference.flaws())).transpose()?;
        let secure = tls.is_some();
        let at_addr = |source| ServerError::Listen { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(at_addr)?;
        let addr = listener.local_addr().map_err(at_addr)?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(listener, reference, tls, stopped));
        Ok(Self {
            addr,
            secure,
            stop: Some(stop),
            task,
        })
    }

    /// The address it listens on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL of the handler; any other path would do, too.
    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}/callback", self.addr)
    }

    /// Accepts no more connections and waits, some seconds at most, for the requests under way.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(()); // fails only if the server has stopped already
        }
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    listener: TcpListener,
    reference: Reference,
    tls: Option<TlsAcceptor>,
    mut stopped: oneshot::Receiver<()>,
) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new(); // dropped with this task, and the connections with it
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let connection = connect(stream, reference.clone(), tls.clone(), graceful.watcher());
                    connections.spawn(connection);
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(STOP_TIMEOUT, graceful.shutdown()).await;
}

/// Serves one connection; whatever goes wrong on it concerns nobody else.
async fn connect(
    stream: TcpStream,
    reference: Reference,
    tls: Option<TlsAcceptor>,
    watcher: Watcher,
) {
    let _ = stream.set_nodelay(true);
    match tls {
        None => converse(stream, reference, watcher).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(HEAD_TIMEOUT, tls.accept(stream)).await {
                converse(stream, reference, watcher).await;
            }
        }
    }
}

async fn converse<S>(stream: S, reference: Reference, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (stream, service) = wire::between(stream, reference);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    let _ = watcher.watch(connection).await; // an error is the client's: it went away or speaks no HTTP
}
