//! Credentials of the right form that belong to nobody.

use std::collections::HashSet;

use serde_json::{Number, Value, json};

use super::leaves::groups;
use crate::generate::header::HeaderCase;
use crate::protocol::Credentials;

/// bcrypt looks at no more bytes of a password than these.
const BCRYPT_BYTES: usize = 72;

/// Changes one secret; `None` where it cannot be changed so, or a right handler might take it for the same.
type Alteration = fn(&str) -> Option<String>;

const ALTERATIONS: &[(&str, Alteration)] = &[
    ("one character appended", appended),
    ("another one", |text| differs(text, "acgw-wrong-secret")),
    ("empty", |text| differs(text, "")),
    ("first character changed", first_changed),
    ("last character cut", last_cut),
    ("letter case swapped", case_swapped),
    ("SQL always true", |text| differs(text, "' OR '1'='1")),
    ("SQL wildcard", |text| differs(text, "%")),
    ("asterisk", |text| differs(text, "*")),
    ("word null", |text| differs(text, "null")),
];

/// The right identity with wrong secrets (CRED-05). Empty if the secrets hold no string and no number.
pub fn wrong_secrets(credentials: &Credentials) -> Vec<HeaderCase> {
    let secrets = credentials.secrets();
    let mut all: Vec<HeaderCase> = Vec::new();
    for (name, alteration) in ALTERATIONS {
        for group in groups(secrets) {
            let changed = group.change(secrets, |leaf| match leaf {
                Value::String(text) => alteration(text).map(Value::String),
                Value::Number(number) => Some(Value::Number(other_number(number))),
                _ => None,
            });
            if let Some(changed) = changed {
                all.push(HeaderCase::new(
                    format!("{}: {name}", group.name),
                    Credentials::encode_raw(credentials.identity(), &changed.to_string()),
                ));
            }
        }
    }
    // A number is changed in one way only, so several alterations may give the same.
    let mut seen = HashSet::new();
    all.retain(|case| seen.insert(case.value.clone()));
    all
}

/// Identities of nobody with the right secrets (CRED-06). Case, white space and Unicode forms are left alone: a handler may
/// compare e-mail addresses as it likes.
pub fn unknown_identities(credentials: &Credentials) -> Vec<HeaderCase> {
    let identity = credentials.identity();
    let start: String = identity.chars().take(1).collect();
    // What every object of JavaScript has, and has no secrets.
    let inherited = ["constructor", "__proto__"].map(|name| {
        HeaderCase::new(
            format!("identity: {name}, and no secrets"),
            Credentials::encode_raw(name, "{}"),
        )
    });
    let mut all: Vec<HeaderCase> = [
        ("suffix appended", format!("{identity}-acgw-unknown")),
        (
            "last character left out",
            last_cut(identity).unwrap_or_default(),
        ),
        (
            "another identity",
            "acgw-unknown-partner@acgw.invalid".to_owned(),
        ),
        ("empty", String::new()),
        ("SQL always true", "' OR '1'='1".to_owned()),
        ("SQL comment", format!("{identity}'--")),
        ("SQL wildcard", "%".to_owned()),
        ("first character and SQL wildcard", format!("{start}%")),
        (
            "SQL wildcards for each character",
            "_".repeat(identity.chars().count()),
        ),
        ("asterisk", "*".to_owned()),
        ("prefix put before", format!("acgw-unknown-{identity}")),
        ("SQL union", "' UNION SELECT 1 -- ".to_owned()),
        ("LDAP wildcard", format!("{identity})(|(uid=*")),
        ("__proto__", "__proto__".to_owned()),
        ("constructor", "constructor".to_owned()),
        ("word null", "null".to_owned()),
        ("word undefined", "undefined".to_owned()),
        ("0", "0".to_owned()),
    ]
    .into_iter()
    .filter(|(name, other)| *name == "empty" || !other.is_empty())
    .filter(|(_, other)| !same_person(identity, other))
    .map(|(name, other)| {
        HeaderCase::new(
            format!("identity: {name}"),
            Credentials::encode_raw(&other, &credentials.secrets().to_string()),
        )
    })
    .collect();
    if !same_person(identity, "constructor") && !same_person(identity, "__proto__") {
        all.splice(2..2, inherited);
    }
    all
}

/// The identity of one with the secrets of the other, both ways (CRED-07). Empty if they share either.
pub fn crossed(first: &Credentials, second: &Credentials) -> Vec<HeaderCase> {
    if first.secrets() == second.secrets() || same_person(first.identity(), second.identity()) {
        return Vec::new();
    }
    let cross = |identity: &Credentials, secrets: &Credentials| {
        Credentials::encode_raw(identity.identity(), &secrets.secrets().to_string())
    };
    vec![
        HeaderCase::new(
            "identity of the first, secrets of the second",
            cross(first, second),
        ),
        HeaderCase::new(
            "identity of the second, secrets of the first",
            cross(second, first),
        ),
    ]
}

fn same_person(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn differs(text: &str, other: &str) -> Option<String> {
    (text.trim() != other).then(|| other.to_owned())
}

fn appended(text: &str) -> Option<String> {
    (text.len() < BCRYPT_BYTES).then(|| format!("{text}x"))
}

fn last_cut(text: &str) -> Option<String> {
    let mut characters = text.chars();
    characters.next_back()?;
    let cut = characters.as_str();
    let seen = !cut.is_empty() && cut.trim() != text.trim() && text.len() <= BCRYPT_BYTES;
    seen.then(|| cut.to_owned())
}

fn first_changed(text: &str) -> Option<String> {
    let mut characters = text.chars();
    let changed = match characters.next()? {
        'z' => 'a',
        'Z' => 'A',
        '9' => '0',
        letter if letter.is_ascii_alphanumeric() => char::from(u8::try_from(letter).ok()? + 1),
        _ => 'x',
    };
    let changed = format!("{changed}{}", characters.as_str());
    (changed.trim() != text.trim()).then_some(changed)
}

/// Left out for hexadecimal digits and UUIDs, which a handler may read as numbers.
fn case_swapped(text: &str) -> Option<String> {
    let hexadecimal = text
        .chars()
        .all(|digit| digit.is_ascii_hexdigit() || "-{}:".contains(digit));
    let swapped: String = text
        .chars()
        .map(|letter| {
            if letter.is_ascii_lowercase() {
                letter.to_ascii_uppercase()
            } else {
                letter.to_ascii_lowercase()
            }
        })
        .collect();
    (!hexadecimal && swapped != text).then_some(swapped)
}

fn other_number(number: &Number) -> Number {
    let other = match (number.as_i64(), number.as_f64()) {
        (Some(number), _) => json!(number.wrapping_add(1)),
        (None, Some(0.5)) => json!(1.5),
        _ => json!(0.5),
    };
    match other {
        Value::Number(other) => other,
        _ => Number::from(0),
    }
}
