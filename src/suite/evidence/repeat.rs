//! The `acgw` command line that repeats a failure.

use std::net::SocketAddr;
use std::time::Duration;

use super::curl::quote;
use crate::protocol::token::DEFAULT_ISSUER;
use crate::suite::options::Options;
use crate::suite::session::Session;

/// Where the command line's identity provider listens unless told otherwise.
const DEFAULT_IDP: &str = "127.0.0.1:9180";

/// The command line that runs these requirements again: everything that decides the cases. Secrets stay in the environment.
pub(crate) fn repeat(session: &Session, idp: Option<SocketAddr>, only: &[&str]) -> String {
    let options = &session.options;
    let mut command = "acgw check".to_owned();
    let url = session.target.name();
    let elsewhere = url.starts_with("http");
    if elsewhere {
        command.push_str(&format!(" {}", quote(url)));
    }
    let only = only.join(",");
    command.push_str(&format!(" --only {only} --seed {:016x}", options.seed));
    if options.strict {
        command.push_str(" --strict");
    }
    for (option, value) in settings(options) {
        command.push_str(&format!(" {option} {}", quote(&value)));
    }
    // The reference handler, in this process, brings its own.
    if !elsewhere {
        return command;
    }
    if options.write {
        command.push_str(" --write");
        if !session.target.is_loopback() {
            command.push_str(" --i-own-this-handler");
        }
    }
    if let Some(idp) = idp
        .map(|addr| addr.to_string())
        .filter(|addr| addr != DEFAULT_IDP)
    {
        command.push_str(&format!(" --idp {idp}"));
    }
    if options.token.is_some() {
        command.push_str(" --token \"$ACGW_TOKEN\"");
    }
    if let Some(credentials) = &options.credentials {
        command.push_str(&format!(
            " --identity {} --secrets \"$ACGW_SECRETS\"",
            quote(credentials.identity())
        ));
    }
    if let Some(credentials) = &options.other_credentials {
        command.push_str(&format!(
            " --other-identity {} --other-secrets \"$ACGW_OTHER_SECRETS\"",
            quote(credentials.identity())
        ));
    }
    command
}

/// The command line that looks into a requirement which traffic was seen to break: the recording sent again, if there is one.
pub(crate) fn check_again(url: &str, id: &str, recording: Option<&str>) -> String {
    let url = quote(url);
    match recording {
        Some(file) => format!("acgw check {url} --only {id} --replay {}", quote(file)),
        None => format!(
            "acgw check {url} --only {id}  # what it does not show: acgw proxy --upstream {url} --record FILE, then --replay FILE"
        ),
    }
}

/// What is set otherwise than by default and decides what is sent, and when it counts as answered.
fn settings(options: &Options) -> Vec<(&'static str, String)> {
    let defaults = Options::default();
    let mut settings = Vec::new();
    let mut add =
        |option, value: Option<String>| settings.extend(value.map(|value| (option, value)));
    // What was left out is not to be sent now.
    add(
        "--skip",
        (!options.skip.is_empty()).then(|| options.skip.join(",")),
    );
    let is_other = |differs: bool, value: &dyn ToString| differs.then(|| value.to_string());
    add(
        "--cases",
        is_other(options.cases != defaults.cases, &options.cases),
    );
    let concurrency = options.concurrency;
    add(
        "--concurrency",
        is_other(concurrency != defaults.concurrency, &concurrency),
    );
    let timeout = options.timeout;
    add(
        "--timeout",
        (timeout != defaults.timeout).then(|| text(timeout)),
    );
    let budget = options.budget.map_or("none".to_owned(), text);
    add(
        "--budget",
        (options.budget != defaults.budget).then_some(budget),
    );
    let (enablement, usual) = (options.enablement, defaults.enablement);
    if enablement != usual {
        add("--partner", Some(enablement.partner().name().to_owned()));
        add("--customer", Some(enablement.customer().name().to_owned()));
    }
    let issuer = &options.issuer;
    add("--issuer", is_other(issuer != DEFAULT_ISSUER, issuer));
    add("--audience", options.audience.clone());
    let of = |text: &str| text.to_owned();
    add(
        "--endpoint-id",
        options.endpoint_id.as_ref().map(|id| of(id.as_str())),
    );
    add(
        "--tenant-id",
        options.tenant_id.as_ref().map(|id| of(id.as_str())),
    );
    let other = options.other_tenant_id.as_ref();
    add("--other-tenant-id", other.map(|id| of(id.as_str())));
    let datacenter = options.datacenter_url.as_ref();
    add("--datacenter-url", datacenter.map(|url| of(url.as_str())));
    // What is declared stands in no option.
    add("--config", options.config.clone());
    for (option, file) in &options.files {
        add(option, Some(file.clone()));
    }
    let replay = options.replay.as_ref();
    add("--replay", replay.map(|recording| of(&recording.name)));
    let extra = serde_json::to_string(&options.extra.0).unwrap_or_default();
    add("--extra", (!options.extra.0.is_empty()).then_some(extra));
    settings
}

/// As the command line reads it.
fn text(time: Duration) -> String {
    format!("{}ms", time.as_millis())
}
