//! The identifier and what can be asked of it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::CtiError;
use super::parse::{self, Span};

/// A CTI identifier. It keeps its text, so that it prints as it was read; it is ordered and compared by that text.
///
/// ```
/// use acgw_conformance::protocol::Cti;
///
/// let callback: Cti = "cti.a.p.acgw.callback.v1.0~a.p.topology.read.v1.0".parse()?;
/// assert_eq!(callback.base().as_str(), "cti.a.p.acgw.callback.v1.0");
/// assert!(callback.is_a(&callback.base()));
///
/// let last = callback.contexts().last().expect("an identifier has at least one context");
/// assert_eq!((last.entity_name, last.major, last.minor), ("topology.read", 1, 0));
///
/// let error = Cti::parse("cti.a.p.acgw.callback.v1").unwrap_err();
/// assert_eq!(error.position(), 24);
/// assert!(error.is_reference());
/// # Ok::<(), acgw_conformance::protocol::CtiError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Cti {
    text: String,
    spans: Vec<Span>,
    uuid: Option<usize>,
}

/// One context of an identifier: `vendor.package.entity_name.vMAJOR.MINOR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Context<'a> {
    /// Who defines the entity; `a` is Acronis.
    pub vendor: &'a str,
    /// The vendor's package.
    pub package: &'a str,
    /// The entity's name, parts joined by dots.
    pub entity_name: &'a str,
    /// Versions of the same major number are compatible. Below 2^63.
    pub major: u64,
    /// Below 2^63.
    pub minor: u64,
}

impl Cti {
    /// The most characters that an identifier has.
    pub const MOST_CHARACTERS: usize = 1024;

    /// Reads an identifier.
    ///
    /// # Errors
    /// When the text is not an identifier; the error says what is wrong and at which character.
    pub fn parse(text: &str) -> Result<Self, CtiError> {
        let parsed = parse::identifier(text)?;
        Ok(Self {
            text: text.to_owned(),
            spans: parsed.spans,
            uuid: parsed.uuid,
        })
    }

    /// The identifier's text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The contexts from the first to the last; there is at least one.
    pub fn contexts(&self) -> impl ExactSizeIterator<Item = Context<'_>> + DoubleEndedIterator {
        self.spans.iter().map(|span| Context {
            vendor: &self.text[span.start..span.vendor_end],
            package: &self.text[span.vendor_end + 1..span.package_end],
            entity_name: &self.text[span.package_end + 1..span.name_end],
            major: span.major,
            minor: span.minor,
        })
    }

    /// The UUID at the end of an anonymous entity's identifier.
    pub fn uuid(&self) -> Option<&str> {
        self.uuid.map(|start| &self.text[start..])
    }

    /// The identifier before the last `~`.
    pub fn parent(&self) -> Option<Cti> {
        let contexts = self.spans.len() - usize::from(self.uuid.is_none());
        (contexts > 0).then(|| self.first(contexts))
    }

    /// The identifier of the first context alone.
    pub fn base(&self) -> Cti {
        self.first(1)
    }

    /// The parent, its parent and so on, up to the base.
    pub fn ancestors(&self) -> impl Iterator<Item = Cti> {
        std::iter::successors(self.parent(), Cti::parent)
    }

    /// Whether this is the other or a descendant of it.
    pub fn is_a(&self, other: &Cti) -> bool {
        self.text
            .strip_prefix(other.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('~'))
    }

    fn first(&self, contexts: usize) -> Cti {
        let spans = self.spans[..contexts].to_vec();
        let end = spans.last().map_or(0, |span| span.end);
        Cti {
            text: self.text[..end].to_owned(),
            spans,
            uuid: None,
        }
    }
}

impl PartialEq for Cti {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Cti {}

impl std::hash::Hash for Cti {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl PartialOrd for Cti {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cti {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl fmt::Display for Cti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Display for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{}.{}.v{}.{}",
            self.vendor, self.package, self.entity_name, self.major, self.minor
        )
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
