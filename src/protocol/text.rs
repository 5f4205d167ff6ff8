//! Strings with a documented form that keep the exact text they were read from.
//!
//! A UUID is echoed letter by letter and a date keeps its offset and precision, so these types validate without normalising.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// A text that does not have the form its type demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
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

/// Whether the text is a UUID in its 8-4-4-4-12 form, in either case.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// Whether the text is a date and time as RFC 3339 defines it (leap seconds included, no date too old).
pub fn is_date_time(text: &str) -> bool {
    jsonschema_date_time(text)
}

/// Whether the text is an absolute URI as RFC 3986 defines it.
pub fn is_uri(text: &str) -> bool {
    fluent_uri::Uri::parse(text).is_ok()
}

fn jsonschema_date_time(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok()
}
