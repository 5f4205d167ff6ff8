//! What helps at a shell: completions, and manual pages.

use std::path::PathBuf;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::args::Cli;
use super::exit::Exit;
use super::output::{print, tell};
use super::usage::UsageError;

/// What `acgw completions` is told.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// What `acgw man` is told.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Write a page for every command into this folder, which is made if it is not there [default: the first page to standard output]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the completions of a shell.
///
/// # Errors
/// When they cannot be written.
pub fn completions(args: &CompletionsArgs) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "acgw", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Success)
}

/// Prints or writes manual pages.
///
/// # Errors
/// When they cannot be written.
pub fn man(args: &ManArgs) -> anyhow::Result<Exit> {
    match &args.out {
        None => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text)?;
            print(&String::from_utf8_lossy(&text))?;
        }
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
                .map_err(|error| {
                    UsageError::new(format!(
                        "{} cannot be written to: {error}",
                        folder.display()
                    ))
                    .tip("--out names a folder for the pages")
                })?;
            tell(&format!(
                "the pages are in {}; try: man -l {}/acgw.1",
                folder.display(),
                folder.display()
            ));
        }
    }
    Ok(Exit::Success)
}
