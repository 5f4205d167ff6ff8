//! The plain request that every other one is made from.

use serde_json::{Map, Value, json};

use super::custom::paging;
use crate::protocol::Callback;

/// When the documented example was made. No handler may refuse it.
pub const CREATED_AT: &str = "2023-04-10T15:33:01+00:00";

/// What stays the same in all requests of a run for one callback.
#[derive(Debug, Clone)]
pub struct Template {
    /// Which callback is made.
    pub callback: &'static Callback,
    /// `context.endpoint_id`, a CTI.
    pub endpoint_id: String,
    /// `context.tenant_id`, a UUID.
    pub tenant_id: String,
    /// `context.datacenter_url`, an absolute URL.
    pub datacenter_url: String,
    /// `payload`; `None` stands for that of the catalog.
    pub payload: Option<Value>,
}

impl Template {
    /// The canonical valid request, its keys in the documented order.
    pub fn envelope(&self, request_id: &str) -> Value {
        let mut envelope = Map::new();
        envelope.insert("type".to_owned(), json!(self.callback.request_type));
        envelope.insert("request_id".to_owned(), json!(request_id));
        envelope.insert("created_at".to_owned(), json!(CREATED_AT));
        envelope.insert(
            "context".to_owned(),
            json!({
                "callback_id": self.callback.id,
                "endpoint_id": self.endpoint_id,
                "tenant_id": self.tenant_id,
                "datacenter_url": self.datacenter_url,
            }),
        );
        if self.callback.custom.is_some_and(|custom| custom.paging) {
            envelope.insert("paging".to_owned(), paging::usual());
        }
        if let Some(payload) = self.payload() {
            envelope.insert("payload".to_owned(), payload);
        }
        Value::Object(envelope)
    }

    /// The payload of the request, if it has one.
    pub fn payload(&self) -> Option<Value> {
        if self.payload.is_some() {
            return self.payload.clone();
        }
        // The catalog's own tests see to it that the text is JSON.
        serde_json::from_str(self.callback.request_payload?).ok()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::protocol::CATALOG;

    use super::*;

    /// A template for tests, with values of the documented forms.
    pub(crate) fn example(callback: &'static Callback) -> Template {
        Template {
            callback,
            endpoint_id: "cti.a.p.acgw.endpoint.v1.0~example.app.handler.v1.0".to_owned(),
            tenant_id: "e0b3a8a6-3a5c-4b0e-9a39-0c1a5f1f6b11".to_owned(),
            datacenter_url: "https://eu2-cloud.acronis.com".to_owned(),
            payload: None,
        }
    }

    #[test]
    fn keys_stand_in_the_documented_order() {
        for callback in CATALOG {
            let envelope = example(callback).envelope("9b2f0d0e-6f5b-4a3b-8a9e-3f1f0a6f7c10");
            let keys: Vec<&str> = envelope
                .as_object()
                .expect("an object")
                .keys()
                .map(String::as_str)
                .collect();
            assert_eq!(
                keys[..4],
                ["type", "request_id", "created_at", "context"],
                "{}",
                callback.name
            );
            assert_eq!(
                keys.contains(&"payload"),
                callback.request_payload.is_some(),
                "{}",
                callback.name
            );
        }
    }
}
