//! The settings that are JSON: secrets and extra data. What is wrong with one is told without quoting it.

use serde_json::Value;

use super::settings::Settings;
use super::usage::UsageError;
use crate::protocol::{Callback, Credentials, Extra};

/// The credentials that a handler needs; `needed_by` is a callback that is made on behalf of them. Where there is none they
/// may be left out, and are sent if they are given.
///
/// # Errors
/// When they are missing or malformed, or half of them is.
pub fn credentials(
    settings: &Settings,
    needed_by: Option<&Callback>,
) -> Result<Option<Credentials>, UsageError> {
    let (given, missing) = match (&settings.identity, &settings.secrets) {
        (Some(identity), Some(secrets)) => {
            return pair(identity, &secrets.0, "--identity", "--secrets").map(Some);
        }
        (None, None) => (None, "--identity"),
        (None, Some(_)) => (Some("--secrets"), "--identity"),
        (Some(_), None) => (Some("--identity"), "--secrets"),
    };
    match (needed_by, given) {
        (Some(callback), _) => Err(UsageError::new(format!(
            "{missing} is missing: {} is made on behalf of vendor credentials, so nothing can be checked without a \
             pair that the handler accepts",
            callback.name
        ))
        .tip(
            "--identity ID --secrets '{\"password\": \"…\"}', or the variables ACGW_IDENTITY and \
             ACGW_SECRETS, or the same keys in acgw.toml",
        )),
        (None, Some(given)) => Err(half(given, missing)),
        (None, None) => Ok(None),
    }
}

/// The credentials of a second partner, where they are given.
///
/// # Errors
/// When half of them is missing, or they are malformed or the same.
pub fn other_credentials(settings: &Settings) -> Result<Option<Credentials>, UsageError> {
    let other = match (&settings.other_identity, &settings.other_secrets) {
        (None, None) => return Ok(None),
        (Some(identity), Some(secrets)) => {
            pair(identity, &secrets.0, "--other-identity", "--other-secrets")?
        }
        (Some(_), None) => return Err(half("--other-identity", "--other-secrets")),
        (None, Some(_)) => return Err(half("--other-secrets", "--other-identity")),
    };
    if settings.identity.as_deref() == Some(other.identity()) {
        return Err(UsageError::new(
            "--other-identity names the same identity as --identity; the isolation checks need \
             credentials of a second partner",
        ));
    }
    Ok(Some(other))
}

fn half(given: &str, missing: &str) -> UsageError {
    UsageError::new(format!("{given} was given without {missing}"))
}

fn pair(
    identity: &str,
    secrets: &str,
    identity_option: &str,
    secrets_option: &str,
) -> Result<Credentials, UsageError> {
    let secrets = object(secrets, secrets_option, r#"{"password": "…"}"#)?;
    Credentials::new(identity, secrets)
        .map_err(|error| UsageError::new(format!("{identity_option}: {error}")))
}

/// What `X-CyberApp-Extra` carries.
///
/// # Errors
/// When it is malformed.
pub fn extra(settings: &Settings) -> Result<Extra, UsageError> {
    let Some(text) = &settings.extra else {
        return Ok(Extra::default());
    };
    match object(&text.0, "--extra", r#"{"Data center": "EU"}"#)? {
        Value::Object(fields) => Ok(Extra(fields)),
        _ => unreachable!("`object` gives objects"),
    }
}

/// Reads a JSON object. The text is never quoted: it may be a password.
fn object(text: &str, option: &str, example: &str) -> Result<Value, UsageError> {
    let what = match serde_json::from_str::<Value>(text) {
        Ok(value @ Value::Object(_)) => return Ok(value),
        Ok(_) => format!("{option} is JSON, but not an object"),
        Err(_) if !text.trim_start().starts_with('{') => {
            format!("{option} is plain text, but it must be a JSON object")
        }
        Err(error) => format!(
            "{option} is not a JSON object: {} at line {}, column {}",
            kind(&error),
            error.line(),
            error.column()
        ),
    };
    Err(UsageError::new(what).tip(quoting(text, option, example)))
}

/// What is wrong with a JSON text, in words that quote nothing of it.
fn kind(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Eof => "it ends too early",
        _ => "the syntax is wrong",
    }
}

fn quoting(text: &str, option: &str, example: &str) -> String {
    let quoted = format!("{option} '{example}'");
    let eaten = text.trim_start().starts_with('{') && !text.contains('"') && text.trim() != "{}";
    if eaten {
        return format!(
            "there is no double quote in it: the shell took them away. Write {quoted} in a POSIX shell; \
             in cmd.exe {option} \"{}\"; or use the environment or acgw.toml",
            example.replace('"', "\\\"")
        );
    }
    format!("write it as {quoted}, with the name of the field that your enablement form has")
}
