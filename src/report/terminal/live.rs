//! What is shown while a run goes on: on a terminal a progress bar with an estimate, in a pipe a line every few seconds; in
//! both, failures and notices as they come.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::summary::summary;
use super::{flow, passing};
use crate::report::palette::{Ink, Palette};
use crate::report::tally::counts;
use crate::report::text::{count, number, one_line, whole};
use crate::suite::outcome::RunInfo;
use crate::suite::{Event, Failure, Observer, Requirement};

/// In a pipe, progress is told this often.
const PROGRESS_EVERY: Duration = Duration::from_secs(5);

/// Where the report goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error: when standard output is taken by another report.
    Error,
}

/// Shows a run as it goes, and at its end what it found.
pub struct Terminal {
    out: Box<dyn Write + Send>,
    palette: Palette,
    bar: Option<ProgressBar>,
    strict: bool,
    told: Duration,
    gone: bool,
    loss: Loss,
}

/// Why the rest of a report could not be shown, if it could not: clones tell the same.
#[derive(Debug, Clone, Default)]
pub struct Loss(Arc<OnceLock<String>>);

impl Loss {
    /// The reason; there is none while all was shown, nor where the reader went away and has seen enough.
    pub fn reason(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

impl Terminal {
    /// The face that suits the stream: live on a terminal, plain lines elsewhere; colours as the environment asks.
    pub fn on(stream: Stream) -> Self {
        let (out, colour, live): (Box<dyn Write + Send>, _, _) = match stream {
            Stream::Output => (
                Box::new(anstream::stdout()),
                AutoStream::choice(&io::stdout()),
                io::stdout().is_terminal(),
            ),
            Stream::Error => (
                Box::new(anstream::stderr()),
                AutoStream::choice(&io::stderr()),
                io::stderr().is_terminal(),
            ),
        };
        let palette = match colour {
            ColorChoice::Never => Palette::PLAIN,
            _ => Palette::COLOUR,
        };
        let target = match stream {
            Stream::Output => ProgressDrawTarget::stdout(),
            Stream::Error => ProgressDrawTarget::stderr(),
        };
        Self {
            bar: live.then(|| bar(target)),
            ..Self::new(out, palette)
        }
    }

    /// Plain lines to the stream, without a face that changes: for what goes on for hours. Colours as the environment asks.
    pub fn lines(stream: Stream) -> Self {
        let mut terminal = Self::on(stream);
        if let Some(bar) = terminal.bar.take() {
            bar.finish_and_clear();
        }
        terminal
    }

    /// Plain lines to any writer.
    pub fn new(out: impl Write + Send + 'static, palette: Palette) -> Self {
        Self {
            out: Box::new(out),
            palette,
            bar: None,
            strict: false,
            told: Duration::ZERO,
            gone: false,
            loss: Loss::default(),
        }
    }

    /// Tells, also later, whether anything could not be shown.
    pub fn loss(&self) -> Loss {
        self.loss.clone()
    }

    fn started(&mut self, run: &RunInfo, requirements: usize) {
        self.strict = run.strict;
        let heading = format!(
            "acgw {} checks {}",
            env!("CARGO_PKG_VERSION"),
            one_line(&run.target)
        );
        let mut how = vec![
            count(requirements as u64, "requirement"),
            format!("profile {}", run.profile),
            (if run.write {
                "writes allowed"
            } else {
                "reads only"
            })
            .to_owned(),
        ];
        if run.strict {
            how.push("strict".to_owned());
        }
        how.push(format!("seed {:016x}", run.seed));
        let heading = self.palette.paint(Ink::Heading, &heading);
        let how = self.palette.paint(Ink::Faint, &how.join(", "));
        self.show(&format!("{heading}\n{how}\n"));
    }

    fn progress(
        &mut self,
        done: u64,
        planned: u64,
        elapsed: Duration,
        remaining: Option<Duration>,
    ) {
        let left = remaining
            .map(|remaining| format!("about {} left", whole(remaining)))
            .unwrap_or_default();
        if let Some(bar) = &self.bar {
            if planned > 0 && bar.length() != Some(planned) {
                bar.set_style(style(UNDER_WAY));
                bar.set_length(planned);
            }
            bar.set_position(done);
            bar.set_message(left);
            return;
        }
        if elapsed < self.told + PROGRESS_EVERY {
            return;
        }
        self.told = elapsed;
        let mut line = format!(
            "        {} of {}, {}",
            number(done),
            count(planned, "case"),
            whole(elapsed)
        );
        if !left.is_empty() {
            line.push_str(", ");
            line.push_str(&left);
        }
        line.push('\n');
        self.show(&self.palette.paint(Ink::Faint, &line));
    }

    fn failed(&mut self, requirement: &Requirement, failure: &Failure) {
        let (word, ink) = if failure.known.is_some() {
            (" known", Ink::Faint)
        } else if counts(requirement.level, self.strict) {
            ("failed", Ink::Bad)
        } else {
            ("advice", Ink::Warn)
        };
        let line = format!(
            "{}  {}  {}\n        {}\n",
            self.palette.paint(ink, word),
            self.palette.paint(Ink::Id, requirement.id),
            one_line(requirement.title),
            self.palette.paint(
                Ink::Faint,
                &format!("observed: {}", short(&failure.observed))
            ),
        );
        self.show(&line);
    }

    fn notice(&mut self, notice: &str) {
        let word = self.palette.paint(Ink::Warn, "notice");
        // What stands on lines of its own is there to be copied.
        let lines: Vec<_> = notice.lines().map(one_line).collect();
        self.show(&format!("{word}  {}\n", lines.join("\n")));
    }

    /// Writes above the bar. A reader who went away is no error.
    fn show(&mut self, text: &str) {
        if self.gone {
            return;
        }
        let out = &mut self.out;
        let mut write = || out.write_all(text.as_bytes()).and_then(|()| out.flush());
        let result = match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        };
        if let Err(error) = result {
            self.gone = true;
            if error.kind() != io::ErrorKind::BrokenPipe {
                let _ = self.loss.0.set(error.to_string());
            }
        }
    }
}

impl Observer for Terminal {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Started { run, requirements } => self.started(run, requirements),
            Event::Progress {
                done,
                planned,
                elapsed,
                remaining,
            } => self.progress(done, planned, elapsed, remaining),
            Event::Failed {
                requirement,
                failure,
            } => self.failed(requirement, failure),
            Event::Step { number, of, step } => {
                self.show(&flow::line(self.palette, number, of, step));
            }
            Event::Passed(seen) => self.show(&passing::lines(self.palette, seen)),
            Event::Notice(notice) => self.notice(notice),
            Event::Finished(outcome) => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
                self.show(&summary(self.palette, outcome));
            }
        }
    }
}

/// The bar before anything is known of the work.
const AT_FIRST: &str = "{spinner} waiting for the first answers, {elapsed}";
/// The bar when it is.
const UNDER_WAY: &str = "{bar:30} {human_pos}/{human_len} cases, {elapsed}  {msg}";

fn bar(target: ProgressDrawTarget) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, target);
    bar.set_style(style(AT_FIRST));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}

/// One line of what may be long.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 160;
    let line = one_line(text);
    if line.chars().count() <= MOST {
        return line.into_owned();
    }
    let mut short: String = line.chars().take(MOST).collect();
    short.push('…');
    short
}
