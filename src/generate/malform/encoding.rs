//! JSON that parsers disagree about: a handler may accept or refuse each of these, but must not fall over.

use super::build::Builder;
use super::types::{Class, Malformation};

/// Where a further member goes that no handler has a use for.
const FURTHER: &str = "/acgw_unknown";

pub(super) fn odd(builder: &Builder<'_>) -> Vec<Malformation> {
    let text = builder.text();
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |name: &str, body: Vec<u8>| all.push((name.to_owned(), body));

    add(
        "byte order mark",
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
    );
    add(
        "invalid byte in request_id",
        builder.spliced("/request_id", b"\"\xff\""),
    );
    add(
        "unpaired surrogate escape in request_id",
        builder.spliced("/request_id", b"\"\\ud800\""),
    );
    add(
        "nesting of 100,000 arrays",
        deep(builder, "[", "]", 100_000),
    );
    add("NaN", builder.spliced(FURTHER, b"NaN"));
    add("number of 1e400", builder.spliced(FURTHER, b"1e400"));
    add(
        "callback_id twice, null last",
        builder.last("/context", "\"callback_id\":null").into(),
    );
    add(
        "NUL character in request_id",
        builder.spliced("/request_id", b"\"a\0b\""),
    );
    add("text behind the request", format!("{text}x").into());
    add("UTF-16, little endian", utf16(&text, false, true));
    add(
        "nesting of 100,000 objects",
        deep(builder, "{\"a\":", "}", 100_000),
    );

    for (name, bytes) in BAD_UTF8 {
        add(
            &format!("{name} in a further member"),
            builder.spliced(FURTHER, bytes),
        );
        add(
            &format!("{name} in context.callback_id"),
            builder.spliced("/context/callback_id", bytes),
        );
    }
    add("invalid byte in a key", spliced_key(builder, b"\xff"));
    add(
        "invalid byte between tokens",
        [b"{\xff".as_slice(), &text.as_bytes()[1..]].concat(),
    );
    add(
        "truncated UTF-8 sequence at the end",
        [text.as_bytes(), b"\xe2\x82"].concat(),
    );
    for (name, big_endian, mark) in [
        ("UTF-16, little endian, without a mark", false, false),
        ("UTF-16, big endian", true, true),
        ("UTF-16, big endian, without a mark", true, false),
    ] {
        add(name, utf16(&text, big_endian, mark));
    }
    for word in [
        "Infinity",
        "-Infinity",
        "undefined",
        "True",
        "None",
        "nan",
        "'text'",
        "0x1F",
        "01",
        "+1",
        ".5",
        "1.",
    ] {
        add(
            &format!("bare word {word}"),
            builder.spliced(FURTHER, word.as_bytes()),
        );
    }
    for number in [
        "9007199254740993",
        "18446744073709551616",
        "-9223372036854775809",
        "-1e400",
        "1e-400",
        "-0",
        "1E+2",
        "1.000000000000000000000000000000000000000000000001",
    ] {
        add(
            &format!("number {number}"),
            builder.spliced(FURTHER, number.as_bytes()),
        );
    }
    // Python refuses to turn more than 4,300 digits into an integer, with an error of its own.
    add(
        "number of 5,000 digits",
        builder.spliced(FURTHER, "7".repeat(5_000).as_bytes()),
    );
    add(
        "exponent of 1,000 digits",
        builder.spliced(FURTHER, format!("1e{}", "9".repeat(1_000)).as_bytes()),
    );
    for (name, escape) in [
        ("unpaired high surrogate escape", "\"\\ud800\""),
        ("unpaired low surrogate escape", "\"\\udc00\""),
        ("surrogate escapes in the wrong order", "\"\\udc00\\ud800\""),
        ("escape of NUL", "\"a\\u0000b\""),
        ("escape that is cut short", "\"\\u12\""),
        ("unknown escape", "\"\\x41\\q\""),
        ("escapes of noncharacters", "\"\\ufffe\\uffff\""),
    ] {
        add(name, builder.spliced(FURTHER, escape.as_bytes()));
    }
    add(
        "unpaired surrogate escape in a key",
        spliced_key(builder, b"\\ud800"),
    );
    for (name, byte) in [
        ("line feed", b'\n'),
        ("tab", b'\t'),
        ("NUL", 0),
        ("escape", 0x1b),
        ("delete", 0x7f),
    ] {
        add(
            &format!("{name} character within a string"),
            builder.spliced(FURTHER, &[b'"', b'a', byte, b'"']),
        );
    }
    for depth in [1_000, 10_000] {
        let count = if depth == 1_000 { "1,000" } else { "10,000" };
        add(
            &format!("nesting of {count} arrays"),
            deep(builder, "[", "]", depth),
        );
        add(
            &format!("nesting of {count} objects"),
            deep(builder, "{\"a\":", "}", depth),
        );
    }
    add(
        "nesting of 100,000 arrays in payload",
        builder.spliced("/payload", nested("[", "]", 100_000).as_bytes()),
    );
    add(
        "nesting of 100,000 arrays that never end",
        builder.spliced(FURTHER, "[".repeat(100_000).as_bytes()),
    );
    for (place, object, members) in [
        (
            "callback_id twice, null first",
            "/context",
            "\"callback_id\":null".to_owned(),
        ),
        (
            "context twice, null first",
            "",
            "\"context\":null".to_owned(),
        ),
        (
            "request_id twice, null first",
            "",
            "\"request_id\":null".to_owned(),
        ),
        (
            "endpoint_id twice, null first",
            "/context",
            "\"endpoint_id\":null".to_owned(),
        ),
    ] {
        add(place, builder.first(object, &members).into());
    }
    for (place, object, members) in [
        ("context twice, null last", "", "\"context\":null"),
        ("request_id twice, null last", "", "\"request_id\":null"),
        (
            "endpoint_id twice, null last",
            "/context",
            "\"endpoint_id\":null",
        ),
        (
            "a further member twice",
            "",
            "\"acgw_unknown\":1,\"acgw_unknown\":2",
        ),
    ] {
        add(place, builder.last(object, members).into());
    }
    let id = builder.template.callback.id;
    add(
        "callback_id twice, alike",
        builder
            .last("/context", &format!("\"callback_id\":\"{id}\""))
            .into(),
    );
    add(
        "callback_id twice, escaped the second time",
        builder
            .last("/context", "\"\\u0063allback_id\":\"unknown\"")
            .into(),
    );
    add(
        "block comment",
        text.replacen('{', "{/* comment */", 1).into(),
    );
    add(
        "line comment",
        text.replacen('{', "{// comment\n", 1).into(),
    );
    add(
        "trailing comma",
        format!("{},}}", &text[..text.len() - 1]).into(),
    );
    add("leading comma", text.replacen('{', "{,", 1).into());
    add("keys in single quotes", text.replace('"', "'").into());
    add(
        "key without quotes",
        text.replacen("\"type\"", "type", 1).into(),
    );
    add("two requests in one body", format!("{text}{text}").into());
    add(
        "two requests on two lines",
        format!("{text}\n{text}\n").into(),
    );
    add("second closing brace", format!("{text}}}").into());
    add("NUL byte behind the request", format!("{text}\0").into());
    add(
        "white space of other alphabets",
        format!("\u{a0}{text}\u{2028}").into(),
    );
    add(
        "form feed before the request",
        format!("\u{c}{text}").into(),
    );
    add("key of 64 KiB", spliced_key(builder, &vec![b'k'; 65_536]));

    all.into_iter()
        .map(|(name, body)| Malformation::body(name, Class::Encoding, body))
        .collect()
}

/// Strings, with their quotes, that are not UTF-8.
const BAD_UTF8: &[(&str, &[u8])] = &[
    ("invalid byte", b"\"a\xffb\""),
    ("continuation byte alone", b"\"a\x80b\""),
    ("overlong sequence", b"\"a\xc0\xafb\""),
    ("truncated sequence", b"\"a\xe2\x82\""),
    ("encoded surrogate", b"\"a\xed\xa0\x80b\""),
    ("code point beyond U+10FFFF", b"\"a\xf4\x90\x80\x80b\""),
    ("Latin-1 letter", b"\"caf\xe9\""),
];

fn deep(builder: &Builder<'_>, open: &str, close: &str, depth: usize) -> Vec<u8> {
    builder.spliced(FURTHER, nested(open, close, depth).as_bytes())
}

fn nested(open: &str, close: &str, depth: usize) -> String {
    // The innermost value: an object's member needs one.
    format!("{}0{}", open.repeat(depth), close.repeat(depth))
}

/// With a further member whose key has these bytes.
fn spliced_key(builder: &Builder<'_>, key: &[u8]) -> Vec<u8> {
    let text = builder.text();
    [b"{\"".as_slice(), key, b"\":1,", &text.as_bytes()[1..]].concat()
}

fn utf16(text: &str, big_endian: bool, mark: bool) -> Vec<u8> {
    mark.then_some(0xfeff)
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(|unit| {
            if big_endian {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}
