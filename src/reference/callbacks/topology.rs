//! `topology.read`: the partner's customers, where customers are mapped.

use serde_json::{Value, json};

use super::super::answer::Refusal;
use super::super::store::State;
use super::call::Call;
use super::tenant_mapping::organisations;
use crate::protocol::envelope::{Topology, TopologyItem};

/// Every customer, mapped or not; without `paging`, since one answer holds them all.
pub(super) fn read(state: &State, call: &Call) -> Result<Value, Refusal> {
    let items = organisations(state, call)
        .iter()
        .map(|customer| TopologyItem {
            id: customer.id.clone(),
            name: customer.name.clone(),
        });
    Ok(json!(Topology {
        items: items.collect(),
        paging: None,
    }))
}
