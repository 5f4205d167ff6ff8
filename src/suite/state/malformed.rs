//! Writes whose payload breaks the callback's schema, or contradicts its context: what is sent, and from which state.

use bytes::Bytes;
use serde_json::{Value, json};

use super::model::{Action, Change, Model, Settings};
use crate::generate::malform::{self, Class};
use crate::protocol::catalog::{
    CUSTOMER_MIRRORING_SET_STATE, ENABLEMENT_WRITE, PARTNER_MIRRORING_ENABLE, TENANT_MAPPING_WRITE,
};
use crate::protocol::{Callback, EnablementMethod};
use crate::suite::call::Call;
use crate::suite::check::{Draft, Expect, Twin};
use crate::suite::checks::replace;
use crate::suite::session::Session;

/// Stands for the request id in bodies that may be sent more than once.
const PLACEHOLDER: &str = "2d5b8e07-61c4-4f0a-9b3e-7a90c1d4e852";

/// The state in which the first partner is before the write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Footing {
    /// Not enabled, so that what is stored all the same shows.
    Disabled,
    /// Enabled, one customer there and others not.
    Enabled,
}

/// One malformed write.
#[derive(Debug, Clone)]
pub(super) struct Malformed {
    /// What is wrong with it.
    pub name: String,
    /// Its payload; `None` where it has none.
    pub payload: Option<Value>,
    body: Bytes,
    right: Call,
}

impl Malformed {
    /// The request, with this id.
    pub fn draft(&self, request_id: &str) -> Draft {
        let call = Call {
            body: replace(&self.body, PLACEHOLDER, request_id),
            request_id: request_id.to_owned(),
            ..self.right.clone()
        };
        let twin = Call {
            body: replace(&self.right.body, PLACEHOLDER, request_id),
            ..call.clone()
        };
        let name = format!("{}: {}", self.right.callback.name, self.name);
        let mut draft = Draft::new(name, call, Expect::FREE);
        draft.twin = Twin::This(Box::new(twin));
        draft
    }

    /// Which callback it is.
    pub fn callback(&self) -> &'static Callback {
        self.right.callback
    }

    /// The texts of its payload: what comes back as it was sent is not what the handler made of it.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = Vec::new();
        let mut open: Vec<&Value> = self.payload.iter().collect();
        while let Some(value) = open.pop() {
            match value {
                Value::String(text) => texts.push(text.as_str()),
                Value::Array(items) => open.extend(items),
                Value::Object(members) => open.extend(members.values()),
                _ => {}
            }
        }
        texts
    }
}

/// Callbacks that can be sent malformed.
pub(super) fn callbacks(model: &Model) -> Vec<&'static Callback> {
    let all = model.enablement.callbacks();
    all.filter(|callback| callback.changes_data).collect()
}

/// From where a callback's malformed writes start.
pub(super) fn footing(model: &Model, callback: &Callback) -> Footing {
    let enables = [ENABLEMENT_WRITE.id, PARTNER_MIRRORING_ENABLE.id].contains(&callback.id);
    match model.enablement.partner() {
        EnablementMethod::Explicit => Footing::Enabled,
        _ if enables => Footing::Disabled,
        _ => Footing::Enabled,
    }
}

/// The callback's malformed writes, for the state of the footing, the most telling first; `None` where there is nothing to
/// write.
pub(super) fn cases(
    session: &Session,
    model: &Model,
    other_tenant: Option<&str>,
    callback: &'static Callback,
) -> Option<Vec<Malformed>> {
    let request = model.request(0, &right_action(model, callback)?);
    if request.0.id != callback.id {
        return None;
    }
    let mut right = model.call(session, 0, 0, request.clone());
    right.body = replace(&right.body, &right.request_id, PLACEHOLDER);
    let mut template = session.template(callback);
    template.payload = request.1.clone();
    template.tenant_id = request.2;
    let mut cases = Vec::new();
    let mut add = |name: String, body: Value| {
        let payload = body.get("payload").cloned();
        cases.push(Malformed {
            name,
            payload,
            body: Bytes::from(body.to_string()),
            right: right.clone(),
        });
    };
    // What comes first in a list is right, so that a list that is done in part shows.
    let several = |list: &str| {
        let list = request.1.as_ref().and_then(|payload| payload.get(list));
        list.and_then(Value::as_array)
            .is_some_and(|it| it.len() > 1)
    };
    let kept_right =
        ["modified", "enabled"].map(|list| (several(list), format!("payload.{list}.0")));
    for malformation in malform::of_class(&template, PLACEHOLDER, Class::Payload) {
        let first = kept_right
            .iter()
            .any(|(several, place)| *several && malformation.name.starts_with(place.as_str()));
        if let (false, Ok(body)) = (first, serde_json::from_slice(&malformation.body)) {
            add(malformation.name, body);
        }
    }
    let plain = template.envelope(PLACEHOLDER);
    let with = |payload: Value| {
        let mut envelope = plain.clone();
        envelope["payload"] = payload;
        envelope
    };
    if request.1.is_none() {
        for payload in [Value::Null, json!([]), json!("payload"), json!(7)] {
            add(format!("payload = {payload}"), with(payload));
        }
    }
    let another = match callback.id == TENANT_MAPPING_WRITE.id {
        true => &ENABLEMENT_WRITE,
        false => &TENANT_MAPPING_WRITE,
    };
    if let Some(payload) = another
        .request_payload
        .and_then(|it| serde_json::from_str(it).ok())
    {
        add(format!("the payload of {}", another.name), with(payload));
    }
    let named = match callback.id {
        id if id == CUSTOMER_MIRRORING_SET_STATE.id => Some("partner_tenant_id"),
        id if id == PARTNER_MIRRORING_ENABLE.id => Some("acronis_tenant_id"),
        _ => None,
    };
    if let (Some(member), Some(other), Some(mut payload)) = (named, other_tenant, request.1.clone())
    {
        payload[member] = json!(other);
        add(
            format!("payload.{member} is another partner's"),
            with(payload),
        );
    }
    Some(cases)
}

/// What the right request does: it would change something, in several places where it can.
fn right_action(model: &Model, callback: &Callback) -> Option<Action> {
    let party = &model.parties[0];
    let customers = &party.state.customers;
    let off: Vec<&String> = customers
        .iter()
        .filter(|(_, to)| to.is_none())
        .map(|(id, _)| id)
        .collect();
    let on = customers.iter().find(|(_, to)| to.is_some());
    let changes: Vec<Change> = match callback.id {
        id if id == ENABLEMENT_WRITE.id || id == PARTNER_MIRRORING_ENABLE.id => {
            let settings = match model.maps_partners() {
                true => Settings::None,
                false => Settings::Sample,
            };
            let acronis = party.tenants[0].clone();
            return Some(Action::Enable {
                acronis,
                settings,
                odd_name: None,
            });
        }
        id if id == TENANT_MAPPING_WRITE.id => {
            let places = off.iter().take(2).enumerate();
            places
                .map(|(place, id)| ((*id).clone(), Some(party.spare(place))))
                .collect()
        }
        id if id == CUSTOMER_MIRRORING_SET_STATE.id => {
            let enabled = off.iter().take(2);
            let enabled = enabled.map(|id| ((*id).clone(), Some((*id).clone())));
            enabled
                .chain(on.map(|(id, _)| (id.clone(), None)))
                .collect()
        }
        _ => return Some(Action::Disable),
    };
    (!changes.is_empty()).then_some(Action::Change {
        changes,
        settings: match model.maps_customers() {
            true => Settings::None,
            false => Settings::Sample,
        },
        moves: false,
    })
}

/// Removes, under whatever ids they came, the customers that a malformed write may have added.
pub(super) fn undo(model: &Model, malformed: &Malformed, callback: &Callback) -> Option<Value> {
    let payload = malformed.payload.as_ref()?;
    let (list, id) = match callback.id {
        id if id == TENANT_MAPPING_WRITE.id => ("modified", "vendor_tenant_id"),
        id if id == CUSTOMER_MIRRORING_SET_STATE.id => ("enabled", "acronis_tenant_id"),
        _ => return None,
    };
    let known = &model.parties[0].state.customers;
    let entries: Vec<Value> = payload
        .get(list)?
        .as_array()?
        .iter()
        .filter_map(|entry| entry.get(id))
        .filter(|added| {
            added
                .as_str()
                .is_none_or(|added| !known.contains_key(added))
        })
        .map(|added| json!({ id: added }))
        .collect();
    if entries.is_empty() {
        return None;
    }
    Some(match list {
        "modified" => json!({ "modified": entries }),
        _ => {
            let mut payload = malformed.right.json()?["payload"].take();
            let members = payload.as_object_mut()?;
            members.shift_remove("enabled");
            members.insert("disabled".to_owned(), json!(entries));
            payload
        }
    })
}
