//! The token in `Authorization`.

use serde_json::{Value, json};

use super::cases::{self, Extent};
use super::difference;
use super::setting::{self, ENDPOINT, ISSUER, NOW, REQUEST_ID};
use super::subject::Subject;
use super::vector::{Expectation, Vector};
use crate::gateway::SigningKey;
use crate::protocol::catalog::TENANT_MAPPING_READ;
use crate::protocol::token::{Jwks, UnverifiedToken};
use crate::reference::store::PARTNERS;

/// The requirements that a token alone can show, and how many of their cases are taken.
const SHOWN: &[(&str, Extent)] = &[
    ("JWT-21", Extent::All),
    ("JWT-22", Extent::All),
    ("JWT-25", Extent::All),
    ("JWT-01", Extent::All),
    ("JWT-02", Extent::All),
    ("JWT-03", Extent::All),
    ("JWT-04", Extent::All),
    ("JWT-05", Extent::All),
    ("JWT-06", Extent::All),
    ("JWT-07", Extent::All),
    ("JWT-08", Extent::All),
    ("JWT-09", Extent::All),
    ("JWT-10", Extent::All),
    ("JWT-11", Extent::All),
    ("JWT-12", Extent::All),
    ("JWT-13", Extent::All),
    ("JWT-14", Extent::All),
    ("JWT-15", Extent::All),
    ("JWT-16", Extent::All),
    ("JWT-20", Extent::All),
];

/// Members that a handler may have no use for, so that one of another type is free. What it must read to decide is never that.
const UNREAD: &[&str] = &["header.typ", "claims.iat", "claims.aud", "claims.sub"];

const RIGHT: &str = "token-right";

pub(super) fn subject() -> Subject {
    let session = setting::session(&PARTNERS[0], &PARTNERS[1], setting::fields());
    let key = setting::published();
    let control = session.control(&TENANT_MAPPING_READ, REQUEST_ID);
    let control = setting::field(&control.message(&session), "Authorization").unwrap_or_default();
    let mut right = Vector::new(
        RIGHT,
        "a right token",
        Expectation::Accept,
        &["HTTP-01"],
        json!({"authorization": control}),
    );
    right.result = result(&control);
    let mut vectors = vec![right];
    for (requirement, extent) in SHOWN {
        for case in cases::of(&session, &TENANT_MAPPING_READ, requirement, *extent) {
            let value = setting::field(&case.message, "Authorization");
            let mut vector = case.vector("", json!({ "authorization": value }));
            let changed = difference::authorization(&control, value.as_deref(), &key);
            // Of no type but a text, or a list with a role, is it the one that is expected.
            let decisive = changed == ["claims.iss"] || changed == ["claims.scope"];
            if case.expect == Expectation::Free && decisive {
                vector.expect = Expectation::Reject;
            }
            let unread = changed.iter().all(|place| UNREAD.contains(&&**place));
            if vector.expect == Expectation::Free && !unread {
                continue;
            }
            vector.twin = Some((RIGHT.to_owned(), json!(changed)));
            if case.expect == Expectation::Accept {
                vector.result = value.as_deref().and_then(result);
            }
            vectors.push(vector);
        }
    }
    Subject {
        name: "token",
        title: "The token in Authorization",
        description: "Each input is the value of the request header `Authorization`, null where the header is absent. \
            Verify it at the time `context.now`, with the keys of `context.jwks` and no others, for the issuer `context.issuer` and a \
            request whose body has `context.endpoint_id`. `accept`: the token is right, and `result` is its decoded header and claims. \
            `reject`: the request must be denied (401 or 403). `free`: signed by the right key, but with something that no document \
            describes; accept or deny it, but do not fail on it.",
        context: Some(context(&key)),
        vectors,
    }
}

fn context(key: &SigningKey) -> Value {
    let unpublished = setting::unpublished();
    let pair = |key: &SigningKey, about: &str| {
        json!({
            "description": about,
            "kid": key.kid(),
            "private_key_pem": key.to_pem(),
            "public_key_pem": key.public_pem(),
        })
    };
    json!({
        "now": NOW,
        "now_text": jiff::Timestamp::from_second(NOW).map(|now| now.to_string()).unwrap_or_default(),
        "issuer": ISSUER,
        "audience": setting::audience(),
        "endpoint_id": ENDPOINT,
        "jwks": Jwks { keys: vec![key.jwk()] },
        "test_keys": {
            "warning": "TEST KEYS that everybody knows: never trust a token that they signed outside of a test.",
            "published": pair(key, "Signs the right tokens; its public half is the one key of `jwks`."),
            "unpublished": pair(&unpublished, "Signs what a stranger would: no handler knows it."),
        },
    })
}

fn result(authorization: &str) -> Option<Value> {
    let token = UnverifiedToken::parse(authorization.strip_prefix("Bearer ")?).ok()?;
    Some(json!({"header": token.header, "claims": token.claims}))
}
