//! What a recording must not hold, in whatever form it comes.

use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem::Finder;

use super::form::HIDDEN;
use crate::gateway::Message;
use crate::protocol::headers::AUTH_HEADER;
use crate::suite::evidence::{Mask, replace_tokens};

/// Credentials and tokens whose values are looked for in what passes later.
const MOST: usize = 64;
/// Shorter pieces of base64 stand by chance in ordinary text.
const SHORTEST_CODED: usize = 8;
/// Header fields that are secret by their nature.
const SECRET_FIELDS: [&str; 4] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
];

/// Knows the secrets of the last credentials and tokens that passed.
#[derive(Debug)]
pub(super) struct Secrets {
    /// The forms of what is known from the beginning.
    base: Vec<Finder<'static>>,
    /// Values of header fields that carry secrets, and the forms of these.
    known: VecDeque<Known>,
}

/// What one header field carried.
#[derive(Debug)]
struct Known {
    value: Vec<u8>,
    forms: Vec<Finder<'static>>,
}

impl Secrets {
    /// Hides the secrets of this mask, and whatever is learnt.
    pub(super) fn new(mask: &Mask) -> Self {
        Self {
            base: finders(mask.secrets()),
            known: VecDeque::new(),
        }
    }

    /// Learns what a request carries.
    pub(super) fn learn(&mut self, message: &Message) {
        for (name, value) in &message.headers {
            let is_auth = name.eq_ignore_ascii_case(AUTH_HEADER);
            let is_known = || self.known.iter().any(|known| known.value == *value);
            if !(is_auth || is_secret(name)) || is_known() {
                continue;
            }
            let nothing = Mask::new(false, []);
            let mask = match is_auth {
                true => nothing.and_value(value),
                false => {
                    let text = String::from_utf8_lossy(value);
                    let token = text
                        .split_once(' ')
                        .map_or(&*text, |(_, token)| token.trim());
                    let signature = token.rsplit_once('.').map_or(token, |(_, last)| last);
                    nothing.and_secret(token).and_secret(signature)
                }
            };
            if self.known.len() == MOST {
                self.known.pop_front();
            }
            self.known.push_back(Known {
                value: value.clone(),
                forms: finders(mask.secrets()),
            });
        }
    }

    /// A header field's value without what is secret.
    pub(super) fn field(&self, name: &str, value: &[u8]) -> Vec<u8> {
        if name.eq_ignore_ascii_case(AUTH_HEADER) {
            return HIDDEN.into();
        }
        if is_secret(name) {
            let text = String::from_utf8_lossy(value);
            return match text.split_once(' ') {
                // The scheme is no secret, and tells whether there was a token.
                Some((scheme, _)) if scheme.eq_ignore_ascii_case("bearer") => {
                    format!("{scheme} {HIDDEN}").into_bytes()
                }
                _ => HIDDEN.into(),
            };
        }
        self.bytes(value)
    }

    /// Text without what is secret.
    pub(super) fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    /// Bytes without what is secret.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut shown = bytes.to_vec();
        let known = self.known.iter().rev().flat_map(|known| &known.forms);
        for form in known.chain(&self.base) {
            if form.find(&shown).is_some() {
                shown = replaced(&shown, form);
            }
        }
        // Tokens of others than those that asked.
        match String::from_utf8(shown) {
            Ok(text) => without_tokens(&text).into_bytes(),
            Err(error) => error.into_bytes(),
        }
    }
}

/// The text without whatever looks like a token, from its first letter on.
fn without_tokens(text: &str) -> String {
    replace_tokens(text, |word| match word.contains('.') {
        true => HIDDEN.to_owned(),
        false => word.to_owned(),
    })
}

fn is_secret(name: &str) -> bool {
    let mut secret = SECRET_FIELDS.iter();
    secret.any(|secret| name.eq_ignore_ascii_case(secret))
}

fn replaced(bytes: &[u8], form: &Finder<'_>) -> Vec<u8> {
    let mut shown = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(place) = form.find(rest) {
        shown.extend_from_slice(&rest[..place]);
        shown.extend_from_slice(HIDDEN.as_bytes());
        rest = &rest[place + form.needle().len()..];
    }
    shown.extend_from_slice(rest);
    shown
}

/// Finds every form of these secrets, the longest first.
fn finders(secrets: &[String]) -> Vec<Finder<'static>> {
    let mut forms: Vec<Vec<u8>> = secrets.iter().flat_map(|secret| forms(secret)).collect();
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    let finders = forms.iter().map(|form| Finder::new(form).into_owned());
    finders.collect()
}

/// The forms in which a secret may stand: plain, escaped in JSON in two ways, percent-encoded, and in base64 wherever it
/// begins in what is encoded.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let quoted = serde_json::Value::from(secret).to_string();
    let ascii = |lower: bool| -> String {
        let inner = quoted[1..quoted.len() - 1].chars();
        let mut units = [0; 2];
        inner
            .flat_map(|character| {
                match character.is_ascii() {
                    true => character.to_string(),
                    false => (character.encode_utf16(&mut units).iter())
                        .map(|unit| match lower {
                            true => format!("\\u{unit:04x}"),
                            false => format!("\\u{unit:04X}"),
                        })
                        .collect(),
                }
                .chars()
                .collect::<Vec<_>>()
            })
            .collect()
    };
    let percent = secret.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    let mut forms = vec![
        secret.as_bytes().to_vec(),
        quoted.as_bytes()[1..quoted.len() - 1].to_vec(),
        ascii(true).into_bytes(),
        ascii(false).into_bytes(),
        percent.collect::<String>().into_bytes(),
    ];
    for shift in 0..3 {
        let shifted = [&vec![0; shift], secret.as_bytes()].concat();
        for coded in [
            STANDARD_NO_PAD.encode(&shifted),
            URL_SAFE_NO_PAD.encode(&shifted),
        ] {
            // What the bytes before and behind have a part in cannot be told beforehand.
            let begin = (shift * 8).div_ceil(6);
            let end = shifted.len() * 8 / 6;
            if end >= begin + SHORTEST_CODED {
                forms.push(coded.as_bytes()[begin..end].to_vec());
            }
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use serde_json::json;

    use super::*;
    use crate::protocol::Credentials;

    fn message(value: &str) -> Message {
        Message {
            method: "POST".to_owned(),
            headers: vec![
                (AUTH_HEADER.to_owned(), value.as_bytes().to_vec()),
                (
                    "authorization".to_owned(),
                    b"Bearer eyJh.eyJi.c2lnbmF0dXJlLW9m".to_vec(),
                ),
            ],
            body: Bytes::new(),
        }
    }

    #[test]
    fn secrets_are_hidden_in_every_form() {
        let secret = "pa\"ss/wörd?-24";
        let credentials = Credentials::new("me", json!({"password": secret})).expect("no colon");
        let mut secrets = Secrets::new(&Mask::new(false, []));
        secrets.learn(&message(&credentials.encode()));
        let mut forms = vec![
            secret.to_owned(),
            credentials.encode(),
            serde_json::to_string(secret).expect("text"),
            "\"pa\\\"ss/w\\u00f6rd?-24\"".to_owned(),
            "pa%22ss%2Fw%C3%B6rd%3F-24".to_owned(),
            "c2lnbmF0dXJlLW9m".to_owned(),
            "eyJh.eyJi.c2lnbmF0dXJlLW9m".to_owned(),
        ];
        for before in ["", "a", "ab", "abc"] {
            forms.push(STANDARD.encode(format!("{before}{secret}")));
            forms.push(URL_SAFE_NO_PAD.encode(format!("{before}{secret} and more")));
        }
        for form in forms {
            let shown = secrets.text(&format!("<{form}>"));
            let core = &form[form.len() / 3..form.len() * 2 / 3];
            assert!(shown.contains(HIDDEN), "{form}: {shown}");
            assert!(!shown.contains(core), "{form}: {shown}");
        }
        let bytes = [b"\xff\xfe", secret.as_bytes(), b"\xff"].concat();
        assert_eq!(secrets.bytes(&bytes), b"\xff\xfe***\xff");
    }

    #[test]
    fn ordinary_text_stays() {
        let credentials = Credentials::new("me", json!({"password": "hunter22"}));
        let mut secrets = Secrets::new(&Mask::new(false, []));
        secrets.learn(&message(&credentials.expect("no colon").encode()));
        let text = r#"{"items":[{"vendor_tenant_id":"anchor","name":"Hunter"}]}"#;
        assert_eq!(secrets.text(text), text);
        assert_eq!(
            secrets.field("Content-Type", b"application/json"),
            b"application/json"
        );
    }

    #[test]
    fn fields_that_carry_secrets_say_no_more_than_their_kind() {
        let secrets = Secrets::new(&Mask::new(false, []));
        for (name, value, shown) in [
            ("Authorization", "bearer abc", "bearer ***"),
            ("authorization", "Basic abc", "***"),
            ("X-CYBERAPP-AUTH", "abc", "***"),
            ("Cookie", "a=b", "***"),
        ] {
            assert_eq!(secrets.field(name, value.as_bytes()), shown.as_bytes());
        }
    }
}
