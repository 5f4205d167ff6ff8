//! The same credentials in other JSON texts.

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;

use crate::generate::encode::{self, Escapes, Style};
use crate::generate::header::{HeaderCase, MOST_BYTES};
use crate::protocol::Credentials;

/// The spellings that differ most, the plain one not among them.
pub fn equivalents(credentials: &Credentials) -> Vec<HeaderCase> {
    let plain = credentials.encode().into_bytes();
    let mut all: Vec<HeaderCase> = Vec::new();
    for style in Style::enumerated() {
        let case = spelt(credentials, style);
        if case.value.as_ref() != Some(&plain) && all.iter().all(|other| other.value != case.value)
        {
            all.push(case);
        }
    }
    for (name, before, after) in [
        // Between them, these put every character at each of the three places that make `+` and `/` of some.
        ("a blank before the secrets", " ", ""),
        ("two blanks before the secrets", "  ", ""),
        ("a line feed behind the secrets", "", "\n"),
    ] {
        let text = format!("{before}{}{after}", credentials.secrets());
        all.push(HeaderCase::new(
            name,
            Credentials::encode_raw(credentials.identity(), &text),
        ));
    }
    all
}

/// The header value with every character of the secrets' texts written as an escape: it has neither `+` nor `/`, and of the
/// secrets nothing beyond ASCII.
pub fn in_plain_letters(credentials: &Credentials) -> String {
    let style = Style {
        escapes: Escapes::AllLower,
        ..Style::plain()
    };
    Credentials::encode_raw(
        credentials.identity(),
        &encode::write(credentials.secrets(), &style),
    )
}

/// The same credentials in any style; shrinks to the plain one.
pub fn restyled(credentials: &Credentials) -> SBoxedStrategy<HeaderCase> {
    let credentials = credentials.clone();
    Style::strategy()
        .prop_map(move |style| spelt(&credentials, style))
        .sboxed()
}

fn spelt(credentials: &Credentials, style: Style) -> HeaderCase {
    let encode = |style: &Style| {
        Credentials::encode_raw(
            credentials.identity(),
            &encode::write(credentials.secrets(), style),
        )
    };
    let header = encode(&style);
    if header.len() <= MOST_BYTES {
        return HeaderCase::new(style.to_string(), header);
    }
    let shorter = Style {
        escapes: Escapes::Needed,
        ..style
    };
    HeaderCase::new(shorter.to_string(), encode(&shorter))
}
