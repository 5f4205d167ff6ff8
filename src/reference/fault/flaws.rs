//! The faults of one handler and what they remember from one request to the next.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Fault, Faults};
use crate::protocol::text::UuidText;
use crate::reference::store::{Organisation, PartnerId};

/// Time that a poisoned handler takes to recover.
const RECOVERY: Duration = Duration::from_millis(400);

/// Requests in a row that may be alike.
const MOST_IN_A_ROW: usize = 19;

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
    /// The requests served.
    pub served: HashSet<String>,
    /// What tokens were found good for.
    pub good: HashSet<String>,
    /// Until when nobody is served.
    pub poisoned_until: Option<Instant>,
    /// Whether the success before was a `topology.read`.
    pub after_topology: bool,
    /// The last request.
    pub last_request: Option<String>,
    /// The last request but for its id, and how many in a row were like it.
    pub in_a_row: Option<(String, usize)>,
    /// How many different requests were answered.
    pub answers: usize,
    /// How many writes were done.
    pub writes: usize,
    /// The `request_id` of each.
    pub written: HashSet<String>,
    /// Until when a write is under way.
    pub held_until: Option<Instant>,
    /// The tenants that partners were enabled for before they were disabled.
    pub former: BTreeMap<PartnerId, UuidText>,
    /// The customers of disabled partners, put aside.
    pub hidden: BTreeMap<PartnerId, Vec<Organisation>>,
    /// Customers whose tenant is a null that was made a text.
    pub null_tenants: HashSet<String>,
    /// Whether the last `enablement.read` was answered in full.
    pub enablement_told: bool,
}

impl Memory {
    /// Counts requests in a row that are alike; whether this one is more than a suspicious handler takes. Then it counts anew.
    pub fn is_one_too_many(&mut self, request: String) -> bool {
        let (last, count) = self.in_a_row.take().unwrap_or_default();
        let count = if last == request { count + 1 } else { 1 };
        let too_many = count > MOST_IN_A_ROW;
        self.in_a_row = (!too_many).then_some((request, count));
        too_many
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
