//! What `generate` promises: valid is valid, broken is broken for every common parser, and the same seed gives the same value.

use std::collections::HashSet;

use acgw_conformance::generate::malform::{self, Edit, enumerated, of_class};
use acgw_conformance::generate::valid::{self, Freedom};
use acgw_conformance::generate::{
    Class, Damage, Malformation, Style, Template, encode, hostile, seed, values,
};
use acgw_conformance::protocol::text::{is_date_time, is_uuid};
use acgw_conformance::protocol::{CATALOG, Callback, Cti, catalog};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Map, Value};

const REQUEST_ID: &str = "9b2f0d0e-6f5b-4a3b-8a9e-3f1f0a6f7c10";

fn template(callback: &'static Callback) -> Template {
    Template {
        callback,
        endpoint_id: "cti.a.p.acgw.endpoint.v1.0~example.app.handler.v1.0".to_owned(),
        tenant_id: "e0b3a8a6-3a5c-4b0e-9a39-0c1a5f1f6b11".to_owned(),
        datacenter_url: "https://eu2-cloud.acronis.com".to_owned(),
        payload: None,
    }
}

fn templates() -> impl Iterator<Item = Template> {
    CATALOG.iter().map(template)
}

/// The first values of a strategy.
fn some<S: Strategy>(strategy: &S, name: &str, count: u64) -> Vec<S::Value> {
    (0..count)
        .map(|case| {
            seed::tree(strategy, seed::case_seed(1, name, case))
                .expect("no strategy rejects")
                .current()
        })
        .collect()
}

fn assert_unique<'a>(names: impl IntoIterator<Item = &'a str>) {
    let mut seen = HashSet::new();
    for name in names {
        assert!(seen.insert(name), "two are named {name:?}");
    }
}

#[test]
fn the_plain_request_keeps_its_schema() {
    for template in templates() {
        let envelope = template.envelope(REQUEST_ID);
        let violations = template.callback.request_schema.violations(&envelope);
        assert!(violations.is_empty(), "{envelope}: {violations:?}");
    }
}

#[test]
fn valid_requests_keep_their_schema_however_they_are_spelt() {
    for template in templates() {
        for case in some(&valid::requests(&template, true), "valid", 300) {
            let read: Value = serde_json::from_str(&case.body()).expect("JSON");
            assert_eq!(read, case.envelope);
            let violations = template.callback.request_schema.violations(&read);
            assert!(violations.is_empty(), "{read}: {violations:?}");
            let media_type = case.content_type.to_ascii_lowercase();
            assert!(media_type.starts_with("application/json"), "{media_type}");
            assert_eq!(case.text("/context/tenant_id"), template.tenant_id);
            assert_eq!(
                case.text("/context/datacenter_url"),
                template.datacenter_url
            );
        }
    }
}

#[test]
fn only_what_is_free_varies() {
    let template = template(&CATALOG[0]);
    let fixed = valid::requests_within(&template, Freedom::default());
    for case in some(&fixed, "fixed", 20) {
        let id = case.text("/request_id").to_owned();
        assert_eq!(case, valid::ValidCase::plain(&template, &id));
    }
    for case in some(&valid::requests(&template, false), "endpoint", 50) {
        assert_eq!(case.text("/context/endpoint_id"), template.endpoint_id);
    }
}

#[test]
fn a_request_shrinks_to_the_plain_one() {
    let template = template(&CATALOG[0]);
    let everything = valid::requests(&template, false);
    let mut tree = seed::tree(&everything, seed::case_seed(1, "shrink", 0)).expect("no filter");
    let mut steps = 0;
    while tree.simplify() {
        steps += 1;
        assert!(steps < 5_000, "shrinking does not end");
    }
    let smallest = tree.current();
    assert_eq!(smallest.style, Style::plain());
    assert_eq!(smallest.content_type, "application/json");
    assert!(smallest.extra.is_empty());
}

#[test]
fn generated_identifiers_have_their_forms() {
    for text in some(&valid::created_at(), "created_at", 2_000) {
        assert!(is_date_time(&text), "{text}");
        assert!(text.contains('T') && !text.ends_with('z'), "{text}");
        // East of Greenwich the first hours of year 1 are in year 0 of UTC, west of it the last of 9999 in 10000.
        let offset = &text[19..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
        let east = offset.starts_with('+') && *offset != "+00:00";
        assert!(!(text.starts_with("0001-01-01") && east), "{text}");
        assert!(
            !(text.starts_with("9999-12-31") && offset.starts_with('-')),
            "{text}"
        );
    }
    for text in valid::created_at_examples() {
        assert!(is_date_time(text), "{text}");
    }
    for text in some(&valid::any_rfc3339(), "any date", 2_000) {
        assert!(is_date_time(&text), "{text}");
    }
    for text in some(&valid::request_id(), "request_id", 500) {
        assert!(
            is_uuid(&text) && text == text.to_ascii_lowercase(),
            "{text}"
        );
        assert!(b"12345".contains(&text.as_bytes()[14]), "version of {text}");
        assert!(b"89ab".contains(&text.as_bytes()[19]), "variant of {text}");
    }
    for text in some(&valid::upper_case_request_id(), "upper", 200) {
        assert!(
            is_uuid(&text) && text != text.to_ascii_lowercase(),
            "{text}"
        );
        assert_eq!(text, text.to_ascii_uppercase());
    }
    for text in some(&valid::any_uuid(), "any uuid", 500) {
        assert!(is_uuid(&text), "{text}");
    }
    for text in some(&valid::cti(), "cti", 2_000) {
        if let Err(error) = Cti::parse(&text) {
            panic!("{text}: {error}");
        }
    }
    for text in some(&valid::endpoint_id(), "endpoint", 1_000) {
        assert!(
            Cti::parse(&text).is_ok() && text == text.to_ascii_lowercase(),
            "{text}"
        );
    }
}

#[test]
fn every_style_reads_back_as_the_same_value() {
    let any = (values::any_value(), Style::strategy());
    for (value, style) in some(&any, "style", 1_000) {
        let text = encode::write(&value, &style);
        let read: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{style:?} wrote {text}: {error}"));
        assert_eq!(read, value, "{style:?} wrote {text}");
    }
    let awkward = serde_json::json!({
        "\u{0}\u{1f}\"\\/\u{8}\u{c}\n\r\t\u{7f}": "\u{1f600}\u{e9}\u{2028}\u{10ffff}",
        "": [[], {}, [{}], -0.0, 1e300, u64::MAX, i64::MIN, true, null],
    });
    for style in Style::enumerated().into_iter().chain([Style::plain()]) {
        let text = encode::write(&awkward, &style);
        let read: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read, awkward, "{style:?}");
    }
    assert_eq!(
        encode::write(&awkward, &Style::plain()),
        awkward.to_string()
    );
}

#[test]
fn styles_differ_from_one_another() {
    let envelope = template(&CATALOG[0]).envelope(REQUEST_ID);
    let mut texts = HashSet::from([envelope.to_string()]);
    for style in Style::enumerated() {
        assert!(
            texts.insert(encode::write(&envelope, &style)),
            "{style:?} changes nothing"
        );
    }
}

#[test]
fn malformations_have_names_of_their_own() {
    for template in templates() {
        let all = enumerated(&template, REQUEST_ID);
        assert_unique(all.iter().map(|one| one.name.as_str()));
        for class in Class::ALL {
            let payload = template.payload();
            let members = payload.as_ref().and_then(Value::as_object);
            let may_have_none = *class == Class::Payload && members.is_none_or(Map::is_empty);
            assert_eq!(
                all.iter().any(|one| one.class == *class),
                !may_have_none,
                "{class:?} of {}",
                template.callback.name
            );
            assert!(
                of_class(&template, REQUEST_ID, *class)
                    .iter()
                    .all(|one| one.class == *class),
                "a stranger among {class:?}"
            );
        }
        for one in all {
            assert!(!one.name.chars().any(char::is_control), "{:?}", one.name);
            assert!(one.name.len() < 120, "{} is a long name", one.name);
        }
    }
}

#[test]
fn malformations_differ_from_the_valid_request() {
    for template in templates() {
        let plain = template.envelope(REQUEST_ID).to_string();
        for one in enumerated(&template, REQUEST_ID) {
            let changed =
                one.body != plain.as_bytes() || one.content_type.is_some() || one.method.is_some();
            assert!(changed, "{} changes nothing", one.name);
        }
    }
}

#[test]
fn what_must_be_refused_is_wrong_for_every_parser() {
    for template in templates() {
        for one in enumerated(&template, REQUEST_ID) {
            if !one.class.must_be_refused() || one.class == Class::Method {
                continue;
            }
            for (parser, read) in [
                ("strict", serde_json::from_slice(&one.body).ok()),
                ("first value only", first_value(&one.body)),
            ] {
                if let Some(value) = read {
                    refused(&template, &one, &value, parser);
                }
            }
        }
    }
}

/// What a parser reads that stops behind the first value, as Go's and Jackson's do by default.
fn first_value(body: &[u8]) -> Option<Value> {
    serde_json::Deserializer::from_slice(body)
        .into_iter()
        .next()?
        .ok()
}

fn refused(template: &Template, one: &Malformation, value: &Value, parser: &str) {
    let at = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let right = match one.class {
        Class::NotAnObject => value.is_object(),
        Class::Dispatch => at("/context/callback_id").is_some(),
        Class::UnknownCallback => CATALOG
            .iter()
            .any(|callback| at("/context/callback_id") == Some(callback.id)),
        Class::RequestId => at("/request_id").is_some(),
        Class::Endpoint => at("/context/endpoint_id").is_some_and(|id| !id.is_empty()),
        other => panic!("{other:?} need not be refused"),
    };
    assert!(
        !right,
        "{}: read by a {parser} parser, nothing is wrong",
        one.name
    );
    // Nor does anything else about it hide what is wrong.
    let valid = template.callback.request_schema.is_valid(value);
    assert!(
        !valid || one.class == Class::UnknownCallback,
        "{} keeps the schema",
        one.name
    );
}

#[test]
fn each_malformation_of_a_field_is_one_change() {
    for template in templates() {
        let plain = template.envelope(REQUEST_ID);
        for class in [Class::UnknownCallback, Class::RequestId, Class::Endpoint] {
            for one in of_class(&template, REQUEST_ID, class) {
                let value: Value = serde_json::from_slice(&one.body).expect("JSON");
                let changed = ["/type", "/request_id", "/created_at", "/payload"]
                    .into_iter()
                    .chain(["callback_id", "endpoint_id", "tenant_id", "datacenter_url"])
                    .filter(|place| {
                        let pointer = if place.starts_with('/') {
                            (*place).to_owned()
                        } else {
                            format!("/context/{place}")
                        };
                        value.pointer(&pointer) != plain.pointer(&pointer)
                    })
                    .count();
                assert_eq!(changed, 1, "{}", one.name);
            }
        }
    }
}

#[test]
fn malformed_payloads_break_the_schema_in_one_place() {
    for template in templates() {
        let plain = template.envelope(REQUEST_ID);
        for one in of_class(&template, REQUEST_ID, Class::Payload) {
            let value: Value = serde_json::from_slice(&one.body).expect("JSON");
            let violations = template.callback.request_schema.violations(&value);
            assert!(!violations.is_empty(), "{} keeps the schema", one.name);
            let without = |value: &Value| {
                let mut members = value.as_object().expect("an object").clone();
                members.shift_remove("payload");
                members
            };
            assert_eq!(without(&value), without(&plain), "{}", one.name);
            let violated = violations.iter().all(|one| {
                one.instance_path.is_empty() || one.instance_path.starts_with("/payload")
            });
            assert!(violated, "{}: {violations:?}", one.name);
        }
    }
}

#[test]
fn a_payload_is_malformed_wherever_it_can_be() {
    let names = |template: &Template| -> Vec<String> {
        let all = of_class(template, REQUEST_ID, Class::Payload);
        all.into_iter().map(|one| one.name).collect()
    };
    let of = |name: &str| template(catalog::by_name(name).expect("a callback"));
    let mapping = names(&of("tenant_mapping.write"));
    for expected in [
        "payload absent",
        "payload = null",
        "payload = []",
        "payload = {}",
        "payload.modified absent",
        "payload.modified = {}",
        "payload.modified = \"\"",
        "payload.modified in a list of its own",
        "payload.modified.0 = null",
        "payload.modified.1 = \"\"",
        "payload.modified.1 in a list",
        "payload.modified.0.vendor_tenant_id absent",
        "payload.modified.1.vendor_tenant_id absent",
        "payload.modified.0.vendor_tenant_id = \"\"",
        "payload.modified.0.vendor_tenant_id = 0",
        "payload.modified.0.acronis_tenant_id = null",
        "payload.modified.0.acronis_tenant_id = \"\"",
        "payload.modified.0.acronis_tenant_id = \"not-a-uuid\"",
        "payload.modified.0.acronis_tenant_id without dashes",
    ] {
        assert!(
            mapping.iter().any(|name| name == expected),
            "{expected} of {mapping:?}"
        );
    }
    // What is optional may be absent, and a removal has no Acronis tenant.
    assert!(
        !mapping
            .iter()
            .any(|name| name == "payload.modified.0.acronis_tenant_id absent")
    );
    let mut with_settings = of("customer.mirroring.set_state");
    with_settings.payload = Some(serde_json::json!({
        "partner_tenant_id": "7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11",
        "partner_tenant_name": "Anchor",
        "enabled": [{
            "acronis_tenant_id": "0d4a9d1e-5f1b-4c6e-8a63-7b8f0e2c4d5a",
            "acronis_tenant_name": "Caf\u{e9}",
            "settings": {"a/b ~ c": {"d": "e"}},
        }],
    }));
    let customers = names(&with_settings);
    assert!(
        customers
            .iter()
            .any(|name| name == "payload.enabled.0.settings = []")
    );
    assert!(
        !customers.iter().any(|name| name.contains("a/b ~ c")),
        "{customers:?}"
    );
}

#[test]
fn large_bodies_are_one_mebibyte() {
    for template in templates() {
        for one in of_class(&template, REQUEST_ID, Class::Large) {
            let size = one.body.len();
            assert!(
                (1_000_000..=1_150_000).contains(&size),
                "{}: {size} bytes",
                one.name
            );
        }
    }
}

#[test]
fn hostile_values_come_once_before_any_comes_twice() {
    let template = template(&CATALOG[0]);
    let all: Vec<_> = hostile::in_fields(&template, REQUEST_ID).collect();
    // Deep nesting has bodies of its own.
    let values = hostile::strings().len() + hostile::json_texts().len() - 1;
    assert_eq!(all.len(), values * 7);
    let internals = hostile::strings()
        .iter()
        .filter(|text| text.kind == hostile::Kind::Internals)
        .count();
    let value = |one: &Malformation| {
        one.name
            .split_once(" = ")
            .map(|(_, value)| value.to_owned())
    };
    let first: HashSet<_> = all[..internals + values].iter().map(value).collect();
    assert_eq!(first.len(), values, "the first turn leaves out values");
    let fields: HashSet<_> = all[internals..internals + 14]
        .iter()
        .map(|one| one.name.split(" = ").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(fields.len(), 7, "the first turn leaves out fields");
}

#[test]
fn hostile_values_are_known_by_name_and_reach_no_foreign_host() {
    assert_unique(hostile::strings().iter().map(|text| text.name));
    assert_unique(hostile::json_texts().iter().map(|text| text.name));
    assert_unique(
        hostile::header_values()
            .iter()
            .map(|value| value.name.as_str()),
    );
    for text in hostile::strings() {
        assert!(
            text.name.bytes().all(|byte| (b' '..0x7f).contains(&byte)),
            "{}",
            text.name
        );
        if let Some((_, rest)) = text.value.split_once("://") {
            let host = rest.split(['/', ':', '}', '"']).next().unwrap_or_default();
            let harmless = host.is_empty() || host == "127.0.0.1" || host.ends_with(".invalid");
            assert!(harmless, "{} names the host {host}", text.name);
        }
    }
    for value in hostile::header_values() {
        let sendable = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
        assert!(value.value.iter().all(sendable), "{}", value.name);
        assert!(value.value.len() <= 8_192, "{}", value.name);
        http::HeaderValue::from_bytes(&value.value).expect("a value that HTTP permits");
    }
}

#[test]
fn damage_applies_to_any_body_and_shrinks_to_one_edit() {
    let body = template(&CATALOG[0]).envelope(REQUEST_ID).to_string();
    for control in [body.as_bytes(), b"", b"x", &[0xff; 3]] {
        let strategy = malform::damage(control);
        for damage in some(&strategy, "damage", 300) {
            assert!(!damage.describe().is_empty());
            for other in [control, b"", b"a"] {
                damage.apply(other);
            }
        }
        for case in 0..50 {
            let mut tree =
                seed::tree(&strategy, seed::case_seed(1, "shrink", case)).expect("no filter");
            let mut steps = 0;
            while tree.simplify() {
                steps += 1;
                assert!(steps < 1_000, "shrinking does not end");
            }
            assert_eq!(tree.current().edits().len(), 1);
        }
    }
}

#[test]
fn a_body_cut_short_is_no_json() {
    let body = template(&CATALOG[0]).envelope(REQUEST_ID).to_string();
    for damage in some(&malform::truncation(body.as_bytes()), "truncation", 300) {
        let cut = damage.apply(body.as_bytes());
        assert!(cut.len() < body.len());
        assert!(first_value(&cut).is_none(), "{damage} leaves JSON");
    }
}

#[test]
fn most_damage_shows() {
    let body = template(&CATALOG[0]).envelope(REQUEST_ID).to_string();
    let cases = some(&malform::damage(body.as_bytes()), "shows", 500);
    let shown = cases
        .iter()
        .filter(|damage| damage.apply(body.as_bytes()) != body.as_bytes())
        .count();
    assert!(shown > 450, "only {shown} of 500 change the body");
}

#[test]
fn each_edit_does_what_it_says() {
    let apply = |edit| Damage::new(vec![edit]).apply(b"abcdef");
    assert_eq!(apply(Edit::Truncate { at: 2 }), b"ab");
    assert_eq!(apply(Edit::Flip { at: 0, bits: 0x20 }), b"Abcdef");
    let bytes = b"xy".to_vec();
    assert_eq!(apply(Edit::Insert { at: 6, bytes }), b"abcdefxy");
    assert_eq!(apply(Edit::Delete { at: 1, length: 9 }), b"a");
    assert_eq!(apply(Edit::Swap { at: 0, with: 5 }), b"fbcdea");
    let splice = Edit::Splice {
        from: 4,
        length: 2,
        to: 0,
    };
    assert_eq!(apply(splice), b"efabcdef");
}

#[test]
fn the_same_seed_gives_the_same_value() {
    for template in templates() {
        let once = some(&valid::requests(&template, true), "again", 50);
        assert_eq!(once, some(&valid::requests(&template, true), "again", 50));
        assert_ne!(once, some(&valid::requests(&template, true), "other", 50));
        assert_eq!(
            enumerated(&template, REQUEST_ID),
            enumerated(&template, REQUEST_ID)
        );
    }
}

#[test]
fn strategies_go_from_thread_to_thread() {
    fn shared<T: Send + Sync>(_: &T) {}
    let template = template(&CATALOG[0]);
    shared(&valid::requests(&template, true));
    shared(&malform::damage(b"{}"));
    shared(&values::any_value());
}
