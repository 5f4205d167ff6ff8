//! Stopping a run from outside.

use std::sync::Arc;

use tokio::sync::watch;

/// Stops a run: what is under way is given up, what was found is reported. Clones stop the same run.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<watch::Sender<bool>>);

impl Interrupt {
    /// One that was not used yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Stops the run.
    pub fn trigger(&self) {
        self.0.send_replace(true);
    }

    /// Whether the run was told to stop.
    pub fn is_triggered(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the run is told to stop.
    pub async fn triggered(&self) {
        let mut receiver = self.0.subscribe();
        // An error means that every sender is gone, and this is one.
        let _ = receiver.wait_for(|stopped| *stopped).await;
    }
}

impl Default for Interrupt {
    fn default() -> Self {
        Self::new()
    }
}
