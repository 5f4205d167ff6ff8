//! The data of the reference handler: two partners and their customers, fixed, so that every run knows what to expect.
//!
//! | partner | vendor tenant id | identity | secrets | enabled at the start for | customers | mapped at the start |
//! |---|---|---|---|---|---|---|
//! | Alpha | `org-alpha` | `alpha` | one plain password | `a1fa0c5e-2b64-4d18-9c0b-5e7d3f6a8101` | 4 | 2 |
//! | Bravo | `org-bravo` | `bravo@example.com` | two fields with colons, quotes and letters beyond ASCII | `b2a70d6f-3c75-4e29-8d1c-6f8e4a7b9202` | 3 | 1 |
//!
//! They are there where partners are mapped. Where they are not, nobody is known at the start: records are made when partners
//! are enabled.
//!
//! A real handler keeps a slow, salted hash of each secret in place of the secret.

use serde_json::Value;

use crate::protocol::Credentials;

/// A partner: somebody who may enable the CyberApp with credentials of the vendor.
#[derive(Debug)]
pub struct Partner {
    /// What people call it.
    pub name: &'static str,
    /// The part of `X-CyberApp-Auth` before the first colon.
    pub identity: &'static str,
    /// The part behind it, a JSON text.
    pub secrets: &'static str,
    /// The id of its organisation on the vendor's side.
    pub vendor_tenant_id: &'static str,
    /// The Acronis partner tenant that it is enabled for at the start.
    pub acronis_tenant_id: &'static str,
    /// Its customers: nobody else may see them.
    pub customers: &'static [Customer],
}

/// An organisation on the vendor's side.
#[derive(Debug)]
pub struct Customer {
    /// Its id on the vendor's side, unique.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// The Acronis customer tenant it is mapped to at the start, if it is mapped.
    pub acronis_tenant_id: Option<&'static str>,
}

/// Every partner.
pub static PARTNERS: &[Partner] = &[
    Partner {
        name: "Alpha",
        identity: "alpha",
        secrets: r#"{"password":"correct-horse-battery"}"#,
        vendor_tenant_id: "org-alpha",
        acronis_tenant_id: "a1fa0c5e-2b64-4d18-9c0b-5e7d3f6a8101",
        customers: &[
            Customer {
                id: "1001",
                name: "Anchor Bakery",
                acronis_tenant_id: Some("6f1c2d9a-3b0e-4c57-9d52-0a4f6be1c301"),
            },
            Customer {
                id: "1002",
                name: "Café Zürich",
                acronis_tenant_id: None,
            },
            Customer {
                id: "1003",
                name: "Elm Street Dental",
                acronis_tenant_id: Some("0b7e5f34-91aa-4b0d-8a63-5f7d2c9e4102"),
            },
            Customer {
                id: "org-eagle",
                name: "Eagle Logistics",
                acronis_tenant_id: None,
            },
        ],
    },
    Partner {
        name: "Bravo",
        identity: "bravo@example.com",
        secrets: r#"{"api key":"k:9\"42\"\\:{}","passwört":"naïve: ☂ 傘 >>>???"}"#,
        vendor_tenant_id: "org-bravo",
        acronis_tenant_id: "b2a70d6f-3c75-4e29-8d1c-6f8e4a7b9202",
        customers: &[
            Customer {
                id: "b/1",
                name: "Birch & Sons",
                acronis_tenant_id: Some("d2a94c1e-7f58-4e0b-b6a1-8c3e9f20d703"),
            },
            Customer {
                id: "b/2",
                name: "Bräuhaus \"Zum Turm\"",
                acronis_tenant_id: None,
            },
            Customer {
                id: "ключ:3",
                name: "北風株式会社",
                acronis_tenant_id: None,
            },
        ],
    },
];

/// The partner with this identity.
pub fn by_identity(identity: &str) -> Option<&'static Partner> {
    PARTNERS.iter().find(|partner| partner.identity == identity)
}

impl Partner {
    /// What the gateway would send in `X-CyberApp-Auth` on this partner's behalf.
    pub fn credentials(&self) -> Credentials {
        Credentials::new(self.identity, self.secrets_value())
            .expect("identities of the store have no colon")
    }

    /// The secrets as a JSON value.
    pub fn secrets_value(&self) -> Value {
        serde_json::from_str(self.secrets).expect("secrets of the store are JSON")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::protocol::text::is_uuid;

    #[test]
    fn the_data_is_sound() {
        let mut ids = HashSet::new();
        for partner in PARTNERS {
            let credentials = partner.credentials();
            assert_eq!(Credentials::decode(&credentials.encode()), Ok(credentials));
            assert!(
                partner
                    .customers
                    .iter()
                    .any(|c| c.acronis_tenant_id.is_some())
            );
            assert!(
                partner
                    .customers
                    .iter()
                    .any(|c| c.acronis_tenant_id.is_none())
            );
            assert!(is_uuid(partner.acronis_tenant_id));
            assert!(ids.insert(partner.vendor_tenant_id));
            for customer in partner.customers {
                assert!(ids.insert(customer.id), "{} is there twice", customer.id);
                assert!(customer.acronis_tenant_id.is_none_or(is_uuid));
            }
        }
    }
}
