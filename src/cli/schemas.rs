//! `acgw schemas`: the JSON Schemas, written out, or one OpenAPI document made of them.

use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::nearest::did_you_mean;
use super::output::{print, tell};
use super::usage::UsageError;
use crate::protocol::schema::{ALL, Schema, openapi};
use crate::report::file;
use crate::report::text::count;

/// What `acgw schemas` is told.
#[derive(Debug, clap::Args)]
pub struct SchemasArgs {
    /// One of them, such as topology.read.response [default: a list of all]
    #[arg(value_name = "NAME", conflicts_with = "openapi", value_parser = schema)]
    name: Option<Schema>,
    /// Write all of them into this folder, which is made if it is not there; with --openapi, the document into this file
    #[arg(long, value_name = "PATH", conflicts_with = "name")]
    out: Option<PathBuf>,
    /// One OpenAPI 3.1 document in place of the schemas
    #[arg(long)]
    openapi: bool,
}

/// Shows or writes schemas.
///
/// # Errors
/// When they cannot be written.
pub fn run(args: &SchemasArgs) -> anyhow::Result<Exit> {
    match (&args.name, &args.out, args.openapi) {
        (Some(schema), _, _) => print(schema.text())?,
        (None, out, true) => {
            let document = openapi::document(env!("CARGO_PKG_VERSION"));
            let text = format!("{document:#}\n");
            match out {
                None => print(&text)?,
                Some(path) => write(path, &text)?,
            }
        }
        (None, None, false) => {
            let names: Vec<&str> = ALL.iter().map(|schema| schema.name()).collect();
            print(&format!("{}\n", names.join("\n")))?;
        }
        (None, Some(folder), false) => {
            std::fs::create_dir_all(folder).map_err(|error| {
                UsageError::new(format!("{} cannot be made: {error}", folder.display()))
            })?;
            for schema in ALL {
                write(&folder.join(schema.file()), schema.text())?;
            }
            tell(&format!(
                "{} written to {}",
                count(ALL.len() as u64, "schema"),
                folder.display()
            ));
        }
    }
    Ok(Exit::Success)
}

fn write(path: &Path, text: &str) -> Result<(), UsageError> {
    file::can_write(path)
        .and_then(|()| file::write(path, text))
        .map_err(|error| UsageError::new(format!("{} cannot be written: {error}", path.display())))
}

fn schema(text: &str) -> Result<Schema, String> {
    let found = ALL
        .iter()
        .find(|schema| schema.name() == text || schema.file() == text);
    found.copied().ok_or_else(|| {
        did_you_mean(text, ALL.iter().map(|schema| schema.name()))
            .unwrap_or_else(|| "`acgw schemas` lists them".to_owned())
    })
}
