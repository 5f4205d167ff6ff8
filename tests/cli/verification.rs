//! `acgw check --profile verification`: the flow that Acronis verifies, from the command line to the exit code.

use acgw_conformance::protocol::schema;
use serde_json::Value;
use snapbox::{assert_data_eq, file};

use crate::program::{Ended, Folder};
use crate::running::Running;

const SECRETS: &str = r#"{"password": "correct-horse-battery"}"#;

/// The reference handler with this fault, if any, and the keys that it trusts.
struct Stage {
    folder: Folder,
    _idp: Running,
    handler: Running,
}

impl Stage {
    fn new(fault: &[&str]) -> Self {
        let folder = Folder::new();
        let idp = Running::keys(&folder);
        let handler = Running::reference(&folder, &idp, fault);
        Self {
            folder,
            _idp: idp,
            handler,
        }
    }

    fn check(&self, more: &[&str]) -> Ended {
        let mut args = vec!["check", &self.handler.url, "--profile", "verification"];
        args.extend([
            "--idp",
            "127.0.0.1:0",
            "--signing-key",
            "key.pem",
            "--cases",
            "1",
        ]);
        args.extend(["--identity", "alpha", "--secrets", SECRETS, "--seed", "7"]);
        args.extend(more);
        self.folder.run(&args)
    }

    /// A text without what is new in every run.
    fn calm(&self, text: &str) -> String {
        let text = text
            .replace(&self.handler.url, "[URL]")
            .replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
        let mut lines = Vec::new();
        let mut in_times = false;
        for line in text.lines() {
            in_times = match line {
                "" => false,
                line => in_times || line.starts_with("Time to the answer"),
            };
            let callback = line.split_whitespace().next().unwrap_or_default();
            if in_times && callback.contains('.') {
                lines.push(format!("  {callback} [FIGURES]"));
                continue;
            }
            let line = match line.strip_prefix("[URL], ") {
                Some(_) => "[URL], [DATE]".to_owned(),
                None => line.to_owned(),
            };
            lines.push(match line.starts_with("seed 0000") {
                true => "seed [FIGURES]".to_owned(),
                false => without_latency(&line),
            });
        }
        lines.join("\n") + "\n"
    }
}

/// A line with `(N ms)` in place of the latency, which never breaks over two lines but before `ms`.
fn without_latency(line: &str) -> String {
    let Some((before, rest)) = line.rsplit_once(" (") else {
        return line.to_owned();
    };
    let figures = rest
        .chars()
        .take_while(|one| one.is_ascii_digit() || *one == '.')
        .count();
    match rest.get(figures..) {
        Some(after) if figures > 0 && after.starts_with(" ms)") => {
            format!("{before} (N ms){}", &after[4..])
        }
        _ => line.to_owned(),
    }
}

fn last(ended: &Ended) -> &str {
    ended.out.lines().last().unwrap_or_default()
}

#[test]
fn the_reference_handler_is_ready() {
    let folder = Folder::new();
    let reports = ["json=report.json", "junit=report.xml", "markdown=report.md"];
    let mut args = vec!["check", "--profile", "verification", "--cases", "1"];
    for report in &reports {
        args.extend(["--report", report]);
    }
    let ended = folder.run(&args);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        last(&ended).starts_with("READY FOR VERIFICATION  31 of 31 steps passed; "),
        "{ended:?}"
    );
    let report: Value = serde_json::from_str(&folder.read("report.json")).expect("JSON");
    assert_eq!(schema::REPORT.violations(&report), []);
    assert_eq!(report["flow"]["verdict"], "ready");
    assert_eq!(report["flow"]["steps"].as_array().map(Vec::len), Some(31));
    let markdown = folder.read("report.md");
    assert!(
        markdown.starts_with("## ✅ READY FOR VERIFICATION\n"),
        "{markdown}"
    );
    assert!(markdown.contains("| enablement methods | partner mapped, customer mapped |"));
    let xml = folder.read("report.xml");
    assert!(
        xml.contains("<testsuite name=\"Flow that Acronis verifies\" tests=\"31\""),
        "{xml}"
    );
    for text in [ended.out, folder.read("report.json"), markdown, xml] {
        assert!(!text.contains("correct-horse"), "{text}");
    }
}

#[test]
fn every_combination_is_ready() {
    for (partner, customer) in [
        ("mapped", "mirrored"),
        ("mapped", "explicit"),
        ("mirrored", "mapped"),
        ("mirrored", "mirrored"),
        ("mirrored", "explicit"),
        ("explicit", "mirrored"),
    ] {
        let folder = Folder::new();
        let ended = folder.run(&[
            "check",
            "--profile",
            "verification",
            "--cases",
            "1",
            "--partner",
            partner,
            "--customer",
            customer,
        ]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(
            last(&ended).starts_with("READY FOR VERIFICATION  "),
            "{ended:?}"
        );
    }
}

#[test]
fn a_run_without_leave_to_write_says_that_it_is_not_complete() {
    let stage = Stage::new(&[]);
    let ended = stage.check(&["--only", "HTTP-01"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert_data_eq!(
        stage.calm(&ended.out),
        file!["snapshots/verification_reads.txt"].raw()
    );
}

#[test]
fn a_run_with_leave_to_write_is_ready_without_a_second_partner() {
    let stage = Stage::new(&[]);
    let ended = stage.check(&["--write", "--only", "HTTP-01"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_data_eq!(
        stage.calm(&ended.out),
        file!["snapshots/verification_writes.txt"].raw()
    );
}

#[test]
fn a_step_that_fails_is_named_and_ends_with_1() {
    let stage = Stage::new(&["--fault", "removal-ignored"]);
    let ended = stage.check(&["--write"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        last(&ended).starts_with(
            "NOT READY  step 27 of 31 failed (tenant_mapping.read: ask whether the mapping is gone; MAP-10)"
        ),
        "{ended:?}"
    );
    assert!(ended.out.contains("── Failed ("), "{ended:?}");
}
