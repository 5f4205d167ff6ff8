//! Recorded requests that are sent again.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use acgw_conformance::gateway::Target;
use acgw_conformance::protocol::catalog::{
    ENABLEMENT_READ, PARTNER_MIRRORING_ENABLE, PARTNER_MIRRORING_GET_STATE,
    PARTNER_MIRRORING_RESET, TENANT_MAPPING_READ, TOPOLOGY_READ,
};
use acgw_conformance::protocol::text::UuidText;
use acgw_conformance::protocol::{Callback, Enablement, EnablementMethod};
use acgw_conformance::reference::{Faults, Reference};
use acgw_conformance::suite::{Options, Recording, Suite};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use serde_json::{Value, json};

use crate::common::direct::{knowing, send};
use crate::common::verdicts::{account, assert_noticed, brief, only, quick};
use crate::common::{failed, identity, options_for, reference, reference_for, run, server};
use crate::program::Folder;
use crate::recording::recorded;
use crate::running::Running;

const RECORDED_ID: &str = "6f1c2d9a-3b0e-4c57-9d52-0a4f6be1c301";
const TENANT: &str = "0b5e55ed-1111-4222-8333-944445555666";

/// A recording of one request, as a gateway may have sent it.
fn one(callback: &Callback, tenant: &str) -> Vec<u8> {
    let mut body = json!({
        "type": callback.request_type,
        "request_id": RECORDED_ID,
        "created_at": "2023-04-10T15:33:01Z",
        "context": {
            "callback_id": callback.id,
            "endpoint_id": "cti.a.p.acgw.endpoint.v1.0~acme.app.recorded.v1.0",
            "tenant_id": tenant,
            "datacenter_url": "https://acronis.cloud",
        },
    });
    if let Some(payload) = callback.request_payload {
        body["payload"] = serde_json::from_str(payload).expect("JSON");
    }
    let header = json!({
        "format": "acgw-recording/1", "tool": {"name": "acgw", "version": "0.1.0"},
        "upstream": "http://127.0.0.1/", "started_at": "2026-01-01T00:00:00Z",
    });
    let field = |name: &str, value: &str| json!({"name": name, "value": value});
    let line = json!({
        "number": 1, "at": "2026-01-01T00:00:00Z", "callback": callback.name, "duration_ms": 1.0,
        "request": {
            "method": "POST", "target": "/elsewhere", "version": "HTTP/1.1",
            "headers": [
                field("host", "recorded.example"),
                field("x-trace-id", "of-the-gateway"),
                field("content-type", "application/json"),
                field("authorization", "Bearer ***"),
                field("x-cyberapp-auth", "***"),
                field("x-cyberapp-extra", "e30="),
                field("accept-encoding", "gzip"),
                field("content-length", "4711"),
            ],
            "body": body.to_string(),
        },
        "no_response": "not kept",
    });
    format!("{header}\n{line}\n").into_bytes()
}

fn replaying(recording: &[u8], options: Options) -> Options {
    let recording = Recording::read("recorded.jsonl", recording).expect("a recording");
    Options {
        replay: Some(Arc::new(recording)),
        ..options
    }
}

/// What of a request a handler in front of another one looks at.
type Seen = Arc<Mutex<Vec<(http::HeaderMap, String)>>>;

/// A handler that fails with status 500 where a body has this text.
fn fails_at(handler: Reference, text: &'static str) -> (Target, Seen) {
    let seen = Seen::default();
    let notes = seen.clone();
    let target = Target::service(service_fn(move |request: http::Request<Incoming>| {
        let (handler, seen) = (handler.clone(), seen.clone());
        async move {
            let (parts, body) = request.into_parts();
            let bytes = match body.collect().await {
                Ok(body) => body.to_bytes(),
                Err(_) => Bytes::new(),
            };
            let body = String::from_utf8_lossy(&bytes).into_owned();
            let fails = body.contains(text);
            if fails {
                let note = (parts.headers.clone(), body);
                seen.lock().expect("no panic").push(note);
            }
            let request = http::Request::from_parts(parts, Full::new(bytes));
            let mut answer = handler.handle(request).await;
            if fails && answer.status() == 200 {
                *answer.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
            }
            Ok::<_, Infallible>(answer)
        }
    }));
    (target, notes)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_with_a_recorded_request_only_is_found_by_it() {
    let recording = one(&TOPOLOGY_READ, TENANT);
    for replayed in [false, true] {
        let identity = identity();
        let (target, seen) = fails_at(reference(&identity, Faults::none()), TENANT);
        let options = match replayed {
            true => replaying(&recording, brief()),
            false => brief(),
        };
        let suite = Suite::new(target).identity(identity).options(options);
        let outcome = suite.run().await.expect("a run");
        let expected: &[&str] = if replayed { &["HTTP-01"] } else { &[] };
        assert_eq!(failed(&outcome), expected, "{}", account(&outcome));
        let seen = seen.lock().expect("no panic");
        if !replayed {
            assert!(seen.is_empty());
            continue;
        }
        assert_noticed(&outcome, "1 of 1 recorded requests were sent again");
        let broken = (outcome.requirements.iter()).find(|one| one.requirement.id == "HTTP-01");
        let failure = &broken.expect("it failed").failures[0];
        assert!(
            failure.case.contains("request 1 of recorded.jsonl"),
            "{}",
            failure.case
        );
        assert!(
            failure.repeat.contains("--replay recorded.jsonl"),
            "{}",
            failure.repeat
        );
        assert!(
            failure.repeat.contains("--only HTTP-01"),
            "{}",
            failure.repeat
        );
        // As it was recorded, but for what belongs to the connection and to the run.
        let (headers, body) = &seen[0];
        assert_eq!(headers["x-trace-id"], "of-the-gateway");
        assert_ne!(headers["host"], "recorded.example");
        assert_eq!(headers["accept-encoding"], "identity");
        assert_eq!(headers["content-length"], body.len().to_string());
        assert!(
            headers["user-agent"]
                .to_str()
                .expect("text")
                .starts_with("acgw/")
        );
        assert!(body.contains(RECORDED_ID), "{body}");
        assert!(body.contains("acme.app.recorded"), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_recorded_is_sent_again_and_nothing_is_held_against_a_right_handler() {
    let recording = recorded(Faults::none(), quick()).await;
    let identity = identity();
    let server = server(&identity, Faults::none()).await;
    let options = Options {
        strict: true,
        ..replaying(
            &recording,
            only(&["ENV-*", "ERR-*", "HTTP-*", "MAP-01", "TOP-01"]),
        )
    };
    let outcome = run(identity, &server.url(), options).await;
    assert_eq!(
        failed(&outcome),
        Vec::<&str>::new(),
        "{}",
        account(&outcome)
    );
    assert_eq!(outcome.exit_code(), 0);
    let told = outcome
        .notices
        .iter()
        .find(|told| told.contains("recorded requests were sent again"));
    let sent: usize = told
        .and_then(|told| told.split(' ').next()?.parse().ok())
        .unwrap_or_else(|| panic!("{:?}", outcome.notices));
    assert!(sent > 200, "{:?}", outcome.notices);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_data_is_sent_with_leave_only_and_about_the_runs_own_tenant() {
    let recording = one(&PARTNER_MIRRORING_RESET, TENANT);
    let mirrored = EnablementMethod::Mirrored;
    let enablement = Enablement::new(mirrored, mirrored).expect("offered");
    for write in [false, true] {
        let handler = knowing(enablement, Faults::none());
        let partner = json!({"acronis_tenant_id": TENANT, "acronis_tenant_name": "Recorded"});
        send(&handler, TENANT, &PARTNER_MIRRORING_ENABLE, Some(partner)).await;
        let (target, seen) = fails_at(handler.clone(), RECORDED_ID);
        let options = Options {
            write,
            only: vec!["HTTP-02".to_owned()],
            ..replaying(&recording, options_for(enablement))
        };
        let suite = Suite::new(target).identity(identity()).options(options);
        let outcome = suite.run().await.expect("a run");
        let seen = seen.lock().expect("no panic").clone();
        assert_eq!(seen.len(), usize::from(write), "{}", account(&outcome));
        assert!(seen.iter().all(|(_, body)| !body.contains(TENANT)));
        // Whoever was recorded is not touched.
        let state = send(&handler, TENANT, &PARTNER_MIRRORING_GET_STATE, None).await;
        assert_eq!(state["state"], "ENABLED");
        let told = match write {
            true => "1 of 1 recorded requests were sent again",
            false => {
                "recorded requests that were not sent again: 1: it changes data, which this run may not: --write"
            }
        };
        assert_noticed(&outcome, told);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_endpoint_and_the_tenant_of_the_run_take_the_place_of_recorded_ones() {
    const OWN: &str = "5c9f2d4e-7a31-4b86-9d0f-3e8a6b1c2d47";
    let recording = one(&TENANT_MAPPING_READ, TENANT);
    let identity = identity();
    let (target, seen) = fails_at(reference(&identity, Faults::none()), RECORDED_ID);
    let endpoint = "cti.a.p.acgw.endpoint.v1.0~acme.app.own.v1.0";
    let options = Options {
        endpoint_id: Some(endpoint.parse().expect("a CTI")),
        tenant_id: Some(UuidText::new(OWN).expect("a UUID")),
        // For one, a tenant would be mapped first, and be the run's own.
        custom: Vec::new(),
        ..replaying(&recording, only(&["HTTP-01"]))
    };
    let suite = Suite::new(target).identity(identity).options(options);
    let outcome = suite.run().await.expect("a run");
    assert_eq!(failed(&outcome), ["HTTP-01"], "{}", account(&outcome));
    let seen = seen.lock().expect("no panic");
    let body: Value = serde_json::from_str(&seen[0].1).expect("JSON");
    assert_eq!(body["context"]["endpoint_id"], endpoint);
    assert_eq!(body["context"]["tenant_id"], OWN);
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_of_other_enablement_methods_are_left_out() {
    let recording = one(&ENABLEMENT_READ, TENANT);
    let identity = identity();
    let mirrored = EnablementMethod::Mirrored;
    let enablement = Enablement::new(mirrored, mirrored).expect("offered");
    let handler = reference_for(enablement, &identity, Faults::none());
    let (target, _) = fails_at(handler, "no text that is in any body");
    let options = Options {
        only: vec!["HTTP-01".to_owned()],
        ..replaying(&recording, options_for(enablement))
    };
    let suite = Suite::new(target).identity(identity).options(options);
    let outcome = suite.run().await.expect("a run");
    assert_eq!(
        failed(&outcome),
        Vec::<&str>::new(),
        "{}",
        account(&outcome)
    );
    assert_noticed(&outcome, "it is not part of these enablement methods");
}

#[test]
fn a_file_that_is_no_recording_is_told_with_its_line_and_what_to_do() {
    let folder = Folder::new();
    folder.write("empty.jsonl", "");
    folder.write("report.json", "{\"format\": \"acgw-report/1\"}\n");
    let good = String::from_utf8(one(&TOPOLOGY_READ, TENANT)).expect("UTF-8");
    folder.write("damaged.jsonl", &(good.clone() + "{\"number\": 2}\n"));
    let header = good.lines().next().expect("a line").to_owned() + "\n";
    folder.write("nothing.jsonl", &header);
    for (file, told) in [
        ("nowhere.jsonl", "nowhere.jsonl cannot be read"),
        (
            "empty.jsonl",
            "--replay empty.jsonl, line 1: this is no recording",
        ),
        ("report.json", "acgw proxy --record FILE"),
        (
            "damaged.jsonl",
            "--replay damaged.jsonl, line 3: missing field",
        ),
        ("nothing.jsonl", "no request passed while it was recorded"),
    ] {
        let ended = folder.run(&["check", "--replay", file]);
        assert_eq!(ended.code, Some(2), "{file}: {}{}", ended.out, ended.err);
        assert!(ended.err.contains(told), "{file}: {}", ended.err);
    }
}

/// From recording to sending again, by the program alone.
#[test]
fn what_passed_the_proxy_is_sent_again_by_a_check() {
    let folder = Folder::new();
    let keys = Running::keys(&folder);
    let mut handler = Running::reference(&folder, &keys, &[]);
    let mut proxy = Running::start(folder.acgw(&[
        "proxy",
        "--upstream",
        &handler.url,
        "--listen",
        "127.0.0.1:0",
        "--record",
        "recorded.jsonl",
    ]));
    let secrets = r#"{"password":"correct-horse-battery"}"#;
    let given = [
        "--identity",
        "alpha",
        "--secrets",
        secrets,
        "--signing-key",
        "key.pem",
        "--idp",
        "127.0.0.1:0",
    ];
    let mut send = vec!["send", "topology.read", &proxy.url];
    send.extend(given);
    let ended = folder.run(&send);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert_eq!(proxy.interrupt(), Some(0));
    let text = folder.read("recorded.jsonl");
    assert!(
        text.contains("topology.read") && !text.contains("correct-horse"),
        "{text}"
    );
    let mut check = vec![
        "check",
        &handler.url,
        "--only",
        "TOP-01",
        "--replay",
        "recorded.jsonl",
    ];
    check.extend(given);
    let ended = folder.run(&check);
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(
        ended
            .out
            .contains("1 of 1 recorded requests were sent again"),
        "{}",
        ended.out
    );
    handler.interrupt();
}
