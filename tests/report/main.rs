//! The reports: what they look like, that they agree, and that nothing a handler says breaks them.

mod baseline;
mod html;
mod outcomes;
mod sarif;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use acgw_conformance::protocol::schema;
use acgw_conformance::report::palette::Palette;
use acgw_conformance::report::terminal::{Terminal, summary};
use acgw_conformance::report::{Format, json, junit, markdown, tally};
use acgw_conformance::suite::{Event, Observer, Outcome, State};
use snapbox::{assert_data_eq, file};

fn without_version(text: String) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
}

fn on_terminal(outcome: &Outcome) -> String {
    summary(Palette::PLAIN, outcome)
}

#[test]
fn the_terminal_shows_a_conforming_handler() {
    assert_data_eq!(
        on_terminal(&outcomes::conforming()),
        file!["snapshots/conforming.txt"].raw()
    );
}

#[test]
fn the_terminal_shows_a_broken_handler() {
    assert_data_eq!(
        on_terminal(&outcomes::broken()),
        file!["snapshots/broken.txt"].raw()
    );
}

#[test]
fn the_json_report_shows_a_broken_handler() {
    assert_data_eq!(
        without_version(json::render(&outcomes::broken())),
        file!["snapshots/broken.json"].raw()
    );
}

#[test]
fn the_junit_report_shows_a_broken_handler() {
    assert_data_eq!(
        without_version(junit::render(&outcomes::broken())),
        file!["snapshots/broken.xml"].raw()
    );
}

#[test]
fn the_markdown_report_shows_both() {
    for (outcome, file) in [
        (
            outcomes::conforming(),
            file!["snapshots/conforming.md"].raw(),
        ),
        (outcomes::broken(), file!["snapshots/broken.md"].raw()),
    ] {
        assert_data_eq!(without_version(markdown::render(&outcome)), file);
    }
}

#[test]
fn the_terminal_shows_the_flow() {
    for (outcome, file) in [
        (outcomes::ready(), file!["snapshots/ready.txt"].raw()),
        (
            outcomes::not_ready(),
            file!["snapshots/not_ready.txt"].raw(),
        ),
        (
            outcomes::not_complete(),
            file!["snapshots/not_complete.txt"].raw(),
        ),
    ] {
        assert_data_eq!(on_terminal(&outcome), file);
    }
}

#[test]
fn the_other_reports_show_the_flow() {
    let outcome = outcomes::ready();
    for (text, file) in [
        (
            markdown::render(&outcome),
            file!["snapshots/ready.md"].raw(),
        ),
        (json::render(&outcome), file!["snapshots/ready.json"].raw()),
        (junit::render(&outcome), file!["snapshots/ready.xml"].raw()),
    ] {
        assert_data_eq!(without_version(text), file);
    }
}

#[test]
fn steps_are_told_as_they_are_taken() {
    let page = Page::default();
    let mut terminal = Terminal::new(page.clone(), Palette::PLAIN);
    for outcome in [outcomes::ready(), outcomes::not_ready()] {
        let flow = outcome.flow.expect("a flow");
        for (number, step) in flow.numbered() {
            let of = flow.steps.len();
            terminal.event(Event::Step { number, of, step });
        }
    }
    let text = String::from_utf8(page.0.lock().expect("one thread").clone()).expect("UTF-8");
    assert_data_eq!(text, file!["snapshots/steps.txt"].raw());
}

#[test]
fn every_report_says_the_same_of_the_flow() {
    for (outcome, verdict, words) in [
        (outcomes::ready(), "ready", "READY FOR VERIFICATION  "),
        (
            outcomes::not_ready(),
            "not ready",
            "NOT READY  step 4 of 6 failed",
        ),
        (
            outcomes::not_complete(),
            "not complete",
            "NOT COMPLETE  2 of 6 steps not shown: needs --write",
        ),
        (
            outcomes::failed_beside_the_flow(),
            "not ready",
            "NOT READY  6 of 6 steps passed, but 1 requirement failed (JWT-04)",
        ),
    ] {
        let page = on_terminal(&outcome);
        let last = page.lines().last().expect("a last line");
        assert!(last.starts_with(words), "{last}");
        let report: serde_json::Value =
            serde_json::from_str(&json::render(&outcome)).expect("JSON");
        assert_eq!(report["flow"]["verdict"], verdict);
        assert_eq!(report["summary"]["conforms"], verdict == "ready");
        let sentence = report["flow"]["sentence"].as_str().expect("a sentence");
        assert!(
            words.starts_with(sentence.split(": ").next().expect("a word")),
            "{sentence}"
        );
        let xml = junit::render(&outcome);
        let suite = xml
            .find("<testsuite name=\"Flow that Acronis verifies\"")
            .expect("a suite");
        assert_eq!(xml[suite..].matches("classname=\"acgw.flow\"").count(), 6);
        let green = xml.contains("failures=\"0\" errors=\"0\"");
        assert_eq!(green, verdict == "ready", "{xml}");
        assert_eq!(schema::REPORT.violations(&report), [], "{verdict}");
    }
}

/// Takes what is written to it.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("one thread").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_pipe_gets_plain_lines_and_progress_at_a_calm_pace() {
    let outcome = outcomes::conforming();
    let page = Page::default();
    let mut terminal = Terminal::new(page.clone(), Palette::PLAIN);
    terminal.event(Event::Started {
        run: &outcome.run,
        requirements: 8,
    });
    for second in 0..=12_u64 {
        terminal.event(Event::Progress {
            done: second * 100,
            planned: 1_300,
            elapsed: Duration::from_secs(second),
            remaining: (second > 5).then(|| Duration::from_secs(13 - second)),
        });
    }
    let failure = outcomes::failure();
    for requirement in [&outcomes::ITEMS, &outcomes::ECHO] {
        terminal.event(Event::Failed {
            requirement,
            failure: &failure,
        });
    }
    terminal.event(Event::Notice("the handler is\u{1b}[31m gone"));
    let text = String::from_utf8(page.0.lock().expect("one thread").clone()).expect("UTF-8");
    assert_data_eq!(without_version(text), file!["snapshots/live.txt"].raw());
}

#[test]
fn a_reader_who_goes_away_is_no_error() {
    struct Gone;
    impl std::io::Write for Gone {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }
    let mut terminal = Terminal::new(Gone, Palette::PLAIN);
    let outcome = outcomes::broken();
    terminal.event(Event::Notice("one"));
    terminal.event(Event::Finished(&outcome));
}

#[test]
fn nothing_that_a_handler_says_steers_a_terminal() {
    let harmless = |character: char| character == '\n' || !character.is_control();
    for outcome in [
        outcomes::broken(),
        outcomes::strict(),
        outcomes::not_ready(),
        outcomes::out_of_date(),
    ] {
        for text in [
            on_terminal(&outcome),
            markdown::render(&outcome),
            junit::render(&outcome),
        ] {
            let found: Vec<char> = text.chars().filter(|one| !harmless(*one)).collect();
            assert_eq!(found, [], "control characters in {text}");
            assert!(!text.contains('\u{202e}') && !text.contains('\u{fffe}'));
        }
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    for outcome in [
        outcomes::conforming(),
        outcomes::broken(),
        outcomes::not_ready(),
    ] {
        let coloured = summary(Palette::COLOUR, &outcome);
        assert!(coloured.contains("\u{1b}["));
        assert_eq!(anstream_stripped(&coloured), on_terminal(&outcome));
    }
}

/// Takes away `ESC [ … m` and nothing else.
fn anstream_stripped(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut stripped = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (codes, rest) = piece.split_once('m').expect("a colour");
        assert!(codes.chars().all(|one| one.is_ascii_digit() || one == ';'));
        stripped.push_str(rest);
    }
    stripped
}

#[test]
fn markup_of_a_handler_stays_text() {
    let flow = markdown::render(&outcomes::not_ready());
    let row = flow
        .lines()
        .find(|line| line.starts_with("| 4 | `"))
        .expect("a row");
    assert!(!row.contains("<script") && !row.contains("@team"), "{row}");
    let bars = row.replace("\\|", "").matches('|').count();
    assert_eq!(bars, 8, "{row}");

    let page = markdown::render(&outcomes::broken());
    let mut fence = None;
    for line in page.lines() {
        let ticks = line.chars().take_while(|one| *one == '`').count();
        match fence {
            Some(open) if ticks == open && line.len() == open => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some(ticks),
            None => assert!(
                !line.contains("<script") && !line.contains("@team") && !line.contains(" **b**"),
                "markup in: {line}"
            ),
        }
    }
    assert_eq!(fence, None, "a code block was not closed");
    assert_eq!(
        page.matches("<details>").count(),
        page.lines().filter(|line| *line == "</details>").count(),
        "every fold is closed by us"
    );

    let xml = junit::render(&outcomes::broken());
    assert!(!xml.contains("]]>") && !xml.contains("<script"));
}

#[test]
fn long_evidence_is_cut_for_people_and_whole_for_programs() {
    let outcome = outcomes::long();
    for text in [
        on_terminal(&outcome),
        markdown::render(&outcome),
        junit::render(&outcome),
    ] {
        assert!(text.len() < 30_000, "{} bytes", text.len());
        assert!(text.contains("more; the JSON report has all of it"));
    }
    assert!(on_terminal(&outcome).contains("… 997,000 bytes more"));
    assert!(json::render(&outcome).len() > 1_000_000);
}

#[test]
fn a_run_without_a_verdict_never_reads_as_green() {
    for (name, outcome) in outcomes::without_verdict() {
        let page = on_terminal(&outcome);
        let last = page.lines().last().expect("a last line");
        assert!(
            last.starts_with("NO VERDICT  ") || last.starts_with("INTERRUPTED  "),
            "{name}: {last}"
        );
        assert!(markdown::render(&outcome).starts_with("## ⚠️ "), "{name}");
        let xml = junit::render(&outcome);
        let head = xml.lines().nth(1).expect("a second line");
        assert!(
            head.starts_with("<testsuites ") && !head.contains("errors=\"0\""),
            "{name}"
        );
        let report: serde_json::Value =
            serde_json::from_str(&json::render(&outcome)).expect("JSON");
        assert_eq!(report["summary"]["conforms"], false, "{name}");
    }
}

#[test]
fn reports_agree_about_what_counts() {
    for outcome in [
        outcomes::conforming(),
        outcomes::broken(),
        outcomes::strict(),
        outcomes::known(),
    ] {
        let counted: Vec<&str> = outcome
            .counted_failures()
            .map(|one| one.requirement.id)
            .collect();
        let failed: usize = tally::by_area(&outcome)
            .iter()
            .map(|area| area.failed)
            .sum();
        let advice = tally::advice(&outcome).len();
        assert_eq!(failed, counted.len());
        let known = tally::known(&outcome);
        let known = known.iter().filter(|one| one.state == State::Failed);
        assert_eq!(failed + advice + known.count(), outcome.summary().failed);
        assert_eq!(junit::render(&outcome).matches("<failure ").count(), failed);
        let last = on_terminal(&outcome);
        let last = last.lines().last().expect("a last line");
        assert_eq!(last.starts_with("CONFORMS  "), outcome.conforms(), "{last}");
        for id in counted {
            assert!(last.contains(id), "{id} in {last}");
        }
    }
}

#[test]
fn json_reports_keep_their_schema() {
    for (name, outcome) in outcomes::every() {
        let report = serde_json::from_str(&json::render(&outcome)).expect("JSON");
        assert_eq!(schema::REPORT.violations(&report), [], "{name}");
    }
    let other = serde_json::json!({"format": "acgw-report/2"});
    assert!(
        !schema::REPORT.is_valid(&other),
        "the schema asks for something"
    );
}

#[test]
fn formats_have_names() {
    for format in Format::ALL {
        assert_eq!(Format::from_name(format.name()), Some(*format));
        assert!(!format.render(&outcomes::conforming()).is_empty());
    }
    assert_eq!(Format::from_name("yaml"), None);
}
