//! `docs/matrix.md`: what the runs of all faults showed, for people to read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;

use acgw_conformance::reference::Fault;
use acgw_conformance::suite::register;
use acgw_conformance::suite::requirement::Area;

/// The requirements that caught each fault, by its name.
pub type Caught = BTreeMap<&'static str, BTreeSet<&'static str>>;

const INTRODUCTION: &str = "\
# What the suite finds: the matrix of faults and requirements

A fault is one defect that the reference handler can be given (`acgw serve --fault NAME`). The suite is run against the
handler once with each of them, and what is printed here is what those runs failed. A fault that no requirement catches
would be a false green of the suite; one that is caught by more requirements than it breaks, a false red.

This file is made by `ACGW_MATRIX=write cargo test --test faults`, from real runs. `cargo test` makes the runs again, by the
most telling cases where these find all that a fault breaks, and fails if one of them differs from this file, if a fault is caught
by none, or if a requirement that can be broken is broken by none.
";

/// The file.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/matrix.md")
}

/// Its text.
pub fn text(caught: &Caught) -> String {
    let mut text = INTRODUCTION.to_owned();
    let found = caught.values().filter(|by| !by.is_empty()).count();
    let mut broken_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (fault, requirements) in caught {
        for id in requirements {
            broken_by.entry(id).or_default().push(fault);
        }
    }
    let observable = register::all()
        .iter()
        .filter(|requirement| requirement.unobservable.is_none());
    let (all, broken) = observable.fold((0, 0), |(all, broken), requirement| {
        let one = usize::from(broken_by.contains_key(requirement.id));
        (all + 1, broken + one)
    });
    let _ = writeln!(
        text,
        "\n- {found} of {} faults are caught.\n- {broken} of {all} requirements that can be observed are broken by at least \
         one fault.",
        caught.len()
    );
    let _ = writeln!(text, "\n## Requirements, and the faults that break them");
    for area in Area::ALL {
        let of_area: Vec<_> = register::all()
            .iter()
            .filter(|requirement| requirement.area() == *area)
            .collect();
        if of_area.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n### {}: {}\n", area.code(), area.title());
        let _ = writeln!(text, "| requirement | level | what it asks | broken by |");
        let _ = writeln!(text, "|---|---|---|---|");
        for requirement in of_area {
            let faults = match (requirement.unobservable, broken_by.get(requirement.id)) {
                (Some(reason), _) => format!("cannot be observed: {reason}"),
                (None, Some(faults)) => quoted(faults.iter().copied()),
                (None, None) => "**none**".to_owned(),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                requirement.id,
                requirement.level.name(),
                cell(requirement.title),
                cell(&faults)
            );
        }
    }
    let _ = writeln!(text, "\n## Faults, and the requirements that catch them\n");
    let _ = writeln!(
        text,
        "| fault | what is wrong with the handler | caught by |"
    );
    let _ = writeln!(text, "|---|---|---|");
    for (name, requirements) in caught {
        let title = Fault::from_name(name).map_or("", Fault::title);
        let by = match requirements.is_empty() {
            true => "**none**".to_owned(),
            false => Vec::from_iter(requirements.iter().copied()).join(", "),
        };
        let _ = writeln!(text, "| `{name}` | {} | {by} |", cell(title));
    }
    text
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// A text that does not end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
