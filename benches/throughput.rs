//! How much of the client's speed the suite keeps: `cargo bench --bench throughput`.
//!
//! Two things are run in turn against one reference handler behind a socket on loopback, all in this process:
//!
//! - *suite*: a whole run with its plan, cases, controls, judging and ledger. What counts are all exchanges that it sends, by
//!   its own count, over its duration.
//! - *client*: the suite's own client ([`Client`]), which sends one fixed right request over and over, from as many tasks as
//!   the suite has exchanges under way, without generating, signing or judging anything. As many exchanges as in the suite's
//!   run just before.
//!
//! Both are done in every round and the ratio is taken within the round, so that what else goes on on the machine hits both
//! alike; told is the median of the rounds. The goal is 0.7 or better at 8 at once.
//!
//! Beside that stands the processor time of an exchange, the handler's part included, which does not depend on what else the
//! machine does: `cpu ratio` is what the ratio would be if neither ever waited.
//!
//! The handler knows its keys from the start, and `JWT-18` is left out: it waits for a handler that fetches new keys, and the
//! reference handler spaces its fetches. Everything else of a default run is in. `ACGW_ROUNDS` and `ACGW_CASES` (generated
//! cases a check, 100) change the length, `ACGW_AT_ONCE` measures at one concurrency in place of 1, 8 and 64.
//!
//! A quarter of what a default run costs is signing: every token that is wrong in a way of its own is signed for that one case,
//! and the client signs nothing. So the ratio rises with the number of generated cases, which share their tokens.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use acgw_conformance::gateway::{Client, ClientOptions, Message, SigningKey, Target, token};
use acgw_conformance::generate::Template;
use acgw_conformance::protocol::Enablement;
use acgw_conformance::protocol::catalog::TENANT_MAPPING_READ;
use acgw_conformance::protocol::headers::{AUTH_HEADER, EXTRA_HEADER};
use acgw_conformance::protocol::token::{DEFAULT_ISSUER, Jwks};
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Faults, Reference, Server};
use acgw_conformance::suite::{Options, Suite, TestIdentity};

const ENDPOINT: &str = "cti.a.p.acgw.endpoint.v1.0~vendor.app.endpoint.v1.0";
const GOAL: f64 = 0.7;

fn main() {
    // Without `--bench`, as in `cargo test --all-targets`, it is only seen that everything runs.
    let thorough = std::env::args().any(|argument| argument == "--bench");
    let rounds = setting("ACGW_ROUNDS").unwrap_or(if thorough { 9 } else { 1 });
    let cases = setting("ACGW_CASES").unwrap_or(if thorough { 100 } else { 2 });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    println!(
        "{:>7} {:>10} {:>16} {:>16} {:>8} {:>10} {:>11} {:>10}",
        "at once",
        "exchanges",
        "suite, each s",
        "client, each s",
        "ratio",
        "suite, µs",
        "client, µs",
        "cpu ratio"
    );
    let at_once = setting("ACGW_AT_ONCE").map_or(vec![1, 8, 64], |one| vec![one as usize]);
    for concurrency in at_once {
        let mut found: Vec<Round> = (0..rounds)
            .map(|_| runtime.block_on(round(concurrency, cases as u32)))
            .collect();
        found.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
        for round in &found {
            round.print(concurrency, "");
        }
        let median = &found[found.len() / 2];
        let goal = match (concurrency, median.ratio() >= GOAL) {
            (8, true) => ", the goal of 0.7 is met",
            (8, false) => ", the goal of 0.7 is missed",
            _ => "",
        };
        median.print(concurrency, &format!("  median{goal}"));
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// One run of both.
struct Round {
    exchanges: u64,
    suite: Duration,
    client: Duration,
    /// Processor time of each.
    cpu: (Duration, Duration),
}

impl Round {
    fn rates(&self) -> (f64, f64) {
        let rate = |time: Duration| self.exchanges as f64 / time.as_secs_f64();
        (rate(self.suite), rate(self.client))
    }

    fn ratio(&self) -> f64 {
        self.client.as_secs_f64() / self.suite.as_secs_f64()
    }

    fn print(&self, concurrency: usize, note: &str) {
        let (suite, client) = self.rates();
        let (exchanges, ratio) = (self.exchanges, self.ratio());
        let micros = |time: Duration| time.as_secs_f64() * 1e6 / exchanges as f64;
        let (of_suite, of_client) = (micros(self.cpu.0), micros(self.cpu.1));
        println!(
            "{concurrency:>7} {exchanges:>10} {suite:>16.0} {client:>16.0} {ratio:>8.2} {of_suite:>10.1} {of_client:>11.1} {:>10.2}{note}",
            of_client / of_suite
        );
    }
}

async fn round(concurrency: usize, cases: u32) -> Round {
    let published = key(include_str!("../tests/data/test_key_published.pem"));
    let stranger = key(include_str!("../tests/data/test_key_stranger.pem"));
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let keys = Jwks {
        keys: vec![published.jwk()],
    };
    let reference = Reference::with_keys(&keys, DEFAULT_ISSUER, Enablement::MAPPED, Faults::none());
    let server = Server::start(anywhere, reference, None)
        .await
        .expect("a free port");
    let target = Target::url(&server.url()).expect("a URL");

    let options = Options {
        credentials: Some(PARTNERS[0].credentials()),
        other_credentials: Some(PARTNERS[1].credentials()),
        skip: vec!["JWT-18".to_owned()],
        cases,
        concurrency,
        seed: 1,
        budget: None,
        ..Options::default()
    };
    let identity = TestIdentity::with_keys(anywhere, published.clone(), stranger);
    let suite = Suite::new(target.clone())
        .identity(identity.expect("a free port"))
        .options(options);
    let begun = processor_time();
    let outcome = suite.run().await.expect("a run");
    let of_suite = processor_time() - begun;
    outcome.assert_conforms();

    let client = Client::new(target, ClientOptions::default()).expect("a client");
    let begun = processor_time();
    let time = flood(
        client,
        right_request(&published),
        concurrency,
        outcome.run.exchanges,
    )
    .await;
    let of_client = processor_time() - begun;
    server.shutdown().await;
    Round {
        exchanges: outcome.run.exchanges,
        suite: outcome.run.duration,
        client: time,
        cpu: (of_suite, of_client),
    }
}

/// The processor time of this process so far; zero where it is not known.
fn processor_time() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }
    #[cfg(not(unix))]
    Duration::ZERO
}

fn key(pem: &str) -> SigningKey {
    SigningKey::from_pem(pem).expect("a usable key")
}

fn right_request(key: &SigningKey) -> Message {
    let template = Template {
        callback: &TENANT_MAPPING_READ,
        endpoint_id: ENDPOINT.to_owned(),
        tenant_id: "7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11".to_owned(),
        datacenter_url: DEFAULT_ISSUER.to_owned(),
        payload: None,
    };
    let claims = token::claims(DEFAULT_ISSUER, "acronis.cloud", ENDPOINT, 4_102_444_800);
    let token = token::mint(key, &token::header(key.kid()), &claims);
    let field = |name: &str, value: String| (name.to_owned(), value.into_bytes());
    Message {
        method: "POST".to_owned(),
        headers: vec![
            field("Content-Type", "application/json".to_owned()),
            field("Authorization", format!("Bearer {token}")),
            field(AUTH_HEADER, PARTNERS[0].credentials().encode()),
            field(EXTRA_HEADER, "e30=".to_owned()),
        ],
        body: template
            .envelope("2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a")
            .to_string()
            .into(),
    }
}

/// Sends one request so many times, this many at once.
async fn flood(client: Client, message: Message, concurrency: usize, exchanges: u64) -> Duration {
    let left = Arc::new(AtomicU64::new(exchanges));
    let started = Instant::now();
    let tasks: Vec<_> = (0..concurrency)
        .map(|_| {
            let (client, message, left) = (client.clone(), message.clone(), left.clone());
            tokio::spawn(async move {
                let one = |left: u64| left.checked_sub(1);
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one)
                    .is_ok()
                {
                    let observation = client.send(&message).await;
                    assert_eq!(observation.status(), Some(200), "{:?}", observation.result);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    started.elapsed()
}
