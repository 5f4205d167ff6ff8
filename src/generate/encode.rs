//! Equivalent spellings of a JSON value: what may differ between two texts that say the same.

use std::fmt;

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;
use serde_json::Value;

use super::seed::Mixer;

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

/// The JSON text of a value in a style.
pub fn write(value: &Value, style: &Style) -> String {
    let mut writer = Writer {
        out: String::new(),
        order: style.order.map(Mixer::new),
        space: style.space,
        space_dice: Mixer::new(match style.space {
            Space::Anywhere(seed) => seed,
            _ => 0,
        }),
        escapes: style.escapes,
        escape_dice: Mixer::new(match style.escapes {
            Escapes::Mixed(seed) => seed,
            _ => 0,
        }),
        depth: 0,
    };
    writer.gap();
    writer.value(value);
    writer.gap();
    writer.out
}

struct Writer {
    out: String,
    order: Option<Mixer>,
    space: Space,
    space_dice: Mixer,
    escapes: Escapes,
    escape_dice: Mixer,
    depth: usize,
}

impl Writer {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                self.out.push_str(&value.to_string());
            }
            Value::String(text) => self.string(text),
            Value::Array(items) => {
                self.out.push('[');
                self.depth += 1;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.comma();
                    }
                    self.line(self.depth);
                    self.value(item);
                }
                self.close(items.is_empty(), ']');
            }
            Value::Object(members) => {
                let mut members: Vec<(&String, &Value)> = members.iter().collect();
                if let Some(order) = &mut self.order {
                    order.shuffle(&mut members);
                }
                self.out.push('{');
                self.depth += 1;
                for (index, (key, member)) in members.iter().enumerate() {
                    if index > 0 {
                        self.comma();
                    }
                    self.line(self.depth);
                    self.string(key);
                    self.gap();
                    self.out.push(':');
                    match self.space {
                        Space::None => {}
                        Space::Anywhere(_) => self.gap(),
                        Space::Blanks | Space::Lines(_) | Space::TabsAndCrLf => self.out.push(' '),
                    }
                    self.value(member);
                }
                self.close(members.is_empty(), '}');
            }
        }
    }

    fn comma(&mut self) {
        self.gap();
        self.out.push(',');
        if self.space == Space::Blanks {
            self.out.push(' ');
        }
    }

    fn close(&mut self, empty: bool, bracket: char) {
        self.depth -= 1;
        if empty {
            self.gap();
        } else {
            self.line(self.depth);
        }
        self.out.push(bracket);
    }

    /// What stands before a member and before the bracket behind the last one.
    fn line(&mut self, depth: usize) {
        match self.space {
            Space::Lines(width) => {
                self.out.push('\n');
                self.out
                    .extend(std::iter::repeat_n(' ', depth * usize::from(width)));
            }
            Space::TabsAndCrLf => {
                self.out.push_str("\r\n");
                self.out.extend(std::iter::repeat_n('\t', depth));
            }
            Space::Anywhere(_) => self.gap(),
            Space::None | Space::Blanks => {}
        }
    }

    /// White space in a place where only `Anywhere` puts some.
    fn gap(&mut self) {
        if let Space::Anywhere(_) = self.space {
            for _ in 0..self.space_dice.below(4) {
                self.out
                    .push([' ', '\t', '\n', '\r'][self.space_dice.below(4)]);
            }
        }
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for character in text.chars() {
            self.character(character);
        }
        self.out.push('"');
    }

    fn character(&mut self, character: char) {
        let short = match character {
            '"' => Some('"'),
            '\\' => Some('\\'),
            '/' => Some('/'),
            '\u{8}' => Some('b'),
            '\u{c}' => Some('f'),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            _ => None,
        };
        let needed = character < ' ' || character == '"' || character == '\\';
        match self.escapes {
            Escapes::AllLower => self.unicode(character, false),
            Escapes::AllUpper => self.unicode(character, true),
            Escapes::Needed | Escapes::NonAscii => {
                let wanted = needed
                    || (self.escapes == Escapes::NonAscii
                        && (character == '/' || !character.is_ascii()));
                match (wanted, short) {
                    (false, _) => self.out.push(character),
                    (true, Some(letter)) => self.out.extend(['\\', letter]),
                    (true, None) => self.unicode(character, false),
                }
            }
            Escapes::Mixed(_) => match (self.escape_dice.below(4), short) {
                (0, _) => self.unicode(character, false),
                (1, _) => self.unicode(character, true),
                (_, Some(letter)) if needed || self.escape_dice.below(2) == 0 => {
                    self.out.extend(['\\', letter]);
                }
                _ if needed => self.unicode(character, true),
                _ => self.out.push(character),
            },
        }
    }

    /// `\uXXXX`, or a surrogate pair of two.
    fn unicode(&mut self, character: char, upper: bool) {
        let mut units = [0; 2];
        for unit in character.encode_utf16(&mut units) {
            self.out.push_str(&if upper {
                format!("\\u{unit:04X}")
            } else {
                format!("\\u{unit:04x}")
            });
        }
    }
}
