//! Known failures in every report.

use acgw_conformance::protocol::schema;
use acgw_conformance::report::terminal::Terminal;
use acgw_conformance::report::{json, junit, markdown, tally};
use acgw_conformance::suite::{Event, Observer as _, Outcome};
use serde_json::Value;
use snapbox::{assert_data_eq, file};

use super::{Page, on_terminal, outcomes, without_version};
use acgw_conformance::report::palette::Palette;

fn report(outcome: &Outcome) -> Value {
    serde_json::from_str(&json::render(outcome)).expect("JSON")
}

#[test]
fn the_terminal_shows_them() {
    for (outcome, file) in [
        (outcomes::known(), file!["snapshots/known.txt"].raw()),
        (
            outcomes::known_and_new(),
            file!["snapshots/known_and_new.txt"].raw(),
        ),
        (
            outcomes::out_of_date(),
            file!["snapshots/out_of_date.txt"].raw(),
        ),
    ] {
        assert_data_eq!(on_terminal(&outcome), file);
    }
}

#[test]
fn the_other_reports_show_them() {
    let outcome = outcomes::known_and_new();
    for (text, file) in [
        (
            markdown::render(&outcome),
            file!["snapshots/known_and_new.md"].raw(),
        ),
        (
            json::render(&outcome),
            file!["snapshots/known_and_new.json"].raw(),
        ),
        (
            junit::render(&outcome),
            file!["snapshots/known_and_new.xml"].raw(),
        ),
    ] {
        assert_data_eq!(without_version(text), file);
    }
}

#[test]
fn they_are_told_as_they_come() {
    let page = Page::default();
    let mut terminal = Terminal::new(page.clone(), Palette::PLAIN);
    let outcome = outcomes::known();
    let one = &outcome.requirements[1];
    terminal.event(Event::Failed {
        requirement: one.requirement,
        failure: &one.failures[0],
    });
    let text = String::from_utf8(page.0.lock().expect("one thread").clone()).expect("UTF-8");
    assert!(text.starts_with(" known  JWT-04  "), "{text}");
}

/// The exit code, how the last line begins, whether JUnit is green, and what JSON says of conforming.
#[test]
fn every_report_says_the_same_of_them() {
    for (outcome, exit, words, green) in [
        (
            outcomes::known(),
            0,
            "NO NEW FAILURE  does not conform, as is known: 2 requirements (JWT-04, CRED-05); 2 of 3",
            true,
        ),
        (
            outcomes::known_and_new(),
            1,
            "DOES NOT CONFORM  1 requirement failed (JWT-04); 2 of 3 requirements exercised; 1 more as known; known and not failing any more: HTTP-01",
            false,
        ),
        (
            outcomes::out_of_date(),
            1,
            "BASELINE OUT OF DATE  known and not failing any more: HTTP-01; past the date: MAP-01 with tenant_mapping.read; ",
            false,
        ),
    ] {
        assert_eq!(outcome.exit_code(), exit, "{words}");
        assert!(!outcome.conforms(), "a known failure is one: {words}");
        let page = on_terminal(&outcome);
        let last = page.lines().last().expect("a last line");
        assert!(last.starts_with(words), "{last}");
        let xml = junit::render(&outcome);
        assert_eq!(
            xml.contains("failures=\"0\" errors=\"0\""),
            green,
            "{words}: {xml}"
        );
        let report = report(&outcome);
        assert_eq!(schema::REPORT.violations(&report), [], "{words}");
        assert_eq!(report["summary"]["conforms"], false);
        assert_eq!(
            report["summary"]["known"],
            tally::known(&outcome).len(),
            "{words}"
        );
        assert_eq!(
            report["baseline"].as_array().map(Vec::len),
            Some(outcome.baseline.len())
        );
    }
}

#[test]
fn knowing_everything_is_no_verdict() {
    let mut outcome = outcomes::known();
    outcome.requirements.remove(0);
    assert_eq!(outcome.exit_code(), 3, "nothing passed");
    assert!(
        on_terminal(&outcome)
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("NO VERDICT")),
    );
}
