//! UUIDs and CTI identifiers.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;

/// A UUID in lower case, of a version and variant that RFC 9562 defines and that strict UUID checks of all common
/// libraries take (versions 1 to 5).
pub fn request_id() -> SBoxedStrategy<String> {
    (any::<u128>(), prop_oneof![3 => Just(4), 1 => 1..=5_u8])
        .prop_map(|(bits, version)| uuid_text(bits, Some(version)))
        .sboxed()
}

/// The same in upper case, with at least one letter in it.
pub fn upper_case_request_id() -> SBoxedStrategy<String> {
    request_id()
        .prop_map(|id| format!("a{}", &id[1..]).to_ascii_uppercase())
        .sboxed()
}

/// `context.tenant_id`: a UUID like [`request_id`].
pub fn tenant_uuid() -> SBoxedStrategy<String> {
    request_id()
}

/// Any 8-4-4-4-12 hexadecimal digits, in lower, upper or mixed case: the nil UUID, unknown versions and variants too.
/// For types and schemas.
pub fn any_uuid() -> SBoxedStrategy<String> {
    let bits = prop_oneof![
        8 => any::<u128>(),
        1 => Just(0),
        1 => Just(u128::MAX),
    ];
    (
        bits,
        any::<u32>(),
        prop_oneof![2 => Just(false), 1 => Just(true)],
    )
        .prop_map(|(bits, letters, mixed)| {
            let text = uuid_text(bits, None);
            if !mixed {
                return text;
            }
            text.char_indices()
                .map(|(at, digit)| {
                    if (letters >> (at % 32)) & 1 == 1 {
                        digit.to_ascii_uppercase()
                    } else {
                        digit
                    }
                })
                .collect()
        })
        .sboxed()
}

/// `context.endpoint_id`: a CTI in lower case.
pub fn endpoint_id() -> SBoxedStrategy<String> {
    let usual = (name(), name(), entity_name(), version()).prop_map(
        |(vendor, package, entity, version)| {
            format!("cti.a.p.acgw.endpoint.v1.0~{vendor}.{package}.{entity}.{version}")
        },
    );
    prop_oneof![1 => usual, 2 => cti().prop_map(|id| id.to_ascii_lowercase())].sboxed()
}

/// Any CTI identifier: inheritance, anonymous entities, versions inside of names, versions up to 63 bits.
pub fn cti() -> SBoxedStrategy<String> {
    // Its regular expressions are costly to compile, so it is built once.
    static CTI: LazyLock<SBoxedStrategy<String>> = LazyLock::new(any_cti);
    CTI.clone()
}

fn any_cti() -> SBoxedStrategy<String> {
    let context = (name(), name(), entity_name(), version()).prop_map(
        |(vendor, package, entity, version)| format!("{vendor}.{package}.{entity}.{version}"),
    );
    (
        prop::collection::vec(context, 1..=4),
        prop_oneof![3 => Just(None), 1 => any_uuid().prop_map(Some)],
    )
        .prop_map(|(mut parts, uuid)| {
            parts.extend(uuid);
            format!("cti.{}", parts.join("~"))
        })
        .sboxed()
}

/// A vendor's or package's name.
fn name() -> SBoxedStrategy<String> {
    pattern("[a-z](_?[a-z0-9]){0,8}")
}

fn entity_name() -> SBoxedStrategy<String> {
    let part = pattern("[a-z0-9](_?[a-z0-9]){0,6}");
    let plain = (
        pattern("_?[a-z](_?[a-z0-9]){0,8}"),
        prop::collection::vec(part, 0..=3),
    )
        .prop_map(|(first, further)| {
            further.iter().fold(first, |mut name, part| {
                name.push('.');
                name.push_str(part);
                name
            })
        });
    // The version belongs to the last `.v`, so a name may contain what looks like one.
    (
        plain,
        prop_oneof![4 => Just(None), 1 => version().prop_map(Some)],
    )
        .prop_map(|(name, version)| match version {
            Some(version) => format!("{name}.{version}"),
            None => name,
        })
        .sboxed()
}

fn version() -> SBoxedStrategy<String> {
    let number = || {
        prop_oneof![
            6 => 0..=12_u64,
            1 => 0..=i64::MAX.unsigned_abs(),
            1 => Just(i64::MAX.unsigned_abs()),
        ]
    };
    (number(), number())
        .prop_map(|(major, minor)| match (major, minor) {
            (0, 0) => "v1.0".to_owned(),
            (major, minor) => format!("v{major}.{minor}"),
        })
        .sboxed()
}

fn uuid_text(bits: u128, version: Option<u8>) -> String {
    let bits = match version {
        Some(version) => {
            (bits & !(0xf << 76) & !(0b11 << 62)) | (u128::from(version) << 76) | (0b10 << 62)
        }
        None => bits,
    };
    let digits = format!("{bits:032x}");
    [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ]
    .join("-")
}

/// Strings of a regular expression written in this file.
fn pattern(expression: &'static str) -> SBoxedStrategy<String> {
    prop::string::string_regex(expression)
        .expect("the expressions of this file are valid")
        .sboxed()
}
