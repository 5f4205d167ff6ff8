//! Texts that are no token.

use serde_json::json;

use crate::protocol::token::{compact, signing_input};

/// Texts that are no JWT, to stand behind `Bearer ` (JWT-03). Printable ASCII.
pub fn garbage() -> Vec<(String, String)> {
    let object = signing_input(&json!({"alg": "RS256", "kid": "x"}), &json!({"iss": "x"}));
    let not_json = "bm90IGpzb24";
    let array = "W10";
    let null = "bnVsbA";
    let (header, claims) = object.split_once('.').unwrap_or((&object, ""));
    [
        ("a word", "acgw-no-token".to_owned()),
        ("two dots", "..".to_owned()),
        ("one dot", ".".to_owned()),
        ("nothing", String::new()),
        ("three parts that are not base64url", "!!.!!.!!".to_owned()),
        (
            "three parts that are not JSON",
            format!("{not_json}.{not_json}.{not_json}"),
        ),
        ("header alone", header.to_owned()),
        ("header and claims alone", object.clone()),
        ("header null", format!("{null}.{claims}.c2ln")),
        ("claims null", format!("{header}.{null}.c2ln")),
        ("header an array", format!("{array}.{claims}.c2ln")),
        ("claims an array", format!("{header}.{array}.c2ln")),
        ("header an empty object", format!("e30.{claims}.c2ln")),
        ("four parts", format!("{object}.c2ln.c2ln")),
        ("five parts", "a.b.c.d.e".to_owned()),
        ("hundred dots", ".".repeat(100)),
        ("blanks within", "a b c".to_owned()),
        (
            "base64 of bytes that are not UTF-8",
            "__79.__79.__79".to_owned(),
        ),
        ("one letter to a part", "a.a.a".to_owned()),
        ("signature that is not base64url", format!("{object}.!!!!")),
        ("word null", "null".to_owned()),
        ("word undefined", "undefined".to_owned()),
        ("a JSON object", "{\"alg\":\"none\"}".to_owned()),
        ("2 KiB of one letter", "a".repeat(2_048)),
        ("2 KiB in three parts", {
            let part = "YWFh".repeat(170);
            format!("{part}.{part}.{part}")
        }),
        ("signature without a token", compact("", b"signature")),
        ("quotes", "\"\"".to_owned()),
        ("a second scheme", "Bearer".to_owned()),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::case::tests::assert_unique;
    use super::*;
    use crate::protocol::token::{TokenHeader, UnverifiedToken};

    #[test]
    fn garbage_is_no_token_and_can_be_sent() {
        let all = garbage();
        assert_unique(all.iter().map(|(name, _)| name));
        for (name, text) in all {
            assert!(
                text.bytes().all(|byte| (b' '..0x7f).contains(&byte)),
                "{name}"
            );
            assert!(text.len() <= 2_048, "{name}");
            let whole = UnverifiedToken::parse(&text)
                .is_ok_and(|token| serde_json::from_value::<TokenHeader>(token.header).is_ok());
            assert!(!whole, "{name} is a token");
        }
    }
}
