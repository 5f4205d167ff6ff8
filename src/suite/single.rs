//! One callback, sent once: what went out, what came back, and what that shows of the requirements.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;

use super::check::{Draft, Expect};
use super::courier::Courier;
use super::engine::{Exchange, Stop};
use super::error::{Error, ErrorKind};
use super::evidence::{self, Mask};
use super::identity::{self, TestIdentity};
use super::judge::Disposition;
use super::options::Options;
use super::register;
use super::requirement::Requirement;
use super::session::{Session, encode_credentials};
use crate::gateway::{Client, ClientOptions, Observation, Target, TransportErrorKind};
use crate::protocol::headers::AUTH_HEADER;
use crate::protocol::{Callback, CallbackIdentity, Family, Violation};

/// The requirement that a right request is answered with success.
const SUCCESS: &str = "HTTP-01";
/// The requirement that odd input does no harm.
const ODD_INPUT: &str = "ROB-04";
/// Stands for no requirement: it is right to refuse the request, and right to accept it.
const NOTHING: &str = "";

/// One callback to be sent.
pub struct Single {
    target: Target,
    callback: &'static Callback,
    payload: Option<Value>,
    paging: Option<Value>,
    options: Options,
    client: ClientOptions,
    identity: Option<TestIdentity>,
}

/// What came of it.
#[derive(Debug)]
pub struct SingleOutcome {
    /// The request, secrets masked unless the options reveal them.
    pub request: String,
    /// The answer, or why there is none.
    pub response: String,
    /// How long it took.
    pub took: Duration,
    /// How the handler took the request.
    pub taken: Taken,
    /// How the request breaks the callback's schema: it was sent all the same.
    pub violations: Vec<Violation>,
    /// What the exchange shows, by area and number.
    pub shown: Vec<Shown>,
    /// Where the handler finds the keys, and whether it has fetched them; `None` with a captured token.
    pub keys: Option<(String, bool)>,
}

/// How the handler took a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// With success.
    Accepted,
    /// With a refusal, where only a success is right or the request is wrong.
    Refused,
    /// With a refusal that may be right: that depends on what the handler remembers.
    RefusedForAReason,
    /// With an answer that is neither, or with one that is not whole.
    Otherwise,
    /// It asked for patience (429), which says nothing.
    Slower,
    /// There was no connection.
    Unreachable,
}

/// What an exchange shows of a requirement.
#[derive(Debug)]
pub struct Shown {
    /// Which one.
    pub requirement: &'static Requirement,
    /// What was expected and what came; `None` where the requirement is kept.
    pub wrong: Option<(String, String)>,
}

impl SingleOutcome {
    /// Whether all that was shown is as it should be; `None` where nothing was.
    pub fn conforms(&self) -> Option<bool> {
        match self.taken {
            Taken::Unreachable | Taken::Slower => None,
            _ => Some(self.shown.iter().all(|one| one.wrong.is_none())),
        }
    }
}

impl Single {
    /// This callback with the catalog's payload, or that of a custom callback's example, to be sent to this target with default options.
    pub fn new(target: Target, callback: &'static Callback) -> Self {
        Self {
            target,
            callback,
            payload: None,
            paging: None,
            options: Options::default(),
            client: ClientOptions::default(),
            identity: None,
        }
    }

    /// Sets the options. Credentials are sent if there are any, whoever the callback is made on behalf of.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Sets the payload. One that breaks the callback's schema is sent, and may be refused.
    pub fn payload(mut self, payload: Value) -> Self {
        self.payload = Some(payload);
        self
    }

    /// Sets the `paging` of a custom callback that pages. One with a cursor may be refused, for only the handler knows whether it told
    /// that.
    pub fn paging(mut self, paging: Value) -> Self {
        self.paging = Some(paging);
        self
    }

    /// Trusts further authorities, beside the platform's, when the target is https.
    pub fn roots(mut self, roots: Vec<rustls_pki_types::CertificateDer<'static>>) -> Self {
        self.client.roots = roots;
        self
    }

    /// What signs the token. It is needed unless the options have a captured token.
    pub fn identity(mut self, identity: TestIdentity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Sends it and judges the answer.
    ///
    /// # Errors
    /// When it cannot be sent: nothing to sign it with, no client, a change without leave to write.
    pub async fn send(self) -> Result<SingleOutcome, Error> {
        let callback = self.callback;
        let options = self.options;
        if callback.changes_data && !options.write {
            return Err(Error::new(
                ErrorKind::Options,
                format!(
                    "{} changes data, which the options do not allow",
                    callback.name
                ),
            ));
        }
        if options.token.is_none() && self.identity.is_none() {
            return Err(Error::new(
                ErrorKind::Options,
                "a request needs a way to be signed: a test identity, or a captured token",
            ));
        }
        let client = ClientOptions {
            timeout: options.timeout,
            ..self.client
        };
        let client = Client::new(self.target.clone(), client)
            .map_err(|error| Error::new(ErrorKind::Setup, error.to_string()))?;
        let (signer, idp) = identity::signing(self.identity, &options);
        let mask = Mask::new(options.reveal, &options.credentials);
        let session = Arc::new(Session::new(options, self.target, signer, idp.is_some()));
        let (draft, violations) = draft(&session, callback, self.payload, self.paging);
        let courier = Courier::new(session.clone(), client, &mask);
        let exchange = carry(&courier, &session, draft).await?;
        let keys = idp.map(|idp| (idp.jwks_url(), idp.fetches().count > 0));
        Ok(outcome(&session, &mask, exchange, violations, keys))
    }
}

/// The request, and how it breaks the schema.
fn draft(
    session: &Session,
    callback: &'static Callback,
    payload: Option<Value>,
    paging: Option<Value>,
) -> (Draft, Vec<Violation>) {
    let mut call = session.case_control(callback, "single", 0);
    let mut template = session.template(callback);
    if let Some(payload) = payload {
        template.payload = Some(payload);
    }
    let mut body = template.envelope(&call.request_id);
    if let Some(paging) = paging {
        body["paging"] = paging;
    }
    call.body = Bytes::from(body.to_string());
    call.auth = session.options.credentials.as_ref().map(encode_credentials);
    let violations = callback.request_schema.violations(&body);
    let expect = match (violations.is_empty(), callback.custom) {
        (true, None) => Expect::Accept,
        (true, Some(_)) => Expect::Declared,
        (false, _) => Expect::FREE,
    };
    (Draft::new(callback.name, call, expect), violations)
}

/// Sends it, and judges a refusal that may be right as one.
async fn carry(courier: &Courier, session: &Session, draft: Draft) -> Result<Exchange, Error> {
    let about = match draft.expect.is_right() {
        true => SUCCESS,
        false => ODD_INPUT,
    };
    let carried = courier.clone().carry(about, draft, Instant::now()).await;
    let exchange = carried.map_err(|stop| match stop {
        Stop::Fault(reason) => Error::new(ErrorKind::Setup, reason),
        other => Error::new(ErrorKind::Setup, format!("{other:?}")),
    })?;
    if !asks_by_cursor(&exchange) && !may_be_refused(session, &exchange) {
        return Ok(exchange);
    }
    Ok(courier.judged_as_refusal(NOTHING, exchange))
}

/// Whether a request was refused that has a cursor, which the handler need not know.
fn asks_by_cursor(exchange: &Exchange) -> bool {
    let refused = matches!(
        exchange.judgement.disposition,
        Disposition::Refused(400..=499)
    );
    let body = exchange.draft.call.json().unwrap_or_default();
    let has = |cursor| body.pointer(cursor).is_some();
    refused && (has("/paging/after") || has("/paging/before"))
}

/// Whether a right request was refused, and what the handler remembers may be the reason.
fn may_be_refused(session: &Session, exchange: &Exchange) -> bool {
    let callback = exchange.draft.call.callback;
    let refused = matches!(
        exchange.judgement.disposition,
        Disposition::Refused(400..=499)
    );
    let depends = callback.changes_data
        // A partner that is not enabled may be unknown, but for the callback that asks whether it is.
        || (session.options.enablement.identity(callback) == CallbackIdentity::ContextTenant
            && callback.family != Family::PartnerMirroring);
    refused && depends && exchange.draft.expect == Expect::Accept
}

fn outcome(
    session: &Session,
    mask: &Mask,
    exchange: Exchange,
    violations: Vec<Violation>,
    keys: Option<(String, bool)>,
) -> SingleOutcome {
    let place = session.place();
    let mask = mask.and_value(exchange.message.header(AUTH_HEADER).unwrap_or_default());
    let taken = match exchange.judgement.disposition {
        Disposition::Accepted(_) => Taken::Accepted,
        Disposition::Refused(_)
            if exchange.about == NOTHING || exchange.draft.expect == Expect::Declared =>
        {
            Taken::RefusedForAReason
        }
        Disposition::Refused(_) => Taken::Refused,
        Disposition::Slower => Taken::Slower,
        Disposition::NoAnswer(TransportErrorKind::Connect) => Taken::Unreachable,
        _ => Taken::Otherwise,
    };
    let found = exchange.judgement.findings.iter().map(|finding| {
        let wrong = finding.defect.as_ref();
        (
            finding.id,
            wrong.map(|wrong| (wrong.expected.clone(), wrong.observed.clone())),
        )
    });
    let mut shown: Vec<Shown> = found
        .chain(tls(&exchange.observation))
        .filter_map(|(id, wrong)| {
            Some(Shown {
                requirement: register::find(id)?,
                wrong: wrong
                    .map(|(expected, observed)| (mask.text(&expected), mask.text(&observed))),
            })
        })
        .collect();
    shown.sort_by_key(|one| (one.requirement.area(), one.requirement.id));
    SingleOutcome {
        request: evidence::request(&exchange.message, place, &mask),
        response: evidence::response(&exchange.observation, &mask),
        took: exchange.observation.total,
        taken,
        violations,
        shown,
        keys,
    }
}

/// What TLS agreed on.
pub(crate) fn tls(observation: &Observation) -> Vec<(&'static str, Option<(String, String)>)> {
    let Some(facts) = &observation.tls else {
        return Vec::new();
    };
    let version =
        (facts.version != "TLSv1.3").then(|| ("TLSv1.3".to_owned(), facts.version.clone()));
    let certificate = facts
        .certificate_error
        .clone()
        .map(|error| ("a trusted certificate for the host".to_owned(), error));
    vec![("TLS-01", version), ("TLS-02", certificate)]
}
