//! Bodies that are no JSON object. Every common parser refuses each of these; what only some refuse, such as text behind
//! the value, is among the odd ones of `encoding`.

use serde_json::Value;

use super::build::Builder;
use super::types::{Class, Malformation};

pub(super) fn not_an_object(builder: &Builder<'_>) -> Vec<Malformation> {
    let text = builder.text();
    let half = floor(&text, text.len() / 2);
    let in_a_string = text.find("cti.").map_or(half, |at| at + 4);
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("empty body", Vec::new()),
        (
            "body cut before its last character",
            text[..text.len() - 1].into(),
        ),
        ("null", b"null".into()),
        ("array", b"[]".into()),
        ("text", b"hello".into()),
        ("body cut in the middle", text[..half].into()),
        ("string", b"\"\"".into()),
        ("number", b"0".into()),
        ("true", b"true".into()),
        ("request in an array", format!("[{text}]").into()),
        (
            "request as a JSON string",
            Value::String(text.clone()).to_string().into(),
        ),
        ("body cut within a string", text[..in_a_string].into()),
        ("opening brace only", b"{".into()),
        ("opening brace missing", text[1..].into()),
        ("text before the request", format!("request={text}").into()),
        (
            "form fields",
            b"type=a&request_id=b&context[callback_id]=c".into(),
        ),
        (
            "XML",
            b"<?xml version=\"1.0\"?><request><type>a</type></request>".into(),
        ),
        ("white space only", b" \r\n\t ".into()),
        ("one NUL byte", b"\0".into()),
        ("word undefined", b"undefined".into()),
        (
            "colon missing",
            text.replacen("\"type\":", "\"type\" ", 1).into(),
        ),
        (
            "comma missing",
            text.replacen(",\"request_id\"", " \"request_id\"", 1)
                .into(),
        ),
        ("false", b"false".into()),
        ("fraction", b"-1.5e3".into()),
        ("array of arrays", b"[[],[[]]]".into()),
        ("base64 of the request", base64(&text).into()),
    ];
    bodies
        .into_iter()
        .map(|(name, body)| Malformation::body(name, Class::NotAnObject, body))
        .collect()
}

/// The last character boundary at or before a place.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}
