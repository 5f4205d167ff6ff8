//! One handler over raw sockets, told as a story, and what the stories have in common.

pub use std::future::Future;
pub use std::net::SocketAddr;
pub use std::pin::Pin;
pub use std::sync::atomic::{AtomicUsize, Ordering};
pub use std::sync::{Arc, Mutex};
pub use std::time::{Duration, Instant};

pub use acgw_conformance::gateway::client::ABANDONED;
pub use acgw_conformance::gateway::{
    Client, ClientOptions, Message, Observation, Raw, Target, TransportError, TransportErrorKind,
};
pub use bytes::Bytes;
pub use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
pub use tokio::net::{TcpListener, TcpStream};

pub use TransportErrorKind::{
    ClosedBeforeAnswer, ClosedInAnswer, Connect, InvalidHttp, Timeout, TimeoutInAnswer, Tls,
    TooLarge,
};

/// A handler over raw sockets. The story says what it does with each connection, the first one being number 0.
/// Dropping it fails the test if a story panicked.
pub struct Handler {
    pub addr: SocketAddr,
    connections: Arc<AtomicUsize>,
    panicked: Arc<Mutex<bool>>,
    accepting: tokio::task::JoinHandle<()>,
}

type Told = Pin<Box<dyn Future<Output = ()> + Send>>;
type Story = dyn Fn(usize, Peer<TcpStream>) -> Told + Send + Sync;

impl Handler {
    pub async fn tell<F, Fut>(story: F) -> Self
    where
        F: Fn(usize, Peer<TcpStream>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        // One type for all stories: each would have tasks and sockets compiled anew.
        Self::start(Box::new(move |number, peer| Box::pin(story(number, peer)))).await
    }

    async fn start(story: Box<Story>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let connections = Arc::new(AtomicUsize::new(0));
        let panicked = Arc::new(Mutex::new(false));
        let (count, flag) = (Arc::clone(&connections), Arc::clone(&panicked));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).expect("an open socket");
                let number = count.fetch_add(1, Ordering::SeqCst);
                let told = tokio::spawn(story(number, Peer(stream)));
                let flag = Arc::clone(&flag);
                tokio::spawn(async move {
                    if told.await.is_err() {
                        *flag.lock().expect("no poison") = true;
                    }
                });
            }
        });
        Self {
            addr,
            connections,
            panicked,
            accepting,
        }
    }

    /// Says this to every request, on connections that stay open.
    pub async fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<Vec<u8>> = Arc::new(answer.into());
        Self::tell(move |_, mut peer| {
            let answer = Arc::clone(&answer);
            async move {
                while peer.request().await.is_some() {
                    peer.say(&*answer).await;
                }
            }
        })
        .await
    }

    /// Says this to the first request and closes the connection.
    pub async fn closing_after(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<Vec<u8>> = Arc::new(answer.into());
        Self::tell(move |_, mut peer| {
            let answer = Arc::clone(&answer);
            async move {
                peer.request().await;
                peer.say(&*answer).await;
            }
        })
        .await
    }

    pub fn client(&self) -> Client {
        self.client_with(options())
    }

    pub fn client_with(&self, options: ClientOptions) -> Client {
        let target = Target::url(&format!("http://{}/callback?a=b", self.addr)).expect("a URL");
        Client::new(target, options).expect("a client")
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        self.accepting.abort();
        if *self.panicked.lock().expect("no poison") && !std::thread::panicking() {
            panic!("the handler's story panicked");
        }
    }
}

/// The handler's end of a connection.
pub struct Peer<S>(pub S);

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    /// The bytes of the next request, up to the end of its body as `Content-Length` has it; `None` when there is none.
    pub async fn request(&mut self) -> Option<String> {
        let mut bytes = Vec::new();
        loop {
            if self.0.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return None;
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length: usize = head
                .lines()
                .filter_map(|line| line.split_once(": "))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, value)| value.parse().expect("a length"));
            if body.len() >= length {
                return Some(text);
            }
        }
    }

    /// Sends bytes; the client may have gone away.
    pub async fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).await.is_ok() && self.0.flush().await.is_ok()
    }

    /// Waits until the client closes the connection; gives what else it sent.
    pub async fn until_closed(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = self.0.read_to_end(&mut rest).await;
        rest
    }
}

impl Peer<TcpStream> {
    /// Resets the connection.
    pub fn reset(self) {
        self.0.set_zero_linger().expect("an open socket");
    }
}

/// Short times and small limits.
pub fn options() -> ClientOptions {
    ClientOptions {
        timeout: Duration::from_millis(400),
        connect_timeout: Duration::from_millis(300),
        max_body: 4096,
        max_head: 2048,
        roots: Vec::new(),
    }
}

/// For the stories in which nothing may time out.
pub fn patient() -> ClientOptions {
    ClientOptions {
        timeout: Duration::from_secs(20),
        connect_timeout: Duration::from_secs(10),
        ..ClientOptions::default()
    }
}

pub fn message(body: &str) -> Message {
    Message {
        method: "POST".to_owned(),
        headers: vec![("Content-Type".to_owned(), b"application/json".to_vec())],
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

pub fn raw(bytes: &str) -> Raw {
    Raw {
        bytes: Bytes::copy_from_slice(bytes.as_bytes()),
        half_close: false,
        abandon: false,
    }
}

pub fn body(observation: &Observation) -> &[u8] {
    match &observation.result {
        Ok(answer) => &answer.body,
        Err(error) => panic!("no answer: {error}"),
    }
}

pub fn error(observation: &Observation) -> &TransportError {
    match &observation.result {
        Ok(answer) => panic!("an answer: {answer:?}"),
        Err(error) => error,
    }
}

#[track_caller]
pub fn assert_error(observation: &Observation, kind: TransportErrorKind, detail: &str) {
    let error = error(observation);
    assert_eq!(error.kind, kind, "{error}");
    assert!(
        error.detail.contains(detail),
        "{:?} does not say {detail:?}",
        error.detail
    );
}

pub const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
