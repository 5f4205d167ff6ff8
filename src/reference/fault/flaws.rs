//! The faults of one handler and what they remember from one request to the next.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Fault, Faults};

/// Time that a poisoned handler takes to recover.
const RECOVERY: Duration = Duration::from_millis(400);

/// What the handler asks wherever a fault may decide otherwise.
pub(in crate::reference) struct Flaws {
    /// What the handler does wrong.
    pub faults: Faults,
    under_way: AtomicUsize,
    memory: Mutex<Memory>,
}

/// What faults remember.
#[derive(Default)]
pub(super) struct Memory {
    /// The `request_id` of the success before.
    pub previous_request_id: Option<Value>,
    /// The `request_id` of the request that came last.
    pub shared_request_id: Option<Value>,
    /// The requests served.
    pub served: HashSet<String>,
    /// What tokens were found good for.
    pub good: HashSet<String>,
    /// Until when nobody is served.
    pub poisoned_until: Option<Instant>,
    /// Whether the success before was a `topology.read`.
    pub after_topology: bool,
    /// How many different requests were answered.
    pub answers: usize,
}

/// Counts a request as under way until it is dropped.
pub(in crate::reference) struct UnderWay<'a>(&'a AtomicUsize);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Flaws {
    /// Flaws of a handler with these faults.
    pub fn new(faults: Faults) -> Self {
        Self {
            faults,
            under_way: AtomicUsize::new(0),
            memory: Mutex::default(),
        }
    }

    /// Whether the handler has this fault.
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.has(fault)
    }

    /// Whether the handler has one of these faults.
    pub(super) fn any(&self, faults: &[Fault]) -> bool {
        faults.iter().any(|fault| self.has(*fault))
    }

    /// Counts a request as under way.
    pub fn enter(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::SeqCst);
        UnderWay(&self.under_way)
    }

    /// How many requests are under way.
    pub(super) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    /// Serves nobody for a while, as a handler does that is started anew.
    pub(super) fn poison(&self) {
        self.memory().poisoned_until = Some(Instant::now() + RECOVERY);
    }

    /// Whether nobody is served.
    pub(super) fn is_poisoned(&self) -> bool {
        self.memory()
            .poisoned_until
            .is_some_and(|until| Instant::now() < until)
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
