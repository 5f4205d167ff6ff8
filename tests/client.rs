//! The HTTP client against handlers over raw sockets: every way in which an exchange can end.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use acgw_conformance::gateway::client::ABANDONED;
use acgw_conformance::gateway::{
    Client, ClientOptions, Message, Observation, Raw, Target, TransportError, TransportErrorKind,
};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use TransportErrorKind::{
    ClosedBeforeAnswer, ClosedInAnswer, Connect, InvalidHttp, Timeout, TimeoutInAnswer, TooLarge,
};

/// A handler over raw sockets. The story says what it does with each connection, the first one being number 0.
/// Dropping it fails the test if a story panicked.
struct Handler {
    addr: SocketAddr,
    connections: Arc<AtomicUsize>,
    panicked: Arc<Mutex<bool>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Handler {
    async fn tell<F, Fut>(story: F) -> Self
    where
        F: Fn(usize, Peer<TcpStream>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
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
    async fn saying(answer: impl Into<Vec<u8>>) -> Self {
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
    async fn closing_after(answer: impl Into<Vec<u8>>) -> Self {
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

    fn client(&self) -> Client {
        self.client_with(options())
    }

    fn client_with(&self, options: ClientOptions) -> Client {
        let target = Target::url(&format!("http://{}/callback?a=b", self.addr)).expect("a URL");
        Client::new(target, options).expect("a client")
    }

    fn connections(&self) -> usize {
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
struct Peer<S>(S);

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    /// The bytes of the next request, up to the end of its body as `Content-Length` has it; `None` when there is none.
    async fn request(&mut self) -> Option<String> {
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
    async fn say(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).await.is_ok() && self.0.flush().await.is_ok()
    }

    /// Waits until the client closes the connection; gives what else it sent.
    async fn until_closed(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = self.0.read_to_end(&mut rest).await;
        rest
    }
}

impl Peer<TcpStream> {
    /// Resets the connection.
    fn reset(self) {
        self.0.set_zero_linger().expect("an open socket");
    }
}

/// Short times and small limits.
fn options() -> ClientOptions {
    ClientOptions {
        timeout: Duration::from_millis(400),
        connect_timeout: Duration::from_millis(300),
        max_body: 4096,
        max_head: 2048,
        roots: Vec::new(),
    }
}

/// For the stories in which nothing may time out.
fn patient() -> ClientOptions {
    ClientOptions {
        timeout: Duration::from_secs(20),
        connect_timeout: Duration::from_secs(10),
        ..ClientOptions::default()
    }
}

fn message(body: &str) -> Message {
    Message {
        method: "POST".to_owned(),
        headers: vec![("Content-Type".to_owned(), b"application/json".to_vec())],
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn raw(bytes: &str) -> Raw {
    Raw {
        bytes: Bytes::copy_from_slice(bytes.as_bytes()),
        half_close: false,
        abandon: false,
    }
}

fn body(observation: &Observation) -> &[u8] {
    match &observation.result {
        Ok(answer) => &answer.body,
        Err(error) => panic!("no answer: {error}"),
    }
}

fn error(observation: &Observation) -> &TransportError {
    match &observation.result {
        Ok(answer) => panic!("an answer: {answer:?}"),
        Err(error) => error,
    }
}

#[track_caller]
fn assert_error(observation: &Observation, kind: TransportErrorKind, detail: &str) {
    let error = error(observation);
    assert_eq!(error.kind, kind, "{error}");
    assert!(
        error.detail.contains(detail),
        "{:?} does not say {detail:?}",
        error.detail
    );
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

mod what_is_sent {
    use super::*;

    #[tokio::test]
    async fn order_spelling_and_duplicates_are_kept_and_the_rest_is_added() {
        let seen = Arc::new(Mutex::new(String::new()));
        let store = Arc::clone(&seen);
        let handler = Handler::tell(move |_, mut peer| {
            let store = Arc::clone(&store);
            async move {
                *store.lock().unwrap() = peer.request().await.expect("a request");
                peer.say(OK).await;
            }
        })
        .await;
        let mut message = message("{\"a\":1}");
        message.headers = vec![
            ("CONTENT-TYPE".to_owned(), b"application/json".to_vec()),
            ("x-thing".to_owned(), b"1".to_vec()),
            ("X-Thing".to_owned(), b"2".to_vec()),
            ("accept".to_owned(), b"*/*".to_vec()),
        ];
        let observation = handler.client_with(patient()).send(&message).await;
        assert_eq!(observation.status(), Some(200));
        let expected = format!(
            "POST /callback?a=b HTTP/1.1\r\nHost: {}\r\nUser-Agent: acgw/{}\r\nAccept-Encoding: identity\r\n\
             CONTENT-TYPE: application/json\r\nx-thing: 1\r\nX-Thing: 2\r\naccept: */*\r\nContent-Length: 7\r\n\r\n\
             {{\"a\":1}}",
            handler.addr,
            env!("CARGO_PKG_VERSION"),
        );
        assert_eq!(*seen.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn preparing_shows_what_is_sent_and_preparing_twice_changes_nothing() {
        let handler = Handler::saying(OK).await;
        let client = handler.client();
        let once = client.prepare(&message("{}"));
        let names: Vec<&str> = once.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "Host",
                "User-Agent",
                "Accept",
                "Accept-Encoding",
                "Content-Type",
                "Content-Length"
            ]
        );
        assert_eq!(once.header("content-length"), Some(&b"2"[..]));
        assert_eq!(client.prepare(&once), once);
    }

    #[tokio::test]
    async fn a_method_without_a_body_has_no_content_length_and_a_chunked_body_none_either() {
        let client = Handler::saying(OK).await.client();
        let get = Message {
            method: "GET".to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
        };
        assert_eq!(client.prepare(&get).header("content-length"), None);
        let empty_post = Message {
            method: "POST".to_owned(),
            ..get.clone()
        };
        assert_eq!(
            client.prepare(&empty_post).header("content-length"),
            Some(&b"0"[..])
        );
        let mut chunked = message("2\r\n{}\r\n0\r\n\r\n");
        chunked.set_header("Transfer-Encoding", "chunked");
        assert_eq!(client.prepare(&chunked).header("content-length"), None);
    }

    #[tokio::test]
    async fn a_large_body_arrives_whole() {
        let large = "x".repeat(1 << 20);
        let handler = Handler::tell(|_, mut peer| async move {
            let request = peer.request().await.expect("a request");
            let (_, body) = request.split_once("\r\n\r\n").expect("a head");
            let length = body.len().to_string();
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{length}",
                length.len()
            );
            peer.say(answer).await;
        })
        .await;
        let observation = handler.client_with(patient()).send(&message(&large)).await;
        assert_eq!(body(&observation), b"1048576");
    }
}

mod answers {
    use super::*;

    #[tokio::test]
    async fn everything_of_an_answer_is_told() {
        let handler = Handler::saying(
            "HTTP/1.1 299 Fine enough\r\ncontent-TYPE:  application/json \r\nX-A: 1\r\nx-a: \u{e9}\r\nContent-Length: 2\r\n\r\n{}"
                .chars()
                .map(|char| char as u8)
                .collect::<Vec<u8>>(),
        )
        .await;
        let observation = handler.client().send(&message("{}")).await;
        let answer = observation.result.as_ref().expect("an answer");
        assert_eq!(
            (answer.status, answer.reason.as_str()),
            (299, "Fine enough")
        );
        assert_eq!(answer.version, "HTTP/1.1");
        let headers: Vec<(&str, &[u8])> = answer
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
            .collect();
        assert_eq!(
            headers,
            [
                ("content-TYPE", &b"application/json"[..]),
                ("X-A", b"1"),
                ("x-a", b"\xe9"),
                ("Content-Length", b"2"),
            ]
        );
        assert_eq!(answer.body, "{}");
        assert!(!observation.reused && observation.tls.is_none() && observation.surplus.is_empty());
    }

    #[tokio::test]
    async fn chunks_are_joined_wherever_they_are_cut() {
        let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
            5;note=\"x\"\r\nhello\r\n1\r\n \r\n005\r\nworld\r\n0\r\nX-Trailer: 1\r\n\r\n";
        let handler = Handler::tell(move |_, mut peer| async move {
            while peer.request().await.is_some() {
                for byte in answer.as_bytes() {
                    peer.say([*byte]).await;
                    tokio::task::yield_now().await;
                }
            }
        })
        .await;
        let client = handler.client_with(patient());
        assert_eq!(body(&client.send(&message("{}")).await), b"hello world");
        let again = client.send(&message("{}")).await;
        assert_eq!(body(&again), b"hello world");
        assert!(again.reused);
    }

    #[tokio::test]
    async fn without_a_length_the_body_ends_with_the_connection() {
        for head in [
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\n",
            "HTTP/1.1 200\r\nConnection: close\r\n\r\n",
        ] {
            let handler = Handler::closing_after(format!("{head}{{\"a\":1}}")).await;
            let client = handler.client_with(patient());
            for _ in 0..2 {
                let observation = client.send(&message("{}")).await;
                assert_eq!(body(&observation), b"{\"a\":1}", "{head}");
                assert!(!observation.reused);
            }
            assert_eq!(handler.connections(), 2);
        }
    }

    #[tokio::test]
    async fn some_answers_have_no_body_whatever_they_say() {
        let handler =
            Handler::saying("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n").await;
        let client = handler.client();
        let head = Message {
            method: "HEAD".to_owned(),
            ..message("")
        };
        for _ in 0..2 {
            assert_eq!(body(&client.send(&head).await), b"");
        }
        assert_eq!(handler.connections(), 1);
        for status in ["204 No Content", "304 Not Modified"] {
            let handler = Handler::saying(format!("HTTP/1.1 {status}\r\n\r\n")).await;
            assert_eq!(body(&handler.client().send(&message("{}")).await), b"");
        }
    }

    #[tokio::test]
    async fn interim_answers_are_passed_over() {
        let handler = Handler::saying(format!(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n{OK}"
        ))
        .await;
        let observation = handler.client().send(&message("{}")).await;
        assert_eq!(observation.status(), Some(200));
        assert_eq!(body(&observation), b"{}");
    }

    #[tokio::test]
    async fn an_answer_that_comes_before_the_body_was_read_is_read() {
        let large = "x".repeat(4 << 20);
        let handler = Handler::tell(|_, mut peer| async move {
            let mut some = [0; 100];
            assert!(peer.0.read(&mut some).await.expect("some bytes") > 0);
            peer.say("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
                .await;
            // The client stops sending once it has its answer.
            peer.until_closed().await;
        })
        .await;
        let client = handler.client_with(patient());
        let observation = client.send(&message(&large)).await;
        assert_eq!(observation.status(), Some(413));
        assert_eq!(body(&observation), b"no");
    }

    #[tokio::test]
    async fn an_early_answer_on_a_connection_that_takes_no_more_bytes_is_read() {
        let large = "x".repeat(4 << 20);
        let handler = Handler::tell(|_, mut peer| async move {
            let mut some = [0; 100];
            assert!(peer.0.read(&mut some).await.expect("some bytes") > 0);
            peer.say("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
                .await;
            // Not a byte more is read, and the connection stays open.
            std::future::pending::<()>().await;
        })
        .await;
        let client = handler.client_with(patient());
        for _ in 0..2 {
            let observation = client.send(&message(&large)).await;
            assert_eq!(observation.status(), Some(413));
            assert!(!observation.reused);
        }
    }
}

mod connections {
    use super::*;

    #[tokio::test]
    async fn a_connection_is_used_again() {
        let handler = Handler::saying(OK).await;
        let client = handler.client_with(patient());
        let reused: Vec<bool> = [
            client.send(&message("{}")).await,
            client.send(&message("{}")).await,
            client.clone().send(&message("{}")).await,
        ]
        .iter()
        .map(|observation| observation.reused)
        .collect();
        assert_eq!(reused, [false, true, true]);
        assert_eq!(handler.connections(), 1);
    }

    #[tokio::test]
    async fn a_fresh_connection_is_fresh() {
        let handler = Handler::saying(OK).await;
        let client = handler.client_with(patient());
        for _ in 0..3 {
            assert!(!client.send_fresh(&message("{}")).await.reused);
        }
        assert_eq!(handler.connections(), 3);
    }

    #[tokio::test]
    async fn a_connection_that_the_handler_says_it_closes_is_not_used_again() {
        for answer in [
            "HTTP/1.1 200 OK\r\nConnection: Keep-Alive, Close\r\nContent-Length: 2\r\n\r\n{}",
            "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        ] {
            let handler = Handler::saying(answer).await;
            let client = handler.client_with(patient());
            for _ in 0..2 {
                assert!(!client.send(&message("{}")).await.reused);
            }
        }
        let answer =
            "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\n{}".to_owned();
        let handler = Handler::saying(answer).await;
        let client = handler.client_with(patient());
        client.send(&message("{}")).await;
        assert!(client.send(&message("{}")).await.reused);
    }

    #[tokio::test]
    async fn a_kept_connection_that_is_closed_costs_no_answer() {
        // Closed after each answer without a word, at once or when the next request comes.
        for late in [false, true] {
            let handler = Handler::tell(move |_, mut peer| async move {
                peer.request().await.expect("a request");
                peer.say(OK).await;
                if late {
                    peer.request().await;
                    peer.reset();
                }
            })
            .await;
            let client = handler.client_with(patient());
            for _ in 0..5 {
                let observation = client.send(&message("{}")).await;
                assert_eq!(body(&observation), b"{}");
                assert!(!observation.reused);
            }
        }
    }

    #[tokio::test]
    async fn a_second_failure_in_a_row_is_told() {
        let handler = Handler::tell(|number, mut peer| async move {
            peer.request().await.expect("a request");
            if number == 0 {
                peer.say(OK).await;
                peer.request().await.expect("a second request");
            }
        })
        .await;
        let client = handler.client_with(patient());
        client.send(&message("{}")).await;
        let observation = client.send(&message("{}")).await;
        assert_error(&observation, ClosedBeforeAnswer, "end of the connection");
        assert!(!observation.reused);
        assert_eq!(handler.connections(), 2);
    }

    #[tokio::test]
    async fn a_handler_that_goes_away_with_the_request_took_the_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let story = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a connection");
            let mut peer = Peer(stream);
            peer.request().await;
            peer.say(OK).await;
            peer.request().await;
            drop(listener);
        });
        let client = Client::new(Target::url(&url).expect("a URL"), patient()).expect("a client");
        client.send(&message("{}")).await;
        let observation = client.send(&message("{}")).await;
        story.await.expect("the story ends");
        assert_error(&observation, ClosedBeforeAnswer, "; then no connection");
    }

    #[tokio::test]
    async fn an_answer_that_has_begun_is_never_asked_for_again() {
        let handler = Handler::tell(|_, mut peer| async move {
            peer.request().await.expect("a request");
            peer.say(OK).await;
            peer.request().await.expect("a second request");
            peer.say("HTTP/1.1 2").await;
        })
        .await;
        let client = handler.client_with(patient());
        client.send(&message("{}")).await;
        let observation = client.send(&message("{}")).await;
        assert_error(&observation, ClosedInAnswer, "within the header fields");
        assert!(observation.reused);
        assert_eq!(handler.connections(), 1);
    }

    #[tokio::test]
    async fn a_connection_of_ones_own_is_never_replaced() {
        let handler = Handler::tell(|_, mut peer| async move {
            for _ in 0..2 {
                peer.request().await.expect("a request");
                peer.say(OK).await;
            }
        })
        .await;
        let client = handler.client_with(patient());
        let mut connection = client.connect().await.expect("a connection");
        assert!(connection.is_open());
        for reused in [false, true] {
            let observation = connection.send(&message("{}")).await;
            assert_eq!(body(&observation), b"{}");
            assert_eq!(observation.reused, reused);
        }
        assert_eq!(connection.settle(Duration::from_secs(10)).await, "");
        assert!(!connection.is_open());
        assert_error(
            &connection.send(&message("{}")).await,
            ClosedBeforeAnswer,
            "closed by then",
        );
        assert_eq!(handler.connections(), 1);
    }

    #[tokio::test]
    async fn a_quiet_connection_settles_as_open() {
        let handler = Handler::saying(OK).await;
        let mut connection = handler.client().connect().await.expect("a connection");
        connection.send(&message("{}")).await;
        assert_eq!(connection.settle(Duration::from_millis(20)).await, "");
        assert!(connection.is_open());
        assert!(connection.send(&message("{}")).await.reused);
    }

    #[tokio::test]
    async fn idle_connections_do_not_keep_a_handler_busy_that_serves_one_at_a_time() {
        let busy = Arc::new(tokio::sync::Mutex::new(()));
        let handler = Handler::tell(move |_, mut peer| {
            let busy = Arc::clone(&busy);
            async move {
                let _one_at_a_time = busy.lock().await;
                while peer.request().await.is_some() {
                    peer.say(OK).await;
                }
            }
        })
        .await;
        let client = handler.client_with(patient());
        assert_eq!(client.send(&message("{}")).await.status(), Some(200));
        let fresh = client.send_fresh(&message("{}")).await;
        assert_eq!(fresh.status(), Some(200));
        let raw = client
            .send_raw(&raw("POST / HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
        assert_eq!(raw.status(), Some(200));
        let sending: Vec<_> = (0..6)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { client.send(&message("{}")).await.status() })
            })
            .collect();
        for sent in sending {
            assert_eq!(sent.await.expect("no panic"), Some(200));
        }
    }
}

mod surplus {
    use super::*;

    #[tokio::test]
    async fn bytes_behind_an_answer_are_told_and_the_connection_is_not_used_again() {
        let handler =
            Handler::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}trailing").await;
        let client = handler.client_with(patient());
        for _ in 0..2 {
            let observation = client.send(&message("{}")).await;
            assert_eq!(body(&observation), b"{}");
            assert_eq!(observation.surplus, "trailing");
            assert!(!observation.reused);
        }
    }

    #[tokio::test]
    async fn bytes_that_come_later_are_never_taken_for_an_answer() {
        let handler = Handler::tell(|_, mut peer| async move {
            while peer.request().await.is_some() {
                peer.say(OK).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
                peer.say("HTTP/1.1 500 Surplus\r\nContent-Length: 0\r\n\r\n")
                    .await;
            }
        })
        .await;
        let client = handler.client_with(patient());
        for _ in 0..2 {
            let observation = client.send(&message("{}")).await;
            assert_eq!(observation.status(), Some(200));
            assert!(!observation.reused);
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
        let mut connection = client.connect().await.expect("a connection");
        connection.send(&message("{}")).await;
        let surplus = connection.settle(Duration::from_secs(10)).await;
        assert!(surplus.starts_with(b"HTTP/1.1 500 Surplus"));
        assert!(!connection.is_open());
    }
}

mod no_answer {
    use super::*;

    #[tokio::test]
    async fn nobody_listens() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        drop(listener);
        let target = Target::url(&format!("http://{addr}/")).expect("a URL");
        let client = Client::new(target, options()).expect("a client");
        assert_error(
            &client.send(&message("{}")).await,
            Connect,
            &addr.to_string(),
        );
        let error = client.connect().await.expect_err("no connection");
        assert_eq!(error.kind, Connect);
    }

    #[tokio::test]
    async fn a_name_without_an_address() {
        let target = Target::url("http://handler.invalid/").expect("a URL");
        let options = ClientOptions {
            timeout: Duration::from_secs(3),
            ..options()
        };
        let client = Client::new(target, options).expect("a client");
        assert_error(
            &client.send(&message("{}")).await,
            Connect,
            "handler.invalid",
        );
    }

    #[tokio::test]
    async fn never() {
        let handler = Handler::tell(|_, mut peer| async move {
            peer.until_closed().await;
        })
        .await;
        let started = Instant::now();
        let observation = handler.client().send(&message("{}")).await;
        assert_error(&observation, Timeout, "");
        assert!(started.elapsed() >= Duration::from_millis(400));
        assert!(observation.total >= Duration::from_millis(400));
        assert!(error(&observation).partial.is_none());
    }

    #[tokio::test]
    async fn only_interim_answers() {
        let handler = Handler::tell(|_, mut peer| async move {
            peer.say("HTTP/1.1 102 Processing\r\n\r\n").await;
            peer.until_closed().await;
        })
        .await;
        let observation = handler.client().send(&message("{}")).await;
        assert_error(&observation, Timeout, "only interim");
        let handler = Handler::closing_after("HTTP/1.1 102 Processing\r\n\r\n").await;
        let observation = handler.client_with(patient()).send(&message("{}")).await;
        assert_error(&observation, ClosedBeforeAnswer, "interim");
    }

    #[tokio::test]
    async fn the_request_is_never_taken() {
        let handler = Handler::tell(|_, peer| async move {
            std::future::pending::<()>().await;
            drop(peer);
        })
        .await;
        let large = message(&"x".repeat(16 << 20));
        let observation = handler.client().send(&large).await;
        assert_error(
            &observation,
            Timeout,
            "the whole request had not been taken",
        );
    }

    #[tokio::test]
    async fn the_connection_is_closed_or_reset() {
        let handler = Handler::tell(|_, mut peer| async move {
            peer.request().await;
        })
        .await;
        let observation = handler.client_with(patient()).send(&message("{}")).await;
        assert_error(&observation, ClosedBeforeAnswer, "end of the connection");
        let handler = Handler::tell(|_, mut peer| async move {
            peer.request().await;
            peer.reset();
        })
        .await;
        let observation = handler.client_with(patient()).send(&message("{}")).await;
        assert_error(&observation, ClosedBeforeAnswer, "reset");
    }
}

mod broken_answers {
    use super::*;

    #[tokio::test]
    async fn closed_in_the_middle() {
        let ends = [
            ("HTTP/1.1 200 O", "within the header fields"),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nonly this",
                "after 9 of the 40 bytes",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n",
                "before the last chunk",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\non",
                "before the last chunk",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n0\r\n",
                "before the empty line",
            ),
        ];
        for (answer, detail) in ends {
            let handler = Handler::closing_after(answer).await;
            let observation = handler.client_with(patient()).send(&message("{}")).await;
            assert_error(&observation, ClosedInAnswer, detail);
        }
    }

    #[tokio::test]
    async fn what_had_come_is_told() {
        for (answer, so_far) in [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nonly this",
                "only this",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n",
                "only",
            ),
        ] {
            let handler = Handler::closing_after(answer).await;
            let observation = handler.client_with(patient()).send(&message("{}")).await;
            let partial = error(&observation).partial.as_ref().expect("a part");
            assert_eq!(
                (partial.status, &partial.body[..]),
                (200, so_far.as_bytes())
            );
        }
    }

    #[tokio::test]
    async fn reset_in_the_middle() {
        let handler = Handler::tell(|_, mut peer| async move {
            peer.request().await;
            peer.say("HTTP/1.1 200 OK\r\n\r\npart of a body").await;
            // The client must have read it, for a reset takes away what it has not.
            tokio::time::sleep(Duration::from_millis(50)).await;
            peer.reset();
        })
        .await;
        let observation = handler.client_with(patient()).send(&message("{}")).await;
        assert_error(&observation, ClosedInAnswer, "reset");
    }

    #[tokio::test]
    async fn not_http() {
        let answers = [
            ("SSH-2.0-OpenSSH_9.6\r\n", "SSH-2.0"),
            ("{\"type\": \"no status line\"}", "type"),
            ("HTTP/2.0 200 OK\r\n\r\n", "HTTP/2.0"),
            ("HTTP/1.1 099 Low\r\n\r\n", "no status 099"),
            ("HTTP/1.1 2000 High\r\n\r\n", "2000"),
            ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "header name"),
            ("HTTP/1.1 200 OK\r\nSpace : x\r\n\r\n", "header name"),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
                "Content-Length is no length",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
                "Content-Length is no length",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
                "two different",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                "does not begin with its size",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}more\r\n0\r\n\r\n",
                "not as long as its size",
            ),
            (
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.0",
            ),
            ("\u{15}\u{3}\u{1}\0\u{2}\u{2}\u{28}", "it looks like TLS"),
        ];
        for (answer, detail) in answers {
            let handler = Handler::closing_after(answer).await;
            let observation = handler.client_with(patient()).send(&message("{}")).await;
            assert_error(&observation, InvalidHttp, detail);
        }
    }

    #[tokio::test]
    async fn lengths_that_agree_and_a_length_beside_chunks_are_http() {
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        ] {
            let handler = Handler::saying(answer).await;
            assert_eq!(body(&handler.client().send(&message("{}")).await), b"{}");
        }
    }

    #[tokio::test]
    async fn a_length_that_is_too_long_on_an_open_connection() {
        let handler = Handler::saying("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}").await;
        let observation = handler.client().send(&message("{}")).await;
        assert_error(&observation, TimeoutInAnswer, "");
        let partial = error(&observation).partial.as_ref().expect("a part");
        assert_eq!(partial.body, "{}");
    }

    #[tokio::test]
    async fn one_byte_at_a_time() {
        let handler = Handler::tell(|_, mut peer| async move {
            peer.request().await;
            for byte in format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(1000)).bytes() {
                if !peer.say([byte]).await {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        })
        .await;
        let observation = handler.client().send(&message("{}")).await;
        assert_error(&observation, TimeoutInAnswer, "");
        assert!(observation.total < Duration::from_secs(2));
    }
}

mod limits {
    use super::*;

    /// Says the beginning once and then the rest for ever, until the client goes away; tells how many bytes it could.
    async fn endless(beginning: &'static str, rest: &'static str) -> (Handler, Arc<AtomicUsize>) {
        let said = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&said);
        let handler = Handler::tell(move |_, mut peer| {
            let count = Arc::clone(&count);
            async move {
                peer.request().await;
                peer.say(beginning).await;
                let block = rest.repeat(64 * 1024 / rest.len());
                while peer.say(&block).await {
                    count.fetch_add(block.len(), Ordering::SeqCst);
                }
            }
        })
        .await;
        (handler, said)
    }

    #[tokio::test]
    async fn endless_answers_end() {
        let stories = [
            ("HTTP/1.1 200 OK\r\n", "X-Filler: y\r\n", "header fields"),
            ("HTTP/1.1 200 OK\r\nX: ", "y", "header fields"),
            ("", "\r\n", "header fields"),
            ("", "HTTP/1.1 100 Continue\r\n\r\n", "header fields"),
            ("HTTP/1.1 200 OK\r\n\r\n", "body", "4096 bytes of body"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "4\r\nbody\r\n",
                "4096 bytes of body",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;",
                "x",
                "begins with a line",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n",
                "x",
                "4096 bytes of body",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
                "X-Trailer: y\r\n",
                "header fields",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
                "x",
                "99999999",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n",
                "x",
                "18446744073709551615",
            ),
        ];
        for (beginning, rest, detail) in stories {
            let (handler, said) = endless(beginning, rest).await;
            let options = ClientOptions {
                timeout: Duration::from_secs(20),
                ..options()
            };
            let observation = handler.client_with(options).send(&message("{}")).await;
            assert_error(&observation, TooLarge, detail);
            assert!(observation.total < Duration::from_secs(10), "{beginning:?}");
            // What the sockets' buffers hold, and no more: the client stopped reading at its limit.
            assert!(said.load(Ordering::SeqCst) < 32 << 20, "{beginning:?}");
        }
    }

    #[tokio::test]
    async fn just_within_the_limits() {
        let filler = "y".repeat(1900);
        let large = "z".repeat(4096);
        let answer =
            format!("HTTP/1.1 200 OK\r\nX: {filler}\r\nContent-Length: 4096\r\n\r\n{large}");
        let handler = Handler::saying(answer).await;
        assert_eq!(
            body(&handler.client().send(&message("{}")).await),
            large.as_bytes()
        );
        let fields = "A: b\r\n".repeat(200);
        let handler = Handler::saying(format!(
            "HTTP/1.1 200 OK\r\n{fields}Content-Length: 2\r\n\r\n{{}}"
        ))
        .await;
        let observation = handler.client().send(&message("{}")).await;
        assert_eq!(observation.result.expect("an answer").headers.len(), 201);
    }
}

mod raw_bytes {
    use super::*;

    #[tokio::test]
    async fn are_sent_as_they_are() {
        let bytes = "POST /x HTTP/1.1\nhost:x\nContent-Length: 1\nContent-Length: 2\n\nab";
        let handler = Handler::tell(move |_, mut peer| async move {
            let mut seen = vec![0; bytes.len()];
            peer.0.read_exact(&mut seen).await.expect("all bytes");
            assert_eq!(seen, bytes.as_bytes());
            peer.say(
                "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            )
            .await;
        })
        .await;
        let observation = handler.client_with(patient()).send_raw(&raw(bytes)).await;
        assert_eq!(observation.status(), Some(400));
        assert_eq!(observation.surplus, "HTTP/1.1 200 OK\r\n\r\n");
    }

    #[tokio::test]
    async fn half_closing_ends_the_request_but_not_the_answer() {
        let handler = Handler::tell(|_, mut peer| async move {
            assert_eq!(peer.until_closed().await, b"POST / HTT");
            peer.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                .await;
        })
        .await;
        let raw = Raw {
            half_close: true,
            ..raw("POST / HTT")
        };
        let observation = handler.client_with(patient()).send_raw(&raw).await;
        assert_eq!(observation.status(), Some(400));
    }

    #[tokio::test]
    async fn abandoning_sends_everything_and_waits_for_nothing() {
        let (told, hears) = tokio::sync::oneshot::channel();
        let told = Arc::new(Mutex::new(Some(told)));
        let handler = Handler::tell(move |_, mut peer| {
            let told = Arc::clone(&told);
            async move {
                let seen = peer.until_closed().await;
                let told = told.lock().unwrap().take().expect("one connection");
                told.send(seen).expect("the test listens");
            }
        })
        .await;
        let raw = Raw {
            abandon: true,
            ..raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\npart")
        };
        let observation = handler.client_with(patient()).send_raw(&raw).await;
        assert_error(&observation, ClosedBeforeAnswer, ABANDONED);
        assert_eq!(hears.await.expect("the handler sees it"), raw.bytes);
    }

    #[tokio::test]
    async fn have_the_same_limits() {
        let handler = Handler::tell(|_, mut peer| async move {
            peer.until_closed().await;
        })
        .await;
        let observation = handler.client().send_raw(&raw("GET / HTTP/1.1\r\n")).await;
        assert_error(&observation, Timeout, "");
        let handler =
            Handler::closing_after("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n").await;
        let raw = raw("GET / HTTP/1.1\r\n\r\n");
        let observation = handler.client().send_raw(&raw).await;
        assert_error(&observation, TooLarge, "5000");
    }
}

mod in_this_process {
    use super::*;

    async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, String> {
        match request.uri().path_and_query().map(|path| path.as_str()) {
            Some("/") => {}
            other => return Err(format!("asked for {other:?}")),
        }
        let body = request
            .into_body()
            .collect()
            .await
            .map_err(|error| error.to_string())?
            .to_bytes();
        match &body[..] {
            b"fail" => Err("told to fail".to_owned()),
            b"panic" => panic!("told to panic"),
            b"hang" => std::future::pending().await,
            _ => Ok(Response::new(Full::new(body))),
        }
    }

    #[tokio::test]
    async fn a_service_is_a_handler_without_a_socket() {
        let client = Client::new(Target::service(service_fn(echo)), patient()).expect("a client");
        let first = client.send(&message("hello")).await;
        assert_eq!(body(&first), b"hello");
        assert!(!first.reused);
        let large = "x".repeat(1 << 20);
        let second = client.send(&message(&large)).await;
        assert_eq!(body(&second), large.as_bytes());
        assert!(second.reused);
        let observation = client.send_raw(&raw("POST / HTTP/9.9\r\n\r\n")).await;
        assert_eq!(observation.status(), Some(400));
        let half = Raw {
            half_close: true,
            ..raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
        };
        assert_eq!(body(&client.send_raw(&half).await), b"hi");
    }

    #[tokio::test]
    async fn a_service_that_fails_panics_or_hangs_is_observed_as_such() {
        let client = Client::new(Target::service(service_fn(echo)), options()).expect("a client");
        for text in ["fail", "panic"] {
            let observation = client.send(&message(text)).await;
            assert_error(&observation, ClosedBeforeAnswer, "");
        }
        assert_error(&client.send(&message("hang")).await, Timeout, "");
        assert_eq!(
            body(&client.send(&message("still there")).await),
            b"still there"
        );
    }

    #[tokio::test]
    async fn what_serves_a_connection_ends_soon_after_it() {
        let running = Arc::new(());
        let held = Arc::downgrade(&running);
        let target = Target::service(service_fn(move |_: Request<Incoming>| {
            let running = Arc::clone(&running);
            async move {
                let _running = running;
                std::future::pending::<Result<Response<Full<Bytes>>, String>>().await
            }
        }));
        let client = Client::new(target, options()).expect("a client");
        assert_error(&client.send(&message("hang")).await, Timeout, "");
        drop(client);
        let started = Instant::now();
        while held.strong_count() > 0 {
            assert!(started.elapsed() < Duration::from_secs(10), "it still runs");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
