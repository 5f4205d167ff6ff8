//! The matrix: every fault of the reference handler is caught by exactly the requirements that it is declared to break,
//! and every requirement that a fault can break is broken by one.
//!
//! `ACGW_FAULT=part-of-a-name,another` runs some faults only, each in a whole run; `--nocapture` shows what was caught. Of all,
//! those that the most telling cases find are not looked at further, for that would take minutes more: what their further cases
//! break besides is seen by `ACGW_MATRIX=whole`, and by `ACGW_MATRIX=write`, which writes anew what is published of it,
//! `docs/matrix.md` and `docs/diagnosis.md`.

#[path = "../common/mod.rs"]
mod common;
mod diagnosis;
mod matrix;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use acgw_conformance::gateway::Target;
use acgw_conformance::reference::{Fault, Faults, Server};
use acgw_conformance::suite::{Options, Outcome, Suite, register};
use common::{Certificate, anywhere, failed, identity, options_for, reference_for};

/// Time for everything.
const WHOLE: Option<Duration> = None;
/// Time for the most telling cases alone.
const BRIEF: Option<Duration> = Some(Duration::ZERO);

/// Runs at the same time.
const AT_ONCE: usize = 3;

/// Requirements that no fault breaks, and why.
const WITHOUT_FAULT: &[(&str, &str)] = &[];

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_caught_by_exactly_the_requirements_that_it_breaks() {
    let part = std::env::var("ACGW_FAULT").unwrap_or_default();
    let how = std::env::var("ACGW_MATRIX").ok();
    let mut waiting: Vec<Fault> = Fault::all()
        .iter()
        .copied()
        .filter(|fault| part.split(',').any(|part| fault.name().contains(part)))
        .collect();
    let mut running = tokio::task::JoinSet::new();
    let mut wrong = BTreeMap::new();
    let mut seen = matrix::Caught::new();
    let mut diagnosed = diagnosis::Diagnosed::new();
    let mut runs = 0;
    loop {
        while running.len() < AT_ONCE
            && let Some(fault) = waiting.pop()
        {
            let whole = !part.is_empty() || how.is_some();
            running.spawn(async move {
                match whole {
                    true => judge(fault, WHOLE).await,
                    false => judge_briefly(fault).await,
                }
            });
        }
        let Some(done) = running.join_next().await else {
            break;
        };
        let (fault, outcome, seconds) = done.expect("the run does not panic");
        runs += 1;
        let caught: BTreeSet<&str> = failed(&outcome).into_iter().collect();
        let declared: BTreeSet<&str> = fault.breaks().iter().copied().collect();
        let right = caught == declared;
        println!(
            "{:36} {seconds:5.1} s  {caught:?}{}",
            fault.name(),
            if right { "" } else { "  WRONG" }
        );
        if !part.is_empty() {
            show(&outcome);
        }
        let causes = outcome.diagnosis.iter().map(|cause| cause.name).collect();
        diagnosed.insert(fault.name(), causes);
        seen.insert(fault.name(), caught.clone());
        if !right {
            let told = (&outcome.ended, &outcome.notices);
            wrong.insert(
                fault.name(),
                format!("declared {declared:?}, caught {caught:?}; {told:?}"),
            );
        }
    }
    assert!(runs > 0, "no fault has {part:?} in its name");
    assert!(
        wrong.is_empty(),
        "{} of {runs} faults:\n{wrong:#?}",
        wrong.len()
    );
    if part.is_empty() {
        is_published(&matrix::path(), &matrix::text(&seen));
        is_published(&diagnosis::path(), &diagnosis::text(&diagnosed));
        assert_eq!(
            diagnosis::unseen(&diagnosed),
            [""; 0],
            "no fault shows these causes"
        );
    }
}

/// What a run saw, for whoever looks at some faults closely.
fn show(outcome: &Outcome) {
    for cause in &outcome.diagnosis {
        println!("    {}: {:?}", cause.name, cause.explains);
    }
    for one in &outcome.requirements {
        for failure in &one.failures {
            println!(
                "    {} {}/{} {}: {} => {}",
                one.requirement.id,
                one.failed_cases,
                one.cases,
                failure.callback.unwrap_or_default(),
                failure.case,
                failure.observed
            );
        }
    }
}

/// Compares a page with the published one, or publishes it.
fn is_published(path: &Path, text: &str) {
    if std::env::var("ACGW_MATRIX").is_ok_and(|what| what == "write") {
        std::fs::write(path, text).expect("the page can be written");
    }
    let published = std::fs::read_to_string(path).unwrap_or_default();
    let differs = text
        .lines()
        .zip(published.lines())
        .find(|(now, then)| now != then);
    assert!(
        text == published,
        "{} is stale; ACGW_MATRIX=write cargo test --test faults writes it anew. First difference: {differs:#?}",
        path.display()
    );
}

#[test]
fn every_requirement_is_broken_by_a_fault_or_there_is_a_reason_why_not() {
    let broken: BTreeSet<&str> = Fault::all()
        .iter()
        .flat_map(|fault| fault.breaks())
        .copied()
        .collect();
    for requirement in register::all() {
        let reason = WITHOUT_FAULT.iter().find(|(id, _)| *id == requirement.id);
        let exempt = reason.is_some() || requirement.unobservable.is_some();
        assert_ne!(
            broken.contains(requirement.id),
            exempt,
            "{}",
            requirement.id
        );
    }
    for id in broken {
        assert!(register::find(id).is_some(), "{id} is no requirement");
    }
}

#[test]
fn faults_have_names_of_their_own_and_say_what_they_do() {
    let names: BTreeSet<&str> = Fault::all().iter().map(|fault| fault.name()).collect();
    assert_eq!(names.len(), Fault::all().len());
    for fault in Fault::all() {
        assert_eq!(Fault::from_name(fault.name()), Some(*fault));
        assert!(fault.title().ends_with('.'), "{}", fault.name());
        assert!(!fault.breaks().is_empty(), "{}", fault.name());
    }
}

/// Judges a fault by the most telling cases, and by all where these do not find all that it breaks.
async fn judge_briefly(fault: Fault) -> (Fault, Outcome, f64) {
    let (_, outcome, brief) = judge(fault, BRIEF).await;
    let caught = failed(&outcome);
    if fault.breaks().iter().all(|id| caught.contains(id)) {
        return (fault, outcome, brief);
    }
    let (_, outcome, whole) = judge(fault, WHOLE).await;
    (fault, outcome, brief + whole)
}

/// Runs the suite against a reference handler with this fault: over https where the fault is about that.
async fn judge(fault: Fault, budget: Option<Duration>) -> (Fault, Outcome, f64) {
    let identity = identity();
    let enablement = fault.enablement();
    let faults: Faults = [fault].into_iter().collect();
    let handler = reference_for(enablement, &identity, faults);
    let secure = fault.breaks().iter().any(|id| id.starts_with("TLS-"));
    let certificate = secure.then(Certificate::for_loopback);
    let tls = certificate.as_ref().map(Certificate::tls);
    let server = Server::start(anywhere(), handler, tls)
        .await
        .expect("a free port");
    let started = Instant::now();
    let outcome = Suite::new(Target::url(&server.url()).expect("a URL"))
        .identity(identity)
        .options(Options {
            cases: 12,
            budget,
            ..options_for(enablement)
        })
        .roots(certificate.iter().map(Certificate::root).collect())
        .run()
        .await
        .expect("a run");
    (fault, outcome, started.elapsed().as_secs_f64())
}
