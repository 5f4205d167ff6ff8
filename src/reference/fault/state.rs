//! Faults in what is done with the data.

use serde_json::{Map, Value};

use super::Flaws;
use crate::reference::answer::Refusal;
use crate::reference::callbacks::{Act, Call, Outcome};
use crate::reference::store::Store;

impl Flaws {
    /// What came with the request, as a faulty handler reads it.
    pub fn reread_payload(
        &self,
        _call: &Call,
        payload: Map<String, Value>,
    ) -> Result<Map<String, Value>, Refusal> {
        Ok(payload)
    }

    /// What a faulty handler does in place of what is asked.
    pub async fn answer_otherwise(
        &self,
        call: &Call<'_>,
        store: &Store,
        act: Act,
    ) -> Option<Outcome> {
        let Act::Read(read) = act else {
            return None;
        };
        let other = Call {
            partner: self.in_place_of(call)?,
            ..*call
        };
        Some(store.read(|state| read(state, &other)).map(Some))
    }
}
