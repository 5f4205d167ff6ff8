//! Enablement methods: how partners and customers come to be enabled, and which callbacks that takes (page
//! `callback-handler/enablement/index`).

use std::fmt;

use super::catalog::{CATALOG, Callback, Family};

/// How a tenant comes to be enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EnablementMethod {
    /// An organisation that exists on the vendor's side is mapped to the Acronis tenant.
    Mapped,
    /// The handler makes a record of its own for the Acronis tenant.
    Mirrored,
    /// Without callbacks.
    Explicit,
}

impl EnablementMethod {
    /// `mapped`, `mirrored` or `explicit`.
    pub fn name(self) -> &'static str {
        match self {
            EnablementMethod::Mapped => "mapped",
            EnablementMethod::Mirrored => "mirrored",
            EnablementMethod::Explicit => "explicit",
        }
    }
}

impl fmt::Display for EnablementMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a handler learns on whose behalf a callback is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackIdentity {
    /// By the vendor credentials in `X-CyberApp-Auth`.
    Credentials,
    /// By `context.tenant_id`.
    ContextTenant,
}

/// The enablement methods of a CyberApp: one for partners, one for customers.
///
/// ```
/// use acgw_conformance::protocol::{Enablement, EnablementMethod};
///
/// let both = Enablement::new(EnablementMethod::Mapped, EnablementMethod::Mirrored).unwrap();
/// let names: Vec<_> = both.callbacks().map(|callback| callback.name).collect();
/// assert_eq!(names[0], "enablement.read");
/// assert!(Enablement::new(EnablementMethod::Explicit, EnablementMethod::Mapped).is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Enablement {
    partner: EnablementMethod,
    customer: EnablementMethod,
}

impl Enablement {
    /// Partners and customers that exist on the vendor's side.
    pub const MAPPED: Enablement = Enablement {
        partner: EnablementMethod::Mapped,
        customer: EnablementMethod::Mapped,
    };

    /// This combination; `None` for explicit partners with mapped customers, which is not offered.
    pub const fn new(partner: EnablementMethod, customer: EnablementMethod) -> Option<Self> {
        match (partner, customer) {
            (EnablementMethod::Explicit, EnablementMethod::Mapped) => None,
            _ => Some(Self { partner, customer }),
        }
    }

    /// Every combination that is offered.
    pub fn all() -> impl Iterator<Item = Self> {
        use EnablementMethod::{Explicit, Mapped, Mirrored};
        let methods = [Mapped, Mirrored, Explicit];
        methods
            .into_iter()
            .flat_map(move |partner| methods.map(|customer| Self::new(partner, customer)))
            .flatten()
    }

    /// How partners are enabled.
    pub const fn partner(self) -> EnablementMethod {
        self.partner
    }

    /// How customers are enabled.
    pub const fn customer(self) -> EnablementMethod {
        self.customer
    }

    /// Whether its callbacks include this family.
    pub fn has(self, family: Family) -> bool {
        match family {
            Family::Enablement => self.partner == EnablementMethod::Mapped,
            Family::PartnerMirroring => self.partner == EnablementMethod::Mirrored,
            Family::Mapping => self.customer == EnablementMethod::Mapped,
            Family::CustomerMirroring => self.customer == EnablementMethod::Mirrored,
            Family::Custom => true,
        }
    }

    /// The predefined callbacks that a handler of such a CyberApp serves, in the order in which the gateway meets them.
    pub fn callbacks(self) -> impl Iterator<Item = &'static Callback> {
        CATALOG
            .iter()
            .filter(move |callback| self.has(callback.family))
    }

    /// How the handler learns on whose behalf this callback is made.
    pub fn identity(self, callback: &Callback) -> CallbackIdentity {
        match callback.family {
            Family::Enablement => CallbackIdentity::Credentials,
            Family::Mapping if self.partner == EnablementMethod::Mapped => {
                CallbackIdentity::Credentials
            }
            Family::Mapping
            | Family::PartnerMirroring
            | Family::CustomerMirroring
            | Family::Custom => CallbackIdentity::ContextTenant,
        }
    }
}

impl Default for Enablement {
    fn default() -> Self {
        Self::MAPPED
    }
}

impl fmt::Display for Enablement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} partners, {} customers", self.partner, self.customer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_are_those_of_the_documentation() {
        let told: Vec<(String, String)> = Enablement::all()
            .map(|both| {
                let names: Vec<&str> = both.callbacks().map(|callback| callback.name).collect();
                (
                    both.to_string(),
                    names.len().to_string() + " " + &names.join(" "),
                )
            })
            .collect();
        let expected = [
            (
                "mapped",
                "mapped",
                "6 enablement.read enablement.write enablement.reset topology.read tenant_mapping.read tenant_mapping.write",
            ),
            (
                "mapped",
                "mirrored",
                "5 enablement.read enablement.write enablement.reset customer.mirroring.get_state customer.mirroring.set_state",
            ),
            (
                "mapped",
                "explicit",
                "3 enablement.read enablement.write enablement.reset",
            ),
            (
                "mirrored",
                "mapped",
                "6 topology.read tenant_mapping.read tenant_mapping.write partner.mirroring.get_state partner.mirroring.enable partner.mirroring.reset",
            ),
            (
                "mirrored",
                "mirrored",
                "5 partner.mirroring.get_state partner.mirroring.enable partner.mirroring.reset customer.mirroring.get_state customer.mirroring.set_state",
            ),
            (
                "mirrored",
                "explicit",
                "3 partner.mirroring.get_state partner.mirroring.enable partner.mirroring.reset",
            ),
            (
                "explicit",
                "mirrored",
                "2 customer.mirroring.get_state customer.mirroring.set_state",
            ),
            ("explicit", "explicit", "0 "),
        ];
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(partner, customer, names)| {
                (
                    format!("{partner} partners, {customer} customers"),
                    (*names).to_owned(),
                )
            })
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn customers_that_are_mapped_are_those_of_the_credentials_only_where_partners_have_some() {
        use crate::protocol::catalog::by_name;
        use CallbackIdentity::{ContextTenant, Credentials};
        use EnablementMethod::{Mapped, Mirrored};
        for (partner, customer, callback, identity) in [
            (Mapped, Mapped, "enablement.read", Credentials),
            (Mapped, Mapped, "topology.read", Credentials),
            (Mapped, Mapped, "tenant_mapping.write", Credentials),
            (
                Mapped,
                Mirrored,
                "customer.mirroring.set_state",
                ContextTenant,
            ),
            (Mirrored, Mapped, "topology.read", ContextTenant),
            (Mirrored, Mapped, "tenant_mapping.write", ContextTenant),
            (Mirrored, Mapped, "partner.mirroring.enable", ContextTenant),
        ] {
            let both = Enablement::new(partner, customer).expect("offered");
            let known = both.identity(by_name(callback).expect("in the catalog"));
            assert_eq!(known, identity, "{both}: {callback}");
        }
    }
}
