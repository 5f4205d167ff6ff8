//! The settings of a run: declared once, for the command line and for `acgw.toml` alike.

use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;

use clap::{CommandFactory as _, ValueEnum};
use serde::Deserialize;

use super::custom::CallbackTable;
use super::value::{
    Budget, Issuer, JsonText, ListenAddr, ReportSpec, Secret, Seed, Timeout, count, one_or_many,
};
use crate::protocol::text::{UriText, UuidText};
use crate::protocol::{Cti, CustomCallback, EnablementMethod};

/// The settings of a run. What is not set is `None` or empty; the defaults are decided where the settings are used.
#[derive(Debug, Clone, Default, PartialEq, clap::Args, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// The handler's URL; without it the reference handler is started on loopback and checked
    pub url: Option<String>,

    /// Who the vendor credentials belong to [env: ACGW_IDENTITY]
    #[arg(long, value_name = "ID", help_heading = "Vendor credentials")]
    pub identity: Option<String>,
    /// Their secrets, a JSON object such as '{"password": "…"}' [env: ACGW_SECRETS]
    #[arg(long, value_name = "JSON", help_heading = "Vendor credentials")]
    pub secrets: Option<JsonText>,
    /// A second partner's identity, for the isolation checks [env: ACGW_OTHER_IDENTITY]
    #[arg(long, value_name = "ID", help_heading = "Vendor credentials")]
    pub other_identity: Option<String>,
    /// The second partner's secrets [env: ACGW_OTHER_SECRETS]
    #[arg(long, value_name = "JSON", help_heading = "Vendor credentials")]
    pub other_secrets: Option<JsonText>,

    /// What X-CyberApp-Extra carries, a JSON object [default: {}]
    #[arg(long, value_name = "JSON", help_heading = "Requests")]
    pub extra: Option<JsonText>,
    /// The CyberApp's endpoint [default: made up]
    #[arg(long, value_name = "CTI", help_heading = "Requests")]
    pub endpoint_id: Option<Cti>,
    /// The partner's Acronis tenant [default: made up]
    #[arg(long, value_name = "UUID", value_parser = uuid, help_heading = "Requests")]
    pub tenant_id: Option<UuidText>,
    /// A second partner's Acronis tenant, for the isolation checks of mirrored partners [default: made up]
    #[arg(long, value_name = "UUID", value_parser = uuid, help_heading = "Requests")]
    pub other_tenant_id: Option<UuidText>,
    /// The Acronis data centre [default: the issuer]
    #[arg(long, value_name = "URL", value_parser = uri, help_heading = "Requests")]
    pub datacenter_url: Option<UriText>,
    /// How partners are enabled: `mapped`, `mirrored` or `explicit` [default: mapped]
    #[arg(
        long,
        value_name = "METHOD",
        hide_possible_values = true,
        help_heading = "Requests"
    )]
    pub partner: Option<Method>,
    /// How customers are enabled: `mapped`, `mirrored` or `explicit` [default: mapped]
    #[arg(
        long,
        value_name = "METHOD",
        hide_possible_values = true,
        help_heading = "Requests"
    )]
    pub customer: Option<Method>,
    /// A PEM file with a root certificate to trust beside the system's
    #[arg(long, value_name = "FILE", help_heading = "Requests")]
    pub cacert: Option<PathBuf>,

    /// Where the test identity provider serves its keys while the run lasts, at /api/idp/v1/keys
    /// [default: 127.0.0.1:9180]
    #[arg(long, value_name = "ADDR", help_heading = "Tokens")]
    pub idp: Option<ListenAddr>,
    /// `iss` of the tokens [default: https://acronis.cloud]
    #[arg(long, value_name = "URL", help_heading = "Tokens")]
    pub issuer: Option<Issuer>,
    /// `aud` of the tokens [default: the issuer's host]
    #[arg(long, value_name = "TEXT", help_heading = "Tokens")]
    pub audience: Option<String>,
    /// The PEM key to sign with; made if the file is not there [default: a key of acgw's own, kept in your cache folder]
    #[arg(long, value_name = "FILE", help_heading = "Tokens")]
    pub signing_key: Option<PathBuf>,
    /// A captured token instead of signing; cases that need a signature of ours are then not exercised
    /// [env: ACGW_TOKEN]
    #[arg(long, value_name = "JWT", help_heading = "Tokens")]
    pub token: Option<Secret>,

    /// Allow callbacks that change data; what was there is restored at the end
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          hide_possible_values = true, value_name = "BOOL", help_heading = "What is run")]
    pub write: Option<bool>,
    /// Needed beside --write for a handler that is not on this machine
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          hide_possible_values = true, value_name = "BOOL", help_heading = "What is run")]
    pub i_own_this_handler: Option<bool>,
    /// Run only these requirements: ids or globs such as JWT-*; repeatable, or parted by commas
    #[arg(
        long,
        value_name = "PATTERN",
        value_delimiter = ',',
        help_heading = "What is run"
    )]
    #[serde(default, deserialize_with = "one_or_many")]
    pub only: Vec<String>,
    /// Leave these requirements out
    #[arg(
        long,
        value_name = "PATTERN",
        value_delimiter = ',',
        help_heading = "What is run"
    )]
    #[serde(default, deserialize_with = "one_or_many")]
    pub skip: Vec<String>,
    /// Everything (`full`), or the flow that Acronis verifies, step by step (`verification`),
    /// most of which takes --write [default: full]
    #[arg(
        long,
        value_name = "NAME",
        hide_possible_values = true,
        help_heading = "What is run"
    )]
    pub profile: Option<Profile>,
    /// Cases per generated check [default: 100]
    #[arg(long, value_name = "N", value_parser = count::<NonZeroU32>, allow_negative_numbers = true, help_heading = "What is run")]
    pub cases: Option<NonZeroU32>,
    /// Send again at the end what `acgw proxy --record` wrote to this file, signed afresh and with this run's credentials;
    /// what changes data only with --write
    #[arg(long, value_name = "FILE", help_heading = "What is run")]
    pub replay: Option<PathBuf>,
    /// Repeats the cases of an earlier run, which printed its seed [default: random]
    #[arg(long, value_name = "HEX", help_heading = "What is run")]
    pub seed: Option<Seed>,

    /// Time allowed for one answer [default: 10s]
    #[arg(long, value_name = "DUR", help_heading = "Pace")]
    pub timeout: Option<Timeout>,
    /// Most exchanges under way at once [default: 8]
    #[arg(long, value_name = "N", value_parser = count::<NonZeroU16>, allow_negative_numbers = true, help_heading = "Pace")]
    pub concurrency: Option<NonZeroU16>,
    /// Time for the whole run, or `none`; cuts all but the most telling cases, which 0s sends alone [default: 60s]
    #[arg(long, value_name = "DUR", help_heading = "Pace")]
    pub budget: Option<Budget>,

    /// Let failures of levels should and hardening count for the exit code
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          hide_possible_values = true, value_name = "BOOL", help_heading = "Verdict and reports")]
    pub strict: Option<bool>,
    /// A file of known failures: they are looked for and shown, and do not count; one that fails no more, or is past its
    /// date, fails the run
    #[arg(long, value_name = "FILE", help_heading = "Verdict and reports")]
    pub baseline: Option<PathBuf>,
    /// Write a report: json, junit, markdown, html or sarif; `-` is standard output; repeatable
    #[arg(long, value_name = "FORMAT=FILE", help_heading = "Verdict and reports")]
    #[serde(default, deserialize_with = "one_or_many")]
    pub report: Vec<ReportSpec>,
    /// Show secrets and tokens in the evidence
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          hide_possible_values = true, value_name = "BOOL", help_heading = "Verdict and reports")]
    pub reveal: Option<bool>,

    /// The vendor's own callbacks, as the file declares them
    #[arg(skip)]
    #[serde(default)]
    pub callback: Vec<CallbackTable>,
    /// The same, with their schemas
    #[arg(skip)]
    #[serde(skip)]
    pub custom: Vec<CustomCallback>,
}

/// How tenants come to be enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Vendor tenants are mapped to Acronis tenants
    Mapped,
    /// Acronis tenants are mirrored to the vendor
    Mirrored,
    /// The vendor enables by means of its own
    Explicit,
}

impl From<Method> for EnablementMethod {
    fn from(method: Method) -> Self {
        match method {
            Method::Mapped => EnablementMethod::Mapped,
            Method::Mirrored => EnablementMethod::Mirrored,
            Method::Explicit => EnablementMethod::Explicit,
        }
    }
}

/// How much is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Every requirement
    Full,
    /// The flow that Acronis verifies, and the requirements that it rests on
    Verification,
}

/// A command that has the settings and nothing else: their names, help and groups.
pub fn alone() -> clap::Command {
    #[derive(clap::Parser)]
    struct Alone {
        #[command(flatten)]
        _settings: Settings,
    }
    Alone::command()
}

impl Settings {
    /// These settings, and the other ones where these leave a thing open.
    #[must_use]
    pub fn or(self, other: Settings) -> Settings {
        Settings {
            url: self.url.or(other.url),
            identity: self.identity.or(other.identity),
            secrets: self.secrets.or(other.secrets),
            other_identity: self.other_identity.or(other.other_identity),
            other_secrets: self.other_secrets.or(other.other_secrets),
            extra: self.extra.or(other.extra),
            endpoint_id: self.endpoint_id.or(other.endpoint_id),
            tenant_id: self.tenant_id.or(other.tenant_id),
            other_tenant_id: self.other_tenant_id.or(other.other_tenant_id),
            datacenter_url: self.datacenter_url.or(other.datacenter_url),
            partner: self.partner.or(other.partner),
            customer: self.customer.or(other.customer),
            cacert: self.cacert.or(other.cacert),
            idp: self.idp.or(other.idp),
            issuer: self.issuer.or(other.issuer),
            audience: self.audience.or(other.audience),
            signing_key: self.signing_key.or(other.signing_key),
            token: self.token.or(other.token),
            write: self.write.or(other.write),
            i_own_this_handler: self.i_own_this_handler.or(other.i_own_this_handler),
            only: first_given(self.only, other.only),
            skip: first_given(self.skip, other.skip),
            profile: self.profile.or(other.profile),
            cases: self.cases.or(other.cases),
            replay: self.replay.or(other.replay),
            seed: self.seed.or(other.seed),
            timeout: self.timeout.or(other.timeout),
            concurrency: self.concurrency.or(other.concurrency),
            budget: self.budget.or(other.budget),
            strict: self.strict.or(other.strict),
            baseline: self.baseline.or(other.baseline),
            report: first_given(self.report, other.report),
            reveal: self.reveal.or(other.reveal),
            callback: first_given(self.callback, other.callback),
            custom: first_given(self.custom, other.custom),
        }
    }
}

fn first_given<T>(first: Vec<T>, second: Vec<T>) -> Vec<T> {
    if first.is_empty() { second } else { first }
}

fn uuid(text: &str) -> Result<UuidText, String> {
    UuidText::new(text).map_err(|_| "write a UUID: 8-4-4-4-12 hexadecimal digits".to_owned())
}

fn uri(text: &str) -> Result<UriText, String> {
    UriText::new(text).map_err(|_| "write an absolute URL".to_owned())
}
