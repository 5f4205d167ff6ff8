//! Damage as lines and disks do it: a few small edits anywhere in a body. Shrinks towards one smallest edit.

use std::fmt;

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;

/// A list of edits, made one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Damage {
    edits: Vec<Edit>,
}

/// One small change. Places are byte offsets; one beyond the end means the end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Edit {
    /// Everything from here on is lost.
    Truncate {
        /// The first byte lost.
        at: usize,
    },
    /// Some bits of one byte turn over.
    Flip {
        /// Which byte.
        at: usize,
        /// Which bits; never 0.
        bits: u8,
    },
    /// Bytes are put in.
    Insert {
        /// Before which byte.
        at: usize,
        /// What.
        bytes: Vec<u8>,
    },
    /// Bytes are lost.
    Delete {
        /// The first of them.
        at: usize,
        /// How many.
        length: usize,
    },
    /// Two bytes change places.
    Swap {
        /// One of them.
        at: usize,
        /// The other.
        with: usize,
    },
    /// A stretch is put in a second time elsewhere.
    Splice {
        /// The stretch's first byte.
        from: usize,
        /// How many bytes.
        length: usize,
        /// Before which byte it is put.
        to: usize,
    },
}

impl Damage {
    /// Damage by these edits.
    pub fn new(edits: Vec<Edit>) -> Self {
        Self { edits }
    }

    /// The edits, in the order in which they are made.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// The damaged body.
    pub fn apply(&self, body: &[u8]) -> Vec<u8> {
        self.edits
            .iter()
            .fold(body.to_vec(), |body, edit| edit.apply(body))
    }

    /// What was done, in words.
    pub fn describe(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, edit) in self.edits.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{edit}")?;
        }
        Ok(())
    }
}

impl Edit {
    fn apply(&self, mut body: Vec<u8>) -> Vec<u8> {
        let end = body.len();
        match self {
            Self::Truncate { at } => body.truncate(*at),
            Self::Flip { at, bits } => {
                if let Some(byte) = body.get_mut(*at) {
                    *byte ^= bits;
                }
            }
            Self::Insert { at, bytes } => {
                let at = (*at).min(end);
                body.splice(at..at, bytes.iter().copied());
            }
            Self::Delete { at, length } => {
                let at = (*at).min(end);
                body.drain(at..at.saturating_add(*length).min(end));
            }
            Self::Swap { at, with } => {
                if *at < end && *with < end {
                    body.swap(*at, *with);
                }
            }
            Self::Splice { from, length, to } => {
                let from = (*from).min(end);
                let stretch = body[from..from.saturating_add(*length).min(end)].to_vec();
                let to = (*to).min(end);
                body.splice(to..to, stretch);
            }
        }
        body
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncate { at } => write!(f, "cut at byte {at}"),
            Self::Flip { at, bits } => write!(f, "byte {at} xor 0x{bits:02x}"),
            Self::Insert { at, bytes } => {
                write!(f, "\"{}\" put in at byte {at}", bytes.escape_ascii())
            }
            Self::Delete { at, length } => write!(f, "{length} bytes lost from byte {at}"),
            Self::Swap { at, with } => write!(f, "bytes {at} and {with} swapped"),
            Self::Splice { from, length, to } => {
                write!(f, "{length} bytes from byte {from} repeated at byte {to}")
            }
        }
    }
}

/// Damage to a body, one to four edits; half of the places are where JSON's own marks stand.
pub fn damage(control: &[u8]) -> SBoxedStrategy<Damage> {
    prop::collection::vec(edit(control), 1..=4)
        .prop_map(|edits| Damage { edits })
        .sboxed()
}

/// A body of a JSON object cut short anywhere: whatever follows, it is no JSON, and every parser refuses it (ROB-01).
pub fn truncation(control: &[u8]) -> SBoxedStrategy<Damage> {
    let end = control.trim_ascii_end().len().max(1);
    (0..end)
        .prop_map(|at| Damage::new(vec![Edit::Truncate { at }]))
        .sboxed()
}

fn edit(control: &[u8]) -> SBoxedStrategy<Edit> {
    let place = place(control);
    let end = control.len().max(1);
    let byte = prop_oneof![
        3 => prop::sample::select(b"\"{}[]:,\\ 0-.eE/tn\x00\n".to_vec()),
        1 => any::<u8>(),
        1 => 0x80_u8..,
    ];
    let length = prop_oneof![4 => 1..=4_usize, 1 => 1..=end];
    prop_oneof![
        2 => place.clone().prop_map(|at| Edit::Truncate { at }),
        4 => (place.clone(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip { at, bits: 1 << bit }),
        1 => (place.clone(), 1..=255_u8).prop_map(|(at, bits)| Edit::Flip { at, bits }),
        3 => (place.clone(), prop::collection::vec(byte, 1..=8))
            .prop_map(|(at, bytes)| Edit::Insert { at, bytes }),
        3 => (place.clone(), length.clone())
            .prop_map(|(at, length)| Edit::Delete { at, length }),
        1 => (place.clone(), place.clone()).prop_map(|(at, with)| Edit::Swap { at, with }),
        1 => (place.clone(), length, place)
            .prop_map(|(from, length, to)| Edit::Splice { from, length, to }),
    ]
    .sboxed()
}

fn place(control: &[u8]) -> SBoxedStrategy<usize> {
    let anywhere = 0..control.len().max(1);
    let marks: Vec<usize> = control
        .iter()
        .enumerate()
        .filter(|(_, byte)| b"{}[]:,\"\\".contains(byte))
        .map(|(at, _)| at)
        .collect();
    if marks.is_empty() {
        return anywhere.sboxed();
    }
    prop_oneof![anywhere, prop::sample::select(marks)].sboxed()
}
