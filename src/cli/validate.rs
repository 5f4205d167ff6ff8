//! `acgw validate`: a request or a response in a file against the schemas.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Subcommand;

use super::callback::{declared, named};
use super::config;
use super::exit::Exit;
use super::output::{print, read};
use crate::protocol::validate::{self, TakenFor, Verdict};
use crate::report::text::{count, one_line};

/// What `acgw validate` is told.
#[derive(Debug, clap::Args)]
pub struct ValidateArgs {
    #[command(subcommand)]
    what: What,
    /// The file that callbacks of your own are declared in [default: acgw.toml in the working folder, if there is one]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The JSON body of a request, as the gateway sends it
    Request {
        /// The file; `-` is standard input
        file: PathBuf,
    },
    /// The JSON body of a response, successful or not, as a handler sends it
    Response {
        /// The file; `-` is standard input
        file: PathBuf,
        /// The callback it answers, such as tenant_mapping.read [default: what its `type` says]
        #[arg(long, value_name = "NAME")]
        callback: Option<String>,
    },
}

/// Validates a file: says everything that is wrong, each with its JSON pointer.
///
/// # Errors
/// When the file cannot be read.
pub fn run(args: &ValidateArgs) -> anyhow::Result<Exit> {
    let declared = declared(&config::load(args.config.as_deref())?.custom)?;
    let (file, verdict) = match &args.what {
        What::Request { file } => (file, validate::request_among(&read(file)?, &declared)),
        What::Response {
            file,
            callback: name,
        } => {
            let callback = name
                .as_deref()
                .map(|name| named(name, &declared))
                .transpose()?;
            let verdict = validate::response_among(&read(file)?, callback, &declared);
            (file, verdict)
        }
    };
    print(&tell(&file.display().to_string(), &verdict))?;
    Ok(if verdict.is_valid() {
        Exit::Success
    } else {
        Exit::Failed
    })
}

fn tell(file: &str, verdict: &Verdict) -> String {
    let what = match verdict.taken_for {
        TakenFor::Request => "request",
        TakenFor::Response => "response",
        TakenFor::ErrorResponse => "error response",
    };
    let of = verdict
        .callback
        .map(|callback| format!(" of {}", callback.name))
        .unwrap_or_default();
    let file = if file == "-" { "standard input" } else { file };
    let mut text = format!("{}: ", one_line(file));
    let _ = match verdict.problems.len() {
        0 => writeln!(text, "a valid {what}{of}"),
        problems => writeln!(
            text,
            "{} in a {what}{of}",
            count(problems as u64, "problem")
        ),
    };
    for problem in &verdict.problems {
        let _ = writeln!(text, "  {}", one_line(&problem.to_string()));
    }
    for note in &verdict.notes {
        let _ = writeln!(text, "  note: {}", one_line(note));
    }
    text
}
