//! Reads a recording, to send its requests again.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::form::{FORMAT, HIDDEN, Header, Line};
use crate::gateway::{Message, PassedRequest};

/// The requests of a recording.
#[derive(Debug, Clone)]
pub struct Recording {
    /// What the file is called.
    pub name: String,
    /// The requests that can be sent again, in the order in which they passed.
    pub requests: Vec<RecordedRequest>,
    /// Requests that cannot be sent again: the line of each, and why.
    pub left_out: Vec<(usize, String)>,
    /// Whether the last line is cut off, as it is when whoever wrote it was ended.
    pub cut: bool,
}

/// A request of a recording, without the header fields whose values are hidden.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// The line of the file, from 1.
    pub line: usize,
    /// Its number in the recording.
    pub number: u64,
    /// What it was taken for.
    pub callback: String,
    /// The request. `Authorization` and `X-CyberApp-Auth` have the value `***` where they were there.
    pub request: PassedRequest,
}

/// What is wrong with a recording.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RecordingError {
    /// The line, from 1.
    pub line: usize,
    problem: String,
}

impl Recording {
    /// Reads a recording that `acgw proxy --record` wrote.
    ///
    /// # Errors
    /// When it is no recording, of another version, or damaged: the first line that is wrong, and what to do.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, RecordingError> {
        let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        // Behind the last line end there is nothing, or a line that was being written.
        let rest = lines.pop().unwrap_or_default();
        let mut recording = Self {
            name: name.to_owned(),
            requests: Vec::new(),
            left_out: Vec::new(),
            cut: false,
        };
        if !rest.trim_ascii().is_empty() {
            match serde_json::from_slice::<Value>(rest) {
                Ok(_) => lines.push(rest),
                Err(error) if error.is_eof() && !lines.is_empty() => recording.cut = true,
                Err(_) => lines.push(rest),
            }
        }
        let Some((first, lines)) = lines.split_first() else {
            return Err(no_recording(1, "the file is empty"));
        };
        header(first)?;
        for (line, number) in lines.iter().zip(2..) {
            if !line.trim_ascii().is_empty() {
                recording.take(number, line)?;
            }
        }
        Ok(recording)
    }

    fn take(&mut self, place: usize, bytes: &[u8]) -> Result<(), RecordingError> {
        let line: Line = parsed(place, bytes)?;
        let wrong = |problem| RecordingError {
            line: place,
            problem,
        };
        let body = line.request.body.bytes().map_err(wrong)?;
        let request = line.request;
        let why = match &body {
            _ if request.malformed.is_some() => Some("it is no HTTP"),
            _ if request.partial => Some("not all of it was seen"),
            _ if request.altered => Some("a secret stood in it, which the recording hides"),
            None => Some("its body was left out"),
            Some(_) => None,
        };
        if let Some(why) = why {
            self.left_out.push((place, why.to_owned()));
            return Ok(());
        }
        let mut headers = Vec::with_capacity(request.headers.len());
        for field in &request.headers {
            headers.push((field.name.clone(), field.bytes().map_err(wrong)?));
        }
        let request = PassedRequest {
            message: Message {
                method: request.method,
                headers,
                body: Bytes::from(body.unwrap_or_default()),
            },
            target: request.target,
            version: match request.version.as_str() {
                "HTTP/1.0" => "HTTP/1.0",
                _ => "HTTP/1.1",
            },
            whole: true,
            too_large: false,
            malformed: None,
        };
        if let Some(problem) = request.message.problem() {
            return Err(wrong(problem));
        }
        self.requests.push(RecordedRequest {
            line: place,
            number: line.number,
            callback: line.callback,
            request,
        });
        Ok(())
    }
}

/// Whether a value says no more than that there was one.
pub(crate) fn is_hidden(value: &[u8]) -> bool {
    value == HIDDEN.as_bytes() || value.ends_with(b" ***")
}

fn header(bytes: &[u8]) -> Result<(), RecordingError> {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        return Err(no_recording(1, "it is not JSON"));
    };
    match value.get("format").and_then(Value::as_str) {
        Some(FORMAT) => parsed::<Header>(1, bytes).map(drop),
        Some(other) if other.starts_with("acgw-recording/") => Err(RecordingError {
            line: 1,
            problem: format!(
                "this is a recording of the format {other:?}, and this acgw reads {FORMAT:?}; record it again, or use the \
                 acgw that wrote it"
            ),
        }),
        Some(other) if other.starts_with("acgw-report/") => Err(no_recording(
            1,
            "it is a report, which has no requests in it that could be sent",
        )),
        _ => Err(no_recording(
            1,
            &format!("it does not say \"format\": {FORMAT:?}"),
        )),
    }
}

fn no_recording(line: usize, why: &str) -> RecordingError {
    RecordingError {
        line,
        problem: format!("this is no recording ({why}); make one with acgw proxy --record FILE"),
    }
}

fn parsed<T: DeserializeOwned>(line: usize, bytes: &[u8]) -> Result<T, RecordingError> {
    serde_json::from_slice(bytes).map_err(|error| {
        // Where in the file it stands, the line tells already.
        let text = error.to_string();
        let what = text.split(" at line").next().unwrap_or(&text).to_owned();
        RecordingError {
            line,
            problem: format!(
                "{what} (column {}); each line is a JSON object as schemas/recording.schema.json describes it: mend the line \
                 or take it out",
                error.column()
            ),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = r#"{"format":"acgw-recording/1","tool":{"name":"acgw","version":"0.1.0"},"upstream":"http://127.0.0.1/","started_at":"2026-01-01T00:00:00Z"}"#;
    const LINE: &str = r#"{"number":1,"at":"2026-01-01T00:00:00Z","callback":"x","duration_ms":1,"request":{"method":"POST","target":"/","version":"HTTP/1.1","headers":[{"name":"A","value":"b"}],"body":"{}"}}"#;

    fn read(text: &str) -> Result<Recording, String> {
        Recording::read("file", text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_recording_is_read_but_for_a_line_that_was_being_written() {
        let whole = read(&format!("{HEADER}\n{LINE}\n\n{LINE}")).expect("a recording");
        assert_eq!((whole.requests.len(), whole.cut), (2, false));
        assert_eq!(whole.requests[1].line, 4);
        let cut = read(&format!("{HEADER}\n{LINE}\n{}", &LINE[..60])).expect("a recording");
        assert_eq!((cut.requests.len(), cut.cut), (1, true));
    }

    #[test]
    fn what_cannot_be_sent_again_is_left_out_with_the_reason() {
        let hidden = LINE.replace("\"body\":\"{}\"", "\"body\":\"***\",\"altered\":true");
        let without = LINE.replace("\"body\":\"{}\"", "\"body_left_out\":\"it is large\"");
        let read = read(&format!("{HEADER}\n{hidden}\n{without}\n")).expect("a recording");
        assert!(read.requests.is_empty());
        assert_eq!(read.left_out.len(), 2);
        assert!(read.left_out[0].1.contains("secret"), "{:?}", read.left_out);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_to_do() {
        for (text, told) in [
            (
                String::new(),
                "line 1: this is no recording (the file is empty); make one with",
            ),
            (
                "{".to_owned(),
                "line 1: this is no recording (it is not JSON)",
            ),
            (
                "{\"format\":\"acgw-report/1\"}\n".to_owned(),
                "it is a report",
            ),
            (HEADER.replace("ing/1", "ing/2") + "\n", "record it again"),
            (
                format!("{HEADER}\n{LINE}\nnonsense\n{LINE}\n"),
                "line 3: expected",
            ),
            (
                format!("{HEADER}\n{{\"number\":1}}\n"),
                "line 2: missing field `at`",
            ),
            (
                format!(
                    "{HEADER}\n{}\n",
                    LINE.replace("\"body\":\"{}\"", "\"body_base64\":\"=\"")
                ),
                "line 2: `body_base64` is not base64",
            ),
            (
                format!("{HEADER}\n{}\n", LINE.replace("\"A\"", "\"A B\"")),
                "line 2: \"A B\" is no header field name",
            ),
        ] {
            let error = read(&text).expect_err(&text);
            assert!(error.contains(told), "{error}");
        }
    }
}
