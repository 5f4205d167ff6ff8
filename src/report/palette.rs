//! The colours, or none of them.

use anstyle::{AnsiColor, Effects, Style};

/// Paints text, or leaves it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    colour: bool,
}

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// A heading.
    Heading,
    /// Good news.
    Good,
    /// A failure that counts.
    Bad,
    /// Advice, a notice, anything that asks for attention and no more.
    Warn,
    /// A requirement's id.
    Id,
    /// Labels and frames, which step back behind what they frame.
    Faint,
    /// A line that a diff takes away.
    Removed,
    /// A line that a diff adds.
    Added,
}

impl Palette {
    /// No colours: for pipes, files and `NO_COLOR`.
    pub const PLAIN: Palette = Palette { colour: false };
    /// Colours, for terminals.
    pub const COLOUR: Palette = Palette { colour: true };

    /// The text in its colour.
    pub fn paint(self, ink: Ink, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let style = style(ink);
        format!("{style}{text}{style:#}")
    }
}

fn style(ink: Ink) -> Style {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    match ink {
        Ink::Heading => Style::new().bold(),
        Ink::Good => colour(AnsiColor::Green).bold(),
        Ink::Bad => colour(AnsiColor::Red).bold(),
        Ink::Warn => colour(AnsiColor::Yellow),
        Ink::Id => colour(AnsiColor::Cyan).bold(),
        Ink::Faint => Style::new().effects(Effects::DIMMED),
        Ink::Removed => colour(AnsiColor::Red),
        Ink::Added => colour(AnsiColor::Green),
    }
}
