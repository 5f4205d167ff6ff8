//! Status, media type, coding and JSON of an answer to a right request.

use serde_json::Value;

use super::findings::Findings;
use super::stages::{Disposition, Reading, Sent};
use super::{custom, payload};
use crate::gateway::Answer;

/// Judges the status of an answer to a right request; whether it is a success.
pub(crate) fn judge_status(
    sent: &Sent<'_>,
    answer: &Answer,
    disposition: &Disposition,
    findings: &mut Findings,
) -> bool {
    let redirect = (300..=399).contains(&answer.status);
    findings.verdict("HTTP-05", !redirect, "an answer at this very URL", || {
        let target = answer
            .header("location")
            .unwrap_or_else(|| "nowhere".to_owned());
        format!("status {} to {target}", answer.status)
    });
    if redirect {
        return false;
    }
    if !matches!(disposition, Disposition::Accepted(_)) {
        findings.fail(
            sent.about,
            "the request is right, so it is answered with status 200 and the callback's response",
            format!("status {}{}", status_line(answer), excerpt(answer)),
        );
        return false;
    }
    // Success alone does not show a payload of the right form.
    if !payload::is_about_form(sent.about) {
        findings.pass(sent.about);
    }
    let right = sent.callback.succeeds_with(answer.status);
    match sent.callback.custom {
        None => findings.verdict("HTTP-01", right, "status 200", || {
            format!("status {}", status_line(answer))
        }),
        Some(custom) => findings.verdict(
            "CUS-01",
            right,
            || custom::statuses(custom),
            || format!("status {}", status_line(answer)),
        ),
    }
    // What an answer with a status that nobody declared must look like, nobody declared either.
    right || sent.callback.custom.is_none()
}

/// Judges media type, content coding and JSON; the body where it is JSON.
pub(crate) fn judge_body<'r>(
    answer: &Answer,
    read: &'r Reading,
    findings: &mut Findings,
) -> Option<&'r Value> {
    judge_media_type(answer, findings);
    let coding = answer.header("content-encoding").unwrap_or_default();
    let plain = coding.is_empty() || coding.trim().eq_ignore_ascii_case("identity");
    findings.verdict(
        "HTTP-04",
        plain,
        "no Content-Encoding: the request says Accept-Encoding: identity",
        || format!("Content-Encoding: {coding}"),
    );
    if !plain {
        return None;
    }
    findings.verdict(
        "HTTP-03",
        read.is_ok(),
        "one JSON value in UTF-8 with nothing behind it",
        || why_no_json(&answer.body, read),
    );
    read.as_ref().ok()
}

fn judge_media_type(answer: &Answer, findings: &mut Findings) {
    let given: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
        .collect();
    let right = matches!(&given[..], [one] if is_json(one));
    findings.verdict(
        "HTTP-02",
        right,
        "Content-Type: application/json; charset=utf-8",
        || match &given[..] {
            [] => "no Content-Type".to_owned(),
            given => format!("Content-Type: {}", given.join(" and ")),
        },
    );
}

/// Whether a media type is JSON in UTF-8, said outright or by leaving the charset out.
pub(crate) fn is_json(media_type: &str) -> bool {
    let mut parts = media_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json")
        && parts
            .filter_map(|part| part.split_once('='))
            .all(|(name, value)| {
                !name.trim().eq_ignore_ascii_case("charset")
                    || ["utf-8", "utf8"]
                        .iter()
                        .any(|right| value.trim().trim_matches('"').eq_ignore_ascii_case(right))
            })
}

fn why_no_json(body: &[u8], read: &Reading) -> String {
    if body.is_empty() {
        return "an empty body".to_owned();
    }
    if body.starts_with(b"\xef\xbb\xbf") {
        return "a byte order mark before the JSON text, which RFC 8259 forbids".to_owned();
    }
    match (std::str::from_utf8(body), read) {
        (Err(error), _) => format!("bytes that are not UTF-8, at byte {}", error.valid_up_to()),
        (Ok(_), Err(error)) => error.to_string(),
        (Ok(_), Ok(_)) => String::new(),
    }
}

/// The status code and, where there is one, its reason phrase.
pub(crate) fn status_line(answer: &Answer) -> String {
    if answer.reason.is_empty() {
        answer.status.to_string()
    } else {
        format!("{} {}", answer.status, answer.reason)
    }
}

/// The beginning of a short body, for a sentence.
pub(crate) fn excerpt(answer: &Answer) -> String {
    const MOST: usize = 160;
    let text = String::from_utf8_lossy(&answer.body);
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let short: String = text.chars().take(MOST).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!(", body {short}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types() {
        for right in [
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON;charset=UTF-8",
            "application/json ; charset=\"utf-8\"",
            "application/json; profile=x",
        ] {
            assert!(is_json(right), "{right}");
        }
        for wrong in [
            "text/html",
            "application/json; charset=latin1",
            "application/problem+json",
            "",
            "json",
        ] {
            assert!(!is_json(wrong), "{wrong}");
        }
    }

    #[test]
    fn one_json_value_and_nothing_behind_it() {
        let why = |body: &[u8]| {
            let read: Reading = serde_json::from_slice(body);
            read.is_err().then(|| why_no_json(body, &read))
        };
        assert_eq!(why(b" {} \n"), None);
        for (wrong, told) in [
            (&b""[..], "an empty body"),
            (b"{}x", "trailing"),
            (b"{} {}", "trailing"),
            (b"\xef\xbb\xbf{}", "byte order mark"),
            (b"{\"a\":\"\xff\"}", "at byte 6"),
            (b"{\"a\":1}\xff", "at byte 7"),
            (b"{", "EOF"),
        ] {
            assert!(
                why(wrong).is_some_and(|why| why.contains(told)),
                "{wrong:?}"
            );
        }
    }
}
