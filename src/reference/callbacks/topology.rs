//! `topology.read`: the partner's customers.

use serde_json::{Value, json};

use super::super::store::Partner;
use crate::protocol::envelope::{Topology, TopologyItem};

/// Every customer, mapped or not; without `paging`, since one answer holds them all.
pub(super) fn read(partner: &Partner) -> Value {
    let items = partner.customers.iter().map(|customer| TopologyItem {
        id: customer.id.to_owned(),
        name: customer.name.to_owned(),
    });
    json!(Topology {
        items: items.collect(),
        paging: None,
    })
}
