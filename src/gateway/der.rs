//! The little of DER that keys need: which algorithm a PKCS#8 key is for, and three fixed structures around RSA keys.

/// `SEQUENCE { OBJECT IDENTIFIER rsaEncryption, NULL }`.
const RSA_ALGORITHM: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
/// The content of `OBJECT IDENTIFIER rsaEncryption` (1.2.840.113549.1.1.1).
const RSA_OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// One element: tag, length, content.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        length @ 0..=0x7f => out.push(length as u8),
        length => {
            let bytes = length.to_be_bytes();
            let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
            out.push(0x80 | bytes.len() as u8);
            out.extend_from_slice(bytes);
        }
    }
    out.extend_from_slice(content);
    out
}

/// Takes one element with this tag off the front: its content and what follows it.
fn take(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // 0x80, an indefinite length, is not DER.
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, rest)
        }
        _ => return None,
    };
    if found != tag {
        return None;
    }
    rest.split_at_checked(length)
}

/// A PKCS#8 private key from a PKCS#1 one.
pub(super) fn pkcs8_from_pkcs1(pkcs1: &[u8]) -> Vec<u8> {
    let version = element(INTEGER, &[0]);
    let key = element(OCTET_STRING, pkcs1);
    element(
        SEQUENCE,
        &[version.as_slice(), RSA_ALGORITHM, &key].concat(),
    )
}

/// A SubjectPublicKeyInfo from a PKCS#1 public key.
pub(super) fn spki_from_pkcs1(pkcs1: &[u8]) -> Vec<u8> {
    let key = element(BIT_STRING, &[&[0], pkcs1].concat());
    element(SEQUENCE, &[RSA_ALGORITHM, &key].concat())
}

/// Which algorithm a PKCS#8 private key is for, unless it is RSA or no PKCS#8 at all.
pub(super) fn pkcs8_other_algorithm(pkcs8: &[u8]) -> Option<&'static str> {
    let (content, _) = take(SEQUENCE, pkcs8)?;
    let (_, content) = take(INTEGER, content)?;
    let (algorithm, _) = take(SEQUENCE, content)?;
    let (oid, _) = take(OBJECT_IDENTIFIER, algorithm)?;
    match oid {
        RSA_OID => None,
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01] => Some("an elliptic curve key"),
        [0x2b, 0x65, 0x70 | 0x71] => Some("an Edwards curve key"),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a] => {
            Some("an RSA key for RSASSA-PSS only")
        }
        _ => Some("a key for another algorithm"),
    }
}

/// Modulus and exponent of a PKCS#1 public key, big-endian without leading zeros.
pub(super) fn public_numbers(pkcs1: &[u8]) -> Option<(&[u8], &[u8])> {
    let (content, _) = take(SEQUENCE, pkcs1)?;
    let (modulus, content) = take(INTEGER, content)?;
    let (exponent, _) = take(INTEGER, content)?;
    Some((trim(modulus), trim(exponent)))
}

fn trim(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|byte| **byte == 0).count()..]
}
