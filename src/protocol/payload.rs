//! The payloads of the callbacks, requests and successful responses, as types.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::strict::{closed_object, not_empty, present};
use super::text::UuidText;

/// Field id to value, as chosen in the enablement form.
pub type Settings = Map<String, Value>;

closed_object! {
    /// The payload of a successful `enablement.read`.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EnablementState {
        /// The organisation that the credentials belong to.
        #[serde(deserialize_with = "not_empty")]
        pub vendor_tenant_id: String,
        /// The Acronis partner tenant; absent where the organisation is not enabled.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
        pub acronis_tenant_id: Option<UuidText>,
    }
}

closed_object! {
    /// The payload of `enablement.write`.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EnablementWrite {
        /// The organisation that the credentials belong to.
        #[serde(deserialize_with = "not_empty")]
        pub vendor_tenant_id: String,
        /// The Acronis partner tenant.
        pub acronis_tenant_id: UuidText,
    }
}

closed_object! {
    /// The payload of `tenant_mapping.write`.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TenantMappingWrite {
        /// One entry for each customer to change; all others stay as they are.
        pub modified: Vec<ModifiedMapping>,
    }
}

closed_object! {
    /// One customer to change.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ModifiedMapping {
        /// The organisation's id on the vendor's side.
        #[serde(deserialize_with = "not_empty")]
        pub vendor_tenant_id: String,
        /// The Acronis customer tenant to map it to; without it the mapping is removed.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
        pub acronis_tenant_id: Option<UuidText>,
    }
}

/// Whether a mirrored partner is enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// It is.
    Enabled,
    /// It is not, or was never seen.
    Disabled,
}

/// The payload of a successful `partner.mirroring.get_state`; further keys are allowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartnerState {
    /// Whether the partner is enabled.
    pub state: State,
    /// What was chosen in the enablement form.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub settings: Option<Settings>,
    /// Further keys.
    #[serde(flatten)]
    pub further: Map<String, Value>,
}

closed_object! {
    /// The payload of `partner.mirroring.enable`.
    #[derive(Debug, Clone, PartialEq)]
    pub struct PartnerEnable {
        /// The Acronis partner tenant.
        pub acronis_tenant_id: UuidText,
        /// Its name.
        pub acronis_tenant_name: String,
        /// What was chosen in the enablement form.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
        pub settings: Option<Settings>,
    }
}

/// The payload of a successful `partner.mirroring.enable`; further keys are allowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartnerEnabled {
    /// Always [`State::Enabled`].
    #[serde(deserialize_with = "enabled")]
    pub state: State,
    /// The record's id on the vendor's side.
    #[serde(deserialize_with = "not_empty")]
    pub vendor_tenant_id: String,
    /// The enabled partner's Acronis tenant.
    pub acronis_tenant_id: UuidText,
    /// Further keys.
    #[serde(flatten)]
    pub further: Map<String, Value>,
}

/// One entry of a successful `customer.mirroring.get_state`, whose payload is an array; further keys are allowed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnabledCustomer {
    /// The customer's id on the vendor's side.
    #[serde(deserialize_with = "not_empty")]
    pub vendor_tenant_id: String,
    /// The Acronis customer tenant.
    pub acronis_tenant_id: UuidText,
    /// What was chosen in the enablement form.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub settings: Option<Settings>,
    /// Further keys.
    #[serde(flatten)]
    pub further: Map<String, Value>,
}

closed_object! {
    /// The payload of `customer.mirroring.set_state`: a partial update by two lists.
    #[derive(Debug, Clone, PartialEq)]
    pub struct CustomerSetState {
        /// The Acronis partner tenant.
        pub partner_tenant_id: UuidText,
        /// Its name.
        pub partner_tenant_name: String,
        /// Customers to enable.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
        pub enabled: Option<Vec<CustomerToEnable>>,
        /// Customers to disable.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
        pub disabled: Option<Vec<CustomerToDisable>>,
    }
}

closed_object! {
    /// A customer to enable.
    #[derive(Debug, Clone, PartialEq)]
    pub struct CustomerToEnable {
        /// The Acronis customer tenant.
        pub acronis_tenant_id: UuidText,
        /// Its name.
        pub acronis_tenant_name: String,
        /// What was chosen in the enablement form.
        #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
        pub settings: Option<Settings>,
    }
}

closed_object! {
    /// A customer to disable.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CustomerToDisable {
        /// The Acronis customer tenant.
        pub acronis_tenant_id: UuidText,
    }
}

// By hand, for what serde derives takes `{"ENABLED": null}` as well.
impl<'de> Deserialize<'de> for State {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "ENABLED" => Ok(State::Enabled),
            "DISABLED" => Ok(State::Disabled),
            _ => Err(serde::de::Error::custom(
                "state must be ENABLED or DISABLED",
            )),
        }
    }
}

fn enabled<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<State, D::Error> {
    match State::deserialize(deserializer)? {
        State::Enabled => Ok(State::Enabled),
        State::Disabled => Err(serde::de::Error::custom("state must be ENABLED")),
    }
}
