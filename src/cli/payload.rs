//! The payload of one request: a JSON text, or `@` and the file that it is in.

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
    let (name, text) = match given.strip_prefix('@') {
        None => ("--payload".to_owned(), given.as_bytes().to_vec()),
        Some(file) => (format!("--payload {given}"), read(Path::new(file))?),
    };
    serde_json::from_slice(&text).map(Some).map_err(|error| {
        // The error ends with its place, counted from 1.
        let error = UsageError::new(format!("{name} is not JSON: {error}"));
        match (callback.request_payload, callback.custom) {
            (Some(example), _) => {
                error.tip(format!("it looks like '{example}'; @FILE reads a file"))
            }
            (
                None,
                Some(Custom {
                    request: Some(_), ..
                }),
            ) => error.tip("@FILE reads a file"),
            _ => error.tip(format!("{} has no payload; leave it out", callback.name)),
        }
    })
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
