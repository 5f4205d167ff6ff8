//! What a run knows: the options, the templates of right requests, and the means to sign them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use bytes::Bytes;
use serde_json::Value;

use super::call::{Authorization, Call, Place, Spelling};
use super::check::Need;
use super::customs::Customs;
use super::options::Options;
use super::signer::Signer;
use crate::gateway::Target;
use crate::generate::seed;
use crate::generate::template::Template;
use crate::protocol::catalog::{PARTNER_MIRRORING_GET_STATE, TENANT_MAPPING_READ};
use crate::protocol::text::is_uuid;
use crate::protocol::{Callback, CallbackIdentity, Credentials, EnablementMethod, Family, schema};

/// The endpoint of the control where the user names none.
const DEFAULT_ENDPOINT: &str = "cti.a.p.acgw.endpoint.v1.0~acgw.conformance.endpoint.v1.0";
/// The tenant of the control where the user names none.
const DEFAULT_TENANT: &str = "5c9f2d4e-7a31-4b86-9d0f-3e8a6b1c2d47";
/// `Content-Type` of every request.
pub(crate) const MEDIA_TYPE: &str = "application/json";

/// What the state of the handler asks of requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bench {
    /// `context.tenant_id`, where the handler told for which tenant the partner is enabled.
    pub tenant: Option<String>,
    /// Payloads of writes that change nothing.
    pub payloads: HashMap<&'static str, Value>,
}

/// The parts of a callback's control, made once: thousands of cases begin with it.
struct Prepared {
    /// The body before the request id, and behind it.
    body: (String, String),
    auth: Option<Vec<u8>>,
    extra: Vec<u8>,
}

/// Stands for the request id in a body; nothing else of a request reads so.
const PLACE: &str = "acgw-request-id-5d0c1f7a-here";

/// What a run knows.
pub(crate) struct Session {
    /// What the run was told.
    pub options: Options,
    /// Where the requests go.
    pub target: Target,
    signer: Option<Signer>,
    has_identity_provider: bool,
    endpoint: String,
    tenant: String,
    bench: RwLock<Bench>,
    customs: Customs,
    /// By the callback's name; what the bench changes, changes these.
    prepared: RwLock<HashMap<&'static str, Arc<Prepared>>>,
    datacenter: String,
    place: Place,
    one_request_id: Option<String>,
    /// Whether the handler serves no other endpoint than the control's.
    serves_one_endpoint: AtomicBool,
    /// Why the run does without the second partner, if it does.
    without_other: OnceLock<&'static str>,
}

impl Session {
    /// A session; `signer` is absent when a captured token is sent.
    pub fn new(options: Options, target: Target, signer: Option<Signer>, has_idp: bool) -> Self {
        let place = Place {
            authority: target.authority().to_owned(),
            path: target.path_and_query().to_owned(),
        };
        Self {
            endpoint: endpoint(&options),
            tenant: options
                .tenant_id
                .as_ref()
                .map_or_else(|| DEFAULT_TENANT.to_owned(), |id| id.as_str().to_owned()),
            customs: Customs::new(&options),
            bench: RwLock::default(),
            prepared: RwLock::default(),
            datacenter: options
                .datacenter_url
                .as_ref()
                .map_or_else(|| options.issuer.clone(), |url| url.as_str().to_owned()),
            options,
            target,
            signer,
            has_identity_provider: has_idp,
            place,
            one_request_id: None,
            serves_one_endpoint: AtomicBool::new(false),
            without_other: OnceLock::new(),
        }
    }

    /// The same with one request id for all cases, so that a case differs from its control in nothing else than what it is
    /// about: for requests that are written down rather than sent.
    pub fn with_one_request_id(self, id: &str) -> Self {
        Self {
            one_request_id: Some(id.to_owned()),
            ..self
        }
    }

    /// The custom callbacks.
    pub fn customs(&self) -> &Customs {
        &self.customs
    }

    /// Learns that a custom callback with this payload is answered with success.
    pub fn accept_custom(&self, callback: &'static Callback, payload: Option<Value>) {
        self.customs.accept(callback, payload);
        self.forget_prepared();
    }

    /// Whether the tenant of the control is one that the handler may be expected to know.
    pub fn knows_tenant(&self) -> bool {
        self.bench().tenant.is_some() || self.options.tenant_id.is_some()
    }

    /// The callback on which the general requirements are checked.
    pub fn main_callback(&self) -> &'static Callback {
        let enablement = self.options.enablement;
        let mut reads = enablement.callbacks().filter(|one| !one.changes_data);
        let own = || {
            let mut all = self.customs.all().iter().map(|own| own.callback);
            all.find(|callback| !callback.changes_data)
        };
        match enablement.partner() {
            // What the partner's mapping is, whatever the state of the partner.
            EnablementMethod::Mapped if enablement.has(Family::Mapping) => &TENANT_MAPPING_READ,
            EnablementMethod::Mirrored => &PARTNER_MIRRORING_GET_STATE,
            _ => reads.next().or_else(own).unwrap_or(&TENANT_MAPPING_READ),
        }
    }

    /// Whether there is such a callback: where no predefined one belongs to the enablement methods, it is a custom one that changes
    /// nothing.
    pub fn has_main_callback(&self) -> bool {
        let main = self.main_callback();
        main.custom.is_some() || self.options.enablement.has(main.family)
    }

    /// Most enumerated cases of a check that are made of this callback. Only the main one gets them all: handlers look at a
    /// request before they look at what it asks. Of the others it is one each, and early: what comes late meets keys and
    /// data that were changed.
    pub fn most_cases(&self, callback: &Callback) -> usize {
        match callback.id == self.main_callback().id {
            true => usize::MAX,
            false => 1,
        }
    }

    /// Signs tokens; absent when a captured token is sent.
    pub fn signer(&self) -> Option<&Signer> {
        self.signer.as_ref()
    }

    /// A right token for this endpoint.
    pub fn token(&self, endpoint: &str) -> String {
        match &self.signer {
            Some(signer) => signer.good(endpoint),
            None => self.options.token.clone().unwrap_or_default(),
        }
    }

    /// What a hand-made request line needs.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether generated cases may name other endpoints than the control's: only while the endpoint is made up, and the handler
    /// is not known to serve that one alone.
    pub fn may_vary_endpoint(&self) -> bool {
        self.options.endpoint_id.is_none()
            && self.signer.is_some()
            && !self.serves_one_endpoint.load(Ordering::Relaxed)
    }

    /// Learns that the handler serves no other endpoint than the control's.
    pub fn keep_to_endpoint(&self) {
        self.serves_one_endpoint.store(true, Ordering::Relaxed);
    }

    /// The second partner's credentials, unless the run does without.
    pub fn other_credentials(&self) -> Option<&Credentials> {
        let given = self.options.other_credentials.as_ref();
        given.filter(|_| self.why_without_other().is_none())
    }

    /// Why the run does without the second partner whose credentials were given, if it does.
    pub fn why_without_other(&self) -> Option<&'static str> {
        self.without_other.get().copied()
    }

    /// From now on the run does without the second partner.
    pub fn do_without_other(&self, reason: &'static str) {
        self.without_other.get_or_init(|| reason);
    }

    /// `context.tenant_id` of the control.
    pub fn tenant(&self) -> String {
        let known = self.bench().tenant.clone();
        known.unwrap_or_else(|| self.tenant.clone())
    }

    /// Sets what the state of the handler asks of requests.
    pub fn set_bench(&self, bench: Bench) {
        *self.bench.write().unwrap_or_else(PoisonError::into_inner) = bench;
        self.forget_prepared();
    }

    /// Learns for which Acronis tenant the partner is enabled: the gateway sends requests of that tenant.
    pub fn learn_tenant(&self, told: &Value) {
        let mut bench = self.bench.write().unwrap_or_else(PoisonError::into_inner);
        let known = bench.tenant.is_some() || self.options.tenant_id.is_some();
        if let Some(told) = told.as_str().filter(|told| is_uuid(told) && !known) {
            bench.tenant = Some(told.to_owned());
        }
        drop(bench);
        self.forget_prepared();
    }

    fn forget_prepared(&self) {
        let prepared = self.prepared.write();
        prepared.unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn prepared(&self, callback: &'static Callback) -> Arc<Prepared> {
        let known = self.prepared.read();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        if let Some(prepared) = known.get(callback.name) {
            return prepared.clone();
        }
        drop(known);
        let known = self.prepared.write();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        let text = self.template(callback).envelope(PLACE).to_string();
        let (before, after) = text.split_once(PLACE).unwrap_or((&text, ""));
        let prepared = Arc::new(Prepared {
            body: (before.to_owned(), after.to_owned()),
            // Whether it is absent where the tenant says who it is, is not documented; then it is sent only where the user
            // gives it.
            auth: self.options.credentials.as_ref().map(encode_credentials),
            extra: self.options.extra.encode().into_bytes(),
        });
        known.insert(callback.name, prepared.clone());
        prepared
    }

    /// Learns that the partner of the user's own tenant is enabled.
    pub fn learn_enabled(&self) {
        if let Some(tenant) = &self.options.tenant_id {
            let mut bench = self.bench.write().unwrap_or_else(PoisonError::into_inner);
            bench.tenant = Some(tenant.as_str().to_owned());
        }
    }

    fn bench(&self) -> RwLockReadGuard<'_, Bench> {
        self.bench.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the control of this callback may be sent at any time: it reads, or it writes what is there already.
    pub fn is_repeatable(&self, callback: &Callback) -> bool {
        !callback.changes_data
            || (self.options.write && self.bench().payloads.contains_key(callback.name))
    }

    /// Whether a right handler accepts the control of this reading callback, whatever its state.
    pub fn is_certain(&self, callback: &Callback) -> bool {
        match self.options.enablement.identity(callback) {
            CallbackIdentity::Credentials => true,
            // What is answered for a partner that is not enabled is not documented.
            CallbackIdentity::ContextTenant => {
                callback.family == Family::PartnerMirroring || self.bench().tenant.is_some()
            }
        }
    }

    /// The template of the callback's requests.
    pub fn template(&self, callback: &'static Callback) -> Template {
        Template {
            callback,
            endpoint_id: self.endpoint.clone(),
            tenant_id: self.tenant(),
            datacenter_url: self.datacenter.clone(),
            payload: match callback.custom {
                Some(_) => self.customs.payload(callback),
                None => self.bench().payloads.get(callback.name).cloned(),
            },
        }
    }

    /// The request that a right handler accepts.
    pub fn control(&self, callback: &'static Callback, request_id: &str) -> Call {
        let prepared = self.prepared(callback);
        let (before, after) = &prepared.body;
        let quoted = Value::from(request_id).to_string();
        let id = &quoted[1..quoted.len() - 1];
        Call {
            callback,
            request_id: request_id.to_owned(),
            method: "POST".to_owned(),
            content_type: Some(MEDIA_TYPE.as_bytes().to_vec()),
            authorization: Authorization::Good(self.endpoint.clone()),
            auth: prepared.auth.clone(),
            extra: Some(prepared.extra.clone()),
            spelling: Spelling::Documented,
            body: Bytes::from([before, id, after].concat()),
            recorded: None,
            framing: None,
        }
    }

    /// The control of a case, with the request id of that case.
    pub fn case_control(&self, callback: &'static Callback, check: &str, number: u64) -> Call {
        self.control(callback, &self.request_id(callback, check, number))
    }

    /// The request id of a case: the same in every run with this seed, and each callback has its own. A handler may answer an id
    /// that it has seen as it did before.
    pub fn request_id(&self, callback: &Callback, check: &str, number: u64) -> String {
        match &self.one_request_id {
            Some(id) => id.clone(),
            None => self.made_up_id(&format!("{check} {}", callback.name), number),
        }
    }

    /// A UUID for a case: the same in every run with this seed.
    pub fn made_up_id(&self, check: &str, number: u64) -> String {
        let bytes = seed::case_seed(self.options.seed, &format!("{check} request_id"), number);
        let mut id = [0; 16];
        id.copy_from_slice(&bytes[..16]);
        uuid::Builder::from_random_bytes(id).into_uuid().to_string()
    }

    /// Whether a callback tells its partner by vendor credentials.
    fn uses_credentials(&self) -> bool {
        let enablement = self.options.enablement;
        enablement
            .callbacks()
            .any(|callback| enablement.identity(callback) == CallbackIdentity::Credentials)
    }

    /// Why a need is not met, as a reader would like to know it; `None` when it is met.
    pub fn unmet(&self, need: Need) -> Option<&'static str> {
        let options = &self.options;
        let of_two = [Need::OtherCredentials, Need::OtherPartner];
        if let Some(reason) = self.why_without_other().filter(|_| of_two.contains(&need)) {
            return Some(reason);
        }
        let (met, reason) = match need {
            Need::Signing => (
                self.signer.is_some(),
                "needs tokens of the suite's own making; this run sends the captured one of --token",
            ),
            Need::IdentityProvider => (
                self.has_identity_provider,
                "needs the test identity provider, which this run does without",
            ),
            Need::Credentials => (
                options.credentials.is_some() && self.uses_credentials(),
                match self.uses_credentials() {
                    true => "needs vendor credentials: --identity and --secrets",
                    false => {
                        "no callback of these enablement methods is made with vendor credentials"
                    }
                },
            ),
            // They are sent with custom callbacks wherever they are given.
            Need::SentCredentials if options.credentials.is_some() => (
                self.uses_credentials() || !self.customs.all().is_empty(),
                "no callback of these enablement methods is made with vendor credentials",
            ),
            Need::SentCredentials => return self.unmet(Need::Credentials),
            Need::OtherCredentials => (
                options.other_credentials.is_some()
                    && options.credentials.is_some()
                    && self.uses_credentials(),
                "needs a second partner: --other-identity and --other-secrets",
            ),
            Need::OtherPartner => (
                options.other_credentials.is_some()
                    || options.enablement.partner() != EnablementMethod::Mapped,
                "needs a second partner: --other-identity and --other-secrets",
            ),
            Need::SecondPartner if options.enablement.partner() == EnablementMethod::Mapped => {
                return self.unmet(Need::OtherCredentials);
            }
            Need::SecondPartner => (
                options.other_tenant_id.is_some() || options.write,
                "needs a second partner: --other-tenant-id, or --write, which enables one for the run",
            ),
            Need::Customers => (
                options.enablement.customer() != EnablementMethod::Explicit,
                "no callback of these enablement methods is about customers",
            ),
            Need::Write => (
                options.write,
                "changes data, which this run may not: --write",
            ),
            Need::Custom => (
                !self.customs.all().is_empty(),
                "no custom callback is declared: [[callback]] in acgw.toml",
            ),
            Need::Family(family) => (
                options.enablement.has(family),
                "not part of these enablement methods: --partner and --customer",
            ),
            Need::Tls => (self.target.is_tls(), "the target is not https"),
            Need::Concurrency => (
                options.concurrency > 1,
                "needs more than one request at a time: --concurrency",
            ),
        };
        (!met).then_some(reason)
    }

    /// How a request that is sent as right breaks the schemas; empty when it is right indeed.
    pub fn self_accusation(&self, call: &Call) -> Vec<String> {
        let mut wrong = Vec::new();
        match serde_json::from_slice::<Value>(&call.body) {
            Err(error) => wrong.push(format!("the body is not JSON: {error}")),
            Ok(body) => {
                wrong.extend(
                    call.callback
                        .request_schema
                        .violations(&body)
                        .iter()
                        .map(ToString::to_string),
                );
            }
        }
        if let Some(auth) = &call.auth {
            let text = String::from_utf8_lossy(auth);
            match Credentials::decode(&text) {
                Err(error) => wrong.push(format!("X-CyberApp-Auth: {error}")),
                Ok(credentials) => wrong.extend(
                    schema::AUTH_SECRETS
                        .violations(credentials.secrets())
                        .iter()
                        .map(|violation| format!("X-CyberApp-Auth: {}", violation.schema_path)),
                ),
            }
        }
        if let Some(extra) = &call.extra
            && let Err(error) = crate::protocol::Extra::decode(&String::from_utf8_lossy(extra))
        {
            wrong.push(format!("X-CyberApp-Extra: {error}"));
        }
        wrong
    }
}

/// `context.endpoint_id` of the control.
pub(crate) fn endpoint(options: &Options) -> String {
    options
        .endpoint_id
        .as_ref()
        .map_or_else(|| DEFAULT_ENDPOINT.to_owned(), |id| id.as_str().to_owned())
}

/// The header value of credentials.
pub(crate) fn encode_credentials(credentials: &Credentials) -> Vec<u8> {
    credentials.encode().into_bytes()
}
