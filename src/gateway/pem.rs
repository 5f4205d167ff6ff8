//! PEM: base64 between two lines that say what it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The first block whose label the caller wants, decoded.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// For example `PRIVATE KEY`.
    pub(super) label: &'a str,
    /// What is wrong with the block, or its bytes.
    pub(super) bytes: Result<Vec<u8>, String>,
    /// Whether a `Proc-Type` line says that the bytes are encrypted.
    pub(super) encrypted: bool,
}

/// Every block of a text, in order.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = line
            .strip_prefix("-----BEGIN ")
            .and_then(|rest| rest.strip_suffix("-----"))
        else {
            continue;
        };
        found.push(block(label, &mut lines));
    }
    found
}

fn block<'a>(label: &'a str, lines: &mut impl Iterator<Item = &'a str>) -> Block<'a> {
    let end = format!("-----END {label}-----");
    let (mut text, mut encrypted, mut ended) = (String::new(), false, false);
    for line in lines {
        if line == end {
            ended = true;
            break;
        }
        match line.split_once(':') {
            Some(("Proc-Type", value)) => encrypted |= value.contains("ENCRYPTED"),
            Some(_) => {}
            None => text.push_str(line),
        }
    }
    let bytes = if ended {
        STANDARD.decode(&text).map_err(|error| error.to_string())
    } else {
        Err(format!("the line {end} is missing"))
    };
    Block {
        label,
        bytes,
        encrypted,
    }
}

/// A block as text.
pub(super) fn encode(label: &str, bytes: &[u8]) -> String {
    let base64 = STANDARD.encode(bytes);
    let mut out = format!("-----BEGIN {label}-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = tail;
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}
