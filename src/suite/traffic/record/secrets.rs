//! What a recording must not hold, in whatever form it comes.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::form::HIDDEN;
use crate::gateway::Message;
use crate::protocol::headers::AUTH_HEADER;
use crate::suite::evidence::{Forms, Mask, replace_tokens};

/// Credentials and tokens whose values are looked for in what passes later.
const MOST: usize = 64;
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
    base: Forms,
    /// Values of header fields that carry secrets, and the forms of these.
    known: VecDeque<Known>,
}

/// What one header field carried.
#[derive(Debug)]
struct Known {
    value: Vec<u8>,
    forms: Forms,
}

impl Secrets {
    /// Hides the secrets of this mask, and whatever is learnt.
    pub(super) fn new(mask: &Mask) -> Self {
        Self {
            base: forms(mask),
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
                forms: forms(&mask),
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
        let known = self.known.iter().rev().map(|known| &known.forms);
        for forms in known.chain([&self.base]) {
            if let Cow::Owned(hidden) = forms.replaced(&shown, HIDDEN) {
                shown = hidden;
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

/// Every form of what a mask hides.
fn forms(mask: &Mask) -> Forms {
    Forms::of_all(mask.secrets())
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
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
            "pa%22ss%2fw%c3%b6rd?%2d24".to_owned(),
            "pa\\\"ss\\/w\\u00F6rd?-24".to_owned(),
            "pa&quot;ss&#x2F;w&#246;rd?-24".to_owned(),
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
