//! Repetition: the same seed gives the same cases and verdicts, whatever the concurrency, and a requirement alone gives the
//! cases that a full run gave it. `properties.rs` and `program.rs` have it of any seed.

#[path = "../common/mod.rs"]
mod common;
mod program;
mod properties;

use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acgw_conformance::protocol::token::UnverifiedToken;
use acgw_conformance::reference::{Fault, Faults};
use acgw_conformance::suite::{Failure, Options, Outcome};
use common::front::{Arrived, Front, ask};
use common::verdicts::{account, of, quick};
use common::*;
use serde_json::Value;

/// A run and what was exchanged in it.
struct Recorded {
    outcome: Outcome,
    /// Where the handler and the keys were served.
    addresses: [SocketAddr; 2],
    exchanged: Exchanged,
}

#[derive(Default)]
struct Exchanged {
    /// Each request without what is new in every run, and how often it was sent.
    sent: BTreeMap<String, usize>,
    /// The ids in answers to requests that did not have them.
    answered: HashSet<String>,
}

async fn recorded(faults: Faults, options: Options) -> Recorded {
    recorded_slowly(faults, options, |_| Duration::ZERO).await
}

/// The same of a handler that takes this time more for its first request, its second, and so on.
async fn recorded_slowly(
    faults: Faults,
    options: Options,
    more_time: fn(usize) -> Duration,
) -> Recorded {
    let requests = Arc::new(AtomicUsize::new(0));
    let identity = identity();
    let idp = identity.jwks_url();
    let idp = idp.split('/').nth(2).expect("an authority");
    let reference = reference(&identity, faults);
    let exchanged: Arc<Mutex<Exchanged>> = Arc::default();
    let record = exchanged.clone();
    let front = Front::answer(move |arrived| {
        let (reference, record) = (reference.clone(), record.clone());
        let time = more_time(requests.fetch_add(1, Ordering::Relaxed));
        async move {
            if !time.is_zero() {
                tokio::time::sleep(time).await;
            }
            let text = without_time(&arrived);
            let answer = ask(&reference, &arrived).await;
            let known: HashSet<_> = uuids(&arrived.body).collect();
            let ids = uuids(&answer.body).filter(|id| !known.contains(id));
            let mut record = record.lock().expect("no poison");
            *record.sent.entry(text).or_default() += 1;
            record.answered.extend(ids.map(str::to_owned));
            answer.reply()
        }
    })
    .await;
    let addresses = [front.addr, idp.parse().expect("an address")];
    let outcome = run(identity, &front.url(), options).await;
    let exchanged = std::mem::take(&mut *exchanged.lock().expect("no poison"));
    Recorded {
        outcome,
        addresses,
        exchanged,
    }
}

/// What has the form of a UUID, or would have it but for the dashes.
fn uuids(text: &[u8]) -> impl Iterator<Item = &str> {
    let words = text.split(|byte| !byte.is_ascii_hexdigit() && *byte != b'-');
    let is_uuid = |word: &&[u8]| word.iter().filter(|byte| **byte != b'-').count() == 32;
    words
        .filter(is_uuid)
        .filter_map(|id| std::str::from_utf8(id).ok())
}

/// The request as text, but for `Host`, the token's times, its random ids and its signature.
fn without_time(arrived: &Arrived) -> String {
    let mut text = format!("{} {}\n", arrived.method, arrived.target);
    for (name, value) in &arrived.headers {
        let shown = match name.to_ascii_lowercase().as_str() {
            "host" => String::new(),
            "authorization" => token_without_time(&String::from_utf8_lossy(value)),
            _ => value.escape_ascii().to_string(),
        };
        text.push_str(&format!("{name}: {shown}\n"));
    }
    text + &arrived.body.escape_ascii().to_string()
}

fn token_without_time(value: &str) -> String {
    let Some((scheme, token)) = value.split_once(' ') else {
        return masked(value);
    };
    let Ok(parsed) = UnverifiedToken::parse(token) else {
        return masked(value);
    };
    let mut header = parsed.header.clone();
    // Where the identity provider of the run is.
    if let Some(place) = header.get_mut("jku") {
        *place = Value::Null;
    }
    format!(
        "{scheme} {header} {} {}",
        timeless(parsed.claims.clone()),
        parsed.signature.len()
    )
}

/// Claims without the times and ids that each token has anew.
fn timeless(mut claims: Value) -> Value {
    for (name, claim) in claims.as_object_mut().into_iter().flatten() {
        let fresh = ["iat", "exp", "jti", "sub", "nbf"].contains(&name.as_str());
        if fresh && (claim.is_number() || claim.is_string()) {
            *claim = Value::Null;
        }
    }
    claims
}

/// What is no token, or hides one, by its length.
fn masked(value: &str) -> String {
    match value.find("eyJ") {
        Some(start) => format!("{}…{}", &value[..start], value.len()),
        None => value.to_owned(),
    }
}

/// What a run says, but for its times.
fn verdicts(outcome: &Outcome) -> Vec<(&'static str, String, u64, u64, Vec<String>)> {
    let entries = outcome.requirements.iter().map(|entry| {
        let cases = entry.failures.iter().map(|failure| failure.case.clone());
        (
            entry.requirement.id,
            format!("{:?}", entry.state),
            entry.cases,
            entry.failed_cases,
            cases.collect(),
        )
    });
    entries.collect()
}

fn faults(names: &[&str]) -> Faults {
    let known = |name: &&str| Fault::from_name(name).unwrap_or_else(|| panic!("no fault {name}"));
    names.iter().map(known).collect()
}

/// Options for runs that are compared: with time enough for an answer that a slow machine changes nothing.
fn comparable() -> Options {
    Options {
        write: false,
        cases: 12,
        timeout: Duration::from_secs(20),
        ..quick()
    }
}

const BROKEN: &[&str] = &["created-at-fraction", "issuer-ignored", "acronis-id-null"];

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_sends_the_same_and_says_the_same() {
    let (first, second) = tokio::join!(
        recorded(faults(BROKEN), comparable()),
        recorded(faults(BROKEN), comparable()),
    );
    let failures = failed(&first.outcome).len();
    assert_eq!(failures, 3, "{}", account(&first.outcome));
    assert_eq!(verdicts(&first.outcome), verdicts(&second.outcome));
    assert_same(&first.exchanged.sent, &second.exchanged.sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrency_changes_neither_cases_nor_verdicts() {
    // But for the burst: that is as large as the concurrency makes it.
    let mut options = comparable();
    options
        .skip
        .extend(["ROB-12", "ENV-06", "ENV-08"].map(str::to_owned));
    let (one, eight) = tokio::join!(
        recorded(
            faults(BROKEN),
            Options {
                concurrency: 1,
                ..options.clone()
            }
        ),
        recorded(
            faults(BROKEN),
            Options {
                concurrency: 8,
                ..options.clone()
            }
        ),
    );
    let failures = failed(&one.outcome).len();
    assert_eq!(failures, 3, "{}", account(&one.outcome));
    assert_eq!(verdicts(&one.outcome), verdicts(&eight.outcome));
    assert_same(&one.exchanged.sent, &eight.exchanged.sent);
}

#[track_caller]
fn assert_same(one: &BTreeMap<String, usize>, other: &BTreeMap<String, usize>) {
    if let Err(differ) = same(one, other) {
        panic!("{differ}");
    }
    assert!(one.len() > 300, "only {} requests", one.len());
}

/// Whether the same was sent, as often; how not.
fn same(one: &BTreeMap<String, usize>, other: &BTreeMap<String, usize>) -> Result<(), String> {
    let without = |other: &BTreeMap<String, usize>, one: &BTreeMap<String, usize>| {
        let here = one.iter();
        here.filter(|(text, count)| other.get(*text) != Some(count))
            .map(|(text, count)| format!("{count} times {text}"))
            .collect::<Vec<_>>()
    };
    let (only_one, only_other) = (without(other, one), without(one, other));
    if only_one.is_empty() && only_other.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} and {} differ: {:#?} and {:#?}",
        only_one.len(),
        only_other.len(),
        only_one.first(),
        only_other.first()
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn another_seed_sends_something_else() {
    let options = Options {
        cases: 5,
        only: vec!["ENV-10".to_owned()],
        ..options()
    };
    let other = Options {
        seed: options.seed + 1,
        ..options.clone()
    };
    let one = recorded(Faults::none(), options).await;
    let other = recorded(Faults::none(), other).await;
    assert_ne!(one.exchanged.sent, other.exchanged.sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requirement_alone_repeats_the_failures_of_a_full_run() {
    for (fault, id) in [
        ("created-at-fraction", "ENV-09"),
        ("issuer-ignored", "JWT-11"),
        ("secret-echoed", "ERR-04"),
    ] {
        let full = Options {
            cases: 25,
            write: false,
            ..quick()
        };
        let whole = recorded(faults(&[fault]), full.clone()).await.outcome;
        let alone = Options {
            only: vec![id.to_owned()],
            ..full
        };
        let alone = recorded(faults(&[fault]), alone).await.outcome;
        let (whole, alone) = (of(&whole, id), of(&alone, id));
        assert!(!whole.failures.is_empty(), "{fault}");
        let told = |failure: &Failure| (failure.case.clone(), body(&failure.request));
        let whole: Vec<_> = whole.failures.iter().map(told).collect();
        let alone: Vec<_> = alone.failures.iter().map(told).collect();
        assert_eq!(whole, alone, "{fault}");
    }
}

/// The body of a request as it is shown.
fn body(request: &str) -> String {
    let (_, body) = request.split_once("\n\n").expect("a head and a body");
    body.to_owned()
}
