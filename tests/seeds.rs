//! No false red: the reference handler, which is right, is failed by no seed, whatever the enablement methods.
//!
//! `ACGW_SEEDS=500 cargo test --release --test seeds -- --nocapture` makes as many runs for each pair of methods;
//! `ACGW_FIRST_SEED` is where they begin, and `ACGW_CASES` the number of generated cases a check.

mod common;

use std::time::Instant;

use acgw_conformance::protocol::Enablement;
use acgw_conformance::reference::{Faults, Server};
use acgw_conformance::suite::{Options, Outcome, State};
use common::*;

/// Runs at the same time.
const AT_ONCE: usize = 2;
/// Seeds behind which it is told how far it has come.
const TOLD_EVERY: u64 = 10;

#[tokio::test(flavor = "multi_thread")]
async fn no_seed_fails_a_right_handler() {
    let (seeds, first) = (setting("ACGW_SEEDS", 2), setting("ACGW_FIRST_SEED", 1));
    let cases = setting("ACGW_CASES", 12);
    let methods = Enablement::all().filter(|methods| methods.callbacks().next().is_some());
    let methods: Vec<Enablement> = methods.collect();
    let mut waiting =
        (first..first + seeds).flat_map(|seed| methods.iter().map(move |methods| (*methods, seed)));
    let pairs = methods.len() as u64;
    let started = Instant::now();
    let mut running = tokio::task::JoinSet::new();
    let (mut runs, mut exchanges, mut wrong) = (0_u64, 0_u64, Vec::new());
    loop {
        while running.len() < AT_ONCE
            && let Some((methods, seed)) = waiting.next()
        {
            running.spawn(async move { (methods, seed, judged(methods, seed, cases).await) });
        }
        let Some(done) = running.join_next().await else {
            break;
        };
        let (pair, seed, outcome) = done.expect("the run does not panic");
        runs += 1;
        exchanges += outcome.run.exchanges;
        if let Some(what) = what_is_wrong(&outcome) {
            // At once: it may take an hour until all have run.
            let what = format!("{pair}, seed {seed}: {what}");
            println!("{what}");
            wrong.push(what);
        }
        if runs % (TOLD_EVERY * pairs) == 0 || runs == seeds * pairs {
            println!(
                "{runs} runs of {pairs} pairs of methods, {exchanges} exchanges, {} wrong, {:.0} s",
                wrong.len(),
                started.elapsed().as_secs_f64()
            );
        }
    }
    assert_eq!(runs, seeds * pairs);
    assert!(wrong.is_empty(), "{} of {runs}:\n{wrong:#?}", wrong.len());
}

async fn judged(methods: Enablement, seed: u64, cases: u64) -> Outcome {
    let identity = identity();
    let handler = reference_for(methods, &identity, Faults::none());
    let server = Server::start(anywhere(), handler, None)
        .await
        .expect("a free port");
    let options = Options {
        cases: u32::try_from(cases).expect("a number of cases"),
        seed,
        ..options_for(methods)
    };
    run(identity, &server.url(), options).await
}

/// What a right handler may not be told: a failure of any level, or that something could not be judged.
fn what_is_wrong(outcome: &Outcome) -> Option<String> {
    let of = |is: fn(&State) -> bool| {
        let those = outcome
            .requirements
            .iter()
            .filter(move |one| is(&one.state));
        those.map(|one| one.requirement.id).collect::<Vec<_>>()
    };
    let failed = of(|state| *state == State::Failed);
    let blocked = of(|state| matches!(state, State::Blocked(_)));
    let judged = of(|state| *state == State::Passed).len();
    (!failed.is_empty() || !blocked.is_empty() || judged == 0)
        .then(|| format!("failed {failed:?}, blocked {blocked:?}, passed {judged}"))
}
