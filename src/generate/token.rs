//! Tokens that are wrong in one place, as JSON or as text; signing them is the gateway's business.

use serde_json::{Value, json};

use super::malform::one_of_each_type;
use crate::protocol::token::{compact, signing_input};

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

/// Members of header and claims with values of other JSON types and impossible values (JWT-20), the claims that handlers
/// read first. A handler may accept or refuse each.
pub fn wrong_types(header: &Value, claims: &Value) -> Vec<TokenCase> {
    let mut all = Vec::new();
    for pointer in ["/scope", "/scope/0/role", "/exp", "/iss", "/scope/0"] {
        for value in one_of_each_type() {
            all.extend(claim(header, claims, pointer, value));
        }
    }
    for (pointer, value) in odd_values() {
        all.extend(claim(header, claims, pointer, value));
    }
    for name in [
        "kid", "alg", "typ", "iri", "crit", "jwk", "jku", "x5c", "b64",
    ] {
        for value in one_of_each_type() {
            let mut changed = header.clone();
            if put(&mut changed, &format!("/{name}"), &value) {
                all.push(TokenCase {
                    name: format!("header {name} = {value}"),
                    header: changed,
                    claims: claims.clone(),
                });
            }
        }
    }
    for pointer in ["/nbf", "/iat", "/aud", "/sub", "/jti", "/ver", "/sub_type"] {
        for value in one_of_each_type() {
            all.extend(claim(header, claims, pointer, value));
        }
    }
    all.retain(|case| case.claims != *claims || case.header != *header);
    all
}

/// Texts that are no JWT, to stand behind `Bearer ` (JWT-03). Printable ASCII.
pub fn garbage() -> Vec<(String, String)> {
    let object = signing_input(&json!({"alg": "RS256", "kid": "x"}), &json!({"iss": "x"}));
    let not_json = "bm90IGpzb24";
    let array = "W10";
    let null = "bnVsbA";
    let (header, claims) = object.split_once('.').unwrap_or((&object, ""));
    [
        ("a word", "acgw-no-token".to_owned()),
        ("two dots", "..".to_owned()),
        ("one dot", ".".to_owned()),
        ("nothing", String::new()),
        ("three parts that are not base64url", "!!.!!.!!".to_owned()),
        (
            "three parts that are not JSON",
            format!("{not_json}.{not_json}.{not_json}"),
        ),
        ("header alone", header.to_owned()),
        ("header and claims alone", object.clone()),
        ("header null", format!("{null}.{claims}.c2ln")),
        ("claims null", format!("{header}.{null}.c2ln")),
        ("header an array", format!("{array}.{claims}.c2ln")),
        ("claims an array", format!("{header}.{array}.c2ln")),
        ("header an empty object", format!("e30.{claims}.c2ln")),
        ("four parts", format!("{object}.c2ln.c2ln")),
        ("five parts", "a.b.c.d.e".to_owned()),
        ("hundred dots", ".".repeat(100)),
        ("blanks within", "a b c".to_owned()),
        (
            "base64 of bytes that are not UTF-8",
            "__79.__79.__79".to_owned(),
        ),
        ("one letter to a part", "a.a.a".to_owned()),
        ("signature that is not base64url", format!("{object}.!!!!")),
        ("word null", "null".to_owned()),
        ("word undefined", "undefined".to_owned()),
        ("a JSON object", "{\"alg\":\"none\"}".to_owned()),
        ("8 KiB of one letter", "a".repeat(8_192)),
        ("8 KiB in three parts", {
            let part = "YWFh".repeat(680);
            format!("{part}.{part}.{part}")
        }),
        ("signature without a token", compact("", b"signature")),
        ("quotes", "\"\"".to_owned()),
        ("a second scheme", "Bearer".to_owned()),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text))
    .collect()
}

/// Issuers that are not the right one, though they look like it (JWT-11). Case and a slash at the end are left alone: a
/// handler may compare URLs as URLs.
pub fn issuers(issuer: &str) -> Vec<(String, String)> {
    let mut cut = issuer.trim_end_matches('/').to_owned();
    cut.pop();
    let host = issuer.split_once("://").map_or(issuer, |(_, host)| host);
    [
        ("another host", "https://acgw.invalid".to_owned()),
        (
            "right issuer with a suffix",
            format!("{}.acgw.invalid", issuer.trim_end_matches('/')),
        ),
        ("last character cut", cut),
        (
            "right issuer as the user part",
            format!("{}@acgw.invalid", issuer.trim_end_matches('/')),
        ),
        (
            "right issuer as a path",
            format!("https://acgw.invalid/{host}"),
        ),
        (
            "path appended",
            format!("{}/acgw-unknown", issuer.trim_end_matches('/')),
        ),
        ("another word before it", format!("acgw-{issuer}")),
        (
            "right issuer as a query",
            format!("https://acgw.invalid/?{issuer}"),
        ),
        ("asterisk", "*".to_owned()),
        ("wildcard host", "https://*".to_owned()),
        ("right issuer twice", format!("{issuer},{issuer}")),
    ]
    .into_iter()
    .filter(|(_, other)| other.trim_end_matches('/') != issuer.trim_end_matches('/'))
    .map(|(name, other)| (name.to_owned(), other))
    .collect()
}

/// Roles that are not the endpoint, though they look like it (JWT-16).
pub fn roles(endpoint: &str) -> Vec<(String, String)> {
    let mut all = vec![
        (
            "child of the endpoint",
            format!("{endpoint}~a.p.acgw_conformance.v1.0"),
        ),
        ("last character cut", {
            let mut cut = endpoint.to_owned();
            cut.pop();
            cut
        }),
        ("character appended", format!("{endpoint}0")),
        ("letter case changed", case_changed(endpoint)),
        ("empty", String::new()),
        ("asterisk", "*".to_owned()),
        ("every identifier, as a wildcard", "cti.*".to_owned()),
        ("next minor version", next_minor(endpoint)),
        ("blank behind", format!("{endpoint} ")),
        ("blank before", format!(" {endpoint}")),
        ("regular expression", ".*".to_owned()),
        (
            "without its beginning",
            endpoint.trim_start_matches("cti.").to_owned(),
        ),
        ("word put before", format!("acgw{endpoint}")),
        (
            "another CyberApp's endpoint",
            "cti.a.p.acgw.endpoint.v1.0~acgw.other.app.v1.0".to_owned(),
        ),
    ];
    if let Some((parent, _)) = endpoint.rsplit_once('~') {
        all.insert(1, ("parent of the endpoint", parent.to_owned()));
        all.push((
            "sibling of the endpoint",
            format!("{parent}~acgw.other.app.v1.0"),
        ));
        all.push((
            "children of the parent, as a wildcard",
            format!("{parent}~*"),
        ));
    }
    let mut seen = vec![endpoint.to_owned()];
    all.retain(|(_, role)| {
        let new = !seen.contains(role);
        seen.push(role.clone());
        new
    });
    all.into_iter()
        .map(|(name, role)| (name.to_owned(), role))
        .collect()
}

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
        ("right entry last of twenty", {
            let mut many: Vec<Value> = (0..19)
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
        let mut changed = header.clone();
        if put(&mut changed, &format!("/{key}"), &value) {
            all.push(TokenCase {
                name: format!("header {key} = {value}"),
                header: changed,
                claims: claims.clone(),
            });
        }
    }
    for (key, value) in in_claims {
        all.extend(claim(header, claims, &format!("/{key}"), value));
    }
    for (key, value) in [("acgw_unknown", json!([1])), ("tenant_id", json!("acgw"))] {
        all.extend(claim(header, claims, &format!("/scope/0/{key}"), value));
    }
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
        ("/scope/0/role", json!("a".repeat(2_048))),
        ("/iss", json!(["https://acgw.invalid"])),
        ("/iss", json!("http://[::1")),
        ("/nbf", json!(i64::MIN)),
        ("/iat", json!(i64::MAX)),
        ("/aud", json!([null, {}])),
        ("/__proto__", json!({"scope": []})),
        ("/constructor", json!({"prototype": {}})),
    ]
}

fn claim(header: &Value, claims: &Value, pointer: &str, value: Value) -> Option<TokenCase> {
    let mut changed = claims.clone();
    put(&mut changed, pointer, &value).then(|| {
        let text = value.to_string();
        // A long value is known by its length.
        let shown = if text.len() <= 60 {
            text
        } else {
            format!("text of {} bytes", text.len())
        };
        TokenCase {
            name: format!("claim {} = {shown}", pointer[1..].replace('/', ".")),
            header: header.clone(),
            claims: changed,
        }
    })
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

fn case_changed(endpoint: &str) -> String {
    let upper = endpoint.to_ascii_uppercase();
    if upper == endpoint {
        endpoint.to_ascii_lowercase()
    } else {
        upper
    }
}

fn next_minor(endpoint: &str) -> String {
    match endpoint.rsplit_once('.') {
        Some((start, minor)) => match minor.parse::<u64>() {
            Ok(minor) => format!("{start}.{}", minor.wrapping_add(1)),
            Err(_) => format!("{endpoint}.1"),
        },
        None => format!("{endpoint}.1"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::protocol::token::{Claims, TokenHeader, UnverifiedToken};

    const ENDPOINT: &str = "cti.a.p.acgw.endpoint.v1.0~example.app.handler.v1.0";

    fn example() -> (Value, Value) {
        (
            json!({"alg": "RS256", "kid": "k1"}),
            json!({
                "iss": "https://acronis.cloud", "aud": "x", "exp": 4_000_000_000_i64, "iat": 1,
                "jti": "j", "sub": "s", "scope": [{"role": ENDPOINT}], "ver": 2,
                "sub_type": "platform-acgw",
            }),
        )
    }

    fn assert_unique<'a>(names: impl Iterator<Item = &'a String>) {
        let mut seen = HashSet::new();
        for name in names {
            assert!(seen.insert(name), "two are named {name:?}");
        }
    }

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

    #[test]
    fn garbage_is_no_token_and_can_be_sent() {
        let all = garbage();
        assert_unique(all.iter().map(|(name, _)| name));
        for (name, text) in all {
            assert!(
                text.bytes().all(|byte| (b' '..0x7f).contains(&byte)),
                "{name}"
            );
            assert!(text.len() <= 8_192, "{name}");
            let whole = UnverifiedToken::parse(&text)
                .is_ok_and(|token| serde_json::from_value::<TokenHeader>(token.header).is_ok());
            assert!(!whole, "{name} is a token");
        }
    }

    #[test]
    fn issuers_and_roles_are_not_the_right_ones() {
        for issuer in [
            "https://acronis.cloud",
            "https://cloud.acronis.com/",
            "issuer",
        ] {
            let all = issuers(issuer);
            assert_unique(all.iter().map(|(name, _)| name));
            assert!(all.len() >= 8);
            for (name, other) in all {
                let same = other
                    .trim_end_matches('/')
                    .eq_ignore_ascii_case(issuer.trim_end_matches('/'));
                assert!(!same, "{name}");
            }
        }
        for endpoint in [
            ENDPOINT,
            "cti.a.p.x.v1.0",
            "cti.a.p.x.v1.0~00000000-0000-0000-0000-000000000000",
        ] {
            let all = roles(endpoint);
            assert_unique(all.iter().map(|(name, _)| name));
            assert!(all.len() >= 10);
            for (name, role) in all {
                assert_ne!(role, endpoint, "{name}");
            }
        }
    }

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
