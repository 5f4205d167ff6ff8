//! Requests and answers as text.

use similar::TextDiff;

use super::mask::Mask;
use crate::gateway::{Message, Observation};
use crate::protocol::headers::AUTH_HEADER;
use crate::suite::call::Place;

/// Most characters of a body, or of one header value, that are shown.
const MOST: usize = 2_000;

/// A request as text.
pub(crate) fn request(message: &Message, place: &Place, mask: &Mask) -> String {
    let mut text = format!("{} {} HTTP/1.1\n", message.method, place.path);
    for (name, value) in &message.headers {
        let value = String::from_utf8_lossy(value);
        let shown = if name.eq_ignore_ascii_case("authorization") {
            mask.authorization(&value)
        } else if name.eq_ignore_ascii_case(AUTH_HEADER) {
            mask.auth(&value)
        } else {
            mask.text(&value)
        };
        text.push_str(&format!("{name}: {}\n", shorten(&visible(&shown))));
    }
    text.push('\n');
    text.push_str(&body(&message.body, mask));
    text
}

/// An answer as text, or why there is none.
pub(crate) fn response(observation: &Observation, mask: &Mask) -> String {
    let (answer, error) = match &observation.result {
        Ok(answer) => (Some(answer), None),
        Err(error) => (error.partial.as_deref(), Some(error)),
    };
    let mut text = String::new();
    if let Some(answer) = answer {
        text.push_str(format!("{} {} {}", answer.version, answer.status, answer.reason).trim_end());
        text.push('\n');
        for (name, value) in &answer.headers {
            let value = mask.text(&String::from_utf8_lossy(value));
            text.push_str(&format!("{name}: {}\n", shorten(&visible(&value))));
        }
        text.push('\n');
        text.push_str(&body(&answer.body, mask));
    }
    if let Some(error) = error {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("({error}; after {:.1?})", observation.total));
    }
    text
}

/// The request against its control, line by line; JSON bodies are laid out, so that one change is one line.
pub(crate) fn diff(
    message: &Message,
    control: &Message,
    place: &Place,
    mask: &Mask,
) -> Option<String> {
    let lay_out = |message: &Message| {
        let mut laid_out = message.clone();
        if message.body.len() <= MOST
            && let Ok(value) = serde_json::from_slice::<serde_json::Value>(&message.body)
            && let Ok(pretty) = serde_json::to_vec_pretty(&value)
        {
            laid_out.body = pretty.into();
        }
        request(&laid_out, place, mask)
    };
    let (old, new) = (lay_out(control), lay_out(message));
    if old == new {
        return None;
    }
    let diff = TextDiff::from_lines(&old, &new);
    Some(
        diff.unified_diff()
            .context_radius(2)
            .header("control", "this request")
            .to_string(),
    )
}

fn body(bytes: &[u8], mask: &Mask) -> String {
    if bytes.is_empty() {
        return "(no body)".to_owned();
    }
    // Only what is shown is decoded and masked: a body may be a megabyte.
    let head = &bytes[..bytes.len().min(4 * MOST)];
    let text = visible(&mask.text(&String::from_utf8_lossy(head)));
    let short = shorten(&text);
    if short.len() < text.len() || head.len() < bytes.len() {
        format!(
            "{} ({} bytes in all)",
            short.trim_end_matches('…').to_owned() + "…",
            bytes.len()
        )
    } else {
        short
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).collect::<String>() + "…"
}

/// Control characters, but for line feeds and tabs, made visible.
fn visible(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let hidden = character.is_control() && !matches!(character, '\n' | '\t');
            let escaped = hidden.then(|| character.escape_default().collect::<String>());
            escaped
                .unwrap_or_else(|| character.to_string())
                .chars()
                .collect::<Vec<_>>()
        })
        .collect()
}
