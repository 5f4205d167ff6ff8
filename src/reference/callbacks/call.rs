//! A request on its way to the callback that answers it, and what callbacks refuse.

use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::answer::{Refusal, Subject};
use super::super::fault::Flaws;
use super::super::store::{PartnerId, canonical};
use crate::protocol::text::UuidText;
use crate::protocol::{Callback, Request};

/// A request that has been let in.
pub(in super::super) struct Call<'a> {
    /// What is asked for.
    pub callback: &'static Callback,
    /// On whose behalf.
    pub partner: PartnerId,
    /// The request.
    pub request: &'a Request,
    /// What the handler does wrong.
    pub flaws: &'a Flaws,
}

impl Call<'_> {
    /// What came with the request; nothing in it is optional but what the documentation says is.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let payload = self.request.payload.clone().unwrap_or_default();
        let payload = self.flaws.reread_payload(self, payload)?;
        serde_json::from_value(Value::Object(payload))
            .map_err(|_| Refusal::malformed("the payload is not that of the callback"))
    }

    /// The Acronis tenant that the request is about.
    pub fn tenant(&self) -> UuidText {
        canonical(&self.request.context.tenant_id)
    }
}

/// 403: this is not the caller's to do.
pub(super) fn forbidden(message: &str) -> Refusal {
    Refusal::new(Subject::Data, StatusCode::FORBIDDEN, message)
}

/// 409: the data is in a state in which this cannot be done.
pub(in super::super) fn conflict(message: &str) -> Refusal {
    Refusal::new(Subject::Data, StatusCode::CONFLICT, message)
}

/// Refuses to change the customers of a partner that is not enabled.
pub(super) fn not_enabled() -> Refusal {
    conflict("the partner is not enabled")
}
