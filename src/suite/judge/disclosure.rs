//! What no answer may show: secrets, tokens, the inside of the handler.

use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

use super::findings::Findings;
use super::stages::Sent;
use crate::gateway::Answer;

/// Texts that only a stack trace has; each with what prints it.
const TRACES: &[(&str, &str)] = &[
    ("Traceback (most recent call last)", "Python"),
    ("\n    at ", "JavaScript or Java"),
    ("\\n    at ", "JavaScript or Java"),
    ("&nbsp;at ", "JavaScript"),
    ("\n\tat ", "Java"),
    ("\\n\\tat ", "Java"),
    ("\n   at ", ".NET"),
    ("\\n   at ", ".NET"),
    ("\ngoroutine ", "Go"),
    ("\\ngoroutine ", "Go"),
    ("Stack trace:\n#0", "PHP"),
    ("Stack trace:\\n#0", "PHP"),
    (":in `", "Ruby"),
    (".rb</code> in", "Ruby"),
    ("panicked at ", "Rust"),
    ("stack backtrace:", "Rust"),
];

/// Finds the texts of [`TRACES`].
static MARKS: LazyLock<Vec<Finder<'static>>> =
    LazyLock::new(|| (TRACES.iter().map(|(mark, _)| Finder::new(*mark))).collect());

/// Judges what the answer shows.
pub(crate) fn judge(sent: &Sent<'_>, answer: &Answer, findings: &mut Findings) {
    let fields = answer.headers.iter().map(|(_, value)| &value[..]);
    let leaked = fields.chain([&answer.body[..]]).any(|text| {
        sent.confidential.iter().any(|secrets| secrets.are_in(text))
            || sent.signature.is_some_and(|signature| {
                text.len() >= signature.len() && memmem::find(text, signature.as_bytes()).is_some()
            })
    });
    findings.verdict(
        "ERR-04",
        !leaked,
        "no secret and no token in the answer",
        || "the answer repeats a secret or the token of the request".to_owned(),
    );
    let trace = MARKS
        .iter()
        .zip(TRACES)
        .find(|(mark, _)| mark.find(&answer.body).is_some());
    findings.verdict(
        "ERR-05",
        trace.is_none(),
        "nothing of the handler's inside",
        || {
            let printer = trace.map_or("", |(_, (_, printer))| printer);
            format!("a stack trace as {printer} prints it")
        },
    );
}
