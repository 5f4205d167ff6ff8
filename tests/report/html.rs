//! The HTML report as text; `tests/browser` looks at it in a browser.

use acgw_conformance::report::html;
use acgw_conformance::suite::State;

use super::outcomes::{self, every};

#[test]
fn markup_of_a_handler_stays_text() {
    for (name, outcome) in every() {
        let page = html::render(&outcome);
        assert_eq!(page.matches("<script>").count(), 1, "{name}");
        assert_eq!(page.matches("<script").count(), 1, "{name}");
        assert!(!page.contains("<b>&amp;</b>"), "{name}");
        assert_eq!(
            page.matches("<details").count(),
            page.matches("</details>").count(),
            "{name}"
        );
        let controls = page
            .chars()
            .find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(controls, None, "{name}");
    }
    let page = html::render(&outcomes::broken());
    assert!(
        page.contains("&lt;script&gt;alert(1)"),
        "it is shown, though"
    );
}

#[test]
fn the_page_shows_every_requirement_in_its_state_and_loads_nothing() {
    for (name, outcome) in every() {
        let page = html::render(&outcome);
        for one in &outcome.requirements {
            let state = match (&one.state, one.requirement.level.counts(outcome.run.strict)) {
                _ if one.known.is_some() => "known",
                (State::Passed, _) => "passed",
                (State::Failed, true) => "failed",
                (State::Failed, false) => "advice",
                (State::Blocked(_), _) => "blocked",
                (State::NotExercised(_), _) => "unexercised",
            };
            let fold = format!(
                "<details class=\"requirement {state}\" id=\"{}\"",
                one.requirement.id
            );
            assert_eq!(page.matches(&fold).count(), 1, "{name}: {fold}");
        }
        assert_eq!(
            page.matches("<details").count(),
            outcome.requirements.len(),
            "{name}"
        );
        for loads in [" src=", "<link", "<img", "@import", "url(", " style="] {
            assert!(!page.contains(loads), "{name}: {loads}");
        }
    }
}

#[test]
fn the_page_is_as_green_as_the_exit_code() {
    for (name, outcome) in every() {
        let page = html::render(&outcome);
        let tone = match outcome.exit_code() {
            0 if outcome.conforms() => "good",
            1 => "bad",
            _ => "open",
        };
        assert!(
            page.contains(&format!("<header class=\"{tone}\">")),
            "{name}"
        );
    }
}

#[test]
fn every_step_of_the_flow_is_on_the_timeline() {
    let outcome = outcomes::not_ready();
    let flow = outcome.flow.as_ref().expect("a flow");
    let page = html::render(&outcome);
    for (number, step) in flow.numbered() {
        assert!(page.contains(&format!(" value=\"{number}\">")));
        assert!(page.contains(&format!("<code>{}</code>", step.callback)));
    }
    assert_eq!(page.matches("<p class=\"step\">").count(), flow.steps.len());
    assert!(!html::render(&outcomes::broken()).contains("class=\"timeline\""));
}

#[test]
fn long_evidence_is_cut() {
    let page = html::render(&outcomes::long());
    assert!(page.len() < 300_000, "{} bytes", page.len());
    assert!(page.contains("more; the JSON report has all of it"));
}
