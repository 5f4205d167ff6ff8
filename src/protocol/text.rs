//! Strings with a documented form that keep the exact text they were read from.
//!
//! A UUID is echoed letter by letter and a date keeps its offset and precision, so these types validate without normalising.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// A text that does not have the form its type demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} is not {expected}", quoted(text))]
pub struct TextError {
    text: String,
    expected: &'static str,
}

impl TextError {
    /// The text that was refused.
    pub fn text(&self) -> &str {
        &self.text
    }
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $check:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            ///
            /// # Errors
            /// When the text does not have the documented form.
            pub fn new(text: impl Into<String>) -> Result<Self, TextError> {
                let text = text.into();
                if $check(&text) { Ok(Self(text)) } else { Err(TextError { text, expected: $expected }) }
            }

            /// The text exactly as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

text_type!(
    /// A UUID in its 8-4-4-4-12 form, in either case.
    UuidText, "a UUID (8-4-4-4-12 hexadecimal digits)", is_uuid
);
text_type!(
    /// A date and time as RFC 3339 defines it.
    DateTimeText, "an RFC 3339 date and time", is_date_time
);
text_type!(
    /// An absolute URI as RFC 3986 defines it.
    UriText, "an absolute URI", is_uri
);

impl UuidText {
    /// A fresh random UUID, in lower case.
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().to_string())
    }
}

/// Whether the text is a UUID in its 8-4-4-4-12 form, in either case (RFC 4122; version and variant are free).
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether the text is a date and time as RFC 3339 defines it: no date too old, offsets, any number of fraction digits,
/// `T` and `Z` in either case, and second 60 where a leap second can be, at the end of a month in UTC.
///
/// Dates are checked by hand: libraries also take spaces, `[zones]` and years of six digits.
pub fn is_date_time(text: &str) -> bool {
    date_time(text.as_bytes()).is_some()
}

/// Whether the text is a URI with a scheme as RFC 3986 defines it; a fragment is allowed.
pub fn is_uri(text: &str) -> bool {
    fluent_uri::Uri::parse(text).is_ok()
}

/// A text in quotes for a message, shortened where it is long.
pub(crate) fn quoted(text: &str) -> String {
    const MOST: usize = 120;
    match text.char_indices().nth(MOST) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}

fn date_time(text: &[u8]) -> Option<()> {
    let (date, rest) = text.split_at_checked(10)?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else {
        return None;
    };
    let year = number(&[*y1, *y2, *y3, *y4], 0..=9999)?;
    let month = number(&[*m1, *m2], 1..=12)?;
    let last_day = days(year, month);
    let day = number(&[*d1, *d2], 1..=last_day)?;

    let (time, rest) = rest.split_at_checked(9)?;
    let [b'T' | b't', h1, h2, b':', m1, m2, b':', s1, s2] = time else {
        return None;
    };
    let hour = number(&[*h1, *h2], 0..=23)?;
    let minute = number(&[*m1, *m2], 0..=59)?;
    let second = number(&[*s1, *s2], 0..=60)?;

    let offset = offset(fraction(rest)?)?;
    (second < 60 || leap_second(day, last_day, hour * 60 + minute - offset)).then_some(())
}

/// What follows the fraction, where there is one.
fn fraction(text: &[u8]) -> Option<&[u8]> {
    let Some(digits) = text.strip_prefix(b".") else {
        return Some(text);
    };
    let end = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (end > 0).then(|| &digits[end..])
}

/// Minutes east of UTC.
fn offset(text: &[u8]) -> Option<i32> {
    match text {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let minutes = number(&[*h1, *h2], 0..=23)? * 60 + number(&[*m1, *m2], 0..=59)?;
            Some(if *sign == b'-' { -minutes } else { minutes })
        }
        _ => None,
    }
}

/// Whether the minute, counted from the local day's beginning but in UTC, is the last of a month.
fn leap_second(local_day: i32, last_day: i32, utc_minute: i32) -> bool {
    const DAY: i32 = 24 * 60;
    utc_minute.rem_euclid(DAY) == DAY - 1
        && match utc_minute.div_euclid(DAY) {
            0 => local_day == last_day,
            1 => local_day + 1 == last_day,
            _ => local_day == 1,
        }
}

fn days(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn number(digits: &[u8], allowed: std::ops::RangeInclusive<i32>) -> Option<i32> {
    let value = digits.iter().try_fold(0, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + i32::from(digit - b'0'))
    })?;
    allowed.contains(&value).then_some(value)
}
