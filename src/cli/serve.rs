//! `acgw serve`: the reference handler on a socket, right or with faults.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use http::Uri;

use super::exit::Exit;
use super::nearest::did_you_mean;
use super::output::{print, read};
use super::settings::Method;
use super::signals::Signals;
use super::usage::UsageError;
use super::value::Issuer;
use crate::protocol::token::{DEFAULT_ISSUER, JWKS_PATH};
use crate::protocol::{Enablement, EnablementMethod};
use crate::reference::store::{PARTNERS, Partner};
use crate::reference::{Fault, Faults, Reference, Server, Settings, TlsConfig};

/// Where `acgw check` serves its keys unless it is told otherwise.
const DEFAULT_IDP: &str = "127.0.0.1:9180";

/// What `acgw serve` may be told.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to listen
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where the keys are published that tokens are verified with
    #[arg(long, value_name = "URL", default_value_t = format!("http://{DEFAULT_IDP}{JWKS_PATH}"))]
    pub jwks: String,
    /// What `iss` of the tokens must be
    #[arg(long, value_name = "URL", default_value = DEFAULT_ISSUER)]
    pub issuer: Issuer,
    /// How partners are enabled: mapped, mirrored or explicit
    #[arg(
        long,
        value_name = "METHOD",
        default_value = "mapped",
        hide_possible_values = true
    )]
    pub partner: Method,
    /// How customers are enabled: mapped, mirrored or explicit
    #[arg(
        long,
        value_name = "METHOD",
        default_value = "mapped",
        hide_possible_values = true
    )]
    pub customer: Method,
    /// What the handler shall do wrong; may be given more than once
    #[arg(long = "fault", value_name = "NAME")]
    pub faults: Vec<String>,
    /// List every fault and the requirements that it breaks
    #[arg(long)]
    pub list_faults: bool,
    /// Certificate chain in PEM: serve https
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// Private key of the certificate in PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
}

/// Serves until Ctrl-C.
///
/// # Errors
/// When there is no such fault, a file is of no use, or the address cannot be listened on.
pub async fn run(args: ServeArgs) -> anyhow::Result<Exit> {
    if args.list_faults {
        print(&list_faults())?;
        return Ok(Exit::Success);
    }
    let faults = faults(&args.faults)?;
    let jwks = jwks(&args.jwks)?;
    let enablement = enablement(args.partner, args.customer)?;
    let tls = match (&args.cert, &args.key) {
        (Some(cert), Some(key)) => Some(
            TlsConfig::from_pem(&read(cert)?, &read(key)?)
                .map_err(|error| UsageError::new(error.to_string()))?,
        ),
        _ => None,
    };
    let reference = Reference::new(Settings {
        jwks_url: args.jwks.clone(),
        issuer: args.issuer.0.clone(),
        enablement,
        faults: faults.clone(),
    });
    let server = Server::start(args.listen, reference, tls)
        .await
        .map_err(|error| UsageError::new(error.to_string()))?;
    // Who reads that it serves may end it at once.
    let mut signals = Signals::new().context("Ctrl-C cannot be waited for")?;
    print(&greeting(&server.url(), &args, &jwks, enablement, &faults))?;
    signals.next().await;
    server.shutdown().await;
    Ok(Exit::Success)
}

/// Where the keys are; only `http` and `https` URLs with a host can be fetched from.
fn jwks(url: &str) -> Result<Uri, UsageError> {
    let is_absolute = |url: &Uri| matches!(url.scheme_str(), Some("http" | "https"));
    let url_or_none = url.parse().ok().filter(is_absolute);
    url_or_none.ok_or_else(|| {
        UsageError::new(format!("--jwks {url:?} is not a URL"))
            .tip(format!("it looks like http://{DEFAULT_IDP}{JWKS_PATH}"))
    })
}

/// The combination of these methods, if it is offered.
fn enablement(partner: Method, customer: Method) -> Result<Enablement, UsageError> {
    let method = |method| match method {
        Method::Mapped => EnablementMethod::Mapped,
        Method::Mirrored => EnablementMethod::Mirrored,
        Method::Explicit => EnablementMethod::Explicit,
    };
    Enablement::new(method(partner), method(customer)).ok_or_else(|| {
        UsageError::new(
            "--partner explicit with --customer mapped is not offered: without callbacks for partners there is nobody whose \
             customers could be mapped",
        )
        .tip("explicit partners go with --customer mirrored or --customer explicit")
    })
}

/// The faults of these names.
fn faults(names: &[String]) -> Result<Faults, UsageError> {
    let fault = |name: &String| Fault::from_name(name).ok_or_else(|| unknown(name));
    names.iter().map(fault).collect()
}

fn unknown(name: &str) -> UsageError {
    let advice = did_you_mean(name, Fault::all().iter().map(|fault| fault.name()))
        .unwrap_or_else(|| "`acgw serve --list-faults` lists them all".to_owned());
    UsageError::new(format!("there is no fault {name:?}")).tip(advice)
}

fn list_faults() -> String {
    let width = Fault::all()
        .iter()
        .map(|fault| fault.name().len())
        .max()
        .unwrap_or_default();
    let lines = Fault::all().iter().map(|fault| {
        format!(
            "{:width$}  {} [{}]\n",
            fault.name(),
            fault.title(),
            fault.breaks().join(", ")
        )
    });
    lines.collect()
}

fn greeting(
    url: &str,
    args: &ServeArgs,
    jwks: &Uri,
    enablement: Enablement,
    faults: &Faults,
) -> String {
    let mut text = format!("The reference handler listens on {url}\n");
    for fault in faults.iter() {
        text += &format!(
            "  fault   {fault}: {} [{}]\n",
            fault.title(),
            fault.breaks().join(", ")
        );
        if fault.enablement() != Enablement::MAPPED && fault.enablement() != enablement {
            text += &format!("          shows with {}\n", fault.enablement());
        }
    }
    text += &format!(
        "  keys    {}\n  issuer  {}\n  serves  {enablement}\n",
        args.jwks, args.issuer.0
    );
    let mapped = enablement.partner() == EnablementMethod::Mapped;
    if mapped {
        text += "\nPartners:\n";
        for partner in PARTNERS {
            text += &format!("  {:8}{}\n", partner.name, credentials("--", partner));
        }
    }
    let names: Vec<&str> = enablement
        .callbacks()
        .map(|callback| callback.name)
        .collect();
    if names.is_empty() {
        return text
            + "\nWith these methods there are no callbacks: there is nothing to serve, and nothing to check.\n\n\
               Ctrl-C ends it.\n";
    }
    text += &format!("\nCallbacks:\n  {}\n", names.join("\n  "));
    text += &format!("\nTry:\n  acgw check {url}");
    if let [alpha, bravo, ..] = PARTNERS
        && mapped
    {
        text += &format!(
            " {} {}",
            credentials("--", alpha),
            credentials("--other-", bravo)
        );
    }
    for (option, method) in [
        ("--partner", enablement.partner()),
        ("--customer", enablement.customer()),
    ] {
        if method != EnablementMethod::Mapped {
            text += &format!(" {option} {method}");
        }
    }
    if args.issuer.0 != DEFAULT_ISSUER {
        text += &format!(" --issuer {}", quoted(&args.issuer.0));
    }
    if let Some(idp) = jwks.authority()
        && idp.as_str() != DEFAULT_IDP
        && jwks.path() == JWKS_PATH
    {
        text += &format!(" --idp {}", quoted(idp.as_str()));
    }
    if let Some(cert) = &args.cert {
        text += &format!(" --cacert {}", quoted(&cert.display().to_string()));
    }
    text + "\n\nCtrl-C ends it.\n"
}

fn credentials(prefix: &str, partner: &Partner) -> String {
    let (identity, secrets) = (quoted(partner.identity), quoted(partner.secrets));
    format!("{prefix}identity {identity} {prefix}secrets {secrets}")
}

/// The text as one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@%+=:,./_-".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_fault_is_met_with_the_nearest_names() {
        let message = faults(&["expiry-ignord".to_owned()]).expect_err("there is none");
        assert!(
            message.to_string().contains("did you mean expiry-ignored"),
            "{message}"
        );
    }

    #[test]
    fn keys_are_fetched_from_urls_only() {
        assert!(jwks("https://acronis.cloud/api/idp/v1/keys").is_ok());
        for text in [
            "",
            "keys",
            "/keys",
            "ftp://localhost/keys",
            "http://a b/keys",
        ] {
            assert!(jwks(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_combination_that_is_not_offered_is_refused_with_the_reason() {
        let message = enablement(Method::Explicit, Method::Mapped).expect_err("not offered");
        assert!(message.to_string().contains("not offered"), "{message}");
        assert!(enablement(Method::Explicit, Method::Mirrored).is_ok());
    }

    #[test]
    fn a_shell_gets_the_secrets_as_they_are() {
        assert_eq!(quoted("alpha"), "alpha");
        assert_eq!(quoted(r#"{"a":"it's"}"#), r#"'{"a":"it'\''s"}'"#);
    }
}
