//! Repetition: the same seed gives the same cases and verdicts, whatever the concurrency, and a requirement alone gives the
//! cases that a full run gave it.

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use acgw_conformance::protocol::token::UnverifiedToken;
use acgw_conformance::reference::{Fault, Faults};
use acgw_conformance::suite::{Failure, Options, Outcome};
use common::front::{Arrived, Front, ask};
use common::verdicts::{account, of, quick};
use common::*;
use serde_json::Value;

/// A run and what was sent in it: each request without what is new in every run, and how often it was sent.
async fn recorded(faults: Faults, options: Options) -> (Outcome, BTreeMap<String, usize>) {
    let identity = identity();
    let reference = reference(&identity, faults);
    let sent: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
    let record = sent.clone();
    let front = Front::answer(move |arrived| {
        let (reference, record) = (reference.clone(), record.clone());
        async move {
            let text = without_time(&arrived);
            *record.lock().expect("no poison").entry(text).or_default() += 1;
            ask(&reference, &arrived).await.reply()
        }
    })
    .await;
    let outcome = run(identity, &front.url(), options).await;
    let sent = sent.lock().expect("no poison").clone();
    (outcome, sent)
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
    let mut claims = parsed.claims.clone();
    if let Some(claims) = claims.as_object_mut() {
        for (name, claim) in claims {
            let fresh = ["iat", "exp", "jti", "sub", "nbf"].contains(&name.as_str());
            if fresh && (claim.is_number() || claim.is_string()) {
                *claim = Value::Null;
            }
        }
    }
    format!(
        "{scheme} {} {claims} {}",
        parsed.header,
        parsed.signature.len()
    )
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
    assert_eq!(failed(&first.0).len(), 3, "{}", account(&first.0));
    assert_eq!(verdicts(&first.0), verdicts(&second.0));
    assert_same(&first.1, &second.1);
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
    assert_eq!(failed(&one.0).len(), 3, "{}", account(&one.0));
    assert_eq!(verdicts(&one.0), verdicts(&eight.0));
    assert_same(&one.1, &eight.1);
}

#[track_caller]
fn assert_same(one: &BTreeMap<String, usize>, other: &BTreeMap<String, usize>) {
    let only_one: Vec<_> = one
        .iter()
        .filter(|(text, count)| other.get(*text) != Some(count))
        .collect();
    let only_other: Vec<_> = other
        .iter()
        .filter(|(text, count)| one.get(*text) != Some(count))
        .collect();
    assert!(
        only_one.is_empty() && only_other.is_empty(),
        "{} and {} differ: {:#?} and {:#?}",
        only_one.len(),
        only_other.len(),
        only_one.first(),
        only_other.first()
    );
    assert!(one.len() > 300, "only {} requests", one.len());
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
    let (_, one) = recorded(Faults::none(), options).await;
    let (_, other) = recorded(Faults::none(), other).await;
    assert_ne!(one, other);
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
        let (whole, _) = recorded(faults(&[fault]), full.clone()).await;
        let alone = Options {
            only: vec![id.to_owned()],
            ..full
        };
        let (alone, _) = recorded(faults(&[fault]), alone).await;
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
