//! The keys that runs sign with: that of `--signing-key`, or one that is kept from run to run.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

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

/// The key of earlier runs; `None` when there is none that can be used.
///
/// Making a key takes as long as hundreds of requests. And a handler that keeps what it fetched would refuse a run with
/// another key until its library asks again, which with some takes half a minute.
pub fn kept() -> Option<SigningKey> {
    let file = file()?;
    // Who else can read it signs tokens that the handler trusts; another key costs little.
    is_private(&file)
        .then(|| SigningKey::load(file).ok())
        .flatten()
}

#[cfg(unix)]
fn is_private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    let others = 0o077;
    std::fs::metadata(file).is_ok_and(|data| data.permissions().mode() & others == 0)
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    true
}

/// Keeps a key for later runs, in place of one that could not be used. Where there is no room for it, every run makes its own.
pub fn keep(key: &SigningKey) {
    let Some(file) = file() else { return };
    if let Some(folder) = file.parent() {
        let _ = std::fs::create_dir_all(folder);
    }
    if key.save(file.clone()).is_ok() && !is_private(&file) {
        // A drive that knows no permissions, for one.
        let _ = std::fs::remove_file(&file);
        tell(&format!(
            "each run makes a signing key of its own, for everybody could read one that is kept here: {}",
            file.display()
        ));
    }
}

/// `acgw/signing-key.pem` of the user's cache folder.
fn file() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.cache_dir().join("acgw").join("signing-key.pem"))
}
