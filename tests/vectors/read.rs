//! Reads the vectors as a vendor would: from the committed files.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The files of vectors.
pub const SUBJECTS: &[&str] = &[
    "cti",
    "cyberapp-auth",
    "cyberapp-extra",
    "token",
    "request",
    "response",
];

/// The folder of the committed files.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/vectors")
}

/// A committed file.
pub fn file(subject: &str) -> Value {
    let path = folder().join(format!("{subject}.json"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The vectors of a file.
pub fn vectors(file: &Value) -> &[Value] {
    file["vectors"].as_array().expect("vectors")
}

/// A member that is a text.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} of {value}"))
}

/// The id of a vector.
pub fn id(vector: &Value) -> &str {
    text(vector, "/id")
}

/// `accept`, `reject` or `free`.
pub fn expect(vector: &Value) -> &str {
    text(vector, "/expect")
}

/// The bytes of a request's body.
pub fn body(input: &Value) -> Vec<u8> {
    match input["body"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => STANDARD
            .decode(text(input, "/body_base64"))
            .expect("base64"),
    }
}
