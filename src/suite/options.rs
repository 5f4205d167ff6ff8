//! What a run may be told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::baseline::Baseline;
use super::traffic::Recording;
use crate::protocol::text::{UriText, UuidText};
use crate::protocol::token::DEFAULT_ISSUER;
use crate::protocol::{Credentials, Cti, CustomCallback, Enablement, Extra};

/// What a run may be told; the defaults are those of the command line.
#[derive(Debug, Clone)]
pub struct Options {
    /// What `X-CyberApp-Auth` carries; without it the header is not sent.
    pub credentials: Option<Credentials>,
    /// A second partner's credentials, for the isolation checks.
    pub other_credentials: Option<Credentials>,
    /// What `X-CyberApp-Extra` carries.
    pub extra: Extra,
    /// `context.endpoint_id`; without it a made-up one is used, and varied in generated cases.
    pub endpoint_id: Option<Cti>,
    /// `context.tenant_id`; without it a made-up one.
    pub tenant_id: Option<UuidText>,
    /// The second partner's Acronis tenant, for the isolation checks where partners are not told by credentials; without it a
    /// made-up one, which is enabled for the run.
    pub other_tenant_id: Option<UuidText>,
    /// `context.datacenter_url`; without it the issuer.
    pub datacenter_url: Option<UriText>,
    /// `iss` of the tokens.
    pub issuer: String,
    /// `aud` of the tokens; without it the issuer's host.
    pub audience: Option<String>,
    /// A captured token, sent as it is in place of signed ones.
    pub token: Option<String>,
    /// How partners and customers are enabled, which decides on the callbacks.
    pub enablement: Enablement,
    /// The vendor's own callbacks.
    pub custom: Vec<CustomCallback>,
    /// Whether callbacks that change data may be sent.
    pub write: bool,
    /// Requirement ids or globs to run; empty for all.
    pub only: Vec<String>,
    /// Requirement ids or globs to leave out.
    pub skip: Vec<String>,
    /// What Acronis verifies, or everything.
    pub profile: Profile,
    /// Cases per generated check.
    pub cases: u32,
    /// Decides every generated case.
    pub seed: u64,
    /// Time allowed for one answer.
    pub timeout: Duration,
    /// Most exchanges under way at once; at least 1.
    pub concurrency: usize,
    /// Time for the whole run; `None` for no limit. What does not fit is cut, but for the most telling cases of every requirement,
    /// which may take as long again. Zero: these alone, however long they take.
    pub budget: Option<Duration>,
    /// How long a handler that does not find a new signing key at once is waited for, at most 32 s: well-known libraries
    /// do not fetch the keys again so soon.
    pub rotation_patience: Duration,
    /// How long a handler that went away is waited for before the run is given up.
    pub recovery_patience: Duration,
    /// Whether failures of every level count for the verdict.
    pub strict: bool,
    /// Failures that are known and do not count; an empty one makes the run tell failures apart by callback, as a baseline to be
    /// written needs it.
    pub baseline: Option<Baseline>,
    /// Recorded traffic, whose requests are sent again at the end of the run.
    pub replay: Option<Arc<Recording>>,
    /// The configuration file that was named, for the command lines that repeat a failure; nothing is read from it.
    pub config: Option<String>,
    /// Further options that name files, and these files, for the same command lines.
    pub files: Vec<(&'static str, String)>,
    /// Whether secrets and tokens are shown in the evidence.
    pub reveal: bool,
}

/// How much is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Every requirement.
    #[default]
    Full,
    /// The flow that Acronis verifies, and the requirements that it rests on.
    Verification,
}

impl Profile {
    /// `full` or `verification`.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Full => "full",
            Profile::Verification => "verification",
        }
    }
}

impl Options {
    /// The time after which the most telling cases are cut, too; `None` for no limit.
    pub(super) fn most(&self) -> Option<Duration> {
        let budget = self.budget.filter(|budget| !budget.is_zero());
        budget.map(|budget| budget.saturating_mul(2))
    }

    /// When the scripted sequence of callbacks ends, which is cut last of all: all else builds on it.
    pub(super) fn script_end(&self, started: Instant) -> Option<Instant> {
        started.checked_add(self.most()?.saturating_mul(2))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            credentials: None,
            other_credentials: None,
            extra: Extra::default(),
            endpoint_id: None,
            tenant_id: None,
            other_tenant_id: None,
            datacenter_url: None,
            issuer: DEFAULT_ISSUER.to_owned(),
            audience: None,
            token: None,
            enablement: Enablement::MAPPED,
            custom: Vec::new(),
            write: false,
            only: Vec::new(),
            skip: Vec::new(),
            profile: Profile::Full,
            cases: 100,
            seed: uuid::Uuid::new_v4().as_u64_pair().0,
            timeout: Duration::from_secs(10),
            concurrency: 8,
            budget: Some(Duration::from_secs(60)),
            rotation_patience: Duration::from_secs(32),
            recovery_patience: Duration::from_secs(20),
            strict: false,
            baseline: None,
            replay: None,
            config: None,
            files: Vec::new(),
            reveal: false,
        }
    }
}
