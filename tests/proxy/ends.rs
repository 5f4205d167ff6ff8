//! How connections and exchanges end, and what the proxy makes of it.

use std::time::Duration;

use acgw_conformance::gateway::{
    Passed, Relay, RelayOptions, Sighting, Target, TransportErrorKind,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use crate::common::anywhere;

const REQUEST: &[u8] = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// A listener that plays the handler, and a proxy in front of it.
async fn between() -> (TcpListener, Relay, UnboundedReceiver<Sighting>) {
    let listener = TcpListener::bind(anywhere()).await.expect("a free port");
    let addr = listener.local_addr().expect("an address");
    let (relay, sightings) = to(addr).await;
    (listener, relay, sightings)
}

async fn to(addr: std::net::SocketAddr) -> (Relay, UnboundedReceiver<Sighting>) {
    let target = Target::url(&format!("http://{addr}/callback")).expect("a URL");
    let (sender, sightings) = mpsc::unbounded_channel();
    let options = RelayOptions {
        grace: Duration::from_millis(200),
        ..RelayOptions::default()
    };
    let relay = Relay::start(anywhere(), target, options, sender).await;
    (relay.expect("a free port"), sightings)
}

/// All exchanges that passed.
async fn all(relay: Relay, mut sightings: UnboundedReceiver<Sighting>) -> Vec<Passed> {
    relay.shutdown().await;
    let mut all = Vec::new();
    while let Some(sighting) = sightings.recv().await {
        match sighting {
            Sighting::Exchange(passed) => all.push(*passed),
            other => panic!("{other:?}"),
        }
    }
    all
}

async fn read_some(stream: &mut TcpStream, bytes: usize) -> Vec<u8> {
    let mut read = vec![0; bytes];
    stream.read_exact(&mut read).await.expect("bytes");
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelined_requests_get_their_own_answers() {
    let (listener, relay, sightings) = between().await;
    let mut client = TcpStream::connect(relay.addr()).await.expect("a proxy");
    let (mut handler, _) = listener.accept().await.expect("a connection");
    let first = b"POST /1 HTTP/1.1\r\nContent-Length: 1\r\n\r\na";
    let second = b"HEAD /2 HTTP/1.1\r\n\r\n";
    client
        .write_all(&[&first[..], second].concat())
        .await
        .expect("a reader");
    read_some(&mut handler, first.len() + second.len()).await;
    let answers = b"HTTP/1.1 201 Made\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\n";
    handler.write_all(answers).await.expect("a reader");
    assert_eq!(read_some(&mut client, answers.len()).await, answers);
    drop(client);
    let passed = all(relay, sightings).await;
    let pairs: Vec<(&str, Option<u16>)> = (passed.iter())
        .map(|one| (one.request.target.as_str(), one.observation.status()))
        .collect();
    assert_eq!(pairs, [("/1", Some(201)), ("/2", Some(404))]);
    assert!(
        passed
            .iter()
            .all(|one| one.inconclusive.is_none() && one.observation.surplus.is_empty())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interim_answer_passes_before_the_body_does() {
    let (listener, relay, sightings) = between().await;
    let mut client = TcpStream::connect(relay.addr()).await.expect("a proxy");
    let (mut handler, _) = listener.accept().await.expect("a connection");
    let head = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    client.write_all(head).await.expect("a reader");
    assert_eq!(read_some(&mut handler, head.len()).await, head);
    let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
    handler.write_all(go_on).await.expect("a reader");
    assert_eq!(read_some(&mut client, go_on.len()).await, go_on);
    client.write_all(b"{}").await.expect("a reader");
    assert_eq!(read_some(&mut handler, 2).await, b"{}");
    handler.write_all(ANSWER).await.expect("a reader");
    assert_eq!(read_some(&mut client, ANSWER.len()).await, ANSWER);
    let passed = all(relay, sightings).await;
    assert_eq!(passed.len(), 1);
    assert_eq!(passed[0].observation.status(), Some(200));
    assert_eq!(&passed[0].request.message.body[..], b"{}");
    assert!(passed[0].request.whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_ends_its_side_still_gets_the_answer() {
    let (listener, relay, sightings) = between().await;
    let mut client = TcpStream::connect(relay.addr()).await.expect("a proxy");
    let (mut handler, _) = listener.accept().await.expect("a connection");
    client.write_all(REQUEST).await.expect("a reader");
    client.shutdown().await.expect("an open connection");
    let mut arrived = Vec::new();
    handler.read_to_end(&mut arrived).await.expect("an end");
    assert_eq!(arrived, REQUEST);
    handler.write_all(ANSWER).await.expect("a reader");
    drop(handler);
    let mut received = Vec::new();
    client.read_to_end(&mut received).await.expect("an answer");
    assert_eq!(received, ANSWER);
    let passed = all(relay, sightings).await;
    assert_eq!(passed[0].observation.status(), Some(200));
    assert_eq!(passed[0].inconclusive, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_passed_on_as_a_reset() {
    let (listener, relay, sightings) = between().await;
    let mut client = TcpStream::connect(relay.addr()).await.expect("a proxy");
    let (mut handler, _) = listener.accept().await.expect("a connection");
    client.write_all(REQUEST).await.expect("a reader");
    read_some(&mut handler, REQUEST.len()).await;
    handler.set_zero_linger().expect("a socket");
    drop(handler);
    let error = client.read_u8().await.expect_err("no answer");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let passed = all(relay, sightings).await;
    let told = passed[0]
        .observation
        .result
        .as_ref()
        .expect_err("no answer");
    assert_eq!(told.kind, TransportErrorKind::ClosedBeforeAnswer);
    assert_eq!(passed[0].inconclusive, None, "it is the handler's doing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_says_nothing_of_the_handler_is_told_as_that() {
    // The client goes away; a kept connection is closed.
    for kept in [false, true] {
        let (listener, relay, sightings) = between().await;
        let mut client = TcpStream::connect(relay.addr()).await.expect("a proxy");
        let (mut handler, _) = listener.accept().await.expect("a connection");
        client.write_all(REQUEST).await.expect("a reader");
        read_some(&mut handler, REQUEST.len()).await;
        if kept {
            handler.write_all(ANSWER).await.expect("a reader");
            read_some(&mut client, ANSWER.len()).await;
            client.write_all(REQUEST).await.expect("a reader");
            read_some(&mut handler, REQUEST.len()).await;
            drop(handler);
            assert!(client.read_u8().await.is_err());
        } else {
            drop(client);
            assert!(handler.read_u8().await.is_err());
            drop(handler);
        }
        let passed = all(relay, sightings).await;
        let last = passed.last().expect("an exchange");
        assert!(last.observation.result.is_err());
        let why = last.inconclusive.as_deref().unwrap_or_default();
        let told = if kept { "was kept" } else { "client" };
        assert!(why.contains(told), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_is_not_there_is_answered_for_and_may_come_later() {
    let listener = TcpListener::bind(anywhere()).await.expect("a free port");
    let addr = listener.local_addr().expect("an address");
    drop(listener);
    let (relay, mut sightings) = to(addr).await;
    // Opened while nobody is there, used when somebody is.
    let mut early = TcpStream::connect(relay.addr()).await.expect("a proxy");
    let mut client = TcpStream::connect(relay.addr()).await.expect("a proxy");
    client.write_all(REQUEST).await.expect("a reader");
    let mut told = String::new();
    client.read_to_string(&mut told).await.expect("an answer");
    assert!(told.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{told}");
    assert!(told.contains("the proxy's own answer"), "{told}");
    match sightings.recv().await {
        Some(Sighting::Unreachable { reason, .. }) => assert!(reason.contains("no connection")),
        other => panic!("{other:?}"),
    }
    let listener = TcpListener::bind(addr).await.expect("the port again");
    early.write_all(REQUEST).await.expect("a reader");
    let (mut handler, _) = listener.accept().await.expect("a connection");
    assert_eq!(read_some(&mut handler, REQUEST.len()).await, REQUEST);
    handler.write_all(ANSWER).await.expect("a reader");
    assert_eq!(read_some(&mut early, ANSWER.len()).await, ANSWER);
    assert_eq!(all(relay, sightings).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clients_at_once_are_kept_apart() {
    let (listener, relay, sightings) = between().await;
    const CLIENTS: usize = 200;
    let handler = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(async move {
                let mut number = [0; 4];
                let head = b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n".len();
                while stream.read_exact(&mut vec![0; head]).await.is_ok() {
                    stream.read_exact(&mut number).await.expect("a body");
                    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
                    let answer = [&answer[..], &number].concat();
                    stream.write_all(&answer).await.expect("a reader");
                }
            });
        }
    });
    let addr = relay.addr();
    let clients = (0..CLIENTS).map(|number| async move {
        let mut client = TcpStream::connect(addr).await.expect("a proxy");
        for round in 0..5 {
            let body = format!("{:04}", number * 5 + round);
            let request = format!("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n{body}");
            client
                .write_all(request.as_bytes())
                .await
                .expect("a reader");
            let length = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n".len() + 4;
            let answer = read_some(&mut client, length).await;
            assert!(answer.ends_with(body.as_bytes()));
        }
    });
    let mut running = tokio::task::JoinSet::new();
    clients.for_each(|client| {
        running.spawn(client);
    });
    while let Some(client) = running.join_next().await {
        client.expect("no panic");
    }
    let passed = all(relay, sightings).await;
    handler.abort();
    assert_eq!(passed.len(), CLIENTS * 5);
    for one in passed {
        let answer = one.observation.result.expect("an answer");
        assert_eq!(answer.body, one.request.message.body);
    }
}

/// A handler that sends head and body one by one, and whose system holds the body back until the head is acknowledged, which by
/// itself takes 40 ms: also on a connection that has served much.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_handler_sends_in_parts_is_not_held_up() {
    let (listener, relay, sightings) = between().await;
    const ROUNDS: u32 = 150;
    let handler = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        for _ in 0..ROUNDS {
            read_some(&mut stream, REQUEST.len()).await;
            let head = b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n";
            stream.write_all(head).await.expect("a reader");
            stream.write_all(&[b'x'; 2000]).await.expect("a reader");
        }
    });
    let mut client = TcpStream::connect(relay.addr()).await.expect("a proxy");
    let begun = std::time::Instant::now();
    for _ in 0..ROUNDS {
        client.write_all(REQUEST).await.expect("a reader");
        read_some(&mut client, 41).await;
        read_some(&mut client, 2000).await;
    }
    let took = begun.elapsed();
    handler.await.expect("no panic");
    assert_eq!(all(relay, sightings).await.len(), ROUNDS as usize);
    assert!(took < Duration::from_millis(20) * ROUNDS, "{took:?}");
}
