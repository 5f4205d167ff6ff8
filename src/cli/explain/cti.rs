//! What a CTI identifier says, or where it goes wrong.

use crate::cli::page::Page;
use crate::cli::usage::UsageError;
use crate::protocol::catalog::{CATALOG, Callback, Family};
use crate::protocol::{Cti, Custom, PayloadSchema};

/// The identifiers that everything of a callback descends from, and what their children are.
const BASES: &[(&str, &str)] = &[
    ("cti.a.p.acgw.callback.v1.0", "a callback"),
    (
        "cti.a.p.acgw.callback.v2.0",
        "a callback (mirrored or custom)",
    ),
    ("cti.a.p.acgw.request.v1.0", "a request's type"),
    ("cti.a.p.acgw.request.v1.1", "a request's type (mirrored)"),
    ("cti.a.p.acgw.response.v1.0", "a response's type"),
    ("cti.a.p.acgw.response.v1.1", "a response's type (mirrored)"),
];

/// Explains an identifier. `customs` are the callbacks that are declared beside those of the catalog.
///
/// # Errors
/// When the text is none: says at which character, and what to do.
pub fn explain(text: &str, customs: &[&'static Callback]) -> Result<String, UsageError> {
    let cti = Cti::parse(text).map_err(|error| {
        let pointed = error.pointed(text).replace('\n', "\n  ");
        let what = if error.is_reference() {
            "this is a CTI reference expression, not an identifier"
        } else {
            "this is no CTI identifier"
        };
        UsageError::new(format!("{what}\n\n  {pointed}")).tip(error.hint())
    })?;
    let mut page = Page::new();
    page.title(cti.as_str(), "");
    for (index, context) in cti.contexts().enumerate() {
        let label = if index == 0 { "base" } else { "then" };
        let vendor = if context.vendor == "a" {
            "a (Acronis)"
        } else {
            context.vendor
        };
        page.field(
            label,
            &format!(
                "vendor {vendor}, package {}, entity {}, version {}.{}",
                context.package, context.entity_name, context.major, context.minor
            ),
        );
    }
    if let Some(uuid) = cti.uuid() {
        page.field("anonymous", uuid);
    }
    for (index, ancestor) in cti.ancestors().enumerate() {
        page.field(if index == 0 { "is a" } else { "" }, ancestor.as_str());
    }
    catalog(&mut page, &cti, customs);
    Ok(page.into_text())
}

/// What the catalog knows of an identifier.
fn catalog(page: &mut Page, cti: &Cti, customs: &[&'static Callback]) {
    let text = cti.as_str();
    let mut known = false;
    for callback in CATALOG.iter().chain(customs.iter().copied()) {
        if callback.id == text {
            describe(page, callback);
            known = true;
        }
        for (kind, of) in types(callback) {
            if kind == text {
                page.field("callback", &format!("{}: this is {of}", callback.name));
                known = true;
            }
        }
    }
    if known {
        return;
    }
    let base = cti.base();
    let family = BASES.iter().find(|(id, _)| *id == base.as_str());
    let own = cti.contexts().last().filter(|last| last.vendor != "a");
    let meaning = match (family, own) {
        (Some((id, what)), _) if *id == text => format!("what the id of {what} begins with"),
        (Some((_, what)), Some(own)) => format!("{what} of the vendor {}", own.vendor),
        (Some((_, what)), None) => format!("by its base {what}, but none that is documented"),
        (None, _) => "nothing that callbacks have; an endpoint, for example".to_owned(),
    };
    page.field("meaning", &meaning);
}

/// The types of a callback's messages.
fn types(callback: &'static Callback) -> Vec<(&'static str, String)> {
    let mut types = vec![(callback.request_type, "the type of its requests".to_owned())];
    match callback.custom {
        None => types.push((
            callback.response_type,
            "the type of its successful responses".to_owned(),
        )),
        Some(custom) => types.extend(custom.responses.iter().map(|one| {
            let of = format!("the type of its responses with status {}", one.status);
            (one.response_type.as_str(), of)
        })),
    }
    types
}

fn describe(page: &mut Page, callback: &Callback) {
    let payload = |has: bool| {
        if has {
            "with a payload"
        } else {
            "without payload"
        }
    };
    page.field(
        "callback",
        &format!("{}: {}", callback.name, callback.effect),
    )
    .field(
        "changes",
        if callback.changes_data {
            "the handler's data; sent only with --write"
        } else {
            "nothing"
        },
    )
    .field("used by", used_by(callback.family))
    .field("request", callback.request_type);
    match callback.custom {
        Some(custom) => declaration(page, custom),
        None => page
            .field("", payload(callback.request_payload.is_some()))
            .field("response", callback.response_type)
            .field("", payload(callback.response_payload))
            .field("schemas", callback.request_schema.file())
            .field("", callback.response_schema.file()),
    }
    .field("source", &crate::report::text::source(callback.page));
}

/// What is declared of a custom callback.
fn declaration<'a>(page: &'a mut Page, custom: &Custom) -> &'a mut Page {
    let payload = |schema: Option<&PayloadSchema>| match schema {
        Some(schema) => format!("with a payload that keeps {}", schema.name()),
        None => "without payload".to_owned(),
    };
    page.field("", &payload(custom.request.as_ref()));
    if custom.paging {
        page.field("", "with `paging`: a page of the answer is asked for");
    }
    for (index, response) in custom.responses.iter().enumerate() {
        let label = if index == 0 { "responses" } else { "" };
        page.field(
            label,
            &format!("{}  {}", response.status, response.response_type),
        )
        .field("", &payload(response.payload.as_ref()));
    }
    page
}

/// Which enablement methods a callback belongs to.
fn used_by(family: Family) -> &'static str {
    match family {
        Family::Enablement => "mapped partners",
        Family::Mapping => "mapped customers",
        Family::PartnerMirroring => "mirrored partners",
        Family::CustomerMirroring => "mirrored customers",
        Family::Custom => "the vendor's own forms",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_base_is_an_identifier_and_every_callback_has_one() {
        for (base, _) in BASES {
            assert!(Cti::parse(base).is_ok(), "{base}");
        }
        for callback in CATALOG {
            for id in [callback.id, callback.request_type, callback.response_type] {
                let base = Cti::parse(id).expect("an identifier").base();
                assert!(
                    BASES.iter().any(|(known, _)| *known == base.as_str()),
                    "{id}"
                );
            }
        }
    }

    #[test]
    fn an_identifier_is_taken_apart() {
        let text =
            explain("cti.a.p.acgw.callback.v1.0~acme.app.users.list.v1.2", &[]).expect("valid");
        assert!(text.contains("vendor acme, package app, entity users.list, version 1.2"));
        assert!(text.contains("is a        cti.a.p.acgw.callback.v1.0"));
        assert!(text.contains("meaning     a callback of the vendor acme"));
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        let error = explain("cti.a.p.acgw.callback.v01.0", &[]).expect_err("a leading zero");
        let text = error.to_string();
        assert!(text.contains("\n  cti.a.p.acgw.callback.v01.0\n"), "{text}");
        let caret = text
            .lines()
            .find(|line| line.contains('^'))
            .expect("a caret");
        assert_eq!(caret.find('^'), Some(2 + "cti.a.p.acgw.callback.v".len()));
    }
}
