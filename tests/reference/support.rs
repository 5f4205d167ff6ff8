//! Requests to the reference handler in this process, and the identity provider that it trusts.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use acgw_conformance::gateway::{IdentityProvider, SigningKey, token};
use acgw_conformance::protocol::Callback;
use acgw_conformance::protocol::catalog::TENANT_MAPPING_READ;
use acgw_conformance::protocol::token::Jwks;
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Faults, Reference, Settings};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};

/// What `iss` must be.
pub const ISSUER: &str = "https://acronis.cloud";
/// The endpoint of the requests.
pub const ENDPOINT: &str = "cti.a.p.acgw.endpoint.v1.0~vendor.app.main.v1.0";
/// The id of the requests.
pub const REQUEST_ID: &str = "0F6A1D52-8c1b-4f0e-9a53-4a0f52f1c001";

/// Any free port of the loopback interface.
pub fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// The key that the identity provider publishes.
pub fn published() -> SigningKey {
    SigningKey::from_pem(include_str!("../data/test_key_published.pem")).expect("a usable key")
}

/// A key that nobody published.
pub fn stranger() -> SigningKey {
    SigningKey::from_pem(include_str!("../data/test_key_stranger.pem")).expect("a usable key")
}

/// Seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    i64::try_from(since.as_secs()).expect("before the year 292277026596")
}

/// Right claims.
pub fn claims() -> Value {
    token::claims(ISSUER, "acronis.cloud", ENDPOINT, now())
}

/// The right header of a token.
pub fn header() -> Value {
    token::header(published().kid())
}

/// The value of `Authorization` with a token of these claims, signed by the published key.
pub fn bearer(claims: &Value) -> String {
    format!("Bearer {}", token::mint(&published(), &header(), claims))
}

/// A right body.
pub fn body(callback: &Callback) -> Value {
    let mut body = json!({
        "type": callback.request_type,
        "request_id": REQUEST_ID,
        "created_at": "2023-04-10T15:33:01+00:00",
        "context": {
            "callback_id": callback.id,
            "endpoint_id": ENDPOINT,
            "tenant_id": "5c9f2d4e-7a31-4b86-9d0f-3e8a6b1c2d47",
            "datacenter_url": "https://eu2-cloud.acronis.com",
        },
    });
    if let Some(payload) = callback.request_payload {
        body["payload"] = serde_json::from_str(payload).expect("the catalog has JSON");
    }
    body
}

/// A right request of the first partner.
pub fn request(callback: &Callback) -> Request<Full<Bytes>> {
    Request::post("/callback")
        .header("Content-Type", "application/json")
        .header("Authorization", bearer(&claims()))
        .header("X-CyberApp-Auth", PARTNERS[0].credentials().encode())
        .header("X-CyberApp-Extra", "e30=")
        .body(Full::from(body(callback).to_string()))
        .expect("a request")
}

/// A right `tenant_mapping.read` of the first partner.
pub fn mapping_read() -> Request<Full<Bytes>> {
    request(&TENANT_MAPPING_READ)
}

/// The same request with another value of one header field, or without it.
pub fn with(name: &'static str, value: Option<&[u8]>) -> Request<Full<Bytes>> {
    let mut request = mapping_read();
    request.headers_mut().remove(name);
    if let Some(value) = value {
        let value = HeaderValue::from_bytes(value).expect("a header value");
        request.headers_mut().insert(name, value);
    }
    request
}

/// The same request with another body.
pub fn with_body(body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    mapping_read().map(|_| Full::new(body.into()))
}

/// The same request with a token of these claims.
pub fn with_claims(claims: &Value) -> Request<Full<Bytes>> {
    with("authorization", Some(bearer(claims).as_bytes()))
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    pub body: Value,
}

/// Asks the handler.
pub async fn ask(reference: &Reference, request: Request<Full<Bytes>>) -> Answer {
    let (parts, body) = reference.handle(request).await.into_parts();
    let bytes = body.collect().await.expect("a body in memory").to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: serde_json::from_slice(&bytes).unwrap_or_default(),
        bytes,
    }
}

/// A handler and the identity provider that it trusts.
pub struct House {
    pub idp: IdentityProvider,
    pub reference: Reference,
}

/// A handler with these faults.
pub fn house(faults: impl Into<Faults>) -> House {
    let idp = IdentityProvider::start(anywhere(), &[published()]).expect("a free port");
    let reference = Reference::new(Settings {
        jwks_url: idp.jwks_url(),
        issuer: ISSUER.to_owned(),
        faults: faults.into(),
    });
    House { idp, reference }
}

/// A handler with these faults that knows its keys.
pub fn faulty(faults: impl Into<Faults>) -> Reference {
    let keys = Jwks {
        keys: vec![published().jwk()],
    };
    Reference::with_keys(&keys, ISSUER, faults.into())
}

/// A handler that does everything right and knows its keys.
pub fn right() -> Reference {
    faulty(Faults::none())
}
