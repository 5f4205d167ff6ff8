//! The commands and their options.

use clap::{Parser, Subcommand};

use super::exit::Exit;
use super::output::tell;
use super::usage::UsageError;
use super::{
    check, explain, idp, init, panic, proxy, runtime, schemas, send, serve, shell, token, validate,
    vectors,
};

const ABOUT: &str = "Checks callback handlers of Acronis's API Callback Gateway";
const LONG_ABOUT: &str = "Plays Acronis's API Callback Gateway against a callback handler and says, requirement by \
    requirement and with evidence, whether the handler keeps the contract.";
const EXAMPLES: &str = "\
Examples:
  acgw check
      Check the reference handler that acgw brings along
  acgw check http://127.0.0.1:8080/callback --identity acme --secrets '{\"password\": \"…\"}'
      Check your own; it must trust the keys at http://127.0.0.1:9180/api/idp/v1/keys
  acgw explain JWT-04
      What a requirement asks, why, and how to fulfil it

Exit codes: 0 conforms, 1 a requirement failed, 2 wrong usage, 3 no verdict, 4 a bug of acgw, 130 interrupted";

const HANDLER: &str = "\
While a handler is checked it must fetch its keys from http://127.0.0.1:9180/api/idp/v1/keys (--idp) and expect \
    the issuer https://acronis.cloud (--issuer).";

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "acgw", version, about = ABOUT, long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a commented acgw.toml, with a look at the handler
    Init(init::InitArgs),
    /// Check a handler
    #[command(after_help = HANDLER)]
    Check(Box<check::CheckArgs>),
    /// Send one callback, and show request, answer and what they show of the requirements
    #[command(after_help = HANDLER, mut_args = send::hide_what_is_of_a_run)]
    Send(Box<send::SendArgs>),
    /// Serve the reference handler, right or with faults
    Serve(serve::ServeArgs),
    /// Forward real traffic to a handler as it is, and judge it as it passes
    #[command(mut_args = proxy::hide_what_is_of_a_run)]
    Proxy(Box<proxy::ProxyArgs>),
    /// Explain a requirement, a fault of the reference handler, a callback or a CTI identifier
    Explain(explain::ExplainArgs),
    /// Validate a request or a response against the schemas
    Validate(validate::ValidateArgs),
    /// Serve the keys of the test identity provider alone
    Idp(idp::IdpArgs),
    /// Mint a token
    Token(token::TokenArgs),
    /// Show or write the JSON Schemas, or an OpenAPI document made of them
    Schemas(schemas::SchemasArgs),
    /// Write language-neutral test vectors for a handler's own unit tests
    Vectors(vectors::VectorsArgs),
    /// Print completions for a shell
    Completions(shell::CompletionsArgs),
    /// Print the manual page, or write those of every command
    Man(shell::ManArgs),
}

/// Reads the command line and does what it asks.
pub fn run() -> Exit {
    panic::guard(|| {
        let cli = match Cli::try_parse() {
            Ok(cli) => cli,
            Err(error) => return refused(&error),
        };
        cli.run().unwrap_or_else(|error| failed(&error))
    })
}

impl Cli {
    fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            Command::Init(args) => init::run(&args),
            Command::Check(args) => check::run(*args),
            Command::Serve(args) => runtime::run(serve::run(args)),
            Command::Proxy(args) => runtime::run(proxy::run(*args)),
            Command::Explain(args) => explain::run(&args),
            Command::Validate(args) => validate::run(&args),
            Command::Send(args) => send::run(*args),
            Command::Idp(args) => runtime::run(idp::run(args)),
            Command::Token(args) => runtime::run(token::run(args)),
            Command::Schemas(args) => schemas::run(&args),
            Command::Vectors(args) => vectors::run(&args),
            Command::Completions(args) => shell::completions(&args),
            Command::Man(args) => shell::man(&args),
        }
    }
}

/// Help and version are success; everything else is wrong usage.
fn refused(error: &clap::Error) -> Exit {
    // Nobody is there to be told that it could not be told.
    let _ = error.print();
    if error.use_stderr() {
        Exit::Usage
    } else {
        Exit::Success
    }
}

fn failed(error: &anyhow::Error) -> Exit {
    tell(&format!("error: {error:#}"));
    if error.is::<UsageError>() {
        Exit::Usage
    } else {
        Exit::OwnFault
    }
}
