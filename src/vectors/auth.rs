//! `X-CyberApp-Auth`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::cases::{self, Extent};
use super::difference;
use super::setting::{self, has_field};
use super::subject::Subject;
use super::vector::{Expectation, Vector, slug};
use crate::protocol::Credentials;
use crate::protocol::catalog::TENANT_MAPPING_READ;
use crate::protocol::headers::AUTH_HEADER;
use crate::reference::store::{PARTNERS, Partner};
use crate::suite::decoding;

/// The requirements that the header alone can show.
const SHOWN: &[(&str, Extent)] = &[
    ("CRED-08", Extent::All),
    ("CRED-01", Extent::All),
    ("CRED-02", Extent::All),
    ("CRED-03", Extent::All),
    ("CRED-04", Extent::All),
    ("CRED-05", Extent::All),
    ("CRED-06", Extent::All),
    ("CRED-07", Extent::All),
    ("CRED-11", Extent::All),
    ("CRED-10", Extent::First(90)),
];

/// Of the second partner those that its secrets make harder: several fields, with colons, quotes and letters beyond ASCII.
const SHOWN_OF_THE_SECOND: &[(&str, Extent)] = &[
    ("CRED-08", Extent::All),
    ("CRED-05", Extent::All),
    ("CRED-11", Extent::All),
];

pub(super) fn subject() -> Subject {
    let (first, second) = (&PARTNERS[0], &PARTNERS[1]);
    let mut vectors = of_partner(first, second, SHOWN);
    vectors.extend(of_partner(second, first, SHOWN_OF_THE_SECOND));
    Subject {
        name: "cyberapp-auth",
        title: "Vendor credentials in X-CyberApp-Auth",
        description: "Each input is the value of the request header `X-CyberApp-Auth`, null where the header is absent, on a \
            callback of mapped partners. Your code knows the partners of `context.partners` and no others. `accept`: these are the \
            credentials of one of them. `reject`: the request must be denied (401 or 403). `free`: malformed, but near the right ones; do not fail on it. Where `result` is there, the header \
            has the documented form, and a decoder gives this identity and these secrets, whether they are then accepted or not; where it is \
            not there, a strict decoder gives nothing, and a lenient one nobody's credentials.",
        context: Some(json!({"partners": PARTNERS.iter().map(partner).collect::<Vec<_>>()})),
        vectors,
    }
}

fn partner(partner: &Partner) -> Value {
    json!({"identity": partner.identity, "secrets": partner.secrets_value()})
}

fn of_partner(own: &Partner, other: &Partner, shown: &[(&'static str, Extent)]) -> Vec<Vector> {
    let session = setting::session(own, other, Map::new());
    let credentials = own.credentials();
    let name = own.name.to_ascii_lowercase();
    let right = slug(&format!("credentials right {name}"));
    let mut control = Vector::new(
        &right,
        format!("the right credentials of {}", own.name),
        Expectation::Accept,
        &["HTTP-01"],
        json!({"header": credentials.encode()}),
    );
    control.result = result(&credentials.encode());
    if decoding::missing(&[&credentials]).is_empty() {
        control.requirements.push(decoding::DECODED);
    }
    let mut vectors = vec![control];
    for (requirement, extent) in shown {
        for case in cases::of(&session, &TENANT_MAPPING_READ, requirement, *extent) {
            let value = setting::field(&case.message, AUTH_HEADER);
            if value.is_none() && has_field(&case.message, AUTH_HEADER) {
                continue;
            }
            let mut vector = case.vector(&name, json!({ "header": value }));
            let changed = difference::credentials(&credentials, value.as_deref());
            vector.twin = Some((right.clone(), json!(changed)));
            vector.result = value.as_deref().and_then(result);
            // Whatever else is asked of it, nobody's credentials are to be refused.
            if case.expect == Expectation::Free && !may_read_right(own, value.as_deref()) {
                vector.expect = Expectation::Reject;
            }
            vectors.push(vector);
        }
    }
    vectors
}

/// Whether some lenient decoder could find the right credentials in it: those who leave out what they do not understand, say.
fn may_read_right(own: &Partner, header: Option<&str>) -> bool {
    let header = header.unwrap_or_default();
    let bytes = STANDARD
        .decode(header)
        .unwrap_or_else(|_| header.as_bytes().to_vec());
    let bytes: Vec<u8> = bytes.into_iter().filter(|byte| *byte != 0).collect();
    let text = String::from_utf8_lossy(&bytes);
    let secrets = own.secrets_value();
    let mut secrets = secrets.as_object().into_iter().flatten();
    text.contains(own.identity)
        && secrets.all(|(_, secret)| secret.as_str().is_some_and(|secret| text.contains(secret)))
}

fn result(header: &str) -> Option<Value> {
    let credentials = Credentials::decode(header).ok()?;
    Some(json!({"identity": credentials.identity(), "secrets": credentials.secrets()}))
}
