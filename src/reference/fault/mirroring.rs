//! Faults in what is said of mirrored partners and their customers.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Fault, Flaws};
use crate::protocol::text::UuidText;
use crate::reference::answer::{Refusal, Subject};
use crate::reference::callbacks::{Call, Read};
use crate::reference::store::State;

/// Customers that a handler lists which cuts its lists.
const MOST_LISTED: usize = 50;

impl Flaws {
    /// What a faulty handler answers to the two `get_state`.
    pub(super) fn mirrored_otherwise(
        &self,
        call: &Call,
        state: &State,
        read: Read,
    ) -> Option<Result<Value, Refusal>> {
        match call.callback.name {
            "partner.mirroring.get_state" => self.partner_otherwise(call, state),
            "customer.mirroring.get_state" => self.customers_otherwise(call, state, read),
            _ => None,
        }
    }

    fn partner_otherwise(&self, call: &Call, state: &State) -> Option<Result<Value, Refusal>> {
        let never_seen = state.partner(&call.partner).is_none();
        let anybody = state.partners.values().any(|partner| partner.is_enabled());
        if never_seen && self.has(Fault::NeverSeen404) {
            return Some(Err(Refusal::new(
                Subject::Data,
                StatusCode::NOT_FOUND,
                "there is no such partner",
            )));
        }
        if self.has(Fault::PartnersShareSettings) {
            let own = state
                .partner(&call.partner)
                .filter(|one| one.is_enabled())?;
            let all = state.partners.values().filter(|one| one.is_enabled());
            let settings = all.filter_map(|one| one.settings.clone()).next();
            let settings = own.settings.clone().or(settings)?;
            return Some(Ok(json!({"state": "ENABLED", "settings": settings})));
        }
        let enabled = (never_seen && self.has(Fault::NeverSeenEnabled))
            || (anybody && self.has(Fault::OneStateForAll));
        enabled.then(|| Ok(json!({"state": "ENABLED"})))
    }

    fn customers_otherwise(
        &self,
        call: &Call,
        state: &State,
        read: Read,
    ) -> Option<Result<Value, Refusal>> {
        if self.has(Fault::CustomersOfEverybody) {
            let partners = state.partners.keys();
            let listed = partners.map(|partner| {
                read(
                    state,
                    &Call {
                        partner: partner.clone(),
                        ..*call
                    },
                )
            });
            let listed: Result<Vec<Value>, Refusal> = listed.collect();
            return Some(listed.map(|lists| {
                let lists = lists
                    .into_iter()
                    .filter_map(|mut list| Some(std::mem::take(list.as_array_mut()?)));
                lists.flatten().collect()
            }));
        }
        let mut other = state.clone();
        let partner = other.partner_mut(&call.partner)?;
        if self.has(Fault::PartnerResetLeavesCustomers) {
            partner.acronis_tenant_id = Some(call.tenant());
            return Some(read(&other, call));
        }
        if self.has(Fault::DisabledCustomersFlagged) {
            let flags: Vec<bool> = partner.customers.iter().map(|one| one.enabled).collect();
            partner.acronis_tenant_id = Some(call.tenant());
            partner
                .customers
                .iter_mut()
                .for_each(|one| one.enabled = true);
            let mut listed = read(&other, call);
            let items = listed.iter_mut().filter_map(Value::as_array_mut).flatten();
            for (item, enabled) in items.zip(flags) {
                item["enabled"] = json!(enabled);
            }
            return Some(listed);
        }
        None
    }

    /// Spoils what is said of a partner that has been enabled.
    pub(super) fn spoil_enabled(&self, payload: &mut Value) {
        for fault in self.faults.iter() {
            match fault {
                Fault::EnableStateMissing => {
                    payload
                        .as_object_mut()
                        .map(|payload| payload.shift_remove("state"));
                }
                Fault::EnableWrongTenant => {
                    payload["acronis_tenant_id"] = json!(UuidText::random())
                }
                Fault::EnableVendorIdNumber => payload["vendor_tenant_id"] = json!(17),
                _ => {}
            }
        }
    }

    /// Spoils what is said of a partner's state.
    pub(super) fn spoil_partner_state(&self, payload: &mut Value) {
        let enabled = payload["state"] == "ENABLED";
        if self.has(Fault::StateLowerCase) {
            payload["state"] = json!(if enabled { "enabled" } else { "disabled" });
        }
        if self.has(Fault::StateBoolean) {
            payload["state"] = json!(enabled);
        }
    }

    /// Spoils the list of a partner's customers.
    pub(super) fn spoil_customers(&self, payload: &mut Value) {
        let customers = payload.as_array().into_iter().flatten();
        let settings = customers
            .filter_map(|one| one.get("settings"))
            .next()
            .cloned();
        let customers = payload.as_array_mut().into_iter().flatten();
        for (place, customer) in customers.enumerate() {
            if let (true, Some(settings)) = (self.has(Fault::CustomersShareSettings), &settings) {
                customer["settings"] = settings.clone();
            }
            if self.has(Fault::CustomersNumbered) {
                customer["vendor_tenant_id"] = json!((place + 1).to_string());
            }
            if self.has(Fault::CustomerVendorIdFresh) {
                customer["vendor_tenant_id"] = json!(UuidText::random());
            }
            if self.has(Fault::CustomerVendorIdMissing) {
                customer
                    .as_object_mut()
                    .map(|customer| customer.shift_remove("vendor_tenant_id"));
            }
            if self.has(Fault::CustomersShareVendorId) {
                customer["vendor_tenant_id"] = json!("p-1");
            }
        }
        if self.has(Fault::CustomersCut)
            && let Some(customers) = payload.as_array_mut()
        {
            customers.truncate(MOST_LISTED);
        }
        if self.has(Fault::NoCustomersNull) && payload.as_array().is_some_and(Vec::is_empty) {
            *payload = Value::Null;
        }
        if self.has(Fault::CustomersObject) {
            *payload = json!({"items": payload.take()});
        }
    }
}
