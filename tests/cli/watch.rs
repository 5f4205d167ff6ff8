//! `acgw check --watch`, from a handler that is not there to one that is right.

use std::io::{BufRead as _, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::program::{Folder, acgw};
use crate::running::Running;

/// Most time for what a run says.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program under way, ended with the test, and the lines that it writes on either stream. Which stream comes first is not said.
struct Watching {
    child: Child,
    lines: mpsc::Receiver<String>,
    unread: Vec<String>,
}

impl Watching {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program runs");
        let (send, lines) = mpsc::channel();
        let out: Box<dyn Read + Send> = Box::new(child.stdout.take().expect("its output"));
        let err: Box<dyn Read + Send> = Box::new(child.stderr.take().expect("its errors"));
        for stream in [out, err] {
            let send = send.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let _ = send.send(line);
                }
            });
        }
        Self {
            child,
            lines,
            unread: Vec::new(),
        }
    }

    /// Takes the first line that begins so, and waits for it.
    fn until(&mut self, begin: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = (self.unread.iter()).position(|line| line.trim_start().starts_with(begin));
            if let Some(place) = found {
                return self.unread.remove(place);
            }
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("no line begins with {begin:?}: {:#?}", self.unread);
            };
            self.unread.push(line);
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
#[test]
fn a_handler_is_waited_for_and_looked_at_whenever_it_restarts() {
    let folder = Folder::new();
    let port = {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        free.local_addr().expect("its address").port()
    };
    let keys = {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        free.local_addr().expect("its address").port()
    };
    let url = format!("http://127.0.0.1:{port}/callback");
    let keys = format!("127.0.0.1:{keys}");
    let jwks = format!("http://{keys}/api/idp/v1/keys");
    let secrets = r#"{"password": "correct-horse-battery"}"#;
    let mut command = folder.acgw(&[
        "check",
        &url,
        "--watch",
        "--idp",
        &keys,
        "--identity",
        "alpha",
        "--secrets",
        secrets,
    ]);
    command.args(["--only", "HTTP-*,JWT-*", "--cases", "4", "--seed", "7"]);
    command.stdin(Stdio::null());
    let mut lines = Watching::start(command);
    lines.until("waiting for the handler at 127.0.0.1:");

    let listen = format!("127.0.0.1:{port}");
    let serve = |faults: &[&str]| {
        let mut args = vec!["serve", "--listen", &listen, "--jwks", &jwks];
        args.extend(faults.iter().flat_map(|fault| ["--fault", fault]));
        Running::start(folder.acgw(&args))
    };
    let handler = serve(&["content-type-html", "alg-none"]);
    let verdict = lines.until("DOES NOT CONFORM");
    assert!(verdict.contains("(HTTP-02, JWT-08)"), "{verdict}");
    lines.until(
        "waiting for the handler to restart: then what failed is run again (2 requirements)",
    );
    drop(handler);

    // One of two is mended: the two are run again, and nothing else.
    let handler = serve(&["alg-none"]);
    let verdict = lines.until("DOES NOT CONFORM");
    assert!(
        verdict.contains("(JWT-08); 2 of 2 requirements exercised"),
        "{verdict}"
    );
    lines.until("waiting for the handler to restart");
    drop(handler);

    // The other, too: then everything is.
    let handler = serve(&[]);
    let verdict = lines.until("CONFORMS");
    assert!(verdict.contains("1 of 1 requirement"), "{verdict}");
    lines.until("mended: JWT-08; now everything again");
    lines.until("CONFORMS");
    lines.until("waiting for the handler to restart: then everything is run again");

    let ended = Command::new("kill")
        .args(["-INT", &lines.child.id().to_string()])
        .status();
    assert!(ended.is_ok_and(|status| status.success()));
    let status = lines.child.wait().expect("it ends");
    assert_eq!(status.code(), Some(0), "the last verdict");
    drop(handler);
}

#[test]
fn there_must_be_a_handler_to_watch() {
    let ended = acgw(&["check", "--watch"]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.err.contains("acgw check URL --watch"),
        "{}",
        ended.err
    );
}
