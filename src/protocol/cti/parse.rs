//! Reads an identifier from left to right and stops at the first character that cannot be right.

use super::error::{CtiError, CtiErrorKind as Kind};
use super::identifier::Cti;
use crate::protocol::text::is_uuid;

/// Where one context lies in the text, in bytes, and its version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub start: usize,
    pub vendor_end: usize,
    pub package_end: usize,
    pub name_end: usize,
    pub end: usize,
    pub major: u64,
    pub minor: u64,
}

/// An identifier taken apart.
pub(super) struct Parsed {
    pub spans: Vec<Span>,
    /// Where the UUID begins.
    pub uuid: Option<usize>,
}

const PREFIX: &str = "cti.";

/// Everything before the first offending character is ASCII, so places in bytes are places in characters.
pub(super) fn identifier(text: &str) -> Result<Parsed, CtiError> {
    let parsed = contexts(text);
    let position = parsed.as_ref().err().map_or(usize::MAX, CtiError::position);
    let most = Cti::MOST_CHARACTERS;
    if position >= most && text.chars().nth(most).is_some() {
        return Err(CtiError::new(
            Kind::TooLong,
            most,
            format!("an identifier has at most {most} characters"),
        ));
    }
    parsed
}

fn contexts(text: &str) -> Result<Parsed, CtiError> {
    if !text.starts_with(PREFIX) {
        let position = text
            .bytes()
            .zip(PREFIX.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        return Err(CtiError::new(
            Kind::Prefix,
            position,
            "an identifier begins with `cti.`",
        ));
    }
    let mut spans = Vec::new();
    let mut start = PREFIX.len();
    loop {
        let end = text[start..].find('~').map_or(text.len(), |at| start + at);
        if start == end {
            return Err(CtiError::new(
                Kind::EmptyContext,
                start,
                "a context is empty",
            ));
        }
        if uuid(text, start, end, spans.is_empty())? {
            return Ok(Parsed {
                spans,
                uuid: Some(start),
            });
        }
        spans.push(Reader::new(text, start, end).context()?);
        if end == text.len() {
            return Ok(Parsed { spans, uuid: None });
        }
        start = end + 1;
    }
}

/// Whether a UUID stands here; an error where it is malformed or in the wrong place.
fn uuid(text: &str, start: usize, end: usize, first: bool) -> Result<bool, CtiError> {
    let segment = &text[start..end];
    if is_uuid(segment) {
        return if first {
            Err(CtiError::new(
                Kind::UuidPlace,
                start,
                "a UUID follows no context",
            ))
        } else if end < text.len() {
            Err(CtiError::new(
                Kind::UuidPlace,
                end,
                "something follows the UUID",
            ))
        } else {
            Ok(true)
        };
    }
    // No context has a `-`, so whatever has one before anything else is meant to be a UUID.
    let meant = segment
        .find(|c: char| !c.is_ascii_alphanumeric())
        .is_some_and(|at| segment.as_bytes()[at] == b'-');
    if first || !meant {
        return Ok(false);
    }
    let good = segment
        .bytes()
        .take(36)
        .enumerate()
        .take_while(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
        .count();
    let at = start + good;
    Err(match text[at..end].chars().next() {
        Some(c) if !c.is_ascii_alphanumeric() && c != '-' && c != '_' && c != '.' => {
            unexpected(at, c)
        }
        _ => CtiError::new(Kind::Uuid, at, "the UUID is malformed"),
    })
}

/// Reads one context.
struct Reader<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    /// Where the characters that a context may have come to an end.
    run_end: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, start: usize, end: usize) -> Self {
        let run = text[start..end]
            .bytes()
            .take_while(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'))
            .count();
        Self {
            text,
            start,
            end,
            run_end: start + run,
        }
    }

    fn context(&self) -> Result<Span, CtiError> {
        let vendor_end = self.word(self.start, Kind::EmptyVendor, "vendor")?;
        if vendor_end == self.run_end {
            return Err(self.stop(Kind::EmptyPackage, "the package is missing"));
        }
        let package_end = self.word(vendor_end + 1, Kind::EmptyPackage, "package")?;
        if package_end == self.run_end {
            return Err(self.stop(Kind::EmptyEntityName, "the entity name is missing"));
        }
        let name_start = package_end + 1;
        let version = self.version_start(name_start);
        self.entity_name(name_start, version)?;
        let Some(name_end) = version else {
            return Err(self.without_version(name_start));
        };
        let (major, minor) = self.version(name_end + 2)?;
        if self.run_end < self.end {
            return Err(self.stop(Kind::Character, ""));
        }
        Ok(Span {
            start: self.start,
            vendor_end,
            package_end,
            name_end,
            end: self.end,
            major,
            minor,
        })
    }

    /// The end of the vendor or package that begins here.
    fn word(&self, from: usize, empty: Kind, name: &str) -> Result<usize, CtiError> {
        let end = self.text[from..self.run_end]
            .find('.')
            .map_or(self.run_end, |at| from + at);
        if end == from {
            let reason = format!("the {name} is missing");
            return Err(if from == self.run_end {
                self.stop(empty, &reason)
            } else {
                CtiError::new(empty, from, reason)
            });
        }
        if !self.text.as_bytes()[from].is_ascii_lowercase() {
            return Err(CtiError::new(
                Kind::Start,
                from,
                format!("a {name} begins with a letter"),
            ));
        }
        Ok(end)
    }

    /// The version belongs to the last `.v` that a digit or nothing follows: others are part of the name.
    fn version_start(&self, name_start: usize) -> Option<usize> {
        let rest = &self.text[name_start..self.run_end];
        rest.rmatch_indices(".v")
            .map(|(at, _)| at)
            .find(|at| rest.as_bytes().get(at + 2).is_none_or(u8::is_ascii_digit))
            .map(|at| name_start + at)
    }

    fn entity_name(&self, start: usize, version: Option<usize>) -> Result<(), CtiError> {
        let name = &self.text[start..version.unwrap_or(self.run_end)];
        let mut from = start;
        for part in name.split('.') {
            let end = from + part.len();
            if part.is_empty() && end == self.run_end {
                break; // Nothing is wrong up to here; what is missing is told by the caller.
            }
            if part.is_empty() && from == start {
                return Err(CtiError::new(
                    Kind::EmptyEntityName,
                    from,
                    "the entity name is missing",
                ));
            }
            if part.is_empty() {
                return Err(CtiError::new(
                    Kind::EmptyPart,
                    from,
                    "a part of the entity name is empty",
                ));
            }
            if from == start && part.as_bytes()[0].is_ascii_digit() {
                return Err(CtiError::new(
                    Kind::Start,
                    from,
                    "an entity name begins with a letter or `_`",
                ));
            }
            if let Some(at) = part.find("__") {
                return Err(CtiError::new(
                    Kind::DoubleUnderscore,
                    from + at + 1,
                    "an entity name has two `_` in a row",
                ));
            }
            from = end + 1;
        }
        Ok(())
    }

    fn without_version(&self, name_start: usize) -> CtiError {
        let name = &self.text[name_start..self.run_end];
        if name.is_empty() {
            return self.stop(Kind::EmptyEntityName, "the entity name is missing");
        }
        let numbers = name.strip_prefix('v').unwrap_or_default();
        let is_version = numbers.starts_with(|c: char| c.is_ascii_digit())
            && numbers
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.');
        if is_version && self.run_end == self.end {
            return CtiError::new(
                Kind::EmptyEntityName,
                name_start,
                "the entity name is missing: a version stands in its place",
            );
        }
        self.stop(Kind::MissingVersion, "the version is missing")
    }

    /// Both numbers of the version whose digits begin here.
    fn version(&self, from: usize) -> Result<(u64, u64), CtiError> {
        let major_end = self.digits(from);
        if major_end == from {
            return Err(self.stop(
                Kind::Reference,
                "the version has no numbers, as in a reference expression",
            ));
        }
        let major = self.number(from, major_end)?;
        if major_end == self.run_end {
            return Err(self.stop(
                Kind::Reference,
                "the minor version is missing, as in a reference expression",
            ));
        }
        if self.text.as_bytes()[major_end] != b'.' {
            return Err(form(major_end, "a dot and the minor version are expected"));
        }
        let minor_start = major_end + 1;
        let minor_end = self.digits(minor_start);
        if minor_end == minor_start {
            let reason = "the minor version is expected";
            return Err(if minor_start == self.run_end {
                self.stop(Kind::VersionForm, reason)
            } else {
                form(minor_start, reason)
            });
        }
        let minor = self.number(minor_start, minor_end)?;
        if minor_end < self.run_end {
            return Err(form(
                minor_end,
                "a version has two numbers and ends its context",
            ));
        }
        if (major, minor) == (0, 0) {
            return Err(CtiError::new(
                Kind::ZeroVersion,
                minor_start,
                "there is no version 0.0",
            ));
        }
        Ok((major, minor))
    }

    fn digits(&self, from: usize) -> usize {
        from + self.text[from..self.run_end]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count()
    }

    fn number(&self, from: usize, end: usize) -> Result<u64, CtiError> {
        let digits = &self.text[from..end];
        if digits.len() > 1 && digits.starts_with('0') {
            return Err(CtiError::new(
                Kind::LeadingZero,
                from,
                "a version number has a leading zero",
            ));
        }
        digits.parse::<i64>().map(i64::unsigned_abs).map_err(|_| {
            CtiError::new(
                Kind::NumberTooLarge,
                from,
                "a version number is 2^63 or more",
            )
        })
    }

    /// What is wrong where the run of good characters ends: the character there, or what is missing before the end.
    fn stop(&self, kind: Kind, missing: &str) -> CtiError {
        match self.text[self.run_end..self.end].chars().next() {
            Some(character) => unexpected(self.run_end, character),
            None => CtiError::new(kind, self.run_end, missing),
        }
    }
}

fn form(at: usize, reason: &str) -> CtiError {
    CtiError::new(Kind::VersionForm, at, reason)
}

/// A character that no identifier has at this place.
fn unexpected(at: usize, character: char) -> CtiError {
    let (kind, reason) = match character {
        '*' => (
            Kind::Reference,
            "`*` is a wildcard of a reference expression".to_owned(),
        ),
        '[' => (
            Kind::Reference,
            "`[` begins the query of a reference expression".to_owned(),
        ),
        '@' => (
            Kind::Reference,
            "`@` begins the selector of a reference expression".to_owned(),
        ),
        '$' => (
            Kind::Reference,
            "`$` begins the parameter of a reference expression".to_owned(),
        ),
        c if c.is_whitespace() => (Kind::WhiteSpace, format!("white space ({c:?})")),
        c if c.is_ascii_uppercase() => (Kind::UpperCase, format!("`{c}` is in upper case")),
        c => (
            Kind::Character,
            format!("no identifier has the character {c:?} here"),
        ),
    };
    CtiError::new(kind, at, reason)
}
