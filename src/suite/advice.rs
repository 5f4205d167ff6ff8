//! Advice when no verdict can be reached: what to change in the handler's settings, or in the run's.

use serde_json::Value;

use super::call::{Authorization, Call};
use super::check::Expect;
use super::engine::{Engine, Exchange, Stop};
use super::judge::Disposition;
use crate::gateway::TransportErrorKind;
use crate::protocol::Credentials;

/// What can be said of the keys: where they are, and whether the handler has fetched them.
struct Keys {
    url: String,
    fetched: bool,
}

/// What the reader of a refused control should look at.
pub(crate) async fn for_baseline(
    engine: &mut Engine,
    exchange: &Exchange,
) -> Result<Vec<String>, Stop> {
    let keys = |engine: &Engine| {
        engine.idp.as_ref().map(|idp| Keys {
            url: idp.jwks_url(),
            fetched: idp.fetches().count > 0,
        })
    };
    Ok(match exchange.judgement.disposition {
        Disposition::Refused(status @ (401 | 403)) => {
            // Fetched for the control, not for what is sent now to find out more.
            let keys = keys(engine);
            let suspect = suspect(engine, exchange).await?;
            for_denial(engine, status, keys.as_ref(), suspect)
        }
        Disposition::Refused(404 | 405) => vec![format!(
            "is {} the address of the callback handler, path included?",
            engine.session.target.as_url()
        )],
        Disposition::Refused(400 | 422) => vec![
            "the handler takes a right request for malformed; its answer is shown with HTTP-01"
                .to_owned(),
        ],
        Disposition::Slower => vec![
            "the handler answers 429 again and again: lower its limits for this run, or use \
             --concurrency 1"
                .to_owned(),
        ],
        Disposition::Otherwise(500..=599) => vec![match keys(engine) {
            Some(keys) if !keys.fetched => format!(
                "the handler failed by itself, and has not fetched the keys from {}. Its log may say why; can it reach that \
                 address?",
                keys.url
            ),
            _ => "the handler failed by itself; its log may say why".to_owned(),
        }],
        Disposition::NoAnswer(
            TransportErrorKind::ClosedBeforeAnswer | TransportErrorKind::InvalidHttp,
        ) if !engine.session.target.is_tls() => vec![format!(
            "nothing like an HTTP answer came back. Does the handler expect https at {}? Or did it fail? Its log may say why",
            engine.session.target.as_url()
        )],
        Disposition::NoAnswer(TransportErrorKind::TimeoutInAnswer) => vec![
            "the answer began, but nothing tells where it ends: give it the right Content-Length, send it in chunks, or close \
             the connection behind it"
                .to_owned(),
        ],
        Disposition::NoAnswer(TransportErrorKind::Timeout) => {
            let keys = keys(engine).filter(|keys| !keys.fetched);
            let keys = keys.map_or(String::new(), |keys| {
                format!(
                    " Can it reach the keys at {}? It has not fetched them.",
                    keys.url
                )
            });
            vec![format!(
                "no answer came within {:?} (--timeout).{keys}",
                engine.session.options.timeout
            )]
        }
        _ => Vec::new(),
    })
}

/// What a handler seems to dislike about a right request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suspect {
    /// The token: a request with no right one is answered alike, one with wrong credentials otherwise.
    Token,
    /// The credentials: the other way round.
    Credentials,
    /// Neither: both are answered otherwise.
    Neither,
    /// It says the same to everything.
    Unknown,
}

/// Finds out, by spoiling the token and then the credentials, what the handler dislikes.
pub(crate) async fn suspect(engine: &mut Engine, exchange: &Exchange) -> Result<Suspect, Stop> {
    let told = essence(exchange);
    let without_token = probe(engine, 0, |call| {
        call.authorization = Authorization::Text(b"Bearer acgw.no.token".to_vec());
    })
    .await?;
    let without_credentials = probe(engine, 1, |call| {
        call.auth = Credentials::new("acgw-nobody", serde_json::json!({"password": "acgw"}))
            .ok()
            .map(|nobody| nobody.encode().into_bytes());
    })
    .await?;
    Ok(match (without_token != told, without_credentials != told) {
        (true, true) => Suspect::Neither,
        (true, false) => Suspect::Credentials,
        (false, true) => Suspect::Token,
        (false, false) => Suspect::Unknown,
    })
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

fn for_denial(engine: &Engine, status: u16, keys: Option<&Keys>, suspect: Suspect) -> Vec<String> {
    let refusal = format!("the handler refuses a right request with {status}");
    let context = "Does it know the endpoint (--endpoint-id) and the tenant (--tenant-id)?";
    let credentials = "Are --identity and --secrets those of a partner that it knows? X-CyberApp-Auth is base64 of the \
                       identity, a colon and the secrets as JSON text; it must be split at its first colon, since the JSON \
                       has colons of its own, and the JSON must be parsed, not compared as text.";
    let Some(keys) = keys else {
        return vec![format!(
            "{refusal}: is the token of --token still valid, and meant for this endpoint (--endpoint-id)? {credentials}"
        )];
    };
    let unfetched = format!(
        "It has not fetched the keys from {} in this run. Set its JWKS URL to that address (or --idp to the address it uses). \
         If it fetched the keys in an earlier run and keeps them, restart it, or give all runs the same key: --signing-key \
         FILE.",
        keys.url
    );
    let claims = format!(
        "It has fetched the keys from {}. Does it expect another issuer? This run's is {}; older handlers expect \
         https://cloud.acronis.com (--issuer). Another audience (--audience)?",
        keys.url, engine.session.options.issuer
    );
    let token = if keys.fetched { claims } else { unfetched };
    vec![match suspect {
        Suspect::Token => format!(
            "{refusal}, as it refuses one without a token: it is the token that it dislikes. {token}"
        ),
        Suspect::Credentials => format!(
            "{refusal}, as it refuses one with unknown credentials; one without a token is answered otherwise. So the token \
             is not what it dislikes. {credentials} {context}"
        ),
        Suspect::Neither => format!(
            "{refusal}. One without a token, and one with unknown credentials, are answered otherwise, so it dislikes neither \
             of them. {context}"
        ),
        Suspect::Unknown if keys.fetched => {
            format!("{refusal}. {token} If the token is right: {credentials} {context}")
        }
        Suspect::Unknown => format!(
            "{refusal}. {token} If it looks at the credentials first: are --identity and --secrets those of a partner that it \
             knows?"
        ),
    }]
}
