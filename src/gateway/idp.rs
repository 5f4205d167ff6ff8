//! The test identity provider: serves the public keys (JWKS) that tokens are verified with.
//!
//! It runs on a thread of its own, so that it answers also while a handler in this process keeps the runtime busy.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Semaphore, oneshot};

use super::key::SigningKey;
use crate::protocol::token::{JWKS_PATH, Jwk, Jwks};

/// Where keys are that nobody should trust.
const UNTRUSTED_PATH: &str = "/untrusted/keys";
/// Most connections served at once.
const MAX_CONNECTIONS: usize = 64;
/// How long one connection may take: it serves a single request.
const CONNECTION_TIME: Duration = Duration::from_secs(10);

/// A server of public keys, at [`JWKS_PATH`]. Clones are one and the same; it stops when the last is dropped.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    addr: SocketAddr,
    state: Arc<Mutex<State>>,
    _server: Arc<Server>,
}

#[derive(Debug)]
struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How often the keys were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fetches {
    /// Requests so far, of whatever path, but for keys that nobody should trust.
    pub count: u64,
    /// When the last one came.
    pub last: Option<Instant>,
    /// How many of them asked for anything but [`JWKS_PATH`].
    pub elsewhere: u64,
}

/// Why there is no identity provider.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdpError {
    /// The address cannot be listened on.
    #[error("the test identity provider cannot listen on {addr}: {source}; {remedy}")]
    Bind {
        /// Which address.
        addr: SocketAddr,
        /// What to do about it.
        remedy: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
    /// The server could not be started.
    #[error("the test identity provider could not be started: {0}")]
    Start(#[source] io::Error),
}

#[derive(Debug)]
struct State {
    keys: Vec<Jwk>,
    untrusted: Vec<Jwk>,
    fetches: Fetches,
    last_elsewhere: Option<String>,
}

impl IdentityProvider {
    /// Starts serving these keys; with port 0 on any free port.
    ///
    /// # Errors
    /// When the address cannot be listened on; the error says what to do.
    pub fn start(addr: SocketAddr, keys: &[SigningKey]) -> Result<Self, IdpError> {
        let bind = |source: io::Error| IdpError::Bind {
            addr,
            remedy: remedy(&source),
            source,
        };
        let listener = TcpListener::bind(addr).map_err(bind)?;
        let addr = listener.local_addr().map_err(bind)?;
        listener.set_nonblocking(true).map_err(IdpError::Start)?;
        let state = Arc::new(Mutex::new(State {
            keys: keys.iter().map(SigningKey::jwk).collect(),
            untrusted: Vec::new(),
            fetches: Fetches::default(),
            last_elsewhere: None,
        }));
        let (stop, stopped) = oneshot::channel();
        let (report, started) = mpsc::sync_channel(1);
        let shared = Arc::clone(&state);
        let thread = std::thread::Builder::new()
            .name("acgw-idp".to_owned())
            .spawn(move || run(listener, shared, stopped, &report))
            .map_err(IdpError::Start)?;
        started
            .recv()
            .unwrap_or_else(|_| Err(io::Error::other("its thread ended")))
            .map_err(IdpError::Start)?;
        Ok(Self {
            addr,
            state,
            _server: Arc::new(Server {
                stop: Some(stop),
                thread: Some(thread),
            }),
        })
    }

    /// Where the keys are, for a handler on this machine.
    pub fn jwks_url(&self) -> String {
        self.url_of(JWKS_PATH)
    }

    /// Serves this key, in place of the one before, where no handler has been told to look: only the header of a token that it
    /// signed says so (`jku`). Tells where that is.
    pub(crate) fn expose_untrusted(&self, key: Jwk) -> String {
        lock(&self.state).untrusted = vec![key];
        self.url_of(UNTRUSTED_PATH)
    }

    fn url_of(&self, path: &str) -> String {
        let mut addr = self.addr;
        // An address that means every interface is none to connect to.
        match addr {
            SocketAddr::V4(v4) if v4.ip().is_unspecified() => {
                addr.set_ip(Ipv4Addr::LOCALHOST.into())
            }
            SocketAddr::V6(v6) if v6.ip().is_unspecified() => {
                addr.set_ip(Ipv6Addr::LOCALHOST.into())
            }
            _ => {}
        }
        format!("http://{addr}{path}")
    }

    /// The address that is listened on.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves a key from now on, in place of one with the same `kid` if there is one.
    pub fn publish(&self, key: Jwk) {
        let keys = &mut lock(&self.state).keys;
        match keys.iter_mut().find(|known| known.kid == key.kid) {
            Some(known) => *known = key,
            None => keys.push(key),
        }
    }

    /// No longer serves the key with this `kid`; tells whether there was one.
    pub fn withdraw(&self, kid: &str) -> bool {
        let keys = &mut lock(&self.state).keys;
        let before = keys.len();
        keys.retain(|key| key.kid != kid);
        keys.len() < before
    }

    /// The keys that are served.
    pub fn keys(&self) -> Vec<Jwk> {
        lock(&self.state).keys.clone()
    }

    /// How often the keys were asked for so far.
    pub fn fetches(&self) -> Fetches {
        lock(&self.state).fetches
    }

    /// The last path asked for that was not [`JWKS_PATH`]: a handler that is set to a wrong one shows here.
    pub fn last_elsewhere(&self) -> Option<String> {
        lock(&self.state).last_elsewhere.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        // The port is free again only when the thread has ended. A panic there has been reported by itself.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Serves until told to stop; reports once whether it could begin.
fn run(
    listener: TcpListener,
    state: Arc<Mutex<State>>,
    stopped: oneshot::Receiver<()>,
    report: &mpsc::SyncSender<io::Result<()>>,
) {
    let begin = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let inside = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        drop(inside);
        Ok((runtime, listener))
    };
    let (runtime, listener) = match begin() {
        Ok(begun) => begun,
        Err(error) => return drop(report.send(Err(error))),
    };
    if report.send(Ok(())).is_ok() {
        runtime.block_on(async move {
            tokio::select! {
                () = accept(listener, state) => {}
                _ = stopped => {}
            }
        });
    }
}

async fn accept(listener: tokio::net::TcpListener, state: Arc<Mutex<State>>) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // Out of file descriptors, say: trying again at once would only burn the processor.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let answer = answer(&state, &request);
                async move { Ok::<_, std::convert::Infallible>(answer) }
            });
            // One request a connection: keys are fetched seldom, and a connection kept by a handler would be dead in the
            // next run.
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            let _ = tokio::time::timeout(CONNECTION_TIME, served).await;
            drop(permit);
        });
    }
}

fn answer(state: &Mutex<State>, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path();
    let mut state = lock(state);
    if path == UNTRUSTED_PATH && !state.untrusted.is_empty() {
        return key_set(state.untrusted.clone());
    }
    state.fetches.count += 1;
    state.fetches.last = Some(Instant::now());
    if path != JWKS_PATH {
        state.fetches.elsewhere += 1;
        state.last_elsewhere = Some(path.chars().take(200).collect());
        let text = format!("The keys are at {JWKS_PATH}.\n");
        return plain(StatusCode::NOT_FOUND, text);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED, "GET or HEAD.\n".to_owned());
        answer
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    key_set(state.keys.clone())
}

fn key_set(keys: Vec<Jwk>) -> Response<Full<Bytes>> {
    // A set of strings always has a JSON text.
    let body = serde_json::to_vec(&Jwks { keys }).unwrap_or_default();
    let mut answer = Response::new(Full::new(body.into()));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Keys change within a run, so what was fetched before must not be taken for news.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}

fn plain(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(text.into()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    answer
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another run may still be using it: wait for that, or choose another address with --idp, or --listen of `acgw idp` (and set the \
             handler's JWKS URL to it)"
        }
        io::ErrorKind::PermissionDenied => {
            "choose a port above 1023 with --idp, or --listen of `acgw idp`"
        }
        io::ErrorKind::AddrNotAvailable => {
            "no interface of this machine has that address: choose another with --idp, or --listen of `acgw idp`"
        }
        _ => "choose another address with --idp, or --listen of `acgw idp`",
    }
}
