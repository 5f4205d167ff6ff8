//! Faults in the payloads of mapped customers and partners, and where there should be none.

use serde_json::{Map, Value, json};

use super::{Fault, Flaws};
use crate::protocol::catalog;
use crate::reference::callbacks::Call;
use crate::reference::store::{PARTNERS, PartnerId, PartnerRecord, State};

impl Flaws {
    /// The partner whose data is read in place of this one's.
    pub(super) fn in_place_of(&self, call: &Call, state: &State) -> Option<PartnerId> {
        let (fault, mirrored) = match call.callback.name {
            "topology.read" => (Fault::TopologyOfFirstPartner, Fault::TopologyOfFirstTenant),
            "tenant_mapping.read" => (Fault::MappingOfFirstPartner, Fault::MappingOfFirstTenant),
            _ => return None,
        };
        if self.has(mirrored) {
            let first = |(_, partner): &(&PartnerId, &PartnerRecord)| {
                partner.is_enabled() && partner.vendor_tenant_id == "p-1"
            };
            return state.partners.iter().find(first).map(|(id, _)| id.clone());
        }
        self.has(fault)
            .then_some(PartnerId::Organisation(PARTNERS[0].vendor_tenant_id))
    }

    /// Spoils the payload of a success.
    pub(super) fn spoil_payload(&self, call: &Call, body: &mut Map<String, Value>) {
        let callback = call.callback;
        if callback.custom.is_some() {
            return;
        }
        if !callback.response_payload {
            self.spoil_no_content(call, body);
            return;
        }
        let topology = callback.id == catalog::TOPOLOGY_READ.id;
        let after_topology = std::mem::replace(&mut self.memory().after_topology, topology);
        if topology {
            self.spoil_topology(&mut body["payload"]);
            if self.has(Fault::TopologyItemsNull) {
                body["payload"]["items"] = Value::Null;
            }
        } else if callback.id == catalog::TENANT_MAPPING_READ.id {
            self.spoil_mapping(&mut body["payload"]);
            if self.has(Fault::MappingUnstable) && after_topology {
                take(&mut body["payload"]["items"][0], "acronis_tenant_id");
            }
            self.spoil_form(body);
        } else {
            let payload = &mut body["payload"];
            match callback.name {
                "enablement.read" => self.spoil_enablement(call, payload),
                "partner.mirroring.enable" => self.spoil_enabled(payload),
                "partner.mirroring.get_state" => self.spoil_partner_state(payload),
                "customer.mirroring.get_state" => self.spoil_customers(payload),
                _ => {}
            }
        }
    }

    fn spoil_no_content(&self, call: &Call, body: &mut Map<String, Value>) {
        let mut send = |payload| drop(body.insert("payload".to_owned(), payload));
        for fault in self.faults.iter() {
            match (fault, &call.request.payload) {
                (Fault::NoContentNull, _) => send(Value::Null),
                (Fault::NoContentObject, _) => send(json!({})),
                (Fault::NoContentEchoed, Some(payload)) => send(json!(payload)),
                _ => {}
            }
        }
    }

    fn spoil_enablement(&self, call: &Call, payload: &mut Value) {
        let tenant = payload
            .get("acronis_tenant_id")
            .and_then(Value::as_str)
            .map(str::to_owned);
        for fault in self.faults.iter() {
            match (fault, &tenant) {
                (Fault::EnablementVendorIdNumber, _) => payload["vendor_tenant_id"] = json!(7),
                (Fault::EnablementVendorIdMissing, _) => drop(take(payload, "vendor_tenant_id")),
                (Fault::EnablementExtraKey, _) => payload["name"] = json!("Alpha & Sons"),
                (Fault::EnablementIdNull, None) => payload["acronis_tenant_id"] = Value::Null,
                (Fault::EnablementIdEmpty, None) => payload["acronis_tenant_id"] = json!(""),
                (Fault::EnablementIdNoDashes, Some(tenant)) => {
                    payload["acronis_tenant_id"] = json!(tenant.replace('-', ""));
                }
                (Fault::EnabledForWhoeverAsks, Some(_)) => {
                    payload["acronis_tenant_id"] = json!(call.request.context.tenant_id);
                }
                (Fault::EnablementUnstable, _) => {
                    let mut memory = self.memory();
                    memory.enablement_told = !memory.enablement_told;
                    if !memory.enablement_told {
                        take(payload, "acronis_tenant_id");
                    }
                }
                _ => {}
            }
        }
    }

    fn spoil_topology(&self, payload: &mut Value) {
        let answers = self.memory().answers;
        for fault in self.faults.iter() {
            match fault {
                Fault::TopologyNameMissing => drop(take(&mut payload["items"][0], "name")),
                Fault::TopologyNameNull => payload["items"][0]["name"] = Value::Null,
                Fault::TopologyExtraKey => payload["items"][0]["active"] = json!(true),
                Fault::TopologyDuplicate => repeat(&mut payload["items"], 0),
                Fault::TopologyUnstable => {
                    payload["items"][0]["name"] = json!(format!("Customer, seen {answers} times"));
                }
                Fault::PagingIncomplete => payload["paging"] = json!({"offset": 0, "limit": 100}),
                Fault::PagingNull => payload["paging"] = Value::Null,
                _ => {}
            }
        }
    }

    /// Spoils the form of a mapping: last, for nothing can be spoilt within it any more.
    fn spoil_form(&self, body: &mut Map<String, Value>) {
        let payload = &mut body["payload"];
        if self.has(Fault::ItemsObject) {
            payload["items"] = numbered(&payload["items"]);
        }
        if self.has(Fault::ItemsNull) {
            payload["items"] = Value::Null;
        }
        if self.has(Fault::PayloadIsArray) {
            *payload = payload["items"].take();
        }
        if self.has(Fault::PayloadMissing) {
            body.shift_remove("payload");
        }
    }

    fn spoil_mapping(&self, payload: &mut Value) {
        for fault in self.faults.iter() {
            let items = &mut payload["items"];
            match fault {
                Fault::PayloadExtraKey => payload["count"] = json!(4),
                Fault::VendorIdNumber => add(items, json!({"vendor_tenant_id": 1999})),
                Fault::VendorIdEmpty if of_first_partner(items) => {
                    add(items, json!({"vendor_tenant_id": ""}));
                }
                Fault::VendorIdMissing => add(items, json!({"name": "Nameless & Co."})),
                Fault::MappingDuplicate => repeat(items, 0),
                Fault::AcronisIdNull => each_unmapped(items, &Value::Null),
                Fault::AcronisIdEmpty => each_unmapped(items, &json!("")),
                Fault::AcronisIdNoDashes => each(items, |item| {
                    if let Some(id) = item.get("acronis_tenant_id").and_then(Value::as_str) {
                        item["acronis_tenant_id"] = json!(id.replace('-', ""));
                    }
                }),
                Fault::MappingUnknownCustomer if of_first_partner(items) => {
                    add(items, json!({"vendor_tenant_id": "closed-in-2019"}));
                }
                Fault::NullTenantStored => each(items, |item| {
                    let id = item["vendor_tenant_id"].as_str().unwrap_or_default();
                    if self.memory().null_tenants.contains(id) {
                        item["acronis_tenant_id"] = json!("null");
                    }
                }),
                Fault::UnmappedLeftOut => {
                    if let Some(items) = items.as_array_mut() {
                        items.retain(|item| item.get("acronis_tenant_id").is_some());
                    }
                }
                _ => {}
            }
        }
    }
}

fn take(object: &mut Value, key: &str) -> Option<Value> {
    object.as_object_mut()?.shift_remove(key)
}

fn repeat(items: &mut Value, index: usize) {
    if let Some(items) = items.as_array_mut()
        && let Some(item) = items.get(index).cloned()
    {
        items.push(item);
    }
}

fn add(items: &mut Value, item: Value) {
    items
        .as_array_mut()
        .into_iter()
        .for_each(|items| items.push(item.clone()));
}

/// Whether these are the first partner's customers.
fn of_first_partner(items: &Value) -> bool {
    items[0]["vendor_tenant_id"] == PARTNERS[0].customers[0].id
}

fn each(items: &mut Value, change: impl FnMut(&mut Value)) {
    items.as_array_mut().into_iter().flatten().for_each(change);
}

fn each_unmapped(items: &mut Value, id: &Value) {
    each(items, |item| {
        if item.get("acronis_tenant_id").is_none() {
            item["acronis_tenant_id"] = id.clone();
        }
    });
}

fn numbered(items: &Value) -> Value {
    let items = items.as_array().into_iter().flatten().enumerate();
    items
        .map(|(index, item)| (index.to_string(), item.clone()))
        .collect::<Map<_, _>>()
        .into()
}
