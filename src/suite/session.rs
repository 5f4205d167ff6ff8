//! What a run knows: the options, the templates of right requests, and the means to sign them.

use bytes::Bytes;
use serde_json::Value;

use super::call::{Authorization, Call, Place, Spelling};
use super::check::Need;
use super::options::Options;
use super::signer::Signer;
use crate::gateway::Target;
use crate::generate::seed;
use crate::generate::template::Template;
use crate::protocol::catalog::TENANT_MAPPING_READ;
use crate::protocol::{Callback, CallbackIdentity, Credentials, EnablementMethod, Family, schema};

/// The endpoint of the control where the user names none.
const DEFAULT_ENDPOINT: &str = "cti.a.p.acgw.endpoint.v1.0~acgw.conformance.endpoint.v1.0";
/// The tenant of the control where the user names none.
const DEFAULT_TENANT: &str = "5c9f2d4e-7a31-4b86-9d0f-3e8a6b1c2d47";
/// `Content-Type` of every request.
pub(crate) const MEDIA_TYPE: &str = "application/json";

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
    datacenter: String,
    place: Place,
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
            datacenter: options
                .datacenter_url
                .as_ref()
                .map_or_else(|| options.issuer.clone(), |url| url.as_str().to_owned()),
            options,
            target,
            signer,
            has_identity_provider: has_idp,
            place,
        }
    }

    /// The callback on which the general requirements are checked.
    pub fn main_callback(&self) -> &'static Callback {
        let enablement = self.options.enablement;
        let mut reads = enablement.callbacks().filter(|one| !one.changes_data);
        match enablement.partner() {
            // What the partner's mapping is, whatever the state of the partner.
            EnablementMethod::Mapped if enablement.has(Family::Mapping) => &TENANT_MAPPING_READ,
            _ => reads.next().unwrap_or(&TENANT_MAPPING_READ),
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

    /// Whether generated cases may name other endpoints than the control's: only while the endpoint is made up, and so
    /// cannot be one that the handler knows.
    pub fn may_vary_endpoint(&self) -> bool {
        self.options.endpoint_id.is_none() && self.signer.is_some()
    }

    /// The template of the callback's requests.
    pub fn template(&self, callback: &'static Callback) -> Template {
        Template {
            callback,
            endpoint_id: self.endpoint.clone(),
            tenant_id: self.tenant.clone(),
            datacenter_url: self.datacenter.clone(),
            payload: None,
        }
    }

    /// The request that a right handler accepts.
    pub fn control(&self, callback: &'static Callback, request_id: &str) -> Call {
        let body = self.template(callback).envelope(request_id);
        Call {
            callback,
            request_id: request_id.to_owned(),
            method: "POST".to_owned(),
            content_type: Some(MEDIA_TYPE.as_bytes().to_vec()),
            authorization: Authorization::Good(self.endpoint.clone()),
            auth: match self.options.enablement.identity(callback) {
                CallbackIdentity::Credentials => {
                    self.options.credentials.as_ref().map(encode_credentials)
                }
                CallbackIdentity::ContextTenant => None,
            },
            extra: Some(self.options.extra.encode().into_bytes()),
            spelling: Spelling::Documented,
            body: Bytes::from(body.to_string()),
            framing: None,
        }
    }

    /// The control of a case, with the request id of that case.
    pub fn case_control(&self, callback: &'static Callback, check: &str, number: u64) -> Call {
        self.control(callback, &self.request_id(check, number))
    }

    /// The request id of a case: the same in every run with this seed.
    pub fn request_id(&self, check: &str, number: u64) -> String {
        let bytes = seed::case_seed(self.options.seed, &format!("{check} request_id"), number);
        let mut id = [0; 16];
        id.copy_from_slice(&bytes[..16]);
        uuid::Builder::from_random_bytes(id).into_uuid().to_string()
    }

    /// Why a need is not met, as a reader would like to know it; `None` when it is met.
    pub fn unmet(&self, need: Need) -> Option<&'static str> {
        let options = &self.options;
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
                options.credentials.is_some(),
                "needs vendor credentials: --identity and --secrets",
            ),
            Need::OtherCredentials => (
                options.other_credentials.is_some() && options.credentials.is_some(),
                "needs a second partner: --other-identity and --other-secrets",
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
