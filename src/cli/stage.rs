//! What must stand before a run can begin: keys, the test identity provider, and, where no other is checked, the reference
//! handler.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::enablement::identified_by_credentials;
use super::options::{Plan, TargetSpec};
use super::signing_key::{self, load_or_create};
use super::usage::UsageError;
use crate::gateway::Target;
use crate::reference::store::PARTNERS;
use crate::reference::{self, Faults, Reference, Server, custom_callback};
use crate::suite::{Options, Suite, TestIdentity};

/// What a run needs, and the servers that must live until it ends.
pub struct Stage {
    /// What is checked.
    pub target: Target,
    /// What the suite is told.
    pub options: Options,
    roots: Vec<CertificateDer<'static>>,
    /// What signs the tokens; `None` with a captured one.
    identity: Option<TestIdentity>,
    /// The reference handler, if it is what is checked.
    pub server: Option<Server>,
}

impl Stage {
    /// A run with these options; there may be several, one after the other.
    pub fn run(&self, options: Options) -> Suite {
        let suite = Suite::new(self.target.clone())
            .options(options)
            .roots(self.roots.clone());
        match &self.identity {
            Some(identity) => suite.identity(identity.renewed()),
            None => suite,
        }
    }
}

/// Sets everything up.
///
/// # Errors
/// When the URL, a key or a certificate is unusable, or a port is taken.
pub async fn set(plan: Plan) -> anyhow::Result<Stage> {
    let mut options = plan.options;
    let target = match &plan.target {
        TargetSpec::Url(url) => Some(handler(url, &options, plan.owns_handler)?),
        TargetSpec::Reference => None,
    };
    let roots = plan.cacert.as_deref().map(roots).transpose()?;
    let identity = match options.token {
        Some(_) => None,
        None => Some(identity(plan.idp, plan.signing_key).await?),
    };
    let (target, server) = match (target, &identity) {
        (Some(target), _) => (target, None),
        (None, Some(identity)) => {
            let server = reference_handler(identity, &mut options).await?;
            (Target::url(&server.url())?, Some(server))
        }
        (None, None) => unreachable!("a captured token is refused without a URL"),
    };
    Ok(Stage {
        target,
        options,
        roots: roots.unwrap_or_default(),
        identity,
        server,
    })
}

/// What signs the tokens; its keys are served from now on.
///
/// # Errors
/// When the key is unusable or the address taken.
pub async fn identity(addr: SocketAddr, key: Option<PathBuf>) -> anyhow::Result<TestIdentity> {
    let key = match key {
        Some(path) => Some(load_or_create(path).await?),
        None => signing_key::kept(),
    };
    let started = match key {
        Some(key) => TestIdentity::with_key(addr, key).await,
        None => TestIdentity::start(addr).await.inspect(|identity| {
            signing_key::keep(identity.signing_key());
        }),
    };
    Ok(started.map_err(|error| UsageError::new(error.to_string()))?)
}

/// Somebody's handler.
///
/// # Errors
/// When the URL is unusable, or data would be changed that may not be the user's.
pub fn handler(url: &str, options: &Options, owned: bool) -> Result<Target, UsageError> {
    let target = Target::url(url).map_err(|error| UsageError::new(error.to_string()))?;
    if options.write && !target.is_loopback() && !owned {
        return Err(UsageError::new(format!(
            "--write would change data of {}, which is not on this machine",
            target.authority()
        ))
        .tip("if it is yours, and the data may be changed, say --i-own-this-handler as well"));
    }
    Ok(target)
}

/// Starts the reference handler, and gives the run the credentials of two of its partners.
async fn reference_handler(
    identity: &TestIdentity,
    options: &mut Options,
) -> anyhow::Result<Server> {
    let own = custom_callback();
    if options
        .custom
        .iter()
        .all(|declared| declared.name() != own.name())
    {
        options.custom.push(own);
    }
    let settings = reference_settings(identity, options);
    if identified_by_credentials(options.enablement).is_some() {
        options.credentials = Some(PARTNERS[0].credentials());
        options.other_credentials = Some(PARTNERS[1].credentials());
    }
    let addr = (Ipv4Addr::LOCALHOST, 0).into();
    Server::start(addr, Reference::new(settings), None)
        .await
        .context("the reference handler could not be started")
}

/// What the reference handler is told. This is the place where it is told of `options.enablement`.
fn reference_settings(identity: &TestIdentity, options: &Options) -> reference::Settings {
    reference::Settings {
        jwks_url: identity.jwks_url(),
        issuer: options.issuer.clone(),
        enablement: options.enablement,
        faults: Faults::none(),
    }
}

/// The root certificates of a PEM file.
///
/// # Errors
/// When it cannot be read, or has none.
pub fn roots(path: &Path) -> Result<Vec<CertificateDer<'static>>, UsageError> {
    let refused = |why: String| UsageError::new(format!("--cacert {}: {why}", path.display()));
    let roots = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| refused(error.to_string()))?;
    if roots.is_empty() {
        return Err(refused("there is no certificate in it".to_owned()).tip(
            "the file must be PEM, with a block that begins with -----BEGIN CERTIFICATE-----",
        ));
    }
    Ok(roots)
}
