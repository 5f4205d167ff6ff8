//! Why a text is not an identifier, and where.

/// What kind of thing is wrong with a text that should be an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CtiErrorKind {
    /// It does not begin with `cti.`.
    Prefix,
    /// It has more than 1024 characters.
    TooLong,
    /// White space, anywhere.
    WhiteSpace,
    /// An upper-case letter outside the UUID.
    UpperCase,
    /// Another character that no identifier has there.
    Character,
    /// Nothing stands before, between or after `~`.
    EmptyContext,
    /// The vendor is missing.
    EmptyVendor,
    /// The package is missing.
    EmptyPackage,
    /// The entity name is missing.
    EmptyEntityName,
    /// Two dots in a row in an entity name.
    EmptyPart,
    /// A vendor or package begins with a digit or `_`, or an entity name with a digit.
    Start,
    /// `__` in an entity name.
    DoubleUnderscore,
    /// A context ends without a version.
    MissingVersion,
    /// What follows `.v` is not two numbers parted by a dot.
    VersionForm,
    /// A version number with a leading zero.
    LeadingZero,
    /// Version 0.0.
    ZeroVersion,
    /// A version number of 2^63 or more.
    NumberTooLarge,
    /// A malformed UUID.
    Uuid,
    /// A UUID that is not the last, or that follows no context.
    UuidPlace,
    /// It is a reference expression: it has a wildcard, an unfinished version, a query, a selector or a parameter.
    Reference,
}

/// Why a text is not a CTI identifier, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (at character {position}, counted from 0)")]
pub struct CtiError {
    kind: CtiErrorKind,
    reason: String,
    position: usize,
}

impl CtiError {
    pub(super) fn new(kind: CtiErrorKind, position: usize, reason: impl Into<String>) -> Self {
        Self {
            kind,
            reason: reason.into(),
            position,
        }
    }

    /// What kind of thing is wrong.
    pub fn kind(&self) -> CtiErrorKind {
        self.kind
    }

    /// The first offending character, counted from 0; the text's length where something is missing at its end.
    pub fn position(&self) -> usize {
        self.position
    }

    /// What is wrong, without the position.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether the text is a reference expression, which names a set of identifiers rather than one.
    pub fn is_reference(&self) -> bool {
        self.kind == CtiErrorKind::Reference
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        use CtiErrorKind as Kind;
        match self.kind {
            Kind::Prefix => {
                "write `cti.` in lower case, then `vendor.package.entity_name.vMAJOR.MINOR`"
            }
            Kind::TooLong => "an identifier has at most 1024 characters; choose shorter names",
            Kind::WhiteSpace => "remove it; look at both ends as well, and for a line break",
            Kind::UpperCase => "write it in lower case; only a UUID at the end may have upper case",
            Kind::Character => {
                "names have the letters a to z, digits and `_`, and are parted by dots"
            }
            Kind::EmptyContext => {
                "put `vendor.package.entity_name.vMAJOR.MINOR` here, or remove the `~` before or after"
            }
            Kind::EmptyVendor | Kind::EmptyPackage | Kind::EmptyEntityName => {
                "a context is `vendor.package.entity_name.vMAJOR.MINOR`, and none of them is empty"
            }
            Kind::EmptyPart => "remove one of the two dots, or put a name between them",
            Kind::Start => {
                "a vendor and a package begin with a letter, an entity name with a letter or `_`"
            }
            Kind::DoubleUnderscore => "write one `_`",
            Kind::MissingVersion => "end the context with its version, such as `.v1.0`",
            Kind::VersionForm => {
                "a version is `v`, MAJOR, a dot and MINOR, such as `v1.0`, and ends its context"
            }
            Kind::LeadingZero => "write the number without zeros in front",
            Kind::ZeroVersion => "the lowest version is `v0.1`",
            Kind::NumberTooLarge => "a version number is at most 9223372036854775807",
            Kind::Uuid => "a UUID is 8, 4, 4, 4 and 12 hexadecimal digits joined by `-`",
            Kind::UuidPlace => {
                "a UUID names an anonymous entity: it comes last, after `~` and at least one context"
            }
            Kind::Reference => {
                "a reference expression names a set of identifiers; write the one identifier that is meant, versions in full"
            }
        }
    }

    /// The text with a caret under the offending character, two lines without a line break at the end. Long texts are
    /// cut around the place, and control characters are written as escapes.
    ///
    /// ```
    /// use acgw_conformance::protocol::Cti;
    ///
    /// let text = "cti.a.p.acgw.request.v01.0";
    /// let error = Cti::parse(text).unwrap_err();
    /// assert_eq!(
    ///     error.pointed(text),
    ///     "cti.a.p.acgw.request.v01.0\n                      ^ a version number has a leading zero"
    /// );
    /// ```
    pub fn pointed(&self, text: &str) -> String {
        const BEFORE: usize = 60;
        const AFTER: usize = 20;
        let from = if self.position > BEFORE {
            self.position - BEFORE + 1
        } else {
            0
        };
        let length = text.chars().count();

        let mut line = String::new();
        if from > 0 {
            line.push('…');
        }
        let mut caret = line.chars().count();
        for (at, character) in text.chars().enumerate().skip(from) {
            if at > self.position + AFTER {
                break;
            }
            let before = line.chars().count();
            if character.is_ascii_graphic() || character == ' ' {
                line.push(character);
            } else {
                line.extend(character.escape_debug());
            }
            if at < self.position {
                caret += line.chars().count() - before;
            }
        }
        if self.position + AFTER + 1 < length {
            line.push('…');
        }
        format!("{line}\n{:caret$}^ {}", "", self.reason)
    }
}
