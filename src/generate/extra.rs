//! Values of `X-CyberApp-Extra`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;
use serde_json::{Map, Value, json};

use super::encode::{self, Escapes, Style};
use super::header::{self, HeaderCase, MOST_BYTES, MOST_TEXT};
use super::hostile::{header_values, json_texts, strings};
use super::values;

/// The same fields in other JSON texts, the plain one not among them (EXTRA-01).
pub fn encodings(fields: &Map<String, Value>) -> Vec<HeaderCase> {
    let value = Value::Object(fields.clone());
    let plain = value.to_string();
    let mut texts: Vec<(String, String)> = Style::enumerated()
        .into_iter()
        .map(|style| spelt(&value, style))
        .collect();
    texts.push(("a blank before".to_owned(), format!(" {plain}")));
    texts.push(("a line feed behind".to_owned(), format!("{plain}\n")));
    texts.push((
        "a blank behind the brace".to_owned(),
        plain.replacen('{', "{ ", 1),
    ));
    let mut all: Vec<HeaderCase> = Vec::new();
    for (name, text) in texts {
        let case = HeaderCase::new(name, STANDARD.encode(&text));
        if text != plain && all.iter().all(|other| other.value != case.value) {
            all.push(case);
        }
    }
    all
}

/// The same fields in any style; shrinks to the plain one.
pub fn restyled(fields: &Map<String, Value>) -> SBoxedStrategy<HeaderCase> {
    let value = Value::Object(fields.clone());
    Style::strategy()
        .prop_map(move |style| {
            let (name, text) = spelt(&value, style);
            HeaderCase::new(name, STANDARD.encode(text))
        })
        .sboxed()
}

/// The given fields, as they are, and further ones: keys with blanks and Unicode, values of every JSON type (EXTRA-02).
pub fn objects(fields: &Map<String, Value>) -> SBoxedStrategy<Map<String, Value>> {
    let key = prop_oneof![2 => field_id(), 1 => values::text()];
    with_further(fields, key.sboxed(), values::any_value())
}

/// The given fields, as they are, and further ones as forms have them: no key and no value that could trouble anybody.
pub fn plain_objects(fields: &Map<String, Value>) -> SBoxedStrategy<Map<String, Value>> {
    let value = prop_oneof![
        3 => field_id().prop_map(Value::String),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => (0..1_000_000_u32).prop_map(|number| json!(number)),
    ];
    with_further(fields, field_id(), value.sboxed())
}

fn with_further(
    fields: &Map<String, Value>,
    key: SBoxedStrategy<String>,
    value: SBoxedStrategy<Value>,
) -> SBoxedStrategy<Map<String, Value>> {
    let fields = fields.clone();
    prop::collection::vec((key, value), 0..=5)
        .prop_map(move |further| {
            let further: Map<String, Value> = further
                .into_iter()
                .filter(|(key, _)| !fields.contains_key(key))
                .collect();
            let mut all = fields.clone();
            all.extend(values::bounded(further));
            all
        })
        .sboxed()
}

/// Ids of a form's fields: any text, often with blanks.
pub const FIELD_IDS: &[&str] = &[
    "field_1",
    "Customer name",
    "E-mail address",
    "Straße und Nr.",
    "会社名",
    "a.b",
    "a b  c",
    "Prénom (facultatif)",
    "50 % off?",
    "Имя",
    "😀",
];

/// One of [`FIELD_IDS`].
pub(super) fn field_id() -> SBoxedStrategy<String> {
    prop::sample::select(FIELD_IDS)
        .prop_map(str::to_owned)
        .sboxed()
}

/// Values without the documented form (EXTRA-03).
pub fn malformed() -> Vec<HeaderCase> {
    let encoded = |name: &str, text: &[u8]| HeaderCase::new(name, STANDARD.encode(text));
    vec![
        HeaderCase::new("empty value", ""),
        HeaderCase::new("not base64", "!!!!"),
        encoded("base64 of text that is no JSON", b"not json"),
        encoded("base64 of null", b"null"),
        encoded("base64 of an array", b"[]"),
        encoded("base64 of bytes that are not UTF-8", b"{\"a\":\"\xff\"}"),
        HeaderCase {
            name: "absent".to_owned(),
            value: None,
        },
        HeaderCase::new("JSON, not encoded", "{}"),
        encoded("base64 of a string", b"\"text\""),
        encoded("base64 of a number", b"0"),
        encoded("base64 of true", b"true"),
        encoded("base64 of an object cut short", b"{\"a\":"),
        encoded("base64 of an empty text", b" "),
        encoded("base64 of NUL", b"\0"),
        HeaderCase::new("one character of base64", "e"),
        HeaderCase::new("padding missing", "e30"),
        HeaderCase::new("padding alone", "===="),
        encoded(
            "base64 of a byte order mark and an object",
            b"\xef\xbb\xbf{}",
        ),
        encoded("base64 of two objects", b"{}{}"),
        HeaderCase::new("encoded twice", STANDARD.encode("e30=")),
        HeaderCase::new("byte 0xff", b"\xff".to_vec()),
    ]
}

/// The given fields with a hostile key, value or text among them (EXTRA-04).
pub fn hostile(fields: &Map<String, Value>) -> Vec<HeaderCase> {
    let with = |key: &str, raw: &str| {
        let plain = Value::Object(fields.clone()).to_string();
        let comma = if fields.is_empty() { "" } else { "," };
        let open = plain.strip_suffix('}').unwrap_or(&plain);
        format!("{open}{comma}{}:{raw}}}", json!(key))
    };
    let mut texts: Vec<(String, String)> = Vec::new();
    let odd = json_texts().iter().map(|json| {
        (
            format!("value JSON {}", json.name),
            with("acgw_unknown", &json.text),
        )
    });
    let keys = strings()
        .iter()
        .map(|text| (format!("key {}", text.name), with(&text.value, "\"text\"")));
    let values = strings().iter().map(|text| {
        (
            format!("value {}", text.name),
            with("acgw_unknown", &json!(text.value).to_string()),
        )
    });
    let (mut odd, mut values) = (odd, values);
    for key in keys {
        texts.push(key);
        texts.extend(odd.next());
        texts.extend(values.next());
    }
    texts.extend(odd);
    let mut all: Vec<HeaderCase> = texts
        .into_iter()
        .map(|(name, text)| HeaderCase::new(name, STANDARD.encode(text)))
        .filter(|case| {
            case.value
                .as_ref()
                .is_some_and(|value| value.len() <= MOST_BYTES)
        })
        .collect();
    all.extend(
        header_values()
            .iter()
            .map(|value| HeaderCase::new(format!("header {}", value.name), value.value.clone())),
    );
    all
}

/// Any object, and right headers damaged.
pub fn generated(fields: &Map<String, Value>) -> SBoxedStrategy<HeaderCase> {
    let plain = STANDARD.encode(Value::Object(fields.clone()).to_string());
    let any = values::object().prop_map(|object| {
        HeaderCase::new(
            "any object",
            STANDARD.encode(Value::Object(object).to_string()),
        )
    });
    prop_oneof![any, header::damaged(plain.as_bytes())].sboxed()
}

/// A text in a style, or without needless escapes where it would be too long.
fn spelt(value: &Value, style: Style) -> (String, String) {
    let text = encode::write(value, &style);
    if text.len() <= MOST_TEXT {
        return (style.to_string(), text);
    }
    let shorter = Style {
        escapes: Escapes::Needed,
        ..style
    };
    (shorter.to_string(), encode::write(value, &shorter))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::strategy::ValueTree;

    use super::*;
    use crate::generate::seed::{case_seed, tree};
    use crate::protocol::Extra;

    fn examples() -> Vec<Map<String, Value>> {
        [
            json!({}),
            json!({"Customer name": "Zo\u{eb} & Co", "b": [1, null, {"c": 1.5}]}),
        ]
        .into_iter()
        .filter_map(|value| value.as_object().cloned())
        .collect()
    }

    fn decode(case: &HeaderCase) -> Option<Extra> {
        let header = String::from_utf8(case.value.clone()?).ok()?;
        Extra::decode(&header).ok()
    }

    #[test]
    fn encodings_read_the_same() {
        for fields in examples() {
            let all = encodings(&fields);
            assert!(all.len() >= 3, "only {}", all.len());
            let restyled = restyled(&fields);
            let generated = (0..100).map(|case| {
                tree(&restyled, case_seed(1, "restyled", case))
                    .expect("no filter")
                    .current()
            });
            for case in all.into_iter().chain(generated) {
                assert_eq!(decode(&case), Some(Extra(fields.clone())), "{}", case.name);
            }
        }
    }

    #[test]
    fn objects_keep_the_given_fields_and_fit_a_header() {
        for fields in examples() {
            let objects = objects(&fields);
            for case in 0..500 {
                let object = tree(&objects, case_seed(1, "objects", case))
                    .expect("no filter")
                    .current();
                for (key, value) in &fields {
                    assert_eq!(object.get(key), Some(value));
                }
                assert!(Extra(object).encode().len() <= MOST_BYTES);
            }
        }
    }

    #[test]
    fn malformed_ones_are_malformed() {
        for case in malformed() {
            assert!(decode(&case).is_none(), "{} is well formed", case.name);
        }
    }

    #[test]
    fn all_have_names_of_their_own_and_can_be_sent() {
        for fields in examples() {
            for list in [encodings(&fields), malformed(), hostile(&fields)] {
                let mut names = HashSet::new();
                for case in list {
                    assert!(case.is_sendable(), "{}", case.name);
                    assert!(
                        case.value.is_none_or(|value| value.len() <= 8_192),
                        "{}",
                        case.name
                    );
                    assert!(
                        names.insert(case.name.clone()),
                        "two are named {}",
                        case.name
                    );
                }
            }
            let generated = generated(&fields);
            for case in 0..200 {
                let case = tree(&generated, case_seed(1, "generated", case))
                    .expect("no filter")
                    .current();
                assert!(case.is_sendable(), "{}", case.name);
            }
        }
    }
}
