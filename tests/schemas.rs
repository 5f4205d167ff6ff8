//! The JSON Schemas: sound in themselves, true to the documents, and at one with the types.

use std::collections::BTreeSet;

use acgw_conformance::protocol::envelope::{TenantMapping, Topology};
use acgw_conformance::protocol::schema::{self, Schema};
use acgw_conformance::protocol::text::is_date_time;
use acgw_conformance::protocol::token::{Claims, TokenHeader};
use acgw_conformance::protocol::{CATALOG, Callback, Cti, ErrorResponse, Request, Response};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

#[path = "data/schemas.rs"]
mod data;
#[path = "data/payloads.rs"]
mod payloads;

use data::{allowed, claims, forbidden, request, response, set, topology, with};

const BASE: &str = "https://acgw-conformance.invalid/schemas/";

fn document(schema: Schema) -> Value {
    serde_json::from_str(schema.text()).expect("JSON")
}

fn examples(schema: Schema) -> Vec<Value> {
    document(schema)["examples"]
        .as_array()
        .expect("examples")
        .clone()
}

// Sound in themselves

#[test]
fn every_file_of_the_folder_is_listed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    let listed: BTreeSet<String> = schema::ALL
        .iter()
        .map(|schema| schema.file().to_owned())
        .collect();
    assert_eq!(files, listed);
}

#[test]
fn every_schema_is_one_by_the_2020_12_metaschema() {
    for schema in schema::ALL {
        let document = document(*schema);
        assert_eq!(
            document["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        if let Err(error) = jsonschema::draft202012::meta::validate(&document) {
            panic!("{}: {error}", schema.file());
        }
    }
}

#[test]
fn every_schema_says_what_it_is() {
    for schema in schema::ALL {
        let document = document(*schema);
        assert_eq!(document["$id"], format!("{BASE}{}", schema.file()));
        for key in ["title", "description"] {
            let text = document[key].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{}: {key}", schema.file());
        }
        assert!(!examples(*schema).is_empty(), "{}", schema.file());
    }
}

#[test]
fn every_example_keeps_its_schema() {
    for schema in schema::ALL {
        for example in examples(*schema) {
            let violations = schema.violations(&example);
            assert!(violations.is_empty(), "{}: {violations:#?}", schema.file());
            assert!(schema.is_valid(&example));
        }
    }
}

/// A misspelt keyword is silently no keyword, a misspelt format no format, and a key in `required` that no schema has is a
/// mistake.
#[test]
fn no_schema_has_a_keyword_that_does_nothing() {
    for schema in schema::ALL {
        lint(&document(*schema), schema.file());
    }
}

const ANNOTATIONS: &[&str] = &["$schema", "$id", "title", "description", "examples"];
const ASSERTIONS: &[&str] = &[
    "additionalProperties",
    "const",
    "enum",
    "format",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
    "required",
    "type",
];

fn lint(schema: &Value, place: &str) {
    let Value::Object(keywords) = schema else {
        assert!(schema.is_boolean(), "{place} is no schema");
        return;
    };
    for (keyword, value) in keywords {
        let place = format!("{place}/{keyword}");
        match keyword.as_str() {
            "properties" | "$defs" => {
                for (name, schema) in value.as_object().expect("an object") {
                    lint(schema, &format!("{place}/{name}"));
                }
            }
            "items" | "if" | "then" | "else" => lint(value, &place),
            "allOf" | "anyOf" => {
                for (at, schema) in value.as_array().expect("an array").iter().enumerate() {
                    lint(schema, &format!("{place}/{at}"));
                }
            }
            "$ref" => {
                let target = value.as_str().expect("a string");
                let file = schema::ALL.iter().any(|schema| schema.file() == target);
                assert!(file || target.starts_with("#/$defs/"), "{place}: {target}");
            }
            "format" => assert!(
                ["uuid", "date-time", "uri", "cti"].contains(&value.as_str().expect("a string")),
                "{place}: {value}"
            ),
            keyword => assert!(
                ANNOTATIONS.contains(&keyword) || ASSERTIONS.contains(&keyword),
                "{place} is no keyword that is used here"
            ),
        }
    }
    if let (Some(required), Some(properties)) =
        (keywords.get("required"), keywords.get("properties"))
    {
        for key in required.as_array().expect("an array") {
            assert!(
                properties.get(key.as_str().expect("a string")).is_some(),
                "{place}: {key} is required"
            );
        }
    }
}

#[test]
fn the_lint_finds_what_it_is_for() {
    for bad in [
        json!({"requierd": ["a"]}),
        json!({"properties": {"a": {"type": "string", "fromat": "uuid"}}}),
        json!({"items": {"format": "datetime"}}),
        json!({"allOf": [{"$ref": "request.json"}]}),
        json!({"properties": {"a": true}, "required": ["b"]}),
        json!({"then": 1}),
    ] {
        assert!(
            std::panic::catch_unwind(|| lint(&bad, "")).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn every_field_is_described() {
    fn walk(schema: &Value, place: &str) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let narrows = field.is_boolean()
                || field["const"].is_string()
                || field
                    .as_object()
                    .is_some_and(|keys| keys.keys().all(|key| key == "properties"));
            let place = format!("{place}/{name}");
            assert!(narrows || field["description"].is_string(), "{place}");
            walk(field, &place);
            walk(&field["items"], &place);
        }
    }
    for schema in schema::ALL.iter().copied() {
        walk(&document(schema), schema.file());
    }
}

#[test]
fn the_catalog_and_the_schemas_name_the_same_things() {
    for callback in CATALOG {
        let request = document(callback.request_schema);
        assert_eq!(
            request["properties"]["type"]["const"],
            callback.request_type
        );
        assert_eq!(
            request["properties"]["context"]["properties"]["callback_id"]["const"],
            callback.id
        );
        let response = document(callback.response_schema);
        assert_eq!(
            response["properties"]["type"]["const"],
            callback.response_type
        );
        // The first example is the catalog's; the others show what else is right.
        let first = &examples(callback.request_schema)[0];
        let payload = callback
            .request_payload
            .map(|text| serde_json::from_str(text).expect("JSON"));
        assert_eq!(first.get("payload"), payload.as_ref());
        for example in examples(callback.response_schema) {
            assert_eq!(example.get("payload").is_some(), callback.response_payload);
        }
    }
}

// True to the documents

#[test]
fn what_the_documents_allow_is_valid() {
    for (schema, plain, changes) in allowed() {
        assert_eq!(schema.violations(&plain), [], "{}", schema.file());
        for (pointer, change) in changes {
            let value = with(plain.clone(), pointer, &change);
            assert_eq!(schema.violations(&value), [], "{}: {value}", schema.file());
        }
    }
}

#[test]
fn what_the_documents_forbid_is_not_and_the_place_is_told() {
    for (schema, plain, changes) in forbidden() {
        for (pointer, change) in changes {
            let value = with(plain.clone(), pointer, &change);
            assert!(!schema.is_valid(&value), "{}: {value}", schema.file());
            let violations = schema.violations(&value);
            assert!(!violations.is_empty());
            for violation in violations {
                // At the place, within it, or at the object that lacks it or has it.
                let place = violation.instance_path.as_str();
                let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
                assert!(
                    place.starts_with(pointer) || place == parent,
                    "{violation} for {pointer}"
                );
                assert!(!violation.message.is_empty() && !violation.keyword().is_empty());
            }
        }
    }
}

#[test]
fn secrets_and_extra_data_are_objects() {
    for schema in [schema::AUTH_SECRETS, schema::EXTRA] {
        for value in [json!({}), json!({"Account region": null, "": [1]})] {
            assert!(schema.is_valid(&value), "{value}");
        }
        for value in [
            json!(null),
            json!([]),
            json!("password"),
            json!(1),
            json!(true),
        ] {
            assert!(!schema.is_valid(&value), "{value}");
        }
    }
}

#[test]
fn a_report_that_contradicts_itself_is_refused() {
    let report = examples(schema::REPORT)[0].clone();
    for (pointer, change) in [
        ("/further", set(json!(1))),
        ("/run/further", set(json!(1))),
        ("/run/seed", set(json!("00C0FFEE00C0FFEE"))),
        ("/run/seed", set(json!("c0ffee"))),
        ("/run/seed", set(json!(1))),
        ("/run/ended", set(json!("done"))),
        ("/run/strict", None),
        ("/run/started_at", set(json!("2023-04-10"))),
        ("/summary/total", None),
        ("/summary/further", set(json!(1))),
        ("/notices", None),
        ("/format", set(json!("acgw-report/2"))),
        ("/requirements/0/cases", set(json!(0))),
        ("/requirements/0/state", set(json!("failed"))),
        ("/requirements/0/state", set(json!("blocked"))),
        ("/requirements/0/state", set(json!("skipped"))),
        ("/requirements/0/failed_cases", set(json!(1))),
        ("/requirements/0/id", set(json!("http-1"))),
        ("/requirements/0/further", set(json!(1))),
        ("/requirements/1/state", set(json!("passed"))),
        ("/requirements/1/failures", set(json!([]))),
        ("/requirements/1/failures/0/curl", None),
        ("/requirements/1/failures/0/further", set(json!(1))),
        ("/requirements/2/reason", None),
    ] {
        let value = with(report.clone(), pointer, &change);
        assert!(!schema::REPORT.is_valid(&value), "{pointer} {change:?}");
    }
    for (pointer, change) in [
        ("/run/ended_reason", set(json!("the handler went away"))),
        ("/requirements/0/cut", set(json!(7))),
        ("/requirements/1/failures/0/diff", set(json!("-a\n+b"))),
        ("/requirements/2/state", set(json!("blocked"))),
        ("/requirements", set(json!([]))),
    ] {
        let value = with(report.clone(), pointer, &change);
        assert_eq!(
            schema::REPORT.violations(&value),
            [],
            "{pointer} {change:?}"
        );
    }
}

// At one with the types

fn reads<T: DeserializeOwned>(value: &Value) -> bool {
    let from_value = T::deserialize(value).is_ok();
    let from_text = serde_json::from_str::<T>(&value.to_string()).is_ok();
    assert_eq!(from_value, from_text, "{value}");
    from_value
}

/// Whether the types read what the schema describes.
fn typed(schema: Schema, value: &Value) -> bool {
    match schema {
        schema::REQUEST => reads::<Request>(value),
        schema::RESPONSE => reads::<Response>(value),
        schema::ERROR_RESPONSE => reads::<ErrorResponse>(value),
        schema::TOKEN_CLAIMS => reads::<Claims>(value),
        schema::TOKEN_HEADER => reads::<TokenHeader>(value),
        schema::CTI => reads::<Cti>(value),
        schema::AUTH_SECRETS | schema::EXTRA => reads::<Map<String, Value>>(value),
        _ => match of_callback(schema) {
            Some((callback, Direction::Request)) => {
                reads::<Request>(value)
                    && value["type"] == callback.request_type
                    && value["context"]["callback_id"] == callback.id
                    && payloads::request(callback, value.get("payload")).is_ok()
            }
            Some((callback, Direction::Response)) => {
                reads::<Response>(value)
                    && value["type"] == callback.response_type
                    && payloads::response(callback, value.get("payload")).is_ok()
            }
            None => panic!("no type stands for {}", schema.file()),
        },
    }
}

enum Direction {
    Request,
    Response,
}

/// Which callback a schema is for.
fn of_callback(schema: Schema) -> Option<(&'static Callback, Direction)> {
    CATALOG.iter().find_map(|callback| {
        if callback.request_schema == schema {
            Some((callback, Direction::Request))
        } else if callback.response_schema == schema {
            Some((callback, Direction::Response))
        } else {
            None
        }
    })
}

#[test]
fn types_and_schemas_agree() {
    for schema in schema::ALL
        .iter()
        .filter(|schema| ![schema::REPORT, schema::RECORDING].contains(schema))
    {
        for example in examples(*schema) {
            assert!(typed(*schema, &example), "{}: {example}", schema.file());
        }
        for other in [
            json!(null),
            json!(true),
            json!(1),
            json!("x"),
            json!([]),
            json!([{}]),
            json!({}),
        ] {
            assert_eq!(
                typed(*schema, &other),
                schema.is_valid(&other),
                "{}: {other}",
                schema.file()
            );
        }
    }
    for (valid, cases) in [(true, allowed()), (false, forbidden())] {
        for (schema, plain, changes) in cases {
            assert!(typed(schema, &plain), "{}", schema.file());
            for (pointer, change) in changes {
                let value = with(plain.clone(), pointer, &change);
                assert_eq!(typed(schema, &value), valid, "{}: {value}", schema.file());
                // The envelopes judge for themselves what callbacks judge more narrowly.
                let envelope = match of_callback(schema) {
                    Some((_, Direction::Request)) => schema::REQUEST,
                    Some((_, Direction::Response)) => schema::RESPONSE,
                    None => schema,
                };
                assert_eq!(
                    typed(envelope, &value),
                    envelope.is_valid(&value),
                    "{}: {value}",
                    envelope.file()
                );
            }
        }
    }
}

#[test]
fn what_the_types_write_is_what_they_read() {
    let read: Request = serde_json::from_value(request()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), request());
    let read: Response = serde_json::from_value(topology()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), topology());
    let payload: Topology = serde_json::from_value(read.payload.unwrap()).unwrap();
    assert_eq!(
        serde_json::to_value(&payload).unwrap(),
        topology()["payload"]
    );
    let payload: TenantMapping = serde_json::from_value(response()["payload"].clone()).unwrap();
    assert_eq!(
        serde_json::to_value(&payload).unwrap(),
        response()["payload"]
    );
    let read: Claims = serde_json::from_value(claims()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), claims());
}

/// Texts that are nearly dates.
fn nearly_dates() -> impl Strategy<Value = String> {
    let date = proptest::string::string_regex(concat!(
        "[0-9]{4}-(0[0-9]|1[0-3])-([0-2][0-9]|3[0-2])[Tt]",
        "([01][0-9]|2[0-4]):[0-6][0-9]:([0-5][0-9]|61)(\\.[0-9]{0,12})?",
        "([Zz]|[+-]([01][0-9]|2[0-4]):[0-6][0-9])",
    ))
    .expect("a regular expression");
    let damage = (
        any::<prop::sample::Index>(),
        prop::sample::select("0129-:.+TZtz ".chars().collect::<Vec<_>>()),
    );
    (date, prop::option::weighted(0.2, damage)).prop_map(|(date, damage)| match damage {
        None => date,
        Some((index, character)) => {
            let mut characters: Vec<char> = date.chars().collect();
            let at = index.index(characters.len());
            characters[at] = character;
            characters.into_iter().collect()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The validator has a check of its own; where it differs from ours one of the two is wrong. It takes leap seconds on
    /// every day, so they are left to the hand-picked cases.
    #[test]
    fn dates_are_judged_as_by_another_implementation(text in nearly_dates()) {
        thread_local!(static THEIRS: jsonschema::Validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&json!({"format": "date-time"}))
            .expect("a schema"));
        prop_assume!(!text.contains(":60"));
        let theirs = THEIRS.with(|theirs| theirs.is_valid(&json!(text)));
        prop_assert_eq!(is_date_time(&text), theirs, "{}", text);
    }
}
