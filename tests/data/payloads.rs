//! Which type stands for the payload of which callback.

use acgw_conformance::protocol::Callback;
use acgw_conformance::protocol::envelope::{TenantMapping, Topology};
use acgw_conformance::protocol::payload::{
    CustomerSetState, EnabledCustomer, EnablementState, EnablementWrite, PartnerEnable,
    PartnerEnabled, PartnerState, TenantMappingWrite,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Reads the payload of a request as its type.
pub fn request(callback: &Callback, payload: Option<&Value>) -> Result<(), String> {
    match (callback.name, payload) {
        ("enablement.write", Some(payload)) => read::<EnablementWrite>(payload),
        ("tenant_mapping.write", Some(payload)) => read::<TenantMappingWrite>(payload),
        ("partner.mirroring.enable", Some(payload)) => read::<PartnerEnable>(payload),
        ("customer.mirroring.set_state", Some(payload)) => read::<CustomerSetState>(payload),
        ("topology.read" | "partner.mirroring.get_state", Some(payload)) => empty(payload),
        (
            "enablement.read"
            | "enablement.reset"
            | "tenant_mapping.read"
            | "partner.mirroring.get_state"
            | "partner.mirroring.reset"
            | "customer.mirroring.get_state",
            None,
        ) => Ok(()),
        (name, payload) => Err(format!("{name} with {payload:?}")),
    }
}

/// Reads the payload of a successful response as its type.
pub fn response(callback: &Callback, payload: Option<&Value>) -> Result<(), String> {
    match (callback.name, payload) {
        ("enablement.read", Some(payload)) => read::<EnablementState>(payload),
        ("topology.read", Some(payload)) => parse::<Topology>(payload).map(drop),
        ("tenant_mapping.read", Some(payload)) => read::<TenantMapping>(payload),
        ("partner.mirroring.get_state", Some(payload)) => read::<PartnerState>(payload),
        ("partner.mirroring.enable", Some(payload)) => read::<PartnerEnabled>(payload),
        ("customer.mirroring.get_state", Some(payload)) => read::<Vec<EnabledCustomer>>(payload),
        (
            "enablement.write"
            | "enablement.reset"
            | "tenant_mapping.write"
            | "partner.mirroring.reset"
            | "customer.mirroring.set_state",
            None,
        ) => Ok(()),
        (name, payload) => Err(format!("{name} with {payload:?}")),
    }
}

/// Reads a value, and sees to it that the type writes what it reads.
fn read<T: DeserializeOwned + Serialize>(value: &Value) -> Result<(), String> {
    let read: T = parse(value)?;
    let written = serde_json::to_value(read).map_err(|error| error.to_string())?;
    assert_eq!(written, *value, "written otherwise than read");
    Ok(())
}

/// Reads a value, and sees to it that it makes no difference whether it comes as text.
fn parse<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    let from_value = T::deserialize(value);
    let from_text = serde_json::from_str::<T>(&value.to_string());
    assert_eq!(from_value.is_ok(), from_text.is_ok(), "{value}");
    from_value.map_err(|error| error.to_string())
}

fn empty(payload: &Value) -> Result<(), String> {
    match payload.as_object().map(Map::is_empty) {
        Some(true) => Ok(()),
        _ => Err(format!("not an empty object: {payload}")),
    }
}
