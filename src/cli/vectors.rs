//! `acgw vectors`: the test vectors, written out.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::nearest::did_you_mean;
use super::output::{print, tell};
use super::usage::UsageError;
use crate::report::file;
use crate::report::text::count;
use crate::vectors::{VectorFile, all};

/// What `acgw vectors` is told.
#[derive(Debug, clap::Args)]
pub struct VectorsArgs {
    /// One of the files, such as token.json [default: a list of all]
    #[arg(value_name = "NAME", value_parser = named)]
    name: Option<&'static str>,
    /// Write all of them into this folder, which is made if it is not there
    #[arg(long, value_name = "DIR", conflicts_with = "name")]
    out: Option<PathBuf>,
}

/// Lists, shows or writes the vectors.
///
/// # Errors
/// When they cannot be written, or would take the place of files that are none of theirs.
pub fn run(args: &VectorsArgs) -> anyhow::Result<Exit> {
    match (args.name, &args.out) {
        (Some(name), _) => {
            let file = all().iter().find(|file| file.name() == name);
            print(file.map_or("", VectorFile::text))?;
        }
        (None, None) => {
            let names: Vec<&str> = all().iter().map(VectorFile::name).collect();
            print(&format!("{}\n", names.join("\n")))?;
        }
        (None, Some(folder)) => {
            write(folder)?;
            let files = count(all().len() as u64, "file");
            tell(&format!("{files} written to {}", folder.display()));
        }
    }
    Ok(Exit::Success)
}

fn write(folder: &Path) -> Result<(), UsageError> {
    std::fs::create_dir_all(folder).map_err(|error| {
        UsageError::new(format!("{} cannot be made: {error}", folder.display()))
    })?;
    // All are looked at before one is written.
    for file in all() {
        may_replace(&folder.join(file.name()), file)?;
    }
    for file in all() {
        let path = folder.join(file.name());
        file::can_write(&path)
            .and_then(|()| file::write(&path, file.text()))
            .map_err(|error| {
                UsageError::new(format!("{} cannot be written: {error}", path.display()))
            })?;
    }
    Ok(())
}

/// A README.md of somebody else's is not to be lost.
fn may_replace(path: &Path, file: &VectorFile) -> Result<(), UsageError> {
    let path_shown = path.display();
    match std::fs::read(path) {
        Ok(there) if file.is_ours(&String::from_utf8_lossy(&there)) => Ok(()),
        Ok(_) => Err(UsageError::new(format!(
            "{path_shown} is there already and was not written by acgw vectors; name another folder, or move the file"
        ))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(UsageError::new(format!(
            "{path_shown} cannot be replaced: {error}"
        ))),
    }
}

fn named(text: &str) -> Result<&'static str, String> {
    let names = || all().iter().map(VectorFile::name);
    let is = |name: &&str| *name == text || name.strip_suffix(".json") == Some(text);
    names().find(is).ok_or_else(|| {
        did_you_mean(text, names()).unwrap_or_else(|| "`acgw vectors` lists them".to_owned())
    })
}
