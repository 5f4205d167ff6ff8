//! What is remembered of one partner and of its customers.

use crate::protocol::payload::Settings;
use crate::protocol::text::UuidText;

/// A partner. It is enabled while it has an Acronis tenant.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct PartnerRecord {
    /// Its id on the vendor's side.
    pub vendor_tenant_id: String,
    /// The Acronis tenant that it is enabled for.
    pub acronis_tenant_id: Option<UuidText>,
    /// What was chosen in the enablement form.
    pub settings: Option<Settings>,
    /// Its customers where customers are mapped: they exist on the vendor's side, whatever Acronis knows of them.
    pub organisations: Vec<Organisation>,
    /// Its customers where customers are mirrored: records made for Acronis tenants.
    pub customers: Vec<CustomerRecord>,
}

/// A customer that exists on the vendor's side. It is mapped while it has an Acronis tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Organisation {
    /// Its id on the vendor's side.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The Acronis tenant that it is mapped to.
    pub acronis_tenant_id: Option<UuidText>,
}

/// A record made for an Acronis customer tenant; it stays when the customer is disabled.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct CustomerRecord {
    /// Its id on the vendor's side.
    pub vendor_tenant_id: String,
    /// The Acronis tenant.
    pub acronis_tenant_id: UuidText,
    /// Whether the customer is enabled.
    pub enabled: bool,
    /// What was chosen in the enablement form.
    pub settings: Option<Settings>,
}

impl PartnerRecord {
    /// A partner that is not enabled yet.
    pub fn new(vendor_tenant_id: impl Into<String>, organisations: Vec<Organisation>) -> Self {
        Self {
            vendor_tenant_id: vendor_tenant_id.into(),
            acronis_tenant_id: None,
            settings: None,
            organisations,
            customers: Vec::new(),
        }
    }

    /// Whether it is enabled.
    pub fn is_enabled(&self) -> bool {
        self.acronis_tenant_id.is_some()
    }

    /// Disables the partner and all its customers, of either kind: none may come back when the partner is enabled again.
    pub fn disable(&mut self) {
        self.acronis_tenant_id = None;
        self.settings = None;
        for organisation in &mut self.organisations {
            organisation.acronis_tenant_id = None;
        }
        for customer in &mut self.customers {
            customer.disable();
        }
    }

    /// The customer organisation with this id.
    pub fn organisation_mut(&mut self, id: &str) -> Option<&mut Organisation> {
        self.organisations
            .iter_mut()
            .find(|organisation| organisation.id == id)
    }

    /// The record of this customer tenant, if one was ever made.
    pub fn customer_mut(&mut self, tenant: &UuidText) -> Option<&mut CustomerRecord> {
        self.customers
            .iter_mut()
            .find(|customer| customer.acronis_tenant_id == *tenant)
    }

    /// Enables this customer tenant, with a record of its own.
    pub fn enable_customer(&mut self, tenant: UuidText, settings: Option<Settings>) {
        if let Some(customer) = self.customer_mut(&tenant) {
            customer.enabled = true;
            customer.settings = settings;
            return;
        }
        let number = self.customers.len() + 1; // records are never removed
        self.customers.push(CustomerRecord {
            vendor_tenant_id: format!("{}/c-{number}", self.vendor_tenant_id),
            acronis_tenant_id: tenant,
            enabled: true,
            settings,
        });
    }
}

impl CustomerRecord {
    /// Disables the customer; its record stays, and with it its id.
    pub fn disable(&mut self) {
        self.enabled = false;
        self.settings = None;
    }
}

/// The tenant id in the one spelling in which ids are kept: the letter case of a UUID says nothing.
pub(in super::super) fn canonical(tenant: &UuidText) -> UuidText {
    UuidText::new(tenant.as_str().to_ascii_lowercase()).expect("still a UUID")
}
