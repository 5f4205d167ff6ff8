//! Faults that show when a write comes twice, or when two come at the same time.

use std::time::Duration;

use super::arrival::failure;
use super::{Fault, Flaws};
use crate::reference::answer::Refusal;
use crate::reference::callbacks::Call;
use crate::reference::store::{State, Store};

/// Time that a write takes.
const WORK: Duration = Duration::from_millis(15);
/// Time in which another write has to come for the two to miss each other; machines are busy at times.
const RACE: Duration = Duration::from_millis(45);
/// Time for which it holds what it can hold once only; a little less, so that one after the other goes well.
const HELD: Duration = Duration::from_millis(12);

impl Flaws {
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
            Fault::TwoAtOnceDuplicated,
        ];
        if !self.any(&slow) {
            return Ok(None);
        }
        let seen = store.read(State::clone);
        tokio::time::sleep(RACE).await;
        Ok(Some(seen))
    }
}
