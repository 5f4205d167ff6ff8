//! Compiles the schemas, each once and when it is first asked for. Every schema knows every other; nothing is ever fetched.

use std::sync::{LazyLock, OnceLock};

use jsonschema::{Registry, Validator};
use serde_json::Value;

use super::files::{ALL, Schema};
use crate::protocol::cti::Cti;
use crate::protocol::text::{is_date_time, is_uri, is_uuid};

/// The schemas' folder as their `$id`s name it.
const BASE: &str = "https://acgw-conformance.invalid/schemas/";

static DOCUMENTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    ALL.iter()
        .map(|schema| {
            serde_json::from_str(schema.text())
                .unwrap_or_else(|error| panic!("schemas/{}: {error}", schema.file()))
        })
        .collect()
});

static REGISTRY: LazyLock<Registry<'static>> = LazyLock::new(|| {
    let pairs = ALL
        .iter()
        .zip(DOCUMENTS.iter())
        .map(|(schema, document)| (format!("{BASE}{}", schema.file()), document));
    Registry::new()
        .extend(pairs)
        .and_then(|builder| builder.prepare())
        .unwrap_or_else(|error| panic!("schemas/: {error}"))
});

static VALIDATORS: LazyLock<Vec<OnceLock<Validator>>> =
    LazyLock::new(|| ALL.iter().map(|_| OnceLock::new()).collect());

/// The schema's validator. The schemas are part of the program, so one that does not compile is a defect that the first
/// test meets, and no user's.
pub(super) fn validator(schema: Schema) -> &'static Validator {
    let index = schema.index();
    VALIDATORS[index].get_or_init(|| {
        jsonschema::options()
            .with_registry(&REGISTRY)
            .offline()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            .with_format("uuid", is_uuid)
            .with_format("date-time", is_date_time)
            .with_format("uri", is_uri)
            .with_format("cti", |text: &str| Cti::parse(text).is_ok())
            .build(&DOCUMENTS[index])
            .unwrap_or_else(|error| panic!("schemas/{}: {error}", schema.file()))
    })
}
