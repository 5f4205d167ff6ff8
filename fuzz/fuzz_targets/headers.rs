//! `X-CyberApp-Auth` and `X-CyberApp-Extra`: what is decoded encodes to the same, the first colon parts identity and secrets,
//! and nobody is shown the secrets. The input is taken for a header value, and for what a header value encodes.
#![no_main]

use acgw_conformance::protocol::headers::HeaderError;
use acgw_conformance::protocol::{Credentials, Extra, schema};
use acgw_conformance::suite::fuzzing;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let header = String::from_utf8_lossy(data);
    let content = STANDARD.decode(header.as_bytes());
    auth(&header, content.as_deref().ok());
    extra(&header, content.as_deref().ok());

    let header = STANDARD.encode(data);
    auth(&header, Some(data));
    extra(&header, Some(data));
});

fn auth(header: &str, content: Option<&[u8]>) {
    let decoded = Credentials::decode(header);
    let text = content.map(std::str::from_utf8);
    let Some(Ok(text)) = text else {
        match text {
            None => assert!(
                matches!(decoded, Err(HeaderError::Base64(_))),
                "{decoded:?}"
            ),
            _ => assert!(matches!(decoded, Err(HeaderError::Utf8(_))), "{decoded:?}"),
        }
        return;
    };
    let Some(colon) = text.find(':') else {
        assert_eq!(decoded, Err(HeaderError::NoColon));
        return;
    };
    let (identity, secrets) = (&text[..colon], &text[colon + 1..]);
    let Ok(value) = serde_json::from_str::<Value>(secrets) else {
        let error = decoded.expect_err("the secrets are no JSON");
        assert!(matches!(error, HeaderError::Json(_)), "{error:?}");
        assert_not_shown(&error.to_string(), secrets, "");
        assert_not_shown(&fuzzing::hide_auth(header), secrets, identity);
        return;
    };
    let credentials = decoded.expect("the documented form");
    assert_eq!(
        (credentials.identity(), credentials.secrets()),
        (identity, &value)
    );
    let again = Credentials::decode(&credentials.encode()).expect("the documented form");
    assert_eq!(again, credentials);
    let made = Credentials::new(identity, value.clone()).expect("no colon");
    assert_eq!(made, credentials);
    assert!(Credentials::new(format!("{identity}:"), value.clone()).is_err());
    assert_eq!(schema::AUTH_SECRETS.is_valid(&value), value.is_object());

    let mut texts = Texts::default();
    texts.collect(&value);
    let open = format!("{identity:?}{:?}{}", texts.keys, texts.keys.concat());
    for secret in &texts.leaves {
        assert_not_shown(&fuzzing::hide_auth(header), secret, &open);
        assert_not_shown(&format!("{credentials:?}"), secret, &open);
        let said = format!(
            "the handler says {secret:?} {secret} {}",
            Value::from(secret.as_str())
        );
        let hidden = fuzzing::hide(std::slice::from_ref(&credentials), &said);
        assert_not_shown(&hidden, secret, "the handler says");
    }
}

fn extra(header: &str, content: Option<&[u8]>) {
    let decoded = Extra::decode(header);
    let value = content
        .and_then(|content| std::str::from_utf8(content).ok())
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    match (decoded, value) {
        (Ok(extra), Some(Value::Object(fields))) => {
            assert_eq!(extra.0, fields);
            assert_eq!(Extra::decode(&extra.encode()), Ok(extra.clone()));
            assert!(schema::EXTRA.is_valid(&Value::Object(extra.0)));
        }
        (Err(error), Some(value)) => {
            assert_eq!(error, HeaderError::NotAnObject);
            assert!(!schema::EXTRA.is_valid(&value));
        }
        (Err(_), None) => {}
        (Ok(extra), value) => panic!("{extra:?} was read from {value:?}"),
    }
}

/// The texts in a JSON value: its keys, and what a mask must hide.
#[derive(Default)]
struct Texts {
    keys: Vec<String>,
    leaves: Vec<String>,
}

impl Texts {
    fn collect(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.leaves.push(text.clone()),
            Value::Number(number) => {
                // Shorter ones stand by chance in other text.
                self.leaves
                    .extend(Some(number.to_string()).filter(|text| text.len() >= 8));
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Object(members) => {
                self.keys.extend(members.keys().cloned());
                members.values().for_each(|value| self.collect(value));
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
}

/// A secret long enough to be told from ordinary text must not be seen, unless what may be seen has it too.
#[track_caller]
fn assert_not_shown(shown: &str, secret: &str, open: &str) {
    let telling = secret.trim_matches('*').len() >= 6 && !ORDINARY.contains(secret);
    if telling && !open.contains(secret) {
        assert!(!shown.contains(secret), "{secret:?} is seen in {shown:?}");
    }
}

/// Words that the masks and the errors themselves say.
const ORDINARY: &str = "Credentials { identity: \", secrets: \"***\" } *** (identity \", secrets {\"***\":\"***\",\"***\"}) \
    the text after the first colon is not JSON: expected value at line column EOF while parsing a list object string value \
    characters; trailing characters at line 1 column control character (\\u0000-\\u001F) found while parsing a string \
    key must be a string invalid escape number out of range lone leading surrogate in hex escape recursion limit exceeded \
    unexpected end of hex escape expected `,` or `]` expected `:` expected ident trailing comma invalid unicode code point";
