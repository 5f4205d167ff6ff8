//! The state in which the general requirements are checked: enabled, and with a customer, so that writes can be repeated
//! without changing anything.

use std::collections::HashMap;

use serde_json::Value;

use super::model::{Action, Model, Settings};
use crate::protocol::Callback;
use crate::suite::session::Bench;

impl Model {
    /// The payloads of writes that change nothing in this state, and the tenant of the context.
    pub fn bench(&self) -> Bench {
        let mut payloads: HashMap<&'static str, Value> = HashMap::new();
        let Some(party) = self.parties.first() else {
            return Bench::default();
        };
        let mut put = |(callback, payload, _): (&'static Callback, Option<Value>, String)| {
            payloads.extend(payload.map(|payload| (callback.name, payload)));
        };
        let enabled = party.state.enabled.as_ref();
        if let Some(acronis) = enabled.filter(|_| self.partner_read().is_some())
            && (party.vendor.is_some() || !self.maps_partners())
        {
            put(self.request(
                0,
                &Action::Enable {
                    acronis: acronis.clone(),
                    settings: Settings::None,
                    odd_name: None,
                },
            ));
        }
        let customer = party.state.customers.iter().find(|(_, to)| to.is_some());
        if let Some((id, to)) =
            customer.filter(|_| enabled.is_some() && self.customer_read().is_some())
        {
            put(self.request(
                0,
                &Action::Change {
                    changes: vec![(id.clone(), to.clone())],
                    settings: Settings::None,
                    moves: false,
                },
            ));
        }
        Bench {
            tenant: enabled.cloned(),
            payloads,
        }
    }
}
