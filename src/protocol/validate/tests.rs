//! Bodies with one defect each, and the one problem that is told.

use serde_json::{Value, json};

use super::*;

fn examples(schema: Schema) -> Vec<Value> {
    let schema: Value = serde_json::from_str(schema.text()).expect("JSON");
    schema["examples"].as_array().expect("examples").clone()
}

fn read_request() -> Value {
    examples(schema::TENANT_MAPPING_READ_REQUEST)[0].clone()
}

fn read_response() -> Value {
    examples(schema::TENANT_MAPPING_READ_RESPONSE)[0].clone()
}

/// The value with one place changed; `None` takes the key away.
fn with(mut value: Value, pointer: &str, change: Option<Value>) -> Vec<u8> {
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer to a key");
    let parent = value.pointer_mut(parent).expect("the place is there");
    match (parent, change) {
        (Value::Object(object), Some(change)) => drop(object.insert(key.to_owned(), change)),
        (Value::Object(object), None) => drop(object.remove(key).expect("the key is there")),
        _ => panic!("no object"),
    }
    value.to_string().into_bytes()
}

fn problems(verdict: &Verdict) -> Vec<String> {
    verdict.problems.iter().map(Problem::to_string).collect()
}

#[test]
fn every_example_is_valid_and_taken_for_what_it_is() {
    for callback in catalog::CATALOG {
        for example in examples(callback.request_schema) {
            let verdict = request(example.to_string().as_bytes());
            assert_eq!(problems(&verdict), [""; 0]);
            assert_eq!(
                verdict.callback.map(|callback| callback.name),
                Some(callback.name)
            );
        }
        for example in examples(callback.response_schema) {
            for given in [None, Some(callback)] {
                let verdict = response(example.to_string().as_bytes(), given);
                assert_eq!(problems(&verdict), [""; 0]);
                assert_eq!(verdict.taken_for, TakenFor::Response);
                let of_this_type = catalog::CATALOG
                    .iter()
                    .filter(|other| other.response_type == callback.response_type);
                // A type that several share does not tell which was answered.
                let told = given.is_some() || of_this_type.count() == 1;
                assert_eq!(
                    verdict.callback.map(|callback| callback.name),
                    told.then_some(callback.name)
                );
                assert_eq!(verdict.notes.is_empty(), told);
            }
        }
    }
    for example in examples(schema::ERROR_RESPONSE) {
        let verdict = response(example.to_string().as_bytes(), None);
        assert_eq!(problems(&verdict), [""; 0]);
        assert_eq!(verdict.taken_for, TakenFor::ErrorResponse);
    }
}

#[test]
fn one_defect_of_a_request_is_one_problem() {
    let other_type = "cti.a.p.acgw.request.v1.0~a.p.topology.read.v1.0";
    for (pointer, change, expected) in [
        (
            "/type",
            Some(json!(other_type)),
            "/type: \"cti.a.p.acgw.request.v1.0~a.p.topology.read.v1.0\" where \"cti.a.p.acgw.request.v1.0~a.p.empty.v1.0\" is expected",
        ),
        (
            "/type",
            Some(json!(7)),
            "/type: 7 where a string is expected",
        ),
        ("/type", None, "(root): the key \"type\" is missing"),
        (
            "/request_id",
            Some(json!("")),
            "/request_id: \"\" is not a UUID (8-4-4-4-12 hexadecimal digits)",
        ),
        (
            "/request_id",
            Some(json!(null)),
            "/request_id: null where a string is expected",
        ),
        (
            "/created_at",
            Some(json!("2023-02-30T00:00:00Z")),
            "/created_at: \"2023-02-30T00:00:00Z\" is not an RFC 3339 date and time",
        ),
        (
            "/context",
            Some(json!([])),
            "/context: [] where an object is expected",
        ),
        (
            "/context/datacenter_url",
            Some(json!("acronis.cloud")),
            "/context/datacenter_url: \"acronis.cloud\" is not an absolute URI",
        ),
        (
            "/context/endpoint_id",
            Some(json!("cti.a.p.x.v01.0")),
            "/context/endpoint_id: \"cti.a.p.x.v01.0\" is not a CTI identifier: a version number has a leading zero (at character 11, counted from 0)",
        ),
        (
            "/context/callback_id",
            None,
            "/context: the key \"callback_id\" is missing",
        ),
        (
            "/context/callback_id",
            Some(json!(
                "cti.a.p.acgw.callback.v1.0~a.p.tenant_maping.read.v1.0"
            )),
            "/context/callback_id: \"cti.a.p.acgw.callback.v1.0~a.p.tenant_maping.read.v1.0\" is no documented callback",
        ),
        (
            "/context/callback_id",
            Some(json!("cti.a.p.acgw.callback.v1.0")),
            "/context/callback_id: \"cti.a.p.acgw.callback.v1.0\" is no documented callback",
        ),
        (
            "/context/callback_id",
            Some(json!(other_type)),
            "/context/callback_id: \"cti.a.p.acgw.request.v1.0~a.p.topology.read.v1.0\" is no documented callback",
        ),
        (
            "/context/callback_id",
            Some(json!("cti.a.p.acgw.callback.v1.0~*")),
            "/context/callback_id: \"cti.a.p.acgw.callback.v1.0~*\" is not a CTI identifier: `*` is a wildcard of a reference expression (at character 27, counted from 0)",
        ),
        (
            "/payload",
            Some(json!({})),
            "/payload: nothing may stand here",
        ),
        (
            "/payload",
            Some(json!(null)),
            "/payload: nothing may stand here",
        ),
        (
            "/paging",
            Some(json!({"limit": 1})),
            "/paging: the key \"paging\" is not documented here",
        ),
        (
            "/further",
            Some(json!(1)),
            "/further: the key \"further\" is not documented here",
        ),
    ] {
        let verdict = request(&with(read_request(), pointer, change.clone()));
        assert_eq!(problems(&verdict), [expected], "{pointer} {change:?}");
    }
}

#[test]
fn one_defect_of_a_response_is_one_problem() {
    let id = "/payload/items/1/acronis_tenant_id";
    let not_a_uuid = "is not a UUID (8-4-4-4-12 hexadecimal digits)";
    for (pointer, change, expected) in [
        (
            "/payload",
            None,
            "(root): the key \"payload\" is missing".to_owned(),
        ),
        (
            "/payload",
            Some(json!([])),
            "/payload: [] where an object is expected".to_owned(),
        ),
        (
            "/payload/paging",
            Some(json!({})),
            "/payload/paging: the key \"paging\" is not documented here".to_owned(),
        ),
        (
            "/payload/items",
            Some(json!(null)),
            "/payload/items: null where an array is expected".to_owned(),
        ),
        (
            "/payload/items/1/vendor_tenant_id",
            Some(json!("")),
            "/payload/items/1/vendor_tenant_id: the string is empty".to_owned(),
        ),
        (
            id,
            Some(json!(null)),
            format!("{id}: null where a string is expected"),
        ),
        (id, Some(json!("")), format!("{id}: \"\" {not_a_uuid}")),
        (
            "/response_id",
            Some(json!("x")),
            format!("/response_id: \"x\" {not_a_uuid}"),
        ),
        (
            "/status",
            Some(json!("ok")),
            "/status: the key \"status\" is not documented here".to_owned(),
        ),
    ] {
        for callback in [None, Some(&catalog::TENANT_MAPPING_READ)] {
            let verdict = response(&with(read_response(), pointer, change.clone()), callback);
            assert_eq!(
                problems(&verdict),
                [expected.as_str()],
                "{pointer} {change:?}"
            );
        }
    }
    let body = read_response().to_string();
    let verdict = response(body.as_bytes(), Some(&catalog::TOPOLOGY_READ));
    assert_eq!(
        problems(&verdict),
        ["/type: the response of tenant_mapping.read, not of topology.read"]
    );
}

#[test]
fn a_key_in_another_spelling_is_told_once() {
    let mut body = read_request();
    let id = body["request_id"].take();
    body.as_object_mut().unwrap().remove("request_id");
    body["requestId"] = id;
    let verdict = request(body.to_string().as_bytes());
    assert_eq!(
        problems(&verdict),
        ["/requestId: the key \"requestId\" should read \"request_id\""]
    );
}

#[test]
fn an_error_response_has_no_type() {
    let body = examples(schema::ERROR_RESPONSE)[0].clone();
    let verdict = response(&with(body, "/type", Some(json!("x"))), None);
    assert_eq!(verdict.taken_for, TakenFor::ErrorResponse);
    assert_eq!(
        problems(&verdict),
        ["/type: the key \"type\" is not documented here"]
    );
}

#[test]
fn what_the_catalog_does_not_have_is_checked_as_an_envelope() {
    let mut body = read_request();
    body["context"]["callback_id"] = json!("cti.a.p.acgw.callback.v1.0~vendor.app.list.v1.0");
    body["type"] = json!("cti.a.p.acgw.request.v1.0~vendor.app.list.v1.0");
    let verdict = request(body.to_string().as_bytes());
    assert_eq!(problems(&verdict), [""; 0]);
    assert_eq!(verdict.notes.len(), 1);
    assert!(verdict.callback.is_none());

    body["paging"] = json!({"limit": 10});
    assert_eq!(request(body.to_string().as_bytes()).problems.len(), 1);
    body["context"]["callback_id"] = json!("cti.a.p.acgw.callback.v2.0~vendor.app.list.v1.0");
    let verdict = request(body.to_string().as_bytes());
    assert_eq!(problems(&verdict), [""; 0]);
    body["paging"] = json!({"limit": "10"});
    let verdict = request(body.to_string().as_bytes());
    assert_eq!(
        problems(&verdict),
        ["/paging/limit: \"10\" where a whole number is expected"]
    );

    body["paging"] = json!({"limit": 10});
    body["type"] = json!("cti.a.p.acgw.response.v1.0~vendor.app.list.v1.0");
    assert_eq!(
        problems(&request(body.to_string().as_bytes())),
        [
            "/type: \"cti.a.p.acgw.response.v1.0~vendor.app.list.v1.0\" is no documented request type"
        ]
    );

    let mut body = read_response();
    for (kind, valid) in [
        // These have no payload, and the body has one.
        (
            "cti.a.p.acgw.response.v1.0~a.p.success_no_content.v1.0",
            false,
        ),
        (
            "cti.a.p.acgw.response.v1.1~a.p.partner.mirroring.reset.ok.v1.0",
            false,
        ),
        ("cti.a.p.acgw.response.v1.0~vendor.app.list.ok.v1.0", true),
        ("cti.a.p.acgw.response.v1.0~a.p.success.v1.0", false),
        ("cti.a.p.acgw.response.v1.0", false),
        ("cti.a.p.acgw.request.v1.0~vendor.app.list.v1.0", false),
        ("ok", false),
    ] {
        body["type"] = json!(kind);
        let verdict = response(body.to_string().as_bytes(), None);
        assert_eq!(verdict.is_valid(), valid, "{kind}: {verdict:?}");
        assert_eq!(
            verdict.problems.len(),
            usize::from(!valid),
            "{kind}: {verdict:?}"
        );
    }
}

#[test]
fn what_is_not_json_is_told_with_its_place() {
    for (body, expected) in [
        (&b""[..], "line 1, column 1: the body is empty"),
        (b" \n", "line 1, column 1: the body is empty"),
        (
            b"\xef\xbb\xbf{}",
            "line 1, column 1: a byte order mark stands before the JSON text",
        ),
        (
            b"{\"a\":\n \"\xc3\xa9\xff\"}",
            "line 2, column 4: the body is not UTF-8 here",
        ),
        (b"{} {}", "line 1, column 4: not JSON: trailing characters"),
        (
            b"{\"a\": NaN}",
            "line 1, column 7: not JSON: expected value",
        ),
        (b"{\"a\": 1,}", "line 1, column 9: not JSON: trailing comma"),
        (
            b"{\"a\":",
            "line 1, column 5: not JSON: EOF while parsing a value",
        ),
        (
            b"{\"a\": 1e400}",
            "line 1, column 11: not JSON: number out of range",
        ),
    ] {
        for verdict in [request(body), response(body, None)] {
            assert_eq!(problems(&verdict), [expected]);
            assert_eq!(verdict.problems[0].kind, ProblemKind::Json);
        }
    }
    for body in [&b"\"\\ud800\""[..], b"\"\x01\"", "[".repeat(200).as_bytes()] {
        let verdict = request(body);
        assert_eq!(verdict.problems.len(), 1);
        assert_eq!(verdict.problems[0].kind, ProblemKind::Json);
    }
    for body in [&b"[]"[..], b"1", b"null", b"\"x\""] {
        let verdict = request(body);
        assert_eq!(verdict.problems.len(), 1);
        assert!(problems(&verdict)[0].ends_with("where an object is expected"));
    }
}

#[test]
fn duplicate_keys_are_told_at_every_depth() {
    let text = read_response().to_string();
    let body = text
        .replace(
            "\"vendor_tenant_id\":\"org-2\"",
            "\"vendor_tenant_id\":\"org-2\",\"vendor_tenant_id\":\"org-3\"",
        )
        .replacen('{', "{\"type\":1,", 1);
    let verdict = response(body.as_bytes(), None);
    let places: Vec<_> = verdict
        .problems
        .iter()
        .map(|problem| (problem.kind, problem.pointer.as_str()))
        .collect();
    assert_eq!(
        places,
        [
            (ProblemKind::DuplicateKey, "/type"),
            (
                ProblemKind::DuplicateKey,
                "/payload/items/1/vendor_tenant_id"
            ),
        ]
    );
}

#[test]
fn a_key_that_stands_twice_is_told_though_the_value_around_it_is_not_read() {
    let verdict = request(br#"{"context":{"a":1,"a":2},"context":{}}"#);
    let twice = verdict
        .problems
        .iter()
        .filter(|problem| problem.kind == ProblemKind::DuplicateKey);
    let places: Vec<_> = twice.map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(places, ["/context/a", "/context"]);
}

#[test]
fn long_values_are_shortened_and_many_problems_are_limited() {
    let mut body = read_response();
    body["payload"]["items"] = Value::Array(vec![json!({"vendor_tenant_id": 1}); 10_000]);
    body["response_id"] = json!("x".repeat(100_000));
    let verdict = response(body.to_string().as_bytes(), None);
    assert!(!verdict.is_valid());
    assert!(verdict.problems.len() <= crate::protocol::Violation::MOST);
    assert!(problems(&verdict).iter().all(|problem| problem.len() < 500));
}

#[test]
fn values_of_every_kind_are_read_as_they_are() {
    let kinds = json!({
        "true": true, "false": false, "null": null, "least": i64::MIN, "most": u64::MAX, "fraction": -0.5, "text": "a\\b\n",
        "list": [1, [], {}], "object": {"a": {"b": 2.5e300}},
    });
    let body = with(read_request(), "/payload", Some(kinds));
    let whole: Value = serde_json::from_slice(&body).expect("JSON");
    let (read, duplicates) = json::read(&body).expect("JSON");
    assert_eq!(read, whole);
    assert!(duplicates.is_empty());
}
