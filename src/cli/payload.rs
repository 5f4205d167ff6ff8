//! What one request asks: its payload and its page, each a JSON text, or `@` and the file that it is in.

use std::path::Path;

use serde_json::Value;

use super::output::read;
use super::usage::UsageError;
use crate::protocol::{Callback, Custom};

/// Reads what `--payload` was given; without it a callback that needs none has the catalog's.
///
/// # Errors
/// When it is missing, cannot be read or is no JSON.
pub fn payload(callback: &Callback, given: Option<&str>) -> Result<Option<Value>, UsageError> {
    let Some(given) = given else {
        let missing = || {
            let name = callback.name;
            UsageError::new(format!("--payload is missing: {name} says what to change"))
        };
        // Nobody's organisation is to be changed with what an example says.
        return match (
            callback.changes_data,
            callback.request_payload,
            callback.custom,
        ) {
            (true, Some(example), _) => {
                Err(missing().tip(format!("it looks like --payload '{example}'")))
            }
            (
                true,
                None,
                Some(Custom {
                    request: Some(schema),
                    ..
                }),
            ) => Err(missing().tip(format!("it must keep {}", schema.name()))),
            _ => Ok(None),
        };
    };
    let tip = match (callback.request_payload, callback.custom) {
        (Some(example), _) => format!("it looks like '{example}'; @FILE reads a file"),
        (
            None,
            Some(Custom {
                request: Some(_), ..
            }),
        ) => "@FILE reads a file".to_owned(),
        _ => format!("{} has no payload; leave it out", callback.name),
    };
    json("--payload", given, tip).map(Some)
}

/// Reads what `--paging` was given; without it a callback that pages is asked for the first page.
///
/// # Errors
/// When it cannot be read, is no JSON, or the callback is not declared to page.
pub fn paging(callback: &Callback, given: Option<&str>) -> Result<Option<Value>, UsageError> {
    let Some(given) = given else { return Ok(None) };
    if !callback.custom.is_some_and(|custom| custom.paging) {
        return Err(UsageError::new(format!(
            "--paging is for callbacks that page, and {} does not",
            callback.name
        ))
        .tip("one of your own that does says `paging = true` in its [[callback]]"));
    }
    let tip = r#"it looks like '{"limit": 10}'; @FILE reads a file"#;
    json("--paging", given, tip.to_owned()).map(Some)
}

/// The JSON text that an option was given, or that is in the file behind the `@`; where it is no JSON, the tip says more.
fn json(option: &str, given: &str, tip: String) -> Result<Value, UsageError> {
    let (name, text) = match given.strip_prefix('@') {
        None => (option.to_owned(), given.as_bytes().to_vec()),
        Some(file) => (format!("{option} {given}"), read(Path::new(file))?),
    };
    // The error ends with its place, counted from 1.
    serde_json::from_slice(&text)
        .map_err(|error| UsageError::new(format!("{name} is not JSON: {error}")).tip(tip))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::catalog::{ENABLEMENT_READ, ENABLEMENT_RESET, ENABLEMENT_WRITE};

    #[test]
    fn a_change_needs_to_be_told_what_to_change() {
        assert_eq!(payload(&ENABLEMENT_READ, None), Ok(None));
        assert_eq!(payload(&ENABLEMENT_RESET, None), Ok(None));
        let error = payload(&ENABLEMENT_WRITE, None)
            .expect_err("missing")
            .to_string();
        assert!(
            error.contains("tip: it looks like --payload '{\"vendor_tenant_id\""),
            "{error}"
        );
        assert_eq!(payload(&ENABLEMENT_WRITE, Some("{}")), Ok(Some(json!({}))));
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        let error = payload(&ENABLEMENT_WRITE, Some("{\"a\": 1,}"))
            .expect_err("no JSON")
            .to_string();
        assert!(error.contains("at line 1 column 9"), "{error}");
        assert!(payload(&ENABLEMENT_WRITE, Some("@no/such/file")).is_err());
    }
}
