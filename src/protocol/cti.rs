//! CTI identifiers.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A CTI identifier.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cti {
    text: String,
}

/// Why a text is not a CTI identifier, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (at character {position})")]
pub struct CtiError {
    reason: String,
    position: usize,
}

impl CtiError {
    /// The offending character, counted from 0.
    pub fn position(&self) -> usize {
        self.position
    }
}

impl Cti {
    /// Reads an identifier.
    ///
    /// # Errors
    /// When the text is not an identifier; the error says at which character.
    pub fn parse(text: &str) -> Result<Self, CtiError> {
        if text.starts_with("cti.") {
            Ok(Self {
                text: text.to_owned(),
            })
        } else {
            Err(CtiError {
                reason: "an identifier begins with `cti.`".to_owned(),
                position: 0,
            })
        }
    }

    /// The identifier's text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The identifier before the last `~`.
    pub fn parent(&self) -> Option<Cti> {
        self.text.rsplit_once('~').map(|(parent, _)| Cti {
            text: parent.to_owned(),
        })
    }

    /// Whether this is the other or a descendant of it.
    pub fn is_a(&self, other: &Cti) -> bool {
        self.text == other.text || self.text.starts_with(&format!("{}~", other.text))
    }
}

impl fmt::Display for Cti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for Cti {
    type Err = CtiError;

    fn from_str(text: &str) -> Result<Self, CtiError> {
        Self::parse(text)
    }
}

impl Serialize for Cti {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Cti {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
