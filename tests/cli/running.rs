//! Programs that run until they are told to stop.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};

/// A program under way, ended with the test.
pub struct Running {
    child: Child,
    /// The URL in the first line that it wrote.
    pub url: String,
}

impl Running {
    /// Starts a program that tells first where it listens.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program runs");
        let out = child.stdout.take().expect("its standard output");
        let mut lines = BufReader::new(out).lines();
        let line = lines.next().expect("a line").expect("UTF-8");
        let url = line.split_whitespace().last().expect("a URL").to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{line}");
        // Nobody reads the rest, but it must have somewhere to go.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
