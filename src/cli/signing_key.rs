//! The keys that runs sign with: that of `--signing-key`, or one that is kept from run to run.

use std::io::Write;
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
    SigningKey::load(file()?).ok()
}

/// Keeps a key for later runs, in place of one that could not be used. Where there is no room for it, every run makes its own.
pub fn keep(key: &SigningKey) {
    if let Some(file) = file() {
        let _ = write(&file, key.to_pem().as_bytes());
    }
}

/// `acgw/signing-key.pem` of the user's cache folder.
fn file() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.cache_dir().join("acgw").join("signing-key.pem"))
}

/// Writes a file that only its owner may read, whole or not at all: another run may be reading it.
fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().ok_or(std::io::ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(folder)?;
    let begun = folder.join(format!("signing-key.{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = (options.open(&begun))
        .and_then(|mut new| new.write_all(bytes))
        .and_then(|()| std::fs::rename(&begun, file));
    if written.is_err() {
        let _ = std::fs::remove_file(&begun);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_key_is_its_owners_alone_and_replaces_what_was_there() {
        let folder = std::env::temp_dir().join(format!("acgw-kept-{}", std::process::id()));
        let file = folder.join("acgw").join("key.pem");
        for text in ["first", "second"] {
            write(&file, text.as_bytes()).expect("a folder for the test");
            assert_eq!(std::fs::read_to_string(&file).expect("a file"), text);
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&file).expect("a file").permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
        }
        let names = std::fs::read_dir(folder.join("acgw")).expect("a folder");
        assert_eq!(names.count(), 1, "nothing is left beside it");
        std::fs::remove_dir_all(folder).expect("it is ours");
    }
}
