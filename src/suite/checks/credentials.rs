//! `X-CyberApp-Auth`: on whose behalf the gateway asks.

use proptest::strategy::{Just, SBoxedStrategy, Strategy};

use super::delivery::TWICE;
use super::header_cases::{self, Place, enumerated};
use crate::generate::credentials as cases;
use crate::generate::header::HeaderCase;
use crate::protocol::{Callback, Credentials};
use crate::suite::check::{Check, Draft, Expect, Need, Sight};
use crate::suite::requirement::Requirement;
use crate::suite::session::Session;

const REQUESTS: &str = "callback-handler/formats/requests";
const CHECKLIST: &str = "callback-handler/verification";
const NEEDS: &[Need] = &[Need::Credentials];
/// For what a right handler does whether or not it goes by the credentials.
const SENT: &[Need] = &[Need::SentCredentials];

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("CRED-01", "A request without X-CyberApp-Auth is refused")
        .states("In mapped flows a request without X-CyberApp-Auth is not accepted.")
        .because("Without credentials nobody knows whose data may be shown.")
        .fix("Treat missing credentials like wrong ones: 401.")
        .source(REQUESTS),
    Requirement::must("CRED-02", "Credentials that are not base64 are refused")
        .states("An X-CyberApp-Auth that is not base64 is not accepted.")
        .because("A handler that goes on trusts what it could not read. (One that fails on it: CRED-10.)")
        .fix("Catch the decoder's error and answer 401.")
        .source(REQUESTS),
    Requirement::must("CRED-03", "Credentials without a colon are refused")
        .states("An X-CyberApp-Auth whose decoded text has no colon is not accepted.")
        .because("Identity and secrets cannot be told apart.")
        .fix("Split at the first colon, and answer 401 when there is none.")
        .source(REQUESTS),
    Requirement::must("CRED-04", "Secrets that are not JSON are refused")
        .states("An X-CyberApp-Auth whose text after the first colon is not JSON is not accepted.")
        .because("The secrets are a JSON text; anything else cannot be right.")
        .fix("Catch the parser's error and answer 401.")
        .source(REQUESTS),
    Requirement::must("CRED-05", "A wrong secret is refused")
        .states("The right identity with a secret that differs, even slightly, is answered with a 4xx status.")
        .because("Anyone who knows an identity would be let in. Acronis tries a wrong password before the integration may ship.")
        .fix("Compare every secret completely, with a comparison that takes constant time.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("CRED-06", "An unknown identity is refused")
        .states("An identity that no partner has is answered with a 4xx status, whatever it contains.")
        .because("Acronis tries a wrong user before the integration may ship.")
        .fix("Look the identity up with bound parameters, and refuse when it is not found.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("CRED-07", "The identity of one partner with the secrets of another is refused")
        .states("The identity of one known partner with the secrets of another known one is answered with a 4xx status.")
        .because("Any partner could act as any other.")
        .fix("Check the secrets that belong to the identity, not whether anybody has them.")
        .source(CHECKLIST)
        .verified(),
    Requirement::should("CRED-08", "The secrets are read as JSON, however they are written")
        .states("White space, order of keys and escapes in the JSON text of the secrets make no difference.")
        .because("The text is the gateway's to write; a handler that compares texts breaks when it is written otherwise.")
        .fix("Parse the secrets and compare the values by key.")
        .source(REQUESTS),
    Requirement::should("CRED-09", "Bad credentials are answered with 401 or 403")
        .states("Whatever is wrong with the credentials, the refusal has status 401 or 403.")
        .because("These two are shown as \"invalid credentials\"; other 4xx as \"invalid format\".")
        .fix("Answer 401 for credentials that are missing, unreadable or wrong.")
        .source("callback-handler/error-handling"),
    Requirement::hardening("CRED-10", "Odd credentials do no harm")
        .states("Whatever X-CyberApp-Auth contains, the answer comes in time and is not 5xx.")
        .because("A handler that fails on odd credentials shows \"cannot connect\", and can be brought down by anyone.")
        .fix("Check lengths and types after decoding, and answer 401.")
        .source("good practice"),
    Requirement::must("CRED-11", "Other JSON in place of a secret is refused")
        .states("true, 0, null, lists, objects and query operators in place of a secret are not accepted.")
        .because("A loose comparison, or a database that takes objects for operators, lets them in.")
        .fix("Require each secret to be a string before comparing or looking it up.")
        .source(REQUESTS),
    Requirement::should("CRED-12", "Secrets are stored safely")
        .states("The vendor's side keeps passwords hashed, and writes no secrets into logs.")
        .because("Whoever reads the database or the logs could act as every partner.")
        .fix("Hash with a password hash such as Argon2, and mask the header in logs.")
        .source(REQUESTS)
        .unobservable("what a handler stores and logs does not show in its answers"),
    Requirement::must("CRED-13", "The credentials are decoded as documented")
        .states(
            "X-CyberApp-Auth is read as base64 in the standard alphabet, with `+` and `/`, and what it encodes as UTF-8.",
        )
        .because("Whoever has a password with other letters than those that were tried is denied.")
        .fix("Use the decoder for the standard alphabet, not the one for URLs, and read the bytes as UTF-8, not as Latin-1.")
        .source(REQUESTS),
];

pub(super) const CHECKS: &[Check] = &[
    Check::cases("CRED-08", Sight::Success, equivalents)
        .needs(SENT)
        .and_generated(generated_equivalents),
    Check::cases("CRED-01", Sight::CredentialsDenial, missing).needs(NEEDS),
    Check::cases("CRED-02", Sight::CredentialsDenial, not_base64).needs(NEEDS),
    Check::cases("CRED-03", Sight::CredentialsDenial, no_colon).needs(NEEDS),
    Check::cases("CRED-04", Sight::CredentialsDenial, not_json).needs(NEEDS),
    Check::cases("CRED-10", Sight::Refusal, hostile)
        .needs(SENT)
        .and_generated(generated_hostile),
    Check::cases("CRED-06", Sight::CredentialsDenial, unknown).needs(NEEDS),
    Check::cases("CRED-11", Sight::CredentialsDenial, replaced).needs(NEEDS),
    Check::cases("CRED-05", Sight::CredentialsDenial, wrong).needs(NEEDS),
    Check::cases("CRED-07", Sight::CredentialsDenial, crossed).needs(&[Need::OtherCredentials]),
    Check::elsewhere("CRED-13").needs(NEEDS),
    Check::passive("CRED-09", Sight::CredentialsDenial).needs(NEEDS),
];

/// The value stands for `X-CyberApp-Auth`.
const PLACE: Place = |call, value| call.auth = value;

/// No document tells what is done with these, so all that is asked at this level is that nobody is let in.
const UNDOCUMENTED: [&str; 5] = ["CRED-01", "CRED-02", "CRED-03", "CRED-04", "CRED-11"];

/// Enumerated cases made of the run's credentials.
fn drafts(
    session: &Session,
    callback: &'static Callback,
    id: &str,
    expect: Expect,
    telling: usize,
    make: impl FnOnce(&Credentials) -> Vec<HeaderCase>,
) -> Vec<Draft> {
    let cases = session
        .options
        .credentials
        .as_ref()
        .map(make)
        .unwrap_or_default();
    let drafts = enumerated(session, callback, id, (expect, PLACE), telling, cases);
    match UNDOCUMENTED.contains(&id) {
        true => drafts
            .into_iter()
            .map(|draft| draft.failing("CRED-10"))
            .collect(),
        false => drafts,
    }
}

fn equivalents(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    drafts(
        session,
        callback,
        "CRED-08",
        Expect::Accept,
        3,
        cases::equivalents,
    )
}

fn missing(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    drafts(
        session,
        callback,
        "CRED-01",
        Expect::BAD_CREDENTIALS,
        1,
        |_| {
            vec![HeaderCase {
                name: "no X-CyberApp-Auth".to_owned(),
                value: None,
            }]
        },
    )
}

fn not_base64(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    drafts(
        session,
        callback,
        "CRED-02",
        Expect::BAD_CREDENTIALS,
        2,
        cases::not_base64,
    )
}

fn no_colon(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    drafts(
        session,
        callback,
        "CRED-03",
        Expect::BAD_CREDENTIALS,
        2,
        cases::no_colon,
    )
}

fn not_json(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    drafts(
        session,
        callback,
        "CRED-04",
        Expect::BAD_CREDENTIALS,
        2,
        cases::secrets_not_json,
    )
}

fn wrong(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let mut all = drafts(
        session,
        callback,
        "CRED-05",
        Expect::BAD_CREDENTIALS,
        4,
        cases::wrong_secrets,
    );
    // Who answers a request from memory must look at the credentials all the same: this one was delivered twice before.
    if let (Some(mut again), true) = (
        all.first().cloned(),
        std::ptr::eq(callback, session.main_callback()),
    ) {
        let auth = again.call.auth.take();
        again.name = format!(
            "delivered before with the right ones, now with {}",
            again.name
        );
        again.call = session.case_control(callback, TWICE, 0);
        again.call.auth = auth;
        all.insert(1, again);
    }
    all
}

fn unknown(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    drafts(
        session,
        callback,
        "CRED-06",
        Expect::BAD_CREDENTIALS,
        5,
        cases::unknown_identities,
    )
}

fn replaced(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    drafts(
        session,
        callback,
        "CRED-11",
        Expect::BAD_CREDENTIALS,
        6,
        cases::replaced_secrets,
    )
}

fn crossed(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let Some(other) = session.other_credentials() else {
        return Vec::new();
    };
    drafts(
        session,
        callback,
        "CRED-07",
        Expect::BAD_CREDENTIALS,
        2,
        |own| cases::crossed(own, other),
    )
}

fn hostile(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    drafts(
        session,
        callback,
        "CRED-10",
        Expect::FREE,
        6,
        cases::hostile,
    )
}

fn generated_equivalents(session: &Session, callback: &'static Callback) -> SBoxedStrategy<Draft> {
    generated(
        session,
        callback,
        "CRED-08",
        Expect::Accept,
        cases::restyled,
    )
}

fn generated_hostile(session: &Session, callback: &'static Callback) -> SBoxedStrategy<Draft> {
    generated(session, callback, "CRED-10", Expect::FREE, cases::generated)
}

fn generated(
    session: &Session,
    callback: &'static Callback,
    id: &str,
    expect: Expect,
    strategy: fn(&Credentials) -> SBoxedStrategy<HeaderCase>,
) -> SBoxedStrategy<Draft> {
    let cases = match &session.options.credentials {
        Some(credentials) => strategy(credentials),
        // Never asked for: the plan leaves the check out when there are no credentials.
        None => Just(HeaderCase {
            name: "no credentials".to_owned(),
            value: None,
        })
        .sboxed(),
    };
    header_cases::generated(session, callback, id, (expect, PLACE), cases)
}
