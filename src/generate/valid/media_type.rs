//! Spellings of `application/json` that mean the same (RFC 9110, section 8.3.1).

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;

/// The spellings that differ most, the most usual first.
pub fn media_type_examples() -> &'static [&'static str] {
    &[
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON",
        "application/json; charset=\"utf-8\"",
        "application/json ; charset=utf-8",
    ]
}

/// `application/json` in any case, alone or with the charset UTF-8 in any spelling.
pub fn media_type() -> SBoxedStrategy<String> {
    let essence = prop_oneof![
        Just("application/json"),
        Just("Application/Json"),
        Just("application/JSON"),
        Just("APPLICATION/JSON"),
    ];
    let before = prop_oneof![3 => Just(""), 1 => Just(" ")];
    let after = prop_oneof![Just(" "), Just(""), Just("  ")];
    let name = prop_oneof![3 => Just("charset"), 1 => Just("Charset"), 1 => Just("CHARSET")];
    let value = prop_oneof![
        Just("utf-8"),
        Just("UTF-8"),
        Just("Utf-8"),
        Just("\"utf-8\""),
        Just("\"UTF-8\""),
    ];
    let parameter = prop_oneof![
        1 => Just(None),
        3 => (before, after, name, value).prop_map(Some),
    ];
    (essence, parameter)
        .prop_map(|(essence, parameter)| match parameter {
            None => essence.to_owned(),
            Some((before, after, name, value)) => {
                format!("{essence}{before};{after}{name}={value}")
            }
        })
        .sboxed()
}
