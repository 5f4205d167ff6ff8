//! Known failures, as a user has them written and lives with them.

use serde_json::Value;

use crate::program::{Ended, Folder};
use crate::running::Running;

const SECRETS: &str = r#"{"password": "correct-horse-battery"}"#;

/// The keys that handlers trust, in a folder of its own.
struct Stage {
    folder: Folder,
    idp: Running,
}

impl Stage {
    fn new() -> Self {
        let folder = Folder::new();
        let idp = Running::keys(&folder);
        Self { folder, idp }
    }

    /// A run against the reference handler with these faults.
    fn check(&self, faults: &[&str], more: &[&str]) -> Ended {
        let faults: Vec<&str> = (faults.iter())
            .flat_map(|fault| ["--fault", fault])
            .collect();
        let handler = Running::reference(&self.folder, &self.idp, &faults);
        let mut args = vec!["check", &handler.url, "--idp", "127.0.0.1:0"];
        args.extend(["--signing-key", "key.pem", "--cases", "4", "--seed", "7"]);
        // The handler has its keys from elsewhere, where no key is ever added.
        args.extend([
            "--identity",
            "alpha",
            "--secrets",
            SECRETS,
            "--skip",
            "JWT-18",
        ]);
        args.extend(more);
        self.folder.run(&args)
    }
}

#[test]
fn what_fails_now_is_written_and_then_known() {
    let stage = Stage::new();
    let faults = ["topology-extra-key", "signature-ignored"];
    let first = stage.check(&faults, &["--write-baseline", "known.toml", "--strict"]);
    assert_eq!(first.code, Some(1), "{}", first.out);
    assert!(
        first.err.contains("the baseline known.toml: ")
            && first.err.contains(" added, 0 as before"),
        "{}",
        first.err
    );
    let written = stage.folder.read("known.toml");
    assert!(written.starts_with("# Known failures"), "{written}");
    assert!(written.contains("not looked into yet"), "{written}");

    let arguments = [
        "--baseline",
        "known.toml",
        "--strict",
        "--report",
        "json=report.json",
    ];
    let second = stage.check(&faults, &arguments);
    assert_eq!(second.code, Some(0), "{}", second.out);
    let last = second.out.lines().last().expect("a line");
    assert!(last.starts_with("NO NEW FAILURE  "), "{last}");
    let report: Value = serde_json::from_str(&stage.folder.read("report.json")).expect("a report");
    let entries = report["baseline"].as_array().expect("a list");
    assert!(entries.iter().all(|entry| entry["fate"] == "failed"));
    assert_eq!(report["summary"]["conforms"], false);

    // What is new is new.
    let more = ["--baseline", "known.toml", "--strict"];
    let third = stage.check(&[faults[0], faults[1], "content-type-html"], &more);
    assert_eq!(third.code, Some(1), "{}", third.out);
}

#[test]
fn what_is_mended_is_told_and_taken_out_and_what_was_written_by_hand_stays() {
    let stage = Stage::new();
    let faults = ["topology-extra-key", "signature-ignored"];
    stage.check(&faults, &["--write-baseline", "known.toml", "--strict"]);
    let written = stage.folder.read("known.toml");
    let by_hand = written.replace("not looked into yet", "ticket 4711 é")
        + "\n# our own words\n[[known]]\nrequirement = \"TLS-01\"\nreason = \"behind a proxy\" # for now\n";
    stage.folder.write("known.toml", &by_hand);

    let mended = &faults[..1];
    let stale = stage.check(mended, &["--baseline", "known.toml", "--strict"]);
    assert_eq!(stale.code, Some(1), "{}", stale.out);
    let last = stale.out.lines().last().expect("a line");
    assert!(last.starts_with("BASELINE OUT OF DATE  "), "{last}");
    assert_eq!(stage.folder.read("known.toml"), by_hand, "only read");

    let update = [
        "--baseline",
        "known.toml",
        "--write-baseline",
        "known.toml",
        "--strict",
    ];
    stage.check(mended, &update);
    let updated = stage.folder.read("known.toml");
    assert!(!updated.contains("JWT-04"), "{updated}");
    for kept in [
        "# our own words",
        "ticket 4711 é",
        "\"behind a proxy\" # for now",
        "# Known failures",
    ] {
        assert!(updated.contains(kept), "{kept} in {updated}");
    }
    let after = stage.check(mended, &["--baseline", "known.toml", "--strict"]);
    assert_eq!(after.code, Some(0), "{}", after.out);
}

#[test]
fn what_cannot_be_used_is_named_before_the_run() {
    let folder = Folder::new();
    folder.write(
        "bad.toml",
        "[[known]]\nrequirement = \"JWT-4\"\nreason = \"x\"\n",
    );
    for (arguments, told) in [
        (
            &["--baseline", "no.toml"][..],
            "tip: --write-baseline no.toml makes it",
        ),
        (
            &["--baseline", "bad.toml"],
            "bad.toml:2:15: there is no requirement `JWT-4`",
        ),
        (&["--write-baseline", "bad.toml"], "bad.toml:2:15: "),
        (
            &["--write-baseline", "no/such/folder.toml"],
            "there is no folder no/such",
        ),
        (
            &["--write-baseline", "new.toml", "--profile", "verification"],
            "exclude each other",
        ),
    ] {
        let mut args = vec!["check"];
        args.extend(arguments);
        let ended = folder.run(&args);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(told), "{arguments:?}: {}", ended.err);
    }
    assert!(!folder.path().join("new.toml").exists());
}

/// A run that is not finished says nothing of what is mended.
#[test]
fn a_run_without_an_end_leaves_the_file_alone() {
    let folder = Folder::new();
    let text = "[[known]]\nrequirement = \"JWT-04\"\nreason = \"x\"\n";
    folder.write("known.toml", text);
    let ended = folder.run(&[
        "check",
        "http://127.0.0.1:1/callback",
        "--idp",
        "127.0.0.1:0",
        "--identity",
        "alpha",
        "--secrets",
        SECRETS,
        "--write-baseline",
        "known.toml",
    ]);
    assert_eq!(ended.code, Some(3), "{}", ended.out);
    assert!(ended.err.contains("was left as it is"), "{}", ended.err);
    assert_eq!(folder.read("known.toml"), text);
}
