//! The faults: each has its facts, and changes nothing but what it says.

use std::collections::HashSet;

use acgw_conformance::gateway::token::{mint_hs256, mint_unsigned};
use acgw_conformance::protocol::catalog::{ENABLEMENT_RESET, TENANT_MAPPING_READ, TOPOLOGY_READ};
use acgw_conformance::protocol::{Callback, Enablement};
use acgw_conformance::reference::{Fault, Faults};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::support::*;

/// Areas whose requirements are about what right requests are answered with.
const SEEN_IN_RIGHT_ANSWERS: [&str; 8] = ["HTTP", "TLS", "ENV", "ENA", "TOP", "MAP", "PMI", "CMI"];

#[test]
fn every_fault_has_its_facts() {
    let mut names = HashSet::new();
    for fault in Fault::all() {
        let name = fault.name();
        assert!(names.insert(name), "{name} is there twice");
        let kebab =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        assert!(name.bytes().all(kebab), "{name} is not in kebab case");
        assert_eq!(Fault::from_name(name), Some(*fault));
        let title = fault.title();
        assert!(
            title.ends_with('.') && title.starts_with(char::is_uppercase),
            "{name}: {title}"
        );
        let ids: HashSet<_> = fault.breaks().iter().collect();
        assert!(
            !ids.is_empty() && ids.len() == fault.breaks().len(),
            "{name}"
        );
    }
    assert_eq!(Fault::from_name("no-such-fault"), None);
}

#[test]
fn faults_are_a_set() {
    let faults: Faults = [Fault::AlgNone, Fault::AlgNone].into_iter().collect();
    assert_eq!(faults, Faults::from(Fault::AlgNone));
    assert!(faults.has(Fault::AlgNone) && !faults.has(Fault::AlgHs256) && !faults.is_empty());
    assert!(Faults::none().is_empty());
}

#[tokio::test]
async fn faults_that_concern_wrong_requests_leave_right_ones_alone() {
    let mut alone = 0;
    for fault in Fault::all() {
        let area = |id: &&str| {
            SEEN_IN_RIGHT_ANSWERS
                .iter()
                .any(|area| id.starts_with(area))
        };
        let hidden = [
            Fault::TokenInHeader,
            Fault::DuplicateRefused,
            Fault::DuplicateEmpty,
            Fault::ReadUnmaps,
            Fault::DuplicateWrite500,
            Fault::TokenTakenOnce,
        ];
        if fault.breaks().iter().any(area) || hidden.contains(fault) {
            continue;
        }
        alone += 1;
        let (faulty, right) = (faulty(*fault), right());
        let reset_last = Enablement::MAPPED
            .callbacks()
            .filter(|callback| callback.id != ENABLEMENT_RESET.id)
            .chain([&ENABLEMENT_RESET]);
        for callback in reset_last {
            let expected = ask(&right, request(callback)).await;
            let answer = ask(&faulty, request(callback)).await;
            assert_eq!(answer.status, StatusCode::OK, "{fault}: {}", callback.name);
            assert_eq!(answer.headers, expected.headers, "{fault}");
            let but_for_its_id = |mut body: Value| {
                body["response_id"] = Value::Null;
                body
            };
            assert_eq!(
                but_for_its_id(answer.body),
                but_for_its_id(expected.body),
                "{fault}: {}",
                callback.name
            );
        }
    }
    assert!(alone > 80, "{alone} faults");
}

#[tokio::test]
async fn any_two_faults_in_what_is_told_can_be_had_together() {
    const TOLD: [&str; 6] = ["ENV", "ENA", "TOP", "MAP", "PMI", "CMI"];
    let told = |fault: &&Fault| {
        let mut ids = fault.breaks().iter();
        ids.any(|id| TOLD.iter().any(|area| id.starts_with(area)))
    };
    let all: Vec<Fault> = Fault::all().iter().filter(told).copied().collect();
    let mut pairs = 0;
    for (place, one) in all.iter().enumerate() {
        let enablement = one.enablement();
        let reads: Vec<&Callback> = enablement
            .callbacks()
            .filter(|callback| !callback.changes_data)
            .collect();
        for other in all[place + 1..]
            .iter()
            .filter(|other| other.enablement() == enablement)
        {
            let handler = serving(enablement, Faults::from_iter([*one, *other]));
            for callback in &reads {
                // Whatever it says: that it says something.
                ask(&handler, request(callback)).await;
            }
            pairs += 1;
        }
    }
    assert!(pairs > 3000, "{pairs}");
}

/// The status with which a handler with this fault answers.
async fn status(fault: Fault, request: Request<http_body_util::Full<bytes::Bytes>>) -> u16 {
    ask(&faulty(fault), request).await.status.as_u16()
}

#[tokio::test]
async fn forged_tokens_are_taken_for_good() {
    let bearer = |token: String| with("authorization", Some(format!("Bearer {token}").as_bytes()));
    let with_alg = |alg: &str| json!({"alg": alg, "kid": published().kid()});
    let pem = published().public_pem();
    let hs256 = || bearer(mint_hs256(pem.as_bytes(), &with_alg("HS256"), &claims()));
    assert_eq!(status(Fault::AlgHs256, hs256()).await, 200);
    let trimmed = mint_hs256(pem.trim_end().as_bytes(), &with_alg("HS256"), &claims());
    assert_eq!(status(Fault::AlgHs256, bearer(trimmed)).await, 200);
    let wrong = mint_hs256(b"wrong", &with_alg("HS256"), &claims());
    assert_eq!(status(Fault::AlgHs256, bearer(wrong)).await, 401);
    let none = |alg: &str| bearer(mint_unsigned(&with_alg(alg), &claims()));
    assert_eq!(status(Fault::AlgNone, none("none")).await, 200);
    assert_eq!(status(Fault::AlgNoneCapitalised, none("none")).await, 401);
    assert_eq!(status(Fault::AlgNoneCapitalised, none("None")).await, 200);
    assert_eq!(status(Fault::TokenNotVerified, none("x")).await, 200);
    assert_eq!(
        status(
            Fault::EmptySignature,
            bearer(mint_unsigned(&header(), &claims()))
        )
        .await,
        200
    );
}

#[tokio::test]
async fn what_was_verified_once_is_remembered() {
    let good = claims();
    let signed = bearer(&good);
    let (head, signature) = signed.rsplit_once('.').expect("three parts");
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let corrupted = format!("{head}.{first}{}", &signature[1..]);
    let mut changed = good.clone();
    changed["iat"] = json!(1);
    let other = bearer(&changed);
    let (changed, _) = other.rsplit_once('.').expect("three parts");
    let changed = format!("{changed}.{signature}");
    for (fault, corrupted_status, changed_status) in [
        (Fault::VerifiedClaimsRemembered, 200, 401),
        (Fault::VerifiedSignatureRemembered, 401, 200),
    ] {
        let reference = faulty(fault);
        let ask_with = async |value: &str| {
            ask(&reference, with("authorization", Some(value.as_bytes())))
                .await
                .status
        };
        assert_eq!(ask_with(&corrupted).await, 401, "{fault}: not verified yet");
        assert_eq!(ask_with(&signed).await, 200, "{fault}");
        assert_eq!(ask_with(&corrupted).await, corrupted_status, "{fault}");
        assert_eq!(ask_with(&changed).await, changed_status, "{fault}");
    }
}

#[tokio::test]
async fn credentials_of_no_use_are_taken_for_good() {
    for (fault, text) in [
        (Fault::NoColonAccepted, "alpha"),
        (Fault::NotJsonAccepted, "alpha:x"),
        (Fault::SecretsIgnored, r#"alpha:{"password":"x"}"#),
        (
            Fault::SecretLengthOnly,
            r#"alpha:{"password":"incorrect-horse-batt"}"#,
        ),
        (Fault::LooseComparison, r#"alpha:{"password":true}"#),
        (Fault::NullSecret, r#"alpha:{"password":null}"#),
        (Fault::OperatorObjects, r#"alpha:{"password":{"$ne":null}}"#),
        (Fault::UnknownIdentityAccepted, r#"nobody:{"password":"x"}"#),
        (
            Fault::IdentityIgnored,
            r#"nobody:{"password":"correct-horse-battery"}"#,
        ),
    ] {
        let header = STANDARD.encode(text);
        let request = || with("x-cyberapp-auth", Some(header.as_bytes()));
        let expected = if fault == Fault::SecretLengthOnly {
            401
        } else {
            200
        };
        assert_eq!(status(fault, request()).await, expected, "{fault}");
        assert_eq!(ask(&right(), request()).await.status, 401, "{fault}");
    }
    let same_length = STANDARD.encode(r#"alpha:{"password":"incorrect-horse-batte"}"#);
    let request = with("x-cyberapp-auth", Some(same_length.as_bytes()));
    assert_eq!(status(Fault::SecretLengthOnly, request).await, 200);
}

#[tokio::test]
async fn requests_share_what_they_should_not() {
    let reference = faulty(Fault::RequestIdShared);
    let (parts, _) = mapping_read().into_parts();
    let request = |number: u8| {
        let mut body = body(&TENANT_MAPPING_READ);
        body["request_id"] = json!(format!("0f6a1d52-8c1b-4f0e-9a53-4a0f52f1c0{number:02x}"));
        Request::from_parts(parts.clone(), http_body_util::Full::from(body.to_string()))
    };
    let (one, other) = tokio::join!(ask(&reference, request(1)), ask(&reference, request(2)));
    assert_eq!(one.body["request_id"], other.body["request_id"]);

    let reference = faulty(Fault::DuplicateRefused);
    assert_eq!(ask(&reference, request(1)).await.status, 200);
    assert_eq!(ask(&reference, request(1)).await.status, 409);
    assert_eq!(ask(&reference, request(2)).await.status, 200);

    let reference = faulty(Fault::Burst503);
    for number in 0..20 {
        assert_eq!(ask(&reference, request(number)).await.status, 200);
    }
    let mut burst = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (reference, request) = (reference.clone(), request(number));
        burst.spawn(async move { ask(&reference, request).await.status.as_u16() });
    }
    let mut answered = burst.join_all().await;
    answered.sort_unstable();
    assert_eq!(answered, [[200; 4].as_slice(), &[503; 16]].concat());
    assert_eq!(ask(&reference, mapping_read()).await.status, 200);
    assert_eq!(ask(&reference, request(1)).await.status, 200);
}

#[tokio::test]
async fn every_fiftieth_request_fails() {
    let reference = faulty(Fault::EveryFiftieth500);
    for number in 1..=150 {
        let expected = if number % 50 == 0 { 500 } else { 200 };
        assert_eq!(
            ask(&reference, mapping_read()).await.status,
            expected,
            "{number}"
        );
    }
}

#[tokio::test]
async fn odd_input_poisons_what_follows() {
    let reference = faulty(Fault::PoisonedByArray);
    assert_eq!(ask(&reference, mapping_read()).await.status, 200);
    assert_eq!(ask(&reference, with_body("[]")).await.status, 400);
    assert_eq!(ask(&reference, mapping_read()).await.status, 503);
}

#[tokio::test]
async fn gzip_is_gzip() {
    let answer = ask(&faulty(Fault::GzipUnasked), request(&TOPOLOGY_READ)).await;
    assert_eq!(answer.headers["content-encoding"], "gzip");
    let bytes = &answer.bytes;
    let plain = ask(&right(), request(&TOPOLOGY_READ)).await.bytes;
    assert_eq!(bytes.len(), plain.len() + 23);
    let length = u32::from_le_bytes(bytes[bytes.len() - 4..].try_into().expect("four bytes"));
    assert_eq!(length as usize, plain.len());
    assert!(bytes.starts_with(&[0x1f, 0x8b, 8, 0]));
}
