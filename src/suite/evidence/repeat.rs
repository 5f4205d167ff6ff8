//! The `acgw` command line that repeats a failure.

use std::net::SocketAddr;

use super::curl::quote;
use crate::protocol::token::DEFAULT_ISSUER;
use crate::suite::options::Options;
use crate::suite::session::Session;

/// Where the command line's identity provider listens unless told otherwise.
const DEFAULT_IDP: &str = "127.0.0.1:9180";

/// The command line: everything that decides the cases. Secrets stay in the environment.
pub(crate) fn repeat(session: &Session, idp: Option<SocketAddr>, id: &str) -> String {
    let (options, defaults) = (&session.options, Options::default());
    let mut command = "acgw check".to_owned();
    let url = session.target.name();
    let elsewhere = url.starts_with("http");
    if elsewhere {
        command.push_str(&format!(" {}", quote(url)));
    }
    command.push_str(&format!(" --only {id} --seed {:016x}", options.seed));
    let mut add =
        |option: &str, value: &str| command.push_str(&format!(" {option} {}", quote(value)));
    if options.cases != defaults.cases {
        add("--cases", &options.cases.to_string());
    }
    let enablement = options.enablement;
    if enablement != defaults.enablement {
        add("--partner", enablement.partner().name());
        add("--customer", enablement.customer().name());
    }
    if !elsewhere {
        return command;
    }
    if options.write {
        command.push_str(" --write");
        if !session.target.is_loopback() {
            command.push_str(" --i-own-this-handler");
        }
    }
    let mut add =
        |option: &str, value: &str| command.push_str(&format!(" {option} {}", quote(value)));
    if options.issuer != DEFAULT_ISSUER {
        add("--issuer", &options.issuer);
    }
    if let Some(endpoint) = &options.endpoint_id {
        add("--endpoint-id", endpoint.as_str());
    }
    if let Some(tenant) = &options.tenant_id {
        add("--tenant-id", tenant.as_str());
    }
    if let Some(idp) = idp
        .map(|addr| addr.to_string())
        .filter(|addr| addr != DEFAULT_IDP)
    {
        add("--idp", &idp);
    }
    if let Some(credentials) = &options.credentials {
        add("--identity", credentials.identity());
        command.push_str(" --secrets \"$ACGW_SECRETS\"");
    }
    if let Some(credentials) = &options.other_credentials {
        command.push_str(&format!(
            " --other-identity {} --other-secrets \"$ACGW_OTHER_SECRETS\"",
            quote(credentials.identity())
        ));
    }
    command
}
