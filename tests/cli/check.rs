//! `acgw check` from the command line to the exit code.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use acgw_conformance::protocol::schema;
use serde_json::Value;

use crate::program::{Ended, Folder};

const SECRETS: &str = r#"{"password": "correct-horse-4711"}"#;

/// Serves every request with this answer, or with none, for as long as the test process lives.
fn handler(answer: Option<&'static str>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = listener.local_addr().expect("its address");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let mut stream = stream;
                let mut bytes = [0; 64 * 1024];
                match answer {
                    None => while stream.read(&mut bytes).is_ok_and(|read| read > 0) {},
                    Some(answer) => {
                        let _ = stream.read(&mut bytes);
                        let _ = stream.write_all(answer.as_bytes());
                    }
                }
            });
        }
    });
    addr
}

fn against<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["check", url, "--identity", "acme", "--secrets", SECRETS];
    args.extend([
        "--idp",
        "127.0.0.1:0",
        "--cases",
        "1",
        "--timeout",
        "2s",
        "--budget",
        "10s",
    ]);
    args.extend(more);
    args
}

fn valid_report(text: &str) -> Value {
    let report: Value = serde_json::from_str(text).expect("JSON");
    let violations = schema::REPORT.violations(&report);
    assert_eq!(violations, [], "the report breaks its schema");
    report
}

#[test]
fn the_reference_handler_conforms_and_every_report_is_written() {
    let folder = Folder::new();
    let ended = folder.run(&[
        "check",
        "--only",
        "HTTP-01,TLS-01",
        "--cases",
        "5",
        "--seed",
        "deadbeef",
        "--report",
        "json=report.json",
        "--report",
        "junit=report.xml",
        "--report",
        "markdown=report.md",
    ]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.err, "", "{ended:?}");
    let last = ended.out.lines().last().expect("a verdict");
    assert!(
        last.starts_with("CONFORMS  1 of 2 requirements exercised"),
        "{ended:?}"
    );
    assert!(
        !ended.out.contains('\u{1b}'),
        "a pipe gets no control characters"
    );

    let report = valid_report(&folder.read("report.json"));
    assert_eq!(report["run"]["seed"], "00000000deadbeef");
    assert_eq!(report["summary"]["conforms"], true);
    assert!(
        folder
            .read("report.xml")
            .contains("<testsuites name=\"acgw\" tests=\"3\"")
    );
    assert!(folder.read("report.md").starts_with("## ✅ CONFORMS\n"));
    let files = std::fs::read_dir(folder.path())
        .expect("the folder")
        .count();
    assert_eq!(files, 3, "nothing is left beside the reports");
}

#[test]
fn a_report_on_standard_output_has_it_alone() {
    let folder = Folder::new();
    let ended = folder.run(&[
        "check", "--only", "HTTP-01", "--cases", "1", "--report", "json=-",
    ]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    valid_report(&ended.out);
    assert!(ended.err.contains("CONFORMS  "), "{ended:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_loses_neither_the_others_nor_the_verdict() {
    let folder = Folder::new();
    let ended = folder.run(&[
        "check",
        "--only",
        "HTTP-01",
        "--cases",
        "1",
        "--report",
        "json=/dev/full",
        "--report",
        "markdown=report.md",
    ]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.out.contains("CONFORMS  "), "{ended:?}");
    assert!(
        ended
            .err
            .starts_with("error: the json report was not written to /dev/full: "),
        "{ended:?}"
    );
    assert!(folder.read("report.md").contains("CONFORMS"));
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_shown_does_not_pass_unnoticed() {
    let folder = Folder::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let mut command = folder.acgw(&["check", "--only", "HTTP-01", "--cases", "1"]);
    let command = command.stdout(full.expect("a device"));
    let ended = Ended::from(command.output().expect("the program runs"));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended
            .err
            .starts_with("error: not all of the run could be shown: "),
        "{ended:?}"
    );
}

#[test]
fn a_handler_that_is_not_there_gives_no_verdict_and_still_a_report() {
    let addr = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port that was free");
    let folder = Folder::new();
    let url = format!("http://{addr}/callback");
    let ended = folder.run(&against(&url, &["--report", "json=report.json"]));
    assert_eq!(ended.code, Some(3), "{ended:?}");
    let last = ended.out.lines().last().expect("a verdict");
    assert!(
        last.starts_with("NO VERDICT  the handler could not be reached"),
        "{ended:?}"
    );
    let report = valid_report(&folder.read("report.json"));
    assert_eq!(report["run"]["ended"], "unreachable");
    assert_eq!(report["summary"]["conforms"], false);
}

#[test]
fn a_broken_handler_fails_and_secrets_stay_hidden() {
    let addr = handler(Some(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
    ));
    let folder = Folder::new();
    let url = format!("http://{addr}/callback");
    let reports = ["json=report.json", "junit=report.xml", "markdown=report.md"];
    let mut more = vec!["--only", "ENV-01,JWT-01"];
    for report in &reports {
        more.extend(["--report", report]);
    }
    let ended = folder.run(&against(&url, &more));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("failed  ENV-01"), "{ended:?}");
    assert!(ended.out.contains("── Failed ("), "{ended:?}");
    let report = valid_report(&folder.read("report.json"));
    assert_eq!(report["summary"]["conforms"], false);
    for text in [
        ended.out,
        ended.err,
        folder.read("report.json"),
        folder.read("report.xml"),
        folder.read("report.md"),
    ] {
        assert!(!text.contains("correct-horse-4711"), "{text}");
        // base64 of the identity, the colon and the beginning of the secrets
        assert!(!text.contains("YWNtZTp7InBhc3N3b3JkIj"), "{text}");
    }
}

#[test]
fn settings_come_from_variables_and_the_file_too() {
    let addr = handler(Some(
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    ));
    let folder = Folder::new();
    folder.write(
        "acgw.toml",
        &format!(
            "url = \"http://{addr}/callback\"\nidp = \"127.0.0.1:0\"\nonly = [\"HTTP-01\"]\ncases = 1\n\
             seed = \"7\"\nreport = \"json=report.json\"\n"
        ),
    );
    let mut command = folder.acgw(&["check", "--seed", "8"]);
    command
        .env("ACGW_IDENTITY", "acme")
        .env("ACGW_SECRETS", SECRETS);
    let ended = Ended::from(command.output().expect("the program runs"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let report = valid_report(&folder.read("report.json"));
    assert_eq!(report["run"]["seed"], "0000000000000008");
    assert_eq!(report["requirements"].as_array().map(Vec::len), Some(1));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_reports_what_it_found() {
    use std::io::{BufRead as _, BufReader};

    let addr = handler(None);
    let folder = Folder::new();
    let url = format!("http://{addr}/callback");
    let mut args = against(&url, &["--report", "json=report.json"]);
    let timeout = args
        .iter()
        .position(|arg| *arg == "2s")
        .expect("the timeout");
    args[timeout] = "60s";
    let mut child = folder.acgw(&args).spawn().expect("the program runs");
    let mut out = BufReader::new(child.stdout.take().expect("its output"));
    let mut line = String::new();
    out.read_line(&mut line).expect("the first line");
    assert!(line.contains(" checks http://"), "{line}");

    let killed = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill");
    assert!(killed.success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("the rest");
    let ended = Ended::from(child.wait_with_output().expect("it ends"));
    assert_eq!(ended.code, Some(130), "{ended:?} {rest}");
    assert!(rest.contains("INTERRUPTED  "), "{rest}");
    assert!(ended.err.starts_with("interrupted: "), "{ended:?}");
    let report = valid_report(&folder.read("report.json"));
    assert_eq!(report["run"]["ended"], "interrupted");
}
