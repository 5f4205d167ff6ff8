//! Defects that the reference handler can be given, found by vectors alone: a vendor who makes one has a test that fails.

use std::collections::BTreeSet;

use acgw_conformance::protocol::Enablement;
use acgw_conformance::reference::{Fault, Faults};

use crate::handler::{Handler, shows};
use crate::read::expect;

/// Faults of the requirements that vectors show which they do not find, and why.
const NOT_FOUND: &[(&str, &str)] = &[
    ("deep-nesting-crash", "needs a body above 8 KiB"),
    ("deep-nesting-hang", "needs a body above 8 KiB"),
    (
        "expiry-of-known-ignored",
        "needs the same token twice, before and behind its expiry",
    ),
    (
        "jku-under-unknown-kid",
        "needs a key that can be had somewhere",
    ),
    ("long-text-hang", "needs a text longer than vectors have"),
    ("quote-credentials-500", "is one of a custom callback"),
    ("quote-credentials-as-text", "is one of a custom callback"),
    ("quote-for-anybody", "is one of a custom callback"),
    ("reset-for-any-app", "is one of enablement.reset alone"),
    ("reset-for-any-issuer", "is one of enablement.reset alone"),
    (
        "reset-with-expired-token",
        "is one of enablement.reset alone",
    ),
];

#[tokio::test]
async fn faults_are_found_by_vectors_of_the_requirements_that_they_break() {
    let known = Handler::new(Faults::none());
    let shown: Vec<_> = known.vectors().collect();
    let mut missed = BTreeSet::new();
    let mut found = 0;
    let area = |id: &str| id.split('-').next().unwrap_or_default().to_owned();
    for fault in Fault::all() {
        // What every request shows is no matter of one vector.
        let breaks = fault.breaks().iter().filter(|id| **id != "HTTP-01");
        let breaks: Vec<&str> = breaks.copied().collect();
        let is_shown = breaks
            .iter()
            .any(|id| shown.iter().any(|(_, vector)| shows(vector, id)));
        if fault.enablement() != Enablement::MAPPED || !is_shown {
            continue;
        }
        // One that fails on what an obligation is about breaks what the area says of odd input.
        let areas: Vec<String> = breaks.iter().map(|id| area(id)).collect();
        let about = shown.iter().filter(|(_, vector)| {
            let own = vector["requirements"].as_array().into_iter().flatten();
            own.filter_map(|id| id.as_str())
                .any(|id| areas.contains(&area(id)))
        });
        let handler = Handler::new((*fault).into());
        let mut differs = false;
        for (subject, vector) in about {
            // As a test would: what is right comes first, and may be remembered.
            if let Some(right) = vector.get("differs_from") {
                let right = shown.iter().find(|(_, one)| one["id"] == *right);
                let (subject, right) = right.expect("the positive");
                handler.ask(subject, right).await;
            }
            differs = !handler.ask(subject, vector).await.agrees(vector);
            if differs {
                break;
            }
        }
        match differs {
            true => found += 1,
            false => drop(missed.insert(fault.name())),
        }
    }
    let excused: BTreeSet<&str> = NOT_FOUND.iter().map(|(name, _)| *name).collect();
    assert_eq!(missed, excused, "{found} are found");
    assert!(found > 50, "only {found}");
    assert!(shown.iter().any(|(_, vector)| expect(vector) == "free"));
}
