//! Text in pieces, each with the class that gives it its colour: HTTP messages with JSON in them, diffs, and prose with code.

use serde::Serialize;

/// A piece of text, and its class in `page.css`; empty where it is plain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    pub class: &'static str,
    pub text: String,
}

fn piece(class: &'static str, text: &str) -> Piece {
    Piece {
        class,
        text: text.to_owned(),
    }
}

/// A message: its first line, its fields, and its body, which is coloured where it looks like JSON.
pub(super) fn message(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (head, body) = match text.split_once("\n\n") {
        Some((head, body)) => (head, Some(body)),
        None => (text, None),
    };
    for (place, line) in head.split('\n').enumerate() {
        if place > 0 {
            pieces.push(piece("", "\n"));
        }
        match line.split_once(':') {
            _ if place == 0 => pieces.push(piece("start", line)),
            Some((name, value)) if is_token(name) => {
                pieces.push(piece("field", name));
                pieces.push(piece("", ":"));
                pieces.push(piece("", value));
            }
            _ => pieces.push(piece("", line)),
        }
    }
    if let Some(body) = body {
        pieces.push(piece("", "\n\n"));
        match body.trim_start().starts_with(['{', '[']) {
            true => json(body, &mut pieces),
            false => pieces.push(piece("", body)),
        }
    }
    merged(pieces)
}

/// RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    let permitted = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(permitted)
}

/// Colours what looks like JSON, however broken: names, strings, numbers and words.
fn json(text: &str, pieces: &mut Vec<Piece>) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => string_end(rest),
            '0'..='9' | '-' => end_of(rest, |c| c.is_ascii_digit() || "+-.eE".contains(c)),
            'a'..='z' | 'A'..='Z' => end_of(rest, |c| c.is_ascii_alphabetic()),
            _ => end_of(rest, |c| !(c.is_ascii_alphanumeric() || "\"-".contains(c))),
        };
        let (token, after) = rest.split_at(end);
        let class = match first {
            '"' if after.trim_start().starts_with(':') => "name",
            '"' => "string",
            '0'..='9' | '-' => "number",
            'a'..='z' | 'A'..='Z' => "word",
            _ => "",
        };
        pieces.push(piece(class, token));
        rest = after;
    }
}

/// Where a string ends that begins the text: behind its closing quote, or with the text.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (place, character) in text.char_indices().skip(1) {
        match character {
            '"' if !escaped => return place + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// Where the run ends that begins the text; behind the first character at least.
fn end_of(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    let mut others = text.char_indices().skip(1);
    others
        .find(|(_, character)| !belongs(*character))
        .map_or(text.len(), |(place, _)| place)
}

/// A unified diff, a line a piece.
pub(super) fn diff(text: &str) -> Vec<Piece> {
    let lines = text.split_inclusive('\n').map(|line| {
        let class = match line.as_bytes().first() {
            Some(b'+') => "added",
            Some(b'-') => "removed",
            _ => "",
        };
        piece(class, line)
    });
    lines.collect()
}

/// Prose of the register, in which what stands between backticks is code.
pub(super) fn prose(text: &str) -> Vec<Piece> {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        // The backticks do not pair.
        return vec![piece("", text)];
    }
    let pieces = parts.iter().enumerate().map(|(place, part)| {
        let class = if place % 2 == 1 { "code" } else { "" };
        piece(class, part)
    });
    pieces.filter(|piece| !piece.text.is_empty()).collect()
}

/// Neighbours of one class put together.
fn merged(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match merged.last_mut() {
            Some(last) if last.class == piece.class => last.text.push_str(&piece.text),
            _ => merged.push(piece),
        }
    }
    merged.retain(|piece| !piece.text.is_empty());
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        let mark = |piece: &Piece| match piece.class {
            "" => piece.text.clone(),
            class => format!("<{class} {}>", piece.text),
        };
        pieces.iter().map(mark).collect()
    }

    #[test]
    fn a_message_is_coloured_to_its_end() {
        let text = "POST /callback HTTP/1.1\nContent-Type: application/json\n\n{\"a\": [1.5e3, true, \"x\\\"y\"]}";
        assert_eq!(
            shown(&message(text)),
            "<start POST /callback HTTP/1.1>\n<field Content-Type>: application/json\n\n{<name \"a\">: \
             [<number 1.5e3>, <word true>, <string \"x\\\"y\">]}"
        );
        assert_eq!(shown(&message("no answer")), "<start no answer>");
        assert_eq!(
            shown(&message("HTTP/1.1 500 x\nodd line\n\noops: <b>")),
            "<start HTTP/1.1 500 x>\nodd line\n\noops: <b>"
        );
    }

    #[test]
    fn no_text_is_lost_whatever_it_is() {
        for text in [
            "",
            "\n\n",
            "a\n\n{",
            "a\n\n{\"",
            "a\n\n[\"\\\"",
            "a\n\n[é\u{301}-é\"\\",
            "a\n\n[-\u{10ffff}nullé1",
            "x\n: y\n\n[\u{0}]",
        ] {
            let whole: String = message(text).into_iter().map(|piece| piece.text).collect();
            assert_eq!(whole, text);
            let whole: String = diff(text).into_iter().map(|piece| piece.text).collect();
            assert_eq!(whole, text);
        }
    }

    #[test]
    fn prose_has_code_where_its_backticks_pair() {
        assert_eq!(
            shown(&prose("say `a` and `b`")),
            "say <code a> and <code b>"
        );
        assert_eq!(shown(&prose("a ` b")), "a ` b");
    }
}
