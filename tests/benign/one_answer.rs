//! Handlers that are not right at all, with one answer for everything.

use std::time::Duration;

use acgw_conformance::suite::Outcome;
use serde_json::json;

use crate::common::verdicts::*;
use crate::common::*;

/// The outcome for a handler that answers everything so.
async fn always(template: wiremock::ResponseTemplate) -> Outcome {
    let handler = wiremock::MockServer::start().await;
    let everything = wiremock::Mock::given(wiremock::matchers::any());
    everything.respond_with(template).mount(&handler).await;
    // What is no HTTP makes wiremock panic.
    let mut options = brief();
    options.skip.extend(["ROB-14", "ROB-15"].map(str::to_owned));
    run(identity(), &format!("{}/callback", handler.uri()), options).await
}

/// Holds an outcome to one failure, nothing passed that needs a right answer, and no verdict on anything else.
#[track_caller]
fn assert_stopped_by(outcome: &Outcome, id: &str) {
    assert_eq!(failed(outcome), [id], "{}", account(outcome));
    assert_eq!(outcome.exit_code(), 1);
    for outcome in &outcome.requirements {
        let requirement = outcome.requirement.id;
        // What shows in any answer at all may have passed.
        let free = [
            "HTTP-05", "HTTP-06", "HTTP-07", "HTTP-10", "ERR-03", "ERR-04", "ERR-05", "ERR-06",
        ];
        let idle = matches!(outcome.state.name(), "blocked" | "not exercised");
        assert!(
            requirement == id
                || free.contains(&requirement)
                || idle
                || outcome.state.name() != "passed",
            "{requirement} {:?}",
            outcome.state
        );
        if outcome.state.name() == "blocked" {
            let reason = outcome.state.reason().unwrap_or_default();
            assert!(reason.contains(id), "{requirement}: {reason}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_fixed_success_passes_nothing_that_it_does_not_keep() {
    let body = json!({
        "type": "cti.a.p.acgw.response.v1.0~a.p.tenant_mapping.read.ok.v1.0",
        "request_id": "6f1c2d9a-3b0e-4c57-9d52-0a4f6be1c301",
        "response_id": "0b7e5f34-91aa-4b0d-8a63-5f7d2c9e4102",
        "payload": {"items": [{"vendor_tenant_id": "1"}]},
    });
    let template = wiremock::ResponseTemplate::new(200).set_body_json(body);
    let outcome = always(template).await;
    assert_eq!(outcome.exit_code(), 1);
    assert_eq!(of(&outcome, "HTTP-01").state.name(), "passed");
    let all = failed(&outcome);
    let refusals = [
        "HTTP-08", "ENV-11", "JWT-01", "JWT-02", "JWT-03", "JWT-04", "JWT-05", "JWT-06", "JWT-07",
        "JWT-08", "JWT-09", "JWT-10", "JWT-11", "JWT-12", "JWT-13", "JWT-14", "JWT-15", "JWT-16",
        "JWT-17", "CRED-01", "CRED-02", "CRED-03", "CRED-04", "CRED-05", "CRED-06", "CRED-07",
        "CRED-11", "ROB-01", "ROB-02", "ROB-03",
    ];
    let others = [
        "ENV-02", "ENV-03", "ENV-06", "ENA-01", "TOP-02", "MAP-05", "MAP-08", "CUS-03",
    ];
    for id in refusals.into_iter().chain(others) {
        assert!(all.contains(&id), "{id} has not failed: {all:?}");
    }
    let whole = all
        .iter()
        .all(|id| refusals.contains(id) || others.contains(id));
    assert!(whole, "{all:?}");
    // Its own request_id comes back to no request.
    assert_ne!(of(&outcome, "ENV-08").state.name(), "passed");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refusal_for_everything_says_where_the_keys_are() {
    let handler = wiremock::MockServer::start().await;
    let everything = wiremock::Mock::given(wiremock::matchers::any());
    everything
        .respond_with(wiremock::ResponseTemplate::new(401))
        .mount(&handler)
        .await;
    let identity = identity();
    let jwks_url = identity.jwks_url();
    let outcome = run(identity, &handler.uri(), options()).await;
    assert_stopped_by(&outcome, "HTTP-01");
    let [cause] = &outcome.diagnosis[..] else {
        panic!("{:?}", outcome.diagnosis);
    };
    assert_eq!(cause.name, "keys-not-fetched");
    assert!(cause.text.contains(&jwks_url), "{}", cause.text);
    assert!(outcome.run.exchanges < 15, "{}", outcome.run.exchanges);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_for_everything_is_blamed_on_what_it_breaks_first() {
    use wiremock::ResponseTemplate;
    let redirect = ResponseTemplate::new(301).insert_header("Location", "/callback/");
    for (template, blamed) in [
        (ResponseTemplate::new(500), "HTTP-01"),
        (ResponseTemplate::new(404), "HTTP-01"),
        (redirect, "HTTP-05"),
    ] {
        assert_stopped_by(&always(template).await, blamed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn successes_without_a_body_pass_nothing_that_they_do_not_keep() {
    for status in [200, 204] {
        let outcome = always(wiremock::ResponseTemplate::new(status)).await;
        assert_eq!(outcome.exit_code(), 1);
        for id in ["HTTP-02", "HTTP-03", "JWT-01", "CRED-05", "ROB-01"] {
            assert_eq!(of(&outcome, id).state.name(), "failed", "{status} {id}");
        }
        assert_eq!(
            of(&outcome, "HTTP-01").state.name(),
            if status == 200 { "passed" } else { "failed" }
        );
        for requirement in [
            "ENV-01", "ENV-02", "ENV-03", "ENV-05", "ENV-08", "MAP-01", "MAP-02", "MAP-07",
            "MAP-08", "TOP-01", "ROB-13",
        ] {
            assert_ne!(
                of(&outcome, requirement).state.name(),
                "passed",
                "{status} {requirement}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn patience_without_end_ends_without_a_verdict() {
    let template = wiremock::ResponseTemplate::new(429).insert_header("Retry-After", "0");
    let outcome = always(template).await;
    assert_eq!(outcome.exit_code(), 3, "{}", account(&outcome));
    let names: Vec<&str> = outcome.diagnosis.iter().map(|cause| cause.name).collect();
    assert_eq!(names, ["limited"]);
    assert!(
        outcome.run.duration < Duration::from_secs(20),
        "{:?}",
        outcome.run.duration
    );
}
