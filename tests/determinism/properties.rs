//! The same for any seed, faults and concurrency, and a handler that now and then takes longer: `ACGW_RUNS=60 cargo test
//! --release --test determinism` tries as many of them, and `ACGW_FIRST_SEED` chooses which.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use acgw_conformance::protocol::Enablement;
use acgw_conformance::reference::Fault;
use acgw_conformance::report::json;
use acgw_conformance::suite::Options;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use serde_json::Value;

use super::common::setting;
use super::{Recorded, comparable, recorded_slowly, same, timeless, verdicts};

/// Requirements that a fault may break without deciding each request by itself: by time, by the connection, by the requests
/// under way or before, or by the keys that were fetched. Such a handler need not behave alike twice.
const NOT_BY_THE_REQUEST: [&str; 7] = [
    "ENV-06", "ENV-08", "HTTP-06", "HTTP-07", "HTTP-09", "JWT-18", "JWT-23",
];
const AREAS_NOT_BY_THE_REQUEST: [&str; 2] = ["ROB-", "TLS-"];

/// Faults with which a handler does not answer by the request alone, whatever they break, and by what else it does. Those that
/// remember writes are not among them: these runs only read.
const NOT_BY_THE_REQUEST_ALONE: [(&str, &str); 8] = [
    (
        "enablement-unstable",
        "whether it has told the tenant before",
    ),
    ("topology-unstable", "how many requests it has answered"),
    ("token-taken-once", "which tokens came before"),
    ("verified-claims-remembered", "which tokens came before"),
    ("verified-signature-remembered", "which tokens came before"),
    (
        "endpoint-remembered",
        "which endpoints were asked for before",
    ),
    ("role-remembered", "which roles were good before"),
    ("gzip-unasked", "a checksum of the id that it makes up"),
];

/// Faults with which a handler behaves alike whenever it is asked alike.
pub fn steady() -> Vec<Fault> {
    let by_the_request = |id: &&'static str| {
        !NOT_BY_THE_REQUEST.contains(id)
            && !AREAS_NOT_BY_THE_REQUEST
                .iter()
                .any(|area| id.starts_with(area))
    };
    let all = Fault::all().iter().copied();
    all.filter(|fault| {
        fault.enablement() == Enablement::MAPPED
            && fault.breaks().iter().all(by_the_request)
            && !NOT_BY_THE_REQUEST_ALONE
                .iter()
                .any(|(name, _)| *name == fault.name())
    })
    .collect()
}

/// Tries a property on as many inputs as the environment says, the same each time.
#[track_caller]
pub fn hold<S: Strategy>(
    otherwise: u64,
    strategy: &S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) where
    S::Value: Clone,
{
    let runs = setting("ACGW_RUNS", otherwise);
    let config = Config {
        cases: u32::try_from(runs).expect("a number of runs"),
        failure_persistence: None,
        // Each is a run or two of the suite.
        max_shrink_iters: 16,
        ..Config::default()
    };
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&setting("ACGW_FIRST_SEED", 1).to_be_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    match TestRunner::new_with_rng(config, rng).run(strategy, test) {
        Ok(()) => {}
        Err(TestError::Fail(why, input)) => panic!("{input:?}: {why}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// A broken handler, and how it is asked twice.
#[derive(Debug, Clone)]
struct Twice {
    faults: Vec<&'static str>,
    seed: u64,
    cases: u32,
    concurrency: (usize, usize),
}

fn twice() -> impl Strategy<Value = Twice> {
    let names: Vec<&'static str> = steady().iter().map(|fault| fault.name()).collect();
    let faults = proptest::sample::subsequence(names, 0..=3);
    (
        faults,
        any::<u64>(),
        1..=20_u32,
        (1..=16_usize, 1..=16_usize),
    )
        .prop_map(|(faults, seed, cases, concurrency)| Twice {
            faults,
            seed,
            cases,
            concurrency,
        })
}

#[test]
fn any_seed_gives_the_same_cases_verdicts_and_report_whatever_the_concurrency_and_pace() {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    hold(8, &twice(), |twice| {
        let of = |concurrency, more_time| {
            let mut options = Options {
                seed: twice.seed,
                cases: twice.cases,
                concurrency,
                ..comparable()
            };
            // Bursts are as large as the concurrency makes them.
            let bursts = ["ROB-12", "ENV-06", "ENV-08"].map(str::to_owned);
            options.skip.extend(bursts);
            recorded_slowly(super::faults(&twice.faults), options, more_time)
        };
        let (one, other) = runtime.block_on(async {
            tokio::join!(
                of(twice.concurrency.0, |_| Duration::ZERO),
                of(twice.concurrency.1, now_and_then)
            )
        });
        prop_assert_eq!(verdicts(&one.outcome), verdicts(&other.outcome));
        let differ = differences(&report(&one, &other), &report(&other, &one));
        prop_assert!(differ.is_empty(), "{:#?}", differ);
        let (one, other) = (one.exchanged.sent, other.exchanged.sent);
        if let Err(differ) = same(&one, &other) {
            return Err(TestCaseError::fail(differ));
        }
        Ok(())
    });
}

/// Long enough for many other requests to be answered meanwhile.
fn now_and_then(request: usize) -> Duration {
    Duration::from_millis(if request % 29 == 7 { 40 } else { 0 })
}

/// The JSON report, each value under its JSON pointer, without what no run has twice: its times, which requests happened to
/// be alone, the ports, the concurrency, which stands in the commands that repeat failures, what each token has anew, and the
/// ids that the handler made up, which are those that it has not answered with in the other run.
fn report(recorded: &Recorded, other: &Recorded) -> BTreeMap<String, String> {
    let rendered = json::render(&recorded.outcome);
    let mut report: Value = serde_json::from_str(&rendered).expect("JSON");
    report["run"]["started_at"].take();
    report["run"]["duration_ms"].take();
    for callback in list(&mut report, "/latency/callbacks") {
        callback["alone"].take();
        for time in ["p50_ms", "p95_ms", "p99_ms", "max_ms"] {
            callback["all"][time].take();
        }
    }
    for step in list(&mut report, "/flow/steps") {
        step["latency_ms"].take();
    }
    let (ids, others) = (&recorded.exchanged.answered, &other.exchanged.answered);
    let made_up: BTreeSet<&str> = ids.difference(others).map(String::as_str).collect();
    let mut values = BTreeMap::new();
    spread(&report, String::new(), &mut |pointer, value| {
        let mut text = match value {
            Value::String(text) => {
                with_timeless_echoes(&with_timeless_tokens(&without_concurrency(text)))
            }
            other => other.to_string(),
        };
        for (address, name) in recorded.addresses.iter().zip(["HANDLER", "IDP"]) {
            text = text.replace(&address.to_string(), name);
        }
        values.insert(pointer, without(&made_up, &text));
    });
    values
}

fn without_concurrency(text: &str) -> String {
    match text.split_once(" --concurrency ") {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|digit: char| digit.is_ascii_digit());
            before.to_owned() + rest
        }
        None => text.to_owned(),
    }
}

/// A text in which the claims that are shown of tokens are without what each token has anew.
fn with_timeless_tokens(text: &str) -> String {
    const NAME: &str = ", claims ";
    let mut parts = text.split(NAME);
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        masked.push_str(NAME);
        let mut values = serde_json::Deserializer::from_str(part).into_iter::<Value>();
        match values.next() {
            Some(Ok(claims)) => {
                masked.push_str(&timeless(claims).to_string());
                masked.push_str(&part[values.byte_offset()..]);
            }
            _ => masked.push_str(part),
        }
    }
    masked
}

/// A text in which the claims of tokens that a handler gave back can be read, and are without what each token has anew.
fn with_timeless_echoes(text: &str) -> String {
    let is_token = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let words = text.split_inclusive(|letter| !is_token(letter));
    words.map(timeless_echo).collect()
}

/// A word and what follows it; if it is a token, with claims without what each token has anew.
fn timeless_echo(word: &str) -> String {
    let parts: Vec<&str> = word.splitn(3, '.').collect();
    let [header, claims, signature] = parts[..] else {
        return word.to_owned();
    };
    let claims = URL_SAFE_NO_PAD.decode(claims).unwrap_or_default();
    match serde_json::from_slice::<Value>(&claims) {
        Ok(claims) => format!("{header}.{}.{signature}", timeless(claims)),
        Err(_) => word.to_owned(),
    }
}

/// A text without these ids; the text may have been cut in the middle of one.
fn without(ids: &BTreeSet<&str>, text: &str) -> String {
    let mut masked = text.to_owned();
    for id in super::uuids(text.as_bytes()).filter(|id| ids.contains(id)) {
        masked = masked.replace(id, "MADE-UP");
    }
    for (end, _) in text.match_indices('…') {
        // Not every faulty handler writes JSON's quotes.
        let Some((_, begun)) = text[..end].rsplit_once(['"', '\'']) else {
            continue;
        };
        let first = ids.range(begun..).next();
        if !begun.is_empty() && first.is_some_and(|id| id.starts_with(begun)) {
            masked = masked.replace(&format!("{begun}…"), "MADE-UP…");
        }
    }
    masked
}

/// The items of a list, or none if it is not there.
fn list<'a>(report: &'a mut Value, pointer: &str) -> impl Iterator<Item = &'a mut Value> {
    let list = report.pointer_mut(pointer).and_then(Value::as_array_mut);
    list.into_iter().flatten()
}

fn spread(value: &Value, pointer: String, each: &mut impl FnMut(String, &Value)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                spread(member, format!("{pointer}/{name}"), each);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                spread(item, format!("{pointer}/{place}"), each);
            }
        }
        _ => each(pointer, value),
    }
}

/// Where two reports differ.
fn differences(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Vec<String> {
    let pointers: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let shown = |value: Option<&String>| value.map_or("nothing".to_owned(), Clone::clone);
    pointers
        .into_iter()
        .filter(|pointer| one.get(*pointer) != other.get(*pointer))
        .map(|pointer| {
            let (one, other) = (shown(one.get(pointer)), shown(other.get(pointer)));
            format!("{pointer}: {one} and {other}")
        })
        .collect()
}
