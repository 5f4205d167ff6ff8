//! The steps of the flow for a combination of enablement methods, before anything is sent.

use super::item::Item;
use super::record::{Flow, FlowStep, StepState};
use crate::protocol::catalog::{
    CUSTOMER_MIRRORING_GET_STATE, CUSTOMER_MIRRORING_SET_STATE, ENABLEMENT_READ, ENABLEMENT_RESET,
    ENABLEMENT_WRITE, PARTNER_MIRRORING_ENABLE, PARTNER_MIRRORING_GET_STATE,
    PARTNER_MIRRORING_RESET, TENANT_MAPPING_READ, TENANT_MAPPING_WRITE, TOPOLOGY_READ,
};
use crate::protocol::{Callback, CallbackIdentity, Enablement, EnablementMethod};
use crate::suite::state::{Kind, Manner};

/// A step that is meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    /// The points of the list that it is part of.
    pub items: &'static [Item],
    /// What the gateway does, and what for.
    pub action: &'static str,
    /// What a right handler does.
    pub expected: &'static str,
    /// The callback.
    pub callback: &'static Callback,
    /// What is done.
    pub deed: Deed,
    /// Names it for the steps that build upon it.
    pub label: &'static str,
    /// What it builds upon: without these it shows nothing.
    pub after: &'static [&'static str],
    /// Whether it changes data, or shows what a change did.
    pub writes: bool,
    /// Whether the flow is complete without it.
    pub optional: bool,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// Asks for a partner's status.
    ReadPartner(usize),
    /// Asks for a partner's customers.
    ReadCustomers(usize),
    /// Asks for the list of customers on the vendor's side.
    ReadTopology,
    /// Asks for the mapping with another partner's credentials.
    ReadForeign,
    /// Changes data.
    Change(Kind, Manner),
    /// Sends the read in the way of the most telling case of this requirement.
    Case(&'static str),
}

/// What every refusal is expected to be.
const REFUSED: &str = "a refusal (4xx)";
/// What a write without an answer of its own is expected to be.
const SUCCESS: &str = "success";

impl Planned {
    fn new(
        items: &'static [Item],
        callback: &'static Callback,
        deed: Deed,
        action: &'static str,
        expected: &'static str,
    ) -> Self {
        Self {
            items,
            action,
            expected,
            callback,
            deed,
            label: "",
            after: &[],
            writes: matches!(deed, Deed::Change(..)),
            optional: false,
        }
    }

    fn label(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }

    fn after(mut self, after: &'static [&'static str]) -> Self {
        self.after = after;
        self
    }

    /// It shows what a change did.
    fn shows_change(mut self) -> Self {
        self.writes = true;
        self
    }

    fn optional(mut self, optional: bool) -> Self {
        self.optional = optional;
        self
    }

    /// The step as it stands before it is taken.
    fn step(&self) -> FlowStep {
        FlowStep {
            items: self.items,
            callback: self.callback.name,
            action: self.action.to_owned(),
            expected: self.expected,
            observed: None,
            latency: None,
            state: StepState::NotShown(String::new()),
            broken: Vec::new(),
            optional: self.optional,
        }
    }
}

/// The steps in the gateway's order. `enabled` tells whether the partner is enabled before, and must be disabled first.
pub(super) fn plan(enablement: Enablement, write: bool, enabled: bool) -> Vec<Planned> {
    let mut steps = Vec::new();
    match enablement.partner() {
        EnablementMethod::Mapped => mapped_partner(&mut steps, write, enabled),
        EnablementMethod::Mirrored => mirrored_partner(&mut steps, write, enabled),
        EnablementMethod::Explicit => {}
    }
    let (read, control): (_, &'static [&'static str]) = match enablement.partner() {
        EnablementMethod::Mapped => (&ENABLEMENT_READ, &["partner"]),
        EnablementMethod::Mirrored => (&PARTNER_MIRRORING_GET_STATE, &["partner"]),
        EnablementMethod::Explicit => (&CUSTOMER_MIRRORING_GET_STATE, &["customers"]),
    };
    if enablement.partner() != EnablementMethod::Explicit {
        token(&mut steps, enablement, read, control);
    }
    match enablement.customer() {
        EnablementMethod::Mapped => mapped_customers(&mut steps, enablement),
        EnablementMethod::Mirrored => mirrored_customers(&mut steps, enablement, |steps| {
            if enablement.partner() == EnablementMethod::Explicit {
                token(steps, enablement, read, control);
            }
        }),
        EnablementMethod::Explicit => others(&mut steps, enablement, &["enabled"]),
    }
    disable(&mut steps, enablement);
    steps
}

/// The flow with all its steps still to be taken.
pub(super) fn blank(enablement: Enablement, plan: &[Planned]) -> Flow {
    Flow {
        enablement,
        steps: plan.iter().map(Planned::step).collect(),
        broken: Vec::new(),
    }
}

fn mapped_partner(steps: &mut Vec<Planned>, write: bool, enabled: bool) {
    use Item::*;
    use Manner::*;
    let read = &ENABLEMENT_READ;
    let change = &ENABLEMENT_WRITE;
    let enable = Kind::Enable(0);
    if enabled {
        steps.push(Planned::new(
            &[Flows],
            &ENABLEMENT_RESET,
            Deed::Change(Kind::Disable, Plain),
            "disable the partner, which was enabled before this run",
            SUCCESS,
        ));
    }
    let expected = match write {
        true => "success: the organisation of the credentials, not enabled",
        false => "success: the organisation of the credentials",
    };
    steps.extend([
        Planned::new(
            &[Flows, Status],
            read,
            Deed::ReadPartner(0),
            "ask whose the partner's credentials are",
            expected,
        )
        .label("partner"),
        Planned::new(
            &[WrongCredentials],
            read,
            Deed::Case("CRED-06"),
            "ask the same with a wrong user",
            REFUSED,
        )
        .after(&["partner"]),
        Planned::new(
            &[WrongCredentials],
            read,
            Deed::Case("CRED-05"),
            "ask the same with a wrong password",
            REFUSED,
        )
        .after(&["partner"]),
        Planned::new(
            &[WrongCredentials],
            change,
            Deed::Change(enable, BadIdentity),
            "enable the partner with a wrong user",
            REFUSED,
        )
        .after(&["partner"]),
        Planned::new(
            &[WrongCredentials],
            change,
            Deed::Change(enable, BadSecret),
            "enable the partner with a wrong password",
            REFUSED,
        )
        .after(&["partner"]),
        Planned::new(
            &[WrongCredentials, Status],
            read,
            Deed::ReadPartner(0),
            "ask whether wrong credentials changed anything",
            "success: still not enabled",
        )
        .after(&["partner"])
        .shows_change(),
        Planned::new(
            &[Flows],
            change,
            Deed::Change(enable, Plain),
            "enable the partner",
            SUCCESS,
        )
        .label("enable")
        .after(&["partner"]),
        Planned::new(
            &[Flows, Status],
            read,
            Deed::ReadPartner(0),
            "ask whether the partner is enabled",
            "success: enabled for that acronis_tenant_id",
        )
        .label("enabled")
        .after(&["enable"])
        .shows_change(),
        Planned::new(
            &[OneTenant],
            change,
            Deed::Change(Kind::EnableOther, Plain),
            "enable the same organisation for another acronis_tenant_id",
            REFUSED,
        )
        .after(&["enabled"]),
        Planned::new(
            &[OneTenant, Status],
            read,
            Deed::ReadPartner(0),
            "ask whether it was taken over",
            "success: enabled for the first acronis_tenant_id",
        )
        .after(&["enabled"])
        .shows_change(),
        Planned::new(
            &[OneTenant],
            change,
            Deed::Change(Kind::EnableAgain, Plain),
            "enable it for the same acronis_tenant_id again",
            SUCCESS,
        )
        .after(&["enabled"]),
    ]);
}

fn mirrored_partner(steps: &mut Vec<Planned>, write: bool, enabled: bool) {
    use Item::*;
    let read = &PARTNER_MIRRORING_GET_STATE;
    if enabled {
        steps.push(Planned::new(
            &[Flows],
            &PARTNER_MIRRORING_RESET,
            Deed::Change(Kind::Disable, Manner::Plain),
            "disable the partner, which was enabled before this run",
            SUCCESS,
        ));
    }
    let expected = match write {
        true => "success: DISABLED",
        false => "success: ENABLED or DISABLED",
    };
    steps.extend([
        Planned::new(
            &[Flows, Status],
            read,
            Deed::ReadPartner(0),
            "ask for the partner's state",
            expected,
        )
        .label("partner"),
        Planned::new(
            &[Flows],
            &PARTNER_MIRRORING_ENABLE,
            Deed::Change(Kind::Enable(0), Manner::Plain),
            "enable the partner",
            "success: ENABLED, with the partner's acronis_tenant_id",
        )
        .label("enable")
        .after(&["partner"]),
        Planned::new(
            &[Flows, Status],
            read,
            Deed::ReadPartner(0),
            "ask whether the partner is enabled",
            "success: ENABLED",
        )
        .label("enabled")
        .after(&["enable"])
        .shows_change(),
    ]);
}

/// The token and the two headers, on a read that was accepted before.
fn token(
    steps: &mut Vec<Planned>,
    enablement: Enablement,
    read: &'static Callback,
    control: &'static [&'static str],
) {
    use Item::*;
    let mut case = |items, id, action, expected| {
        steps.push(Planned::new(items, read, Deed::Case(id), action, expected).after(control));
    };
    case(
        &[NoToken],
        "JWT-01",
        "ask the same without Authorization",
        REFUSED,
    );
    case(
        &[NoToken],
        "JWT-02",
        "ask the same with another scheme than Bearer before the token",
        REFUSED,
    );
    case(
        &[BadToken],
        "JWT-04",
        "ask the same with a corrupted token",
        REFUSED,
    );
    case(
        &[BadToken],
        "JWT-15",
        "ask the same with a valid token issued for another CyberApp",
        REFUSED,
    );
    if enablement.identity(read) == CallbackIdentity::Credentials {
        case(
            &[Headers],
            "CRED-08",
            "ask the same, the JSON in X-CyberApp-Auth written otherwise",
            SUCCESS,
        );
    }
    case(
        &[Headers],
        "EXTRA-01",
        "ask the same, the JSON in X-CyberApp-Extra written otherwise",
        SUCCESS,
    );
}

fn mapped_customers(steps: &mut Vec<Planned>, enablement: Enablement) {
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

fn mirrored_customers(
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

/// Whether another partner's status stayed what it was.
fn others(steps: &mut Vec<Planned>, enablement: Enablement, after: &'static [&'static str]) {
    let (read, action, expected) = match enablement.partner() {
        EnablementMethod::Mapped => (
            &ENABLEMENT_READ,
            "ask for another partner's status, with its credentials",
            "success: enabled or not as before",
        ),
        EnablementMethod::Mirrored => (
            &PARTNER_MIRRORING_GET_STATE,
            "ask for the state of another tenant, which nobody enabled",
            "success: DISABLED",
        ),
        EnablementMethod::Explicit => return,
    };
    steps.push(
        Planned::new(
            &[Item::Isolation],
            read,
            Deed::ReadPartner(1),
            action,
            expected,
        )
        .after(after)
        .shows_change()
        .optional(enablement.partner() == EnablementMethod::Mapped),
    );
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

fn disable(steps: &mut Vec<Planned>, enablement: Enablement) {
    use Item::*;
    let (reset, read, expected) = match enablement.partner() {
        EnablementMethod::Mapped => (&ENABLEMENT_RESET, &ENABLEMENT_READ, "success: not enabled"),
        EnablementMethod::Mirrored => (
            &PARTNER_MIRRORING_RESET,
            &PARTNER_MIRRORING_GET_STATE,
            "success: DISABLED",
        ),
        EnablementMethod::Explicit => return,
    };
    steps.extend([
        Planned::new(
            &[Flows],
            reset,
            Deed::Change(Kind::Disable, Manner::Plain),
            "disable the partner",
            SUCCESS,
        )
        .label("disable")
        .after(&["enabled"]),
        Planned::new(
            &[Flows, Status],
            read,
            Deed::ReadPartner(0),
            "ask whether the partner is disabled",
            expected,
        )
        .after(&["disable"])
        .shows_change(),
    ]);
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
        Planned::new(&[Flows], read, Deed::ReadCustomers(0), action, expected)
            .after(&["disable", "again"])
            .shows_change(),
    );
}
