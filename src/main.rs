//! The `acgw` program.

use std::process::ExitCode;

use acgw_conformance::cli;

fn main() -> ExitCode {
    cli::install_panic_hook();
    cli::run().into()
}
