//! The matrix: every fault of the reference handler is caught by exactly the requirements that it is declared to break,
//! and every requirement that a fault can break is broken by one.
mod common;

use std::collections::{BTreeMap, BTreeSet};

use acgw_conformance::reference::{Fault, Faults};
use acgw_conformance::suite::register;
use common::*;

/// Runs at the same time.
const AT_ONCE: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_caught_by_exactly_the_requirements_that_it_breaks() {
    let mut waiting: Vec<Fault> = Fault::all().to_vec();
    if let Ok(only) = std::env::var("ACGW_FAULT") {
        waiting.retain(|fault| fault.name().contains(&only));
    }
    waiting.reverse();
    let mut running = tokio::task::JoinSet::new();
    let mut wrong = BTreeMap::new();
    loop {
        while running.len() < AT_ONCE
            && let Some(fault) = waiting.pop()
        {
            running.spawn(async move {
                let identity = identity();
                let server = server(&identity, [fault].into_iter().collect::<Faults>()).await;
                let started = std::time::Instant::now();
                let outcome = run(identity, &server.url(), options()).await;
                (fault, outcome, started.elapsed())
            });
        }
        let Some(done) = running.join_next().await else {
            break;
        };
        let (fault, outcome, took) = done.expect("the run does not panic");
        let caught: BTreeSet<&str> = failed(&outcome).into_iter().collect();
        let declared: BTreeSet<&str> = fault.breaks().iter().copied().collect();
        println!(
            "{:40} {:6.1?} {:?} {:?}",
            fault.name(),
            took,
            caught,
            if caught == declared { "" } else { "WRONG" }
        );
        if caught != declared {
            wrong.insert(
                fault.name(),
                format!(
                    "declared {declared:?}, caught {caught:?}; {:?} {:?}",
                    outcome.ended, outcome.notices
                ),
            );
        }
    }
    for (name, what) in &wrong {
        println!("{name}: {what}");
    }
    let broken: BTreeSet<&str> = Fault::all()
        .iter()
        .flat_map(|fault| fault.breaks())
        .copied()
        .collect();
    for r in register::all() {
        if !broken.contains(r.id) {
            println!("no fault for {}", r.id);
        }
    }
    assert!(wrong.is_empty(), "{} faults are wrong", wrong.len());
}
