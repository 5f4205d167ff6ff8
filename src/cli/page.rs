//! Labelled text for the commands that explain: a title, and labels with prose beside them.

use crate::report::palette::{Ink, Palette};
use crate::report::text::{one_line, wrap};

/// Width that prose is broken to.
const WIDTH: usize = 80;
/// Width of the labels' column.
const LABEL: usize = 12;

/// The colours that standard output has.
pub fn palette() -> Palette {
    match anstream::AutoStream::choice(&std::io::stdout()) {
        anstream::ColorChoice::Never => Palette::PLAIN,
        _ => Palette::COLOUR,
    }
}

/// A page of labelled text.
#[derive(Debug)]
pub struct Page {
    palette: Palette,
    text: String,
}

impl Page {
    /// An empty page in the colours that standard output has.
    pub fn new() -> Self {
        Self {
            palette: palette(),
            text: String::new(),
        }
    }

    /// A heading, a remark beside it, and an empty line.
    pub fn title(&mut self, heading: &str, remark: &str) -> &mut Self {
        let heading = self.palette.paint(Ink::Id, heading);
        let remark = one_line(remark);
        let gap = if remark.is_empty() { "" } else { "  " };
        self.line(&format!("{heading}{gap}{remark}")).line("")
    }

    /// A label, and prose beside it.
    pub fn field(&mut self, label: &str, prose: &str) -> &mut Self {
        let prose = one_line(prose).into_owned();
        for (index, line) in wrap(&prose, WIDTH - LABEL - 2).iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = self.palette.paint(Ink::Faint, &format!("{label:<LABEL$}"));
            self.line(&format!("  {label}{line}"));
        }
        self
    }

    /// A line as it is.
    pub fn line(&mut self, line: &str) -> &mut Self {
        self.text.push_str(line);
        self.text.push('\n');
        self
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.text
    }
}
