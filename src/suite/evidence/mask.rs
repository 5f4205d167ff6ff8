//! Hides secrets and tokens.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::forms::Forms;
use crate::protocol::Credentials;
use crate::protocol::token::UnverifiedToken;

/// What stands in place of a secret.
const HIDDEN: &str = "***";
/// Shorter secrets cannot be told from ordinary text.
const SHORTEST: usize = 4;
/// Shorter values of `X-CyberApp-Auth` carry no secret.
const SHORTEST_VALUE: usize = 12;
/// Shorter numbers stand by chance in ids and dates.
const SHORTEST_NUMBER: usize = 8;

/// Knows what must not be shown. Clones share what it takes to find that.
#[derive(Debug, Clone)]
pub(crate) struct Mask {
    reveal: bool,
    layers: Vec<Arc<Layer>>,
}

/// Secrets that came together.
#[derive(Debug, Default)]
struct Layer {
    secrets: Vec<String>,
    /// Finds all of them; made when they are looked for first.
    forms: OnceLock<Forms>,
    /// Finds those that cannot stand in an answer by chance.
    telling: OnceLock<Forms>,
}

impl Layer {
    fn of(mut secrets: Vec<String>) -> Arc<Self> {
        secrets.retain(|secret| secret.len() >= SHORTEST);
        Arc::new(Self {
            secrets,
            ..Self::default()
        })
    }

    fn forms(&self) -> &Forms {
        let secrets = || self.secrets.iter().map(String::as_str);
        self.forms.get_or_init(|| Forms::of(secrets()))
    }

    fn telling(&self) -> &Forms {
        if !self.secrets.iter().any(|secret| might_be_a_word(secret)) {
            return self.forms();
        }
        let secrets = self.secrets.iter().map(String::as_str);
        let telling = secrets.filter(|secret| !might_be_a_word(secret));
        self.telling.get_or_init(|| Forms::of(telling))
    }
}

impl Mask {
    /// Hides the secrets of these credentials, unless told to reveal.
    pub fn new<'a>(reveal: bool, credentials: impl IntoIterator<Item = &'a Credentials>) -> Self {
        let mut secrets = Vec::new();
        for credentials in credentials {
            collect(credentials.secrets(), &mut secrets);
            hide_value(&credentials.encode(), &mut secrets);
        }
        Self {
            reveal,
            layers: vec![Layer::of(secrets)],
        }
    }

    /// The mask that hides what this value of `X-CyberApp-Auth` carries, too: wrong credentials may differ from the right
    /// ones by a letter, and an answer may repeat them.
    pub fn and_value(&self, value: &[u8]) -> Self {
        let mut secrets = Vec::new();
        if let Ok(value) = std::str::from_utf8(value) {
            if let Ok(credentials) = Credentials::decode(value) {
                collect(credentials.secrets(), &mut secrets);
            }
            hide_value(value, &mut secrets);
        }
        self.and_layer(Layer::of(secrets))
    }

    /// The mask that hides this as well.
    pub fn and_secret(&self, secret: &str) -> Self {
        let mut secrets = Vec::new();
        hide_value(secret, &mut secrets);
        self.and_layer(Layer::of(secrets))
    }

    /// The mask that hides what another one hides, too.
    pub fn and(&self, other: &Self) -> Self {
        let layers = self.layers.iter().chain(&other.layers);
        Self {
            reveal: self.reveal,
            layers: layers.cloned().collect(),
        }
    }

    fn and_layer(&self, layer: Arc<Layer>) -> Self {
        let mut mask = self.clone();
        if !layer.secrets.is_empty() {
            mask.layers.push(layer);
        }
        mask
    }

    /// Whether everything is shown.
    pub fn reveals(&self) -> bool {
        self.reveal
    }

    /// The secrets as plain texts, and the header values that carry them.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let all = self.layers.iter().flat_map(|layer| &layer.secrets);
        all.map(String::as_str)
    }

    /// What finds those of them that no answer holds by chance.
    pub fn telling(&self) -> Vec<Forms> {
        let layers = self.layers.iter();
        layers.map(|layer| layer.telling().clone()).collect()
    }

    /// A text without the secrets.
    pub fn text(&self, text: &str) -> String {
        if self.reveal {
            return text.to_owned();
        }
        let layers = self.layers.iter();
        let mut places: Vec<Range<usize>> = layers
            .flat_map(|layer| layer.forms().places(text.as_bytes()))
            .collect();
        places.sort_by_key(|place| place.start);
        let (mut shown, mut done) = (String::with_capacity(text.len()), 0);
        for place in places {
            // Where one overlaps with another, both are gone.
            if place.start >= done {
                shown.push_str(text.get(done..place.start).unwrap_or_default());
                shown.push_str(HIDDEN);
            }
            done = done.max(place.end);
        }
        shown.push_str(text.get(done..).unwrap_or_default());
        hide_tokens(&shown)
    }

    /// The value of `Authorization`: a token's signature is hidden, what it says is shown.
    pub fn authorization(&self, value: &str) -> String {
        if self.reveal {
            return value.to_owned();
        }
        let Some((scheme, token)) = value.split_once(' ') else {
            return if value.contains('.') {
                HIDDEN.to_owned()
            } else {
                self.text(value)
            };
        };
        let scheme = self.text(scheme);
        match UnverifiedToken::parse(token) {
            Ok(parts) => format!(
                "{scheme} {HIDDEN} (header {}, claims {}, signature of {} bytes)",
                parts.header,
                parts.claims,
                parts.signature.len()
            ),
            Err(reason) if token.is_empty() => format!("{scheme} (nothing: {reason})"),
            Err(reason) => format!("{scheme} {HIDDEN} ({} characters; {reason})", token.len()),
        }
    }

    /// The value of `X-CyberApp-Auth`.
    pub fn auth(&self, value: &str) -> String {
        if self.reveal {
            return value.to_owned();
        }
        match Credentials::decode(value) {
            Ok(credentials) => {
                let identity: String = credentials.identity().chars().take(80).collect();
                format!(
                    "{HIDDEN} (identity {identity:?}, secrets {})",
                    shape(credentials.secrets())
                )
            }
            Err(reason) => format!("{HIDDEN} ({} characters; {reason})", value.chars().count()),
        }
    }
}

/// A JSON value with its strings and longer numbers hidden.
fn shape(value: &Value) -> String {
    match value {
        Value::String(_) => format!("\"{HIDDEN}\""),
        Value::Number(number) if number.to_string().len() >= SHORTEST => HIDDEN.to_owned(),
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(shape).collect::<Vec<_>>().join(",")
        ),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| {
                let key: String = key.chars().take(40).collect();
                format!("{key:?}:{}", shape(value))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

/// The strings and longer numbers of a value.
/// The value of a header field as it is, which padding says nothing about.
fn hide_value(value: &str, secrets: &mut Vec<String>) {
    let value = value.trim_end_matches('=');
    if value.len() >= SHORTEST_VALUE {
        secrets.push(value.to_owned());
    }
}

/// Whether an answer may contain a secret by chance, as `wrong password` does where the password is `password`.
fn might_be_a_word(secret: &str) -> bool {
    secret.len() < 6 || secret.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Number(number) => {
            into.extend(Some(number.to_string()).filter(|text| text.len() >= SHORTEST_NUMBER));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(members) => members.values().for_each(|item| collect(item, into)),
        _ => {}
    }
}

/// Hides the signature of every token in a text, and whatever is joined to it.
fn hide_tokens(text: &str) -> String {
    replace_tokens(text, |word| match word.match_indices('.').nth(1) {
        Some((dot, _)) => format!("{}{HIDDEN}", &word[..=dot]),
        None => word.to_owned(),
    })
}

/// The text with every word that begins like a token, and whatever is joined to it, replaced.
pub(crate) fn replace_tokens(text: &str, replace: impl Fn(&str) -> String) -> String {
    let is_token =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("eyJ") {
        let (before, from) = rest.split_at(start);
        shown.push_str(before);
        let end = from
            .find(|character| !is_token(character))
            .unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        shown.push_str(&replace(word));
        rest = after;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mask() -> Mask {
        let credentials = Credentials::new("me", json!({"password": "pa\"ss:wörd", "pin": "1"}))
            .expect("no colon");
        Mask::new(false, [&credentials])
    }

    #[test]
    fn secrets_are_hidden_plain_and_escaped() {
        assert_eq!(mask().text("x pa\"ss:wörd y"), "x *** y");
        assert_eq!(mask().text(r#"{"m":"pa\"ss:wörd"}"#), r#"{"m":"***"}"#);
    }

    #[test]
    fn what_carries_secrets_is_hidden_with_them() {
        let credentials = Credentials::new("me", json!({"password": "pa\"ss:wörd", "pin": "1"}));
        let value = credentials.expect("no colon").encode();
        assert_eq!(mask().text(&format!("<{value}>")).matches("***").count(), 1);
        let nearly = Credentials::encode_raw("me", r#"{"password":"pa\"ss:wör"}"#);
        let mask = mask().and_value(nearly.as_bytes());
        let shown = mask.text(&format!("{nearly} is pa\"ss:wör"));
        assert!(
            !shown.contains("ss:") && !shown.contains(&nearly[..20]),
            "{shown}"
        );
    }

    #[test]
    fn short_secrets_do_not_eat_ordinary_text() {
        assert_eq!(mask().text("HTTP/1.1"), "HTTP/1.1");
    }

    #[test]
    fn signatures_are_hidden_wherever_a_token_stands() {
        for (text, shown) in [
            ("token eyJh.eyJi.c2ln, bad", "token eyJh.eyJi.***, bad"),
            ("bad token eyJh.eyJi.c2ln.", "bad token eyJh.eyJi.***"),
            ("eyJh.eyJi.c2ln.txt", "eyJh.eyJi.***"),
            ("eyJh.eyJi, eyJh", "eyJh.eyJi, eyJh"),
        ] {
            assert_eq!(mask().text(text), shown);
        }
        let shown = mask().authorization("eyJh.eyJi.c2ln Bearer");
        assert!(!shown.contains("c2ln"), "{shown}");
    }

    #[test]
    fn numbers_are_secrets_too() {
        let credentials = Credentials::new("me", json!({"pin": 73_219_284})).expect("no colon");
        let mask = Mask::new(false, [&credentials]);
        assert_eq!(mask.text("no 73219284 here"), "no *** here");
        assert_eq!(
            mask.auth(&credentials.encode()),
            r#"*** (identity "me", secrets {"pin":***})"#
        );
    }

    #[test]
    fn credentials_show_their_shape_only() {
        let header = Credentials::encode_raw("me", r#"{"password":"other"}"#);
        assert_eq!(
            mask().auth(&header),
            r#"*** (identity "me", secrets {"password":"***"})"#
        );
    }
}
