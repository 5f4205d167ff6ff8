//! Every callback the suite knows: each fact about one stands here once and everything else reads it.

use super::custom::{Custom, DeclaredResponse};
use super::schema::{self, Schema};

/// Callbacks that belong together: a CyberApp uses all of a family or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// `enablement.*`: mapped partners.
    Enablement,
    /// `topology.read` and `tenant_mapping.*`: mapped customers.
    Mapping,
    /// `partner.mirroring.*`: mirrored partners.
    PartnerMirroring,
    /// `customer.mirroring.*`: mirrored customers.
    CustomerMirroring,
    /// Those that vendors define, whatever the enablement methods.
    Custom,
}

/// The facts about one callback.
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
    /// A payload of the documented form, as JSON text; `None` where it may be absent.
    pub request_payload: Option<&'static str>,
    /// Whether a successful answer carries a payload.
    pub response_payload: bool,
    /// The callbacks that it belongs to.
    pub family: Family,
    /// Whether it changes the handler's data.
    pub changes_data: bool,
    /// What it does, in one sentence.
    pub effect: &'static str,
    /// The documentation page, a path below developer.acronis.com.
    pub page: &'static str,
    /// What a custom callback declares beside; `None` for a predefined one.
    pub custom: Option<&'static Custom>,
}

impl Callback {
    /// The response that is declared for a status, by a custom callback.
    pub fn declared(&self, status: u16) -> Option<&'static DeclaredResponse> {
        let mut responses = self.custom?.responses.iter();
        responses.find(|declared| declared.status == status)
    }

    /// Whether this status says that what was asked for was done: 200, or what a custom callback declares in its place.
    pub fn succeeds_with(&self, status: u16) -> bool {
        match self.custom {
            None => status == 200,
            Some(_) => self
                .declared(status)
                .is_some_and(DeclaredResponse::is_success),
        }
    }

    /// The `type` of an answer with this status.
    pub fn type_of(&self, status: u16) -> &'static str {
        self.declared(status)
            .map_or(self.response_type, |declared| &declared.response_type)
    }
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
    family: Family::Mapping,
    changes_data: false,
    effect: "Lists the partner's customer organisations, with the Acronis customer tenant id where mapped.",
    page: "callback-handler/enablement/mapping/enable-customer/reading-customer-mapping",
    custom: None,
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
    family: Family::Mapping,
    changes_data: false,
    effect: "Lists the partner's customers.",
    page: "callback-handler/enablement/index",
    custom: None,
};

/// Tells which organisation the credentials belong to, and the Acronis partner tenant only if it is enabled.
pub const ENABLEMENT_READ: Callback = Callback {
    id: "cti.a.p.acgw.callback.v1.0~a.p.enablement.read.v1.0",
    name: "enablement.read",
    request_type: "cti.a.p.acgw.request.v1.0~a.p.empty.v1.0",
    response_type: "cti.a.p.acgw.response.v1.0~a.p.enablement.read.ok.v1.0",
    request_schema: schema::ENABLEMENT_READ_REQUEST,
    response_schema: schema::ENABLEMENT_READ_RESPONSE,
    request_payload: None,
    response_payload: true,
    family: Family::Enablement,
    changes_data: false,
    effect: "Tells which organisation the credentials belong to, and the Acronis partner tenant only if it is enabled.",
    page: "callback-handler/enablement/index",
    custom: None,
};

/// Stores that the credentials' organisation is enabled for an Acronis partner tenant.
pub const ENABLEMENT_WRITE: Callback = Callback {
    id: "cti.a.p.acgw.callback.v1.0~a.p.enablement.write.v1.0",
    name: "enablement.write",
    request_type: "cti.a.p.acgw.request.v1.0~a.p.enablement.write.v1.0",
    response_type: "cti.a.p.acgw.response.v1.0~a.p.success_no_content.v1.0",
    request_schema: schema::ENABLEMENT_WRITE_REQUEST,
    response_schema: schema::ENABLEMENT_WRITE_RESPONSE,
    request_payload: Some(
        r#"{"vendor_tenant_id":"org-7","acronis_tenant_id":"7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11"}"#,
    ),
    response_payload: false,
    family: Family::Enablement,
    changes_data: true,
    effect: "Stores that the credentials' organisation is enabled for an Acronis partner tenant.",
    page: "callback-handler/enablement/index",
    custom: None,
};

/// Removes the partner mapping and all its customer mappings.
pub const ENABLEMENT_RESET: Callback = Callback {
    id: "cti.a.p.acgw.callback.v1.0~a.p.enablement.reset.v1.0",
    name: "enablement.reset",
    request_type: "cti.a.p.acgw.request.v1.0~a.p.empty.v1.0",
    response_type: "cti.a.p.acgw.response.v1.0~a.p.success_no_content.v1.0",
    request_schema: schema::ENABLEMENT_RESET_REQUEST,
    response_schema: schema::ENABLEMENT_RESET_RESPONSE,
    request_payload: None,
    response_payload: false,
    family: Family::Enablement,
    changes_data: true,
    effect: "Removes the partner mapping and all its customer mappings.",
    page: "callback-handler/enablement/index",
    custom: None,
};

/// Maps the named customers to Acronis customer tenants or removes their mappings; all others stay as they are.
pub const TENANT_MAPPING_WRITE: Callback = Callback {
    id: "cti.a.p.acgw.callback.v1.0~a.p.tenant_mapping.write.v1.0",
    name: "tenant_mapping.write",
    request_type: "cti.a.p.acgw.request.v1.0~a.p.tenant_mapping.write.v1.0",
    response_type: "cti.a.p.acgw.response.v1.0~a.p.success_no_content.v1.0",
    request_schema: schema::TENANT_MAPPING_WRITE_REQUEST,
    response_schema: schema::TENANT_MAPPING_WRITE_RESPONSE,
    request_payload: Some(
        r#"{"modified":[{"vendor_tenant_id":"org-1","acronis_tenant_id":"0d4a9d1e-5f1b-4c6e-8a63-7b8f0e2c4d5a"},{"vendor_tenant_id":"org-2"}]}"#,
    ),
    response_payload: false,
    family: Family::Mapping,
    changes_data: true,
    effect: "Maps the named customers to Acronis customer tenants or removes their mappings; all others stay as they are.",
    page: "callback-handler/enablement/index",
    custom: None,
};

/// Tells whether the partner tenant of the context is enabled.
pub const PARTNER_MIRRORING_GET_STATE: Callback = Callback {
    id: "cti.a.p.acgw.callback.v2.0~a.p.partner.mirroring.get_state.v1.0",
    name: "partner.mirroring.get_state",
    request_type: "cti.a.p.acgw.request.v1.1~a.p.partner.mirroring.get_state.v1.0",
    response_type: "cti.a.p.acgw.response.v1.1~a.p.partner.mirroring.get_state.ok.v1.0",
    request_schema: schema::PARTNER_MIRRORING_GET_STATE_REQUEST,
    response_schema: schema::PARTNER_MIRRORING_GET_STATE_RESPONSE,
    request_payload: None,
    response_payload: true,
    family: Family::PartnerMirroring,
    changes_data: false,
    effect: "Tells whether the partner tenant of the context is enabled.",
    page: "callback-handler/enablement/index",
    custom: None,
};

/// Creates or updates the record for the partner tenant of the context, and enables it.
pub const PARTNER_MIRRORING_ENABLE: Callback = Callback {
    id: "cti.a.p.acgw.callback.v2.0~a.p.partner.mirroring.enable.v1.0",
    name: "partner.mirroring.enable",
    request_type: "cti.a.p.acgw.request.v1.1~a.p.partner.mirroring.enable.v1.0",
    response_type: "cti.a.p.acgw.response.v1.1~a.p.partner.mirroring.enable.ok.v1.0",
    request_schema: schema::PARTNER_MIRRORING_ENABLE_REQUEST,
    response_schema: schema::PARTNER_MIRRORING_ENABLE_RESPONSE,
    request_payload: Some(
        r#"{"acronis_tenant_id":"7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11","acronis_tenant_name":"Anchor MSP"}"#,
    ),
    response_payload: true,
    family: Family::PartnerMirroring,
    changes_data: true,
    effect: "Creates or updates the record for the partner tenant of the context, and enables it.",
    page: "callback-handler/enablement/index",
    custom: None,
};

/// Disables the partner tenant of the context and all its customers.
pub const PARTNER_MIRRORING_RESET: Callback = Callback {
    id: "cti.a.p.acgw.callback.v2.0~a.p.partner.mirroring.reset.v1.0",
    name: "partner.mirroring.reset",
    request_type: "cti.a.p.acgw.request.v1.1~a.p.partner.mirroring.reset.v1.0",
    response_type: "cti.a.p.acgw.response.v1.1~a.p.partner.mirroring.reset.ok.v1.0",
    request_schema: schema::PARTNER_MIRRORING_RESET_REQUEST,
    response_schema: schema::PARTNER_MIRRORING_RESET_RESPONSE,
    request_payload: None,
    response_payload: false,
    family: Family::PartnerMirroring,
    changes_data: true,
    effect: "Disables the partner tenant of the context and all its customers.",
    page: "callback-handler/enablement/index",
    custom: None,
};

/// Lists the partner's enabled customers, and no others.
pub const CUSTOMER_MIRRORING_GET_STATE: Callback = Callback {
    id: "cti.a.p.acgw.callback.v2.0~a.p.customer.mirroring.get_state.v1.0",
    name: "customer.mirroring.get_state",
    request_type: "cti.a.p.acgw.request.v1.1~a.p.customer.mirroring.get_state.v1.0",
    response_type: "cti.a.p.acgw.response.v1.1~a.p.customer.mirroring.get_state.ok.v1.0",
    request_schema: schema::CUSTOMER_MIRRORING_GET_STATE_REQUEST,
    response_schema: schema::CUSTOMER_MIRRORING_GET_STATE_RESPONSE,
    request_payload: None,
    response_payload: true,
    family: Family::CustomerMirroring,
    changes_data: false,
    effect: "Lists the partner's enabled customers, and no others.",
    page: "callback-handler/enablement/index",
    custom: None,
};

/// Enables and disables the customers of two lists; all others stay as they are.
pub const CUSTOMER_MIRRORING_SET_STATE: Callback = Callback {
    id: "cti.a.p.acgw.callback.v2.0~a.p.customer.mirroring.set_state.v1.0",
    name: "customer.mirroring.set_state",
    request_type: "cti.a.p.acgw.request.v1.1~a.p.customer.mirroring.set_state.v1.0",
    response_type: "cti.a.p.acgw.response.v1.1~a.p.customer.mirroring.set_state.ok.v1.0",
    request_schema: schema::CUSTOMER_MIRRORING_SET_STATE_REQUEST,
    response_schema: schema::CUSTOMER_MIRRORING_SET_STATE_RESPONSE,
    request_payload: Some(
        r#"{"partner_tenant_id":"7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11","partner_tenant_name":"Anchor MSP","enabled":[{"acronis_tenant_id":"0d4a9d1e-5f1b-4c6e-8a63-7b8f0e2c4d5a","acronis_tenant_name":"Café Zürich"}]}"#,
    ),
    response_payload: false,
    family: Family::CustomerMirroring,
    changes_data: true,
    effect: "Enables and disables the customers of two lists; all others stay as they are.",
    page: "callback-handler/enablement/index",
    custom: None,
};

/// Every callback, in the order in which the gateway meets them.
pub static CATALOG: &[Callback] = &[
    ENABLEMENT_READ,
    ENABLEMENT_WRITE,
    ENABLEMENT_RESET,
    TOPOLOGY_READ,
    TENANT_MAPPING_READ,
    TENANT_MAPPING_WRITE,
    PARTNER_MIRRORING_GET_STATE,
    PARTNER_MIRRORING_ENABLE,
    PARTNER_MIRRORING_RESET,
    CUSTOMER_MIRRORING_GET_STATE,
    CUSTOMER_MIRRORING_SET_STATE,
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
            // Some share a response type: that of "done, and nothing to say".
            assert_eq!(
                by_response_type(callback.response_type).map(|found| found.response_type),
                Some(callback.response_type)
            );
        }
        assert!(by_id("cti.a.p.acgw.callback.v1.0").is_none());
        assert!(by_name("tenant_mapping").is_none());
    }

    #[test]
    fn every_identifier_is_a_cti_of_its_kind() {
        for callback in CATALOG {
            let mirrored = matches!(
                callback.family,
                Family::PartnerMirroring | Family::CustomerMirroring
            );
            let (of_callback, of_message) = match mirrored {
                true => ("v2.0", "v1.1"),
                false => ("v1.0", "v1.0"),
            };
            for (id, kind, version) in [
                (callback.id, "callback", of_callback),
                (callback.request_type, "request", of_message),
                (callback.response_type, "response", of_message),
            ] {
                let base = format!("cti.a.p.acgw.{kind}.{version}");
                let id = Cti::parse(id).expect("a valid CTI");
                assert!(
                    id.is_a(&Cti::parse(&base).expect("a valid CTI")),
                    "{id} is not a {base}"
                );
            }
        }
    }
}
