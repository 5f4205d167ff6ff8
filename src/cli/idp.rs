//! `acgw idp`: the test identity provider alone.

use std::path::PathBuf;

use anyhow::Context as _;

use super::exit::Exit;
use super::output::print;
use super::signals::Signals;
use super::signing_key::load_or_create;
use super::usage::UsageError;
use super::value::ListenAddr;
use crate::gateway::IdentityProvider;

/// What `acgw idp` is told.
#[derive(Debug, clap::Args)]
pub struct IdpArgs {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9180")]
    listen: ListenAddr,
    /// The PEM key whose public half is served; made if the file is not there
    #[arg(long, value_name = "FILE")]
    signing_key: PathBuf,
}

/// Serves the keys until Ctrl-C.
///
/// # Errors
/// When the key is unusable, or the address cannot be listened on.
pub async fn run(args: IdpArgs) -> anyhow::Result<Exit> {
    let key = load_or_create(args.signing_key.clone()).await?;
    let idp = IdentityProvider::start(args.listen.0, std::slice::from_ref(&key))
        .map_err(|error| UsageError::new(error.to_string()))?;
    let file = args.signing_key.display();
    // Who reads that it serves may end it at once.
    let mut signals = Signals::new().context("Ctrl-C cannot be waited for")?;
    print(&format!(
        "The keys are served at {}\n  key  {} of {file}\n\nA token that they verify:\n  acgw token --signing-key {file}\n\n\
         Ctrl-C ends it.\n",
        idp.jwks_url(),
        key.kid(),
    ))?;
    signals.next().await;
    Ok(Exit::Success)
}
