//! What no answer may show: secrets, tokens, the inside of the handler.

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
    ("panicked at ", "Rust"),
    ("stack backtrace:", "Rust"),
];

/// Judges what the answer shows.
pub(crate) fn judge(sent: &Sent<'_>, answer: &Answer, findings: &mut Findings) {
    let body = String::from_utf8_lossy(&answer.body);
    let leaked = sent.confidential.iter().any(|text| {
        body.contains(text.as_str())
            || answer
                .headers
                .iter()
                .any(|(_, value)| String::from_utf8_lossy(value).contains(text.as_str()))
    });
    findings.verdict(
        "ERR-04",
        !leaked,
        "no secret and no token in the answer",
        || "the answer repeats a secret or the token of the request".to_owned(),
    );
    let trace = TRACES.iter().find(|(mark, _)| body.contains(mark));
    findings.verdict(
        "ERR-05",
        trace.is_none(),
        "nothing of the handler's inside",
        || {
            let printer = trace.map_or("", |(_, printer)| printer);
            format!("a stack trace as {printer} prints it")
        },
    );
}
