//! The token as a whole: its presence, its form, its signature.

use crate::gateway::token;
use crate::generate::token as cases;
use crate::protocol::Callback;
use crate::protocol::token::{UnverifiedToken, compact, signing_input};
use crate::suite::call::Authorization;
use crate::suite::check::{Check, Draft, Expect, Need, Sight, telling_first};
use crate::suite::requirement::Requirement;
use crate::suite::session::Session;
use crate::suite::signer::Signer;
use base64::Engine as _;
use serde_json::{Value, json};

pub(super) const VERIFICATION: &str = "callback-handler/request-verification";
const CHECKLIST: &str = "callback-handler/verification";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("JWT-01", "A request without a token is refused")
        .states("A request without Authorization is answered with a 4xx status.")
        .because("Anyone could read or change the partner's data. Acronis tries this before the integration may ship.")
        .fix("Verify the token before anything else, on every callback.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("JWT-02", "Only a Bearer token is a token")
        .states("Another scheme than Bearer, Bearer with nothing behind it, and a token without a scheme are refused.")
        .because("What is not read as a token is not verified.")
        .fix("Require exactly `Bearer`, one space and the token.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("JWT-03", "A token that is no JWT is refused")
        .states("Text that is not a JWS in compact serialisation is refused with a 4xx status.")
        .because("A handler that fails on garbage shows \"cannot connect\"; one that lets it pass verifies nothing.")
        .fix("Catch every error of the JWT library and answer 401.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("JWT-04", "A corrupted signature is refused")
        .states("A token whose signature is damaged, cut, empty or taken from another token is refused.")
        .because("The token would prove nothing. Acronis tries this before the integration may ship.")
        .fix("Verify the signature with the key of the JWKS; decoding a token is not verifying it.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("JWT-05", "Claims changed behind a signature are refused")
        .states("A token whose claims were changed while the old signature was kept is refused.")
        .because("Anyone who has seen one token could write themselves others.")
        .fix("Verify the signature over header and claims as they were sent.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("JWT-06", "A signature by another key is refused")
        .states("A token signed by an unpublished key under the kid of a published one is refused.")
        .because("The kid only names a key; anyone can write it.")
        .fix("Take the key from the JWKS by kid, and verify with that key.")
        .source(VERIFICATION),
    Requirement::must("JWT-07", "An unknown kid is refused")
        .states("A token whose kid no published key has, signed by its maker's own key, is refused.")
        .because("A handler that falls back to no check, or to a key in the token, verifies nothing.")
        .fix("When no key of the JWKS has the kid, fetch the JWKS once more, then refuse.")
        .source(VERIFICATION),
    Requirement::must("JWT-08", "Unsigned tokens (alg none) are refused")
        .states("A token with alg `none`, in any case of its letters, is refused, with and without a signature.")
        .because("Anyone could write tokens.")
        .fix("Allow RS256 only, by a setting of your JWT library, not by the token's header.")
        .source("RFC 8725, section 3.1"),
    Requirement::must("JWT-09", "HS256 with the public key is refused")
        .states("A token with alg HS256, its secret the published public key, is refused.")
        .because("The public key is known to everyone, so anyone could write tokens.")
        .fix("Allow RS256 only, by a setting of your JWT library, not by the token's header.")
        .source("RFC 8725, section 3.1"),
    Requirement::should("JWT-24", "A token is good for more than one request")
        .states("A token with which a request was accepted is accepted with the next one, for as long as it is valid.")
        .because(
            "A token is issued for an hour, and nothing documented limits it to one request: most callbacks could be denied, and \
             those that are delivered again.",
        )
        .fix("Do not remember `jti` to refuse it the next time; check signature, issuer, expiry and scope.")
        .source(VERIFICATION),
    Requirement::should("JWT-19", "A bad token is answered with 401 or 403")
        .states("Whatever is wrong with a token, the refusal has status 401 or 403.")
        .because("These two are shown as \"invalid credentials\"; other 4xx as \"invalid format\".")
        .fix("Answer 401 when the token is missing or wrong, 403 when its scope does not fit.")
        .source("callback-handler/error-handling"),
];

pub(super) const CHECKS: &[Check] = &[
    Check::cases("JWT-01", Sight::TokenDenial, missing),
    Check::cases("JWT-02", Sight::TokenDenial, schemes),
    Check::cases("JWT-03", Sight::TokenDenial, garbage),
    Check::cases("JWT-04", Sight::TokenDenial, signatures),
    Check::cases("JWT-05", Sight::TokenDenial, changed_claims),
    Check::cases("JWT-06", Sight::TokenDenial, other_key).needs(&[Need::Signing]),
    Check::cases("JWT-07", Sight::TokenDenial, unknown_kid).needs(&[Need::Signing]),
    Check::cases("JWT-08", Sight::TokenDenial, unsigned).needs(&[Need::Signing]),
    Check::cases("JWT-09", Sight::TokenDenial, public_secret).needs(&[Need::Signing]),
    Check::elsewhere("JWT-24").needs(&[Need::Signing]),
    Check::passive("JWT-19", Sight::TokenDenial),
];

/// A case that differs from its control by `Authorization` only, and must be refused.
fn refused(
    session: &Session,
    callback: &'static Callback,
    id: &str,
    number: u64,
    name: impl Into<String>,
    authorization: Authorization,
) -> Draft {
    let mut call = session.case_control(callback, id, number);
    call.authorization = authorization;
    Draft::new(name, call, Expect::BAD_TOKEN)
}

fn missing(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    vec![refused(
        session,
        callback,
        "JWT-01",
        0,
        "no Authorization",
        Authorization::Absent,
    )]
}

fn schemes(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let token = session.token(&session.template(callback).endpoint_id);
    [
        (
            "scheme Basic, with a right token behind it",
            format!("Basic {token}"),
        ),
        ("Bearer and no token", "Bearer".to_owned()),
        ("a right token without a scheme", token.clone()),
        ("scheme Token", format!("Token {token}")),
        ("scheme BearerX", format!("BearerX {token}")),
        ("an empty Authorization", String::new()),
        (
            "a right token behind two schemes",
            format!("Basic Bearer {token}"),
        ),
        ("scheme NotBearer", format!("NotBearer {token}")),
        // As long as the right one.
        ("scheme Digest", format!("Digest {token}")),
    ]
    .into_iter()
    .zip(0..)
    .map(|((name, text), number)| {
        let text = Authorization::Text(text.into_bytes());
        refused(session, callback, "JWT-02", number, name, text)
    })
    .collect()
}

fn garbage(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let token = session.token(&session.template(callback).endpoint_id);
    let four_parts = "a right token with a fourth part".to_owned();
    let drafts = cases::garbage()
        .into_iter()
        .chain([(four_parts, format!("{token}.AAAA"))])
        .zip(0..)
        .map(|((name, text), number)| {
            let text = Authorization::Text(format!("Bearer {text}").into_bytes());
            // That its parts are JSON of another type is more than garbage: some libraries fall over that.
            let typed = ["null", "an array"].iter().any(|end| name.ends_with(end));
            let draft = refused(session, callback, "JWT-03", number, name, text);
            match typed {
                true => draft.failing("JWT-20"),
                false => draft,
            }
        });
    telling_first(drafts.collect(), 4)
}

/// A right token, taken apart: of this run's making, or the captured one.
fn taken_apart(session: &Session, callback: &'static Callback) -> Option<Parts> {
    let token = session.token(&session.template(callback).endpoint_id);
    let parsed = UnverifiedToken::parse(&token).ok()?;
    Some(Parts {
        signed: parsed.signed.to_owned(),
        signature: parsed.signature,
        header: parsed.header,
        claims: parsed.claims,
    })
}

/// The parts of a token.
struct Parts {
    signed: String,
    signature: Vec<u8>,
    header: Value,
    claims: Value,
}

fn made(
    session: &Session,
    callback: &'static Callback,
    id: &str,
    cases: Vec<(&str, Authorization)>,
) -> Vec<Draft> {
    cases
        .into_iter()
        .zip(0..)
        .map(|((name, authorization), number)| {
            refused(session, callback, id, number, name, authorization)
        })
        .collect()
}

fn signatures(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let Some(right) = taken_apart(session, callback) else {
        return Vec::new();
    };
    let damaged = |damage: fn(&mut Vec<u8>)| {
        let mut signature = right.signature.clone();
        damage(&mut signature);
        bearer(&compact(&right.signed, &signature))
    };
    let mut cases = vec![
        (
            "one bit of the signature flipped",
            damaged(|signature| {
                if let Some(first) = signature.first_mut() {
                    *first ^= 1;
                }
            }),
        ),
        ("the signature left out", damaged(Vec::clear)),
        ("the last byte of the signature left out", {
            damaged(|signature| {
                signature.pop();
            })
        }),
        (
            "a signature of zeros",
            damaged(|signature| signature.fill(0)),
        ),
        ("a middle byte of the signature changed", {
            damaged(|signature| {
                let middle = signature.len() / 2;
                if let Some(byte) = signature.get_mut(middle) {
                    *byte = byte.wrapping_add(1);
                }
            })
        }),
    ];
    cases.push((
        "a letter of the signature in the other case",
        bearer(&other_case(&right)),
    ));
    if session.signer().is_some() {
        let signed = right.signed.clone();
        let of_another = Authorization::made(move |signer| {
            let other = signer.sign_claims(&json!({"sub": "another token"}));
            let signature = other.rsplit('.').next().unwrap_or_default().to_owned();
            format!("{signed}.{signature}")
        });
        cases.insert(2, ("the signature of another token", of_another));
    }
    telling_first(made(session, callback, "JWT-04", cases), 3)
}

/// The token with the case of one letter in the middle of its signature changed: another signature, though a comparison without
/// regard to case does not see it.
fn other_case(right: &Parts) -> String {
    let mut token = compact(&right.signed, &right.signature).into_bytes();
    let middle = right.signed.len() + right.signature.len() / 2;
    let letter = token[middle..]
        .iter_mut()
        .find(|byte| byte.is_ascii_alphabetic());
    if let Some(letter) = letter {
        *letter ^= 0x20;
    }
    String::from_utf8(token).unwrap_or_default()
}

fn changed_claims(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let Some(right) = taken_apart(session, callback) else {
        return Vec::new();
    };
    let changed = |claim: &str, value: Value| {
        let mut claims = right.claims.clone();
        claims[claim] = value;
        bearer(&compact(
            &signing_input(&right.header, &claims),
            &right.signature,
        ))
    };
    let cases = vec![
        (
            "`sub` changed, the signature kept",
            changed("sub", json!("somebody else")),
        ),
        (
            "`exp` put off by ten years, the signature kept",
            changed("exp", {
                let exp = right.claims["exp"].as_i64().unwrap_or_default();
                json!(exp.saturating_add(315_360_000))
            }),
        ),
    ];
    made(session, callback, "JWT-05", cases)
}

/// `Bearer` and this token.
fn bearer(token: &str) -> Authorization {
    Authorization::Text(format!("Bearer {token}").into_bytes())
}

fn other_key(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let by_stranger = Authorization::made(|signer| {
        token::mint(signer.stranger(), &signer.header(), &signer.claims())
    });
    let with_own_key = Authorization::made(|signer| {
        let mut header = signer.header();
        header["jwk"] = serde_json::to_value(signer.stranger().jwk()).unwrap_or_default();
        token::mint(signer.stranger(), &header, &signer.claims())
    });
    let cases = vec![
        (
            "signed by an unpublished key under the published kid",
            by_stranger,
        ),
        (
            "signed by an unpublished key that the header brings along as `jwk`",
            with_own_key,
        ),
    ];
    made(session, callback, "JWT-06", cases)
}

fn unknown_kid(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    // A kid of its own: the stranger's is published when the rotation of keys is checked, after these cases, which are
    // all telling ones.
    let kid = session.made_up_id("JWT-07 kid", 0);
    let unpublished = Authorization::made(move |signer| {
        token::mint(signer.stranger(), &token::header(&kid), &signer.claims())
    });
    let without = Authorization::made(|signer| {
        let mut header = signer.header();
        if let Some(header) = header.as_object_mut() {
            header.shift_remove("kid");
        }
        token::mint(signer.stranger(), &header, &signer.claims())
    });
    let kid = session.made_up_id("JWT-07 kid", 1);
    let with_own_key = Authorization::made(move |signer| {
        let mut header = token::header(&kid);
        header["jwk"] = serde_json::to_value(signer.stranger().jwk()).unwrap_or_default();
        token::mint(signer.stranger(), &header, &signer.claims())
    });
    let mut cases = vec![
        (
            "signed by an unpublished key under its own kid",
            unpublished,
        ),
        ("signed by an unpublished key, without a kid", without),
        (
            "signed by an unpublished key under its own kid, which the header brings along as `jwk`",
            with_own_key,
        ),
    ];
    if session.unmet(Need::IdentityProvider).is_none() {
        let kid = session.made_up_id("JWT-07 kid", 2);
        let with_own_place = Authorization::made(move |signer| {
            let mut header = token::header(&kid);
            header["jku"] = json!(signer.strangers_url(&kid));
            token::mint(signer.stranger(), &header, &signer.claims())
        });
        cases.push((
            "signed by an unpublished key under its own kid, which can be had where the header says as `jku`",
            with_own_place,
        ));
    }
    made(session, callback, "JWT-07", cases)
}

fn unsigned(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let right = taken_apart(session, callback).map(|parts| parts.signature);
    let none = |alg: &'static str, signed: bool| {
        let signature = right.clone().filter(|_| signed).unwrap_or_default();
        Authorization::made(move |signer| {
            let mut header = signer.header();
            header["alg"] = json!(alg);
            compact(&signing_input(&header, &signer.claims()), &signature)
        })
    };
    let without = Authorization::made(|signer| {
        let mut header = signer.header();
        if let Some(header) = header.as_object_mut() {
            header.shift_remove("alg");
        }
        compact(&signing_input(&header, &signer.claims()), &[])
    });
    let cases = vec![
        ("alg none, no signature", none("none", false)),
        ("alg None, no signature", none("None", false)),
        ("alg NONE, no signature", none("NONE", false)),
        ("alg none, with a signature", none("none", true)),
        ("alg empty, no signature", none("", false)),
        ("no alg, no signature", without),
    ];
    telling_first(made(session, callback, "JWT-08", cases), 3)
}

fn public_secret(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let hs256 = |secret: fn(&Signer) -> Vec<u8>| {
        Authorization::made(move |signer| {
            let mut header = signer.header();
            header["alg"] = json!("HS256");
            token::mint_hs256(&secret(signer), &header, &signer.claims())
        })
    };
    let cases = vec![
        (
            "HS256, the secret being the public key as PEM",
            hs256(|signer| signer.key().public_pem().into_bytes()),
        ),
        (
            "HS256, the secret being the public key as PEM without its last line feed",
            { hs256(|signer| signer.key().public_pem().trim_end().as_bytes().to_vec()) },
        ),
        (
            "HS256, the secret being the modulus of the JWKS",
            hs256(|signer| {
                let modulus = signer.key().jwk().n;
                base64::engine::general_purpose::URL_SAFE_NO_PAD
                    .decode(modulus)
                    .unwrap_or_default()
            }),
        ),
        ("HS256, the secret being empty", hs256(|_| Vec::new())),
        (
            "HS256, the secret being the public key as DER",
            hs256(|signer| der(&signer.key().public_pem())),
        ),
        (
            "HS256, the secret being the text of the modulus in the JWKS",
            hs256(|signer| signer.key().jwk().n.into_bytes()),
        ),
        (
            "HS256, the secret being the key of the JWKS as JSON",
            hs256(|signer| serde_json::to_vec(&signer.key().jwk()).unwrap_or_default()),
        ),
    ];
    made(session, callback, "JWT-09", cases)
}

/// The bytes that a PEM text is of.
fn der(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    let text: String = lines.collect();
    base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap_or_default()
}
