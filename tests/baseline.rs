//! Known failures: what is known does not count, what is new does, and what is known must stay true.

mod common;

use acgw_conformance::reference::Faults;
use acgw_conformance::report::verdict::verdict;
use acgw_conformance::suite::outcome::RequirementOutcome;
use acgw_conformance::suite::{Baseline, Fate, KnownFailure, Options, Outcome, Profile, Suite};
use common::front::{Front, ask};
use common::*;
use jiff::civil::Date;

/// The requirement that the handlers of these tests break, with some callbacks.
const BROKEN: &str = "HTTP-02";

fn known(callback: Option<&str>) -> KnownFailure {
    KnownFailure {
        requirement: BROKEN.to_owned(),
        callback: callback.map(str::to_owned),
        reason: "the framework says text/html".to_owned(),
        until: None,
    }
}

/// Reads a handler that answers with the wrong media type where the answer's type has one of these words in it.
async fn reads(broken: &'static [&'static str], entries: Vec<KnownFailure>) -> Outcome {
    let options = Options {
        write: false,
        baseline: Some(Baseline::new(entries).expect("a baseline")),
        ..options()
    };
    run_with(broken, options).await
}

async fn run_with(broken: &'static [&'static str], options: Options) -> Outcome {
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let front = Front::answer(move |arrived| {
        let reference = reference.clone();
        async move {
            let mut answer = ask(&reference, &arrived).await;
            let kind = match serde_json::from_slice::<serde_json::Value>(&answer.body) {
                Ok(body) => body["type"].as_str().unwrap_or_default().to_owned(),
                Err(_) => String::new(),
            };
            if broken.iter().any(|word| kind.contains(word)) {
                answer.set_header("Content-Type", "text/html");
            }
            answer.reply()
        }
    })
    .await;
    run(identity, &front.url(), options).await
}

fn broken(outcome: &Outcome) -> &RequirementOutcome {
    (outcome.requirements.iter())
        .find(|one| one.requirement.id == BROKEN)
        .expect("it was selected")
}

fn fate(outcome: &Outcome) -> &Fate {
    &outcome.baseline[0].fate
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_is_shown_and_does_not_count() {
    let outcome = reads(&["topology"], vec![known(Some("topology.read"))]).await;
    assert_eq!(failed(&outcome), [BROKEN], "{:?}", verdict(&outcome));
    assert!(matches!(fate(&outcome), Fate::Failed(1..)));
    assert_eq!(
        broken(&outcome).known.as_deref(),
        Some("the framework says text/html")
    );
    assert!(!broken(&outcome).failures.is_empty());
    assert_eq!(outcome.exit_code(), 0);
    assert!(!outcome.conforms(), "it is a failure all the same");
    outcome.assert_conforms();
}

/// The main callback fails so often that no case would be left to show the other.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_one_callback_does_not_hide_another() {
    let both = &["topology", "tenant_mapping"];
    for (entry, new) in [
        ("tenant_mapping.read", "topology.read"),
        ("topology.read", "tenant_mapping.read"),
    ] {
        let outcome = reads(both, vec![known(Some(entry))]).await;
        assert_eq!(outcome.exit_code(), 1, "{new} is new");
        let one = broken(&outcome);
        assert_eq!(one.known, None);
        assert_eq!(
            one.failures[0].callback,
            Some(new),
            "what is new comes first"
        );
        assert_eq!(one.failures[0].known, None);
        assert!(
            (one.failures.iter()).any(|one| one.known.is_some() && one.callback == Some(entry))
        );
    }
    let outcome = reads(both, vec![known(None)]).await;
    assert_eq!(
        outcome.exit_code(),
        0,
        "without a callback it holds for all"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_must_stay_true() {
    let outcome = reads(&[], vec![known(Some("topology.read"))]).await;
    assert_eq!(failed(&outcome), [""; 0]);
    assert_eq!(*fate(&outcome), Fate::Stale);
    assert_eq!(outcome.exit_code(), 1);
    let word = verdict(&outcome).word;
    assert_eq!(word, "BASELINE OUT OF DATE");

    let outcome = reads(&["tenant_mapping"], vec![known(None)]).await;
    assert!(matches!(fate(&outcome), Fate::Failed(_)), "one is enough");

    let outcome = reads(
        &["tenant_mapping"],
        vec![
            known(Some("tenant_mapping.read")),
            known(Some("topology.read")),
        ],
    )
    .await;
    assert_eq!(outcome.baseline[1].fate, Fate::Stale, "the other is mended");
    assert_eq!(outcome.exit_code(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_is_an_end() {
    let until = |date: &str| KnownFailure {
        until: Some(date.parse::<Date>().expect("a date")),
        ..known(None)
    };
    let outcome = reads(&["topology"], vec![until("2020-02-29")]).await;
    assert_eq!(*fate(&outcome), Fate::Past);
    assert_eq!(broken(&outcome).known, None, "it counts again");
    assert_eq!(outcome.exit_code(), 1);
    let outcome = reads(&[], vec![until("2020-02-29")]).await;
    assert_eq!(*fate(&outcome), Fate::Past, "mended or not");
    assert_eq!(outcome.exit_code(), 1);
    let outcome = reads(&["topology"], vec![until("9999-12-31")]).await;
    assert_eq!(outcome.exit_code(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_looked_for_is_not_stale() {
    let of = |id: &str, callback: Option<&str>| KnownFailure {
        requirement: id.to_owned(),
        ..known(callback)
    };
    let entries = vec![
        of(BROKEN, Some("enablement.write")),
        of("TLS-01", None),
        of("ROB-23", None),
    ];
    let outcome = reads(&[], entries).await;
    for judged in &outcome.baseline {
        assert!(matches!(judged.fate, Fate::NotJudged(_)), "{judged:?}");
    }
    assert_eq!(outcome.exit_code(), 0);
    assert!(outcome.conforms(), "nothing had to be known for it");

    let options = Options {
        write: false,
        only: vec!["JWT-*".to_owned()],
        baseline: Some(Baseline::new(vec![known(None)]).expect("a baseline")),
        ..options()
    };
    let outcome = run_with(&[], options).await;
    assert!(matches!(fate(&outcome), Fate::NotJudged(_)));
    assert_eq!(outcome.exit_code(), 0);
}

/// Most of what a foundation blocks cannot be learnt, and a baseline says so for obligations.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_blocked_can_be_known() {
    let options = |baseline| Options {
        write: false,
        only: vec!["HTTP-*".to_owned(), "MAP-*".to_owned()],
        baseline,
        ..options()
    };
    let all = &["tenant_mapping", "topology", "response"];
    let outcome = run_with(all, options(None)).await;
    let entries: Vec<KnownFailure> = (outcome.requirements.iter())
        .filter(|one| ["failed", "blocked"].contains(&one.state.name()))
        .map(|one| KnownFailure {
            requirement: one.requirement.id.to_owned(),
            ..known(None)
        })
        .collect();
    assert!(entries.iter().any(|entry| entry.requirement == BROKEN));
    let without = Baseline::new(vec![known(None)]).expect("a baseline");
    let with = Baseline::new(entries).expect("a baseline");
    let blocked = (outcome.requirements.iter()).any(|one| one.state.name() == "blocked");
    let outcome = run_with(all, options(Some(without))).await;
    assert_eq!(outcome.exit_code(), if blocked { 3 } else { 0 });
    let outcome = run_with(all, options(Some(with))).await;
    assert_eq!(outcome.exit_code(), 0, "{:?}", verdict(&outcome));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_refused() {
    for (entry, told) in [
        (
            KnownFailure {
                requirement: "JWT-99".to_owned(),
                ..known(None)
            },
            "\"JWT-99\", which is no requirement",
        ),
        (
            KnownFailure {
                reason: " ".to_owned(),
                ..known(None)
            },
            "no reason for HTTP-02",
        ),
    ] {
        let error = Baseline::new(vec![entry]).expect_err("refused").to_string();
        assert!(error.contains(told), "{error}");
    }
    let twice = Baseline::new(vec![known(None), known(None)]);
    assert!(twice.is_err());

    let identity = identity();
    let server = server(&identity, Faults::none()).await;
    let error = Suite::new(acgw_conformance::gateway::Target::url(&server.url()).expect("a URL"))
        .identity(identity)
        .options(Options {
            profile: Profile::Verification,
            ..options()
        })
        .baseline(Baseline::default())
        .run()
        .await
        .expect_err("whoever verifies knows of none");
    assert!(error.is_usage(), "{error}");
}
