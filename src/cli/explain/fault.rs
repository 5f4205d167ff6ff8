//! What a fault of the reference handler does.

use crate::cli::page::Page;
use crate::reference::Fault;
use crate::suite::register;

/// Explains a fault.
pub fn explain(fault: Fault) -> String {
    let mut page = Page::new();
    page.title(fault.name(), "a fault of the reference handler")
        .field("does", fault.title());
    for (index, id) in fault.breaks().iter().enumerate() {
        let title = register::find(id).map_or("", |requirement| requirement.title);
        page.field(
            if index == 0 { "breaks" } else { "" },
            &format!("{id} {title}"),
        );
    }
    page.field("try it", &format!("acgw serve --fault {}", fault.name()));
    page.into_text()
}
