//! Every byte passes as it is, in both directions, whatever it is part of.

use std::time::Duration;

use acgw_conformance::gateway::{Relay, RelayOptions, Sighting, Target};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::common::{anywhere, setting};

/// Sends pieces with pauses between, ends its side, and reads to the end meanwhile.
async fn converse(stream: TcpStream, pieces: Vec<Vec<u8>>) -> Vec<u8> {
    let (mut read, mut write) = stream.into_split();
    let sending = async move {
        for piece in pieces {
            write.write_all(&piece).await.expect("somebody reads");
            tokio::task::yield_now().await;
        }
        write.shutdown().await.expect("an open connection");
        write
    };
    let mut received = Vec::new();
    let (_write, count) = tokio::join!(sending, read.read_to_end(&mut received));
    count.expect("an end in good order");
    received
}

/// Where a handler listens, and a relay before it with what it sees.
async fn relayed() -> (TcpListener, Relay, mpsc::UnboundedReceiver<Sighting>) {
    let listener = TcpListener::bind(anywhere()).await.expect("a free port");
    let addr = listener.local_addr().expect("an address");
    let target = Target::url(&format!("http://{addr}/")).expect("a URL");
    let (sender, sightings) = mpsc::unbounded_channel();
    let relay = Relay::start(anywhere(), target, RelayOptions::default(), sender)
        .await
        .expect("a free port");
    (listener, relay, sightings)
}

/// What the handler and what the client received, of what was sent to them through a proxy.
async fn pass(request: Vec<Vec<u8>>, answer: Vec<Vec<u8>>) -> (Vec<u8>, Vec<u8>) {
    let (listener, relay, mut sightings) = relayed().await;
    let handler = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        converse(stream, answer).await
    });
    let client = TcpStream::connect(relay.addr()).await.expect("a proxy");
    let received = tokio::time::timeout(Duration::from_secs(20), converse(client, request))
        .await
        .expect("an end");
    let arrived = handler.await.expect("no panic");
    relay.shutdown().await;
    // Whatever it was, it is looked at to the end.
    while sightings.recv().await.is_some() {}
    (arrived, received)
}

fn spelling() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("Content-Type: application/json\r\n".to_owned()),
        Just("content-type:application/json\r\n".to_owned()),
        Just("CONTENT-TYPE :  text/x\r\n".to_owned()),
        Just("X-CyberApp-Auth: YTp7fQ==\r\nx-cyberapp-auth: again\r\n".to_owned()),
        Just("Host: a\r\nHost: b\r\n".to_owned()),
        Just("X-Folded: one\r\n two\r\n".to_owned()),
        Just("Connection: close\r\nConnection: keep-alive, Upgrade\r\n".to_owned()),
        Just("Expect: 100-continue\r\n".to_owned()),
        Just("Via: 1.1 somebody\r\nTE: trailers\r\n".to_owned()),
        Just("No colon at all\r\n".to_owned()),
        "[A-Za-z-]{1,12}: [ -~]{0,40}(\r\n|\n)".prop_map(|line| line),
    ]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let data = vec(any::<u8>(), 0..300);
    prop_oneof![
        data.clone().prop_map(|body| {
            let head = format!("Content-Length: {}\r\n\r\n", body.len());
            [head.into_bytes(), body].concat()
        }),
        (vec(vec(any::<u8>(), 1..90), 0..5), any::<bool>()).prop_map(|(chunks, upper)| {
            let mut bytes = b"Transfer-Encoding: chunked\r\n\r\n".to_vec();
            for chunk in chunks {
                let size = match upper {
                    true => format!("{:04X};x=\"y\"\r\n", chunk.len()),
                    false => format!("{:x}\r\n", chunk.len()),
                };
                bytes.extend([size.into_bytes(), chunk, b"\r\n".to_vec()].concat());
            }
            bytes.extend(b"0\r\nX-Trailer: 1\r\n\r\n");
            bytes
        }),
        // What is announced and what comes need not agree.
        (0u64..9_999_999, data.clone()).prop_map(|(length, body)| {
            let head = format!("content-length: {length}\r\n\r\n");
            [head.into_bytes(), body].concat()
        }),
        data,
    ]
}

fn message(first: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    (
        proptest::sample::select(first),
        vec(spelling(), 0..6),
        body(),
    )
        .prop_map(|(first, fields, body)| {
            [first.as_bytes(), fields.concat().as_bytes(), &body].concat()
        })
}

/// Several messages on one connection, cut anywhere.
fn stream(first: &'static [&'static str]) -> impl Strategy<Value = Vec<Vec<u8>>> {
    (vec(message(first), 1..4), vec(1usize..400, 1..12)).prop_map(|(messages, cuts)| {
        let bytes = messages.concat();
        let mut pieces = Vec::new();
        let (mut rest, mut cuts) = (&bytes[..], cuts.into_iter().cycle());
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(cuts.next().expect("some").min(rest.len()));
            pieces.push(piece.to_vec());
            rest = behind;
        }
        pieces
    })
}

const REQUEST_LINES: &[&str] = &[
    "POST /callback HTTP/1.1\r\n",
    "POST http://absolute/callback?q=%20 HTTP/1.1\r\n",
    "GET /a//b HTTP/1.0\r\n",
    "\r\nPOST / HTTP/1.1\n",
    "HEAD / HTTP/1.1\r\n",
    "po st  /  HTTP/9.9\r\n",
    "\u{16}\u{3}\u{1}",
];
const STATUS_LINES: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 \r\n",
    "HTTP/1.0 404 Not   Found\r\n",
    "http/1.1 200 ok\r\n",
    "HTTP/1.1 204\r\n",
    "not a status line\r\n",
];

#[test]
fn bytes_pass_unchanged_whatever_they_are() {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let cases = setting("ACGW_CASES", 150);
    let seed = setting("ACGW_SEED", 7);
    let strategy = (stream(REQUEST_LINES), stream(STATUS_LINES));
    for number in 0..cases {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&number.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let (request, answer) = strategy.new_tree(&mut runner).expect("a case").current();
        let (sent, told) = (request.concat(), answer.concat());
        let (arrived, received) = runtime.block_on(pass(request, answer));
        let shown = |bytes: &[u8]| bytes.escape_ascii().to_string();
        assert_eq!(
            shown(&arrived),
            shown(&sent),
            "seed {seed}, case {number}, to the handler"
        );
        assert_eq!(
            shown(&received),
            shown(&told),
            "seed {seed}, case {number}, to the client"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_to_be_looked_at_passes_and_that_is_told() {
    let large = vec![b'x'; 20 * 1024 * 1024];
    let head = |first: &str, length: usize| {
        format!("{first}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n").into_bytes()
    };
    for (request, answer) in [(large.clone(), b"{}".to_vec()), (b"{}".to_vec(), large)] {
        let (listener, relay, mut sightings) = relayed().await;
        let sent = [head("POST / HTTP/1.1", request.len()), request].concat();
        let told = [head("HTTP/1.1 200 OK", answer.len()), answer].concat();
        let (told_again, length) = (told.clone(), sent.len());
        let handler = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut arrived = vec![0; length];
            stream.read_exact(&mut arrived).await.expect("all of it");
            stream.write_all(&told_again).await.expect("a reader");
            arrived
        });
        let mut client = TcpStream::connect(relay.addr()).await.expect("a proxy");
        client.write_all(&sent).await.expect("a reader");
        let mut received = Vec::new();
        client.read_to_end(&mut received).await.expect("an answer");
        assert!(received == told, "{} bytes came back", received.len());
        assert!(handler.await.expect("no panic") == sent);
        relay.shutdown().await;
        let mut looked = Vec::new();
        while let Some(sighting) = sightings.recv().await {
            if let Sighting::Exchange(passed) = sighting {
                looked.push(passed);
            }
        }
        let [passed] = &looked[..] else {
            panic!("{looked:?}");
        };
        let told_so = passed.request.too_large
            || (passed.inconclusive.as_ref()).is_some_and(|why| why.contains("larger"));
        assert!(told_so, "{:?}", passed.inconclusive);
        assert!(passed.request.message.body.len() <= 2, "it is not kept");
    }
}
