//! Hostile values for header fields: bytes that HTTP permits (RFC 9110, section 5.5), and programs stumble over.

use std::sync::LazyLock;

use super::strings::{Kind, strings};

/// A value for a header field. No byte below 0x20 but the tab, and no 0x7f: an HTTP client sends it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderValue {
    /// Says what it is; no two share a name.
    pub name: String,
    /// The bytes.
    pub value: Vec<u8>,
}

/// All of them, the most telling first. They leave room for the other fields in the 4 KiB that the narrowest servers take,
/// but for the last, of 8 KiB.
pub fn header_values() -> &'static [HeaderValue] {
    static VALUES: LazyLock<Vec<HeaderValue>> = LazyLock::new(|| {
        let fixed = FIXED
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.to_vec()));
        let long = [
            ("2 KiB of commas", vec![b','; 2_048]),
            ("2 KiB of bytes 0xff", vec![0xff; 2_048]),
            ("2 KiB of equals signs", vec![b'='; 2_048]),
            ("every byte from 0x80 to 0xff", (0x80..=0xff).collect()),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let texts = strings()
            .iter()
            .filter(|hostile| hostile.kind != Kind::Shapes)
            .map(|hostile| {
                (
                    format!("string {}", hostile.name),
                    hostile.value.clone().into_bytes(),
                )
            })
            .filter(|(_, value)| value.iter().all(|byte| sendable(*byte)));
        fixed
            .chain(long)
            .chain(texts)
            .chain([("8 KiB of one letter".to_owned(), vec![b'a'; 8_192])])
            .map(|(name, value)| HeaderValue { name, value })
            .collect()
    });
    &VALUES
}

const FIXED: &[(&str, &[u8])] = &[
    ("empty", b""),
    ("byte 0xff", b"\xff"),
    ("UTF-8 letters", "caf\u{e9} \u{6f22}\u{5b57}".as_bytes()),
    ("Latin-1 letter", b"caf\xe9"),
    ("overlong sequence", b"\xc0\xaf"),
    ("comma", b","),
    ("quote that does not end", b"\"a"),
    ("tab within", b"a\tb"),
    ("two values", b"a, b"),
    ("equals signs", b"===="),
    ("colon", b":"),
    ("semicolons", b";;;"),
    ("percent", b"%"),
    ("one letter", b"a"),
    ("base64 of one NUL byte", b"AA=="),
    ("base64 of bytes that are not UTF-8", b"//79/A=="),
    ("base64 of a colon", b"Og=="),
    ("base64 of null", b"bnVsbA=="),
    ("encoded word", b"=?utf-8?b?YQ==?="),
    ("comment", b"(comment"),
];

fn sendable(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}
