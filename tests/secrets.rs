//! Nothing that a run says shows a secret or a token that works, whatever the handler puts into its answers.

mod common;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use acgw_conformance::gateway::Target;
use acgw_conformance::protocol::Credentials;
use acgw_conformance::protocol::token::UnverifiedToken;
use acgw_conformance::reference::Faults;
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::suite::{Event, Options, Outcome, Suite};
use base64::Engine;
use common::front::{Answer, Arrived, Front, Reply, ask};
use common::verdicts::{brief, of};
use common::*;

/// What must not be shown: the plain secrets, the header values that carry them, the signatures of the tokens.
type Confidential = Arc<Mutex<BTreeSet<String>>>;

/// Remembers what of a request must not be shown.
fn remember(arrived: &Arrived, confidential: &Confidential) {
    let mut confidential = confidential.lock().expect("no poison");
    let header = arrived.header("authorization").unwrap_or_default();
    let token = header.rsplit(' ').next().unwrap_or_default();
    if UnverifiedToken::parse(token).is_ok()
        && let Some((_, signature)) = token.rsplit_once('.')
        && signature.len() > 40
    {
        confidential.insert(signature.to_owned());
    }
}

/// Everything of the request, as debug pages print it.
fn dump(arrived: &Arrived) -> String {
    let mut text = String::from("request failed\n");
    for (name, value) in &arrived.headers {
        text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value)));
    }
    let auth = arrived.header("x-cyberapp-auth").unwrap_or_default();
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(auth)
        .unwrap_or_default();
    text.push_str(&format!("{}\n", String::from_utf8_lossy(&decoded)));
    text.push_str(
        &serde_json::json!({ "credentials": String::from_utf8_lossy(&decoded) }).to_string(),
    );
    text
}

/// The outcome, and all that was said on the way, for a handler that shows all it gets; and what must not be in it.
async fn shown(reveal: bool) -> (Outcome, String, BTreeSet<String>) {
    let confidential = Confidential::default();
    for partner in PARTNERS {
        let credentials = partner.credentials();
        let mut confidential = confidential.lock().expect("no poison");
        confidential.insert(credentials.encode());
        confidential.insert(credentials.encode().trim_end_matches('=').to_owned());
        let secrets = credentials
            .secrets()
            .as_object()
            .cloned()
            .unwrap_or_default();
        for secret in secrets.values().filter_map(|secret| secret.as_str()) {
            confidential.insert(secret.to_owned());
            let written = serde_json::json!(secret).to_string();
            confidential.insert(written.trim_matches('"').to_owned());
        }
    }
    let identity = identity();
    let reference = reference(&identity, Faults::none());
    let known = confidential.clone();
    let front = Front::answer(move |arrived| {
        let (reference, known) = (reference.clone(), known.clone());
        async move {
            remember(&arrived, &known);
            let answer = ask(&reference, &arrived).await;
            put(&arrived, answer)
        }
    })
    .await;
    let said = Arc::new(Mutex::new(String::new()));
    let hears = said.clone();
    let observer = move |event: Event<'_>| {
        hears
            .lock()
            .expect("no poison")
            .push_str(&format!("{event:?}\n"));
    };
    let options = Options { reveal, ..brief() };
    let suite = Suite::new(Target::url(&front.url()).expect("a URL"));
    let suite = suite
        .identity(identity)
        .options(options)
        .observer(Box::new(observer));
    let outcome = suite.run().await.expect("a run");
    let said = said.lock().expect("no poison").clone();
    let confidential = confidential.lock().expect("no poison").clone();
    (outcome, said, confidential)
}

/// Success with the token in a header field and a media type that is wrong, refusal with everything.
fn put(arrived: &Arrived, mut answer: Answer) -> Reply {
    if answer.status == 200 {
        let token = arrived.header("authorization").unwrap_or_default();
        answer.set_header("X-Your-Token", &token);
        answer.set_header("Content-Type", "text/plain");
        return answer.reply();
    }
    Answer::new(answer.status, "text/plain", dump(arrived)).reply()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_says_shows_no_secret() {
    let (outcome, said, confidential) = shown(false).await;
    assert!(confidential.len() > 20, "{} texts", confidential.len());
    for id in ["HTTP-02", "ERR-01", "ERR-04"] {
        assert_eq!(of(&outcome, id).state.name(), "failed", "{id}");
    }
    // Debug output escapes what a person would read plain.
    let said = [said, format!("{outcome:?}"), plain(&outcome)].concat();
    let leaked: Vec<&String> = confidential
        .iter()
        .filter(|text| said.contains(text.as_str()))
        .collect();
    assert!(leaked.is_empty(), "{leaked:?}");
}

/// All texts of an outcome as they are.
fn plain(outcome: &Outcome) -> String {
    let mut text = outcome.notices.join("\n");
    for failure in outcome
        .requirements
        .iter()
        .flat_map(|entry| &entry.failures)
    {
        for part in [
            &failure.case,
            &failure.expected,
            &failure.observed,
            &failure.request,
            &failure.response,
            &failure.curl,
            &failure.repeat,
            failure.control.as_ref().unwrap_or(&String::new()),
            failure.diff.as_ref().unwrap_or(&String::new()),
        ] {
            text.push_str(part);
            text.push('\n');
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_is_shown_everything() {
    let (outcome, _, confidential) = shown(true).await;
    let said = plain(&outcome);
    let own: Credentials = PARTNERS[0].credentials();
    assert!(said.contains(&own.encode()));
    assert!(said.contains("correct-horse-battery"));
    let tokens = confidential.iter().filter(|text| text.len() > 300);
    assert!(tokens.filter(|token| said.contains(token.as_str())).count() > 0);
}
