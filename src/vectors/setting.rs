//! What a run draws by lot, fixed: keys, clock, partners, ids.

use serde_json::{Map, Value, json};

use crate::gateway::{Message, SigningKey, Target};
use crate::protocol::text::{UriText, UuidText};
use crate::protocol::token::DEFAULT_ISSUER;
use crate::protocol::{Cti, Extra};
use crate::reference::store::Partner;
use crate::suite::Options;
use crate::suite::identity::default_audience;
use crate::suite::session::Session;
use crate::suite::signer::{Clock, Signer};

/// When all of this happens, in seconds since 1970: 2025-06-15T15:06:40Z.
pub(super) const NOW: i64 = 1_750_000_000;
/// The issuer that is expected.
pub(super) const ISSUER: &str = DEFAULT_ISSUER;
/// `context.endpoint_id` of right requests.
pub(super) const ENDPOINT: &str = "cti.a.p.acgw.endpoint.v1.0~vendor.app.endpoint.v1.0";
/// `request_id` of all requests; letters among its digits, so that their case can be told.
pub(super) const REQUEST_ID: &str = "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a";
const TENANT: &str = "7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11";
const DATACENTER: &str = "https://eu2-cloud.acronis.com";

/// The key that the handler fetches.
pub(super) fn published() -> SigningKey {
    key(include_str!("test_keys/published.pem"))
}

/// A key that the handler does not know.
pub(super) fn unpublished() -> SigningKey {
    key(include_str!("test_keys/unpublished.pem"))
}

fn key(pem: &str) -> SigningKey {
    SigningKey::from_pem(pem).expect("the test keys of this folder are RSA keys")
}

/// `aud` of right tokens.
pub(super) fn audience() -> &'static str {
    default_audience(ISSUER)
}

/// The fields of `X-CyberApp-Extra`, with what is easily got wrong: blanks, quotes, slashes, letters beyond ASCII.
pub(super) fn fields() -> Map<String, Value> {
    let fields = json!({
        "Customer name": "Zoë & Söhne \"GmbH\" / 会社",
        "Account region": "eu",
        "sites": ["a", "b"],
        "Seats": 5,
    });
    fields.as_object().cloned().unwrap_or_default()
}

/// A session that signs and makes the same every time.
pub(super) fn session(partner: &Partner, other: &Partner, extra: Map<String, Value>) -> Session {
    let constant = "the constants of this file have their forms";
    let options = Options {
        credentials: Some(partner.credentials()),
        other_credentials: Some(other.credentials()),
        extra: Extra(extra),
        endpoint_id: Some(Cti::parse(ENDPOINT).expect(constant)),
        tenant_id: Some(UuidText::new(TENANT).expect(constant)),
        datacenter_url: Some(UriText::new(DATACENTER).expect(constant)),
        issuer: ISSUER.to_owned(),
        seed: 1,
        ..Options::default()
    };
    let signer = Signer::new(
        published(),
        unpublished().into(),
        ISSUER,
        audience(),
        ENDPOINT,
    );
    // Nothing is sent.
    let target = Target::url("http://127.0.0.1/callback").expect(constant);
    Session::new(options, target, Some(signer.by(Clock::Still(NOW))), false)
        .with_one_request_id(REQUEST_ID)
}

/// The value of a header field; `None` where it is absent or no ASCII, which libraries hand on in ways of their own.
pub(super) fn field(message: &Message, name: &str) -> Option<String> {
    let (_, value) = message.headers.iter().find(|(field, _)| field == name)?;
    let text = std::str::from_utf8(value).ok()?;
    text.is_ascii().then(|| text.to_owned())
}

/// Whether a header field is there.
pub(super) fn has_field(message: &Message, name: &str) -> bool {
    message.headers.iter().any(|(field, _)| field == name)
}
