//! What is equivalent reads the same; what is wrong is wrong for lenient decoders too.

use std::collections::HashSet;

use base64::Engine;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use proptest::strategy::ValueTree;
use serde_json::{Value, json};

use super::*;
use crate::generate::HeaderCase;
use crate::generate::seed::{case_seed, tree};
use crate::protocol::Credentials;

fn examples() -> Vec<Credentials> {
    [
        ("partner@example.com", json!({"password": "correct horse"})),
        ("p", json!({"password": "x"})),
        (
            "abcd",
            json!({"client_id": "abc-1", "client_secret": "s3cr3tValue", "region": "eu"}),
        ),
        ("key", json!({"api_key": "9F8e7d6C5b4a"})),
        (
            "número",
            json!({"pin": 1234, "nested": {"token": "tök\"en:"}}),
        ),
        ("text", json!("secret")),
        ("list", json!(["one", "two"])),
        ("digits", json!({"password": "0"})),
        ("long", json!({"password": "y".repeat(100)})),
        ("nothing", json!({})),
        ("flag", json!({"ok": true})),
    ]
    .into_iter()
    .map(|(identity, secrets)| Credentials::new(identity, secrets).expect("no colon"))
    .collect()
}

/// Decodes as lenient handlers do: foreign characters skipped, URL-safe letters taken, padding not asked for, what is not
/// UTF-8 replaced.
fn lenient(header: &[u8]) -> Option<(String, Value)> {
    let letters: String = header
        .iter()
        .map(|byte| match byte {
            b'-' => '+',
            b'_' => '/',
            other => char::from(*other),
        })
        .filter(|letter| letter.is_ascii_alphanumeric() || "+/".contains(*letter))
        .collect();
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&ALPHABET, config);
    let whole = &letters[..letters.len() - usize::from(letters.len() % 4 == 1)];
    let text = String::from_utf8_lossy(&engine.decode(whole).ok()?).into_owned();
    let (identity, secrets) = text.split_once(':')?;
    Some((identity.to_owned(), serde_json::from_str(secrets).ok()?))
}

fn right(credentials: &Credentials, case: &HeaderCase) -> bool {
    lenient(case.value.as_deref().unwrap_or_default())
        == Some((
            credentials.identity().to_owned(),
            credentials.secrets().clone(),
        ))
}

fn check_list(list: &[HeaderCase]) {
    let mut names = HashSet::new();
    for case in list {
        assert!(names.insert(&case.name), "two are named {:?}", case.name);
        assert!(case.is_sendable(), "{} cannot be sent", case.name);
        let size = case.value.as_ref().map_or(0, Vec::len);
        assert!(size <= 8_192, "{} has {size} bytes", case.name);
    }
}

#[test]
fn equivalents_read_the_same_and_are_spelt_otherwise() {
    for credentials in examples() {
        let all = equivalents(&credentials);
        check_list(&all);
        assert!(!all.is_empty());
        let restyled = restyled(&credentials);
        let generated = (0..100).map(|case| {
            tree(&restyled, case_seed(1, "restyled", case))
                .expect("no filter")
                .current()
        });
        for case in all.iter().cloned().chain(generated) {
            let header = String::from_utf8(case.value.clone().expect("a value")).expect("ASCII");
            let read = Credentials::decode(&header).expect("valid");
            assert!(read == credentials, "{} reads otherwise", case.name);
        }
        for case in all {
            assert_ne!(
                case.value,
                Some(credentials.encode().into_bytes()),
                "{}",
                case.name
            );
        }
    }
}

#[test]
fn malformed_ones_are_malformed_even_for_lenient_decoders() {
    for credentials in examples() {
        for list in [
            not_base64(&credentials),
            no_colon(&credentials),
            secrets_not_json(&credentials),
        ] {
            check_list(&list);
            assert!(list.len() >= 3);
            for case in list {
                let value = case.value.clone().unwrap_or_default();
                let strict = String::from_utf8(value)
                    .ok()
                    .and_then(|text| Credentials::decode(&text).ok());
                assert!(strict.is_none(), "{} is well formed", case.name);
                assert!(!right(&credentials, &case), "{} reads right", case.name);
            }
        }
    }
}

#[test]
fn wrong_ones_are_well_formed_and_not_the_right_ones() {
    for credentials in examples() {
        let leaves = !matches!(credentials.identity(), "nothing" | "flag");
        for (list, some) in [
            (wrong_secrets(&credentials), leaves),
            (replaced_secrets(&credentials), leaves),
            (unknown_identities(&credentials), true),
        ] {
            check_list(&list);
            assert_eq!(!list.is_empty(), some, "for {}", credentials.identity());
            for case in list {
                let header = String::from_utf8(case.value.clone().expect("a value"));
                let read = Credentials::decode(&header.expect("ASCII"));
                assert!(read.is_ok(), "{} is malformed", case.name);
                assert!(!right(&credentials, &case), "{} reads right", case.name);
            }
        }
    }
}

#[test]
fn every_secret_is_wrong_in_the_first_case_and_what_is_no_secret_never_alone() {
    let credentials = Credentials::new(
        "abcd",
        json!({"client_id": "abc-1", "client_secret": "s3cr3t", "region": "eu"}),
    )
    .expect("no colon");
    let first = &wrong_secrets(&credentials)[0];
    let (_, secrets) = lenient(first.value.as_deref().expect("a value")).expect("well formed");
    assert_eq!(
        secrets,
        json!({"client_id": "abc-1x", "client_secret": "s3cr3tx", "region": "eux"})
    );
    for case in wrong_secrets(&credentials)
        .iter()
        .chain(&replaced_secrets(&credentials))
    {
        let (_, secrets) = lenient(case.value.as_deref().expect("a value")).expect("well formed");
        assert_ne!(
            secrets.get("client_secret"),
            Some(&json!("s3cr3t")),
            "{} leaves the secret right",
            case.name
        );
    }
}

#[test]
fn what_a_lenient_handler_may_read_alike_is_not_asked_for() {
    let zero = Credentials::new("digits", json!({"password": "0"})).expect("no colon");
    let names: Vec<String> = replaced_secrets(&zero)
        .into_iter()
        .map(|case| case.name)
        .collect();
    assert!(!names.contains(&"secrets.password = 0".to_owned()));
    assert!(!names.contains(&"secrets.password = false".to_owned()));
    assert!(names.contains(&"secrets.password = true".to_owned()));

    let long = Credentials::new("long", json!({"password": "y".repeat(100)})).expect("no colon");
    let names: Vec<String> = wrong_secrets(&long)
        .into_iter()
        .map(|case| case.name)
        .collect();
    assert!(
        !names
            .iter()
            .any(|name| name.contains("appended") || name.contains("cut"))
    );

    let hexadecimal = Credentials::new("hex", json!({"token": "DEADBEEF"})).expect("no colon");
    let names: Vec<String> = wrong_secrets(&hexadecimal)
        .into_iter()
        .map(|case| case.name)
        .collect();
    assert!(!names.iter().any(|name| name.contains("case")));
}

#[test]
fn crossing_needs_two_who_share_nothing() {
    let all = examples();
    let (first, second) = (&all[0], &all[1]);
    let crossed_ones = crossed(first, second);
    assert_eq!(crossed_ones.len(), 2);
    for case in &crossed_ones {
        assert!(!right(first, case) && !right(second, case), "{}", case.name);
    }
    assert!(crossed(first, first).is_empty());
    let same_secrets = Credentials::new("other", first.secrets().clone()).expect("no colon");
    assert!(crossed(first, &same_secrets).is_empty());
}

#[test]
fn hostile_and_generated_ones_can_be_sent() {
    for credentials in examples() {
        let all = hostile(&credentials);
        check_list(&all);
        assert!(all.len() > 200, "only {}", all.len());
        let generated = generated(&credentials);
        let mut names = HashSet::new();
        for case in 0..300 {
            let case = tree(&generated, case_seed(1, "generated", case))
                .expect("no filter")
                .current();
            assert!(case.is_sendable(), "{} cannot be sent", case.name);
            assert!(
                case.value.is_some_and(|value| value.len() <= 8_192),
                "{}",
                case.name
            );
            names.insert(case.name);
        }
        assert!(names.len() > 100);
    }
}
