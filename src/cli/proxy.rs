//! `acgw proxy`: between the gateway and a handler, forwards bytes as they are and says what it sees.

use std::fs::{File, OpenOptions};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc;

use super::check::{check_reports, exit, stream, write_reports};
use super::credentials::credentials;
use super::exit::Exit;
use super::options::{TargetSpec, options, refuse_colliding_reports};
use super::output::{print, read, tell};
use super::settings::Settings;
use super::usage::UsageError;
use super::value::{ListenAddr, ReportSpec};
use super::{config, custom, environment, signals, stage};
use crate::gateway::{Relay, RelayOptions, RelayTls, Sighting, Target};
use crate::report::terminal::{Stream, Terminal};
use crate::suite::{Interrupt, Options, Watch};

/// Where the proxy listens unless it is told otherwise.
const LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 8081);

/// What `acgw proxy` is told.
#[derive(Debug, clap::Args)]
pub struct ProxyArgs {
    /// The handler [default: `url` of acgw.toml]
    #[arg(long, value_name = "URL", help_heading = "Connections")]
    upstream: Option<String>,
    /// Where to listen for the gateway [default: 127.0.0.1:8081]
    #[arg(long, value_name = "ADDR", help_heading = "Connections")]
    listen: Option<ListenAddr>,
    /// Certificate chain in PEM: listen for https
    #[arg(
        long,
        value_name = "FILE",
        requires = "key",
        help_heading = "Connections"
    )]
    cert: Option<PathBuf>,
    /// Private key of the certificate in PEM
    #[arg(
        long,
        value_name = "FILE",
        requires = "cert",
        help_heading = "Connections"
    )]
    key: Option<PathBuf>,
    /// Write every exchange to a file as it passes, secrets and tokens masked: acgw check --replay sends it again
    #[arg(long, value_name = "FILE", help_heading = "Verdict and reports")]
    record: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    /// The file that settings are read from, custom callbacks above all
    /// [default: acgw.toml in the working folder, if there is one]
    #[arg(long, value_name = "FILE", help_heading = "Configuration")]
    config: Option<PathBuf>,
}

/// The settings of a run that say something to a proxy.
const KEPT: &[&str] = &["cacert", "timeout", "strict", "report", "reveal"];
/// What is an option of the proxy's own.
const OWN: &[&str] = &[
    "upstream", "listen", "cert", "key", "record", "config", "help",
];

/// Leaves out of the help what says nothing to a proxy.
pub fn hide_what_is_of_a_run(arg: clap::Arg) -> clap::Arg {
    let id = arg.get_id().as_str().to_owned();
    match id.as_str() {
        "cacert" => arg.help_heading("Connections"),
        "timeout" => arg.help_heading("Verdict and reports"),
        _ => arg.hide(!KEPT.contains(&&*id) && !OWN.contains(&&*id)),
    }
}

/// What is needed to begin.
struct Plan {
    upstream: Target,
    listen: SocketAddr,
    relay: RelayOptions,
    options: Options,
    reports: Vec<ReportSpec>,
    record: Option<PathBuf>,
}

/// Forwards and looks on until Ctrl-C.
///
/// # Errors
/// When the settings are wrong, or the address cannot be listened on.
pub async fn run(args: ProxyArgs) -> anyhow::Result<Exit> {
    let plan = plan(args)?;
    check_reports(&plan.reports)?;
    for remark in custom::unsupported(&plan.options.custom) {
        tell(&format!("warning: {remark}"));
    }
    let to = stream(&plan.reports);
    let interrupt = Interrupt::new();
    let (sender, mut sightings) = mpsc::unbounded_channel();
    let terminal = Box::new(Terminal::lines(to));
    let mut watch = Watch::new(plan.upstream.clone(), plan.options, terminal)
        .map_err(|error| UsageError::new(error.to_string()))?;
    if let Some(path) = &plan.record {
        let name = path.display().to_string();
        let recorded = create(path).and_then(|file| watch.record(Box::new(file), &name));
        recorded.map_err(|error| UsageError::new(format!("--record {name}: {error}")))?;
    }
    let relay = Relay::start(plan.listen, plan.upstream.clone(), plan.relay, sender)
        .await
        .map_err(|error| UsageError::new(error.to_string()))?;
    // Who reads that it listens may end it at once.
    signals::listen(interrupt.clone());
    let greeting = greeting(&relay.url(), &plan.upstream);
    match to {
        Stream::Output => print(&greeting)?,
        Stream::Error => tell(greeting.trim_end()),
    }
    loop {
        tokio::select! {
            sighting = sightings.recv() => match sighting {
                Some(sighting) => watch.take(sighting),
                None => break,
            },
            () = interrupt.triggered() => break,
        }
    }
    // What is under way may end, and is looked at as well.
    let ((), ()) = tokio::join!(relay.shutdown(), look_on(&mut watch, &mut sightings));
    let recorded = watch.is_recorded_whole();
    let outcome = watch.conclude();
    let written = write_reports(&plan.reports, &outcome) & recorded;
    Ok(exit(&outcome, written))
}

/// Makes the file anew. What customers are called stands in it, which concerns nobody else on this machine.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

async fn look_on(watch: &mut Watch, sightings: &mut mpsc::UnboundedReceiver<Sighting>) {
    while let Some(sighting) = sightings.recv().await {
        watch.take(sighting);
    }
}

fn plan(args: ProxyArgs) -> Result<Plan, UsageError> {
    refuse_what_is_of_a_run(&args.settings)?;
    let settings = (args.settings)
        .or(environment::settings(|name| std::env::var_os(name))?)
        .or(config::load(args.config.as_deref())?);
    let url = args.upstream.or(settings.url.clone()).ok_or_else(|| {
        UsageError::new("there is no handler to forward to")
            .tip("acgw proxy --upstream http://127.0.0.1:8080/callback")
    })?;
    let upstream = Target::url(&url)
        .map_err(|error| UsageError::new(error.to_string().replace("a target", "an upstream")))?;
    let listen = args.listen.map_or(LISTEN.into(), |addr| addr.0);
    refuse_a_loop(&upstream, listen)?;
    let tls = match (&args.cert, &args.key) {
        (Some(cert), Some(key)) => Some(
            RelayTls::from_pem(&read(cert)?, &read(key)?)
                .map_err(|error| UsageError::new(error.to_string()))?,
        ),
        _ => None,
    };
    let roots = settings.cacert.as_deref().map(stage::roots).transpose()?;
    refuse_colliding_reports(&settings.report)?;
    let options = Options {
        // Nothing is sent with them; they are what is hidden from the first exchange on.
        credentials: credentials(&settings, None)?,
        ..options(&settings, &TargetSpec::Url(url))?
    };
    Ok(Plan {
        upstream,
        listen,
        relay: RelayOptions {
            // A handler that takes long to connect to is answered for before the gateway gives up.
            connect_timeout: options.timeout.min(Duration::from_secs(5)),
            roots: roots.unwrap_or_default(),
            tls,
            ..RelayOptions::default()
        },
        options,
        reports: settings.report,
        record: args.record,
    })
}

/// Whether a setting of a run was written on the command line, where it would be left unheard.
fn refuse_what_is_of_a_run(given: &Settings) -> Result<(), UsageError> {
    let heard = Settings {
        cacert: given.cacert.clone(),
        timeout: given.timeout,
        strict: given.strict,
        report: given.report.clone(),
        reveal: given.reveal,
        ..Settings::default()
    };
    if let Some(url) = &given.url {
        return Err(
            UsageError::new("a proxy is told of the handler by --upstream")
                .tip(format!("acgw proxy --upstream {url}")),
        );
    }
    match heard == *given {
        true => Ok(()),
        false => Err(UsageError::new(
            "an option was given that is for a run of the suite, and says nothing to a proxy, which sends nothing of its own",
        )
        .tip("acgw proxy --help lists those that it hears")),
    }
}

/// What is sent to itself would go round for ever.
fn refuse_a_loop(upstream: &Target, listen: SocketAddr) -> Result<(), UsageError> {
    let itself = upstream.address().is_some_and(|(host, port)| {
        let host = if host == "localhost" {
            "127.0.0.1"
        } else {
            host
        };
        port == listen.port() && host.parse() == Ok(listen.ip())
    });
    match itself {
        true => Err(UsageError::new(format!(
            "the proxy would forward to itself: --upstream and --listen are both {listen}"
        ))
        .tip(format!(
            "let it listen elsewhere: --listen {}",
            SocketAddr::new(listen.ip(), listen.port().wrapping_add(1).max(1024))
        ))),
        false => Ok(()),
    }
}

fn greeting(url: &str, upstream: &Target) -> String {
    let mut text = format!(
        "The proxy listens on {url}\n  forwards to {}, every byte as it is\n",
        upstream.name()
    );
    if !upstream.is_loopback() {
        text.push_str("  Host is forwarded as it comes, too; a handler elsewhere may look at it\n");
    }
    text + "  send callbacks there; at the end it tells what it saw\n\nCtrl-C ends it.\n\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_does_not_forward_to_itself() {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8081));
        for (url, refused) in [
            ("http://127.0.0.1:8081/x", true),
            ("http://localhost:8081/", true),
            ("http://127.0.0.1:8080/", false),
            ("http://192.0.2.1:8081/", false),
        ] {
            let upstream = Target::url(url).expect("a URL");
            assert_eq!(refuse_a_loop(&upstream, listen).is_err(), refused, "{url}");
        }
    }

    #[test]
    fn what_says_nothing_to_a_proxy_is_refused() {
        let seed = Settings {
            seed: Some("1".parse().expect("a seed")),
            ..Settings::default()
        };
        assert!(refuse_what_is_of_a_run(&seed).is_err());
        let url = Settings {
            url: Some("http://127.0.0.1:8080/".to_owned()),
            ..Settings::default()
        };
        let told = refuse_what_is_of_a_run(&url).expect_err("refused");
        assert!(told.to_string().contains("--upstream"), "{told}");
        let strict = Settings {
            strict: Some(true),
            timeout: Some("3s".parse().expect("a time")),
            ..Settings::default()
        };
        assert!(refuse_what_is_of_a_run(&strict).is_ok());
    }
}
