//! Faults that show when a write comes twice, or when two come at the same time.

use std::time::{Duration, Instant};

use super::arrival::failure;
use super::mapping::enabled_by;
use super::state::is_enable;
use super::{Fault, Flaws};
use crate::protocol::text::UuidText;
use crate::reference::answer::Refusal;
use crate::reference::callbacks::{Call, Outcome};
use crate::reference::store::{State, Store};

/// Time that a write takes.
const WORK: Duration = Duration::from_millis(15);
/// Time in which another write has to come for the two to miss each other; machines are busy at times.
const RACE: Duration = Duration::from_millis(45);
/// Time for which storing is put off: more than a busy machine takes to read what was written.
pub(super) const PUT_OFF: Duration = Duration::from_millis(120);
/// Time for which it holds what it can hold once only; a little less, so that one after the other goes well.
const HELD: Duration = Duration::from_millis(12);

impl Flaws {
    /// Stores what was put off, once it is time for it.
    pub(super) fn store_pending(&self, state: &mut State, now: Instant) {
        let due = |(time, _): &mut (Instant, State)| *time <= now;
        if let Some((_, pending)) = self.memory().pending.take_if(due) {
            *state = pending;
        }
    }

    /// Stores the state, or puts it off where the answer does not wait for it.
    pub(super) fn store(&self, call: &Call<'_>, state: &mut State, after: State) {
        if self.has(Fault::StoredAfterAnswer) && call.callback.name == "tenant_mapping.write" {
            self.memory().pending = Some((Instant::now() + PUT_OFF, after));
        } else {
            *state = after;
        }
    }

    /// Fails where a customer that it had never seen is there by now.
    pub(super) fn decide_fresh(
        &self,
        seen: Option<&State>,
        now: &State,
        call: &Call<'_>,
    ) -> Option<Outcome> {
        let new = fresh(seen?, call);
        let taken = new.len() > fresh(now, call).len();
        (taken && self.has(Fault::FreshAtOnce500)).then(|| Err(failure()))
    }

    /// What a faulty handler does before it writes: it fails, or looks at the data and lets time pass.
    pub(super) async fn before_write(
        &self,
        call: &Call<'_>,
        store: &Store,
    ) -> Result<Option<State>, Refusal> {
        if self.has(Fault::DuplicateWrite500) {
            let id = call.request.request_id.to_string();
            if !self.memory().written.insert(id) {
                return Err(failure());
            }
        }
        if self.has(Fault::TwoAtOnce500) {
            // Who fails holds nothing, so that the next one goes well however soon it comes.
            if self.memory().is_held(HELD) {
                return Err(failure());
            }
            tokio::time::sleep(WORK).await;
        }
        let slow = [
            Fault::LostUpdate,
            Fault::LostCustomers,
            Fault::OtherPartnersLost,
            Fault::ReadKeptBesideWrite,
            Fault::TwoAtOnceDuplicated,
        ];
        if self.has(Fault::ReadKeptBesideWrite) {
            let mut memory = self.memory();
            memory.kept.clear();
            memory.writing_until = Some(Instant::now() + RACE);
        }
        let racing = self.has(Fault::RivalsEnabled) && is_enable(call);
        let fresh = self.any(&[Fault::FreshAtOnce500, Fault::FreshCustomersLost])
            && store.read(|state| !fresh(state, call).is_empty());
        if !racing && !fresh && !self.any(&slow) {
            return Ok(None);
        }
        let seen = store.read(State::clone);
        tokio::time::sleep(RACE).await;
        Ok(Some(seen))
    }
}

/// The customers to enable of whom there is no record.
fn fresh(state: &State, call: &Call<'_>) -> Vec<UuidText> {
    let known = state.partner(&call.partner).into_iter();
    let known: Vec<&UuidText> = known
        .flat_map(|partner| &partner.customers)
        .map(|customer| &customer.acronis_tenant_id)
        .collect();
    let wanted = enabled_by(call).into_iter();
    wanted.filter(|tenant| !known.contains(&tenant)).collect()
}
