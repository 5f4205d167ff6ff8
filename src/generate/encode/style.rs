//! What may differ between two JSON texts that say the same.

use std::fmt;

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;
/// How a JSON text is spelt. Everything in it is without meaning to a parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Style {
    /// `None` keeps the order of keys; a number permutes them at all levels.
    pub order: Option<u64>,
    /// White space between tokens and around the text.
    pub space: Space,
    /// Which characters of strings and keys are written as escapes.
    pub escapes: Escapes,
}

/// White space between tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Space {
    /// None at all.
    None,
    /// One blank after colons and commas.
    Blanks,
    /// A line for each member, indented by so many blanks.
    Lines(u8),
    /// A line for each member, indented by tabs, lines ended by CR LF.
    TabsAndCrLf,
    /// Any legal white space in any place, chosen by a number.
    Anywhere(u64),
}

/// Which characters are written as escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Escapes {
    /// Only those that must be.
    Needed,
    /// All outside ASCII, and the slash.
    NonAscii,
    /// All of them, as `\u` with lower-case digits.
    AllLower,
    /// All of them, as `\u` with upper-case digits.
    AllUpper,
    /// Each in any legal way, chosen by a number.
    Mixed(u64),
}

impl Style {
    /// Compact, keys as they stand, no needless escapes.
    pub fn plain() -> Self {
        Self {
            order: None,
            space: Space::None,
            escapes: Escapes::Needed,
        }
    }

    /// The styles that differ most from one another, the plain one not among them.
    pub fn enumerated() -> Vec<Self> {
        let plain = Self::plain();
        vec![
            Self {
                order: Some(1),
                ..plain
            },
            Self {
                space: Space::Lines(2),
                ..plain
            },
            Self {
                escapes: Escapes::NonAscii,
                ..plain
            },
            Self {
                escapes: Escapes::AllLower,
                ..plain
            },
            Self {
                escapes: Escapes::AllUpper,
                ..plain
            },
            Self {
                space: Space::TabsAndCrLf,
                ..plain
            },
            Self {
                space: Space::Anywhere(1),
                ..plain
            },
            Self {
                order: Some(2),
                space: Space::Anywhere(2),
                escapes: Escapes::Mixed(2),
            },
        ]
    }

    /// Every style; shrinks part by part to the plain one.
    pub fn strategy() -> SBoxedStrategy<Self> {
        let order = prop_oneof![Just(None), any::<u64>().prop_map(Some)];
        let space = prop_oneof![
            1 => Just(Space::None),
            1 => Just(Space::Blanks),
            1 => (0_u8..=8).prop_map(Space::Lines),
            1 => Just(Space::TabsAndCrLf),
            4 => any::<u64>().prop_map(Space::Anywhere),
        ];
        let escapes = prop_oneof![
            1 => Just(Escapes::Needed),
            1 => Just(Escapes::NonAscii),
            1 => Just(Escapes::AllLower),
            1 => Just(Escapes::AllUpper),
            4 => any::<u64>().prop_map(Escapes::Mixed),
        ];
        (order, space, escapes)
            .prop_map(|(order, space, escapes)| Self {
                order,
                space,
                escapes,
            })
            .sboxed()
    }
}

impl Default for Style {
    fn default() -> Self {
        Self::plain()
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = match self.order {
            None => "keys in order",
            Some(_) => "keys permuted",
        };
        let space = match self.space {
            Space::None => "compact",
            Space::Blanks => "blanks after colons and commas",
            Space::Lines(_) => "indented",
            Space::TabsAndCrLf => "indented by tabs, lines ended by CR LF",
            Space::Anywhere(_) => "white space anywhere",
        };
        let escapes = match self.escapes {
            Escapes::Needed => "no needless escapes",
            Escapes::NonAscii => "non-ASCII characters and slashes escaped",
            Escapes::AllLower => "all characters escaped, lower-case digits",
            Escapes::AllUpper => "all characters escaped, upper-case digits",
            Escapes::Mixed(_) => "characters escaped in various ways",
        };
        write!(f, "{order}, {space}, {escapes}")
    }
}
