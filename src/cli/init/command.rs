//! The command.

use std::path::PathBuf;

use super::file;
use super::look::{self, Seen};
use crate::cli::exit::Exit;
use crate::cli::output::{print, tell};
use crate::cli::usage::UsageError;
use crate::cli::{config, runtime};
use crate::gateway::Target;
use crate::report::file as to_file;

/// What `acgw init` is told.
#[derive(Debug, clap::Args)]
pub struct InitArgs {
    /// The handler's URL, which is written into the file and looked at: one request, without a token, that changes nothing
    url: Option<String>,
    /// Where to write; `-` is standard output
    #[arg(long, value_name = "FILE", default_value = config::DEFAULT)]
    out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

/// Writes a configuration file.
///
/// # Errors
/// When the URL is unusable, or the file is there already or cannot be written.
pub fn run(args: &InitArgs) -> anyhow::Result<Exit> {
    let target = match &args.url {
        Some(url) => Some(Target::url(url).map_err(|error| UsageError::new(error.to_string()))?),
        None => None,
    };
    let to_output = args.out.as_os_str() == "-";
    if !to_output && !args.force && args.out.exists() {
        return Err(
            UsageError::new(format!("{} is there already", args.out.display()))
                .tip("--force replaces it, and --out writes another file")
                .into(),
        );
    }
    let seen = match &target {
        Some(target) => Some(look_at(target.clone())?),
        None => None,
    };
    let text = file::text(target.as_ref(), seen.as_ref());
    if to_output {
        print(&text)?;
    } else {
        to_file::can_write(&args.out)
            .and_then(|()| to_file::write(&args.out, &text))
            .map_err(|error| {
                UsageError::new(format!("{} cannot be written: {error}", args.out.display()))
            })?;
        tell(&format!("written: {}", args.out.display()));
    }
    if let Some(seen) = &seen {
        tell(&seen.sentence());
    }
    tell(
        "next: set the identity in the file and ACGW_SECRETS in the environment, point the handler's JWKS URL to \
         http://127.0.0.1:9180/api/idp/v1/keys, then run `acgw check`",
    );
    Ok(Exit::Success)
}

fn look_at(target: Target) -> anyhow::Result<Seen> {
    runtime::run(async { Ok(look::at(target).await) })
}
