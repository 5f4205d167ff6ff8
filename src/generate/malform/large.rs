//! Bodies of one mebibyte: more than any callback needs, no more than a server should take in its stride.

use std::fmt::Write;

use serde_json::json;

use super::build::Builder;
use super::types::{Class, Malformation};

/// The size of these bodies, in bytes.
const SIZE: usize = 1 << 20;

pub(super) fn large(builder: &Builder<'_>) -> Vec<Malformation> {
    let text = builder.text();
    let room = SIZE.saturating_sub(text.len());
    let mut keys = String::with_capacity(SIZE);
    for number in 0..SIZE / 14 {
        let before = if number == 0 { '{' } else { ',' };
        // Writing to a string does not fail.
        let _ = write!(keys, "{before}\"k{number:08}\":0");
    }
    keys.push('}');
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        (
            "1 MiB, by one long string",
            builder
                .with("/acgw_unknown", json!("a".repeat(room)))
                .to_string()
                .into(),
        ),
        (
            "1 MiB, by white space within",
            format!("{{{}{}", " ".repeat(room), &text[1..]).into(),
        ),
        (
            "1 MiB, by many keys",
            builder.spliced("/acgw_unknown", keys.as_bytes()),
        ),
        (
            "1 MiB, by a long array",
            builder.spliced(
                "/acgw_unknown",
                format!("[{}0]", "0,".repeat(room / 2)).as_bytes(),
            ),
        ),
        (
            "1 MiB, by white space behind",
            format!("{text}{}", "\n".repeat(room)).into(),
        ),
        (
            "1 MiB, by escapes",
            builder.spliced(
                "/acgw_unknown",
                format!("\"{}\"", "\\u0041".repeat(room / 6)).as_bytes(),
            ),
        ),
        (
            "1 MiB, by one long request_id",
            builder
                .with("/request_id", json!("a".repeat(room)))
                .to_string()
                .into(),
        ),
    ];
    bodies
        .into_iter()
        .map(|(name, body)| Malformation::body(name, Class::Large, body))
        .collect()
}
