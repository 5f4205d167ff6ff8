//! Values that do not have the documented form. None of them turns into the right credentials under a decoder that skips
//! foreign characters, takes the URL-safe alphabet or does without padding, as many do.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::generate::header::HeaderCase;
use crate::protocol::Credentials;

/// Not base64 (CRED-02).
pub fn not_base64(credentials: &Credentials) -> Vec<HeaderCase> {
    let encoded = credentials.encode();
    let text = format!("{}:{}", credentials.identity(), credentials.secrets());
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let all = [
        HeaderCase::new("the text, not encoded", text),
        HeaderCase::new("foreign characters", "!!!!"),
        // A decoder that skips the foreign character reads all others six bits off.
        HeaderCase::new("first character foreign", format!("!{}", &encoded[1..])),
        HeaderCase::new("one character", "a"),
        HeaderCase::new("padding alone", "===="),
        HeaderCase::new("hexadecimal digits", hex),
        HeaderCase::new("first character missing", &encoded[1..]),
        HeaderCase::new("percent signs", "%%%%%%%%"),
    ];
    // Bytes beyond ASCII are a matter of their own: `hostile` has them.
    all.into_iter()
        .filter(|case| case.is_sendable() && case.value.iter().flatten().all(u8::is_ascii))
        .collect()
}

/// Base64 of a text without a colon (CRED-03).
pub fn no_colon(credentials: &Credentials) -> Vec<HeaderCase> {
    let identity = credentials.identity();
    let mut all = vec![
        HeaderCase::new("identity alone", STANDARD.encode(identity)),
        HeaderCase::new("empty value", ""),
        HeaderCase::new("encoded twice", STANDARD.encode(credentials.encode())),
        HeaderCase::new(
            "a semicolon in the colon's place",
            STANDARD.encode(format!("{identity};secret")),
        ),
        HeaderCase::new("JSON without colons", STANDARD.encode("[\"a\"]")),
        HeaderCase::new("one NUL byte", STANDARD.encode([0])),
    ];
    if identity.is_empty() {
        // Then the identity alone is the empty value.
        all.remove(0);
    }
    all
}

/// Base64 of an identity, a colon and what is no JSON (CRED-04).
pub fn secrets_not_json(credentials: &Credentials) -> Vec<HeaderCase> {
    let secrets = credentials.secrets().to_string();
    let mut cut = secrets.clone();
    cut.pop();
    [
        ("secrets cut before their last character", cut),
        ("secrets empty", String::new()),
        ("secrets a plain word", "acgw-no-json".to_owned()),
        ("secrets an opening brace", "{".to_owned()),
        (
            "secrets with a key and no value",
            "{\"password\":}".to_owned(),
        ),
        ("secrets a quote", "\"".to_owned()),
        ("secrets form fields", "password=acgw&x=1".to_owned()),
        ("secrets XML", "<password>acgw</password>".to_owned()),
        ("secrets white space", "  ".to_owned()),
        ("secrets three colons", ":::".to_owned()),
    ]
    .into_iter()
    .filter(|(_, text)| serde_json::from_str::<serde_json::Value>(text).is_err())
    .map(|(name, text)| {
        HeaderCase::new(name, Credentials::encode_raw(credentials.identity(), &text))
    })
    .collect()
}
