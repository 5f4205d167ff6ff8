//! The formats of a report that go into files.

use super::{html, json, junit, markdown, sarif};
use crate::suite::Outcome;

/// A format of a report that goes into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For programs.
    Json,
    /// For CI systems.
    Junit,
    /// For a CI job's summary.
    Markdown,
    /// For a browser.
    Html,
    /// For code scanning.
    Sarif,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Format] = &[
        Format::Json,
        Format::Junit,
        Format::Markdown,
        Format::Html,
        Format::Sarif,
    ];

    /// `json`, `junit`, `markdown`, `html` or `sarif`.
    pub fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Junit => "junit",
            Format::Markdown => "markdown",
            Format::Html => "html",
            Format::Sarif => "sarif",
        }
    }

    /// The format with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|format| format.name() == name)
    }

    /// The report as text.
    pub fn render(self, outcome: &Outcome) -> String {
        match self {
            Format::Json => json::render(outcome),
            Format::Junit => junit::render(outcome),
            Format::Markdown => markdown::render(outcome),
            Format::Html => html::render(outcome),
            Format::Sarif => sarif::render(outcome),
        }
    }
}
