//! Custom callbacks, from `acgw.toml` to the report.

use acgw_conformance::reference::store::PARTNERS;
use serde_json::{Value, json};

use crate::program::Folder;
use crate::send::{Stage, with_credentials};

const CALLBACK: &str = r#"[[callback]]
id = "cti.a.p.acgw.callback.v1.0~acgw.reference.quote.v1.0"
changes-data = false
request = { type = "cti.a.p.acgw.request.v1.0~acgw.reference.quote.v1.0", schema = "request.json" }
example = { plan = "basic", seats = 3 }
[[callback.response]]
status = 200
type = "cti.a.p.acgw.response.v1.0~acgw.reference.quote.ok.v1.0"
schema = "ok.json"
[[callback.response]]
status = 404
type = "cti.a.p.acgw.response.v1.0~acgw.reference.quote.unknown.v1.0"
schema = "unknown.json"
"#;

const UNKNOWN: &str = r#"{"type": "object"}"#;

/// A folder with the example's callback and these schemas.
fn folder(request: &str, ok: &str) -> Folder {
    let folder = Folder::new();
    folder.write("acgw.toml", CALLBACK);
    folder.write("request.json", request);
    folder.write("ok.json", ok);
    folder.write("unknown.json", UNKNOWN);
    folder
}

fn example(file: &str) -> String {
    let path = format!(
        "{}/examples/custom-callback/{file}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The state of every requirement of a JSON report.
fn states(report: &str) -> Vec<(String, String)> {
    let report: Value = serde_json::from_str(report).expect("JSON");
    let told = report["requirements"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    told.iter()
        .map(|one| (text(&one["id"]), text(&one["state"])))
        .collect()
}

#[test]
fn the_example_is_the_one_of_the_documentation_and_conforms() {
    let page = include_str!("../../docs/custom-callbacks.md");
    let (_, rest) = page.split_once("```toml\n").expect("a declaration");
    let (shown, _) = rest.split_once("```").expect("its end");
    assert_eq!(shown, example("acgw.toml"));

    let config = format!(
        "{}/examples/custom-callback/acgw.toml",
        env!("CARGO_MANIFEST_DIR")
    );
    let ended = Folder::new().run(&[
        "check", "--config", &config, "--only", "CUS-*", "--seed", "7", "--cases", "20",
        "--report", "json=-",
    ]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let states = states(&ended.out);
    assert_eq!(states.len(), 8);
    assert!(
        states.iter().all(|(_, state)| state == "passed"),
        "{states:?}"
    );
}

#[test]
fn where_there_are_no_other_callbacks_the_custom_ones_are_checked_for_everything() {
    let folder = Folder::new();
    let config = format!(
        "{}/examples/custom-callback/acgw.toml",
        env!("CARGO_MANIFEST_DIR")
    );
    let methods = ["--partner", "explicit", "--customer", "explicit"];
    let run = [
        "check", "--config", &config, "--seed", "7", "--cases", "5", "--report", "json=-",
    ];
    let ended = folder.run(&[&run[..], &methods].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let states = states(&ended.out);
    let of = |id: &str| {
        let found = states.iter().find(|(known, _)| known == id);
        found.map(|(_, state)| state.as_str())
    };
    for id in [
        "HTTP-01", "HTTP-08", "ENV-10", "JWT-01", "JWT-16", "ROB-01", "ROB-13", "CUS-01", "CUS-05",
    ] {
        assert_eq!(of(id), Some("passed"), "{id}: {}", ended.out);
    }
    assert_eq!(of("ROB-17"), Some("not exercised"));
    assert!(
        states.iter().all(|(_, state)| state != "failed"),
        "{states:?}"
    );
}

#[test]
fn without_a_handler_the_quote_is_checked_without_being_declared() {
    let ended = Folder::new().run(&["check", "--only", "CUS-01", "--seed", "7", "--cases", "3"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.contains("CUS    Custom callbacks"),
        "{}",
        ended.out
    );
}

#[test]
fn what_is_not_supported_is_told_at_once_and_in_the_report() {
    let request = r#"{"type": "object", "properties": {"seats": {"not": {"type": "null"}}}}"#;
    let ok = r#"{"type": "object", "patternProperties": {"^x": {}}}"#;
    let folder = folder(request, ok);
    let ended = folder.run(&[
        "check",
        "--only",
        "CUS-*",
        "--seed",
        "7",
        "--report",
        "json=report.json",
    ]);
    let told = [
        "acgw.reference.quote.v1.0: request.json#/properties/seats/not: the keyword `not` is not supported, so no payloads are made of \
         this schema; only an `example` is sent",
        "acgw.reference.quote.v1.0: ok.json#/patternProperties: the keyword `patternProperties` is not supported, so no answer is judged by it",
    ];
    let report: Value = serde_json::from_str(&folder.read("report.json")).expect("JSON");
    for told in told {
        assert!(
            ended.err.contains(&format!("warning: {told}")),
            "{}",
            ended.err
        );
        assert!(
            report["notices"]
                .as_array()
                .expect("a list")
                .contains(&Value::from(told)),
            "{report}"
        );
    }
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn a_schema_that_the_answers_break_is_a_failure() {
    let ok = example("quote.ok.json").replace("\"monthly\": { ", "\"monthly\": { \"maximum\": 1, ");
    let folder = folder(&example("quote.request.json"), &ok);
    let ended = folder.run(&[
        "check", "--only", "CUS-03", "--seed", "7", "--cases", "5", "--report", "json=-",
    ]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.out.contains("payload/monthly: 7.5 is more than 1"),
        "{}",
        ended.out
    );
}

#[test]
fn an_example_that_the_handler_refuses_is_a_failure_and_without_one_there_is_no_verdict() {
    let folder = folder(&example("quote.request.json"), "{}");
    let unknown = CALLBACK.replace("seats = 3", "seats = 3, customer = \"nobody\"");
    folder.write("acgw.toml", &unknown);
    let ended = folder.run(&["check", "--only", "CUS-04", "--seed", "7"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");

    // A schema that asks for a customer, of whom the suite knows none.
    let asks = example("quote.request.json").replace(
        "[\"plan\", \"seats\"]",
        "[\"plan\", \"seats\", \"customer\"]",
    );
    folder.write("request.json", &asks);
    folder.write(
        "acgw.toml",
        &CALLBACK.replace("example = { plan = \"basic\", seats = 3 }\n", ""),
    );
    let ended = folder.run(&["check", "--only", "CUS-04", "--seed", "7"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.out.contains("give an `example`"), "{}", ended.out);
}

#[test]
fn unusable_schemas_are_told_with_their_places() {
    for (request, told) in [
        ("{", "the file is not JSON: EOF while parsing"),
        ("[]", "#: a schema is a JSON object, not []"),
        (r#"{"type": "objekt"}"#, "#/type: "),
        (r#"{"required": "plan"}"#, "#/required: "),
        (
            r#"{"properties": {"a": {"minimum": "1"}}}"#,
            "#/properties/a/minimum: ",
        ),
        (
            r#"{"type": "array"}"#,
            "the payload of a request is an object",
        ),
        (
            r##"{"properties": {"a": {"$ref": "#/definitions/b"}}}"##,
            "#/properties/a/$ref: `$ref` to \"#/definitions/b\", where there is no schema",
        ),
        (
            r#"{"properties": {"a": {"$ref": "b.json"}}}"#,
            "which is not in this file",
        ),
        (
            r#"{"properties": {"a": {"pattern": "("}}}"#,
            "#/properties/a/pattern: \"(\" is no regular expression",
        ),
        (
            r#"{"properties": {"seats": {"minimum": 4}}}"#,
            "acgw.toml:5:11: the example breaks request.json: /seats: 3 is less than 4",
        ),
    ] {
        let ended = folder(request, "{}").run(&["check"]);
        assert_eq!(ended.code, Some(2), "{request}: {ended:?}");
        assert!(ended.err.contains("acgw.toml:"), "{request}: {}", ended.err);
        assert!(ended.err.contains(told), "{request}: {}", ended.err);
    }
    let folder = folder("{}", "{}");
    folder.write("acgw.toml", &CALLBACK.replace("ok.json", "gone.json"));
    let ended = folder.run(&["check"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended
            .err
            .contains("acgw.toml:9:10: the schema gone.json cannot be read"),
        "{}",
        ended.err
    );
    assert!(ended.err.contains("tip: "), "{}", ended.err);
}

/// `acgw.toml` of the example.
fn example_file() -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    format!("{root}/examples/custom-callback/acgw.toml")
}

const QUOTE: &str = "acgw.reference.quote.v1.0";

#[test]
fn one_that_is_declared_is_sent_alone() {
    let stage = Stage::new();
    let config = example_file();
    let send = |more: &[&str]| {
        let args = [&["--config", &config], more].concat();
        stage.send(QUOTE, &with_credentials(&args))
    };
    // Nobody is mapped yet.
    let ended = send(&[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.contains("depends on what it remembers"),
        "{ended:?}"
    );
    let send = |more: &[&str]| {
        let mapped = ["--tenant-id", PARTNERS[0].acronis_tenant_id];
        send(&[&mapped[..], more].concat())
    };
    let ended = send(&[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.contains(r#""plan":"basic""#),
        "the example: {}",
        ended.out
    );
    for id in ["CUS-01", "CUS-02", "CUS-03"] {
        assert!(
            ended.out.contains(&format!("kept    {id}")),
            "{id}: {}",
            ended.out
        );
    }
    // Another response that is declared is as right.
    let ended = send(&[
        "--payload",
        r#"{"plan": "plus", "seats": 1, "customer": "nobody"}"#,
    ]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.contains("404") && ended.out.contains("KEPT"),
        "{}",
        ended.out
    );
    // What breaks the schema is sent with a warning.
    let ended = send(&["--payload", r#"{"seats": "many"}"#]);
    assert!(
        ended.err.contains("warning: the request breaks the schema"),
        "{ended:?}"
    );
    let ended = send(&["--payload", "{"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.err.contains("--payload is not JSON") && ended.err.contains("@FILE"),
        "{ended:?}"
    );
    // Nobody declared it.
    let ended = stage.send(QUOTE, &with_credentials(&[]));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended
            .err
            .contains("there is no callback `acgw.reference.quote.v1.0`"),
        "{ended:?}"
    );
    let ended = stage.send(
        "acgw.reference.qoute.v1.0",
        &with_credentials(&["--config", &config]),
    );
    assert!(
        ended
            .err
            .contains("did you mean acgw.reference.quote.v1.0?"),
        "{ended:?}"
    );
}

#[test]
fn what_changes_data_needs_to_be_told_what_to_change() {
    let folder = folder(r#"{"type": "object", "required": ["plan"]}"#, UNKNOWN);
    folder.write("acgw.toml", &CALLBACK.replace("changes-data = false\n", ""));
    let args = [
        "send",
        QUOTE,
        "http://127.0.0.1:1/callback",
        "--identity",
        "a",
        "--secrets",
        "{}",
    ];
    let ended = folder.run(&[&args[..], &["--write"]].concat());
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("it must keep request.json"), "{ended:?}");
    let ended = folder.run(&[&args[..], &["--payload", r#"{"plan": "x"}"#]].concat());
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.err.contains("changes data") && ended.err.contains("--write"),
        "{ended:?}"
    );
}

#[test]
fn one_that_is_declared_is_explained() {
    let folder = Folder::new();
    let explain = |subject: &str| {
        let ended = folder.run(&["explain", "--config", &example_file(), subject]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.out
    };
    for subject in [
        QUOTE,
        "cti.a.p.acgw.callback.v1.0~acgw.reference.quote.v1.0",
    ] {
        let told = explain(subject);
        for part in [
            "Defined by the vendor",
            "quote.request.json",
            "404 cti.",
            "quote.unknown.json",
        ] {
            assert!(told.contains(part), "{subject}, {part}: {told}");
        }
    }
    let told = explain("cti.a.p.acgw.response.v1.0~acgw.reference.quote.unknown.v1.0");
    assert!(
        told.contains("acgw.reference.quote.v1.0: this is the type of its responses"),
        "{told}"
    );
    let ended = folder.run(&["explain", QUOTE]);
    assert_eq!(ended.code, Some(2), "nobody declared it: {ended:?}");
}

#[test]
fn bodies_of_one_that_is_declared_are_validated() {
    let folder = Folder::new();
    let validate = |what: &str, body: Value, more: &[&str]| {
        folder.write("body.json", &body.to_string());
        let args = ["validate", what, "body.json", "--config", &example_file()];
        folder.run(&[&args[..], more].concat())
    };
    let response = |kind: &str, payload: Value| {
        json!({
            "type": format!("cti.a.p.acgw.response.v1.0~acgw.reference.{kind}.v1.0"),
            "request_id": "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
            "response_id": "c0a4b7f2-9c1d-4e55-a1de-6b1d0c9e8f33",
            "payload": payload,
        })
    };
    let wrong = response("quote.ok", json!({"price": "much"}));
    let ended = validate("response", wrong.clone(), &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.out.contains("/payload") && ended.out.contains(QUOTE),
        "{ended:?}"
    );
    let other = response("quote.other", json!({}));
    let ended = validate("response", other, &["--callback", QUOTE]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended
            .out
            .contains("is not declared for acgw.reference.quote.v1.0"),
        "{ended:?}"
    );
    let mut request = json!({
        "type": "cti.a.p.acgw.request.v1.0~acgw.reference.quote.v1.0",
        "request_id": "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
        "created_at": "2023-04-10T15:33:01+00:00",
        "context": {
            "callback_id": "cti.a.p.acgw.callback.v1.0~acgw.reference.quote.v1.0",
            "endpoint_id": "cti.a.p.acgw.endpoint.v1.0~acme.app.endpoint.v1.0",
            "tenant_id": "0f8d9e9a-8d6b-4b0a-9d5c-0d4f7f0f3f11",
            "datacenter_url": "https://eu2-cloud.acronis.com",
        },
        "payload": {"plan": "basic", "seats": 3},
    });
    let ended = validate("request", request.clone(), &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.out.contains(&format!("a valid request of {QUOTE}")),
        "{ended:?}"
    );
    request["payload"]["seats"] = json!("three");
    let ended = validate("request", request, &[]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("/payload/seats"), "{ended:?}");
}

#[test]
fn a_failure_is_repeated_with_the_file_that_declares() {
    let folder = folder(r#"{"type": "object"}"#, r#"{"type": "string"}"#);
    std::fs::rename(
        folder.path().join("acgw.toml"),
        folder.path().join("my.toml"),
    )
    .expect("renamed");
    let run = [
        "check", "--config", "my.toml", "--only", "CUS-03", "--seed", "7", "--cases", "5",
    ];
    let ended = folder.run(&[&run[..], &["--report", "json=-"]].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("--config my.toml"), "{}", ended.out);
}

#[test]
fn one_that_pages_is_asked_for_a_page() {
    let stage = Stage::new();
    let folder = folder(r#"{"type": "object"}"#, UNKNOWN);
    let paging = CALLBACK.replace(
        "changes-data = false",
        "changes-data = false\npaging = true",
    );
    folder.write("acgw.toml", &paging);
    let ended = folder.run(&["check"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.err.contains(
            "acgw.toml:4:10: cti.a.p.acgw.callback.v1.0~acgw.reference.quote.v1.0 cannot page"
        ),
        "{}",
        ended.err
    );

    folder.write(
        "acgw.toml",
        &paging.replace("callback.v1.0~", "callback.v2.0~"),
    );
    let config = folder.path().join("acgw.toml").display().to_string();
    // The reference handler does not serve it: what goes out is what matters.
    let send = |more: &[&str]| {
        let args = [&["--config", &config], more].concat();
        stage.send(QUOTE, &with_credentials(&args))
    };
    for (more, told) in [
        (&[][..], r#""paging":{"limit":50}"#),
        (
            &["--paging", r#"{"limit": 2, "after": "x"}"#][..],
            r#""paging":{"limit":2,"after":"x"}"#,
        ),
    ] {
        let ended = send(more);
        assert!(ended.out.contains(told), "{ended:?}");
    }
    let ended = send(&["--paging", r#"{"limit": "2"}"#]);
    assert!(
        ended
            .err
            .contains("/paging/limit: \"2\" where a whole number is expected"),
        "{ended:?}"
    );
    let ended = send(&["--paging", "2,"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("--paging is not JSON"), "{ended:?}");
    let ended = stage.send("topology.read", &with_credentials(&["--paging", "{}"]));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended
            .err
            .contains("--paging is for callbacks that page, and topology.read does not"),
        "{ended:?}"
    );
    let ended = folder.run(&["explain", QUOTE]);
    assert!(ended.out.contains("with `paging`"), "{ended:?}");
}
