//! Valid values of everything else that the protocol has: answers, tokens, decoded headers.

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;
use serde_json::{Map, Value, json};

use super::payload;
use super::valid::{any_rfc3339, any_uuid, cti};
use super::values;
use crate::protocol::Callback;

/// Any valid request envelope, of any callback.
pub fn request() -> SBoxedStrategy<Value> {
    (cti(), cti(), maybe(values::object()), rest_of_request())
        .prop_map(|(kind, callback, payload, rest)| {
            rest.envelope(&kind, &callback, payload.map(Value::Object))
        })
        .sboxed()
}

/// Any valid request of a callback.
pub fn request_of(callback: &'static Callback) -> SBoxedStrategy<Value> {
    (rest_of_request(), payload::of(callback))
        .prop_map(|(rest, payload)| rest.envelope(callback.request_type, callback.id, payload))
        .sboxed()
}

/// What a request has whatever the callback.
#[derive(Debug, Clone)]
struct RestOfRequest {
    request_id: String,
    created_at: String,
    endpoint_id: String,
    tenant_id: String,
    datacenter_url: String,
}

impl RestOfRequest {
    fn envelope(&self, kind: &str, callback_id: &str, payload: Option<Value>) -> Value {
        let mut envelope = json!({
            "type": kind,
            "request_id": self.request_id,
            "created_at": self.created_at,
            "context": {
                "callback_id": callback_id,
                "endpoint_id": self.endpoint_id,
                "tenant_id": self.tenant_id,
                "datacenter_url": self.datacenter_url,
            },
        });
        insert(&mut envelope, "payload", payload);
        envelope
    }
}

fn rest_of_request() -> SBoxedStrategy<RestOfRequest> {
    (any_uuid(), any_rfc3339(), cti(), any_uuid(), url())
        .prop_map(
            |(request_id, created_at, endpoint_id, tenant_id, datacenter_url)| RestOfRequest {
                request_id,
                created_at,
                endpoint_id,
                tenant_id,
                datacenter_url,
            },
        )
        .sboxed()
}

/// Any valid success envelope, of any callback, with any payload or none.
pub fn response() -> SBoxedStrategy<Value> {
    (cti(), any_uuid(), any_uuid(), maybe(values::any_value()))
        .prop_map(|(kind, request, response, payload)| {
            envelope(&kind, &request, &response, payload)
        })
        .sboxed()
}

/// Valid successful answers of a callback with payloads of a strategy.
pub fn response_of(
    callback: &'static Callback,
    payload: SBoxedStrategy<Value>,
) -> SBoxedStrategy<Value> {
    (any_uuid(), any_uuid(), payload)
        .prop_map(|(request, response, payload)| {
            envelope(callback.response_type, &request, &response, Some(payload))
        })
        .sboxed()
}

/// Any valid successful answer of a callback.
pub fn answer_of(callback: &'static Callback) -> SBoxedStrategy<Value> {
    let payload = match callback.name {
        "enablement.read" => enablement_state(),
        "topology.read" => topology(),
        "tenant_mapping.read" => tenant_mapping(),
        "partner.mirroring.get_state" => partner_state(),
        "partner.mirroring.enable" => partner_enabled(),
        "customer.mirroring.get_state" => enabled_customers(),
        _ => {
            return (any_uuid(), any_uuid())
                .prop_map(|(request, response)| {
                    envelope(callback.response_type, &request, &response, None)
                })
                .sboxed();
        }
    };
    response_of(callback, payload)
}

/// Any valid error answer.
pub fn error_response() -> SBoxedStrategy<Value> {
    (any_uuid(), any_uuid(), values::text())
        .prop_map(|(request, response, message)| {
            json!({"request_id": request, "response_id": response, "err_message": message})
        })
        .sboxed()
}

/// Any valid payload of `tenant_mapping.read`.
pub fn tenant_mapping() -> SBoxedStrategy<Value> {
    let item = (
        vendor_id(),
        maybe(any_uuid()),
        maybe((values::text(), values::any_value())),
    )
        .prop_map(|(vendor, acronis, further)| {
            let mut item = json!({ "vendor_tenant_id": vendor });
            insert(&mut item, "acronis_tenant_id", acronis.map(Value::String));
            if let Some((key, value)) = further {
                // A further key, not one of the two again.
                insert(&mut item, &format!("x_{key}"), Some(value));
            }
            item
        });
    prop::collection::vec(item, 0..=4)
        .prop_map(|items| json!({ "items": items }))
        .sboxed()
}

/// Any valid payload of `topology.read`, with either paging or none.
pub fn topology() -> SBoxedStrategy<Value> {
    let item = (vendor_id(), values::text()).prop_map(|(id, name)| json!({"id": id, "name": name}));
    let count = || 0..=i64::MAX;
    let by_position = (count(), count(), count()).prop_map(
        |(offset, limit, total)| json!({"offset": offset, "limit": limit, "total_count": total}),
    );
    let by_cursor = (maybe(values::text()), maybe(values::text())).prop_map(|(before, after)| {
        let mut paging = json!({});
        insert(&mut paging, "before", before.map(Value::String));
        insert(&mut paging, "after", after.map(Value::String));
        paging
    });
    let paging = prop_oneof![
        Just(None),
        by_position.prop_map(Some),
        by_cursor.prop_map(Some),
    ];
    (prop::collection::vec(item, 0..=4), paging)
        .prop_map(|(items, paging)| {
            let mut payload = json!({ "items": items });
            insert(&mut payload, "paging", paging);
            payload
        })
        .sboxed()
}

/// Any valid payload of `enablement.read`.
pub fn enablement_state() -> SBoxedStrategy<Value> {
    (vendor_id(), maybe(any_uuid()))
        .prop_map(|(vendor, acronis)| {
            let mut state = json!({ "vendor_tenant_id": vendor });
            insert(&mut state, "acronis_tenant_id", acronis.map(Value::String));
            state
        })
        .sboxed()
}

/// Any valid payload of `partner.mirroring.get_state`.
pub fn partner_state() -> SBoxedStrategy<Value> {
    let state = prop_oneof![Just("ENABLED"), Just("DISABLED")];
    (state, maybe(values::object()), further())
        .prop_map(|(state, settings, further)| {
            let mut payload = json!({ "state": state });
            insert(&mut payload, "settings", settings.map(Value::Object));
            extend(&mut payload, further);
            payload
        })
        .sboxed()
}

/// Any valid payload of `partner.mirroring.enable`'s answer.
pub fn partner_enabled() -> SBoxedStrategy<Value> {
    (vendor_id(), any_uuid(), further())
        .prop_map(|(vendor, acronis, further)| {
            let mut payload =
                json!({"state": "ENABLED", "vendor_tenant_id": vendor, "acronis_tenant_id": acronis});
            extend(&mut payload, further);
            payload
        })
        .sboxed()
}

/// Any valid payload of `customer.mirroring.get_state`, which is an array.
pub fn enabled_customers() -> SBoxedStrategy<Value> {
    let customer = (vendor_id(), any_uuid(), maybe(values::object()), further()).prop_map(
        |(vendor, acronis, settings, further)| {
            let mut customer = json!({"vendor_tenant_id": vendor, "acronis_tenant_id": acronis});
            insert(&mut customer, "settings", settings.map(Value::Object));
            extend(&mut customer, further);
            customer
        },
    );
    prop::collection::vec(customer, 0..=4)
        .prop_map(Value::Array)
        .sboxed()
}

/// Any valid token header.
pub fn token_header() -> SBoxedStrategy<Value> {
    (values::text(), maybe(values::text()), further())
        .prop_map(|(kid, iri, further)| {
            let mut header = json!({"alg": "RS256", "kid": format!("k{kid}")});
            insert(&mut header, "iri", iri.map(Value::String));
            extend(&mut header, further);
            header
        })
        .sboxed()
}

/// Any valid token claims.
pub fn token_claims() -> SBoxedStrategy<Value> {
    let time = || 0..=4_102_444_800_i64;
    let audience = prop_oneof![
        values::text().prop_map(Value::String),
        prop::collection::vec(values::text(), 1..=3).prop_map(|all| json!(all)),
    ];
    let role = (cti(), further()).prop_map(|(role, further)| {
        let mut entry = json!({ "role": role });
        extend(&mut entry, further);
        entry
    });
    let texts = (
        url(),
        maybe(audience),
        maybe(values::text()),
        maybe(values::text()),
    );
    let scope = prop::collection::vec(role, 1..=3);
    (
        texts,
        time(),
        maybe(time()),
        scope,
        any::<bool>(),
        further(),
    )
        .prop_map(|((iss, aud, jti, sub), exp, iat, scope, rest, further)| {
            let mut claims = json!({"iss": iss, "exp": exp, "scope": scope});
            insert(&mut claims, "aud", aud);
            insert(&mut claims, "iat", iat.map(|iat| json!(iat)));
            insert(&mut claims, "jti", jti.map(Value::String));
            insert(&mut claims, "sub", sub.map(Value::String));
            if rest {
                insert(&mut claims, "ver", Some(json!(2)));
                insert(&mut claims, "sub_type", Some(json!("platform-acgw")));
            }
            extend(&mut claims, further);
            claims
        })
        .sboxed()
}

/// Any absolute URL of a data centre.
pub fn url() -> SBoxedStrategy<String> {
    let host = prop::string::string_regex("[a-z][a-z0-9-]{0,9}[a-z0-9](\\.[a-z]{2,6}){1,2}")
        .expect("the expression is valid");
    let port = prop_oneof![3 => Just(String::new()), 1 => (1..=65_535_u16).prop_map(|port| format!(":{port}"))];
    let path = prop_oneof![
        3 => Just(""),
        1 => Just("/"),
        1 => Just("/bc/api?x=%20#y"),
    ];
    let scheme = prop_oneof![4 => Just("https"), 1 => Just("http")];
    (scheme, host, port, path)
        .prop_map(|(scheme, host, port, path)| format!("{scheme}://{host}{port}{path}"))
        .sboxed()
}

/// A vendor's id for an organisation: any string that is not empty.
fn vendor_id() -> SBoxedStrategy<String> {
    prop_oneof![
        2 => any_uuid(),
        1 => (0..100_000_u32).prop_map(|id| id.to_string()),
        1 => values::text().prop_map(|text| if text.is_empty() { "0".to_owned() } else { text }),
    ]
    .sboxed()
}

/// Further members with names that nothing knows.
fn further() -> SBoxedStrategy<Map<String, Value>> {
    prop_oneof![
        3 => Just(Map::new()),
        1 => prop::collection::vec((values::text(), values::any_value()), 1..=2).prop_map(|members| {
            members
                .into_iter()
                .map(|(key, value)| (format!("x_{key}"), value))
                .collect()
        }),
    ]
    .sboxed()
}

fn envelope(kind: &str, request: &str, response: &str, payload: Option<Value>) -> Value {
    let mut envelope = json!({"type": kind, "request_id": request, "response_id": response});
    insert(&mut envelope, "payload", payload);
    envelope
}

fn maybe<S>(strategy: S) -> SBoxedStrategy<Option<S::Value>>
where
    S: Strategy + Send + Sync + 'static,
    S::Value: Clone + Send + Sync + 'static,
{
    prop::option::of(strategy).sboxed()
}

fn insert(object: &mut Value, key: &str, value: Option<Value>) {
    if let (Value::Object(members), Some(value)) = (object, value) {
        members.insert(key.to_owned(), value);
    }
}

fn extend(object: &mut Value, further: Map<String, Value>) {
    if let Value::Object(members) = object {
        members.extend(further);
    }
}
