//! A callback handler with hyper: mirrored partners whose customers need no enablement, data in memory.

mod keys;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value, from_slice, from_value, json};
use uuid::Uuid;

const MOST_BYTES: usize = 2 << 20;

#[derive(Deserialize)]
struct Envelope {
    request_id: String,
    context: Context,
    #[serde(default)]
    payload: Value,
}

#[derive(Deserialize)]
struct Context {
    callback_id: String,
    endpoint_id: String,
    tenant_id: Uuid,
}

#[derive(Deserialize)]
struct Enable {
    acronis_tenant_id: Uuid,
    #[serde(rename = "acronis_tenant_name")]
    _name: String,
    settings: Option<Map<String, Value>>,
}

/// A request that is refused, and why.
struct Refusal(StatusCode, &'static str);

fn demand(right: bool, status: StatusCode, message: &'static str) -> Result<(), Refusal> {
    right.then_some(()).ok_or(Refusal(status, message))
}

/// Answers callbacks.
pub struct Handler {
    keys: keys::Keys,
    validation: Validation,
    /// The enabled partners and their settings.
    enabled: Mutex<HashMap<Uuid, Option<Map<String, Value>>>>,
}

impl Handler {
    /// A handler that trusts the keys at `jwks` and tokens of `issuer`.
    pub fn new(jwks: &str, issuer: &str) -> Self {
        // The algorithm is ours to say, not the token's. An absent claim is a wrong one; `aud` is not documented to be checked.
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["exp", "iss"]);
        validation.validate_aud = false;
        Self { keys: keys::Keys::new(jwks), validation, enabled: Mutex::default() }
    }

    /// The answer to one request, whatever it is.
    pub async fn respond(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let mut told = json!({"response_id": Uuid::new_v4()});
        let mut status = StatusCode::OK;
        if let Err(Refusal(refused, message)) = self.answer(&head, body, &mut told).await {
            status = refused;
            told["err_message"] = message.into();
        }
        let answer = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
        answer.body(told.to_string().into()).expect("status and field are valid")
    }

    async fn answer(&self, head: &Parts, body: Incoming, told: &mut Value) -> Result<(), Refusal> {
        demand(head.method == Method::POST, StatusCode::METHOD_NOT_ALLOWED, "callbacks are sent with POST")?;
        let Ok(body) = Limited::new(body, MOST_BYTES).collect().await else {
            return Err(Refusal(StatusCode::PAYLOAD_TOO_LARGE, "too large or incomplete"));
        };
        let malformed = |_| Refusal(StatusCode::BAD_REQUEST, "malformed request");
        let request: Envelope = from_slice(&body.to_bytes()).map_err(malformed)?;
        demand(Uuid::try_parse(&request.request_id).is_ok(), StatusCode::BAD_REQUEST, "request_id is a UUID")?;
        // Sent back letter for letter, so it stayed a text.
        told["request_id"] = request.request_id.into();
        let Context { callback_id, endpoint_id, tenant_id } = request.context;
        self.check_token(&head.headers, &endpoint_id).await?;
        let name = callback_id.strip_prefix("cti.a.p.acgw.callback.v2.0~").unwrap_or_default();
        let payload = self.call(name, tenant_id, request.payload)?;
        let name = name.strip_suffix(".v1.0").unwrap_or_default();
        told["type"] = format!("cti.a.p.acgw.response.v1.1~{name}.ok.v1.0").into();
        if !payload.is_null() {
            told["payload"] = payload;
        }
        Ok(())
    }

    /// Whether the token was signed by Acronis, is in time, and permits this endpoint.
    async fn check_token(&self, headers: &HeaderMap, endpoint: &str) -> Result<(), Refusal> {
        let denied = || Refusal(StatusCode::UNAUTHORIZED, "the token is not accepted");
        let field = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, token) = field.and_then(|text| text.split_once(' ')).unwrap_or_default();
        demand(scheme.eq_ignore_ascii_case("Bearer"), StatusCode::UNAUTHORIZED, "no Bearer token")?;
        let kid = decode_header(token).ok().and_then(|header| header.kid).ok_or_else(denied)?;
        let key = self.keys.get(&kid).await.ok_or_else(denied)?;
        let token = decode::<Value>(token, &key, &self.validation).map_err(|_| denied())?;
        let scope = token.claims["scope"].as_array().map_or(&[][..], Vec::as_slice);
        let permitted = scope.iter().any(|entry| entry["role"] == endpoint);
        demand(permitted, StatusCode::FORBIDDEN, "the token is for another endpoint")
    }

    /// From a callback's name and payload to the payload of its answer.
    fn call(&self, name: &str, tenant: Uuid, payload: Value) -> Result<Value, Refusal> {
        let mut enabled = self.enabled.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match name {
            "a.p.partner.mirroring.get_state.v1.0" => match enabled.get(&tenant) {
                Some(Some(settings)) => json!({"state": "ENABLED", "settings": settings}),
                Some(None) => json!({"state": "ENABLED"}),
                None => json!({"state": "DISABLED"}),
            },
            "a.p.partner.mirroring.enable.v1.0" => {
                let malformed = |_| Refusal(StatusCode::BAD_REQUEST, "malformed payload");
                let partner: Enable = from_value(payload).map_err(malformed)?;
                demand(
                    partner.acronis_tenant_id == tenant,
                    StatusCode::FORBIDDEN,
                    "the payload is about another partner",
                )?;
                enabled.insert(tenant, partner.settings);
                let id = format!("partner-{tenant}");
                json!({"state": "ENABLED", "vendor_tenant_id": id, "acronis_tenant_id": tenant})
            }
            "a.p.partner.mirroring.reset.v1.0" => {
                enabled.remove(&tenant);
                Value::Null
            }
            _ => return Err(Refusal(StatusCode::NOT_FOUND, "the callback is not known")),
        })
    }
}
