//! Finds out what the user asks about.

use std::path::{Path, PathBuf};

use super::{cause, cti, fault, requirement};
use crate::cli::callback::declared;
use crate::cli::config;
use crate::cli::exit::Exit;
use crate::cli::nearest::did_you_mean;
use crate::cli::output::print;
use crate::cli::usage::UsageError;
use crate::protocol::catalog::{self, CATALOG};
use crate::reference::Fault;
use crate::report::text::one_line;
use crate::suite::diagnosis::{self, KnownCause};
use crate::suite::register;

/// What `acgw explain` is told.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// A requirement's id, the name of a fault, a cause or a callback, or a CTI identifier; nothing lists the requirements
    subject: Option<String>,
    /// The file that callbacks of your own are declared in [default: acgw.toml in the working folder, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Explains the subject.
///
/// # Errors
/// When nothing has that name, or it is no CTI identifier.
pub fn run(args: &ExplainArgs) -> anyhow::Result<Exit> {
    let text = match &args.subject {
        None => requirement::list(register::all()),
        Some(subject) => explain(subject, args.config.as_deref())?,
    };
    print(&text)?;
    Ok(Exit::Success)
}

fn explain(subject: &str, config: Option<&Path>) -> Result<String, UsageError> {
    if let Some(requirement) = register::find(&subject.to_ascii_uppercase()) {
        return Ok(requirement::explain(requirement));
    }
    // Some faults go by the name of the cause that they show.
    let fault = Fault::from_name(&subject.to_ascii_lowercase());
    let cause = causes().find(|cause| cause.name.eq_ignore_ascii_case(subject));
    let pages = [
        fault.map(fault::explain),
        cause.as_ref().map(cause::explain),
    ];
    if fault.is_some() || cause.is_some() {
        return Ok(pages.into_iter().flatten().collect::<Vec<_>>().join("\n"));
    }
    if let Some(callback) = catalog::by_name(subject) {
        return cti::explain(callback.id, &[]);
    }
    let customs = declared(&config::load(config)?.custom)?;
    if let Some(own) = customs.iter().find(|own| own.name == subject) {
        return cti::explain(own.id, &customs);
    }
    if looks_like_cti(subject) {
        return cti::explain(subject, &customs);
    }
    let known = register::all()
        .iter()
        .map(|requirement| requirement.id)
        .chain(Fault::all().iter().map(|fault| fault.name()))
        .chain(causes().map(|cause| cause.name))
        .chain(CATALOG.iter().map(|callback| callback.name))
        .chain(customs.iter().map(|own| own.name));
    let tip = did_you_mean(subject, known).unwrap_or_else(|| {
        "`acgw explain` lists the requirements; a CTI identifier begins with `cti.`".to_owned()
    });
    Err(UsageError::new(format!(
        "`{}` is no requirement, fault, cause, callback or CTI identifier",
        one_line(subject)
    ))
    .tip(tip))
}

/// All causes that a report may name.
fn causes() -> impl Iterator<Item = KnownCause> {
    diagnosis::causes().chain(diagnosis::opening_causes())
}

/// Whether somebody meant an identifier, be it a bad one: names of requirements and faults have no dots, and callbacks' no
/// versions.
fn looks_like_cti(subject: &str) -> bool {
    let subject = subject.trim().to_ascii_lowercase();
    subject.starts_with("cti") || subject.contains('~') || subject.matches('.').count() > 2
}
