//! Handlers over raw sockets: the test decides about every byte of their answers.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acgw_conformance::reference::Reference;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Arrived {
    /// The value of a header field, as text.
    pub fn header(&self, name: &str) -> Option<String> {
        let field = self
            .headers
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name));
        field.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }

    /// Puts a header field in place of all of its name.
    pub fn set_header(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.headers
            .retain(|(field, _)| !field.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// An answer that can still be changed.
#[derive(Debug, Clone)]
pub struct Answer {
    /// `HTTP/1.1 200 OK`
    pub status_line: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer of this status and media type.
    pub fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut answer = Self {
            status_line: String::new(),
            status,
            headers: vec![("Content-Type".to_owned(), media_type.to_owned())],
            body: body.into(),
        };
        answer.set_status(status);
        answer
    }

    /// Changes the status.
    pub fn set_status(&mut self, status: u16) {
        let reason = http::StatusCode::from_u16(status).ok();
        let reason = reason
            .and_then(|status| status.canonical_reason())
            .unwrap_or_default();
        self.status = status;
        self.status_line = format!("HTTP/1.1 {status} {reason}");
    }

    /// Puts a header field in place of all of its name.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers
            .retain(|(field, _)| !field.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The status line and the header fields.
    pub fn head(&self) -> String {
        let mut head = format!("{}\r\n", self.status_line);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head + "\r\n"
    }

    /// The answer with its length, on a connection that stays open.
    pub fn reply(mut self) -> Reply {
        let length = self.body.len().to_string();
        self.set_header("Content-Length", &length);
        Reply::keep([self.head().into_bytes(), self.body].concat())
    }
}

/// What goes back on the connection.
pub struct Reply {
    /// Sent one after the other, with a moment between them.
    pub pieces: Vec<Vec<u8>>,
    pub then: Then,
}

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Keep,
    Close,
    Reset,
}

impl Reply {
    pub fn keep(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            pieces: vec![bytes.into()],
            then: Then::Keep,
        }
    }

    pub fn close(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            pieces: vec![bytes.into()],
            then: Then::Close,
        }
    }

    pub fn closing(mut self) -> Self {
        self.then = Then::Close;
        self
    }

    /// No answer: the connection is reset.
    pub fn reset() -> Self {
        Self {
            pieces: Vec::new(),
            then: Then::Reset,
        }
    }
}

/// What the reference handler answers to a request.
pub async fn ask(reference: &Reference, arrived: &Arrived) -> Answer {
    let mut request = http::Request::builder()
        .method(arrived.method.as_str())
        .uri(arrived.target.as_str());
    for (name, value) in &arrived.headers {
        request = request.header(name.as_str(), value.as_slice());
    }
    let body = Full::new(Bytes::copy_from_slice(&arrived.body));
    let Ok(request) = request.body(body) else {
        return Answer::new(400, "text/plain", "bad request");
    };
    let response = reference.handle(request).await;
    let mut answer = Answer::new(response.status().as_u16(), "", "");
    answer.headers = response
        .headers()
        .iter()
        .map(|(name, value)| {
            (
                title_case(name.as_str()),
                value.to_str().unwrap_or("").to_owned(),
            )
        })
        .collect();
    let body = response
        .into_body()
        .collect()
        .await
        .map(|body| body.to_bytes());
    answer.body = body.map(|body| body.to_vec()).unwrap_or_default();
    answer
}

fn title_case(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    parts.collect::<Vec<_>>().join("-")
}

/// A future of a type of its own would have its sockets, timers and tasks compiled anew for each test: minutes in all.
type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Story = dyn Fn(usize, Peer) -> Boxed<()> + Send + Sync;
/// What answers requests.
type Answering = dyn Fn(Arrived) -> Boxed<Reply> + Send + Sync;

/// What answers requests, as one type.
fn boxed<F, Fut>(answer: F) -> Arc<Answering>
where
    F: Fn(Arrived) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Reply> + Send + 'static,
{
    Arc::new(move |arrived| Box::pin(answer(arrived)) as Boxed<Reply>)
}

/// A handler over raw sockets. Dropping it fails the test if its story panicked.
pub struct Front {
    pub addr: SocketAddr,
    requests: Arc<AtomicUsize>,
    panicked: Arc<Mutex<bool>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Front {
    /// Tells this story to every connection, at once, the first one being number 0.
    pub async fn tell<F, Fut>(story: F) -> Self
    where
        F: Fn(usize, Peer) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        Self::on(listener, false, story)
    }

    /// Tells this story on this listener; one connection after the other if it is `serial`.
    pub fn on<F, Fut>(listener: TcpListener, serial: bool, story: F) -> Self
    where
        F: Fn(usize, Peer) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let story = move |number, peer| Box::pin(story(number, peer)) as Boxed<()>;
        Self::start(listener, serial, Box::new(story))
    }

    fn start(listener: TcpListener, serial: bool, story: Box<Story>) -> Self {
        let addr = listener.local_addr().expect("an address");
        let (requests, panicked) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(false)));
        let (count, flag) = (Arc::clone(&requests), Arc::clone(&panicked));
        let accepting = tokio::spawn(async move {
            let mut number = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let peer = Peer {
                    stream,
                    buffer: Vec::new(),
                    most: usize::MAX,
                    requests: Arc::clone(&count),
                };
                let told = tokio::spawn(story(number, peer));
                number += 1;
                let flag = Arc::clone(&flag);
                let watched = async move {
                    if told.await.is_err() {
                        *flag.lock().expect("no poison") = true;
                    }
                };
                match serial {
                    true => watched.await,
                    false => drop(tokio::spawn(watched)),
                }
            }
        });
        Self {
            addr,
            requests,
            panicked,
            accepting,
        }
    }

    /// Answers every request so, on connections that stay open; what is no HTTP gets 400.
    pub async fn answer<F, Fut>(answer: F) -> Self
    where
        F: Fn(Arrived) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Reply> + Send + 'static,
    {
        Self::converse(false, boxed(answer)).await
    }

    /// Answers every request so, one connection after the other.
    pub async fn answer_serially<F, Fut>(answer: F) -> Self
    where
        F: Fn(Arrived) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Reply> + Send + 'static,
    {
        Self::converse(true, boxed(answer)).await
    }

    async fn converse(serial: bool, answer: Arc<Answering>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        Self::on(listener, serial, move |_, peer| {
            converse(peer, Arc::clone(&answer))
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}/callback", self.addr)
    }

    /// Requests that arrived so far.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.accepting.abort();
        if *self.panicked.lock().expect("no poison") && !std::thread::panicking() {
            panic!("the handler's story panicked");
        }
    }
}

/// Answers the requests of one connection.
async fn converse(mut peer: Peer, answer: Arc<Answering>) {
    loop {
        let reply = match peer.request().await {
            Incoming::Request(arrived) => answer(arrived).await,
            Incoming::NoHttp => Answer::new(400, "text/plain", "bad request")
                .reply()
                .closing(),
            Incoming::End => return,
        };
        for (place, piece) in reply.pieces.iter().enumerate() {
            if place > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            if !peer.say(piece).await {
                return;
            }
        }
        match reply.then {
            Then::Keep => {}
            Then::Close => return peer.close().await,
            Then::Reset => return peer.reset(),
        }
    }
}

/// What came on a connection.
pub enum Incoming {
    Request(Arrived),
    NoHttp,
    End,
}

/// The handler's end of a connection.
pub struct Peer {
    pub stream: TcpStream,
    buffer: Vec<u8>,
    most: usize,
    requests: Arc<AtomicUsize>,
}

impl Peer {
    /// The handler's end of this connection.
    pub fn new(stream: TcpStream) -> Self {
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            buffer: Vec::new(),
            most: usize::MAX,
            requests: Arc::default(),
        }
    }

    /// The next request, read to its end.
    pub async fn request(&mut self) -> Incoming {
        let incoming = self.read_request().await.unwrap_or(Incoming::End);
        if matches!(incoming, Incoming::Request(_)) {
            self.requests.fetch_add(1, Ordering::SeqCst);
        }
        incoming
    }

    /// The next request; nothing when its body is larger than this, which is not read then.
    pub async fn request_of_at_most(&mut self, most: usize) -> Option<Incoming> {
        self.most = most;
        let incoming = self.read_request().await?;
        if matches!(incoming, Incoming::Request(_)) {
            self.requests.fetch_add(1, Ordering::SeqCst);
        }
        Some(incoming)
    }

    /// `None` where the connection ends before the request does.
    async fn read_request(&mut self) -> Option<Incoming> {
        let (mut arrived, head_length) = loop {
            let mut fields = [httparse::EMPTY_HEADER; 64];
            let mut head = httparse::Request::new(&mut fields);
            match head.parse(&self.buffer) {
                Ok(httparse::Status::Complete(length)) => {
                    let headers = head.headers.iter();
                    let arrived = Arrived {
                        method: head.method.unwrap_or_default().to_owned(),
                        target: head.path.unwrap_or_default().to_owned(),
                        headers: headers
                            .map(|field| (field.name.to_owned(), field.value.to_vec()))
                            .collect(),
                        body: Vec::new(),
                    };
                    break (arrived, length);
                }
                Ok(httparse::Status::Partial) => self.more().await?,
                Err(_) => return Some(Incoming::NoHttp),
            }
        };
        self.buffer.drain(..head_length);
        let lengths: Vec<String> = arrived
            .headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            .collect();
        if arrived.header("transfer-encoding").is_some() {
            let Some(body) = self.chunks().await? else {
                return Some(Incoming::NoHttp);
            };
            arrived.body = body;
            return Some(Incoming::Request(arrived));
        }
        let length: usize = match &lengths[..] {
            [] => 0,
            [one] => match one.parse() {
                Ok(length) => length,
                Err(_) => return Some(Incoming::NoHttp),
            },
            _ => return Some(Incoming::NoHttp),
        };
        if length > self.most {
            return None;
        }
        while self.buffer.len() < length {
            self.more().await?;
        }
        arrived.body = self.buffer.drain(..length).collect();
        Some(Incoming::Request(arrived))
    }

    /// A chunked body; the inner `None` is one that is malformed.
    async fn chunks(&mut self) -> Option<Option<Vec<u8>>> {
        let mut body = Vec::new();
        loop {
            match httparse::parse_chunk_size(&self.buffer) {
                Ok(httparse::Status::Complete((line, size))) => {
                    let size = size as usize;
                    while self.buffer.len() < line + size + 2 {
                        self.more().await?;
                    }
                    body.extend_from_slice(&self.buffer[line..line + size]);
                    self.buffer.drain(..line + size + 2);
                    if size == 0 {
                        return Some(Some(body));
                    }
                }
                Ok(httparse::Status::Partial) => self.more().await?,
                Err(_) => return Some(None),
            }
        }
    }

    async fn more(&mut self) -> Option<()> {
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }

    /// Sends bytes; whether the client was still there.
    pub async fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// Closes the connection in good order: what the client still sends is read, lest a reset overtake the answer.
    pub async fn close(mut self) {
        let _ = self.stream.shutdown().await;
        let mut rest = [0; 4096];
        let drained = async {
            while self
                .stream
                .read(&mut rest)
                .await
                .is_ok_and(|count| count > 0)
            {}
        };
        let _ = tokio::time::timeout(Duration::from_secs(2), drained).await;
    }

    /// Resets the connection.
    pub fn reset(self) {
        let _ = self.stream.set_zero_linger();
    }
}
