//! Credentials that have broken programs before, and any others (CRED-10).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;
use serde_json::{Value, json};

use super::leaves::groups;
use crate::generate::encode::{self, Style};
use crate::generate::header::{self, HeaderCase, MOST_TEXT};
use crate::generate::hostile::{header_values, json_texts, strings};
use crate::generate::{malform, values};
use crate::protocol::Credentials;

/// Hostile identities, secrets and header values, by turns, the most telling first.
pub fn hostile(credentials: &Credentials) -> Vec<HeaderCase> {
    let identity = credentials.identity();
    let secrets = credentials.secrets();
    let encoded = |name: String, bytes: &[u8]| HeaderCase::new(name, STANDARD.encode(bytes));
    let with_secret = |value: &Value| {
        groups(secrets)
            .first()
            .and_then(|group| group.change(secrets, |_| Some(value.clone())))
            .unwrap_or_else(|| json!({ "password": value }))
            .to_string()
    };
    let texts = || {
        strings()
            .iter()
            .filter(|text| text.value.len() <= MOST_TEXT)
    };

    let secret = |raw: &str| {
        let marker = "acgw-splice-secret";
        with_secret(&json!(marker)).replace(&format!("\"{marker}\""), raw)
    };
    let structures = odd_structures(identity, secrets)
        .into_iter()
        .map(|(name, bytes)| encoded(name, &bytes));
    let secret_texts = json_texts()
        .iter()
        .filter(|json| json.text.len() <= MOST_TEXT)
        .map(|json| {
            let text = format!("{identity}:{}", secret(&json.text));
            encoded(format!("secret = JSON {}", json.name), text.as_bytes())
        });
    let whole_texts = json_texts()
        .iter()
        .filter(|json| json.text.len() <= MOST_TEXT)
        .map(|json| {
            let text = format!("{identity}:{}", json.text);
            encoded(format!("secrets = JSON {}", json.name), text.as_bytes())
        });
    let identities = texts().map(|text| {
        let value = format!("{}:{secrets}", text.value);
        encoded(format!("identity = string {}", text.name), value.as_bytes())
    });
    let secret_strings = texts().map(|text| {
        let value = format!("{identity}:{}", with_secret(&json!(text.value)));
        encoded(format!("secret = string {}", text.name), value.as_bytes())
    });
    let headers = header_values()
        .iter()
        .map(|value| HeaderCase::new(format!("header = {}", value.name), value.value.clone()));
    by_turns(vec![
        structures.collect(),
        secret_texts.collect(),
        identities.collect(),
        headers.collect(),
        secret_strings.collect(),
        whole_texts.collect(),
    ])
}

/// Any credentials, and the right ones damaged before or after the encoding.
pub fn generated(credentials: &Credentials) -> SBoxedStrategy<HeaderCase> {
    let text = format!("{}:{}", credentials.identity(), credentials.secrets()).into_bytes();
    let identity = credentials.identity().to_owned();
    let damaged_inside = malform::damage(&text).prop_map(move |damage| {
        HeaderCase::new(
            format!("damaged before encoding: {damage}"),
            STANDARD.encode(damage.apply(&text)),
        )
    });
    let own_identity = values::any_value().prop_map(move |secrets| {
        HeaderCase::new(
            "any secrets",
            Credentials::encode_raw(&identity, &secrets.to_string()),
        )
    });
    let anybody = (values::text(), values::object(), Style::strategy()).prop_map(
        |(identity, secrets, style)| {
            let secrets = encode::write(&Value::Object(secrets), &style);
            // Escapes make a text up to six times as long.
            let secrets = if secrets.len() <= MOST_TEXT {
                secrets.as_str()
            } else {
                "{}"
            };
            HeaderCase::new(
                "any credentials",
                Credentials::encode_raw(&identity, secrets),
            )
        },
    );
    let bytes = prop::collection::vec(any::<u8>(), 0..=64)
        .prop_map(|bytes| HeaderCase::new("any bytes, encoded", STANDARD.encode(bytes)));
    prop_oneof![
        3 => damaged_inside,
        2 => header::damaged(credentials.encode().as_bytes()),
        2 => own_identity,
        2 => anybody,
        1 => bytes,
    ]
    .sboxed()
}

fn odd_structures(identity: &str, secrets: &Value) -> Vec<(String, Vec<u8>)> {
    let text = format!("{identity}:{secrets}");
    let with = |prefix: &[u8], suffix: &[u8]| [prefix, text.as_bytes(), suffix].concat();
    let mut all: Vec<(&str, Vec<u8>)> = vec![
        ("bytes that are not UTF-8 first", with(b"\xff\xfe", b"")),
        ("a colon alone", b":".into()),
        ("byte order mark first", with(b"\xef\xbb\xbf", b"")),
        ("NUL first", with(b"\0", b"")),
        ("NUL last", with(b"", b"\0")),
        ("text behind the secrets", with(b"", b" and more")),
        (
            "secret in an array",
            format!("{identity}:[{secrets}]").into(),
        ),
        (
            "secrets as a JSON string",
            format!("{identity}:{}", json!(secrets.to_string())).into(),
        ),
        (
            "secrets with a key twice",
            format!("{identity}:{{\"password\":1,\"password\":2}}").into(),
        ),
        (
            "secrets with NaN",
            format!("{identity}:{{\"password\":NaN}}").into(),
        ),
        (
            "secrets with bytes that are not UTF-8",
            [identity.as_bytes(), b":{\"password\":\"\xff\"}"].concat(),
        ),
        ("1,000 colons", ":".repeat(1_000).into()),
        ("CR LF in the identity", format!("a\r\nb:{secrets}").into()),
    ];
    if let Some(leaf) = groups(secrets)
        .first()
        .and_then(|group| group.change(secrets, |leaf| Some(json!([leaf]))))
    {
        all.push((
            "each secret in an array of its own",
            format!("{identity}:{leaf}").into(),
        ));
    }
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    all.push(("UTF-16", utf16));
    all.into_iter()
        .filter(|(_, bytes)| bytes.len() <= MOST_TEXT)
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .collect()
}

/// One of each list after the other, until all are used up.
fn by_turns(lists: Vec<Vec<HeaderCase>>) -> Vec<HeaderCase> {
    let mut lists: Vec<_> = lists.into_iter().map(Vec::into_iter).collect();
    let mut all = Vec::new();
    loop {
        let before = all.len();
        for list in &mut lists {
            all.extend(list.next());
        }
        if all.len() == before {
            return all;
        }
    }
}
