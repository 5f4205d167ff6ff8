//! What a requirement asks, and the list of them all.

use crate::cli::page::Page;
use crate::reference::Fault;
use crate::report::text::source;
use crate::suite::{Area, Requirement};

/// Explains a requirement.
pub fn explain(requirement: &Requirement) -> String {
    let mut page = Page::new();
    page.title(requirement.id, requirement.title)
        .field("level", level(requirement))
        .field("asks", requirement.statement)
        .field("why", requirement.why)
        .field("fix", requirement.fix)
        .field("source", &source(requirement.source));
    if requirement.verification {
        page.field(
            "verified",
            "by Acronis, before the CyberApp may go to production",
        );
    }
    if let Some(reason) = requirement.unobservable {
        page.field("not checked", reason);
    } else {
        page.field(
            "check it",
            &format!("acgw check URL … --only {}", requirement.id),
        );
    }
    let faults = Fault::all()
        .iter()
        .filter(|fault| fault.breaks().contains(&requirement.id));
    for (index, fault) in faults.enumerate() {
        let label = if index == 0 { "broken by" } else { "" };
        page.field(label, &format!("{}: {}", fault.name(), fault.title()));
    }
    page.into_text()
}

fn level(requirement: &Requirement) -> &'static str {
    use crate::suite::Level;
    match requirement.level {
        Level::Must => "must: documented, relied on by the gateway, or verified by Acronis",
        Level::Should => "should: documented as advice, or follows from the documents",
        Level::Hardening => "hardening: undocumented good sense",
    }
}

/// Lists requirements by area.
pub fn list(requirements: &[&Requirement]) -> String {
    let mut page = Page::new();
    for area in Area::ALL {
        let of_area = || requirements.iter().filter(|one| one.area() == *area);
        if of_area().next().is_none() {
            continue;
        }
        page.title(area.code(), area.title());
        for requirement in of_area() {
            let verified = if requirement.verification {
                " [verified by Acronis]"
            } else {
                ""
            };
            page.line(&format!(
                "  {:<9} {:<9}  {}{verified}",
                requirement.id,
                requirement.level.name(),
                requirement.title
            ));
        }
        page.line("");
    }
    page.line("`acgw explain ID` says more about one of them.");
    page.into_text()
}
