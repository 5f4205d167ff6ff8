//! One token with one thing changed.

use serde_json::Value;

/// A token's header and claims, and what is the matter with them.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenCase {
    /// Says what is the matter; no two of one list share a name.
    pub name: String,
    /// The JOSE header.
    pub header: Value,
    /// The claims.
    pub claims: Value,
}

impl TokenCase {
    /// With another value for a member of the header.
    pub(super) fn of_header(
        header: &Value,
        claims: &Value,
        name: &str,
        value: &Value,
    ) -> Option<Self> {
        let mut changed = header.clone();
        put(&mut changed, &format!("/{name}"), value).then(|| Self {
            name: format!("header {name} = {}", shown(value)),
            header: changed,
            claims: claims.clone(),
        })
    }

    /// With another value at a place of the claims.
    pub(super) fn of_claims(
        header: &Value,
        claims: &Value,
        pointer: &str,
        value: &Value,
    ) -> Option<Self> {
        let mut changed = claims.clone();
        put(&mut changed, pointer, value).then(|| Self {
            name: format!(
                "claim {} = {}",
                pointer[1..].replace('/', "."),
                shown(value)
            ),
            header: header.clone(),
            claims: changed,
        })
    }
}

/// A value's text; a long one is known by its length.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.len() <= 60 {
        text
    } else {
        format!("text of {} bytes", text.len())
    }
}

/// Puts a value at a place; whether the place's parent is there.
fn put(value: &mut Value, pointer: &str, new: &Value) -> bool {
    if let Some(place) = value.pointer_mut(pointer) {
        place.clone_from(new);
        return true;
    }
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        return false;
    };
    match value.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.insert(key.to_owned(), new.clone());
            true
        }
        _ => false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::HashSet;

    use serde_json::{Value, json};

    pub(in crate::generate::token) const ENDPOINT: &str =
        "cti.a.p.acgw.endpoint.v1.0~example.app.handler.v1.0";

    pub(in crate::generate::token) fn example() -> (Value, Value) {
        (
            json!({"alg": "RS256", "kid": "k1"}),
            json!({
                "iss": "https://acronis.cloud", "aud": "x", "exp": 4_000_000_000_i64, "iat": 1,
                "jti": "j", "sub": "s", "scope": [{"role": ENDPOINT}], "ver": 2,
                "sub_type": "platform-acgw",
            }),
        )
    }

    pub(in crate::generate::token) fn assert_unique<'a>(names: impl Iterator<Item = &'a String>) {
        let mut seen = HashSet::new();
        for name in names {
            assert!(seen.insert(name), "two are named {name:?}");
        }
    }
}
