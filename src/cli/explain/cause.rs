//! What a cause is that reports name above the failures.

use crate::cli::page::Page;
use crate::suite::diagnosis::KnownCause;
use crate::suite::register;

/// Explains a cause.
pub fn explain(cause: &KnownCause) -> String {
    let mut page = Page::new();
    page.title(cause.name, "a cause of failures")
        .field("is", cause.text);
    for (index, id) in cause.explains.iter().enumerate() {
        let title = register::find(id).map_or("", |requirement| requirement.title);
        page.field(
            if index == 0 { "explains" } else { "" },
            &format!("{id} {title}"),
        );
    }
    page.into_text()
}
