//! The key of `--signing-key`.

use std::path::PathBuf;

use super::output::tell;
use super::usage::UsageError;
use crate::gateway::SigningKey;

/// Reads the key, or makes it and says so: a slip of the name makes a key that nobody trusts.
///
/// # Errors
/// When the file cannot be read or written, or is no usable key.
pub async fn load_or_create(path: PathBuf) -> anyhow::Result<SigningKey> {
    let is_new = !path.exists();
    let shown = path.display().to_string();
    let key = tokio::task::spawn_blocking(|| SigningKey::load_or_create(path))
        .await?
        .map_err(|error| UsageError::new(format!("--signing-key: {error}")))?;
    if is_new {
        tell(&format!("a new key was made: {shown}"));
    }
    Ok(key)
}
