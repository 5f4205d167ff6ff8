//! Every callback the suite knows: each fact about one stands here once and everything else reads it.

use super::schema::{self, Schema};

/// How a handler learns on whose behalf a callback is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackIdentity {
    /// By the vendor credentials in `X-CyberApp-Auth` (mapped flows).
    Credentials,
    /// By `context.tenant_id` (mirrored flows).
    ContextTenant,
}

/// The facts about one predefined callback.
#[derive(Debug, Clone, Copy)]
pub struct Callback {
    /// `context.callback_id`, a CTI.
    pub id: &'static str,
    /// The name people use, for example `tenant_mapping.read`.
    pub name: &'static str,
    /// The request's `type`, a CTI.
    pub request_type: &'static str,
    /// The successful response's `type`, a CTI.
    pub response_type: &'static str,
    /// The whole request: envelope and payload composed.
    pub request_schema: Schema,
    /// The whole successful response: envelope and payload composed.
    pub response_schema: Schema,
    /// A payload that every handler must take, as JSON text; `None` where the payload is absent.
    pub request_payload: Option<&'static str>,
    /// Whether a successful answer carries a payload.
    pub response_payload: bool,
    /// On whose behalf it is made.
    pub identity: CallbackIdentity,
    /// Whether it changes the handler's data.
    pub changes_data: bool,
    /// What it does, in one sentence.
    pub effect: &'static str,
    /// The documentation page, a path below developer.acronis.com.
    pub page: &'static str,
}

/// Reads which of the partner's customers are mapped.
pub const TENANT_MAPPING_READ: Callback = Callback {
    id: "cti.a.p.acgw.callback.v1.0~a.p.tenant_mapping.read.v1.0",
    name: "tenant_mapping.read",
    request_type: "cti.a.p.acgw.request.v1.0~a.p.empty.v1.0",
    response_type: "cti.a.p.acgw.response.v1.0~a.p.tenant_mapping.read.ok.v1.0",
    request_schema: schema::TENANT_MAPPING_READ_REQUEST,
    response_schema: schema::TENANT_MAPPING_READ_RESPONSE,
    request_payload: None,
    response_payload: true,
    identity: CallbackIdentity::Credentials,
    changes_data: false,
    effect: "Lists the partner's customer organisations, with the Acronis customer tenant id where mapped.",
    page: "callback-handler/enablement/mapping/enable-customer/reading-customer-mapping",
};

/// Reads the partner's customers.
pub const TOPOLOGY_READ: Callback = Callback {
    id: "cti.a.p.acgw.callback.v1.0~a.p.topology.read.v1.0",
    name: "topology.read",
    request_type: "cti.a.p.acgw.request.v1.0~a.p.topology.read.v1.0",
    response_type: "cti.a.p.acgw.response.v1.0~a.p.topology.read.ok.v1.0",
    request_schema: schema::TOPOLOGY_READ_REQUEST,
    response_schema: schema::TOPOLOGY_READ_RESPONSE,
    request_payload: Some("{}"),
    response_payload: true,
    identity: CallbackIdentity::Credentials,
    changes_data: false,
    effect: "Lists the partner's customers.",
    page: "callback-handler/enablement/index",
};

/// Every callback, in the order in which the gateway meets them.
pub static CATALOG: &[Callback] = &[TOPOLOGY_READ, TENANT_MAPPING_READ];

/// Documented identifiers that have no entry in [`CATALOG`] yet: those of callbacks, and of their successful responses.
///
/// They are known to be right, but their payloads are not checked.
pub static WITHOUT_ENTRY: &[&str] = &[
    "cti.a.p.acgw.callback.v1.0~a.p.enablement.read.v1.0",
    "cti.a.p.acgw.callback.v1.0~a.p.enablement.reset.v1.0",
    "cti.a.p.acgw.callback.v1.0~a.p.enablement.write.v1.0",
    "cti.a.p.acgw.callback.v1.0~a.p.tenant_mapping.write.v1.0",
    "cti.a.p.acgw.callback.v2.0~a.p.customer.mirroring.get_state.v1.0",
    "cti.a.p.acgw.callback.v2.0~a.p.customer.mirroring.set_state.v1.0",
    "cti.a.p.acgw.callback.v2.0~a.p.partner.mirroring.enable.v1.0",
    "cti.a.p.acgw.callback.v2.0~a.p.partner.mirroring.get_state.v1.0",
    "cti.a.p.acgw.callback.v2.0~a.p.partner.mirroring.reset.v1.0",
    "cti.a.p.acgw.response.v1.0~a.p.enablement.read.ok.v1.0",
    "cti.a.p.acgw.response.v1.0~a.p.success_no_content.v1.0",
    "cti.a.p.acgw.response.v1.1~a.p.customer.mirroring.get_state.ok.v1.0",
    "cti.a.p.acgw.response.v1.1~a.p.customer.mirroring.set_state.ok.v1.0",
    "cti.a.p.acgw.response.v1.1~a.p.partner.mirroring.enable.ok.v1.0",
    "cti.a.p.acgw.response.v1.1~a.p.partner.mirroring.get_state.ok.v1.0",
    "cti.a.p.acgw.response.v1.1~a.p.partner.mirroring.reset.ok.v1.0",
];

/// The callback with this `context.callback_id`.
///
/// ```
/// use acgw_conformance::protocol::catalog;
///
/// let callback = catalog::by_id("cti.a.p.acgw.callback.v1.0~a.p.topology.read.v1.0");
/// assert_eq!(callback.map(|callback| callback.name), Some("topology.read"));
/// ```
pub fn by_id(id: &str) -> Option<&'static Callback> {
    CATALOG.iter().find(|callback| callback.id == id)
}

/// The first callback whose successful response has this `type`.
pub fn by_response_type(response_type: &str) -> Option<&'static Callback> {
    CATALOG
        .iter()
        .find(|callback| callback.response_type == response_type)
}

/// The callback with this name, for example `tenant_mapping.read`.
pub fn by_name(name: &str) -> Option<&'static Callback> {
    CATALOG.iter().find(|callback| callback.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Cti;

    #[test]
    fn what_has_no_entry_is_a_cti_and_has_none() {
        for text in WITHOUT_ENTRY {
            assert!(Cti::parse(text).is_ok(), "{text}");
            assert!(
                by_id(text).is_none() && by_response_type(text).is_none(),
                "{text}"
            );
        }
        assert!(WITHOUT_ENTRY.is_sorted());
    }

    #[test]
    fn every_callback_is_found_by_what_names_it() {
        for callback in CATALOG {
            assert_eq!(
                by_id(callback.id).map(|found| found.name),
                Some(callback.name)
            );
            assert_eq!(
                by_name(callback.name).map(|found| found.id),
                Some(callback.id)
            );
            assert_eq!(
                by_response_type(callback.response_type).map(|found| found.id),
                Some(callback.id)
            );
        }
        assert!(by_id("cti.a.p.acgw.callback.v1.0").is_none());
        assert!(by_name("tenant_mapping").is_none());
    }

    #[test]
    fn every_identifier_is_a_cti_of_its_kind() {
        for callback in CATALOG {
            for (id, base) in [
                (callback.id, "cti.a.p.acgw.callback.v1.0"),
                (callback.request_type, "cti.a.p.acgw.request.v1.0"),
                (callback.response_type, "cti.a.p.acgw.response.v1.0"),
            ] {
                let id = Cti::parse(id).expect("a valid CTI");
                assert!(
                    id.is_a(&Cti::parse(base).expect("a valid CTI")),
                    "{id} is not a {base}"
                );
            }
        }
    }
}
