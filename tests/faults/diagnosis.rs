//! What the runs against every fault are diagnosed with.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use acgw_conformance::reference::Fault;
use acgw_conformance::suite::diagnosis::{self, KnownCause};

/// By fault, the names of the causes that its run points to.
pub type Diagnosed = BTreeMap<&'static str, Vec<&'static str>>;

/// Where it is published.
pub fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/diagnosis.md")
}

/// The page.
pub fn text(seen: &Diagnosed) -> String {
    let mut page = String::from(HEAD);
    for KnownCause { name, text, .. } in diagnosis::causes() {
        let shown: Vec<String> = (Fault::all().iter())
            .map(|fault| fault.name())
            .filter(|fault| seen.get(fault).is_some_and(|causes| causes.contains(&name)))
            .map(|fault| format!("`{fault}`"))
            .collect();
        let _ = writeln!(page, "| `{name}` | {text} | {} |", shown.join(", "));
    }
    page.push_str(OPENING);
    for KnownCause { name, text, .. } in diagnosis::opening_causes() {
        let _ = writeln!(page, "| `{name}` | {text} |");
    }
    page.push_str(WITHOUT);
    for fault in Fault::all() {
        if seen.get(fault.name()).is_some_and(Vec::is_empty) {
            let _ = writeln!(page, "- `{}`: {}", fault.name(), fault.title());
        }
    }
    page
}

/// The causes that no run pointed to.
pub fn unseen(seen: &Diagnosed) -> Vec<&'static str> {
    let seen: BTreeSet<&str> = seen.values().flatten().copied().collect();
    diagnosis::causes()
        .map(|cause| cause.name)
        .filter(|name| !seen.contains(name))
        .collect()
}

const HEAD: &str = "\
# What a pattern of failures points to

Above the failures, reports name the causes that would explain them, and what to change. A cause is told where the pattern of what
failed and what passed points to it; it decides nothing. Of several causes for the same failures the one that explains most is told.

This file is made with `docs/matrix.md`, from the same runs of the suite against the reference handler with each of its faults:
`ACGW_MATRIX=write cargo test --test faults`. `cargo test` makes the runs again, by fewer cases, and fails if a cause is told of
another fault than those named here, or if a cause is shown by none.

`acgw explain CAUSE` says the same of one.

| cause | what is told | faults that it is told of |
|---|---|---|
";

const OPENING: &str = "
## What prevents any verdict

Where the first right request is not accepted, the cause is found out by further requests and told in the same place, with what is known
of the run. `tests/hostile/never_right.rs` and `tests/diagnosis.rs` hold it to that.

| cause | what it is |
|---|---|
";

const WITHOUT: &str = "
## Faults without a cause

What fails there says by itself what is wrong.

";
