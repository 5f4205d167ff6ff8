//! Causes that are found out during a run which comes to no verdict. Those that a pattern of failures points to are held to every
//! fault of the reference handler by `tests/faults`.

mod common;

use std::time::{Duration, Instant};

use acgw_conformance::gateway::SigningKey;
use acgw_conformance::protocol::Enablement;
use acgw_conformance::protocol::token::{Jwks, UnverifiedToken};
use acgw_conformance::reference::{Fault, Faults, Reference, Server, Settings};
use acgw_conformance::suite::{Event, Options, Outcome, State, Suite, TestIdentity};
use common::front::{Answer, Front, ask};
use common::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const OLDER: &str = "https://cloud.acronis.com";

/// A run against a handler with these settings.
async fn run_with(settings: impl FnOnce(&TestIdentity) -> Settings, options: Options) -> Outcome {
    let identity = identity();
    let handler = Reference::new(settings(&identity));
    let server = Server::start(anywhere(), handler, None)
        .await
        .expect("a free port");
    run(identity, &server.url(), options).await
}

fn right(identity: &TestIdentity) -> Settings {
    Settings {
        jwks_url: identity.jwks_url(),
        issuer: Options::default().issuer,
        enablement: Enablement::MAPPED,
        faults: Faults::none(),
    }
}

fn names(outcome: &Outcome) -> Vec<&'static str> {
    outcome.diagnosis.iter().map(|cause| cause.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issuer_that_the_handler_expects_is_found_out() {
    let older = |identity: &TestIdentity| Settings {
        issuer: OLDER.to_owned(),
        ..right(identity)
    };
    let outcome = run_with(older, options()).await;
    assert_eq!(names(&outcome), ["another-issuer"]);
    let text = &outcome.diagnosis[0].text;
    assert!(text.contains(&format!("--issuer {OLDER}")), "{text}");
    assert!(
        text.contains("this run's is https://acronis.cloud"),
        "{text}"
    );

    // With the other one it conforms, so the advice was right.
    let advised = Options {
        issuer: OLDER.to_owned(),
        ..options()
    };
    let outcome = run_with(older, advised).await;
    outcome.assert_conforms();
    assert_eq!(names(&outcome), [""; 0]);

    // The other way round.
    let advised = Options {
        issuer: OLDER.to_owned(),
        ..options()
    };
    let outcome = run_with(right, advised).await;
    assert_eq!(names(&outcome), ["another-issuer"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_misread_are_told_from_wrong_ones() {
    // Only the second partner's hold what is misread, which the run takes for its own here.
    let [plain, telling] = [options().credentials, options().other_credentials];
    for fault in [Fault::CredentialsInLatin1, Fault::CredentialsForUrls] {
        let misreading = |identity: &TestIdentity| Settings {
            faults: [fault].into_iter().collect(),
            ..right(identity)
        };
        let own = Options {
            credentials: telling.clone(),
            other_credentials: plain.clone(),
            ..options()
        };
        let outcome = run_with(misreading, own).await;
        assert_eq!(failed(&outcome), ["HTTP-01", "CRED-13"]);
        assert_eq!(names(&outcome), ["credentials-misread"]);
        // Who does not hold what is misread learns that nothing was shown.
        let plain = Options {
            credentials: plain.clone(),
            other_credentials: None,
            ..verdicts::brief()
        };
        let outcome = run_with(misreading, plain).await;
        assert_eq!(failed(&outcome), [""; 0]);
        let state = &verdicts::of(&outcome, "CRED-13").state;
        let reason = state.reason().unwrap_or_default();
        assert!(matches!(state, State::NotExercised(_)), "{state:?}");
        assert!(reason.contains("`+` nor `/`"), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_nobody_is_written_for_is_not_guessed() {
    let own = |identity: &TestIdentity| Settings {
        issuer: "https://issuer.example".to_owned(),
        ..right(identity)
    };
    let outcome = run_with(own, options()).await;
    assert_eq!(names(&outcome), ["token-refused"]);
    let text = &outcome.diagnosis[0].text;
    assert!(text.contains("expect another issuer?"), "{text}");
}

/// The reference handler, which knows the key of the run from an earlier one; with `jwks_url` it looks for others there.
async fn with_the_key_of_before(issuer: &str, jwks_url: Option<String>) -> Front {
    let published = include_str!("data/test_key_published.pem");
    let key = SigningKey::from_pem(published).expect("a usable key").jwk();
    let kid = key.kid.clone();
    let keys = Jwks { keys: vec![key] };
    let reference = Reference::with_keys(&keys, issuer, Enablement::MAPPED, Faults::none());
    Front::answer(move |arrived| {
        let (reference, kid) = (reference.clone(), kid.clone());
        let jwks_url = jwks_url.clone();
        async move {
            let token = arrived.header("authorization").unwrap_or_default();
            let token = UnverifiedToken::parse(token.trim_start_matches("Bearer "));
            if let (Ok(token), Some(url)) = (token, jwks_url)
                && token.header["kid"] != *kid
            {
                let at = url.trim_start_matches("http://").split('/').next();
                let mut idp = TcpStream::connect(at.expect("a host"))
                    .await
                    .expect("it is there");
                idp.write_all(b"GET /api/idp/v1/keys HTTP/1.0\r\n\r\n")
                    .await
                    .expect("a reader");
                idp.read_to_end(&mut Vec::new()).await.expect("the keys");
            }
            ask(&reference, &arrived).await.reply()
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_knows_the_key_is_not_waited_for_when_something_else_is_wrong() {
    // Without patience nothing makes it come for the keys but what is sent to find out why it refuses.
    for patience in [Duration::from_secs(32), Duration::ZERO] {
        let options = Options {
            rotation_patience: patience,
            ..options()
        };
        let identity = identity();
        let url = identity.jwks_url();
        let handler = with_the_key_of_before("https://issuer.example", Some(url)).await;
        let begun = Instant::now();
        let outcome = run(identity, &handler.url(), options).await;
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{:?}",
            outcome.notices
        );
        // It has come for the keys, so that it is known to look in the right place.
        assert_eq!(names(&outcome), ["token-refused"], "{patience:?}");
        let text = &outcome.diagnosis[0].text;
        assert!(
            text.contains("It has fetched the keys"),
            "{patience:?}: {text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issuer_is_found_out_though_the_keys_are_not_fetched() {
    let hurried = Options {
        rotation_patience: Duration::ZERO,
        ..options()
    };
    let handler = with_the_key_of_before(OLDER, None).await;
    let outcome = run(identity(), &handler.url(), hurried).await;
    assert_eq!(names(&outcome), ["another-issuer"]);
    let text = &outcome.diagnosis[0].text;
    assert!(!text.contains("fetched"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_not_fetched_are_told() {
    let pems = [
        include_str!("data/test_key_stranger.pem"),
        include_str!("data/test_key_published.pem"),
    ];
    let [others, stranger] = pems.map(|pem| SigningKey::from_pem(pem).expect("a usable key"));
    let elsewhere = TestIdentity::with_keys(anywhere(), others, stranger).expect("a free port");
    let outcome = run_with(
        |identity| Settings {
            jwks_url: elsewhere.jwks_url(),
            issuer: OLDER.to_owned(),
            ..right(identity)
        },
        options(),
    )
    .await;
    assert_eq!(names(&outcome), ["keys-not-fetched"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_looked_for_below_another_path_are_told() {
    let outcome = run_with(
        |identity| Settings {
            jwks_url: identity.jwks_url().replace("/keys", "/jwks.json"),
            ..right(identity)
        },
        options(),
    )
    .await;
    assert_eq!(names(&outcome), ["failed-without-keys"]);
    let text = &outcome.diagnosis[0].text;
    assert!(text.contains("/jwks.json, where they are not"), "{text}");
}

/// Who looks at credentials only behind a right token has the same words for wrong ones.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_is_disliked_before_credentials_are_looked_at_is_told() {
    let told = causes(true, |answer| {
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        match answer.status == 200 || text.contains("redential") || text.contains("has expired") {
            true => Answer::new(401, "text/plain", "exp"),
            false => answer,
        }
    });
    assert_eq!(told.await, ["token-refused"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_are_parted_at_the_last_colon_are_told() {
    let outcome = run_with(
        |identity| Settings {
            faults: [Fault::from_name("split-at-last-colon").expect("a fault")]
                .into_iter()
                .collect(),
            ..right(identity)
        },
        options(),
    )
    .await;
    assert_eq!(names(&outcome), ["credentials-refused"]);
    let text = &outcome.diagnosis[0].text;
    assert!(text.contains("split at its first colon"), "{text}");
    assert_eq!(outcome.diagnosis[0].explains, ["HTTP-01"]);
}

/// The causes that a run tells of a handler whose every answer is this, whether or not it looks at the request first.
async fn causes(
    looks: bool,
    answers: impl Fn(Answer) -> Answer + Send + Sync + 'static,
) -> Vec<&'static str> {
    let identity = identity();
    let reference = Reference::new(right(&identity));
    let answers = std::sync::Arc::new(answers);
    let handler = Front::answer(move |arrived| {
        let (reference, answers) = (reference.clone(), answers.clone());
        async move {
            let answer = match looks {
                true => ask(&reference, &arrived).await,
                false => Answer::new(200, "text/plain", ""),
            };
            answers(answer).reply()
        }
    })
    .await;
    let hurried = Options {
        rotation_patience: Duration::ZERO,
        ..options()
    };
    names(&run(identity, &handler.url(), hurried).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn why_every_right_request_is_refused_is_told() {
    let always = |status| move |_| Answer::new(status, "text/plain", "no");
    let malformed = "right-request-taken-for-malformed";
    for (looks, status, cause) in [
        (true, 400, malformed),
        (false, 422, malformed),
        (true, 404, "another-address"),
        (true, 405, "another-address"),
        (true, 500, "failed-by-itself"),
        (false, 503, "failed-without-keys"),
        (false, 403, "keys-not-fetched"),
        // It has come for the keys, and says nothing of what it dislikes.
        (true, 403, "token-or-credentials-refused"),
    ] {
        let told = causes(looks, always(status)).await;
        assert_eq!(told, [cause], "{status}, {looks}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_dislikes_neither_token_nor_credentials_is_asked_about_the_context() {
    let told = causes(true, |answer| match answer.status {
        200 => Answer::new(403, "text/plain", "nobody has registered this endpoint"),
        _ => answer,
    });
    assert_eq!(told.await, ["context-refused"]);
}

/// Whoever watches learns of it at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_cause_is_told_as_soon_as_it_is_found() {
    let identity = identity();
    let handler = Reference::new(Settings {
        issuer: OLDER.to_owned(),
        ..right(&identity)
    });
    let server = Server::start(anywhere(), handler, None)
        .await
        .expect("a free port");
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let hears = told.clone();
    let target = acgw_conformance::gateway::Target::url(&server.url()).expect("a URL");
    let outcome = Suite::new(target)
        .identity(identity)
        .options(options())
        .observer(Box::new(move |event: Event<'_>| {
            if let Event::Notice(text) = event {
                hears.lock().expect("one thread").push(text.to_owned());
            }
        }))
        .run()
        .await
        .expect("a run");
    let told = told.lock().expect("one thread");
    assert!(told.contains(&outcome.diagnosis[0].text), "{told:?}");
    assert!(
        !outcome.notices.contains(&outcome.diagnosis[0].text),
        "once"
    );
}
