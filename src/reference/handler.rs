//! The way through: one request in, one answer out.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::service::Service;

use super::answer::{self, Refusal};
use super::fault::{Faults, Flaws};
use super::jwks::KeySet;
use super::token::TokenCheck;
use super::{callbacks, credentials, extra, request};
use crate::protocol::token::Jwks;

/// What the reference handler must be told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the keys are fetched that tokens are verified with.
    pub jwks_url: String,
    /// What `iss` of every token must be.
    pub issuer: String,
    /// What it does wrong: usually nothing.
    pub faults: Faults,
}

/// The reference handler: a hyper service, cheap to clone.
///
/// Clones share their keys and everything else.
#[derive(Clone)]
pub struct Reference {
    inner: Arc<Inner>,
}

struct Inner {
    token: TokenCheck,
    flaws: Flaws,
}

impl Reference {
    /// A handler that fetches its keys when it first needs them.
    pub fn new(settings: Settings) -> Self {
        let keys = KeySet::at(settings.jwks_url);
        Self::with(keys, settings.issuer, settings.faults)
    }

    /// A handler that knows its keys and never fetches any.
    pub fn with_keys(keys: &Jwks, issuer: impl Into<String>, faults: Faults) -> Self {
        Self::with(KeySet::fixed(keys), issuer.into(), faults)
    }

    fn with(keys: KeySet, issuer: String, faults: Faults) -> Self {
        Self {
            inner: Arc::new(Inner {
                token: TokenCheck { keys, issuer },
                flaws: Flaws::new(faults),
            }),
        }
    }

    /// What it does wrong.
    pub fn faults(&self) -> &Faults {
        &self.inner.flaws.faults
    }

    pub(super) fn flaws(&self) -> &Flaws {
        &self.inner.flaws
    }

    /// Answers one request; whatever the request is, there is an answer.
    ///
    /// The body is read before anything is refused: only then is the connection fit for another request, and the refusal can
    /// name the request that it is about.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body,
        B::Error: std::fmt::Display,
    {
        let flaws = &self.inner.flaws;
        let (mut parts, body) = request.into_parts();
        flaws.find_headers(&mut parts);

        let (outcome, request_id) = match request::read_body(body, flaws).await {
            Err(refusal) => (Err(refusal), None),
            Ok(body) => match self.serve(&parts, &body).await {
                Err(refusal) => (Err(refusal), request::request_id(&body)),
                served => (served, None),
            },
        };
        let mut response = outcome.unwrap_or_else(|mut refusal| {
            flaws.spoil_refusal(&parts, &mut refusal);
            answer::refusal(&refusal, request_id, flaws)
        });
        flaws.spoil_response(&parts, &mut response);
        response
    }

    /// Serves a request that keeps the contract, or says why not.
    ///
    /// The form comes before the token, because what the token must permit stands in the body.
    async fn serve(&self, parts: &Parts, body: &Bytes) -> Result<Response<Full<Bytes>>, Refusal> {
        let Inner { token, flaws } = &*self.inner;
        flaws.stumble(parts, body).await?;

        request::check_method(&parts.method, flaws)?;
        request::check_media_type(&parts.headers, flaws)?;
        let request = request::parse(&flaws.reread(parts, body))?;

        let endpoint = &request.context.endpoint_id;
        token.check(&parts.headers, endpoint, flaws).await?;
        let partner = credentials::check(&parts.headers, flaws)?;
        extra::check(&parts.headers, flaws)?;

        let served = callbacks::find(&request, flaws)?;
        flaws.dawdle(parts, &request).await?;
        let payload = served.answer(partner, flaws);
        Ok(answer::success(
            served.callback,
            &request.request_id,
            payload,
            flaws,
        ))
    }
}

impl Service<Request<Incoming>> for Reference {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let reference = self.clone();
        Box::pin(async move { Ok(reference.handle(request).await) })
    }
}
