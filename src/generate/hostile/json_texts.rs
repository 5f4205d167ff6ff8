//! Hostile JSON texts in the place of a string.

use std::sync::LazyLock;

/// A raw JSON text, or what some take for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonText {
    /// Says what it is; no two share a name.
    pub name: &'static str,
    /// The text.
    pub text: String,
}

/// The name of the one that is deeply nested.
pub const DEEP: &str = "1,000 nested arrays";

/// All of them, the most telling first.
pub fn json_texts() -> &'static [JsonText] {
    static TEXTS: LazyLock<Vec<JsonText>> = LazyLock::new(|| {
        let fixed = FIXED.iter().map(|(name, text)| JsonText {
            name,
            text: (*text).to_owned(),
        });
        let deep = JsonText {
            name: DEEP,
            text: format!("{}{}", "[".repeat(1_000), "]".repeat(1_000)),
        };
        fixed.chain([deep]).collect()
    });
    &TEXTS
}

const FIXED: &[(&str, &str)] = &[
    ("object with operator $ne", "{\"$ne\": null}"),
    ("object with operator $gt", "{\"$gt\": \"\"}"),
    ("array", "[]"),
    ("lone surrogate", "\"\\ud800\""),
    (
        "object with __proto__",
        "{\"__proto__\": {\"polluted\": true}}",
    ),
    (
        "object with toString",
        "{\"toString\": null, \"valueOf\": null}",
    ),
    ("9007199254740993", "9007199254740993"),
    ("1e400", "1e400"),
    ("NaN", "NaN"),
    ("Infinity", "Infinity"),
    ("-Infinity", "-Infinity"),
    ("-0", "-0"),
    ("18446744073709551616", "18446744073709551616"),
    ("-1", "-1"),
    ("true", "true"),
    ("null", "null"),
    ("array with a string", "[\"a\"]"),
    ("array with null", "[null]"),
    ("object with operator $where", "{\"$where\": \"sleep(0)\"}"),
    ("object with operator $regex", "{\"$regex\": \".*\"}"),
    (
        "object with constructor",
        "{\"constructor\": {\"prototype\": {\"polluted\": true}}}",
    ),
    ("object with length", "{\"length\": 4294967296}"),
    (
        "object with @type",
        "{\"@type\": \"java.lang.AutoCloseable\"}",
    ),
    (
        "object with $type",
        "{\"$type\": \"System.Object, mscorlib\"}",
    ),
    ("object with an empty key", "{\"\": \"\"}"),
    ("object with a NUL key", "{\"\\u0000\": \"\"}"),
    ("lone low surrogate", "\"\\udfff\""),
    ("1e-400", "1e-400"),
    ("array of 3 deep arrays", "[[[\"a\"]]]"),
];
