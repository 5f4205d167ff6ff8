//! The report for people who look around in it: one HTML file that needs no network and no server.
//!
//! The template is `page.html`, which escapes all that it shows; its style and script stand beside it. A policy in the page
//! permits that style and that script by their digests and nothing else, so that not even a slip of the template could make
//! markup out of what a handler said.

mod colour;
mod view;

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use ring::digest;

use crate::suite::Outcome;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// The template's name; its ending makes what is shown in it be escaped.
const NAME: &str = "page.html";

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    templates.set_syntax(syntax.expect("only the white space is not the default"));
    templates
        .add_template(NAME, PAGE)
        .expect("the tests render the template");
    templates
});

/// The report as HTML.
pub fn render(outcome: &Outcome) -> String {
    let page = TEMPLATES.get_template(NAME).expect("it was added");
    let rendered = page.render(context! {
        style => STYLE,
        script => SCRIPT,
        policy => policy(),
        version => env!("CARGO_PKG_VERSION"),
        report => Value::from(Serde(view::Report::new(outcome))),
    });
    rendered.expect("the tests render every part of the template")
}

/// What the page may load and run: its own style and script.
fn policy() -> String {
    let digest = |text: &str| STANDARD.encode(digest::digest(&digest::SHA256, text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}
