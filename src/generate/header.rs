//! One value of a header field.

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;

use super::malform;

/// The most bytes of a header value made here, but for the few that are long on purpose. The smallest limit in common use on
/// a whole head is 4 KiB (uWSGI); a token takes a third of that.
pub const MOST_BYTES: usize = 2_048;
/// The most bytes of a text whose base64 has room in such a value.
pub const MOST_TEXT: usize = MOST_BYTES / 4 * 3;

/// A value for a header field, and what is the matter with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderCase {
    /// Says what is the matter with it; no two of one list share a name.
    pub name: String,
    /// The value; `None` means that the field is not sent.
    pub value: Option<Vec<u8>>,
}

impl HeaderCase {
    /// A case with a value.
    pub fn new(name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            value: Some(value.into()),
        }
    }

    /// Whether HTTP permits the value: no control characters but the tab (RFC 9110, section 5.5).
    pub fn is_sendable(&self) -> bool {
        self.value
            .iter()
            .flatten()
            .all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f))
    }
}

/// Damage to a right value, of bytes that HTTP permits.
pub(super) fn damaged(value: &[u8]) -> SBoxedStrategy<HeaderCase> {
    let value = value.to_vec();
    malform::damage(&value)
        .prop_map(move |damage| {
            let mut bytes = damage.apply(&value);
            for byte in &mut bytes {
                if *byte < b' ' || *byte == 0x7f {
                    *byte = b'?';
                }
            }
            HeaderCase::new(format!("damaged: {damage}"), bytes)
        })
        .sboxed()
}
