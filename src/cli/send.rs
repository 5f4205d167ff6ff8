//! `acgw send`: one callback, shown both ways, with what it shows of the requirements.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::callback::{declared, named};
use super::credentials::credentials;
use super::enablement::enablement_with;
use super::exit::Exit;
use super::options::{IDP, TargetSpec, options, refuse_two_ways_to_sign, refuse_what_is_no_token};
use super::output::{print, tell};
use super::page::palette;
use super::payload::{paging, payload};
use super::settings::Settings;
use super::usage::UsageError;
use super::{config, environment, runtime, stage};
use crate::protocol::{Callback, CallbackIdentity};
use crate::report::palette::{Ink, Palette};
use crate::report::text::{count, lines, one_line};
use crate::suite::single::{Shown, Single, SingleOutcome, Taken};
use crate::suite::{Level, Options};

/// What `acgw send` is told.
#[derive(Debug, clap::Args)]
pub struct SendArgs {
    /// The callback's name, such as enablement.read, or its id; one of your own is declared in the configuration file
    callback: String,
    /// The request's payload, as JSON or in a file
    #[arg(long, value_name = "JSON|@FILE", help_heading = "Requests")]
    payload: Option<String>,
    /// The `paging` of a callback of your own that pages, as JSON or in a file [default: the first page]
    #[arg(long, value_name = "JSON|@FILE", help_heading = "Requests")]
    paging: Option<String>,
    #[command(flatten)]
    settings: Settings,
    /// The file that settings are read from [default: acgw.toml in the working folder, if there is one]
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    config: Option<PathBuf>,
}

/// The settings of a run that say nothing to one request.
const OF_A_RUN: &[&str] = &[
    "other_identity",
    "other_secrets",
    "other_tenant_id",
    "only",
    "skip",
    "profile",
    "cases",
    "replay",
    "seed",
    "concurrency",
    "budget",
    "strict",
    "baseline",
    "report",
];

/// Leaves out of the help what says nothing to one request.
pub fn hide_what_is_of_a_run(arg: clap::Arg) -> clap::Arg {
    let id = arg.get_id().as_str().to_owned();
    match id.as_str() {
        "url" => arg.help("The handler's URL"),
        "write" => arg.help("Needed for callbacks that change data"),
        _ => arg.hide(OF_A_RUN.contains(&id.as_str())),
    }
}

/// Sends the callback.
///
/// # Errors
/// When the settings are wrong, or it could not be sent.
pub fn run(args: SendArgs) -> anyhow::Result<Exit> {
    refuse_what_is_of_a_run(&args.settings)?;
    let settings = without_what_is_of_a_run(
        args.settings
            .or(environment::settings(|name| std::env::var_os(name))?)
            .or(config::load(args.config.as_deref())?),
    );
    let callback = named(&args.callback, &declared(&settings.custom)?)?;
    let payload = payload(callback, args.payload.as_deref())?;
    let paging = paging(callback, args.paging.as_deref())?;
    let url = settings.url.clone().ok_or_else(|| {
        UsageError::new("there is no handler to send it to").tip(format!(
            "acgw send {} http://127.0.0.1:8080/callback …",
            callback.name
        ))
    })?;
    refuse_two_ways_to_sign(&settings)?;
    refuse_what_is_no_token(&settings)?;
    let enablement = enablement_with(&settings, callback)?;
    let needs_them = enablement.identity(callback) == CallbackIdentity::Credentials;
    let options = Options {
        credentials: credentials(&settings, needs_them.then_some(callback))?,
        enablement,
        ..options(&settings, &TargetSpec::Url(url.clone()))?
    };
    if callback.changes_data && !options.write {
        return Err(UsageError::new(format!(
            "{} changes data: {}",
            callback.name, callback.effect
        ))
        .tip("if the data may be changed, say --write")
        .into());
    }
    runtime::run(send(callback, (payload, paging), url, settings, options))
}

async fn send(
    callback: &'static Callback,
    (payload, paging): (Option<serde_json::Value>, Option<serde_json::Value>),
    url: String,
    settings: Settings,
    options: Options,
) -> anyhow::Result<Exit> {
    let owned = settings.i_own_this_handler.unwrap_or(false);
    let target = stage::handler(&url, &options, owned)?;
    let roots = settings.cacert.as_deref().map(stage::roots).transpose()?;
    let identity = match options.token {
        Some(_) => None,
        None => {
            let idp = settings.idp.map_or(IDP.into(), |addr| addr.0);
            Some(stage::identity(idp, settings.signing_key).await?)
        }
    };
    let mut single = Single::new(target, callback)
        .options(options)
        .roots(roots.unwrap_or_default());
    if let Some(payload) = payload {
        single = single.payload(payload);
    }
    if let Some(paging) = paging {
        single = single.paging(paging);
    }
    if let Some(identity) = identity {
        single = single.identity(identity);
    }
    let outcome = single.send().await?;
    for violation in &outcome.violations {
        tell(&format!(
            "warning: the request breaks the schema: {}",
            one_line(&violation.to_string())
        ));
    }
    print(&page(palette(), callback, &url, &outcome))?;
    Ok(match outcome.conforms() {
        None => Exit::NoVerdict,
        Some(true) => Exit::Success,
        Some(false) => Exit::Failed,
    })
}

/// Whether a setting of a run was written on the command line, where it would be left unheard.
fn refuse_what_is_of_a_run(given: &Settings) -> Result<(), UsageError> {
    let kept = without_what_is_of_a_run(given.clone());
    if kept == *given {
        return Ok(());
    }
    let names: Vec<String> = OF_A_RUN
        .iter()
        .map(|name| format!("--{}", name.replace('_', "-")))
        .collect();
    Err(UsageError::new(
        "an option was given that is for a whole run, and says nothing to one request",
    )
    .tip(format!("leave out {}", names.join(", "))))
}

fn without_what_is_of_a_run(settings: Settings) -> Settings {
    Settings {
        other_identity: None,
        other_secrets: None,
        other_tenant_id: None,
        only: Vec::new(),
        skip: Vec::new(),
        profile: None,
        cases: None,
        replay: None,
        seed: None,
        concurrency: None,
        budget: None,
        strict: None,
        baseline: None,
        report: Vec::new(),
        ..settings
    }
}

fn page(palette: Palette, callback: &Callback, url: &str, outcome: &SingleOutcome) -> String {
    let heading = |text: &str| palette.paint(Ink::Heading, text);
    let mut text = format!(
        "{} {}\n\n{}\n\n{} after {:.1?}\n{}\n",
        heading(&format!("{} to", callback.name)),
        one_line(url),
        indented(&outcome.request),
        heading("Answer"),
        outcome.took,
        indented(&outcome.response)
    );
    if !outcome.shown.is_empty() {
        let _ = write!(text, "\n{}\n", heading("What this shows"));
    }
    for shown in &outcome.shown {
        let _ = writeln!(text, "{}", verdict(palette, shown));
    }
    let _ = writeln!(text, "\n{}", conclusion(palette, callback, outcome));
    text
}

fn verdict(palette: Palette, shown: &Shown) -> String {
    let requirement = shown.requirement;
    let (ink, word) = match (&shown.wrong, requirement.level) {
        (None, _) => (Ink::Good, "kept"),
        (Some(_), Level::Must) => (Ink::Bad, "broken"),
        (Some(_), _) => (Ink::Warn, "broken"),
    };
    let mut line = format!(
        "  {}  {}  {} ({})",
        palette.paint(ink, &format!("{word:<6}")),
        palette.paint(Ink::Id, &format!("{:<8}", requirement.id)),
        requirement.title,
        requirement.level.name()
    );
    if let Some((expected, observed)) = &shown.wrong {
        let _ = write!(
            line,
            "\n          expected  {}\n          observed  {}\n          fix       {}",
            one_line(expected),
            one_line(observed),
            requirement.fix
        );
    }
    line
}

fn conclusion(palette: Palette, callback: &Callback, outcome: &SingleOutcome) -> String {
    if outcome.conforms().is_none() {
        let why = match outcome.taken {
            Taken::Slower => "the handler asks for patience (429)",
            _ => "the handler could not be reached",
        };
        return format!("{}  {why}", palette.paint(Ink::Bad, "NO VERDICT"));
    }
    let broken = outcome
        .shown
        .iter()
        .filter(|one| one.wrong.is_some())
        .count();
    let all = count(outcome.shown.len() as u64, "requirement");
    let mut text = match broken {
        0 => format!(
            "{}  {all} shown, none broken",
            palette.paint(Ink::Good, "KEPT")
        ),
        broken => format!(
            "{}  {broken} of {all} shown",
            palette.paint(Ink::Bad, "BROKEN")
        ),
    };
    match outcome.taken {
        Taken::RefusedForAReason => {
            let _ = write!(
                text,
                "\nThe handler refused {}. Whether it should depends on what it remembers, which one request does not show.",
                callback.name
            );
        }
        Taken::Refused | Taken::Accepted if !outcome.violations.is_empty() => {
            text.push_str(
                "\nThe request breaks the schema, so it may be refused as well as accepted.",
            );
        }
        _ => {}
    }
    let refused = matches!(outcome.taken, Taken::Refused | Taken::RefusedForAReason);
    if let (true, Some((url, fetched))) = (refused, &outcome.keys) {
        let _ = match fetched {
            true => write!(text, "\nThe handler fetched the keys from {url}."),
            false => write!(
                text,
                "\nThe handler did not fetch the keys from {url}: it knows them already, or looks elsewhere."
            ),
        };
    }
    text
}

fn indented(text: &str) -> String {
    let safe = lines(text);
    let lines: Vec<String> = safe
        .lines()
        .map(|line| format!("  {line}").trim_end().to_owned())
        .collect();
    lines.join("\n")
}
