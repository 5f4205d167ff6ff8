//! The handler on a socket: HTTP, TLS, limits, and an end that cuts nobody off.

use std::time::Duration;

use acgw_conformance::protocol::catalog::TENANT_MAPPING_READ;
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Fault, Faults, Server, TlsConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::*;

/// Longer than any of this takes.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server, and what keeps its keys.
async fn serve(faults: impl Into<Faults>) -> (Server, House) {
    let house = house(faults);
    let server = Server::start(anywhere(), house.reference.clone(), None).await;
    (server.expect("a free port"), house)
}

/// A right request as it goes over the wire, with further header lines.
fn raw(further: &str) -> String {
    let body = body(&TENANT_MAPPING_READ).to_string();
    let length = body.len();
    format!("{}Content-Length: {length}\r\n{further}\r\n{body}", head())
}

fn head() -> String {
    format!(
        "POST /callback HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: {}\r\n\
        X-CyberApp-Auth: {}\r\nX-CyberApp-Extra: e30=\r\n",
        bearer(&claims()),
        PARTNERS[0].credentials().encode(),
    )
}

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.addr())
        .await
        .expect("a connection")
}

/// Everything that comes until the connection is closed.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    let _ = read.expect("the connection is closed in time"); // a reset is as good as an end here
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends all this on one connection and gives everything that comes back.
async fn talk(server: &Server, bytes: &str) -> String {
    let mut stream = connect(server).await;
    stream.write_all(bytes.as_bytes()).await.expect("sent");
    rest(&mut stream).await
}

fn statuses(text: &str) -> Vec<&str> {
    text.match_indices("HTTP/1.1 ")
        .map(|(at, line)| &text[at + line.len()..][..3])
        .collect()
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let (server, _house) = serve(Faults::none()).await;
    let bytes = [raw(""), raw(""), raw("Connection: close\r\n")].concat();
    assert_eq!(
        statuses(&talk(&server, &bytes).await),
        ["200", "200", "200"]
    );
}

#[tokio::test]
async fn a_refusal_leaves_the_connection_usable() {
    let (server, _house) = serve(Faults::none()).await;
    let large = 300 * 1024;
    let too_large = format!(
        "{}Content-Length: {large}\r\n\r\n{}",
        head(),
        " ".repeat(large)
    );
    let unsigned = raw("").replacen("Bearer", "Basic", 1);
    let get = raw("").replacen("POST", "GET", 1);
    let bytes = [too_large, unsigned, get, raw("Connection: close\r\n")].concat();
    assert_eq!(
        statuses(&talk(&server, &bytes).await),
        ["413", "401", "405", "200"]
    );
}

#[tokio::test]
async fn chunks_and_expectations_are_met() {
    let (server, _house) = serve(Faults::none()).await;
    let body = body(&TENANT_MAPPING_READ).to_string();
    let (one, other) = body.split_at(100);
    let chunked = format!(
        "{}Transfer-Encoding: chunked\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n{:x}\r\n{one}\r\n{:x}\r\n{other}\r\n0\r\n\r\n",
        head(),
        one.len(),
        other.len()
    );
    let answer = talk(&server, &chunked).await;
    assert_eq!(
        *statuses(&answer).last().expect("an answer"),
        "200",
        "{answer}"
    );
}

#[tokio::test]
async fn malformed_http_is_answered_and_harms_nobody() {
    let (server, _house) = serve(Faults::none()).await;
    for bytes in [
        "x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "\0\0\0\r\n\r\n",
    ] {
        assert_eq!(statuses(&talk(&server, bytes).await), ["400"], "{bytes:?}");
    }
    let mut gone = connect(&server).await;
    let half = raw("");
    gone.write_all(&half.as_bytes()[..half.len() - 9])
        .await
        .expect("sent");
    drop(gone);
    let answer = talk(&server, &raw("Connection: close\r\n")).await;
    assert_eq!(statuses(&answer), ["200"]);
}

#[tokio::test]
async fn shutdown_waits_for_the_request_under_way_and_closes_the_idle() {
    let (server, _house) = serve(Faults::from(Fault::RequestIdShared)).await; // takes its time
    let mut idle = connect(&server).await;
    let mut busy = connect(&server).await;
    busy.write_all(raw("").as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(5)).await;
    let addr = server.addr();
    let (answer, ()) = tokio::join!(rest(&mut busy), server.shutdown());
    assert_eq!(statuses(&answer), ["200"]);
    assert_eq!(rest(&mut idle).await, "");
    assert!(
        TcpStream::connect(addr).await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let (server, _house) = serve(Faults::from(Fault::NeverAnswers)).await;
    let (addr, mut idle) = (server.addr(), connect(&server).await);
    let mut busy = connect(&server).await;
    busy.write_all(raw("").as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(server);
    // Nor does it wait for requests under way.
    let at_once = Duration::from_secs(1);
    for connection in [&mut idle, &mut busy] {
        let left = tokio::time::timeout(at_once, rest(connection)).await;
        assert_eq!(left.as_deref(), Ok(""));
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let (server, house) = serve(Faults::none()).await;
    let error = Server::start(server.addr(), house.reference.clone(), None).await;
    let error = error.expect_err("the address is taken").to_string();
    assert!(error.contains(&server.addr().to_string()), "{error}");
}

/// A certificate for `localhost`, its key, and a client that trusts it.
mod tls {
    use std::sync::Arc;

    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, RootCertStore};
    use tokio_rustls::TlsConnector;

    use super::*;

    fn certificate() -> (TlsConfig, RootCertStore) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
        let made = made.expect("a certificate");
        let key = made.signing_key.serialize_pem();
        let config = TlsConfig::from_pem(made.cert.pem().as_bytes(), key.as_bytes());
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).expect("a root");
        (config.expect("PEM"), roots)
    }

    /// The version agreed on, or why none was.
    async fn handshake(faults: Faults) -> Result<rustls::ProtocolVersion, String> {
        let (config, roots) = certificate();
        let house = house(faults);
        let server = Server::start(anywhere(), house.reference.clone(), Some(config)).await;
        let server = server.expect("a free port");
        assert!(server.url().starts_with("https://"));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("a name");
        let connector = TlsConnector::from(Arc::new(client));
        let stream = connector.connect(name, connect(&server).await).await;
        let mut stream = stream.map_err(|error| error.to_string())?;
        let request = raw("Connection: close\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        assert_eq!(statuses(&answer), ["200"]);
        Ok(stream.get_ref().1.protocol_version().expect("agreed"))
    }

    #[tokio::test]
    async fn https_is_served_with_the_newest_version() {
        assert_eq!(
            handshake(Faults::none()).await,
            Ok(rustls::ProtocolVersion::TLSv1_3)
        );
    }

    #[tokio::test]
    async fn faults_of_the_settings() {
        let old = handshake(Faults::from(Fault::Tls12Only)).await;
        assert_eq!(old, Ok(rustls::ProtocolVersion::TLSv1_2));
        let other = handshake(Faults::from(Fault::WrongCertificate)).await;
        let error = other.expect_err("the certificate is not to be trusted");
        assert!(error.contains("invalid peer certificate"), "{error}");
    }

    #[test]
    fn what_is_no_certificate_is_named() {
        for (chain, key, word) in [("", "", "no certificate"), ("-----BEGIN X", "", "chain")] {
            let error = TlsConfig::from_pem(chain.as_bytes(), key.as_bytes());
            let error = error.expect_err("it is of no use").to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}

/// What faults of the connection look like to a client.
mod spoilt {
    use super::*;

    /// What comes back to two requests on one connection, the second sent only when the first is answered.
    async fn answers(fault: Fault) -> (String, String) {
        let (server, _house) = serve(fault).await;
        let mut stream = connect(&server).await;
        stream.write_all(raw("").as_bytes()).await.expect("sent");
        let mut first = vec![0; 4096];
        let read = timeout(Duration::from_millis(300), stream.read(&mut first)).await;
        first.truncate(read.map_or(0, |read| read.unwrap_or(0)));
        let first = String::from_utf8_lossy(&first).into_owned();
        let _ = stream
            .write_all(raw("Connection: close\r\n").as_bytes())
            .await;
        let mut second = Vec::new();
        let read = stream.read_to_end(&mut second);
        let _ = timeout(Duration::from_millis(300), read).await;
        (first, String::from_utf8_lossy(&second).into_owned())
    }

    /// The length that is announced, and that of the body that comes.
    fn lengths(answer: &str) -> (Option<usize>, usize) {
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let announced = head
            .split("\r\n")
            .find_map(|line| line.strip_prefix("content-length: "));
        (announced.and_then(|length| length.parse().ok()), body.len())
    }

    #[tokio::test]
    async fn no_fault_spoils_nothing() {
        let (first, second) = answers(Fault::Status201).await;
        assert_eq!(
            (statuses(&first), statuses(&second)),
            (vec!["201"], vec!["201"])
        );
        let (announced, came) = lengths(&first);
        assert_eq!(announced, Some(came));
    }

    #[tokio::test]
    async fn bodies_break_off() {
        let (half, nothing) = answers(Fault::ClosesMidAnswer).await;
        let (announced, came) = lengths(&half);
        assert!(announced > Some(came) && came > 0, "{half}");
        assert_eq!(nothing, "");
        let (chunked, _) = answers(Fault::LastChunkMissing).await;
        assert!(
            chunked.contains("\r\ntransfer-encoding: chunked\r\n"),
            "{chunked}"
        );
        assert!(chunked.ends_with("}\r\n"), "{chunked}");
    }

    #[tokio::test]
    async fn bytes_are_left_over() {
        let (first, _) = answers(Fault::ContentLengthTooShort).await;
        let (announced, came) = lengths(&first);
        assert_eq!(announced, Some(came - 1));
        let (first, _) = answers(Fault::GarbageAfterAnswer).await;
        let (announced, came) = lengths(&first);
        assert_eq!(announced, Some(came - 5));
    }

    #[tokio::test]
    async fn second_requests() {
        let (first, second) = answers(Fault::SecondRequestDropped).await;
        assert_eq!((statuses(&first), second.as_str()), (vec!["200"], ""));
    }

    #[tokio::test]
    async fn no_http() {
        let (first, _) = answers(Fault::InvalidStatusLine).await;
        assert!(first.starts_with("HTTP OK 200 OK\r\n"), "{first}");
        let (first, _) = answers(Fault::HeaderWithoutColon).await;
        assert!(first.contains("\r\nX-Powered-By nothing\r\n"), "{first}");
    }

    #[tokio::test]
    async fn no_answer_in_time() {
        let (first, second) = answers(Fault::NeverAnswers).await;
        assert_eq!((first.as_str(), second.as_str()), ("", ""));
        let (first, second) = answers(Fault::DripsAnswer).await;
        let (announced, came) = lengths(&first);
        assert!(
            announced > Some(came + second.len()) && came + second.len() < 5,
            "{first}{second}"
        );
    }

    #[tokio::test]
    async fn crashes() {
        let (server, _house) = serve(Fault::ArrayBodyCrash).await;
        let crash = format!("{}Content-Length: 2\r\n\r\n[]", head());
        assert_eq!(talk(&server, &crash).await, "");
        assert_eq!(
            statuses(&talk(&server, &raw("Connection: close\r\n")).await),
            ["200"]
        );
    }

    #[tokio::test]
    async fn malformed_http_is_answered_wrongly() {
        let (server, _house) = serve(Fault::BadFraming500).await;
        assert_eq!(statuses(&talk(&server, "x\r\n\r\n").await), ["500"]);
        let (server, _house) = serve(Fault::BadFramingHang).await;
        let mut stream = connect(&server).await;
        stream.write_all(b"x\r\n\r\n").await.expect("sent");
        let mut byte = [0];
        let read = timeout(Duration::from_millis(200), stream.read(&mut byte)).await;
        assert!(read.is_err(), "nothing comes, not even an end");
        assert_eq!(
            statuses(&talk(&server, &raw("Connection: close\r\n")).await),
            ["200"]
        );
    }

    #[tokio::test]
    async fn a_client_that_left_is_not_forgotten() {
        let (server, _house) = serve(Fault::StuckAfterClientLeft).await;
        assert_eq!(
            statuses(&talk(&server, &raw("Connection: close\r\n")).await),
            ["200"]
        );
        let mut gone = connect(&server).await;
        let half = raw("");
        gone.write_all(&half.as_bytes()[..half.len() - 9])
            .await
            .expect("sent");
        drop(gone);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(
            statuses(&talk(&server, &raw("Connection: close\r\n")).await),
            ["503"]
        );
    }

    #[tokio::test]
    async fn names_of_header_fields_matter() {
        let (server, _house) = serve(Fault::HeaderNamesCaseSensitive).await;
        let right = raw("Connection: close\r\n");
        assert_eq!(statuses(&talk(&server, &right).await), ["200"]);
        let lower = right.replacen("Authorization", "authorization", 1);
        assert_eq!(statuses(&talk(&server, &lower).await), ["401"]);
    }
}
