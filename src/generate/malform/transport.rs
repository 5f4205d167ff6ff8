//! A right body under another media type or another method.

use super::build::Builder;
use super::types::{Class, Malformation};

/// Media types, the most telling first.
const MEDIA_TYPES: &[&str] = &[
    "text/plain",
    "",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/json; charset=utf-16",
    "application/json; charset=no-such-charset",
    "application/xml",
    "application",
    "/",
    ";",
    "application/json;",
    "application/json; charset",
    "application/json; charset=\"utf-8",
    "application/json, text/plain",
    "multipart/form-data; boundary=",
    "application/octet-stream",
    "application/vnd.api+json",
    "text/json",
    "application/json; charset=utf-7",
    "application/problem+json; charset=utf-8; boundary=acgw",
];

/// Methods that no handler of callbacks accepts by right. HEAD, OPTIONS and TRACE are not among them: servers answer these
/// on their own.
const METHODS: &[&str] = &["GET", "PUT", "DELETE", "PATCH"];

pub(super) fn media_types(builder: &Builder<'_>) -> Vec<Malformation> {
    let text = builder.text();
    let mut all = vec![Malformation {
        content_type: Some(None),
        ..Malformation::body("Content-Type absent", Class::MediaType, text.clone())
    }];
    all.extend(MEDIA_TYPES.iter().map(|value| Malformation {
        content_type: Some(Some((*value).to_owned())),
        ..Malformation::body(
            format!("Content-Type = {value:?}"),
            Class::MediaType,
            text.clone(),
        )
    }));
    all
}

pub(super) fn methods(builder: &Builder<'_>) -> Vec<Malformation> {
    METHODS
        .iter()
        .map(|method| Malformation {
            method: Some((*method).to_owned()),
            ..Malformation::body(format!("method {method}"), Class::Method, builder.text())
        })
        .collect()
}
