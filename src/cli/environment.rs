//! The settings that may come from environment variables: those that should not stand on a command line, which others on the
//! machine can read.

use super::settings::Settings;
use super::usage::UsageError;
use super::value::{JsonText, Secret};

/// Reads the settings with the help of a function that looks a variable up.
///
/// # Errors
/// When a variable is not UTF-8.
pub fn settings(
    variable: impl Fn(&str) -> Option<std::ffi::OsString>,
) -> Result<Settings, UsageError> {
    let text = |name: &str| -> Result<Option<String>, UsageError> {
        // A CI system sets an absent secret to nothing.
        let Some(value) = variable(name).filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        value
            .into_string()
            .map(Some)
            .map_err(|_| UsageError::new(format!("the environment variable {name} is not UTF-8")))
    };
    Ok(Settings {
        identity: text("ACGW_IDENTITY")?,
        secrets: text("ACGW_SECRETS")?.map(JsonText),
        other_identity: text("ACGW_OTHER_IDENTITY")?,
        other_secrets: text("ACGW_OTHER_SECRETS")?.map(JsonText),
        token: text("ACGW_TOKEN")?.map(Secret),
        ..Settings::default()
    })
}
