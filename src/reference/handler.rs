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
use super::callbacks::Call;
use super::fault::{Faults, Flaws};
use super::jwks::KeySet;
use super::store::{PartnerId, Store, canonical};
use super::token::TokenCheck;
use super::{callbacks, credentials, extra, request};
use crate::protocol::token::Jwks;
use crate::protocol::{CallbackIdentity, Enablement};

/// What the reference handler must be told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the keys are fetched that tokens are verified with.
    pub jwks_url: String,
    /// What `iss` of every token must be.
    pub issuer: String,
    /// How partners and customers are enabled: this decides which callbacks are served, and on whose behalf.
    pub enablement: Enablement,
    /// What it does wrong: usually nothing.
    pub faults: Faults,
}

/// The reference handler: a hyper service, cheap to clone.
///
/// Clones share their keys, what they remember and everything else.
#[derive(Clone)]
pub struct Reference {
    inner: Arc<Inner>,
}

struct Inner {
    token: TokenCheck,
    enablement: Enablement,
    store: Store,
    flaws: Flaws,
}

impl Reference {
    /// A handler that fetches its keys when it first needs them.
    pub fn new(settings: Settings) -> Self {
        let token = TokenCheck {
            keys: KeySet::at(settings.jwks_url),
            issuer: settings.issuer,
            now: None,
        };
        Self::with(token, settings.enablement, settings.faults)
    }

    /// A handler that knows its keys and never fetches any.
    pub fn with_keys(
        keys: &Jwks,
        issuer: impl Into<String>,
        enablement: Enablement,
        faults: Faults,
    ) -> Self {
        Self::knowing(keys, issuer.into(), None, enablement, faults)
    }

    /// The same for which it is always this time, in seconds since 1970: for tokens that were made long ago.
    pub fn with_keys_at(
        now_unix: i64,
        keys: &Jwks,
        issuer: impl Into<String>,
        enablement: Enablement,
        faults: Faults,
    ) -> Self {
        Self::knowing(keys, issuer.into(), Some(now_unix), enablement, faults)
    }

    fn knowing(
        keys: &Jwks,
        issuer: String,
        now: Option<i64>,
        enablement: Enablement,
        faults: Faults,
    ) -> Self {
        let keys = KeySet::fixed(keys);
        let token = TokenCheck { keys, issuer, now };
        Self::with(token, enablement, faults)
    }

    fn with(token: TokenCheck, enablement: Enablement, faults: Faults) -> Self {
        Self {
            inner: Arc::new(Inner {
                token,
                enablement,
                store: Store::new(enablement),
                flaws: Flaws::new(faults),
            }),
        }
    }

    /// What it does wrong.
    pub fn faults(&self) -> &Faults {
        &self.inner.flaws.faults
    }

    /// How partners and customers are enabled.
    pub fn enablement(&self) -> Enablement {
        self.inner.enablement
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
                Err(refusal) => {
                    let Inner {
                        enablement, store, ..
                    } = &*self.inner;
                    flaws
                        .on_refused(&parts, &body, &refusal, *enablement, store)
                        .await;
                    (Err(refusal), request::request_id(&body))
                }
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
    /// The form comes before the token, because what the token must permit stands in the body; and the token before everything
    /// else, so that nobody without one learns or changes anything. The callback comes before the credentials, because it depends
    /// on the callback whether there are any.
    async fn serve(&self, parts: &Parts, body: &Bytes) -> Result<Response<Full<Bytes>>, Refusal> {
        let Inner {
            token,
            enablement,
            store,
            flaws,
        } = &*self.inner;
        flaws.stumble(parts, body).await?;

        request::check_method(&parts.method, flaws)?;
        request::check_media_type(&parts.headers, flaws)?;
        let request = request::parse(&flaws.reread(parts, body))?;

        let endpoint = &request.context.endpoint_id;
        let trusted = token.check(&parts.headers, endpoint, flaws).await;
        trusted.or_else(|refusal| flaws.on_untrusted(&request, refusal))?;
        let served = callbacks::find(&request, *enablement, flaws)?;
        let partner = match enablement.identity(served.callback) {
            CallbackIdentity::Credentials => {
                let checked = credentials::check(&parts.headers, flaws);
                let partner = flaws.admit(&request, &parts.headers, checked)?;
                PartnerId::Organisation(partner.vendor_tenant_id)
            }
            CallbackIdentity::ContextTenant => {
                PartnerId::Tenant(canonical(&request.context.tenant_id))
            }
        };
        extra::check(&parts.headers, flaws)?;

        flaws.dawdle(parts, &request).await?;
        let call = Call {
            callback: served.callback,
            partner,
            request: &request,
            flaws,
        };
        let reply = served.answer(&call, store).await?;
        Ok(answer::response(&call, reply))
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
