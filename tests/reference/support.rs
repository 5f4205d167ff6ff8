//! Requests to the reference handler in this process, and the identity provider that it trusts.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use acgw_conformance::gateway::{IdentityProvider, SigningKey, token};
use acgw_conformance::protocol::catalog::TENANT_MAPPING_READ;
use acgw_conformance::protocol::token::Jwks;
use acgw_conformance::protocol::{Callback, Enablement, EnablementMethod, Family};
use acgw_conformance::reference::store::{PARTNERS, Partner};
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

/// The Acronis partner tenant of the requests: the one that the first partner is enabled for.
pub const TENANT: &str = PARTNERS[0].acronis_tenant_id;

/// A right body, with a payload that the first partner may send.
pub fn body(callback: &Callback) -> Value {
    body_of(callback, TENANT, payload(callback, TENANT))
}

/// A right body about this partner tenant, with this payload.
pub fn body_of(callback: &Callback, tenant: &str, payload: Option<Value>) -> Value {
    let mut body = json!({
        "type": callback.request_type,
        "request_id": REQUEST_ID,
        "created_at": "2023-04-10T15:33:01+00:00",
        "context": {
            "callback_id": callback.id,
            "endpoint_id": ENDPOINT,
            "tenant_id": tenant,
            "datacenter_url": "https://eu2-cloud.acronis.com",
        },
    });
    if let Some(payload) = payload {
        body["payload"] = payload;
    }
    body
}

/// A payload that is right for the partner with this tenant: the first one where partners are mapped.
pub fn payload(callback: &Callback, tenant: &str) -> Option<Value> {
    let payload = match callback.name {
        "enablement.write" => {
            json!({"vendor_tenant_id": PARTNERS[0].vendor_tenant_id, "acronis_tenant_id": tenant})
        }
        "tenant_mapping.write" => json!({"modified": []}),
        "partner.mirroring.enable" => {
            json!({"acronis_tenant_id": tenant, "acronis_tenant_name": "Anchor MSP"})
        }
        "customer.mirroring.set_state" => {
            json!({"partner_tenant_id": tenant, "partner_tenant_name": "Anchor MSP"})
        }
        _ => serde_json::from_str(callback.request_payload?).expect("the catalog has JSON"),
    };
    Some(payload)
}

/// A right token, made once, since signing takes time.
static TOKEN: LazyLock<String> = LazyLock::new(|| bearer(&claims()));

/// A right request of the first partner.
pub fn request(callback: &Callback) -> Request<Full<Bytes>> {
    Request::post("/callback")
        .header("Content-Type", "application/json")
        .header("Authorization", TOKEN.as_str())
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
        enablement: Enablement::MAPPED,
        faults: faults.into(),
    });
    House { idp, reference }
}

/// A handler with these faults that knows its keys.
pub fn faulty(faults: impl Into<Faults>) -> Reference {
    serving(Enablement::MAPPED, faults)
}

/// A handler for these enablement methods with these faults that knows its keys.
pub fn serving(enablement: Enablement, faults: impl Into<Faults>) -> Reference {
    let keys = Jwks {
        keys: vec![published().jwk()],
    };
    Reference::with_keys(&keys, ISSUER, enablement, faults.into())
}

/// A handler that does everything right and knows its keys.
pub fn right() -> Reference {
    faulty(Faults::none())
}

/// Every combination of enablement methods.
pub fn combination(partner: EnablementMethod, customer: EnablementMethod) -> Enablement {
    Enablement::new(partner, customer).expect("a combination that is offered")
}

/// A partner in conversation with a handler.
pub struct Talk<'a> {
    pub reference: &'a Reference,
    pub tenant: String,
    pub credentials: Option<String>,
}

impl<'a> Talk<'a> {
    /// As one of the fixed partners.
    pub fn as_partner(reference: &'a Reference, partner: &Partner) -> Self {
        Self {
            reference,
            tenant: partner.acronis_tenant_id.to_owned(),
            credentials: Some(partner.credentials().encode()),
        }
    }

    /// As an Acronis tenant that has no credentials.
    pub fn as_tenant(reference: &'a Reference, tenant: &str) -> Self {
        Self {
            reference,
            tenant: tenant.to_owned(),
            credentials: None,
        }
    }

    /// The request of a callback with this payload.
    pub fn request(&self, callback: &Callback, payload: Option<Value>) -> Request<Full<Bytes>> {
        let mut request = request(callback);
        let headers = request.headers_mut();
        headers.remove("x-cyberapp-auth");
        if let Some(credentials) = &self.credentials {
            headers.insert(
                "x-cyberapp-auth",
                credentials.parse().expect("a header value"),
            );
        }
        let body = body_of(callback, &self.tenant, payload);
        assert_eq!(callback.request_schema.violations(&body), [], "{body}");
        request.map(|_| Full::from(body.to_string()))
    }

    /// Asks, and holds the answer to its schema; gives its payload.
    #[track_caller]
    pub fn ok(
        &self,
        callback: &Callback,
        payload: Option<Value>,
    ) -> impl Future<Output = Value> + use<'_, 'a> {
        let place = std::panic::Location::caller();
        let request = self.request(callback, payload);
        let (name, schema) = (callback.name, callback.response_schema);
        async move {
            let mut answer = ask(self.reference, request).await;
            assert_eq!(answer.status, 200, "{place}: {name}: {}", answer.body);
            assert_eq!(schema.violations(&answer.body), [], "{place}: {name}");
            answer.body["payload"].take()
        }
    }

    /// Asks what needs no payload.
    #[track_caller]
    pub fn get(&self, callback: &Callback) -> impl Future<Output = Value> + use<'_, 'a> {
        self.ok(
            callback,
            payload(callback, &self.tenant).filter(|_| callback.family == Family::Mapping),
        )
    }

    /// Asks for what is refused with this status.
    #[track_caller]
    pub fn refused(
        &self,
        status: u16,
        callback: &Callback,
        payload: Option<Value>,
    ) -> impl Future<Output = ()> + use<'_, 'a> {
        let place = std::panic::Location::caller();
        let request = self.request(callback, payload);
        async move {
            let answer = ask(self.reference, request).await;
            assert_eq!(answer.status, status, "{place}: {}", answer.body);
        }
    }
}

/// An Acronis tenant id that ends in this number.
pub fn tenant(number: u32) -> String {
    format!("7d9f2c60-3a8c-4f5e-8b9a-2c4b{number:08x}")
}
