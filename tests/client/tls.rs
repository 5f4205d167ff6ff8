//! TLS: what is agreed on, certificates that are not trusted, handshakes that fail.

use std::sync::LazyLock;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::support::*;

/// An authority that only those trust who are told to.
struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    Authority {
        certificate: params.self_signed(&key).expect("a root").der().clone(),
        issuer: Issuer::new(params, key),
    }
});

/// A certificate for a name, and its key.
fn certificate(name: &str, expired: bool) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    if expired {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    }
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, &AUTHORITY.issuer).expect("signed");
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    (certificate.der().clone(), key.into())
}

fn server_config(name: &str) -> ServerConfig {
    server_config_of(certificate(name, false), rustls::ALL_VERSIONS)
}

fn server_config_of(
    (certificate, key): (CertificateDer<'static>, PrivateKeyDer<'static>),
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a pair")
}

async fn tell<F, Fut>(config: ServerConfig, story: F) -> Handler
where
    F: Fn(Peer<TlsStream<TcpStream>>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let story = Arc::new(story);
    Handler::tell(move |_, peer| {
        let (acceptor, story) = (acceptor.clone(), Arc::clone(&story));
        async move {
            if let Ok(stream) = acceptor.accept(peer.0).await {
                story(Peer(stream)).await;
            }
        }
    })
    .await
}

async fn saying_ok(config: ServerConfig) -> Handler {
    tell(config, |mut peer| async move {
        while peer.request().await.is_some() {
            peer.say(OK).await;
        }
    })
    .await
}

fn client(handler: &Handler, roots: Vec<CertificateDer<'static>>) -> Client {
    let options = ClientOptions { roots, ..patient() };
    client_with(handler, options)
}

fn client_with(handler: &Handler, options: ClientOptions) -> Client {
    let target = Target::url(&format!("https://localhost:{}/", handler.addr.port()));
    Client::new(target.expect("a URL"), options).expect("a client")
}

fn trusting() -> Vec<CertificateDer<'static>> {
    vec![AUTHORITY.certificate.clone()]
}

/// Sends one message, which must be answered; gives what was agreed on.
async fn agreed(client: &Client) -> (String, Option<String>) {
    let observation = client.send(&message("{}")).await;
    assert_eq!(body(&observation), b"{}");
    let facts = observation.tls.expect("facts about TLS");
    (facts.version, facts.certificate_error)
}

#[tokio::test]
async fn a_trusted_certificate() {
    let handler = saying_ok(server_config("localhost")).await;
    let client = client(&handler, trusting());
    for _ in 0..2 {
        assert_eq!(agreed(&client).await, ("TLSv1.3".to_owned(), None));
    }
    assert_eq!(handler.connections(), 1);
}

#[tokio::test]
async fn an_older_version() {
    let pair = certificate("localhost", false);
    let config = server_config_of(pair, &[&rustls::version::TLS12]);
    let handler = saying_ok(config).await;
    let client = client(&handler, trusting());
    assert_eq!(agreed(&client).await, ("TLSv1.2".to_owned(), None));
}

#[tokio::test]
async fn certificates_that_are_not_trusted_are_told_and_the_message_is_answered_all_the_same() {
    let all = rustls::ALL_VERSIONS;
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, "somebody else");
    let key = KeyPair::generate().expect("a key");
    let stranger = params.self_signed(&key).expect("a root").der().clone();
    let stories = [
        (
            certificate("localhost", false),
            vec![stranger],
            "UnknownIssuer",
        ),
        (
            certificate("other.example", false),
            trusting(),
            "not valid for name",
        ),
        (certificate("localhost", true), trusting(), "expired"),
    ];
    for (pair, roots, reason) in stories {
        let handler = saying_ok(server_config_of(pair, all)).await;
        let client = client(&handler, roots);
        // The second one on the kept connection, the third on a fresh one: each says so.
        for fresh in [false, false, true] {
            let observation = match fresh {
                true => client.send_fresh(&message("{}")).await,
                false => client.send(&message("{}")).await,
            };
            assert_eq!(body(&observation), b"{}");
            let error = observation.tls.and_then(|facts| facts.certificate_error);
            let error = error.expect("a certificate that is not trusted");
            assert!(error.contains(reason), "{error:?} does not say {reason:?}");
        }
    }
}

/// Runs itself once more in a process whose environment hides the machine's authorities.
#[tokio::test]
async fn a_machine_without_authorities() {
    const HIDDEN: &str = "ACGW_TEST_WITHOUT_AUTHORITIES";
    if std::env::var_os(HIDDEN).is_none() {
        let status = std::process::Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "tls::a_machine_without_authorities"])
            .env(HIDDEN, "1")
            .env("SSL_CERT_FILE", "/nonexistent")
            .env("SSL_CERT_DIR", "/nonexistent")
            .stdout(std::process::Stdio::null())
            .status()
            .expect("a second process");
        assert!(status.success());
        return;
    }
    let handler = saying_ok(server_config("localhost")).await;
    let (_, error) = agreed(&client(&handler, Vec::new())).await;
    // Other systems do not ask the environment.
    if cfg!(target_os = "linux") {
        let error = error.expect("nothing to trust");
        assert!(error.contains("no certificate authorities"), "{error}");
        let (_, error) = agreed(&client(&handler, trusting())).await;
        assert_eq!(error, None);
    }
}

#[tokio::test]
async fn a_closing_message_may_be_left_out() {
    let handler = tell(server_config("localhost"), |mut peer| async move {
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\n\r\n{}").await;
        // The socket is closed without a word of TLS.
        drop(peer);
    })
    .await;
    let observation = client(&handler, trusting()).send(&message("{}")).await;
    assert_eq!(body(&observation), b"{}");
}

#[tokio::test]
async fn a_cut_answer_is_cut_over_tls_too() {
    let handler = tell(server_config("localhost"), |mut peer| async move {
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")
            .await;
    })
    .await;
    let observation = client(&handler, trusting()).send(&message("{}")).await;
    assert_error(&observation, ClosedInAnswer, "after 2 of the 9 bytes");
}

#[tokio::test]
async fn raw_bytes_and_half_closing_work_over_tls() {
    let handler = tell(server_config("localhost"), |mut peer| async move {
        assert_eq!(peer.until_closed().await, b"GET /");
        peer.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            .await;
    })
    .await;
    let raw = Raw {
        half_close: true,
        ..raw("GET /")
    };
    let observation = client(&handler, trusting()).send_raw(&raw).await;
    assert_eq!(observation.status(), Some(400));
}

#[tokio::test]
async fn a_handler_without_tls() {
    let handler = Handler::tell(|_, mut peer| async move {
        peer.say("HTTP/1.1 400 Bad Request\r\n\r\n").await;
        peer.until_closed().await;
    })
    .await;
    let observation = client(&handler, trusting()).send(&message("{}")).await;
    assert_error(&observation, Tls, "does not seem to speak TLS");
}

#[tokio::test]
async fn a_handler_with_tls_that_is_spoken_to_without() {
    let handler = saying_ok(server_config("localhost")).await;
    let observation = handler.client_with(patient()).send(&message("{}")).await;
    assert_error(&observation, InvalidHttp, "it looks like TLS");
}

#[tokio::test]
async fn handshakes_that_do_not_end_well() {
    let handler = Handler::tell(|_, _| async move {}).await;
    let observation = client(&handler, trusting()).send(&message("{}")).await;
    assert_error(&observation, Tls, "");
    let handler = Handler::tell(|_, mut peer| async move {
        peer.until_closed().await;
    })
    .await;
    let client = client_with(&handler, options());
    let observation = client.send(&message("{}")).await;
    assert_error(&observation, Tls, "not complete within the time allowed");
    assert!(observation.total < Duration::from_secs(2));
}

#[tokio::test]
async fn a_handler_that_wants_a_certificate_of_ours() {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(AUTHORITY.certificate.clone()).expect("a root");
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .expect("a verifier");
    let (certificate, key) = certificate("localhost", false);
    for version in rustls::ALL_VERSIONS {
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[version])
            .expect("a version")
            .with_client_cert_verifier(Arc::clone(&verifier) as _)
            .with_single_cert(vec![certificate.clone()], key.clone_key())
            .expect("a pair");
        let handler = saying_ok(config).await;
        let observation = client(&handler, trusting()).send(&message("{}")).await;
        assert_error(&observation, Tls, "");
    }
}

#[test]
fn a_root_that_is_none_is_named() {
    let options = ClientOptions {
        roots: vec![
            AUTHORITY.certificate.clone(),
            CertificateDer::from(b"not a certificate".to_vec()),
        ],
        ..options()
    };
    let target = Target::url("https://localhost/").expect("a URL");
    let error = Client::new(target, options).expect_err("no client");
    assert!(error.to_string().contains("number 2"), "{error}");
}

/// As `openssl req -x509` makes them: of an authority, for a host.
#[tokio::test]
async fn a_self_signed_certificate_that_is_trusted_itself() {
    let own = |name: &str, expired: bool| {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        if expired {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("signed").der().clone();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        (certificate, PrivateKeyDer::from(key))
    };
    for (name, expired, trusted, reason) in [
        ("localhost", false, true, None),
        ("localhost", false, false, Some("CaUsedAsEndEntity")),
        ("other.example", false, true, Some("not valid for name")),
        ("localhost", true, true, Some("expired")),
    ] {
        let pair = own(name, expired);
        let roots = match trusted {
            true => vec![pair.0.clone()],
            false => trusting(),
        };
        let handler = saying_ok(server_config_of(pair, rustls::ALL_VERSIONS)).await;
        let (_, error) = agreed(&client(&handler, roots)).await;
        match reason {
            None => assert_eq!(error, None),
            Some(reason) => {
                let error = error.expect("a certificate that is not trusted");
                assert!(error.contains(reason), "{error}");
            }
        }
    }
}
