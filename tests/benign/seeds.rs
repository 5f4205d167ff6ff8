//! All of the others with more seeds.

use std::time::Instant;

use crate::common::*;

#[test]
#[ignore = "minutes: all of the others, once for each of the seeds that ACGW_SEEDS asks for"]
fn no_seed_fails_a_right_handler_that_looks_odd() {
    let (seeds, first) = (setting("ACGW_SEEDS", 1), setting("ACGW_FIRST_SEED", 1));
    assert!(seeds > 0, "ACGW_SEEDS asks for no run");
    let program = std::env::current_exe().expect("this program");
    let started = Instant::now();
    let mut wrong = Vec::new();
    for seed in first..first + seeds {
        let run = std::process::Command::new(&program)
            .env("ACGW_SEED", seed.to_string())
            .output()
            .expect("this program again");
        let told = String::from_utf8_lossy(&run.stdout).into_owned();
        let summary = told
            .lines()
            .find(|line| line.starts_with("test result"))
            .unwrap_or("no result");
        println!(
            "seed {seed}: {summary}, {:.0} s in all",
            started.elapsed().as_secs_f64()
        );
        if !run.status.success() {
            println!("{told}");
            wrong.push(seed);
        }
    }
    assert!(wrong.is_empty(), "{} of {seeds}: {wrong:?}", wrong.len());
}
