//! `acgw token`: mints one token.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use serde_json::json;

use super::exit::Exit;
use super::output::print;
use super::signing_key::load_or_create;
use super::value::{Issuer, Timeout};
use crate::gateway::token::{claims, header, mint};
use crate::protocol::Cti;
use crate::protocol::token::DEFAULT_ISSUER;
use crate::suite::Options;
use crate::suite::identity::default_audience;
use crate::suite::session::endpoint;

/// What `acgw token` is told.
#[derive(Debug, clap::Args)]
pub struct TokenArgs {
    /// The PEM key to sign with; made if the file is not there
    #[arg(long, value_name = "FILE")]
    signing_key: PathBuf,
    /// `iss`
    #[arg(long, value_name = "URL", default_value = DEFAULT_ISSUER)]
    issuer: Issuer,
    /// `aud` [default: the issuer's host]
    #[arg(long, value_name = "TEXT")]
    audience: Option<String>,
    /// The endpoint that the token is for [default: that of `acgw check`]
    #[arg(long, value_name = "CTI")]
    endpoint_id: Option<Cti>,
    /// How long it is valid from now on
    #[arg(long, value_name = "DUR", default_value = "1h")]
    expires: Timeout,
}

/// Mints a token, alone on standard output.
///
/// # Errors
/// When the key is unusable.
pub async fn run(args: TokenArgs) -> anyhow::Result<Exit> {
    let key = load_or_create(args.signing_key).await?;
    let options = Options {
        endpoint_id: args.endpoint_id,
        ..Options::default()
    };
    let issuer = args.issuer.0;
    let audience = args
        .audience
        .unwrap_or_else(|| default_audience(&issuer).to_owned());
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock is set before 1970")?
        .as_secs();
    let now = i64::try_from(now).context("the clock is set too far in the future")?;
    let mut claims = claims(&issuer, &audience, &endpoint(&options), now);
    let lifetime = i64::try_from(args.expires.0.as_secs()).unwrap_or(i64::MAX);
    claims["exp"] = json!(now.saturating_add(lifetime));
    print(&(mint(&key, &header(key.kid()), &claims) + "\n"))?;
    Ok(Exit::Success)
}
