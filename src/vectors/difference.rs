//! In which places two inputs differ, found out rather than told.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::gateway::SigningKey;
use crate::protocol::Credentials;
use crate::protocol::token::UnverifiedToken;

/// The same content in another text.
pub(super) const SPELLING: &str = "spelling";
/// More differing places than these are no damage to a token, but another text.
const MOST_PLACES: usize = 3;

/// Where an `Authorization` differs from a right one: `authorization` (scheme or presence), `token` (the text as a whole),
/// `header.NAME`, `claims.NAME` or `signature`, the last where the signature is not the published key's of this header and these
/// claims.
pub(super) fn authorization(
    right: &str,
    other: Option<&str>,
    published: &SigningKey,
) -> Vec<String> {
    let whole = |place: &str| vec![place.to_owned()];
    let Some(token) = other.and_then(|other| other.strip_prefix("Bearer ")) else {
        return whole("authorization");
    };
    let right = right.strip_prefix("Bearer ").unwrap_or_default();
    let (Ok(right), Ok(token)) = (UnverifiedToken::parse(right), UnverifiedToken::parse(token))
    else {
        return whole("token");
    };
    let mut places = members("header", &right.header, &token.header);
    places.extend(members("claims", &right.claims, &token.claims));
    let signed_anew = token.signature == published.sign(token.signed.as_bytes());
    if token.signature != right.signature && !signed_anew {
        places.push("signature".to_owned());
    }
    if places.len() > MOST_PLACES {
        return whole("token");
    }
    places
}

fn members(prefix: &str, right: &Value, other: &Value) -> Vec<String> {
    let keys = |value: &Value| -> BTreeSet<String> {
        let members = value.as_object();
        members
            .into_iter()
            .flatten()
            .map(|(key, _)| key.clone())
            .collect()
    };
    keys(right)
        .union(&keys(other))
        .filter(|key| right.get(key) != other.get(key))
        .map(|key| format!("{prefix}.{key}"))
        .collect()
}

/// Where credentials differ from right ones: `header` (it does not have the documented form, or is absent), `identity`, `secrets`
/// or `spelling`.
pub(super) fn credentials(right: &Credentials, other: Option<&str>) -> Vec<String> {
    let Some(other) = other.and_then(|other| Credentials::decode(other).ok()) else {
        return vec!["header".to_owned()];
    };
    let mut places = Vec::new();
    if other.identity() != right.identity() {
        places.push("identity".to_owned());
    }
    if other.secrets() != right.secrets() {
        places.push("secrets".to_owned());
    }
    if places.is_empty() {
        places.push(SPELLING.to_owned());
    }
    places
}

/// Where a JSON text differs from a value: JSON pointers; `body` where it is no JSON object; `spelling` where it says the same.
pub(super) fn json_text(right: &Value, other: &[u8]) -> Vec<String> {
    let Ok(other) = serde_json::from_slice::<Value>(other) else {
        return vec!["body".to_owned()];
    };
    if !other.is_object() {
        return vec!["body".to_owned()];
    }
    let mut places = Vec::new();
    json(right, &other, "", &mut places);
    match places.len() {
        0 => vec![SPELLING.to_owned()],
        1..=MOST_PLACES => places,
        _ => vec!["body".to_owned()],
    }
}

fn json(right: &Value, other: &Value, at: &str, places: &mut Vec<String>) {
    let below = |key: &str| format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
    match (right, other) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => json(a, b, &below(key), places),
                    _ => places.push(below(key)),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                json(a, b, &below(&index.to_string()), places);
            }
        }
        _ if right != other => places.push(at.to_owned()),
        _ => {}
    }
}

/// The one piece of a text that another replaces, characters counted from 0.
pub(super) struct Edit {
    /// Where it begins.
    pub at: usize,
    /// What is there no more.
    pub removed: String,
    /// What is there in its place.
    pub inserted: String,
}

impl Edit {
    /// The shortest piece whose replacement makes one text of another.
    pub fn between(from: &str, to: &str) -> Self {
        let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
        let same = |(a, b): &(&char, &char)| a == b;
        let at = from.iter().zip(&to).take_while(same).count();
        let (a, b) = (&from[at..], &to[at..]);
        let end = a.iter().rev().zip(b.iter().rev()).take_while(same).count();
        Self {
            at,
            removed: a[..a.len() - end].iter().collect(),
            inserted: b[..b.len() - end].iter().collect(),
        }
    }

    /// Characters that were touched.
    pub fn size(&self) -> usize {
        self.removed.chars().count() + self.inserted.chars().count()
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        json!({"at": self.at, "removed": self.removed, "inserted": self.inserted})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_the_shortest_piece() {
        for (from, to, at, removed, inserted) in [
            ("v1.0", "v01.0", 1, "", "0"),
            ("v1.0", "v1", 2, ".0", ""),
            ("aa", "aaa", 2, "", "a"),
            ("é1", "é2", 1, "1", "2"),
            ("x", "", 0, "x", ""),
            ("same", "same", 4, "", ""),
        ] {
            let edit = Edit::between(from, to);
            assert_eq!(
                (edit.at, &*edit.removed, &*edit.inserted),
                (at, removed, inserted),
                "{from} {to}"
            );
        }
    }

    #[test]
    fn places_of_json_are_the_deepest_that_differ() {
        let right = json!({"a": {"b": 1, "c": [1, 2]}, "d": null});
        let places = |other: &str| json_text(&right, other.as_bytes());
        assert_eq!(places(r#"{"a":{"b":2,"c":[1,2]},"d":null}"#), ["/a/b"]);
        assert_eq!(places(r#"{"a":{"b":1,"c":[1]},"d":null}"#), ["/a/c"]);
        assert_eq!(
            places(r#"{"a":{"b":1,"c":[1,3]},"e~/":0,"d":null}"#),
            ["/a/c/1", "/e~0~1"]
        );
        assert_eq!(places(r#" {"d":null,"a":{"c":[1,2],"b":1}}"#), [SPELLING]);
        assert_eq!(places("[]"), ["body"]);
        assert_eq!(places("{"), ["body"]);
    }
}
