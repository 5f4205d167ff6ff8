//! The HTTP client: sends messages and raw bytes, and says truthfully what came back.
//!
//! It is made for judging servers. Header fields go out in the order and the spelling of the message, nothing is followed,
//! decoded or repaired, and whatever a server does, an exchange ends within the time and the size allowed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rustls_pki_types::CertificateDer;
use tokio::time::Instant;

use super::answer::{Limits, Reader};
use super::connect::{Connector, Live};
use super::exchange::{Exchange, Outgoing};
use super::message::{Message, Raw};
use super::observation::{Observation, TransportError, TransportErrorKind};
use super::pool::{self, Idle, Pool};
use super::request;
use super::target::Target;
use super::tls::Tls;

pub use super::exchange::ABANDONED;
pub use super::request::USER_AGENT;

/// What a client may be told.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Time for one exchange as a whole, connecting included.
    pub timeout: Duration,
    /// Time for connecting, TLS handshake included; it counts towards `timeout`.
    pub connect_timeout: Duration,
    /// Most bytes of an answer's body, transfer coding removed.
    pub max_body: usize,
    /// Most bytes of an answer's status line and header fields, interim answers and trailers included.
    pub max_head: usize,
    /// Certificates to trust beside those that this machine trusts.
    pub roots: Vec<CertificateDer<'static>>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            max_body: 8 * 1024 * 1024,
            max_head: 64 * 1024,
            roots: Vec::new(),
        }
    }
}

/// Why there is no client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// One of the roots is no certificate.
    #[error("the trusted certificate number {number} cannot be used: {reason}")]
    Root {
        /// Which one, counted from 1.
        number: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// Sends messages to one target. Cloning is cheap, and clones share their connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    target: Target,
    options: ClientOptions,
    connector: Connector,
    pool: Pool,
}

impl Client {
    /// A client for this target. Nothing is connected yet.
    ///
    /// # Errors
    /// When one of the trusted certificates cannot be used.
    pub fn new(target: Target, options: ClientOptions) -> Result<Self, ClientError> {
        let tls = match target.is_tls() {
            true => Some(
                Tls::new(&options.roots)
                    .map_err(|(number, reason)| ClientError::Root { number, reason })?,
            ),
            false => None,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                connector: Connector::new(target.clone(), tls),
                target,
                options,
                pool: Pool::default(),
            }),
        })
    }

    /// The message with every header field that is sent with it: `Host`, `User-Agent`, `Accept` and `Accept-Encoding`
    /// stand in front and `Content-Length` behind, each only if the message does not have it. (`Content-Length` is left
    /// out also when the message has `Transfer-Encoding`; its body must then be coded already.) Preparing twice changes
    /// nothing more.
    pub fn prepare(&self, message: &Message) -> Message {
        request::prepare(&self.inner.target, message)
    }

    /// Sends a message on an idle connection if there is one, else on a fresh one. When a connection that was kept turns
    /// out to be closed before any byte of an answer came, the message is sent once more on a fresh one.
    ///
    /// What is in the message goes out as it is; [`Message::problem`] tells whether that is HTTP.
    pub async fn send(&self, message: &Message) -> Observation {
        let started = Instant::now();
        let parts = request::encode(&self.inner.target, message);
        let mut stale = None;
        if let Some(live) = self.inner.pool.take() {
            let outgoing = Outgoing::new(parts.clone());
            let (observation, live, received) = self
                .exchange(started, live, outgoing, &message.method)
                .await;
            let kind = observation.result.as_ref().err().map(|error| error.kind);
            if kind != Some(TransportErrorKind::ClosedBeforeAnswer) || received > 0 {
                self.keep(live);
                return observation;
            }
            stale = Some(observation);
        }
        let (observation, live) = self
            .exchange_fresh(started, Outgoing::new(parts), &message.method)
            .await;
        self.keep(live);
        match stale {
            // It is not that the handler was never there: it took the first connection and is gone since.
            Some(stale) if is_connect_error(&observation) => with_detail_of(stale, &observation),
            _ => observation,
        }
    }

    /// Sends a message on a fresh connection, which is kept afterwards if the handler permits that.
    pub async fn send_fresh(&self, message: &Message) -> Observation {
        let parts = request::encode(&self.inner.target, message);
        let (observation, live) = self
            .exchange_fresh(Instant::now(), Outgoing::new(parts), &message.method)
            .await;
        self.keep(live);
        observation
    }

    /// Sends bytes as they are on a fresh connection, which is closed afterwards, and reads one answer. Bytes that come
    /// behind it are in [`Observation::surplus`].
    ///
    /// When told to abandon the connection, the result is [`TransportErrorKind::ClosedBeforeAnswer`] with the detail
    /// [`ABANDONED`] as soon as everything has been sent.
    pub async fn send_raw(&self, raw: &Raw) -> Observation {
        let parts = [raw.bytes.clone(), Bytes::new()];
        let outgoing = Outgoing::raw(parts, raw.half_close, raw.abandon);
        let method = match raw.bytes.starts_with(b"HEAD ") {
            true => "HEAD",
            false => "",
        };
        self.exchange_fresh(Instant::now(), outgoing, method)
            .await
            .0
    }

    /// Opens a connection that the caller keeps.
    ///
    /// # Errors
    /// When no connection can be made in time.
    pub async fn connect(&self) -> Result<Connection, TransportError> {
        let started = Instant::now();
        let live = self.live(started, self.deadline(started)).await?;
        Ok(Connection {
            client: self.clone(),
            live: Some(live),
        })
    }

    fn deadline(&self, started: Instant) -> Instant {
        behind(started, self.inner.options.timeout)
    }

    async fn live(&self, started: Instant, deadline: Instant) -> Result<Live, TransportError> {
        let deadline = deadline.min(behind(started, self.inner.options.connect_timeout));
        // The connector keeps the deadline itself, and says what it was doing then.
        let connecting = self.inner.connector.connect(deadline);
        let grace = Duration::from_millis(100);
        self.inner
            .pool
            .patiently(deadline + grace, connecting)
            .await
            .unwrap_or_else(|| {
                Err(TransportError {
                    kind: TransportErrorKind::Connect,
                    detail: "timed out".to_owned(),
                    partial: None,
                })
            })
    }

    async fn exchange_fresh(
        &self,
        started: Instant,
        outgoing: Outgoing,
        method: &str,
    ) -> (Observation, Option<Live>) {
        match self.live(Instant::now(), self.deadline(started)).await {
            Ok(live) => {
                let (observation, live, _) = self.exchange(started, live, outgoing, method).await;
                (observation, live)
            }
            Err(error) => (failed(error, started), None),
        }
    }

    /// One exchange on a connection; gives the connection back if it can serve another one, and the number of bytes that
    /// came.
    async fn exchange(
        &self,
        started: Instant,
        mut live: Live,
        outgoing: Outgoing,
        method: &str,
    ) -> (Observation, Option<Live>, u64) {
        let options = &self.inner.options;
        let limits = Limits {
            head: options.max_head,
            body: options.max_body,
        };
        let reused = live.served > 0;
        let deadline = self.deadline(started);
        let mut exchange = Exchange::new(&mut live, outgoing, Reader::new(limits, method));
        let result = match reused {
            true => tokio::time::timeout_at(deadline, exchange.run()).await.ok(),
            false => self.inner.pool.patiently(deadline, exchange.run()).await,
        };
        let finished = exchange.finish(result);
        live.served += 1;
        let observation = Observation {
            result: finished.result,
            total: started.elapsed(),
            reused,
            tls: live.tls.clone(),
            surplus: finished.surplus,
        };
        (
            observation,
            finished.reusable.then_some(live),
            finished.received,
        )
    }

    fn keep(&self, live: Option<Live>) {
        if let Some(live) = live {
            self.inner.pool.put(live);
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("target", &self.inner.target)
            .field("options", &self.inner.options)
            .finish_non_exhaustive()
    }
}

/// A connection that the caller keeps: what is sent on it is sent on it alone, and nothing is sent twice.
#[derive(Debug)]
pub struct Connection {
    client: Client,
    live: Option<Live>,
}

impl Connection {
    /// Sends a message. Once the connection is closed, by the handler or by an exchange that failed or said so, the result
    /// is [`TransportErrorKind::ClosedBeforeAnswer`].
    pub async fn send(&mut self, message: &Message) -> Observation {
        let started = Instant::now();
        let Some(live) = self.live.take() else {
            let error = TransportError {
                kind: TransportErrorKind::ClosedBeforeAnswer,
                detail: "the connection had been closed by then".to_owned(),
                partial: None,
            };
            return failed(error, started);
        };
        let parts = request::encode(&self.client.inner.target, message);
        let (observation, live, _) = self
            .client
            .exchange(started, live, Outgoing::new(parts), &message.method)
            .await;
        self.live = live;
        observation
    }

    /// Whether another message can be sent: the last exchange left the connection open, and the handler has not closed it
    /// since, as far as that has been seen.
    pub fn is_open(&mut self) -> bool {
        if self
            .live
            .as_mut()
            .is_some_and(|live| pool::peek(live) == Idle::Closed)
        {
            self.live = None;
        }
        self.live.is_some()
    }

    /// Waits until the handler closes the connection or sends bytes that nobody asked for, but no longer than this. Gives
    /// the bytes; the connection is closed then. [`Connection::is_open`] tells the rest.
    pub async fn settle(&mut self, wait: Duration) -> Bytes {
        let Some(live) = &mut self.live else {
            return Bytes::new();
        };
        match pool::watch(live, wait).await {
            Idle::Quiet => Bytes::new(),
            Idle::Surplus | Idle::Closed => self
                .live
                .take()
                .map(|mut live| live.buffer.split().freeze())
                .unwrap_or_default(),
        }
    }
}

/// A year: longer than anybody waits, and less than any clock can count.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The end of a time, which may be longer than that.
pub(super) fn behind(started: Instant, time: Duration) -> Instant {
    started + time.min(LONGEST)
}

fn failed(error: TransportError, started: Instant) -> Observation {
    Observation {
        result: Err(error),
        total: started.elapsed(),
        reused: false,
        tls: None,
        surplus: Bytes::new(),
    }
}

fn is_connect_error(observation: &Observation) -> bool {
    matches!(&observation.result, Err(error) if error.kind == TransportErrorKind::Connect)
}

/// The first observation, with what the second one says of the reason.
fn with_detail_of(mut first: Observation, second: &Observation) -> Observation {
    if let (Err(first), Err(second)) = (&mut first.result, &second.result) {
        first.detail = format!("{}; then {second}", first.detail);
    }
    first.total = second.total;
    first
}
