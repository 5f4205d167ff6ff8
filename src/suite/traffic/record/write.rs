//! Writes a recording, line by line: what was written stays, whatever happens then.

use std::io::{self, Write};

use super::form::{Body, FORMAT, Field, Header, Line, Problem, Request, Response, Tool, Violation};
use super::secrets::Secrets;
use crate::gateway::{Answer, Passed};
use crate::suite::evidence::Mask;
use crate::suite::traffic::coding::decoded;
use crate::suite::traffic::seen::Seen;

/// Writes one recording.
pub(crate) struct Recorder {
    out: Box<dyn Write + Send>,
    secrets: Secrets,
    /// What the file is called, for those who are told to send it again.
    name: String,
}

impl Recorder {
    /// Writes the first line. `mask` hides what is known from the beginning; recordings are never revealing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn new(
        out: Box<dyn Write + Send>,
        name: String,
        upstream: &str,
        mask: &Mask,
    ) -> io::Result<Self> {
        let mut recorder = Self {
            out,
            secrets: Secrets::new(mask),
            name,
        };
        let header = Header {
            format: FORMAT.to_owned(),
            tool: Tool {
                name: "acgw".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            upstream: recorder.secrets.text(upstream),
            started_at: jiff::Timestamp::now().to_string(),
        };
        recorder.line(serde_json::to_string(&header))?;
        Ok(recorder)
    }

    /// What the file is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Writes an exchange.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(&mut self, passed: &Passed, seen: &Seen) -> io::Result<()> {
        self.secrets.learn(&passed.request.message);
        let line = Line {
            number: seen.number,
            at: seen.at.to_string(),
            callback: self.secrets.text(&seen.callback),
            duration_ms: (seen.took.as_secs_f64() * 1e6).round() / 1e3,
            request: self.request(passed),
            response: passed
                .observation
                .result
                .as_ref()
                .ok()
                .map(|answer| self.response(answer)),
            no_response: (passed.observation.result.as_ref().err())
                .map(|error| self.secrets.text(&error.to_string())),
            not_judged: seen.unjudged.as_ref().map(|why| self.secrets.text(why)),
            problems: (seen.problems.iter())
                .map(|problem| Problem {
                    part: problem.part.to_owned(),
                    expected: problem.expected.clone(),
                    observed: self.secrets.text(&problem.observed),
                })
                .collect(),
            violations: (seen.violations.iter())
                .map(|violation| Violation {
                    requirement: violation.requirement.id.to_owned(),
                    expected: self.secrets.text(&violation.expected),
                    observed: self.secrets.text(&violation.observed),
                })
                .collect(),
        };
        self.line(serde_json::to_string(&line))
    }

    fn line(&mut self, text: serde_json::Result<String>) -> io::Result<()> {
        // In one piece, so that no other can come between, and at once.
        self.out.write_all((text? + "\n").as_bytes())?;
        self.out.flush()
    }

    fn request(&self, passed: &Passed) -> Request {
        let (request, message) = (&passed.request, &passed.request.message);
        let (body, hidden) = match request.too_large {
            true => (
                Body::left_out("it is larger than what the proxy looks at"),
                false,
            ),
            false => self.body(&message.body, &message.headers),
        };
        let target = self.secrets.text(&request.target);
        Request {
            method: message.method.clone(),
            altered: hidden || target != request.target,
            target,
            version: request.version.to_owned(),
            headers: self.fields(&message.headers),
            body,
            partial: !request.whole,
            malformed: request.malformed.as_ref().map(|why| self.secrets.text(why)),
        }
    }

    fn response(&self, answer: &Answer) -> Response {
        // As it can be read, and looked through for secrets.
        let plain = decoded(answer).ok().flatten();
        let shown = plain.as_ref().unwrap_or(answer);
        Response {
            status: answer.status,
            reason: self.secrets.text(&answer.reason),
            version: answer.version.clone(),
            headers: self.fields(&answer.headers),
            body: self.body(&shown.body, &shown.headers).0,
        }
    }

    fn fields(&self, fields: &[(String, Vec<u8>)]) -> Vec<Field> {
        let shown = fields.iter().map(|(name, value)| {
            let value = self.secrets.field(name, value);
            Field::of(self.secrets.text(name), value)
        });
        shown.collect()
    }

    /// A body, and whether anything of it was hidden.
    fn body(&self, bytes: &[u8], headers: &[(String, Vec<u8>)]) -> (Body, bool) {
        let coded = headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("content-encoding")
                && !value.trim_ascii().eq_ignore_ascii_case(b"identity")
        });
        if coded {
            // Nobody could tell what is in it.
            return (Body::left_out("it has a content coding"), false);
        }
        let shown = self.secrets.bytes(bytes);
        let hidden = shown != bytes;
        (Body::of(shown), hidden)
    }
}
