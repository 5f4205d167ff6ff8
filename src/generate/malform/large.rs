//! Bodies of one mebibyte: more than any callback needs, no more than a server should take in its stride.

use serde_json::json;

use super::build::Builder;
use super::types::{Class, Malformation};

/// The size of these bodies, in bytes.
const SIZE: usize = 1 << 20;

pub(super) fn large(builder: Builder<'_>) -> impl Iterator<Item = Malformation> {
    BODIES.iter().map(move |(name, body)| {
        let room = SIZE.saturating_sub(builder.text().len());
        Malformation::body(*name, Class::Large, body(&builder, room))
    })
}

/// Makes a body of a request and so many bytes that do no more than fill it.
type Make = fn(&Builder<'_>, usize) -> Vec<u8>;

const BODIES: &[(&str, Make)] = &[
    ("1 MiB, by one long string", |builder, room| {
        let long = json!("a".repeat(room));
        builder.with("/acgw_unknown", long).to_string().into()
    }),
    ("1 MiB, by white space within", |builder, room| {
        format!("{{{}{}", " ".repeat(room), &builder.text()[1..]).into()
    }),
    ("1 MiB, by many keys", |builder, _| {
        builder.spliced("/acgw_unknown", &many_keys())
    }),
    ("1 MiB, by a long array", |builder, room| {
        let array = format!("[{}0]", "0,".repeat(room / 2));
        builder.spliced("/acgw_unknown", array.as_bytes())
    }),
    ("1 MiB, by white space behind", |builder, room| {
        format!("{}{}", builder.text(), "\n".repeat(room)).into()
    }),
    ("1 MiB, by escapes", |builder, room| {
        let escapes = format!("\"{}\"", "\\u0041".repeat(room / 6));
        builder.spliced("/acgw_unknown", escapes.as_bytes())
    }),
    ("1 MiB, by one long request_id", |builder, room| {
        let long = json!("a".repeat(room));
        builder.with("/request_id", long).to_string().into()
    }),
];

/// An object of a mebibyte of numbered keys.
fn many_keys() -> Vec<u8> {
    let mut member = *b",\"k00000000\":0";
    let mut keys = Vec::with_capacity(SIZE + 1);
    for _ in 0..SIZE / member.len() {
        keys.extend_from_slice(&member);
        // The next number; formatting each would take longer than all else.
        for digit in member[3..11].iter_mut().rev() {
            *digit = if *digit == b'9' { b'0' } else { *digit + 1 };
            if *digit != b'0' {
                break;
            }
        }
    }
    keys[0] = b'{';
    keys.push(b'}');
    keys
}
