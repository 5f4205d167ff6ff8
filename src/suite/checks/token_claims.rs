//! What the token says: time, issuer, scope.

use serde_json::{Value, json};

use super::jwt::VERIFICATION;
use crate::generate::token as cases;
use crate::protocol::Callback;
use crate::suite::call::Authorization;
use crate::suite::check::{Check, Draft, Expect, Need, Sight, telling_first};
use crate::suite::requirement::Requirement;
use crate::suite::session::Session;

const CHECKLIST: &str = "callback-handler/verification";

pub(super) const REQUIREMENTS: &[Requirement] = &[
    Requirement::must("JWT-10", "An expired token is refused")
        .states(
            "A token whose `exp` is half an hour or more past is refused, whenever it was issued; and one that was accepted is \
             refused when it has expired, as one is that comes for the first time.",
        )
        .because("A token that leaked once would open the handler for ever.")
        .fix("Let the JWT library check `exp`, with a leeway of a minute at most.")
        .source(VERIFICATION),
    Requirement::must("JWT-11", "A token of another issuer is refused")
        .states("A token whose `iss` is not exactly the configured issuer is refused.")
        .because("Tokens that were issued elsewhere, for other purposes, would be accepted.")
        .fix("Compare `iss` with the configured issuer for equality.")
        .source(VERIFICATION),
    Requirement::hardening("JWT-12", "A token without exp is refused")
        .states("A token without `exp` is refused.")
        .because("It would never expire.")
        .fix("Make `exp` a required claim in the settings of your JWT library.")
        .source("good practice"),
    Requirement::should("JWT-13", "A token without iss is refused")
        .states("A token without `iss` is refused.")
        .because("An absent issuer differs from the configured one.")
        .fix("Make `iss` a required claim in the settings of your JWT library.")
        .source(VERIFICATION),
    Requirement::must("JWT-14", "A token without scope is refused")
        .states("A token whose `scope` is absent, null or empty is refused.")
        .because("No role of its scope equals the request's endpoint_id.")
        .fix("Deny unless a role is found, rather than when a wrong one is found.")
        .source(VERIFICATION),
    Requirement::must("JWT-15", "A token for another CyberApp is refused")
        .states("A token whose only role is another endpoint's CTI is refused.")
        .because("Every vendor gets such tokens. Acronis tries this before the integration may ship.")
        .fix("Compare scope[].role with context.endpoint_id of the body.")
        .source(CHECKLIST)
        .verified(),
    Requirement::must("JWT-16", "A role must equal the endpoint")
        .states("A role that is a part, a parent, a child or another spelling of the endpoint_id is refused, and so is a scope that has the endpoint_id elsewhere than as a role.")
        .because("A role of another endpoint could be made to look alike.")
        .fix("Compare for equality, not with `startswith`, `in` or a pattern.")
        .source(VERIFICATION),
    Requirement::must("JWT-17", "The endpoint of the body must be in the token")
        .states("A right token with another endpoint_id in the body, or none, is refused.")
        .because("A token for one CyberApp would work on requests about another.")
        .fix("Compare scope[].role with context.endpoint_id of the body.")
        .source(VERIFICATION),
    Requirement::hardening("JWT-20", "Claims of a wrong type do no harm")
        .states("A signed token with a claim or header member of another JSON type is accepted or refused, not answered with 5xx.")
        .because("A handler that fails on an odd token shows \"cannot connect\" and hides why.")
        .fix("Check the type of a claim before using it, and answer 401.")
        .source("good practice"),
    Requirement::must("JWT-21", "One right role among several is enough")
        .states("A token with several scope entries is accepted when the role of one equals the endpoint_id, wherever it stands.")
        .because("A token may carry several roles; refusing it shows \"invalid credentials\".")
        .fix("Look at every entry of scope.")
        .source(VERIFICATION),
    Requirement::should("JWT-22", "Further header members and claims are accepted")
        .states("A token with the header member `iri`, or with header members and claims that are not documented, is accepted.")
        .because("Acronis's tokens carry more than is documented, and may carry more tomorrow.")
        .fix("Ignore what you do not know.")
        .source(VERIFICATION),
    Requirement::should("JWT-25", "A token is good until it expires")
        .states(
            "A token that has not expired is accepted, though it was issued a while ago or is good for less than an hour.",
        )
        .because("The gateway may use a token until it expires, and an hour is an example; refusing it shows \"invalid credentials\".")
        .fix("Compare the present time with `exp` alone; let `iat` and the time between the two be what they are.")
        .source(VERIFICATION),
];

pub(super) const CHECKS: &[Check] = &[
    Check::cases("JWT-10", Sight::TokenDenial, expired).needs(SIGNING),
    Check::cases("JWT-11", Sight::TokenDenial, issuers).needs(SIGNING),
    Check::cases("JWT-12", Sight::Refusal, without_exp).needs(SIGNING),
    Check::cases("JWT-13", Sight::TokenDenial, without_iss).needs(SIGNING),
    Check::cases("JWT-14", Sight::TokenDenial, without_scope).needs(SIGNING),
    Check::cases("JWT-15", Sight::TokenDenial, other_app).needs(SIGNING),
    Check::cases("JWT-16", Sight::TokenDenial, near_roles).needs(SIGNING),
    Check::cases("JWT-17", Sight::TokenDenial, other_endpoint),
    Check::cases("JWT-20", Sight::Refusal, wrong_types).needs(SIGNING),
    Check::cases("JWT-21", Sight::Success, several_roles).needs(SIGNING),
    Check::cases("JWT-22", Sight::Success, further_members).needs(SIGNING),
    Check::cases("JWT-25", Sight::Success, lifetimes).needs(SIGNING),
];

const SIGNING: &[Need] = &[Need::Signing];
const OTHER_ENDPOINT: &str = "cti.a.p.acgw.endpoint.v1.0~acgw.conformance.another_app.v1.0";

/// A case whose token carries other claims; it is signed by the published key.
fn with_claims(
    session: &Session,
    callback: &'static Callback,
    id: &str,
    number: u64,
    name: impl Into<String>,
    expect: Expect,
    change: impl Fn(&mut Value) + Send + Sync + 'static,
) -> Draft {
    let mut call = session.case_control(callback, id, number);
    call.authorization = Authorization::made(move |signer| {
        let mut claims = signer.claims();
        change(&mut claims);
        signer.sign_claims(&claims)
    });
    Draft::new(name, call, expect)
}

fn remove(claims: &mut Value, claim: &str) {
    if let Some(claims) = claims.as_object_mut() {
        claims.shift_remove(claim);
    }
}

fn expired(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    // More than any leeway, and more than a time zone is off by. Forty days of milliseconds are more than 32 bits hold.
    let cases = [
        ("expired half an hour ago", 3_600, 1_800),
        (
            "good for five minutes, expired half an hour ago",
            300,
            1_800,
        ),
        ("expired a day ago", 3_600, 86_400),
        ("expired forty days ago", 3_600, 3_456_000),
    ];
    // To some languages this is no time at all.
    let never = with_claims(
        session,
        callback,
        "JWT-10",
        cases.len() as u64,
        "expired in 1970",
        Expect::BAD_TOKEN,
        |claims| {
            claims["exp"] = json!(0);
            claims["iat"] = json!(0);
        },
    );
    cases
        .into_iter()
        .zip(0..)
        .map(|((name, lifetime, ago), number)| {
            with_claims(
                session,
                callback,
                "JWT-10",
                number,
                name,
                Expect::BAD_TOKEN,
                move |claims| {
                    let now = claims["iat"].as_i64().unwrap_or_default();
                    claims["exp"] = json!(now - ago);
                    claims["iat"] = json!(now - ago - lifetime);
                },
            )
        })
        .chain([never])
        .collect()
}

fn issuers(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let right = &session.options.issuer;
    let texts = cases::issuers(right).into_iter();
    let texts = texts.map(|(name, issuer)| (name, json!(issuer)));
    // What a loose comparison takes for the right one. A list with the right one in it is left alone: libraries take that for several
    // issuers.
    let others = [("true".to_owned(), json!(true))];
    let drafts = with_claim(session, callback, "JWT-11", "iss", texts.chain(others));
    telling_first(drafts, 3)
}

/// Cases that put a value in the place of a claim. What no document provides for may make a handler fail, which has a requirement of
/// its own.
fn with_claim(
    session: &Session,
    callback: &'static Callback,
    id: &str,
    claim: &'static str,
    cases: impl Iterator<Item = (String, Value)>,
) -> Vec<Draft> {
    let drafts = cases.zip(0..).map(|((name, value), number)| {
        let documented = match &value {
            Value::String(_) => claim == "iss",
            Value::Array(entries) => {
                let plain = |entry: &Value| {
                    let entry = entry.as_object();
                    entry.is_some_and(|it| it.len() == 1 && it["role"].is_string())
                };
                claim == "scope" && entries.iter().all(plain)
            }
            _ => false,
        };
        let change = move |claims: &mut Value| claims[claim] = value.clone();
        let draft = with_claims(
            session,
            callback,
            id,
            number,
            name,
            Expect::BAD_TOKEN,
            change,
        );
        match documented {
            true => draft,
            false => draft.failing("JWT-20"),
        }
    });
    drafts.collect()
}

fn without_exp(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    vec![with_claims(
        session,
        callback,
        "JWT-12",
        0,
        "no `exp`",
        Expect::BAD_TOKEN,
        |claims| remove(claims, "exp"),
    )]
}

fn without_iss(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    vec![with_claims(
        session,
        callback,
        "JWT-13",
        0,
        "no `iss`",
        Expect::BAD_TOKEN,
        |claims| remove(claims, "iss"),
    )]
}

fn without_scope(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let case = |number, name: &str, change: fn(&mut Value)| {
        with_claims(
            session,
            callback,
            "JWT-14",
            number,
            name,
            Expect::BAD_TOKEN,
            change,
        )
    };
    // Only the empty list is a token that the documents provide for.
    vec![
        case(0, "no `scope`", |claims| remove(claims, "scope")).failing("JWT-20"),
        case(1, "`scope` is []", |claims| claims["scope"] = json!([])),
        case(2, "`scope` is null", |claims| claims["scope"] = json!(null)).failing("JWT-20"),
        case(3, "`scope` has an entry without `role`", |claims| {
            claims["scope"] = json!([{}])
        })
        .failing("JWT-20"),
    ]
}

fn other_app(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    vec![with_claims(
        session,
        callback,
        "JWT-15",
        0,
        "the only role is another CyberApp's endpoint",
        Expect::BAD_TOKEN,
        |claims| claims["scope"] = json!([{"role": OTHER_ENDPOINT}]),
    )]
}

fn near_roles(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let endpoint = session.template(callback).endpoint_id;
    let roles = cases::roles(&endpoint).into_iter();
    let roles = roles.map(|(name, role)| (name, json!([{"role": role}])));
    let other = OTHER_ENDPOINT;
    let others = [
        (
            "the endpoint beside the role of another CyberApp",
            json!([{"role": other, "note": endpoint}]),
        ),
        (
            "an object with the role of another CyberApp in place of the list",
            json!({"role": other}),
        ),
        ("a text in place of the list", json!(other)),
        (
            "the endpoint as a text in place of the list",
            json!(endpoint),
        ),
        ("a list with the endpoint as a text", json!([endpoint])),
        // What a loose comparison takes for any text.
        ("true in place of the role", json!([{"role": true}])),
    ];
    let others = others.map(|(name, scope)| (name.to_owned(), scope));
    let drafts = with_claim(session, callback, "JWT-16", "scope", roles.chain(others));
    telling_first(drafts, 4)
}

fn other_endpoint(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let case = |number, name: &str, change: &dyn Fn(&mut Value)| {
        let mut call = session.case_control(callback, "JWT-17", number);
        if let Some(mut body) = call.json() {
            change(&mut body);
            call.body = body.to_string().into();
        }
        Draft::new(name, call, Expect::BAD_TOKEN)
    };
    vec![
        case(0, "another endpoint_id in the body", &|body| {
            body["context"]["endpoint_id"] = json!(OTHER_ENDPOINT);
        }),
        malformed(case(1, "no endpoint_id in the body", &|body| {
            if let Some(context) = body["context"].as_object_mut() {
                context.shift_remove("endpoint_id");
            }
        })),
        malformed(case(2, "endpoint_id is null", &|body| {
            body["context"]["endpoint_id"] = json!(null)
        })),
        malformed(case(3, "endpoint_id is empty", &|body| {
            body["context"]["endpoint_id"] = json!("")
        })),
        malformed(case(4, "endpoint_id is a pattern for any text", &|body| {
            body["context"]["endpoint_id"] = json!(".*");
        })),
        // What a loose comparison takes for any text.
        malformed(case(5, "endpoint_id is true", &|body| {
            body["context"]["endpoint_id"] = json!(true);
        })),
        malformed(case(6, "endpoint_id is 0", &|body| {
            body["context"]["endpoint_id"] = json!(0);
        })),
    ]
}

/// The body's form is wrong, so that any 4xx status, and any body, is right.
fn malformed(mut draft: Draft) -> Draft {
    draft.expect = Expect::MALFORMED;
    draft.failing("ROB-04")
}

fn wrong_types(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    signed_cases(
        session,
        callback,
        ("JWT-20", Expect::FREE),
        8,
        cases::wrong_types,
    )
}

fn several_roles(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let endpoint = session.template(callback).endpoint_id;
    let drafts =
        cases::right_scopes(&endpoint)
            .into_iter()
            .zip(0..)
            .map(|((name, scope), number)| {
                with_claims(
                    session,
                    callback,
                    "JWT-21",
                    number,
                    name,
                    Expect::Accept,
                    move |claims| {
                        claims["scope"] = scope.clone();
                    },
                )
            });
    telling_first(drafts.collect(), 3)
}

fn further_members(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    signed_cases(
        session,
        callback,
        ("JWT-22", Expect::Accept),
        4,
        cases::further_members,
    )
}

fn lifetimes(session: &Session, callback: &'static Callback) -> Vec<Draft> {
    let cases = [
        ("issued fifty minutes ago, good for another ten", 3_000, 600),
        ("good for half an hour", 0, 1_800),
    ];
    let drafts = cases
        .into_iter()
        .zip(0..)
        .map(|((name, age, left), number)| {
            let change = move |claims: &mut Value| {
                let now = claims["iat"].as_i64().unwrap_or_default();
                claims["iat"] = json!(now - age);
                claims["exp"] = json!(now + left);
            };
            with_claims(
                session,
                callback,
                "JWT-25",
                number,
                name,
                Expect::Accept,
                change,
            )
        });
    drafts.collect()
}

/// Cases made of the right header and claims, signed by the published key; each with a `jti` of its own, unless that is what is
/// wrong with it.
fn signed_cases(
    session: &Session,
    callback: &'static Callback,
    (id, expect): (&str, Expect),
    telling: usize,
    cases: impl Fn(&Value, &Value) -> Vec<cases::TokenCase>,
) -> Vec<Draft> {
    let Some(signer) = session.signer() else {
        return Vec::new();
    };
    let claims = signer.claims();
    let cases = cases(&signer.header(), &claims).into_iter().zip(0..);
    let drafts = cases.map(|(case, number)| {
        let jti = claims["jti"].clone();
        let mut call = session.case_control(callback, id, number);
        call.authorization = Authorization::made(move |signer| {
            let mut claims = case.claims.clone();
            if claims["jti"] == jti {
                claims["jti"] = signer.claims()["jti"].take();
            }
            signer.sign(&case.header, &claims)
        });
        Draft::new(case.name, call, expect)
    });
    telling_first(drafts.collect(), telling)
}
