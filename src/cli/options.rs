//! From settings to what a run is told: pure, and every refusal says what to do.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::credentials::{credentials, extra, other_credentials};
use super::enablement::{enablement, identified_by_credentials};
use super::settings::{Profile, Settings};
use super::usage::UsageError;
use super::value::{Destination, ReportSpec};
use crate::protocol::text::UuidText;
use crate::protocol::token::UnverifiedToken;
use crate::suite::{self, Options};

/// Where the test identity provider listens for somebody's handler, whose settings must name it.
pub const IDP: ([u8; 4], u16) = ([127, 0, 0, 1], 9180);
/// Where it listens for the reference handler, which is told.
const EPHEMERAL: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

/// All that is needed to start a run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is checked.
    pub target: TargetSpec,
    /// What the suite is told.
    pub options: Options,
    /// Where the test identity provider listens.
    pub idp: SocketAddr,
    /// The key to sign with.
    pub signing_key: Option<PathBuf>,
    /// A further root certificate.
    pub cacert: Option<PathBuf>,
    /// Whether the user says that a handler elsewhere is theirs to change.
    pub owns_handler: bool,
    /// The reports to write.
    pub reports: Vec<ReportSpec>,
    /// The file of known failures.
    pub baseline: Option<PathBuf>,
    /// A recording to send again.
    pub replay: Option<PathBuf>,
}

/// What is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetSpec {
    /// The reference handler, started for the run.
    Reference,
    /// Somebody's handler.
    Url(String),
}

/// Decides what a run is told. `given` comes from the command line and the file, `environment` from variables.
///
/// # Errors
/// When a setting is malformed, one that is needed is missing, or two do not fit each other.
pub fn plan(
    command_line: Settings,
    environment: Settings,
    file: Settings,
) -> Result<Plan, UsageError> {
    let given = command_line.clone().or(file.clone());
    let target = match given.url.clone() {
        Some(url) => TargetSpec::Url(url),
        None => TargetSpec::Reference,
    };
    let settings = match target {
        TargetSpec::Url(_) => command_line.or(environment).or(file),
        // Variables may be set for another purpose; what was written down for this run may not.
        TargetSpec::Reference => {
            refuse_what_needs_a_handler(&given)?;
            given
        }
    };
    refuse_colliding_reports(&settings.report)?;
    refuse_two_ways_to_sign(&settings)?;
    refuse_what_is_no_token(&settings)?;
    let enablement = enablement(&settings)?;
    let needed_by = identified_by_credentials(enablement);
    let credentials = match target {
        TargetSpec::Reference => None,
        TargetSpec::Url(_) => credentials(&settings, needed_by)?,
    };
    Ok(Plan {
        options: Options {
            credentials,
            enablement,
            ..options(&settings, &target)?
        },
        idp: settings.idp.map_or_else(
            || match target {
                TargetSpec::Reference => EPHEMERAL.into(),
                TargetSpec::Url(_) => IDP.into(),
            },
            |addr| addr.0,
        ),
        target,
        signing_key: settings.signing_key,
        cacert: settings.cacert,
        owns_handler: settings.i_own_this_handler.unwrap_or(false),
        reports: settings.report,
        baseline: settings.baseline,
        replay: settings.replay,
    })
}

/// Everything that needs no thought.
///
/// # Errors
/// When a setting is malformed.
pub fn options(settings: &Settings, target: &TargetSpec) -> Result<Options, UsageError> {
    let defaults = Options::default();
    Ok(Options {
        other_credentials: other_credentials(settings)?,
        extra: extra(settings)?,
        endpoint_id: settings.endpoint_id.clone(),
        tenant_id: settings.tenant_id.clone(),
        other_tenant_id: other_tenant(settings)?,
        datacenter_url: settings.datacenter_url.clone(),
        issuer: settings
            .issuer
            .clone()
            .map_or(defaults.issuer.clone(), |issuer| issuer.0),
        audience: settings.audience.clone(),
        token: settings.token.clone().map(|token| token.0),
        custom: settings.custom.clone(),
        // The reference handler's data is made for the run.
        write: *target == TargetSpec::Reference || settings.write.unwrap_or(false),
        only: settings.only.clone(),
        skip: settings.skip.clone(),
        profile: match settings.profile {
            Some(Profile::Verification) => suite::Profile::Verification,
            Some(Profile::Full) | None => suite::Profile::Full,
        },
        cases: settings.cases.map_or(defaults.cases, Into::into),
        seed: settings.seed.map_or(defaults.seed, |seed| seed.0),
        timeout: settings
            .timeout
            .map_or(defaults.timeout, |timeout| timeout.0),
        concurrency: settings
            .concurrency
            .map_or(defaults.concurrency, |number| number.get().into()),
        budget: settings.budget.map_or(defaults.budget, |budget| budget.0),
        strict: settings.strict.unwrap_or(false),
        reveal: settings.reveal.unwrap_or(false),
        ..defaults
    })
}

/// The second partner's tenant; not the first one's again.
fn other_tenant(settings: &Settings) -> Result<Option<UuidText>, UsageError> {
    let same = |other: &UuidText| {
        let own = settings.tenant_id.as_ref();
        own.is_some_and(|own| own.as_str().eq_ignore_ascii_case(other.as_str()))
    };
    match settings.other_tenant_id.clone() {
        Some(other) if same(&other) => Err(UsageError::new(
            "--other-tenant-id names the same tenant as --tenant-id; the isolation checks need a second partner",
        )),
        other => Ok(other),
    }
}

fn refuse_what_needs_a_handler(given: &Settings) -> Result<(), UsageError> {
    let present = [
        ("identity", given.identity.is_some()),
        ("secrets", given.secrets.is_some()),
        ("other-identity", given.other_identity.is_some()),
        ("other-secrets", given.other_secrets.is_some()),
        ("token", given.token.is_some()),
        ("cacert", given.cacert.is_some()),
        ("i-own-this-handler", given.i_own_this_handler.is_some()),
    ];
    match present.iter().find(|(_, present)| *present) {
        None => Ok(()),
        Some((name, _)) => Err(UsageError::new(format!(
            "`{name}` was given, but no handler to check; the reference handler, which is checked \
             without a URL, brings its own"
        ))
        .tip("acgw check http://127.0.0.1:8080/callback …")),
    }
}

/// # Errors
/// When there is a captured token and a key besides.
pub fn refuse_two_ways_to_sign(settings: &Settings) -> Result<(), UsageError> {
    match settings.token.is_some() && settings.signing_key.is_some() {
        true => Err(UsageError::new(
            "--token and --signing-key exclude each other: with a captured token nothing is signed",
        )),
        false => Ok(()),
    }
}

/// # Errors
/// When the captured token is none. The error does not repeat it.
pub fn refuse_what_is_no_token(settings: &Settings) -> Result<(), UsageError> {
    let token = settings.token.as_ref().map(|token| token.0.as_str());
    match token.map(UnverifiedToken::parse) {
        Some(Err(reason)) => Err(UsageError::new(format!("--token is no JWT: {reason}"))
            .tip("give it what stands behind `Bearer ` in a request of the gateway")),
        _ => Ok(()),
    }
}

/// # Errors
/// When two reports have the same place.
pub fn refuse_colliding_reports(reports: &[ReportSpec]) -> Result<(), UsageError> {
    for (index, report) in reports.iter().enumerate() {
        if reports[..index].iter().any(|other| other.to == report.to) {
            let place = match &report.to {
                Destination::Output => "standard output".to_owned(),
                Destination::File(file) => file.display().to_string(),
            };
            return Err(
                UsageError::new(format!("two reports would be written to {place}"))
                    .tip("give each --report a place of its own"),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::settings::Method;
    use crate::cli::value::{JsonText, Secret};

    fn url() -> Settings {
        Settings {
            url: Some("http://127.0.0.1:8080/callback".into()),
            identity: Some("acme".into()),
            secrets: Some(JsonText(r#"{"password": "hunter2"}"#.into())),
            ..Settings::default()
        }
    }

    fn from_command_line(settings: Settings) -> Result<Plan, UsageError> {
        plan(settings, Settings::default(), Settings::default())
    }

    fn refused(settings: Settings) -> String {
        from_command_line(settings)
            .expect_err("refused")
            .to_string()
    }

    #[test]
    fn without_a_url_the_reference_handler_is_checked_writes_included() {
        let environment = Settings {
            identity: Some("somebody".into()),
            secrets: Some(JsonText("not even JSON".into())),
            ..Settings::default()
        };
        let plan = plan(Settings::default(), environment, Settings::default()).expect("a plan");
        assert_eq!(plan.target, TargetSpec::Reference);
        assert_eq!(plan.idp.port(), 0);
        assert!(plan.options.write);
        assert!(plan.options.credentials.is_none());
        let forgotten = Settings { url: None, ..url() };
        assert!(refused(forgotten).starts_with("`identity` was given, but no handler"));
    }

    #[test]
    fn a_handler_is_read_only_unless_told() {
        let plan = from_command_line(url()).expect("a plan");
        assert!(!plan.options.write && !plan.owns_handler && !plan.options.strict);
        assert_eq!(plan.idp.to_string(), "127.0.0.1:9180");
        assert_eq!(plan.options.cases, 100);
        assert_eq!(plan.options.issuer, "https://acronis.cloud");
    }

    #[test]
    fn the_command_line_wins_over_variables_and_these_over_the_file() {
        let file = Settings {
            identity: Some("file".into()),
            secrets: Some(JsonText(r#"{"from": "file"}"#.into())),
            other_identity: Some("file".into()),
            other_secrets: Some(JsonText(r#"{"from": "file"}"#.into())),
            strict: Some(true),
            only: vec!["JWT-*".into()],
            ..url()
        };
        let environment = Settings {
            identity: Some("variable".into()),
            secrets: Some(JsonText(r#"{"from": "variable"}"#.into())),
            ..Settings::default()
        };
        let command_line = Settings {
            identity: Some("command line".into()),
            strict: Some(false),
            ..Settings::default()
        };
        let options = plan(command_line, environment, file)
            .expect("a plan")
            .options;
        let credentials = options.credentials.expect("credentials");
        assert_eq!(credentials.identity(), "command line");
        assert_eq!(credentials.secrets()["from"], "variable");
        assert_eq!(
            options.other_credentials.expect("the other").identity(),
            "file"
        );
        assert!(!options.strict);
        assert_eq!(options.only, ["JWT-*"]);
    }

    #[test]
    fn credentials_are_needed_and_come_in_pairs() {
        let none = refused(Settings {
            identity: None,
            secrets: None,
            ..url()
        });
        assert!(
            none.starts_with(
                "--identity is missing: enablement.read is made on behalf of vendor credentials"
            ),
            "{none}"
        );
        let half = refused(Settings {
            secrets: None,
            ..url()
        });
        assert!(half.starts_with("--secrets is missing"), "{half}");
        let other = refused(Settings {
            other_identity: Some("b".into()),
            ..url()
        });
        assert_eq!(other, "--other-identity was given without --other-secrets");
        let same = refused(Settings {
            other_identity: Some("acme".into()),
            other_secrets: Some(JsonText("{}".into())),
            ..url()
        });
        assert!(same.contains("second partner"), "{same}");
        let colon = refused(Settings {
            identity: Some("a:b".into()),
            ..url()
        });
        assert_eq!(colon, "--identity: an identity cannot contain a colon");
    }

    #[test]
    fn credentials_are_needed_by_those_who_are_identified_by_them_alone() {
        for (partner, customer, needed) in [
            (Method::Mapped, Method::Mirrored, true),
            (Method::Mapped, Method::Explicit, true),
            (Method::Mirrored, Method::Mapped, false),
            (Method::Mirrored, Method::Mirrored, false),
            (Method::Explicit, Method::Mirrored, false),
            (Method::Explicit, Method::Explicit, false),
        ] {
            let with = |identity: Option<&str>, secrets: Option<&str>| Settings {
                partner: Some(partner),
                customer: Some(customer),
                identity: identity.map(str::to_owned),
                secrets: secrets.map(|text| JsonText(text.to_owned())),
                ..url()
            };
            let none = from_command_line(with(None, None));
            assert_eq!(none.is_err(), needed, "{partner:?} {customer:?}");
            if let Ok(plan) = none {
                assert!(plan.options.credentials.is_none());
                assert_eq!(plan.options.enablement.partner(), partner.into());
                assert_eq!(plan.options.enablement.customer(), customer.into());
            }
            let given = from_command_line(with(Some("acme"), Some("{}"))).expect("a plan");
            assert!(given.options.credentials.is_some());
            let half = refused(with(Some("acme"), None));
            assert!(half.contains("--secrets"), "{half}");
        }
    }

    #[test]
    fn malformed_secrets_are_explained_and_never_quoted() {
        for (text, what) in [
            (
                "hunter2",
                "--secrets is plain text, but it must be a JSON object",
            ),
            ("\"hunter2\"", "--secrets is JSON, but not an object"),
            ("4711", "--secrets is JSON, but not an object"),
            (
                "{\"password\": \"hunter2\"",
                "it ends too early at line 1, column 22",
            ),
            (
                "{\"password\" \"hunter2\"}",
                "the syntax is wrong at line 1, column 13",
            ),
            ("{password: hunter2}", "the shell took them away"),
            ("", "--secrets is plain text"),
        ] {
            let error = refused(Settings {
                secrets: Some(JsonText(text.into())),
                ..url()
            });
            assert!(error.contains(what), "{text}: {error}");
            assert!(
                !error.contains("hunter2") && !error.contains("4711"),
                "{error}"
            );
        }
    }

    #[test]
    fn settings_that_do_not_fit_each_other_are_refused() {
        let not_offered = refused(Settings {
            partner: Some(Method::Explicit),
            ..url()
        });
        assert!(
            not_offered.starts_with(
                "--partner explicit with --customer mapped is not offered by Acronis: customers are mapped"
            ),
            "{not_offered}"
        );
        let both = refused(Settings {
            token: Some(Secret("a.b.c".into())),
            signing_key: Some("key.pem".into()),
            ..url()
        });
        assert!(both.starts_with("--token and --signing-key exclude each other"));
        let none = refused(Settings {
            token: Some(Secret("hunter2".into())),
            ..url()
        });
        assert!(none.starts_with("--token is no JWT: "), "{none}");
        assert!(!none.contains("hunter2"), "{none}");
        let twice = refused(Settings {
            report: vec![
                "json=-".parse().expect("spec"),
                "junit=-".parse().expect("spec"),
            ],
            ..url()
        });
        assert!(twice.starts_with("two reports would be written to standard output"));
    }
}
