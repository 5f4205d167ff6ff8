//! Custom callbacks, from `acgw.toml` to the report.

use serde_json::Value;

use crate::program::Folder;

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
