//! The forms in which a secret may stand in a text: letter by letter plain, escaped as JSON, percent-encoded or as HTML has it, in
//! whatever mixture an encoder makes; and in base64.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use regex::bytes::{NoExpand, Regex, RegexBuilder};

use crate::generate::encode::short_escape;

/// Longer secrets are looked for in pieces of so many letters.
const PIECE: usize = 160;
/// Of secrets that are no longer than this every letter may be escaped; of longer ones, tokens for the most part, only those that
/// encoders have a reason to escape.
const SHORT: usize = 64;
/// Shorter pieces of base64 stand by chance in ordinary text.
const SHORTEST_CODED: usize = 8;
/// Most memory that one pattern may take, in bytes.
const MOST_MEMORY: usize = 64 << 20;

/// Finds secrets in every form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forms(Option<Regex>);

impl Forms {
    /// Finds these secrets, where they are not empty, but not in base64.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let pieces = secrets.into_iter().flat_map(pieces);
        Self::by(pieces.map(Piece::of).collect())
    }

    /// The same, and in base64 wherever they begin in what is encoded.
    pub fn of_all<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let all = secrets.into_iter().flat_map(|secret| {
            let coded = coded(secret).into_iter().map(Piece::coded);
            pieces(secret).into_iter().map(Piece::of).chain(coded)
        });
        Self::by(all.collect())
    }

    fn by(mut pieces: Vec<Piece>) -> Self {
        // Longer ones first, so that one that contains another is found whole.
        pieces.sort_by(|one, other| (other.text.len(), other).cmp(&(one.text.len(), one)));
        pieces.dedup();
        if pieces.is_empty() {
            return Self(None);
        }
        let patterns: Vec<String> = pieces.iter().map(Piece::pattern).collect();
        let built = RegexBuilder::new(&patterns.join("|"))
            .unicode(false)
            .size_limit(MOST_MEMORY)
            .build();
        // What would take more memory than that is found as it stands.
        let plain = || {
            let plain: Vec<String> = pieces
                .iter()
                .map(|piece| regex::escape(&piece.text))
                .collect();
            Regex::new(&plain.join("|")).ok()
        };
        Self(built.ok().or_else(plain))
    }

    /// Whether one of them stands in a text.
    pub fn are_in(&self, text: &[u8]) -> bool {
        self.0.as_ref().is_some_and(|regex| regex.is_match(text))
    }

    /// Where they stand in a text.
    pub fn places(&self, text: &[u8]) -> Vec<Range<usize>> {
        let found = self.0.as_ref().map(|regex| regex.find_iter(text));
        found
            .into_iter()
            .flatten()
            .map(|found| found.range())
            .collect()
    }

    /// The text with something else in place of them.
    pub fn replaced<'a>(&self, text: &'a [u8], by: &str) -> Cow<'a, [u8]> {
        match &self.0 {
            Some(regex) => regex.replace_all(text, NoExpand(by.as_bytes())),
            None => Cow::Borrowed(text),
        }
    }
}

/// What is looked for.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Piece {
    text: String,
    /// Whether every letter may be escaped, or only those that encoders have a reason to escape.
    any: bool,
}

impl Piece {
    fn of(text: String) -> Self {
        let any = text.len() <= SHORT;
        Self { text, any }
    }

    fn coded(text: String) -> Self {
        Self { text, any: false }
    }
}

/// A secret in pieces of about the same length, none of them short.
fn pieces(secret: &str) -> Vec<String> {
    let letters: Vec<char> = secret.chars().collect();
    if letters.is_empty() {
        return Vec::new();
    }
    let count = letters.len().div_ceil(PIECE);
    let length = letters.len().div_ceil(count);
    letters
        .chunks(length)
        .map(|piece| piece.iter().collect())
        .collect()
}

/// What stands in base64, in either alphabet, wherever the secret begins in what is encoded.
fn coded(secret: &str) -> Vec<String> {
    let mut all = Vec::new();
    for shift in 0..3 {
        let shifted = [&vec![0; shift], secret.as_bytes()].concat();
        // What the bytes before and behind have a part in cannot be told beforehand.
        let begin = (shift * 8).div_ceil(6);
        let end = shifted.len() * 8 / 6;
        if end < begin + SHORTEST_CODED {
            continue;
        }
        for text in [
            STANDARD_NO_PAD.encode(&shifted),
            URL_SAFE_NO_PAD.encode(&shifted),
        ] {
            all.extend(pieces(&text[begin..end]));
        }
    }
    all
}

impl Piece {
    /// A regular expression for every form.
    fn pattern(&self) -> String {
        let mut pattern = String::with_capacity(self.text.len() * 48);
        for letter in self.text.chars() {
            let (mut buffer, mut units) = ([0; 4], [0; 2]);
            let plain = letter.encode_utf8(&mut buffer);
            if !self.any && (letter.is_ascii_alphanumeric() || "-._~".contains(letter)) {
                pattern.push_str(&regex::escape(plain));
                continue;
            }
            let _ = match letter {
                // Escaped once or more often, the backslash is nothing but more of them.
                '\\' => write!(pattern, r"(?:\\+"),
                _ => write!(pattern, "(?:{}", regex::escape(plain)),
            };
            // A text in a text in JSON has several of the backslashes.
            pattern.push('|');
            for unit in letter.encode_utf16(&mut units) {
                let _ = write!(pattern, r"\\+u{}", any_case(&format!("{unit:04x}")));
            }
            // JavaScript's encoders escape the apostrophe, too.
            if let Some(short) = short_escape(letter).or((letter == '\'').then_some(letter)) {
                let _ = write!(pattern, r"|\\+{}", regex::escape(&short.to_string()));
            }
            pattern.push('|');
            for byte in plain.bytes() {
                let _ = write!(pattern, "%{}", any_case(&format!("{byte:02x}")));
            }
            if letter == ' ' {
                pattern.push_str(r"|\+");
            }
            if !letter.is_ascii_alphanumeric() {
                let number = u32::from(letter);
                let hex = any_case(&format!("{number:x}"));
                let _ = write!(pattern, "|&#(?:0*{number}|[xX]0*{hex});");
            }
            if let Some(name) = entity(letter) {
                let _ = write!(pattern, "|&{name};");
            }
            pattern.push(')');
        }
        pattern
    }
}

/// Hexadecimal digits in upper and lower case.
fn any_case(digits: &str) -> String {
    let one = |digit: char| match digit.is_ascii_alphabetic() {
        true => format!("[{digit}{}]", digit.to_ascii_uppercase()),
        false => digit.to_string(),
    };
    digits.chars().map(one).collect()
}

/// The names that encoders of HTML use.
fn entity(letter: char) -> Option<&'static str> {
    match letter {
        '&' => Some("amp"),
        '<' => Some("lt"),
        '>' => Some("gt"),
        '"' => Some("quot"),
        '\'' => Some("apos"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_however_they_are_written() {
        let secret = "b&t\"ery~st/aple?ö☂😀 '\\";
        let forms = Forms::of([secret]);
        for text in [
            secret,
            r#"b&t\"ery~st/aple?ö☂😀 '\\"#,
            r#"b\u0026t\"ery~st\/aple?\u00f6\u2602\uD83D\uDE00 \u0027\\"#,
            r#"b&t\\\"ery~st\\/aple?\\u00F6\\u2602\\ud83d\\ude00 '\\\\"#,
            "b%26t%22ery~st%2faple%3f%C3%b6%E2%98%82%F0%9F%98%80+%27%5C",
            "b%26t%22ery%7Est/aple?%c3%B6%e2%98%82%f0%9f%98%80%20'%5c",
            "b&amp;t&quot;ery~st/aple?&#246;&#x2602;&#x1F600; &#39;\\",
            "b&amp;t&#34;ery~st&#x2F;aple?ö☂😀 &apos;\\",
        ] {
            let shown = format!("<{text}>");
            assert!(forms.are_in(shown.as_bytes()), "{text}");
            let hidden = forms.replaced(shown.as_bytes(), "$0");
            assert_eq!(String::from_utf8_lossy(&hidden), "<$0>", "{text}");
        }
        assert!(!forms.are_in("b&t\"ery~st/aple?o☂😀 '\\".as_bytes()));
        assert!(!Forms::of([]).are_in(b"anything"));
    }

    #[test]
    fn long_secrets_are_found_in_pieces_and_whole() {
        let long: String = (0..5_000)
            .map(|n| char::from(b'a' + (n % 23) as u8))
            .collect();
        let forms = Forms::of([&*long]);
        let text = format!("<{long}>");
        let hidden = forms.replaced(text.as_bytes(), "*");
        let rest = hidden.iter().filter(|byte| byte.is_ascii_alphabetic());
        assert_eq!(rest.count(), 0);
    }

    #[test]
    fn base64_is_found_wherever_the_secret_begins() {
        let forms = Forms::of_all(["correct horse>>"]);
        for before in ["", "a", "ab"] {
            let text = STANDARD_NO_PAD.encode(format!("{before}correct horse>> and more"));
            assert!(forms.are_in(text.as_bytes()), "{text}");
            let text = text.replace('+', "%2b").replace('/', "%2F");
            assert!(forms.are_in(text.as_bytes()), "{text}");
        }
    }
}
