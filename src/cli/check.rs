//! `acgw check`: runs the suite against a handler and writes what it found.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::baseline::Known;
use super::enablement::NOTHING_TO_CHECK;
use super::exit::Exit;
use super::options::{self, Plan, TargetSpec};
use super::output::{print, read, tell};
use super::settings::Settings;
use super::stage::Stage;
use super::usage::UsageError;
use super::value::{Destination, ReportSpec};
use super::{config, custom, environment, runtime, signals, stage, watch};
use crate::report::file;
use crate::report::terminal::{Stream, Terminal};
use crate::suite::{self, Interrupt, Options, Outcome, Recording};

/// What `acgw check` is told.
#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    #[command(flatten)]
    settings: Settings,
    /// The file that settings are read from, under the names they have here
    /// [default: acgw.toml in the working folder, if there is one]
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    config: Option<PathBuf>,
    /// Bring a file of known failures up to date with this run, or make it: what fails is added, what fails no more taken out,
    /// and what you wrote into it stays
    #[arg(long, value_name = "FILE", help_heading = "Verdict and reports")]
    write_baseline: Option<PathBuf>,
    /// Wait for the handler, run, and run what failed again whenever the handler restarts or Enter is pressed; Ctrl-C ends it
    #[arg(long, help_heading = "What is run")]
    watch: bool,
}

/// Checks a handler.
///
/// # Errors
/// When the settings are wrong, or the run could not be started.
pub fn run(args: CheckArgs) -> anyhow::Result<Exit> {
    let to_write = args.write_baseline.clone();
    let watches = args.watch;
    let mut plan = plan(args)?;
    let known = Known::read(&mut plan, to_write)?;
    if let Some(path) = &plan.replay {
        plan.options.replay = Some(Arc::new(recording(path)?));
    }
    let predefined = plan.options.enablement.callbacks().next().is_some();
    if !predefined && plan.options.custom.is_empty() {
        tell(NOTHING_TO_CHECK);
        return Ok(Exit::NoVerdict);
    }
    check_reports(&plan.reports)?;
    spare_inputs(&plan)?;
    for remark in custom::unsupported(&plan.options.custom) {
        tell(&format!("warning: {remark}"));
    }
    match (watches, &plan.target) {
        (false, _) => runtime::run(check(plan, known)),
        (true, TargetSpec::Url(_)) => runtime::run(watch::watch(plan, known)),
        (true, TargetSpec::Reference) => Err(UsageError::new(
            "--watch waits for a handler of yours; say where it is: acgw check URL --watch",
        )
        .into()),
    }
}

/// The recording in a file, if there is a request in it that can be sent.
fn recording(path: &Path) -> Result<Recording, UsageError> {
    let name = path.display().to_string();
    let read = Recording::read(&name, &read(path)?)
        .map_err(|error| UsageError::new(format!("--replay {name}, {error}")))?;
    match (read.requests.first(), read.left_out.first()) {
        (Some(_), _) => Ok(read),
        (None, Some((line, why))) => Err(UsageError::new(format!(
            "--replay {name}: none of its requests can be sent again; line {line}, for one: {why}"
        ))),
        (None, None) => Err(UsageError::new(format!(
            "--replay {name}: no request passed while it was recorded"
        ))
        .tip("acgw proxy --upstream URL --record FILE, and let callbacks pass")),
    }
}

async fn check(plan: Plan, known: Known) -> anyhow::Result<Exit> {
    let reports = plan.reports.clone();
    let interrupt = Interrupt::new();
    signals::listen(interrupt.clone());
    let stage = stage::set(plan).await?;
    let (outcome, shown) = run_once(&stage, stage.options.clone(), &reports, &interrupt).await?;
    if let Some(server) = stage.server {
        server.shutdown().await;
    }
    let written = shown & write_reports(&reports, &outcome) & known.write(&outcome);
    Ok(exit(&outcome, written))
}

/// One run, shown as it goes, and whether all of it could be shown.
pub async fn run_once(
    stage: &Stage,
    options: Options,
    reports: &[ReportSpec],
    interrupt: &Interrupt,
) -> anyhow::Result<(Outcome, bool)> {
    let terminal = Terminal::on(stream(reports));
    let loss = terminal.loss();
    let run = stage
        .run(options)
        .observer(Box::new(terminal))
        .interrupt(interrupt.clone());
    let outcome = run.run().await.map_err(not_begun)?;
    if let Some(reason) = loss.reason() {
        tell(&format!(
            "error: not all of the run could be shown: {reason}"
        ));
    }
    Ok((outcome, loss.reason().is_none()))
}

/// A report that could not be written must not pass unnoticed, but a verdict goes before it.
pub fn exit(outcome: &Outcome, all_written: bool) -> Exit {
    match Exit::from_code(outcome.exit_code()) {
        Exit::Success if !all_written => Exit::Usage,
        exit => exit,
    }
}

fn not_begun(error: suite::Error) -> anyhow::Error {
    if error.is_usage() {
        UsageError::new(error.to_string()).into()
    } else {
        error.into()
    }
}

fn plan(args: CheckArgs) -> Result<Plan, UsageError> {
    let file = config::load(args.config.as_deref())?;
    let environment = environment::settings(|name| std::env::var_os(name))?;
    let mut plan = options::plan(args.settings, environment, file)?;
    plan.options.config = args.config.map(|path| path.display().to_string());
    let files = [
        ("--signing-key", &plan.signing_key),
        ("--cacert", &plan.cacert),
    ];
    let files = files.map(|(option, file)| Some((option, file.as_ref()?.display().to_string())));
    plan.options.files = files.into_iter().flatten().collect();
    Ok(plan)
}

/// # Errors
/// When a report would be written over a file that this run reads.
fn spare_inputs(plan: &Plan) -> Result<(), UsageError> {
    let config = plan.options.config.as_ref().map(PathBuf::from);
    let default = Some(PathBuf::from(config::DEFAULT));
    let inputs = [
        ("--signing-key", &plan.signing_key),
        ("--cacert", &plan.cacert),
        ("--baseline", &plan.baseline),
        ("--replay", &plan.replay),
        ("--config", &config),
        ("the configuration", &default),
    ];
    for report in &plan.reports {
        let Destination::File(path) = &report.to else {
            continue;
        };
        let same = |input: &&Path| match (input.canonicalize(), path.canonicalize()) {
            (Ok(input), Ok(path)) => input == path,
            _ => false,
        };
        let read = inputs
            .iter()
            .find(|(_, input)| input.as_deref().filter(same).is_some());
        if let Some((option, _)) = read {
            return Err(UsageError::new(format!(
                "the {} report would be written over {}, which this run reads ({option})",
                report.format.name(),
                path.display()
            ))
            .tip("give the report another file"));
        }
    }
    Ok(())
}

/// Finds out before the run whether the reports have a place.
pub fn check_reports(reports: &[ReportSpec]) -> Result<(), UsageError> {
    for report in reports {
        if let Destination::File(path) = &report.to {
            file::can_write(path).map_err(|error| {
                UsageError::new(format!(
                    "the {} report cannot be written to {}: {error}",
                    report.format.name(),
                    path.display()
                ))
            })?;
        }
    }
    Ok(())
}

/// Where the report for people goes: a report that takes standard output must have it alone.
pub fn stream(reports: &[ReportSpec]) -> Stream {
    if reports
        .iter()
        .any(|report| report.to == Destination::Output)
    {
        Stream::Error
    } else {
        Stream::Output
    }
}

/// Writes every report; one that cannot be written does not keep the others back. Says whether all were.
pub fn write_reports(reports: &[ReportSpec], outcome: &Outcome) -> bool {
    let mut all = true;
    for report in reports {
        let text = report.format.render(outcome);
        let (place, written) = match &report.to {
            Destination::Output => ("standard output".to_owned(), print(&text)),
            Destination::File(path) => (
                path.display().to_string(),
                file::write(path, &text).map_err(Into::into),
            ),
        };
        if let Err(error) = written {
            all = false;
            tell(&format!(
                "error: the {} report was not written to {place}: {error:#}",
                report.format.name()
            ));
        }
    }
    all
}
