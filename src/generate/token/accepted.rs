//! Tokens that look unusual and are right.

use serde_json::{Value, json};

use super::TokenCase;

/// Scopes of several entries, one of which is the endpoint (JWT-21): to be accepted.
pub fn right_scopes(endpoint: &str) -> Vec<(String, Value)> {
    let right = json!({"role": endpoint});
    let other = json!({"role": "cti.a.p.acgw.endpoint.v1.0~acgw.other.app.v1.0"});
    let third = json!({"role": "cti.a.p.acgw.endpoint.v1.0~acgw.third.app.v2.3"});
    [
        ("right entry last", json!([other, right])),
        ("right entry first", json!([right, other])),
        ("right entry between", json!([other, right, third])),
        ("right entry twice", json!([right, right])),
        ("right entry last of five", {
            let mut many: Vec<Value> = (0..4)
                .map(|number| {
                    json!({"role": format!("cti.a.p.acgw.endpoint.v1.0~acgw.other.app.v1.{number}")})
                })
                .collect();
            many.push(right.clone());
            Value::Array(many)
        }),
    ]
    .into_iter()
    .map(|(name, scope)| (name.to_owned(), scope))
    .collect()
}

/// Tokens with further members, which are no reason to refuse them (JWT-22).
pub fn further_members(header: &Value, claims: &Value) -> Vec<TokenCase> {
    let in_header = [
        ("iri", json!("acgw-iri-1")),
        ("typ", json!("JWT")),
        ("acgw_unknown", json!("text")),
        ("acgw_unknown_object", json!({"a": [1, null]})),
    ];
    let in_claims = [
        ("acgw_unknown", json!("text")),
        ("acgw_unknown_object", json!({"a": [1, null, {"b": true}]})),
        ("client_id", json!("acgw")),
        ("name", json!("Zo\u{eb} \u{6f22}\u{5b57} \u{1f600}")),
        ("auth_time", json!(1_681_140_781)),
    ];
    let mut all = Vec::new();
    for (key, value) in in_header {
        all.extend(TokenCase::of_header(header, claims, key, &value));
    }
    for (key, value) in in_claims {
        all.extend(TokenCase::of_claims(
            header,
            claims,
            &format!("/{key}"),
            &value,
        ));
    }
    for (key, value) in [("acgw_unknown", json!([1])), ("tenant_id", json!("acgw"))] {
        all.extend(TokenCase::of_claims(
            header,
            claims,
            &format!("/scope/0/{key}"),
            &value,
        ));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::{ENDPOINT, assert_unique, example};
    use super::*;
    use crate::protocol::token::{Claims, TokenHeader};

    #[test]
    fn what_is_to_be_accepted_keeps_the_types() {
        let (header, claims) = example();
        for (name, scope) in right_scopes(ENDPOINT) {
            let mut claims = claims.clone();
            claims["scope"] = scope;
            let claims: Claims = serde_json::from_value(claims).expect("valid claims");
            assert!(
                claims.scope.iter().any(|entry| entry.role == ENDPOINT),
                "{name}"
            );
        }
        let all = further_members(&header, &claims);
        assert_unique(all.iter().map(|case| &case.name));
        for case in all {
            serde_json::from_value::<TokenHeader>(case.header).expect("a valid header");
            let claims: Claims = serde_json::from_value(case.claims).expect("valid claims");
            assert_eq!(claims.scope[0].role, ENDPOINT, "{}", case.name);
        }
    }
}
