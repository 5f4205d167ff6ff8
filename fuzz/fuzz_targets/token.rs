//! Tokens: what is taken apart goes together again, types and schemas agree on header and claims, and no report shows a
//! signature. The input is taken for a compact token, and for lines that one is made of: header, claims, signature, text
//! around it.
#![no_main]

use acgw_conformance::protocol::schema::{self, Schema};
use acgw_conformance::protocol::token::{self, Claims, TokenHeader, UnverifiedToken};
use acgw_conformance::suite::fuzzing;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    taken_apart(&String::from_utf8_lossy(data));

    let mut lines = data.splitn(5, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (header, claims, signature) = (line(), line(), line());
    let compact = [header, claims, signature]
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".");
    taken_apart(&compact);
    let object = |text| {
        let value = serde_json::from_slice::<Value>(text).ok()?;
        value.is_object().then_some(value)
    };
    match (
        UnverifiedToken::parse(&compact),
        object(header),
        object(claims),
    ) {
        (Ok(token), Some(header), Some(claims)) => {
            assert_eq!((&token.header, &token.claims), (&header, &claims));
            assert_eq!(token.signature, signature);
        }
        (Err(_), header, claims) => assert!(header.is_none() || claims.is_none()),
        (Ok(token), ..) => panic!("{token:?} is no JSON"),
    }
    let (before, after) = (line(), line());
    let text = |bytes| String::from_utf8_lossy(bytes);
    not_shown(&compact, &text(before), &text(after));
});

fn taken_apart(text: &str) {
    let token = match UnverifiedToken::parse(text) {
        Ok(token) => token,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert_eq!(token::compact(token.signed, &token.signature), text);
    let rebuilt = token::compact(
        &token::signing_input(&token.header, &token.claims),
        &token.signature,
    );
    let again = UnverifiedToken::parse(&rebuilt).expect("what was put together");
    assert_eq!(
        (&again.header, &again.claims),
        (&token.header, &token.claims)
    );
    assert_eq!(again.signature, token.signature);
    agree::<TokenHeader>(schema::TOKEN_HEADER, &token.header);
    agree::<Claims>(schema::TOKEN_CLAIMS, &token.claims);
}

/// Type and schema take the same values, and the type prints what it read.
fn agree<T>(schema: Schema, value: &Value)
where
    T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug,
{
    let typed = serde_json::from_value::<T>(value.clone());
    assert_eq!(
        schema.is_valid(value),
        typed.is_ok(),
        "{} and {typed:?}",
        schema.file()
    );
    if let Ok(typed) = typed {
        let printed = serde_json::to_value(&typed).expect("JSON");
        let again = serde_json::from_value::<T>(printed).expect("what was printed");
        assert_eq!(again, typed);
    }
}

/// No report shows the signature of a token, wherever it stands.
fn not_shown(compact: &str, before: &str, after: &str) {
    let signature = compact.rsplit('.').next().unwrap_or_default();
    if signature.len() < 12 || !compact.starts_with("eyJ") {
        return;
    }
    for shown in [
        fuzzing::hide(&[], &format!("{before}{compact}{after}")),
        fuzzing::hide(&[], &format!("{before} {compact} {after}")),
        fuzzing::hide_authorization(&format!("{before}{compact}{after}")),
        fuzzing::hide_authorization(&format!("Bearer {compact}{after}")),
        fuzzing::hide_authorization(&format!("{compact} {after}")),
    ] {
        // The signature's text may also be there because the rest of the input has it.
        let others = shown.matches(signature).count();
        let harmless = format!(
            "{before}{after}{}",
            &compact[..compact.len() - signature.len()]
        );
        let decoded = UnverifiedToken::parse(compact)
            .map(|token| format!("{}{}", token.header, token.claims))
            .unwrap_or_default();
        if !harmless.contains(signature) && !decoded.contains(signature) {
            assert_eq!(others, 0, "{signature:?} is seen in {shown:?}");
        }
    }
}
