//! Writing a report to a file, so that a reader finds the old one or the new one and never half of either.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes the text: into a file beside the target which then takes the target's place. What is no ordinary file (a pipe, a
/// device) is written to directly.
///
/// # Errors
/// When the folder is not there or does not permit it.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    // Through a symbolic link the file it points to is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&target).is_ok_and(|metadata| !metadata.is_file()) {
        return fs::OpenOptions::new()
            .write(true)
            .open(&target)?
            .write_all(text.as_bytes());
    }
    let beside = beside(&target);
    let written = write_new(&beside, text).and_then(|()| fs::rename(&beside, &target));
    if written.is_err() {
        // The error that matters is the one above.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Whether a report could be written there, found out before the run rather than after it.
///
/// # Errors
/// When the folder is not there, or the path is a folder.
pub fn can_write(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a folder",
        ));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if folder.is_dir() {
        Ok(())
    } else {
        Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("there is no folder {}", folder.display()),
        ))
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn beside(target: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("acgw-file-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the test");
        folder
    }

    #[test]
    fn a_report_takes_the_place_of_the_old_one_and_leaves_nothing_beside_it() {
        let folder = folder("replace");
        let path = folder.join("report.json");
        write(&path, "old, and longer than the new one").expect("first");
        write(&path, "new").expect("second");
        assert_eq!(fs::read_to_string(&path).expect("the report"), "new");
        assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 1);
        fs::remove_dir_all(folder).expect("cleaned up");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_device_stays_a_device() {
        let folder = folder("link");
        let (real, link) = (folder.join("real"), folder.join("link"));
        fs::write(&real, "old").expect("the file");
        std::os::unix::fs::symlink(&real, &link).expect("the link");
        write(&link, "new").expect("written");
        assert_eq!(fs::read_to_string(&real).expect("the file"), "new");
        assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
        write(Path::new("/dev/null"), "gone").expect("a device");
        fs::remove_dir_all(folder).expect("cleaned up");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named_before_the_run() {
        let error = can_write(Path::new("no/such/folder/report.json")).expect_err("no folder");
        assert_eq!(error.to_string(), "there is no folder no/such/folder");
        assert!(can_write(Path::new("report.json")).is_ok());
        assert!(can_write(Path::new("src")).is_err());
    }
}
