//! Advice when no verdict can be reached: what to change in the handler's settings, or in the run's.

use super::engine::{Engine, Exchange};
use super::judge::Disposition;

/// What the reader of a refused control should look at.
pub(crate) fn for_baseline(engine: &Engine, exchange: &Exchange) -> Vec<String> {
    let options = &engine.session.options;
    let mut advice = Vec::new();
    let fetches = engine
        .idp
        .as_ref()
        .map(|idp| (idp.jwks_url(), idp.fetches().count));
    match exchange.judgement.disposition {
        Disposition::Refused(status @ (401 | 403)) => {
            match fetches {
                Some((url, 0)) => advice.push(format!(
                    "the handler refuses a right request with {status} and has not fetched the keys from {url} in this run. \
                     Set its JWKS URL to that address (or --idp to the address it uses). If it fetched the keys in an earlier \
                     run and keeps them, give both runs the same key: --signing-key FILE"
                )),
                Some((url, _)) => advice.push(format!(
                    "the handler refuses a right request with {status} although it has fetched the keys from {url}. Does it \
                     expect another issuer? This run's is {} (--issuer). Another audience (--audience)? Are --identity and \
                     --secrets those of a partner it knows? Does it know the endpoint (--endpoint-id) and the tenant \
                     (--tenant-id)?",
                    options.issuer
                )),
                None => advice.push(format!(
                    "the handler refuses a right request with {status}: is the token of --token still valid, and meant for \
                     this endpoint (--endpoint-id)?"
                )),
            }
            if options.credentials.is_none() {
                advice.push("no X-CyberApp-Auth was sent: give --identity and --secrets".to_owned());
            }
        }
        Disposition::Refused(404 | 405) => advice.push(format!(
            "is {} the address of the callback handler, path included?",
            engine.session.target.as_url()
        )),
        Disposition::Refused(400 | 422) => advice.push(
            "the handler takes a right request for malformed; its answer is shown with HTTP-01".to_owned(),
        ),
        Disposition::Slower => advice.push(
            "the handler answers 429 again and again: lower its limits for this run, or use --concurrency 1".to_owned(),
        ),
        Disposition::Otherwise(500..=599) => {
            advice.push(match fetches {
                Some((url, 0)) => format!(
                    "the handler failed by itself. Its log may say why; can it reach the keys at {url}?"
                ),
                _ => "the handler failed by itself; its log may say why".to_owned(),
            });
        }
        _ => {}
    }
    advice
}
