//! Writes a value in a style.

use serde_json::Value;

use super::{Escapes, Space, Style};
use crate::generate::seed::Mixer;

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
        let short = short_escape(character);
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

/// What stands behind the backslash in JSON, other than `u`.
pub(crate) fn short_escape(character: char) -> Option<char> {
    match character {
        '"' | '\\' | '/' => Some(character),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        _ => None,
    }
}
