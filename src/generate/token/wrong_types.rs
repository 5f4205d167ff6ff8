//! Tokens whose members have other JSON types or impossible values.

use serde_json::{Value, json};

use super::TokenCase;
use crate::generate::malform::one_of_each_type;

/// Members of header and claims with values of other JSON types and impossible values (JWT-20), the claims that handlers
/// read first. A handler may accept or refuse each.
pub fn wrong_types(header: &Value, claims: &Value) -> Vec<TokenCase> {
    let mut all = Vec::new();
    for pointer in ["/scope", "/scope/0/role", "/exp", "/iss", "/scope/0"] {
        for value in one_of_each_type() {
            all.extend(TokenCase::of_claims(header, claims, pointer, &value));
        }
    }
    for (pointer, value) in odd_values() {
        all.extend(TokenCase::of_claims(header, claims, pointer, &value));
    }
    for name in [
        "kid", "alg", "typ", "iri", "crit", "jwk", "jku", "x5c", "b64",
    ] {
        for value in one_of_each_type() {
            all.extend(TokenCase::of_header(header, claims, name, &value));
        }
    }
    for pointer in ["/nbf", "/iat", "/aud", "/sub", "/jti", "/ver", "/sub_type"] {
        for value in one_of_each_type() {
            all.extend(TokenCase::of_claims(header, claims, pointer, &value));
        }
    }
    all.retain(|case| case.claims != *claims || case.header != *header);
    all
}

/// Values of the right JSON type, or nearly, that are impossible all the same.
fn odd_values() -> Vec<(&'static str, Value)> {
    vec![
        ("/exp", json!(i64::MAX)),
        ("/exp", json!("9999999999")),
        ("/exp", json!(u64::MAX)),
        ("/exp", json!(1e300)),
        ("/exp", json!(-1)),
        ("/exp", json!([9_999_999_999_i64])),
        ("/scope", json!("role")),
        ("/scope", json!([null])),
        ("/scope", json!([[]])),
        ("/scope", json!([{"role": null}, {}])),
        ("/scope", json!({"role": {"role": "a"}})),
        ("/scope", json!({"0": {"role": "a"}, "length": 1})),
        ("/scope", json!({"__proto__": []})),
        ("/scope/0/role", json!({"$ne": null})),
        ("/scope/0/role", json!("a".repeat(512))),
        ("/iss", json!(["https://acgw.invalid"])),
        ("/iss", json!("http://[::1")),
        ("/nbf", json!(i64::MIN)),
        ("/iat", json!(i64::MAX)),
        ("/aud", json!([null, {}])),
        ("/__proto__", json!({"scope": []})),
        ("/constructor", json!({"prototype": {}})),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::{assert_unique, example};
    use super::*;

    #[test]
    fn every_wrong_type_is_one_change() {
        let (header, claims) = example();
        let all = wrong_types(&header, &claims);
        assert_unique(all.iter().map(|case| &case.name));
        for claim in [
            "iss", "aud", "exp", "iat", "jti", "sub", "scope", "ver", "sub_type",
        ] {
            let changed = all
                .iter()
                .filter(|case| case.claims.get(claim) != claims.get(claim));
            assert!(changed.count() >= 6, "{claim} is changed too seldom");
        }
        for case in all {
            let header_changed = case.header != header;
            assert!(header_changed != (case.claims != claims), "{}", case.name);
        }
    }
}
