//! The threads that a command works on.

use anyhow::Context as _;

/// Runs a command to its end.
///
/// # Errors
/// Those of the command, or when no thread can be started.
pub fn run<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Runtime::new().context("no thread could be started")?;
    let done = runtime.block_on(command);
    // Whatever still waits for somebody has nobody left to tell.
    runtime.shutdown_background();
    done
}
