//! Faults in how the payload of a write is read: lists of which some entries are overlooked, settings that are not to one's taste.

use serde_json::{Map, Value, json};

use super::arrival::failure;
use super::{Fault, Flaws};
use crate::reference::answer::Refusal;
use crate::reference::callbacks::{Call, conflict};
use crate::reference::store::PartnerId;

impl Flaws {
    /// What came with the request, as a faulty handler reads it.
    pub fn reread_payload(
        &self,
        call: &Call,
        mut payload: Map<String, Value>,
    ) -> Result<Map<String, Value>, Refusal> {
        for fault in self.faults.iter() {
            match call.callback.name {
                "enablement.write" => {
                    if let PartnerId::Organisation(own) = &call.partner
                        && is_as_good(fault, own, &payload)
                    {
                        payload.insert("vendor_tenant_id".to_owned(), json!(own));
                    }
                }
                "tenant_mapping.write" => reread_mapping(fault, list(&mut payload, "modified")),
                "partner.mirroring.enable" => {
                    if fault == Fault::PartnerRenameRefused {
                        self.mind_name(&payload)?;
                    }
                    let name = payload.get("acronis_tenant_name").and_then(Value::as_str);
                    let name = name.unwrap_or_default();
                    if fault == Fault::PartnerNameEmoji500 && has_emoji(name) {
                        return Err(failure());
                    }
                    if fault == Fault::PartnerNameLongRefused && name.chars().count() > 100 {
                        return Err(conflict("the name is too long"));
                    }
                    let given = payload.contains_key("settings");
                    mind_settings(
                        given && fault == Fault::PartnerSettingsRefused,
                        !given && fault == Fault::PartnerSettingsRequired,
                    )?;
                }
                "customer.mirroring.set_state" => {
                    if fault == Fault::StrangerEndsList {
                        let known = |tenant: &str| self.memory().met.contains(tenant);
                        let disabled = list(&mut payload, "disabled");
                        let stranger = disabled.iter().position(|one| !known(tenant_of(one)));
                        disabled.truncate(stranger.unwrap_or(disabled.len()));
                        let enabled = list(&mut payload, "enabled");
                        let enabled = enabled.iter().map(|one| tenant_of(one).to_owned());
                        self.memory().met.extend(enabled);
                    }
                    reread_customers(fault, &mut payload);
                    for customer in list(&mut payload, "enabled") {
                        let given = customer.get("settings").is_some();
                        mind_settings(
                            given && fault == Fault::CustomerSettingsRefused,
                            !given && fault == Fault::CustomerSettingsRequired,
                        )?;
                        let name = customer["acronis_tenant_name"].as_str().unwrap_or_default();
                        if (fault == Fault::CustomerNameEmoji500 && has_emoji(name))
                            || (fault == Fault::CustomerNameQuote500 && name.contains('\''))
                        {
                            return Err(failure());
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(payload)
    }

    /// Refuses a partner that is known under another name.
    fn mind_name(&self, payload: &Map<String, Value>) -> Result<(), Refusal> {
        let [tenant, name] = ["acronis_tenant_id", "acronis_tenant_name"]
            .map(|key| payload.get(key).cloned().unwrap_or_default());
        let mut memory = self.memory();
        let known = memory.names.entry(tenant.to_string().to_lowercase());
        match *known.or_insert_with(|| name.clone()) == name {
            true => Ok(()),
            false => Err(conflict("the partner has another name")),
        }
    }
}

/// Whether a name has letters that take four bytes.
fn has_emoji(name: &str) -> bool {
    name.chars().any(|letter| letter > '\u{ffff}')
}

/// The Acronis tenant that an entry names.
fn tenant_of(entry: &Value) -> &str {
    entry["acronis_tenant_id"].as_str().unwrap_or_default()
}

fn reread_mapping(fault: Fault, entries: &mut Vec<Value>) {
    let maps = |entry: &Value| entry.get("acronis_tenant_id").is_some();
    match fault {
        Fault::FirstEntryOnly => entries.truncate(1),
        Fault::LastEntryOnly => keep_last(entries),
        Fault::RemovalIgnored => entries.retain(maps),
        Fault::MixedListHalfRead if !entries.iter().all(maps) => {
            entries.retain(|entry| !maps(entry));
        }
        _ => {}
    }
}

fn reread_customers(fault: Fault, payload: &mut Map<String, Value>) {
    let place = |payload: &Map<String, Value>, key| payload.keys().position(|one| one == key);
    let turned = place(payload, "disabled")
        .is_some_and(|at| place(payload, "enabled").is_some_and(|other| at < other));
    match fault {
        Fault::FirstCustomerOnly => {
            list(payload, "enabled").truncate(1);
            list(payload, "disabled").truncate(1);
        }
        Fault::LastCustomerOnly => {
            keep_last(list(payload, "enabled"));
            keep_last(list(payload, "disabled"));
        }
        Fault::CustomerDisableIgnored => list(payload, "disabled").clear(),
        Fault::SecondListIgnored if !list(payload, "enabled").is_empty() => {
            list(payload, "disabled").clear();
        }
        Fault::FirstSettingsForAll => {
            let all = list(payload, "enabled");
            let settings = all.first().and_then(|first| first.get("settings")).cloned();
            for (one, settings) in all.iter_mut().zip(std::iter::repeat(settings)) {
                if let (Some(one), Some(settings)) = (one.as_object_mut(), settings) {
                    one.insert("settings".to_owned(), settings);
                }
            }
        }
        Fault::SettingsOfEntryBefore => {
            let mut before = None;
            let all = list(payload, "enabled").iter_mut();
            for one in all.filter_map(Value::as_object_mut) {
                match (one.get("settings").cloned(), &before) {
                    (None, Some(settings)) => {
                        one.insert("settings".to_owned(), Value::clone(settings));
                    }
                    (settings, _) => before = settings,
                }
            }
        }
        Fault::ListsInOrderOnly if turned => list(payload, "enabled").clear(),
        _ => {}
    }
}

fn mind_settings(refused: bool, required: bool) -> Result<(), Refusal> {
    match (refused, required) {
        (true, _) => Err(Refusal::malformed("settings are not expected")),
        (_, true) => Err(Refusal::malformed("settings are missing")),
        _ => Ok(()),
    }
}

fn keep_last(entries: &mut Vec<Value>) {
    let all_but_one = entries.len().saturating_sub(1);
    entries.drain(..all_but_one);
}

/// The list under this key; an empty one, put there, where there is none.
fn list<'a>(payload: &'a mut Map<String, Value>, key: &str) -> &'a mut Vec<Value> {
    let list = payload.entry(key).or_insert_with(|| json!([]));
    if !list.is_array() {
        *list = json!([]);
    }
    list.as_array_mut().expect("an array now")
}

/// Whether the organisation that is to be enabled is taken for that of the credentials.
fn is_as_good(fault: Fault, own: &str, payload: &Map<String, Value>) -> bool {
    let named = payload.get("vendor_tenant_id").and_then(Value::as_str);
    let named = named.unwrap_or_default();
    match fault {
        Fault::AnyOrganisationAccepted => true,
        Fault::LongerOrganisationAccepted => named.starts_with(own),
        Fault::ShorterOrganisationAccepted => !named.is_empty() && own.starts_with(named),
        _ => false,
    }
}
