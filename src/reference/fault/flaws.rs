//! The faults of one handler and what they remember from one request to the next.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Fault, Faults};
use crate::protocol::text::UuidText;
use crate::reference::store::{Organisation, PartnerId, State};

/// Time that a poisoned handler takes to recover.
const RECOVERY: Duration = Duration::from_millis(400);

/// An unreliable handler fails at one request in so many.
const EVERY: usize = 50;

/// Requests that may be alike and under way at once.
const MOST_ALIKE: usize = 4;

/// What the handler asks wherever a fault may decide otherwise.
pub(in crate::reference) struct Flaws {
    /// What the handler does wrong.
    pub faults: Faults,
    memory: Mutex<Memory>,
}

/// What faults remember.
#[derive(Default)]
pub(super) struct Memory {
    /// The `request_id` of the success before.
    pub previous_request_id: Option<Value>,
    /// The `request_id` of the request that came last.
    pub shared_request_id: Option<Value>,
    /// The quotes made, by the `request_id`.
    pub quoted: HashSet<String>,
    /// The requests served.
    pub served: HashSet<String>,
    /// What came with the right credentials.
    pub admitted: HashSet<String>,
    /// What tokens were found good for.
    pub good: HashSet<String>,
    /// The requests that came, of whatever kind.
    pub came: usize,
    /// Until when nobody is served.
    pub poisoned_until: Option<Instant>,
    /// Whether the success before was a `topology.read`.
    pub after_topology: bool,
    /// The last request.
    pub last_request: Option<String>,
    /// Requests under way, but for their ids, and how many of each.
    pub under_way: BTreeMap<String, usize>,
    /// How many different requests were answered.
    pub answers: usize,
    /// How many writes were done since everything was forgotten.
    pub writes: usize,
    /// The `request_id` of each.
    pub written: HashSet<String>,
    /// Customers that were enabled.
    pub met: HashSet<String>,
    /// The names of mirrored partners.
    pub names: BTreeMap<String, Value>,
    /// Tenants for which quotes were made.
    pub quoted_for: HashSet<UuidText>,
    /// Until when writes are under way beside which reads are kept.
    pub writing_until: Option<Instant>,
    /// The reads that are kept, and until when.
    pub kept: BTreeMap<PartnerId, (Instant, Value)>,
    /// Until when a write is under way.
    pub held_until: Option<Instant>,
    /// The tenants that partners were enabled for before they were disabled.
    pub former: BTreeMap<PartnerId, UuidText>,
    /// The customers of disabled partners, put aside.
    pub hidden: BTreeMap<PartnerId, Vec<Organisation>>,
    /// Customers whose tenant is a null that was made a text.
    pub null_tenants: HashSet<String>,
    /// What is to be stored, and when.
    pub pending: Option<(Instant, State)>,
    /// Whether the last `enablement.read` was answered in full.
    pub enablement_told: bool,
}

impl Memory {
    /// Counts a request among those under way that are alike; whether there are more of them than are served.
    pub fn is_one_too_many(&mut self, request: &str) -> bool {
        let count = self.under_way.entry(request.to_owned()).or_default();
        *count += 1;
        *count > MOST_ALIKE
    }

    /// Whether what can be held once only is held now; if not, it is held for this time.
    pub fn is_held(&mut self, time: Duration) -> bool {
        let now = Instant::now();
        let held = self.held_until.is_some_and(|until| now < until);
        if !held {
            self.held_until = Some(now + time);
        }
        held
    }

    /// The request is under way no more.
    pub fn is_done(&mut self, request: &str) {
        match self.under_way.get_mut(request) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(self.under_way.remove(request)),
        }
    }
}

impl Flaws {
    /// Flaws of a handler with these faults.
    pub fn new(faults: Faults) -> Self {
        Self {
            faults,
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

    /// Counts a request; whether it is one of those that an unreliable handler fails at.
    pub(super) fn is_unlucky(&self) -> bool {
        let mut memory = self.memory();
        memory.came += 1;
        memory.came.is_multiple_of(EVERY)
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
