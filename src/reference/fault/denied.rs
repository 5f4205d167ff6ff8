//! Faults in what becomes of requests without the right token or credentials: too late a check, or none.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::{Fault, Flaws};
use crate::protocol::headers::AUTH_HEADER;
use crate::protocol::payload::EnablementWrite;
use crate::protocol::{CallbackIdentity, Enablement, Request};
use crate::reference::answer::{Refusal, Subject};
use crate::reference::callbacks::{self, Call};
use crate::reference::store::{self, PARTNERS, Partner, PartnerId, Store, canonical};
use crate::reference::token::Denial;

impl Flaws {
    /// Whether a partner is disabled whatever is wrong with the token that is refused.
    pub(super) fn resets_in_spite_of(&self, request: &Request, refusal: &Refusal) -> bool {
        let callback = request.context.callback_id.as_str();
        let overlooked = if refusal.message == Refusal::from(Denial::Expired).message {
            self.has(Fault::ResetWithExpiredToken)
        } else if refusal.message == Refusal::from(Denial::Issuer).message {
            self.has(Fault::ResetForAnyIssuer)
        } else {
            refusal.status == StatusCode::FORBIDDEN && self.has(Fault::ResetForAnyApp)
        };
        overlooked && RESETS.iter().any(|name| callback.contains(name))
    }

    /// The partner whose credentials were found right, or one that a faulty handler serves though they are wrong.
    pub fn admit(
        &self,
        request: &Request,
        headers: &HeaderMap,
        checked: Result<&'static Partner, Refusal>,
    ) -> Result<&'static Partner, Refusal> {
        if self.faults.is_empty() {
            return checked;
        }
        let identity = identity(headers);
        let known = identity.as_deref().and_then(store::by_identity);
        let payload = request.payload.clone().unwrap_or_default();
        let wanted = serde_json::from_value::<EnablementWrite>(payload.clone().into());
        let as_before = if self.has(Fault::AnsweredUnchecked) {
            Some(request.request_id.to_string())
        } else if self.has(Fault::EnabledAgainUnchecked) && wanted.is_ok() {
            Some(format!("{payload:?}"))
        } else {
            None
        };
        let refusal = match checked {
            Ok(partner) => {
                self.memory().admitted.extend(as_before);
                return Ok(partner);
            }
            Err(refusal) => refusal,
        };
        let is_known = |before| self.memory().admitted.contains(&before);
        if let (true, Some(partner)) = (as_before.is_some_and(is_known), known) {
            return Ok(partner);
        }
        let Ok(wanted) = wanted else {
            return Err(refusal);
        };
        let unchecked = known.filter(|_| self.has(Fault::PasswordUncheckedAtEnable));
        let unknown = identity.is_some() && known.is_none() && self.has(Fault::UnknownUserEnables);
        let named = PARTNERS
            .iter()
            .find(|partner| unknown && partner.vendor_tenant_id == wanted.vendor_tenant_id);
        unchecked.or(named).ok_or(refusal)
    }

    /// Does what was asked though it is refused: a faulty handler did it before it looked at what it refuses.
    pub async fn on_refused(
        &self,
        parts: &Parts,
        body: &[u8],
        refusal: &Refusal,
        enablement: Enablement,
        store: &Store,
    ) {
        if self.faults.is_empty() {
            return;
        }
        let Ok(request) = serde_json::from_slice::<Request>(body) else {
            return;
        };
        let Ok(served) = callbacks::find(&request, enablement, self) else {
            return;
        };
        let callback = served.callback;
        let done = TOO_EARLY.iter().any(|(fault, subject, names)| {
            self.has(*fault) && *subject == refusal.subject && names.contains(&callback.name)
        });
        let before_scope = refusal.subject == Subject::Token
            && refusal.status == StatusCode::FORBIDDEN
            && self.has(Fault::EnablementBeforeScope)
            && ENABLEMENT.contains(&callback.name);
        let partner = match enablement.identity(callback) {
            CallbackIdentity::Credentials => identity(&parts.headers)
                .and_then(|identity| store::by_identity(&identity))
                .map(|partner| PartnerId::Organisation(partner.vendor_tenant_id)),
            CallbackIdentity::ContextTenant => {
                Some(PartnerId::Tenant(canonical(&request.context.tenant_id)))
            }
        };
        if let Some(partner) = partner.filter(|_| done || before_scope) {
            let call = Call {
                callback,
                partner,
                request: &request,
                flaws: self,
            };
            let _ = served.answer(&call, store).await; // the answer is the refusal
        }
    }
}

/// What is done too early, and before what.
static TOO_EARLY: &[(Fault, Subject, &[&str])] = &[
    (Fault::EnablementBeforeToken, Subject::Token, ENABLEMENT),
    (
        Fault::EnablementBeforeCredentials,
        Subject::Credentials,
        ENABLEMENT,
    ),
    (
        Fault::MappingBeforeToken,
        Subject::Token,
        &["tenant_mapping.write"],
    ),
    (
        Fault::PartnerBeforeToken,
        Subject::Token,
        &["partner.mirroring.enable", "partner.mirroring.reset"],
    ),
    (
        Fault::CustomersBeforeToken,
        Subject::Token,
        &["customer.mirroring.set_state"],
    ),
];

/// What disables a partner.
const RESETS: &[&str] = &["enablement.reset", "partner.mirroring.reset"];
/// Writes about the partner.
const ENABLEMENT: &[&str] = &["enablement.write", "enablement.reset"];

/// The identity of the credentials, whether their secrets are right or not.
fn identity(headers: &HeaderMap) -> Option<String> {
    let decoded = STANDARD.decode(headers.get(AUTH_HEADER)?.as_bytes()).ok()?;
    let end = decoded.iter().position(|byte| *byte == b':')?;
    String::from_utf8(decoded[..end].to_vec()).ok()
}
