//! Strings with a documented form that keep the exact text they were read from.
//!
//! A UUID is echoed letter by letter and a date keeps its offset and precision, so these types validate without normalising.
//! The functions behind them are the formats of the schemas, too.

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
    ///
    /// ```
    /// use acgw_conformance::protocol::text::UuidText;
    ///
    /// let id = UuidText::new("2F1C7A52-6F8D-4A2B-9B63-0F3F0F0C6F0A")?;
    /// assert_eq!(id.as_str(), "2F1C7A52-6F8D-4A2B-9B63-0F3F0F0C6F0A");
    /// assert!(UuidText::new("2f1c7a526f8d4a2b9b630f3f0f0c6f0a").is_err());
    /// # Ok::<(), acgw_conformance::protocol::text::TextError>(())
    /// ```
    UuidText, "a UUID (8-4-4-4-12 hexadecimal digits)", is_uuid
);
text_type!(
    /// A date and time as RFC 3339 defines it.
    ///
    /// ```
    /// use acgw_conformance::protocol::text::DateTimeText;
    ///
    /// assert!(DateTimeText::new("0001-01-01T00:00:00Z").is_ok());
    /// let error = DateTimeText::new("2023-04-10 15:33:01Z").unwrap_err();
    /// assert_eq!(error.to_string(), "\"2023-04-10 15:33:01Z\" is not an RFC 3339 date and time");
    /// ```
    DateTimeText, "an RFC 3339 date and time", is_date_time
);
text_type!(
    /// A URI with a scheme as RFC 3986 defines it.
    ///
    /// ```
    /// use acgw_conformance::protocol::text::UriText;
    ///
    /// assert!(UriText::new("https://acronis.cloud").is_ok());
    /// assert!(UriText::new("acronis.cloud").is_err());
    /// ```
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

/// Whether a minute is the last of a month in UTC. It is counted in UTC, from the beginning of the local day; an offset is
/// less than a day, so it is the last of that day or of the day before.
fn leap_second(local_day: i32, last_day: i32, utc_minute: i32) -> bool {
    match utc_minute {
        1439 => local_day == last_day,
        -1 => local_day == 1,
        _ => false,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_rfc_3339_has() {
        for text in [
            "1985-04-12T23:20:50.52Z",
            "1996-12-19T16:39:57-08:00",
            "2023-04-10T15:33:01+00:00",
            "2023-04-10T15:33:01.362Z",
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+23:59",
            "0000-02-29T00:00:00Z",
            "9999-12-31T23:59:59.999999999999999999999-23:59",
            "2023-04-10t15:33:01z",
            "2023-04-10T15:33:01-00:00",
            "2024-02-29T00:00:00Z",
            "2000-02-29T00:00:00Z",
            "2023-04-10T00:00:00.0Z",
            // Leap seconds, in UTC and as seen from elsewhere.
            "1990-12-31T23:59:60Z",
            "2016-12-31T23:59:60.999Z",
            "1990-12-31T15:59:60-08:00",
            "2017-01-01T00:59:60+01:00",
            "2015-07-01T08:59:60+09:00",
            "2015-06-30T23:59:60Z",
            "2016-02-29T23:59:60Z",
            "2016-12-31T00:00:60-23:59",
            "2017-01-01T23:58:60+23:59",
        ] {
            assert!(is_date_time(text), "{text}");
        }
    }

    #[test]
    fn dates_that_it_does_not_have() {
        for text in [
            "",
            "2023-04-10",
            "15:33:01Z",
            "2023-04-10T15:33:01",
            "2023-04-10 15:33:01Z",
            "2023-04-10_15:33:01Z",
            "2023-04-10T15:33Z",
            "2023-04-10T15:33:01.Z",
            "2023-04-10T15:33:01,5Z",
            "2023-04-10T15:33:01+00",
            "2023-04-10T15:33:01+0000",
            "2023-04-10T15:33:01+00:0",
            "2023-04-10T15:33:01+24:00",
            "2023-04-10T15:33:01+00:60",
            "2023-04-10T15:33:01 Z",
            "2023-04-10T15:33:01UTC",
            "2023-04-10T15:33:01Z[UTC]",
            "2023-04-10T15:33:01+02:00[Europe/Berlin]",
            "2023-04-10T15:33:01+00:00Z",
            "2023-04-10T15:33:01\u{2212}01:00",
            "2023-04-10T24:00:00Z",
            "2023-04-10T15:60:00Z",
            "2023-04-10T15:33:61Z",
            "2023-00-10T15:33:01Z",
            "2023-13-10T15:33:01Z",
            "2023-04-00T15:33:01Z",
            "2023-04-31T15:33:01Z",
            "2023-02-29T15:33:01Z",
            "1900-02-29T15:33:01Z",
            "2023-02-30T15:33:01Z",
            "2023-1-10T15:33:01Z",
            "23-04-10T15:33:01Z",
            "+002023-04-10T15:33:01Z",
            "-2023-04-10T15:33:01Z",
            "12023-04-10T15:33:01Z",
            "20230410T153301Z",
            "2023-W15-1T15:33:01Z",
            " 2023-04-10T15:33:01Z",
            "2023-04-10T15:33:01Z ",
            "2023-04-10T15:33:01Z\n",
            "2023-04-10T15:33:0\u{663}Z",
            "٢٠٢٣-04-10T15:33:01Z",
            // No leap second can be there.
            "2016-12-31T23:58:60Z",
            "2016-12-31T22:59:60Z",
            "2016-12-30T23:59:60Z",
            "2016-12-31T23:59:60+01:00",
            "2017-01-02T00:59:60+01:00",
            "2015-02-27T23:59:60Z",
        ] {
            assert!(!is_date_time(text), "{text}");
        }
    }

    #[test]
    fn uuids() {
        for text in [
            "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
            "2F1C7A52-6f8d-4A2B-9b63-0F3F0F0C6F0A",
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            UuidText::random().as_str(),
        ] {
            assert!(is_uuid(text), "{text}");
        }
        for text in [
            "",
            "2f1c7a526f8d4a2b9b630f3f0f0c6f0a",
            "{2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a}",
            "urn:uuid:2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
            "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0",
            "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0aa",
            "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0g",
            "2f1c7a526-f8d-4a2b-9b63-0f3f0f0c6f0a",
            "2f1c7a52_6f8d_4a2b_9b63_0f3f0f0c6f0a",
            " 2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0",
            "2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f\u{e9}",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
        assert_ne!(UuidText::random(), UuidText::random());
    }

    #[test]
    fn uris() {
        for text in [
            "https://acronis.cloud",
            "https://eu2-cloud.acronis.com:443/a/b;c=1/?q=%20#f",
            "http://[2001:db8::1]:8080/",
            "http://user:pass@127.0.0.1/",
            "HTTPS://ACRONIS.CLOUD",
            "urn:uuid:2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a",
            "a:",
        ] {
            assert!(is_uri(text), "{text}");
        }
        for text in [
            "",
            "acronis.cloud",
            "//acronis.cloud",
            "/a/b",
            "://acronis.cloud",
            "1https://acronis.cloud",
            "https://acronis cloud",
            " https://acronis.cloud",
            "https://acronis.cloud/\n",
            "https://acronis.cloud/%zz",
            "https://acronis.cloud/%2",
            "https://acronis.cloud:port/",
            "https://[::1",
            "https://[::g]/",
            "https://acronis.cloud/\u{e9}",
            "https://acronis.cloud/{id}",
            "https://acronis.cloud/a|b",
            "https://acronis.cloud/\"",
            "https://acronis.cloud\\a",
        ] {
            assert!(!is_uri(text), "{text}");
        }
    }

    #[test]
    fn the_text_is_kept_and_refusals_are_short() {
        let id = UuidText::new("2F1c7A52-6f8d-4A2B-9b63-0F3F0F0C6F0A").unwrap();
        assert_eq!(id.to_string(), "2F1c7A52-6f8d-4A2B-9b63-0F3F0F0C6F0A");
        let error = UuidText::new("\u{e9}\n".repeat(100_000)).unwrap_err();
        assert!(error.to_string().len() < 500, "{error}");
        assert_eq!(error.text().len(), 300_000);
        assert_eq!(quoted("a\"b"), r#""a\"b""#);
    }
}
