//! Why no verdict can be reached: what to change in the handler's settings, or in the run's.

use serde_json::{Value, json};

use super::call::{Authorization, Call};
use super::check::Expect;
use super::diagnosis::{Cause, KnownCause, opening};
use super::engine::{Engine, Exchange, Stop};
use super::judge::Disposition;
use crate::gateway::{TransportErrorKind, token};
use crate::protocol::Credentials;
use crate::protocol::token::DEFAULT_ISSUER;

/// What can be said of the keys: where they are, and whether the handler has fetched them.
struct Keys {
    url: String,
    fetched: bool,
    /// Another path below which it looked for them.
    elsewhere: Option<String>,
}

impl Keys {
    /// Where else it looked for them, in words.
    fn elsewhere(&self) -> Option<String> {
        let path = self.elsewhere.as_ref()?;
        Some(format!(
            "It has looked for the keys at {path}, where they are not: they are at {}. Mend the path of its JWKS URL.",
            self.url
        ))
    }
}

/// Issuers that a handler may have been written for.
const ISSUERS: [&str; 2] = [DEFAULT_ISSUER, "https://cloud.acronis.com"];

/// The number of the first probe for an issuer, behind those that look for what is disliked.
const ISSUER_PROBES: u64 = 16;

/// The number of the request without a token.
const BARE: u64 = 24;

/// The number of the first request that is to make the handler fetch the keys.
const TEMPTATIONS: u64 = 32;

/// The cause, with what is to be said of this run.
fn cause(known: KnownCause, text: impl Into<String>) -> Cause {
    Cause {
        name: known.name,
        text: text.into(),
        explains: known.explains.to_vec(),
    }
}

/// Why the control was not accepted, as far as it can be told.
pub(crate) async fn for_baseline(
    engine: &mut Engine,
    exchange: &Exchange,
) -> Result<Option<Cause>, Stop> {
    let keys = |engine: &Engine| {
        engine.idp.as_ref().map(|idp| Keys {
            url: idp.jwks_url(),
            fetched: idp.fetches().count > idp.fetches().elsewhere,
            elsewhere: idp.last_elsewhere(),
        })
    };
    let session = engine.session.clone();
    if let Some(own) = &session.options.credentials
        && engine.is_misread(exchange, own).await?
    {
        return Ok(Some(cause(
            opening::CREDENTIALS_MISREAD,
            opening::CREDENTIALS_MISREAD.text,
        )));
    }
    Ok(Some(match exchange.judgement.disposition {
        Disposition::Refused(status @ (401 | 403)) => {
            if let Some(keys) = keys(engine)
                && let Some(issuer) = accepted_issuer(engine).await?
            {
                return Ok(Some(of_another_issuer(engine, status, &keys, issuer)));
            }
            let suspect = suspect(engine, exchange).await?;
            // Behind what was sent to find out: one of these tokens is of an unknown key.
            let keys = keys(engine);
            let mut denial = for_denial(engine, status, keys.as_ref(), suspect);
            if keys.is_some_and(|keys| !keys.fetched) {
                denial.text.push_str(&in_between(engine, exchange).await?);
            }
            denial
        }
        Disposition::Refused(status @ (404 | 405 | 410)) if is_the_handlers(exchange) => cause(
            opening::CALLBACK_NOT_SERVED,
            format!(
                "The handler itself refuses {} with {status}. Does it have that callback? --partner and --customer say which are sent; \
                 this run's are {}.",
                exchange.draft.call.callback.name, engine.session.options.enablement
            ),
        ),
        Disposition::Refused(404 | 405) => cause(
            opening::ANOTHER_ADDRESS,
            format!(
                "Is {} the address of the callback handler, path included?",
                engine.session.target.as_url()
            ),
        ),
        Disposition::Refused(400 | 422) => cause(
            opening::TAKEN_FOR_MALFORMED,
            "The handler takes a right request for malformed; its answer is shown with HTTP-01.",
        ),
        Disposition::Slower => cause(
            opening::LIMITED,
            "The handler answers 429 again and again: lower its limits for this run, or use --concurrency 1.",
        ),
        Disposition::Otherwise(500..=599) => match keys(engine) {
            Some(keys) if !keys.fetched => cause(
                opening::FAILED_WITHOUT_KEYS,
                match keys.elsewhere() {
                    Some(elsewhere) => format!("The handler failed by itself. {elsewhere}"),
                    None => format!(
                        "The handler failed by itself, and has not fetched the keys from {}. Its log may say why; can it reach that \
                         address?",
                        keys.url
                    ),
                },
            ),
            _ => cause(
                opening::FAILED_BY_ITSELF,
                "The handler failed by itself; its log may say why.",
            ),
        },
        Disposition::NoAnswer(
            TransportErrorKind::ClosedBeforeAnswer | TransportErrorKind::InvalidHttp,
        ) if !engine.session.target.is_tls() => cause(
            opening::NOT_HTTP,
            format!(
                "Nothing like an HTTP answer came back. Does the handler expect https at {}? Or did it fail? Its log may say why.",
                engine.session.target.as_url()
            ),
        ),
        Disposition::NoAnswer(TransportErrorKind::TimeoutInAnswer) => cause(
            opening::WITHOUT_END,
            "The answer began, but nothing tells where it ends: give it the right Content-Length, send it in chunks, or close \
             the connection behind it.",
        ),
        Disposition::NoAnswer(TransportErrorKind::Timeout) => {
            let keys = keys(engine).filter(|keys| !keys.fetched);
            let keys = keys.map_or(String::new(), |keys| {
                format!(
                    " Can it reach the keys at {}? It has not fetched them.",
                    keys.url
                )
            });
            cause(
                opening::NO_ANSWER,
                format!(
                    "No answer came within {:?} (--timeout).{keys}",
                    engine.session.options.timeout
                ),
            )
        }
        _ => return Ok(None),
    }))
}

/// What a handler seems to dislike about a right request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suspect {
    /// The token.
    Token,
    /// The credentials.
    Credentials,
    /// Neither: whatever is wrong with either of them is answered otherwise.
    Neither,
    /// It cannot be told: everything is answered alike.
    Unknown,
}

/// How many of several spoilt requests are answered as the right one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alike {
    All,
    Some,
    None,
}

impl Alike {
    fn of(alike: &[bool]) -> Self {
        match alike.iter().filter(|alike| **alike).count() {
            0 => Self::None,
            count if count == alike.len() => Self::All,
            _ => Self::Some,
        }
    }
}

/// Finds out, by spoiling the token and the credentials in several ways, what the handler dislikes.
pub(crate) async fn suspect(engine: &mut Engine, exchange: &Exchange) -> Result<Suspect, Stop> {
    let told = essence(exchange);
    let mut tokens = vec![Authorization::Text(b"Bearer acgw.no.token".to_vec())];
    if engine.session.signer().is_some() {
        // Each claim by itself: who minds one of them says so before it has looked at credentials. Not the audience, which may be ignored.
        let wrong: [fn(&mut Value); 3] = [
            |claims| claims["iss"] = "https://acgw.invalid".into(),
            |claims| claims["exp"] = json!(1_000_000_000),
            |claims| {
                claims["scope"] =
                    json!([{"role": "cti.a.p.acgw.endpoint.v1.0~acgw.other.app.v1.0"}])
            },
        ];
        tokens.extend(wrong.map(|wrong| {
            Authorization::made(move |signer| {
                let mut claims = signer.claims();
                wrong(&mut claims);
                signer.sign_claims(&claims)
            })
        }));
        tokens.push(Authorization::made(|signer| {
            token::mint(signer.stranger(), &signer.header(), &signer.claims())
        }));
        let kid = engine.session.made_up_id("advice kid", 0);
        tokens.push(of_an_unknown_key(kid));
    }
    let mut credentials = vec![Credentials::new("acgw-nobody", json!({"password": "acgw"}))];
    if let Some(own) = &engine.session.options.credentials {
        credentials.push(Credentials::new(own.identity(), json!({"acgw": "acgw"})));
    }
    let credentials = credentials.into_iter().flatten();
    let mut headers: Vec<Option<Vec<u8>>> = { credentials }
        .map(|one| Some(one.encode().into_bytes()))
        .collect();
    // Who fails at what is right there may fail at these in the same words, but not at none, nor at what is no base64.
    headers.extend([None, Some(b"acgw: no base64".to_vec())]);
    let mut numbers = 0..;
    let mut spoilt = Vec::new();
    for token in tokens {
        let number = numbers.next().unwrap_or_default();
        let answer = probe(engine, number, |call| call.authorization = token).await?;
        spoilt.push(answer == told);
    }
    let by_token = Alike::of(&spoilt);
    spoilt.clear();
    for header in headers {
        let number = numbers.next().unwrap_or_default();
        let answer = probe(engine, number, |call| call.auth = header);
        spoilt.push(answer.await? == told);
    }
    Ok(match (by_token, Alike::of(&spoilt)) {
        (Alike::All, Alike::All) => Suspect::Unknown,
        // The token was passed before any credentials were told from others; those that are answered alike are not looked at.
        (Alike::Some, Alike::Some) => Suspect::Credentials,
        // What is answered to some wrong tokens and not to others is said of this token. So with credentials.
        (Alike::Some, _) | (Alike::All, Alike::None) => Suspect::Token,
        (_, Alike::Some) | (Alike::None, Alike::All) => Suspect::Credentials,
        (Alike::None, Alike::None) => Suspect::Neither,
    })
}

/// A token whose `kid` no published key has. Who knows the run's key from an earlier run, and looks for others where they are
/// served, comes and shows that it looks in the right place.
fn of_an_unknown_key(kid: String) -> Authorization {
    Authorization::made(move |signer| {
        token::mint(signer.stranger(), &token::header(&kid), &signer.claims())
    })
}

/// Gives the handler a reason to fetch the keys, if it has not.
pub(crate) async fn tempt(engine: &mut Engine, number: u64) -> Result<(), Stop> {
    let kid = engine.session.made_up_id("advice kid", 1 + number);
    probe(engine, TEMPTATIONS + number, |call| {
        call.authorization = of_an_unknown_key(kid);
    })
    .await?;
    Ok(())
}

/// The issuer, other than the run's, whose tokens the handler accepts, if it is one of those that handlers are written for.
async fn accepted_issuer(engine: &mut Engine) -> Result<Option<&'static str>, Stop> {
    let session = engine.session.clone();
    for (issuer, number) in ISSUERS.into_iter().zip(ISSUER_PROBES..) {
        if issuer == session.options.issuer {
            continue;
        }
        let mut call = session.case_control(session.main_callback(), "advice", number);
        call.authorization = Authorization::made(move |signer| {
            let mut claims = signer.claims();
            claims["iss"] = issuer.into();
            signer.sign_claims(&claims)
        });
        let mut draft = engine.control(call, "to find out which issuer the handler expects");
        draft.expect = Expect::FREE;
        let exchange = engine.exchange("HTTP-01", draft).await?;
        if exchange.observation.status() == Some(200) && exchange.judgement.payload().is_some() {
            return Ok(Some(issuer));
        }
    }
    Ok(None)
}

fn of_another_issuer(engine: &Engine, status: u16, keys: &Keys, issuer: &str) -> Cause {
    let fetched = match keys.fetched {
        true => format!(" It has fetched the keys from {}.", keys.url),
        false => String::new(),
    };
    cause(
        opening::ANOTHER_ISSUER,
        format!(
            "The handler refuses every token of this run with {status} and accepts one whose `iss` is {issuer}: that is the issuer it \
             expects, and this run's is {}.{fetched} Say --issuer {issuer} to check it as it is, or set \
             its issuer; Acronis's newest is {DEFAULT_ISSUER}.",
            engine.session.options.issuer
        ),
    )
}

/// What points to something between the suite and the handler's code, as sentences to append.
async fn in_between(engine: &mut Engine, exchange: &Exchange) -> Result<String, Stop> {
    let told = essence(exchange);
    let is_page = (told.as_ref()).is_some_and(|(_, text)| text.trim_start().starts_with('<'));
    if is_page {
        return Ok(
            " The answer is a page in HTML: it may be a framework's or a proxy's, given before the handler's own code had the request. \
             Switch off for this path what gives it, such as a protection against forged requests (CSRF) or a login."
                .to_owned(),
        );
    }
    let bare = probe(engine, BARE, |call| {
        call.authorization = Authorization::Absent
    })
    .await?;
    Ok(match bare == told {
        true => {
            " A request without Authorization is answered just so: if there is a proxy or a CGI in between, does it pass that \
                 header on (`CGIPassAuth On` in Apache)?"
        }
        false => "",
    }
    .to_owned())
}

/// Whether an answer is the handler's own, not that of a server in front of it: it names the request.
fn is_the_handlers(exchange: &Exchange) -> bool {
    exchange.echoed().as_ref() == Some(&exchange.draft.call.request_id)
}

async fn probe(
    engine: &mut Engine,
    number: u64,
    spoil: impl FnOnce(&mut Call),
) -> Result<Option<(u16, String)>, Stop> {
    let session = engine.session.clone();
    let mut call = session.case_control(session.main_callback(), "advice", number);
    spoil(&mut call);
    let mut draft = engine.control(call, "to find out what the handler dislikes");
    draft.expect = Expect::FREE;
    let exchange = engine.exchange("HTTP-01", draft).await?;
    Ok(essence(&exchange))
}

/// Status and text of an answer, without what is new in every answer.
fn essence(exchange: &Exchange) -> Option<(u16, String)> {
    let answer = exchange.observation.result.as_ref().ok()?;
    let text = match serde_json::from_slice::<Value>(&answer.body) {
        Ok(Value::Object(mut members)) => {
            members
                .retain(|name, _| !["request_id", "response_id", "timestamp"].contains(&&**name));
            Value::Object(members).to_string()
        }
        _ => String::from_utf8_lossy(&answer.body).into_owned(),
    };
    Some((answer.status, text))
}

fn for_denial(engine: &Engine, status: u16, keys: Option<&Keys>, suspect: Suspect) -> Cause {
    let refusal = format!("The handler refuses a right request with {status}");
    let context = "Does it know the endpoint (--endpoint-id) and the tenant (--tenant-id)?";
    let credentials = "Are --identity and --secrets those of a partner that it knows? X-CyberApp-Auth is base64 of the \
                       identity, a colon and the secrets as JSON text; it must be split at its first colon, since the JSON \
                       has colons of its own, and the JSON must be parsed, not compared as text.";
    let Some(keys) = keys else {
        return cause(
            opening::CAPTURED_TOKEN_REFUSED,
            format!(
                "{refusal}: is the token of --token still valid, and meant for this endpoint (--endpoint-id)? {credentials}"
            ),
        );
    };
    let unfetched = format!(
        "It has not fetched the keys from {} in this run, not for a token of an unknown key either. Set its JWKS URL to that address \
         (or --idp to the address it uses). If it fetched the keys earlier and keeps them, restart it; and if it knows this run's: \
         does it expect another issuer than {} (--issuer)?",
        keys.url, engine.session.options.issuer
    );
    let claims = format!(
        "It has fetched the keys from {}. Does it expect another issuer? This run's is {}; older handlers expect \
         https://cloud.acronis.com (--issuer). Another audience (--audience), or another endpoint (--endpoint-id)? Is its clock right?",
        keys.url, engine.session.options.issuer
    );
    let token = match (keys.fetched, keys.elsewhere()) {
        (true, _) => claims,
        (false, Some(elsewhere)) => elsewhere,
        (false, None) => unfetched,
    };
    let (known, text) = match suspect {
        Suspect::Token => (
            match keys.fetched {
                true => opening::TOKEN_REFUSED,
                false => opening::KEYS_NOT_FETCHED,
            },
            format!(
                "{refusal}, in the words that it has for one with a wrong token: it is the token that it dislikes. {token}"
            ),
        ),
        Suspect::Credentials => (
            opening::CREDENTIALS_REFUSED,
            format!(
                "{refusal}, in the words that it has for one with wrong credentials; one with a wrong token is answered otherwise. So \
             the token is not what it dislikes, unless it is for another audience than the handler's (--audience). {credentials} {context}"
            ),
        ),
        Suspect::Neither => (
            opening::CONTEXT_REFUSED,
            format!(
                "{refusal}. One with a wrong token, and one with wrong credentials, are answered otherwise, so it dislikes neither \
             of them. {context}"
            ),
        ),
        Suspect::Unknown if keys.fetched => (
            opening::TOKEN_OR_CREDENTIALS_REFUSED,
            format!("{refusal}. {token} If the token is right: {credentials} {context}"),
        ),
        Suspect::Unknown => (
            opening::KEYS_NOT_FETCHED,
            format!(
                "{refusal}. {token} If it looks at the credentials first: are --identity and --secrets those of a partner that it \
             knows?"
            ),
        ),
    };
    cause(known, text)
}
