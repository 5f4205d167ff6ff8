//! A negative differs from its positive by one thing: what the file says has changed is put back, and nothing else is left.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};

use crate::read::{SUBJECTS, expect, file, id, text, vectors};

/// Places that cannot be changed one without the other.
const TOGETHER: &[&[&str]] = &[
    &["claims.exp", "claims.iat"],
    &["header.alg", "signature"],
    &["header.jwk", "header.kid", "signature"],
    &["header.jwk", "signature"],
    &["header.kid", "signature"],
    &["identity", "secrets"],
];

/// Each vector with a twin, with its twin and the file.
fn pairs(subject: &str, check: impl Fn(&Value, &Value, &Value)) {
    let file = file(subject);
    let by_id: HashMap<&str, &Value> = vectors(&file).iter().map(|one| (id(one), one)).collect();
    let mut seen = 0;
    for vector in vectors(&file) {
        let Some(twin) = vector.get("differs_from") else {
            assert_ne!(expect(vector), "reject", "{} has no positive", id(vector));
            continue;
        };
        let twin = by_id[twin.as_str().expect("an id")];
        assert_eq!(expect(twin), "accept", "{}", id(vector));
        assert_ne!(twin["input"], vector["input"], "{}", id(vector));
        check(vector, twin, &file);
        seen += 1;
    }
    assert!(seen > 20, "{subject}: only {seen}");
}

fn places(vector: &Value) -> Vec<&str> {
    let places = vector["changed"].as_array().expect("places");
    places
        .iter()
        .map(|place| place.as_str().expect("a place"))
        .collect()
}

#[test]
fn one_place_has_changed_or_two_that_go_together() {
    for subject in SUBJECTS.iter().filter(|subject| **subject != "cti") {
        pairs(subject, |vector, _, _| {
            let places = places(vector);
            let one = places.len() == 1 || TOGETHER.contains(&&*places);
            assert!(one, "{}: {places:?}", id(vector));
            // An input of the same meaning is no other.
            let same = places == ["spelling"];
            assert!(!same || expect(vector) == "accept", "{}", id(vector));
        });
    }
}

#[test]
fn an_edit_makes_the_text_of_the_identifier() {
    pairs("cti", |vector, twin, _| {
        let edit = &vector["changed"];
        let at = edit["at"].as_u64().expect("a place") as usize;
        let (removed, inserted) = (text(edit, "/removed"), text(edit, "/inserted"));
        let from: Vec<char> = text(twin, "/input/text").chars().collect();
        let end = at + removed.chars().count();
        assert_eq!(
            from[at..end].iter().collect::<String>(),
            removed,
            "{}",
            id(vector)
        );
        let made: String = from[..at]
            .iter()
            .chain(inserted.chars().collect::<Vec<_>>().iter())
            .chain(&from[end..])
            .collect();
        assert_eq!(made, text(vector, "/input/text"), "{}", id(vector));
        // What is put in is new, or what is taken away was needed: nothing is put in that stood there.
        assert!(
            removed != inserted
                && (removed.is_empty()
                    || inserted.is_empty()
                    || removed.chars().next() != inserted.chars().next())
        );
        let position = vector["error"]["position"].as_u64().expect("a position") as usize;
        assert!(position <= made.chars().count(), "{}", id(vector));
    });
}

/// A token, decoded and not verified.
fn parts(authorization: &str) -> Option<[Value; 3]> {
    let token = authorization.strip_prefix("Bearer ")?;
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return None;
    };
    let json =
        |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    Some([json(header)?, json(claims)?, json!(signature)])
}

/// Whether the published key signed it.
fn signed_by_the_key(authorization: &str, file: &Value) -> bool {
    let token = authorization.strip_prefix("Bearer ").expect("a token");
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let key = &file["context"]["jwks"]["keys"][0];
    let number = |name: &str| {
        URL_SAFE_NO_PAD
            .decode(key[name].as_str().expect("a number"))
            .expect("base64url")
    };
    let key = RsaPublicKeyComponents {
        n: number("n"),
        e: number("e"),
    };
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)
        .is_ok()
}

#[test]
fn a_token_with_its_changed_members_put_back_is_the_right_one() {
    pairs("token", |vector, twin, file| {
        let places = places(vector);
        if places == ["authorization"] || places == ["token"] {
            return;
        }
        let authorization = text(vector, "/input/authorization");
        let [mut header, mut claims, signature] = parts(authorization).expect("a token");
        let right = text(twin, "/input/authorization");
        let [right_header, right_claims, right_signature] = parts(right).expect("a token");
        for place in &places {
            let (part, key) = place.split_once('.').unwrap_or((place, ""));
            let (own, right) = match part {
                "header" => (&mut header, &right_header),
                "claims" => (&mut claims, &right_claims),
                _ => continue,
            };
            assert_ne!(own.get(key), right.get(key), "{} {place}", id(vector));
            let own = own.as_object_mut().expect("an object");
            match right.get(key) {
                Some(value) => drop(own.insert(key.to_owned(), value.clone())),
                None => drop(own.shift_remove(key)),
            }
        }
        assert_eq!(
            (header, claims),
            (right_header, right_claims),
            "{}",
            id(vector)
        );
        let signed = signed_by_the_key(authorization, file);
        let kept = signature == right_signature;
        assert_eq!(
            places.contains(&"signature"),
            !signed && !kept,
            "{}",
            id(vector)
        );
        assert!(signed || expect(vector) == "reject", "{}", id(vector));
    });
}

#[test]
fn credentials_differ_in_the_part_that_is_named() {
    pairs("cyberapp-auth", |vector, twin, _| {
        let (own, right) = (vector.get("result"), &twin["result"]);
        match (&places(vector)[..], own) {
            (["header"], None) => {}
            (["identity"], Some(own)) => {
                assert_eq!(own["secrets"], right["secrets"], "{}", id(vector))
            }
            (["secrets"], Some(own)) => {
                assert_eq!(own["identity"], right["identity"], "{}", id(vector))
            }
            (["identity", "secrets"], Some(own)) => {
                assert_ne!(own["identity"], right["identity"], "{}", id(vector));
                assert_ne!(own["secrets"], right["secrets"], "{}", id(vector));
            }
            (["spelling"], Some(own)) => assert_eq!(own, right, "{}", id(vector)),
            other => panic!("{}: {other:?}", id(vector)),
        }
        if let Some(own) = own {
            let header = STANDARD
                .decode(text(vector, "/input/header"))
                .expect("base64");
            let header = String::from_utf8(header).expect("UTF-8");
            let (identity, secrets) = header.split_once(':').expect("a colon");
            assert_eq!(identity, text(own, "/identity"));
            assert_eq!(
                serde_json::from_str::<Value>(secrets).expect("JSON"),
                own["secrets"]
            );
        }
    });
}

/// Puts back what the places name.
fn put_back(own: &str, right: &str, vector: &Value) {
    let right: Value = serde_json::from_str(right).expect("JSON");
    let places = places(vector);
    if places == ["body"] {
        return;
    }
    let mut own: Value = serde_json::from_str(own).expect("JSON");
    for place in places.iter().filter(|place| **place != "spelling") {
        assert_ne!(
            own.pointer(place),
            right.pointer(place),
            "{} {place}",
            id(vector)
        );
        let (parent, key) = place.rsplit_once('/').expect("a pointer");
        let members = own.pointer_mut(parent).expect("the parent");
        match (members, right.pointer(place)) {
            (Value::Object(members), Some(value)) => {
                drop(members.insert(key.to_owned(), value.clone()))
            }
            (Value::Object(members), None) => drop(members.shift_remove(key)),
            (Value::Array(items), Some(value)) => {
                items[key.parse::<usize>().expect("an index")] = value.clone()
            }
            other => panic!("{}: {other:?}", id(vector)),
        }
    }
    assert_eq!(own, right, "{}", id(vector));
}

#[test]
fn bodies_with_their_changed_places_put_back_are_the_right_ones() {
    pairs("request", |vector, twin, _| {
        if let Some(body) = vector["input"]["body"].as_str() {
            put_back(body, text(twin, "/input/body"), vector);
        }
    });
    pairs("response", |vector, twin, _| {
        let (own, right) = (&vector["input"], &twin["input"]);
        let mut expected = right.clone();
        if places(vector) == ["status"] {
            expected["status"] = own["status"].clone();
        } else {
            expected["body"] = own["body"].clone();
            put_back(text(own, "/body"), text(right, "/body"), vector);
        }
        assert_eq!(*own, expected, "{}", id(vector));
    });
}
