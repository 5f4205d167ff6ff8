//! Reads a value as the types that stand for a callback's request and its successful response.

use acgw_conformance::protocol::{Callback, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

#[path = "payloads.rs"]
mod payloads;

/// Reads a request of this callback: the envelope, then the payload.
pub fn request(callback: &Callback, value: &Value) -> Result<(), String> {
    let request: Request = parse(value)?;
    if request.kind.as_str() != callback.request_type {
        return Err(format!("type {}", request.kind));
    }
    if request.context.callback_id.as_str() != callback.id {
        return Err(format!("callback_id {}", request.context.callback_id));
    }
    payloads::request(callback, request.payload.map(Value::Object).as_ref())
}

/// Reads a successful response to this callback: the envelope, then the payload.
pub fn response(callback: &Callback, value: &Value) -> Result<(), String> {
    let response: Response = parse(value)?;
    if response.kind.as_str() != callback.response_type {
        return Err(format!("type {}", response.kind));
    }
    payloads::response(callback, response.payload.as_ref())
}

/// Reads a value as a type.
pub fn parse<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}
