//! The steps about customers.

use super::item::Item;
use super::partner::others;
use super::plan::{Deed, Planned, SUCCESS};
use crate::protocol::catalog::{
    CUSTOMER_MIRRORING_GET_STATE, CUSTOMER_MIRRORING_SET_STATE, TENANT_MAPPING_READ,
    TENANT_MAPPING_WRITE, TOPOLOGY_READ,
};
use crate::protocol::{Callback, CallbackIdentity, Enablement, EnablementMethod};
use crate::suite::state::{Kind, Manner};

/// Mapped customers.
pub(super) fn mapped_customers(steps: &mut Vec<Planned>, enablement: Enablement) {
    use Item::*;
    let read = &TENANT_MAPPING_READ;
    let change = &TENANT_MAPPING_WRITE;
    steps.extend([
        Planned::new(
            &[Flows],
            &TOPOLOGY_READ,
            Deed::ReadTopology,
            "list the partner's customers",
            "success: the customers",
        ),
        Planned::new(
            &[Flows],
            read,
            Deed::ReadCustomers(0),
            "ask which of them are mapped",
            "success: the mapping as it is by now",
        )
        .label("customers"),
        Planned::new(
            &[Flows],
            change,
            Deed::Change(Kind::Add(0), Manner::Plain),
            "map a customer",
            SUCCESS,
        )
        .label("map")
        .after(&["enabled", "customers"]),
        Planned::new(
            &[Flows],
            read,
            Deed::ReadCustomers(0),
            "ask whether the customer is mapped",
            "success: mapped to that acronis_tenant_id",
        )
        .label("mapped")
        .after(&["map"])
        .shows_change(),
    ]);
    others(steps, enablement, &["mapped"]);
    let by_credentials = enablement.identity(read) == CallbackIdentity::Credentials;
    if by_credentials {
        for (read, action) in [
            (
                &TOPOLOGY_READ,
                "list the customers with another partner's credentials",
            ),
            (
                read,
                "ask for the mapping with another partner's credentials",
            ),
        ] {
            steps.push(
                Planned::new(
                    &[Isolation],
                    read,
                    Deed::ReadForeign,
                    action,
                    "success: none of this partner's customers",
                )
                .after(&["customers"])
                .optional(true),
            );
        }
    } else {
        foreign_customers(steps, read, &["mapped"], false);
    }
    steps.extend([
        Planned::new(
            &[Flows],
            change,
            Deed::Change(Kind::Remove(0), Manner::Plain),
            "remove the mapping",
            SUCCESS,
        )
        .label("remove")
        .after(&["mapped"]),
        Planned::new(
            &[Flows],
            read,
            Deed::ReadCustomers(0),
            "ask whether the mapping is gone",
            "success: not mapped",
        )
        .label("removed")
        .after(&["remove"])
        .shows_change(),
        Planned::new(
            &[Flows],
            change,
            Deed::Change(Kind::Add(0), Manner::Plain),
            "map a customer, to see it go with the partner",
            SUCCESS,
        )
        .label("again")
        .after(&["mapped"]),
    ]);
}

/// Mirrored customers; the second argument puts steps behind the first read.
pub(super) fn mirrored_customers(
    steps: &mut Vec<Planned>,
    enablement: Enablement,
    behind_first_read: impl FnOnce(&mut Vec<Planned>),
) {
    use Item::*;
    let read = &CUSTOMER_MIRRORING_GET_STATE;
    let change = &CUSTOMER_MIRRORING_SET_STATE;
    let partner = enablement.partner();
    steps.push(
        Planned::new(
            &[Flows],
            read,
            Deed::ReadCustomers(0),
            "ask which customers are enabled",
            "success: the customers enabled by now",
        )
        .label("customers"),
    );
    behind_first_read(steps);
    steps.extend([
        Planned::new(
            &[Flows],
            change,
            Deed::Change(Kind::Add(0), Manner::Plain),
            "enable a customer",
            SUCCESS,
        )
        .label("map")
        .after(&["enabled", "customers"]),
        Planned::new(
            &[Flows],
            read,
            Deed::ReadCustomers(0),
            "ask whether the customer is enabled",
            "success: listed",
        )
        .label("mapped")
        .after(&["map"])
        .shows_change(),
    ]);
    others(steps, enablement, &["mapped"]);
    foreign_customers(
        steps,
        read,
        &["mapped"],
        partner == EnablementMethod::Mapped,
    );
    steps.extend([
        Planned::new(
            &[Flows],
            change,
            Deed::Change(Kind::Remove(0), Manner::Plain),
            "disable the customer",
            SUCCESS,
        )
        .label("remove")
        .after(&["mapped"]),
        Planned::new(
            &[Flows],
            read,
            Deed::ReadCustomers(0),
            "ask whether the customer is disabled",
            "success: not listed",
        )
        .label("removed")
        .after(&["remove"])
        .shows_change(),
    ]);
    if partner != EnablementMethod::Explicit {
        steps.push(
            Planned::new(
                &[Flows],
                change,
                Deed::Change(Kind::Add(0), Manner::Plain),
                "enable a customer, to see it go with the partner",
                SUCCESS,
            )
            .label("again")
            .after(&["mapped"]),
        );
    }
}

/// Whether another tenant is shown this partner's customers.
fn foreign_customers(
    steps: &mut Vec<Planned>,
    read: &'static Callback,
    after: &'static [&'static str],
    optional: bool,
) {
    steps.push(
        Planned::new(
            &[Item::Isolation],
            read,
            Deed::ReadCustomers(1),
            "ask for the customers of another tenant",
            "none of this partner's customers, or a refusal (4xx)",
        )
        .after(after)
        .shows_change()
        .optional(optional),
    );
}

/// What becomes of the customers of a partner that was disabled.
pub(super) fn gone(steps: &mut Vec<Planned>, enablement: Enablement) {
    if enablement.partner() == EnablementMethod::Explicit {
        return;
    }
    let (read, action, expected) = match enablement.customer() {
        EnablementMethod::Mapped => (
            &TENANT_MAPPING_READ,
            "ask whether a customer is still mapped",
            "no customer mapped, or a refusal (4xx)",
        ),
        EnablementMethod::Mirrored => (
            &CUSTOMER_MIRRORING_GET_STATE,
            "ask whether a customer is still enabled",
            "no customer listed, or a refusal (4xx)",
        ),
        EnablementMethod::Explicit => return,
    };
    steps.push(
        Planned::new(
            &[Item::Flows],
            read,
            Deed::ReadCustomers(0),
            action,
            expected,
        )
        .after(&["disable", "again"])
        .shows_change(),
    );
}
