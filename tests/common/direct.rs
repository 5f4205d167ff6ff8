//! Callbacks sent to a reference handler without a suite, to prepare it and to look what it remembers.

use acgw_conformance::gateway::SigningKey;
use acgw_conformance::protocol::catalog::{ENABLEMENT_READ, TENANT_MAPPING_READ};
use acgw_conformance::protocol::token::{DEFAULT_ISSUER, Jwks};
use acgw_conformance::protocol::{Callback, Enablement};
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Faults, Reference};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};

/// A reference handler that knows the published key of the tests.
pub fn knowing(enablement: Enablement, faults: Faults) -> Reference {
    let key = SigningKey::from_pem(include_str!("../data/test_key_published.pem")).expect("a key");
    let keys = Jwks {
        keys: vec![key.jwk()],
    };
    Reference::with_keys(&keys, DEFAULT_ISSUER, enablement, faults)
}

/// Sends a callback on behalf of a tenant: the payload of the success.
pub async fn send(
    handler: &Reference,
    tenant: &str,
    callback: &Callback,
    payload: Option<Value>,
) -> Value {
    let mut body = envelope(tenant, callback);
    if let Some(payload) = payload {
        body["payload"] = payload;
    }
    let (status, mut answer) = ask(handler, &body, None).await;
    assert_eq!(status, 200, "{body}");
    answer["payload"].take()
}

/// What the handler says of every partner: whether it is enabled, and how its customers are mapped.
pub async fn told(handler: &Reference) -> Vec<Value> {
    let mut told = Vec::new();
    for partner in PARTNERS {
        for callback in [&ENABLEMENT_READ, &TENANT_MAPPING_READ] {
            let body = envelope("6f1c2d9a-3b0e-4c57-9d52-0a4f6be1c301", callback);
            let auth = partner.credentials().encode();
            let (_, mut answer) = ask(handler, &body, Some(auth)).await;
            told.push(answer["payload"].take());
        }
    }
    told
}

/// Status and body of the answer.
async fn ask(handler: &Reference, body: &Value, auth: Option<String>) -> (http::StatusCode, Value) {
    let token = super::good_token(&super::options());
    let mut request = http::Request::post("/callback")
        .header("Content-Type", "application/json")
        .header("Authorization", format!("Bearer {token}"))
        .header("X-CyberApp-Extra", "e30=");
    if let Some(auth) = auth {
        request = request.header("X-CyberApp-Auth", auth);
    }
    let request = request.body(Full::new(Bytes::from(body.to_string())));
    let response = handler.handle(request.expect("a request")).await;
    let status = response.status();
    let body = response.into_body().collect().await.expect("a body");
    let body = serde_json::from_slice(&body.to_bytes()).expect("JSON");
    (status, body)
}

/// A right request about a tenant, without payload.
fn envelope(tenant: &str, callback: &Callback) -> Value {
    json!({
        "type": callback.request_type,
        "request_id": "6f1c2d9a-3b0e-4c57-9d52-0a4f6be1c301",
        "created_at": "2023-04-10T15:33:01Z",
        "context": {
            "callback_id": callback.id,
            "endpoint_id": "cti.a.p.acgw.endpoint.v1.0~acgw.conformance.endpoint.v1.0",
            "tenant_id": tenant,
            "datacenter_url": "https://acronis.cloud",
        },
    })
}
