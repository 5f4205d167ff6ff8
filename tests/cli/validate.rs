//! `acgw validate`.

use std::io::Write as _;
use std::process::Stdio;

use acgw_conformance::protocol::CATALOG;
use acgw_conformance::protocol::catalog::ENABLEMENT_RESET;
use acgw_conformance::protocol::schema::Schema;
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::program::{Ended, Folder};

const REQUEST: &str = r#"{
  "type": "cti.a.p.acgw.request.v1.0~a.p.empty.v1.0",
  "request_id": "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
  "created_at": "2023-04-10T15:33:01+00:00",
  "context": {
    "callback_id": "cti.a.p.acgw.callback.v1.0~a.p.tenant_mapping.read.v1.0",
    "endpoint_id": "cti.a.p.acgw.endpoint.v1.0~acme.app.endpoint.v1.0",
    "tenant_id": "0f8d9e9a-8d6b-4b0a-9d5c-0d4f7f0f3f11",
    "datacenter_url": "https://eu2-cloud.acronis.com"
  }
}"#;

const RESPONSE: &str = r#"{
  "type": "cti.a.p.acgw.response.v1.0~a.p.tenant_mapping.read.ok.v1.0",
  "request_id": "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
  "response_id": "c0a4b7f2-9c1d-4e55-a1de-6b1d0c9e8f33",
  "payload": {"items": [{"vendor_tenant_id": "1001"}]}
}"#;

fn validate(what: &str, text: &str) -> Ended {
    let folder = Folder::new();
    folder.write("body.json", text);
    folder.run(&["validate", what, "body.json"])
}

#[test]
fn valid_bodies_are_valid() {
    let request = validate("request", REQUEST);
    assert_eq!(request.code, Some(0), "{request:?}");
    assert_eq!(
        request.out,
        "body.json: a valid request of tenant_mapping.read\n"
    );
    let response = validate("response", RESPONSE);
    assert_eq!(response.code, Some(0), "{response:?}");
    assert_eq!(
        response.out,
        "body.json: a valid response of tenant_mapping.read\n"
    );
}

#[test]
fn every_callback_is_known() {
    let folder = Folder::new();
    let example = |schema: Schema| -> String {
        let document: Value = serde_json::from_str(schema.text()).expect("JSON");
        document["examples"][0].to_string()
    };
    for callback in CATALOG {
        folder.write("request.json", &example(callback.request_schema));
        let ended = folder.run(&["validate", "request", "request.json"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let expected = format!("request.json: a valid request of {}\n", callback.name);
        assert_eq!(ended.out, expected);

        folder.write("response.json", &example(callback.response_schema));
        for name in [callback.name, callback.id] {
            let args = ["validate", "response", "response.json", "--callback", name];
            let ended = folder.run(&args);
            assert_eq!(ended.code, Some(0), "{ended:?}");
            let expected = format!("response.json: a valid response of {}\n", callback.name);
            assert_eq!(ended.out, expected);
        }
    }
    folder.write("done.json", &example(ENABLEMENT_RESET.response_schema));
    assert_data_eq!(
        folder.run(&["validate", "response", "done.json"]).out,
        str![[r#"
done.json: a valid response
  note: this `type` answers each of enablement.write, enablement.reset, tenant_mapping.write

"#]]
    );
}

#[test]
fn slips_in_payloads_are_placed() {
    let with_payload = |kind: &str, payload: &str| {
        RESPONSE
            .replace("a.p.tenant_mapping.read.ok.v1.0", kind)
            .replace(r#"{"items": [{"vendor_tenant_id": "1001"}]}"#, payload)
    };
    let lower_case = with_payload(
        "a.p.partner.mirroring.get_state.ok.v1.0",
        r#"{"state": "enabled"}"#,
    )
    .replace("response.v1.0", "response.v1.1");
    let ended = validate("response", &lower_case);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("\n  /payload/state: "), "{ended:?}");
    let null = with_payload(
        "a.p.enablement.read.ok.v1.0",
        r#"{"vendor_tenant_id": "1", "acronis_tenant_id": null}"#,
    );
    let ended = validate("response", &null);
    assert!(
        ended.out.contains("\n  /payload/acronis_tenant_id: "),
        "{ended:?}"
    );
    let object = with_payload("a.p.customer.mirroring.get_state.ok.v1.0", "{}")
        .replace("response.v1.0", "response.v1.1");
    let ended = validate("response", &object);
    assert!(ended.out.contains("\n  /payload: "), "{ended:?}");
}

#[test]
fn problems_are_named_with_their_places() {
    let text = RESPONSE.replace("c0a4b7f2-9c1d", "c0a4b7f2").replace(
        "{\"vendor_tenant_id\": \"1001\"}",
        "{\"vendor_tenant_id\": \"1001\"}, {\"id\": 2}",
    );
    let ended = validate("response", &text);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.err, "");
    assert!(
        ended
            .out
            .starts_with("body.json: 2 problems in a response of tenant_mapping.read\n"),
        "{ended:?}"
    );
    assert!(ended.out.contains("\n  /response_id: "), "{ended:?}");
    assert!(
        ended
            .out
            .contains("\n  /payload/items/1: the key \"vendor_tenant_id\" is missing\n"),
        "{ended:?}"
    );
}

#[test]
fn a_body_that_is_no_json_says_where() {
    let ended = validate("request", "{\"type\": 1,}");
    assert_eq!(ended.code, Some(1));
    assert_data_eq!(
        ended.out,
        str![[r#"
body.json: 1 problem in a request
  line 1, column 12: not JSON: trailing comma

"#]]
    );
}

#[test]
fn standard_input_is_a_file_too() {
    let folder = Folder::new();
    let mut command = folder.acgw(&[
        "validate",
        "response",
        "-",
        "--callback",
        "tenant_mapping.read",
    ]);
    let mut child = command
        .stdin(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("its standard input");
    stdin.write_all(RESPONSE.as_bytes()).expect("written");
    drop(stdin);
    let ended = Ended::from(child.wait_with_output().expect("it ends"));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(
        ended.out,
        "standard input: a valid response of tenant_mapping.read\n"
    );
}

#[test]
fn files_and_callbacks_must_be_there() {
    let folder = Folder::new();
    let ended = folder.run(&["validate", "request", "missing.json"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended
            .err
            .starts_with("error: missing.json cannot be read: "),
        "{ended:?}"
    );
    let ended = folder.run(&["validate", "response", "x", "--callback", "topology.raed"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.err.contains("did you mean topology.read?"),
        "{ended:?}"
    );
}
