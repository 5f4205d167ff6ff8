//! Programs that run until they are told to stop.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::program::Folder;

/// How long a program that is told to stop may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A program under way, ended with the test.
pub struct Running {
    child: Child,
    /// The URL in the first line that it wrote.
    pub url: String,
    /// What it wrote when it had begun.
    pub greeting: String,
}

impl Running {
    /// Serves the keys that handlers are to trust, which are made in this folder.
    pub fn keys(folder: &Folder) -> Self {
        let args = ["idp", "--listen", "127.0.0.1:0", "--signing-key", "key.pem"];
        Self::start(folder.acgw(&args))
    }

    /// The reference handler, which trusts these keys, with further options.
    pub fn reference(folder: &Folder, keys: &Running, more: &[&str]) -> Self {
        let mut args = vec!["serve", "--listen", "127.0.0.1:0", "--jwks", &keys.url];
        args.extend(more);
        Self::start(folder.acgw(&args))
    }

    /// Starts a program that tells first where it listens.
    pub fn start(command: Command) -> Self {
        Self::shown(command).0
    }

    /// The same, and the lines that it writes from then on.
    pub fn shown(mut command: Command) -> (Self, Receiver<String>) {
        let mut child = command.spawn().expect("the program runs");
        let out = child.stdout.take().expect("its standard output");
        let mut lines = BufReader::new(out).lines();
        let mut greeting = String::new();
        while !greeting.ends_with("Ctrl-C ends it.\n") {
            let line = lines.next().unwrap_or_else(|| panic!("after {greeting}"));
            greeting += &line.expect("UTF-8");
            greeting.push('\n');
        }
        let line = greeting.lines().next().expect("a line");
        let url = line.split_whitespace().last().expect("a URL").to_owned();
        // Whether anybody reads the rest or not, it must have somewhere to go.
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let running = Self {
            child,
            url,
            greeting,
        };
        (running, receiver)
    }

    /// Ends it as Ctrl-C does; its exit code, or `None` where it did not end in time.
    pub fn interrupt(&mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        let until = Instant::now() + PATIENCE;
        while sent.as_ref().is_ok_and(|status| status.success()) && Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) && self.interrupt().is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
