//! Handlers that go away: for a while or for good, by themselves or on one certain request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use acgw_conformance::protocol::token::UnverifiedToken;
use acgw_conformance::reference::{Faults, Reference};
use acgw_conformance::suite::outcome::Ended;
use acgw_conformance::suite::{Options, Outcome, TestIdentity};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::common::front::{Arrived, Incoming, Peer, ask};
use crate::common::verdicts::{account, assert_noticed, of};
use crate::common::{failed, identity, reference, run};
use crate::mischief::{bounded, hasty};

/// What a request does to the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    None,
    /// The process dies: every connection ends, and nobody listens for so long.
    Death(Duration),
    /// Nothing is answered to anybody for so long.
    Standstill(Duration),
    /// This one is never answered.
    Hang,
}

/// Serves the reference handler; what harms it is decided for each request.
async fn serve(
    mut listener: TcpListener,
    reference: Reference,
    harm: Arc<dyn Fn(&Arrived) -> Harm + Send + Sync>,
) {
    let addr = listener.local_addr().expect("an address");
    loop {
        let away = lifetime(listener, reference.clone(), harm.clone()).await;
        tokio::time::sleep(away).await;
        listener = bind(addr).await;
    }
}

async fn bind(addr: SocketAddr) -> TcpListener {
    for _ in 0..100 {
        if let Ok(listener) = TcpListener::bind(addr).await {
            return listener;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{addr} is taken by somebody else");
}

/// From start to death; gives the time until the next start.
async fn lifetime(
    listener: TcpListener,
    reference: Reference,
    harm: Arc<dyn Fn(&Arrived) -> Harm + Send + Sync>,
) -> Duration {
    let (dies, mut death) = tokio::sync::mpsc::channel(1);
    let world = Arc::new(tokio::sync::RwLock::new(()));
    let mut connections = JoinSet::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
            Some(away) = death.recv() => return away,
        };
        let (reference, harm, dies, world) =
            (reference.clone(), harm.clone(), dies.clone(), world.clone());
        connections.spawn(async move {
            let mut peer = Peer::new(stream);
            while let Incoming::Request(arrived) = peer.request().await {
                match harm(&arrived) {
                    Harm::None => {}
                    Harm::Death(away) => {
                        let _ = dies.send(away).await;
                        std::future::pending().await
                    }
                    Harm::Hang => std::future::pending().await,
                    Harm::Standstill(time) => {
                        let _all = world.write().await;
                        tokio::time::sleep(time).await;
                    }
                }
                let _moving = world.read().await;
                if !peer
                    .say(&ask(&reference, &arrived).await.reply().pieces[0])
                    .await
                {
                    return;
                }
            }
        });
    }
}

async fn harmed(
    options: Options,
    harm: impl Fn(&Arrived) -> Harm + Send + Sync + 'static,
) -> Outcome {
    let identity: TestIdentity = identity();
    let reference = reference(&identity, Faults::none());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!(
        "http://{}/callback",
        listener.local_addr().expect("an address")
    );
    let serving = tokio::spawn(serve(listener, reference, Arc::new(harm)));
    let outcome = bounded(run(identity, &url, options)).await;
    serving.abort();
    outcome
}

/// What the header of the token says `alg` is.
fn alg(arrived: &Arrived) -> String {
    let header = arrived.header("authorization").unwrap_or_default();
    let token = header.strip_prefix("Bearer ").unwrap_or_default();
    let parsed = UnverifiedToken::parse(token);
    let alg = parsed.map(|parsed| parsed.header["alg"].as_str().unwrap_or_default().to_owned());
    alg.unwrap_or_default()
}

fn patient() -> Options {
    Options {
        write: false,
        timeout: Duration::from_secs(2),
        recovery_patience: Duration::from_secs(10),
        ..hasty()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_that_kills_it_is_named() {
    let outcome = harmed(patient(), |arrived| match alg(arrived).as_str() {
        "NONE" => Harm::Death(Duration::from_millis(500)),
        _ => Harm::None,
    })
    .await;
    assert_eq!(
        failed(&outcome),
        ["JWT-08", "ROB-11"],
        "{}",
        account(&outcome)
    );
    for id in ["JWT-08", "ROB-11"] {
        let mut cases: Vec<&str> = of(&outcome, id)
            .failures
            .iter()
            .map(|failure| &*failure.case)
            .collect();
        cases.dedup();
        assert_eq!(cases, ["alg NONE, no signature"], "{id}");
    }
    assert_eq!(outcome.ended, Ended::Completed);
    assert_noticed(&outcome, "is back");
}

#[tokio::test(flavor = "multi_thread")]
async fn innocent_right_requests_beside_it_are_not_blamed() {
    // Right requests and the deadly one are under way at once.
    let deadly = |arrived: &Arrived| {
        let header = arrived.header("authorization").unwrap_or_default();
        let token = header.strip_prefix("Bearer ").unwrap_or_default();
        let claims = UnverifiedToken::parse(token).map(|parsed| parsed.claims["scope"].clone());
        match claims {
            Ok(serde_json::Value::Bool(_)) => Harm::Death(Duration::from_millis(300)),
            _ => Harm::None,
        }
    };
    let skip = [
        "ROB-*", "CRED-*", "EXTRA-*", "ENV-*", "MAP-*", "TOP-*", "JWT-0*", "JWT-1*", "HTTP-0*",
    ];
    let options = Options {
        skip: skip.map(str::to_owned).to_vec(),
        ..patient()
    };
    let outcome = harmed(options, deadly).await;
    assert_eq!(failed(&outcome), ["JWT-20"], "{}", account(&outcome));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_that_it_never_answers_is_named() {
    let options = Options {
        timeout: Duration::from_millis(500),
        ..patient()
    };
    let outcome = harmed(options, |arrived| match alg(arrived).as_str() {
        "NONE" => Harm::Hang,
        _ => Harm::None,
    })
    .await;
    assert_eq!(failed(&outcome), ["JWT-08"], "{}", account(&outcome));
    let failure = &of(&outcome, "JWT-08").failures[0];
    assert_eq!(failure.case, "alg NONE, no signature");
    assert!(
        failure
            .observed
            .contains("no answer within the time allowed"),
        "{}",
        failure.observed
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_that_brings_everything_to_a_standstill_is_named() {
    let options = Options {
        timeout: Duration::from_millis(700),
        ..patient()
    };
    let outcome = harmed(options, |arrived| match alg(arrived).as_str() {
        "NONE" => Harm::Standstill(Duration::from_millis(1_800)),
        _ => Harm::None,
    })
    .await;
    let failures = failed(&outcome);
    assert!(failures.contains(&"JWT-08"), "{}", account(&outcome));
    for id in failures {
        let mut cases: Vec<&str> = of(&outcome, id)
            .failures
            .iter()
            .map(|failure| &*failure.case)
            .collect();
        cases.dedup();
        assert_eq!(
            cases,
            ["alg NONE, no signature"],
            "{id}: {}",
            account(&outcome)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_dies_by_itself_and_comes_back() {
    let seen = AtomicUsize::new(0);
    let outcome = harmed(patient(), move |_| {
        match seen.fetch_add(1, Ordering::SeqCst) {
            120 => Harm::Death(Duration::from_secs(1)),
            _ => Harm::None,
        }
    })
    .await;
    assert_eq!(outcome.ended, Ended::Completed, "{}", account(&outcome));
    assert!(
        outcome
            .notices
            .iter()
            .any(|notice| notice.contains("is back")),
        "{}",
        account(&outcome)
    );
    // Right requests may have been among those that it left without an answer.
    let failures = failed(&outcome);
    let named = failures.iter().all(|id| ["HTTP-10", "ROB-11"].contains(id));
    assert!(
        named && failures.contains(&"ROB-11"),
        "{}",
        account(&outcome)
    );
    let observed = &of(&outcome, "ROB-11").failures[0].observed;
    let vague = ["which got no answer", "sent shortly before"];
    assert!(
        vague.iter().any(|words| observed.contains(words)),
        "{observed}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_dies_and_never_comes_back() {
    let seen = AtomicUsize::new(0);
    let options = Options {
        recovery_patience: Duration::from_secs(1),
        ..patient()
    };
    let outcome = harmed(options, move |_| {
        match seen.fetch_add(1, Ordering::SeqCst) {
            120 => Harm::Death(Duration::from_secs(3_600)),
            _ => Harm::None,
        }
    })
    .await;
    assert!(
        matches!(&outcome.ended, Ended::HandlerLost(reason) if reason.contains("within 1s")),
        "{}",
        account(&outcome)
    );
    assert_eq!(
        failed(&outcome).last(),
        Some(&"ROB-11"),
        "{}",
        account(&outcome)
    );
    assert_eq!(outcome.exit_code(), 1);
    // What was found is kept.
    assert_eq!(of(&outcome, "HTTP-01").state.name(), "passed");
    assert_eq!(of(&outcome, "ROB-12").state.name(), "passed");
}
