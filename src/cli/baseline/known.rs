//! What the command line says of known failures, and what is done of it before and after a run.

use std::path::PathBuf;

use super::read::read;
use super::write::update;
use crate::cli::callback::declared;
use crate::cli::options::Plan;
use crate::cli::output::read_text;
use crate::cli::output::tell;
use crate::cli::usage::UsageError;
use crate::protocol::Callback;
use crate::report::file;
use crate::suite::outcome::Ended;
use crate::suite::{Baseline, Outcome, Profile};

/// A file before it is brought up to date: its text and what that says, where it is there.
type Before = Option<(String, Baseline)>;

/// Known failures, and the file to be brought up to date.
pub struct Known {
    given: Baseline,
    to_write: Option<(PathBuf, Before)>,
}

impl Known {
    /// Reads the known failures, and tells the run of them.
    ///
    /// # Errors
    /// When a file cannot be read, is not what it should be, or could not be written afterwards.
    pub fn read(plan: &mut Plan, to_write: Option<PathBuf>) -> Result<Self, UsageError> {
        let own = declared(&plan.options.custom)?;
        let given = plan.baseline.as_deref().map(|path| match &to_write {
            // The file that is to be made may be the one to go by.
            Some(to_write) if to_write == path && !path.exists() => Ok(Baseline::default()),
            _ => read(path, &own),
        });
        let given = given.transpose()?;
        if (given.is_some() || to_write.is_some()) && plan.options.profile == Profile::Verification
        {
            return Err(UsageError::new(
                "known failures and --profile verification exclude each other: whoever verifies knows of none",
            ));
        }
        let to_write = to_write.map(|path| before(path, &own)).transpose()?;
        if given.is_some() || to_write.is_some() {
            plan.options.baseline = Some(given.clone().unwrap_or_default());
        }
        Ok(Self {
            given: given.unwrap_or_default(),
            to_write,
        })
    }

    /// Brings the file up to date; says whether that was done, if it was to be done.
    pub fn write(&self, outcome: &Outcome) -> bool {
        let Some((path, old)) = &self.to_write else {
            return true;
        };
        let name = path.display().to_string();
        if outcome.ended != Ended::Completed {
            tell(&format!(
                "error: the baseline {name} was left as it is, for the run did not come to its end"
            ));
            return false;
        }
        let old = old.as_ref().map(|(text, known)| (text.as_str(), known));
        let written = update(&name, old, &self.given, outcome)
            .map_err(anyhow::Error::from)
            .and_then(|written| Ok((file::write(path, &written.text)?, written).1));
        match written {
            Ok(written) => {
                tell(&format!(
                    "the baseline {name}: {} added, {} as before, {} taken out",
                    written.added, written.kept, written.removed
                ));
                true
            }
            Err(error) => {
                tell(&format!(
                    "error: the baseline {name} was not written: {error:#}"
                ));
                false
            }
        }
    }
}

/// Looks at a file that is to be brought up to date, so that what prevents it is told before the run.
fn before(path: PathBuf, own: &[&'static Callback]) -> Result<(PathBuf, Before), UsageError> {
    let name = path.display();
    file::can_write(&path).map_err(|error| {
        UsageError::new(format!("the baseline cannot be written to {name}: {error}"))
    })?;
    if !path.exists() {
        return Ok((path, None));
    }
    let known = read(&path, own)?;
    let text = read_text(&path)
        .map_err(|error| UsageError::new(format!("the baseline {name} cannot be read: {error}")))?;
    Ok((path, Some((text, known))))
}
