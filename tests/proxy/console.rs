//! The program: what it shows while traffic passes, how it ends, and what it writes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use acgw_conformance::protocol::schema;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::program::Folder;
use crate::running::Running;

/// A port that nobody listens on.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let addr = listener.local_addr().expect("an address");
    format!("http://{addr}/callback")
}

fn proxy(folder: &Folder, upstream: &str, more: &[&str]) -> Running {
    let mut args = vec!["proxy", "--upstream", upstream, "--listen", "127.0.0.1:0"];
    args.extend(more);
    Running::start(folder.acgw(&args))
}

/// Sends a request and reads what comes, to the end.
fn post(url: &str, body: &str) -> String {
    let addr = url.split('/').nth(2).expect("an address");
    let mut stream = TcpStream::connect(addr).expect("somebody listens");
    let request = format!(
        "POST /callback HTTP/1.1\r\nHost: {addr}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("a reader");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn an_end_by_ctrl_c_writes_the_reports() {
    let folder = Folder::new();
    let mut handler = Running::start(folder.acgw(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--fault",
        "token-not-required",
    ]));
    let reports = [
        "--report",
        "json=r.json",
        "--report",
        "html=r.html",
        "--report",
        "junit=r.xml",
        "--report",
        "markdown=r.md",
        "--report",
        "sarif=r.sarif",
        "--record",
        "r.jsonl",
    ];
    let mut running = proxy(&folder, &handler.url, &reports);
    assert!(
        running.greeting.contains(&handler.url),
        "{}",
        running.greeting
    );
    // Without a token, which a right handler refuses.
    let body = r#"{"type":"cti.a.p.acgw.request.v1.0~a.p.empty.v1.0","request_id":"2f1c7a52-6f8d-4a2b-9b63-0f3f0f0c6f0a","created_at":"2023-04-10T15:33:01+00:00","context":{"callback_id":"cti.a.p.acgw.callback.v1.0~a.p.enablement.read.v1.0","endpoint_id":"cti.a.p.acgw.endpoint.v1.0~acme.app.endpoint.v1.0","tenant_id":"5c9f2d4e-7a31-4b86-9d0f-3e8a6b1c2d47","datacenter_url":"https://acronis.cloud"}}"#;
    let answer = post(&running.url, body);
    assert!(answer.starts_with("HTTP/1.1 4"), "no credentials: {answer}");
    assert_eq!(running.interrupt(), Some(0));
    handler.interrupt();
    let report: Value = serde_json::from_str(&folder.read("r.json")).expect("JSON");
    assert_eq!(schema::REPORT.violations(&report), []);
    assert_eq!(report["summary"]["conforms"], false);
    assert_eq!(report["proxied"]["exchanges"], 1);
    let parts = report["proxied"]["request_troubles"]
        .as_array()
        .expect("a list");
    assert!(
        parts.iter().any(|one| one["part"] == "Authorization"),
        "{parts:?}"
    );
    for name in ["r.html", "r.xml", "r.md", "r.sarif"] {
        let text = folder.read(name);
        assert!(text.contains("no conformance verdict"), "{name}");
        assert!(!text.contains("CONFORMS  "), "{name}");
    }
    assert_eq!(folder.read("r.jsonl").lines().count(), 2);
}

#[test]
fn a_handler_that_is_not_there_is_no_violation_and_no_verdict() {
    let folder = Folder::new();
    let mut running = proxy(&folder, &nobody(), &["--report", "json=r.json"]);
    let answer = post(&running.url, "{}");
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert!(
        answer.contains("This is the proxy's own answer."),
        "{answer}"
    );
    assert_eq!(running.interrupt(), Some(3));
    let report: Value = serde_json::from_str(&folder.read("r.json")).expect("JSON");
    assert_eq!(report["proxied"]["unreachable"], 1);
    assert_eq!(report["summary"]["failed"], 0);
    assert_eq!(report["summary"]["passed"], 0);
}

/// A handler that fails once, with this head field and body.
fn failing(field: &'static str, body: Vec<u8>) -> (String, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let handler = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).expect("a request");
        let length = body.len();
        let head = format!("HTTP/1.1 500 Oh no\r\n{field}Content-Length: {length}\r\n\r\n");
        let answer = [head.as_bytes(), &body].concat();
        stream.write_all(&answer).expect("a reader");
    });
    (url, handler)
}

#[test]
fn what_a_coded_body_holds_is_seen() {
    let folder = Folder::new();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    (encoder.write_all(b"Traceback (most recent call last): line 1 ...")).expect("memory");
    let coded = encoder.finish().expect("memory");
    for (field, code, problem) in [
        ("Content-Encoding: gzip\r\n", 1, None),
        (
            "Content-Encoding: br\r\n",
            3,
            Some("which the proxy does not decode"),
        ),
        (
            "Content-Encoding: deflate\r\n",
            3,
            Some("cannot be decoded"),
        ),
    ] {
        let (url, handler) = failing(field, coded.clone());
        let kept = format!("{code}{}.jsonl", field.len());
        let files = ["--strict", "--report", "json=r.json", "--record", &kept];
        let mut running = proxy(&folder, &url, &files);
        post(&running.url, "{}");
        handler.join().expect("no panic");
        assert_eq!(running.interrupt(), Some(code), "{field}");
        let (report, recording) = (folder.read("r.json"), folder.read(&kept));
        match problem {
            None => {
                let shown = "a stack trace as Python prints it";
                assert!(report.contains(shown), "{report}");
                let body = r#""body":"Traceback (most recent call last): line 1 ...""#;
                assert!(recording.contains(body), "{recording}");
            }
            Some(problem) => {
                assert!(report.contains(problem), "{report}");
                assert!(recording.contains("it has a content coding"), "{recording}");
            }
        }
    }
}

#[test]
fn a_violation_is_shown_as_it_passes_and_ends_with_exit_code_1() {
    let folder = Folder::new();
    let (url, handler) = failing(
        "",
        b"Traceback (most recent call last): line 1 ...".to_vec(),
    );
    let command = folder.acgw(&[
        "proxy",
        "--upstream",
        &url,
        "--listen",
        "127.0.0.1:0",
        "--strict",
    ]);
    let (mut running, shown) = Running::shown(command);
    post(&running.url, "{}");
    handler.join().expect("no panic");
    assert_eq!(running.interrupt(), Some(1));
    let shown: String = shown.iter().collect::<Vec<_>>().join("\n");
    for told in [
        "POST /callback",
        "500",
        "✗ ERR-05",
        "expected  nothing of the handler's inside",
        "observed  a stack trace as Python prints it",
        "sender    ",
        "VIOLATIONS SEEN  1 requirement broken (ERR-05)",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "no colours in a pipe: {shown}");
}

#[test]
fn wrong_usage_is_told_with_what_to_do() {
    let folder = Folder::new();
    for (args, told) in [
        (&["proxy"][..], "acgw proxy --upstream http://"),
        (
            &["proxy", "--upstream", "localhost:8080"],
            "did you mean http://localhost:8080?",
        ),
        (
            &["proxy", "http://127.0.0.1:8080/"],
            "--upstream http://127.0.0.1:8080/",
        ),
        (
            &[
                "proxy",
                "--upstream",
                "http://127.0.0.1:1/",
                "--only",
                "JWT-01",
            ],
            "says nothing to a proxy",
        ),
        (
            &[
                "proxy",
                "--upstream",
                "http://127.0.0.1:1/",
                "--listen",
                "127.0.0.1:1",
            ],
            "forward to itself",
        ),
        (
            &[
                "proxy",
                "--upstream",
                "http://127.0.0.1:1/",
                "--record",
                "no/such/folder",
            ],
            "--record no/such/folder",
        ),
    ] {
        let ended = folder.run(args);
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.err);
        assert!(ended.err.contains(told), "{args:?}: {}", ended.err);
    }
}
