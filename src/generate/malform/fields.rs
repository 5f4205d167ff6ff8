//! Each field missing, of another JSON type, or of a bad form.

use serde_json::{Value, json};

use super::build::{Builder, label, one_of_each_type};
use super::payload;
use super::types::{Class, Malformation};
use crate::protocol::CATALOG;

pub(super) fn dispatch(builder: &Builder<'_>) -> Vec<Malformation> {
    let class = Class::Dispatch;
    let mut all = vec![
        absent(builder, class, "/context"),
        absent(builder, class, "/context/callback_id"),
        Malformation::body("empty object", class, "{}"),
    ];
    all.extend(other_types(
        builder,
        class,
        "/context/callback_id",
        is_string,
    ));
    // An empty object lacks callback_id, so it is as wrong as the other types.
    all.extend(other_types(builder, class, "/context", |_| false));
    all.push(Malformation::body(
        "request within a member",
        class,
        json!({ "request": builder.envelope() }).to_string(),
    ));
    all
}

pub(super) fn unknown_callback(builder: &Builder<'_>) -> Vec<Malformation> {
    let pointer = "/context/callback_id";
    let id = builder.template.callback.id;
    let parent = id.rsplit_once('~').map_or(id, |(parent, _)| parent);
    let (name, version) = id.rsplit_once(".v").unwrap_or((id, ""));
    let mut telling = [
        format!("{parent}~a.p.acgw_conformance.unknown.v1.0"),
        format!("{name}_acgw.v{version}"),
    ];
    if builder.template.callback.custom.is_some() {
        // Of these few are sent, and who finds the predefined ones by their whole name may find the vendor's own by its beginning.
        telling.reverse();
    }
    let others = [
        String::new(),
        "unknown".to_owned(),
        parent.to_owned(),
        format!("{parent}~example.app.acgw_conformance.v1.0"),
        builder.template.callback.request_type.to_owned(),
        id[..id.len() - 1].to_owned(),
        "cti.".to_owned(),
        format!("{parent}~*"),
        "null".to_owned(),
        "0".to_owned(),
    ];
    telling
        .into_iter()
        .chain(others)
        .map(|value| text(builder, Class::UnknownCallback, pointer, &value))
        .collect()
}

pub(super) fn request_id(builder: &Builder<'_>) -> Vec<Malformation> {
    let mut all = vec![absent(builder, Class::RequestId, "/request_id")];
    all.extend(other_types(
        builder,
        Class::RequestId,
        "/request_id",
        is_string,
    ));
    all
}

pub(super) fn endpoint(builder: &Builder<'_>) -> Vec<Malformation> {
    let pointer = "/context/endpoint_id";
    let mut all = vec![absent(builder, Class::Endpoint, pointer)];
    all.extend(other_types(builder, Class::Endpoint, pointer, is_string));
    all.push(text(builder, Class::Endpoint, pointer, ""));
    all
}

pub(super) fn ignorable(builder: &Builder<'_>) -> Vec<Malformation> {
    let class = Class::Ignorable;
    let mut all = Vec::new();
    let strings = [
        "/created_at",
        "/type",
        "/context/tenant_id",
        "/context/datacenter_url",
    ];
    for pointer in strings {
        all.push(absent(builder, class, pointer));
    }
    // A payload that has members has a class of its own.
    if !payload::has_members(builder) {
        all.extend(payloads(builder));
    }
    for pointer in strings {
        all.extend(other_types(builder, class, pointer, is_string));
    }
    for pointer in [
        "/request_id",
        "/created_at",
        "/type",
        "/context/tenant_id",
        "/context/datacenter_url",
    ] {
        all.push(text(builder, class, pointer, ""));
    }
    let callback = builder.template.callback;
    // Callbacks without a payload share their request's type.
    let mut other_request_types: Vec<&str> = Vec::new();
    // A handler that goes by `type` must not be made to change anything.
    let reads = CATALOG.iter().filter(|other| !other.changes_data);
    for other in reads.map(|other| other.request_type) {
        if other != callback.request_type && !other_request_types.contains(&other) {
            other_request_types.push(other);
        }
    }
    for value in other_request_types.into_iter().chain([
        callback.response_type,
        callback.id,
        "unknown",
        "cti.a.p.x.v0.0",
        "cti.a.p.x.*",
    ]) {
        all.push(text(builder, class, "/type", value));
    }
    for value in DATES {
        all.push(text(builder, class, "/created_at", value));
    }
    all.push(value(builder, class, "/created_at", json!(1_681_140_781)));
    all.push(value(
        builder,
        class,
        "/created_at",
        json!(1_681_140_781_362_i64),
    ));
    for pointer in ["/request_id", "/context/tenant_id"] {
        for value in UUIDS {
            all.push(text(builder, class, pointer, value));
        }
    }
    for value in URLS {
        all.push(text(builder, class, "/context/datacenter_url", value));
    }
    all.extend(further_members(builder));
    all
}

const DATES: &[&str] = &[
    "yesterday",
    "2023-02-30T00:00:00Z",
    "2023-04-10T25:00:00Z",
    "2023-04-10T15:33:01",
    "2023-04-10",
    "0000-00-00T00:00:00Z",
    "2023-04-10T15:33:01+99:99",
    "99999-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    "2023-04-10T15:33:01.Z",
    "1681140781",
    "10/04/2023 15:33",
];

pub(super) const UUIDS: &[&str] = &[
    "not-a-uuid",
    "9b2f0d0e6f5b4a3b8a9e3f1f0a6f7c10",
    "9b2f0d0e-6f5b-4a3b-8a9e-3f1f0a6f7c1",
    "9b2f0d0e-6f5b-4a3b-8a9e-3f1f0a6f7c1g",
    "{9b2f0d0e-6f5b-4a3b-8a9e-3f1f0a6f7c10}",
    "urn:uuid:9b2f0d0e-6f5b-4a3b-8a9e-3f1f0a6f7c10",
    "00000000-0000-0000-0000-000000000000",
    "1",
];

const URLS: &[&str] = &[
    "http://[::1",
    "not a url",
    "//",
    "https://",
    "https://acgw.invalid:99999/",
    "https://acgw.invalid:port/",
    "/relative/path",
    "javascript:alert(1)",
    "http://\u{2028}.invalid/%zz",
];

/// The payload damaged: what it may be depends on whether the callback has one.
fn payloads(builder: &Builder<'_>) -> Vec<Malformation> {
    let class = Class::Ignorable;
    let given = builder.template.payload();
    let mut all = Vec::new();
    if given.is_some() {
        all.push(absent(builder, class, "/payload"));
    }
    all.extend(other_types(builder, class, "/payload", |value| {
        Some(value) == given.as_ref()
    }));
    all.push(value(
        builder,
        class,
        "/payload",
        json!({"acgw_unknown": null}),
    ));
    all.push(value(builder, class, "/payload", json!([{}])));
    all.push(value(
        builder,
        class,
        "/payload",
        json!({"items": {"items": []}, "length": -1}),
    ));
    all
}

/// Members that the documentation does not know, and members given twice, the false one first or last.
fn further_members(builder: &Builder<'_>) -> Vec<Malformation> {
    let class = Class::Ignorable;
    let mut all = Vec::new();
    for pointer in ["/acgw_unknown", "/context/acgw_unknown"] {
        for further in one_of_each_type() {
            all.push(value(builder, class, pointer, further));
        }
    }
    all.push(value(builder, class, "/paging", json!({"limit": 10})));
    all.push(value(builder, class, "/paging", json!("all")));
    all.push(Malformation::body(
        "member without a name",
        class,
        builder.with("/", json!(0)).to_string(),
    ));
    for (object, members) in [
        ("", "\"type\":\"unknown\""),
        ("", "\"created_at\":null"),
        ("", "\"payload\":[]"),
        ("/context", "\"tenant_id\":null"),
        ("/context", "\"datacenter_url\":0"),
    ] {
        let place = if object.is_empty() { "" } else { "context." };
        let name = members.replace('"', "").replacen(':', " also ", 1);
        all.push(Malformation::body(
            format!("{place}{name}, given first"),
            class,
            builder.first(object, members),
        ));
        all.push(Malformation::body(
            format!("{place}{name}, given last"),
            class,
            builder.last(object, members),
        ));
    }
    all
}

fn absent(builder: &Builder<'_>, class: Class, pointer: &str) -> Malformation {
    Malformation::body(
        format!("{} absent", label(pointer)),
        class,
        builder.without(pointer).to_string(),
    )
}

fn other_types<F>(builder: &Builder<'_>, class: Class, pointer: &str, right: F) -> Vec<Malformation>
where
    F: Fn(&Value) -> bool,
{
    one_of_each_type()
        .into_iter()
        .filter(|other| !right(other))
        .map(|other| value(builder, class, pointer, other))
        .collect()
}

fn value(builder: &Builder<'_>, class: Class, pointer: &str, value: Value) -> Malformation {
    Malformation::body(
        format!("{} = {value}", label(pointer)),
        class,
        builder.with(pointer, value).to_string(),
    )
}

fn text(builder: &Builder<'_>, class: Class, pointer: &str, text: &str) -> Malformation {
    value(builder, class, pointer, json!(text))
}

fn is_string(value: &Value) -> bool {
    value.is_string()
}
