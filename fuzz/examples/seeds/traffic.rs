//! Seeds of what passes the proxy, of recordings, and of the schemas of custom callbacks.

use acgw_conformance::protocol::catalog::CATALOG;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{REQUEST_ID, Seeds, template};

/// What one connection sends; and recordings, which are read by the same target.
pub fn traffic() -> Seeds {
    let mut seeds = Vec::new();
    let endpoint = template(&CATALOG[0]).endpoint_id;
    let claims = json!({"iss": "https://acronis.cloud", "exp": 4102444800_i64, "scope": [{"role": endpoint}]});
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let token = format!(
        "{}.{}.c2ln",
        part(&json!({"alg": "RS256", "kid": "k"})),
        part(&claims)
    );
    let head = |framing: &str| {
        format!(
            "POST /callback HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n\
             X-CyberApp-Auth: bWU6eyJwYXNzd29yZCI6ICJ4In0=\r\nX-CyberApp-Extra: e30=\r\n{framing}\r\n\r\n"
        )
    };
    let mut all = Vec::new();
    for callback in CATALOG {
        let body = template(callback).envelope(REQUEST_ID).to_string();
        let whole = head(&format!("Content-Length: {}", body.len())) + &body;
        all.extend(whole.bytes());
        seeds.push((callback.name.to_owned(), whole.into_bytes()));
    }
    all.truncate(super::MOST_BYTES);
    seeds.push(("one_behind_the_other".to_owned(), all));
    for (name, rest) in [
        (
            "chunked",
            head("Transfer-Encoding: chunked") + "2;x=y\r\n{}\r\n0\r\nT: 1\r\n\r\n",
        ),
        (
            "chunk_without_size",
            head("Transfer-Encoding: chunked") + "x\r\n{}\r\n0\r\n\r\n",
        ),
        (
            "two_lengths",
            head("Content-Length: 1\r\nContent-Length: 2") + "{}",
        ),
        (
            "length_and_chunks",
            head("Content-Length: 2\r\nTransfer-Encoding: chunked") + "{}",
        ),
        ("cut_off", head("Content-Length: 20") + "{"),
        (
            "empty_lines_before",
            "\r\n\r\nGET / HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\n\r\n".to_owned(),
        ),
        (
            "media_type_empty",
            head("Content-Length: 2").replace("application/json", "") + "{}",
        ),
        ("tls", "\u{16}\u{3}\u{1}".to_owned()),
    ] {
        seeds.push((name.to_owned(), rest.into_bytes()));
    }
    let schema: Value = serde_json::from_str(acgw_conformance::protocol::schema::RECORDING.text())
        .expect("the schemas of this crate are JSON");
    let examples = schema["examples"].as_array().expect("examples");
    let lines: Vec<String> = examples.iter().map(Value::to_string).collect();
    let recording = lines.join("\n") + "\n";
    let cut = recording[..recording.len() - 40].to_owned();
    seeds.push(("recording".to_owned(), recording.clone().into_bytes()));
    seeds.push(("recording_cut_off".to_owned(), cut.into_bytes()));
    let other = recording.replace("acgw-recording/1", "acgw-recording/2");
    seeds.push((
        "recording_of_another_version".to_owned(),
        other.into_bytes(),
    ));
    seeds
}

/// Schemas, each with a payload behind it.
pub fn schemas() -> Seeds {
    let example = |text: &str, payload: Value| (text.to_owned(), payload);
    let small = |schema: Value, payload: Value| (schema.to_string(), payload);
    [
        ("quote_request", example(include_str!("../../../examples/custom-callback/quote.request.json"), json!({"plan": "basic", "seats": 3}))),
        ("quote_ok", example(include_str!("../../../examples/custom-callback/quote.ok.json"), json!({"plan": "x", "monthly": 1, "lines": []}))),
        ("anything", small(json!({}), json!({}))),
        ("primitives", small(
            json!({"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {"anyOf": [{"type": "integer"}, {"type": "boolean"}]}}, "additionalProperties": {"type": "number"}}),
            json!({"a": null, "b": true, "c": 1.5}),
        )),
        ("bounds", small(
            json!({"type": "object", "properties": {
                "n": {"type": "number", "minimum": 1, "exclusiveMinimum": true, "maximum": 9, "multipleOf": 0.5},
                "t": {"type": "string", "minLength": 2, "maxLength": 3}, "l": {"type": "array", "items": {"enum": [1, "a"]}, "minItems": 1, "maxItems": 2, "uniqueItems": true}},
                "minProperties": 1, "maxProperties": 3}),
            json!({"n": 1, "t": "a", "l": [1, 1]}),
        )),
        ("texts", small(
            json!({"type": "object", "properties": {"p": {"type": "string", "pattern": "^[A-Z]{2}-\\d+$"}, "u": {"type": "string", "format": "uuid"},
                "d": {"type": "string", "format": "date-time"}, "c": {"const": "x"}}, "required": ["p", "u"]}),
            json!({"p": "AB-1", "u": "no", "d": "2023-04-10T15:33:01Z", "c": "x"}),
        )),
        ("all_and_one", small(
            json!({"allOf": [{"type": "object"}, {"required": ["a"]}], "properties": {"a": {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]}}}),
            json!({"a": 7}),
        )),
        ("reference", small(
            json!({"definitions": {"tree": {"type": "object", "properties": {"of": {"$ref": "#/definitions/tree"}}}}, "$ref": "#/definitions/tree"}),
            json!({"of": {"of": {}}}),
        )),
        ("contradiction", small(json!({"type": "object", "minProperties": 2, "maxProperties": 1}), json!({}))),
        ("unsupported", small(json!({"type": "object", "patternProperties": {"^x": {"type": "string"}}}), json!({"x": 1}))),
        ("no_schema", ("[1".to_owned(), json!({}))),
    ]
    .into_iter()
    .map(|(name, (schema, payload))| (name.to_owned(), format!("{schema}\0{payload}").into_bytes()))
    .collect()
}
