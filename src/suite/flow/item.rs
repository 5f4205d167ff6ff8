//! What Acronis verifies, point by point.

use crate::protocol::{Enablement, EnablementMethod};

/// A point of what Acronis verifies (page `callback-handler/verification`; 5a to 5d from the older `certification-checklist`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// 1: the flows work.
    Flows,
    /// 2: a wrong user or password is refused at partner enablement.
    WrongCredentials,
    /// 3: a request without a Bearer token is refused.
    NoToken,
    /// 4: a corrupted token, and one for another CyberApp, are refused.
    BadToken,
    /// 5a: both X-CyberApp headers are parsed as documented.
    Headers,
    /// 5b: the status is reported right.
    Status,
    /// 5c: an enabled organisation stays with its Acronis tenant.
    OneTenant,
    /// 5d: data are limited to one partner.
    Isolation,
}

/// How a point of the list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// All its steps were shown, and none failed.
    Passed,
    /// One of its steps failed.
    Failed,
    /// A step that it needs was not shown, and none failed.
    NotShown,
}

impl Item {
    /// Every point, in the order of the list.
    pub const ALL: &'static [Item] = &[
        Item::Flows,
        Item::WrongCredentials,
        Item::NoToken,
        Item::BadToken,
        Item::Headers,
        Item::Status,
        Item::OneTenant,
        Item::Isolation,
    ];

    /// Its number, for example `5b`.
    pub fn id(self) -> &'static str {
        match self {
            Item::Flows => "1",
            Item::WrongCredentials => "2",
            Item::NoToken => "3",
            Item::BadToken => "4",
            Item::Headers => "5a",
            Item::Status => "5b",
            Item::OneTenant => "5c",
            Item::Isolation => "5d",
        }
    }

    /// What it asks of a handler for these enablement methods.
    pub fn title(self, enablement: Enablement) -> String {
        match self {
            Item::Flows => format!("the flows work: {}", flows(enablement).join(", ")),
            Item::WrongCredentials => {
                "a wrong user or password is refused at partner enablement".to_owned()
            }
            Item::NoToken => "a request without `Authorization: Bearer …` is refused".to_owned(),
            Item::BadToken => {
                "a corrupted token, and a valid token issued for another CyberApp, are refused"
                    .to_owned()
            }
            Item::Headers => {
                "X-CyberApp-Auth and X-CyberApp-Extra are parsed as documented".to_owned()
            }
            Item::Status => "the status is reported right".to_owned(),
            Item::OneTenant => {
                "once enabled, another acronis_tenant_id is refused and the same one \
                                again succeeds"
                    .to_owned()
            }
            Item::Isolation => {
                "one partner's data are neither shown to another nor changed for it".to_owned()
            }
        }
    }
}

/// The flows of a combination of enablement methods.
fn flows(enablement: Enablement) -> Vec<&'static str> {
    let mut flows = Vec::new();
    let partner = enablement.partner() != EnablementMethod::Explicit;
    if partner {
        flows.push("enable partner");
    }
    flows.extend(match enablement.customer() {
        EnablementMethod::Mapped => &["map a customer", "remove the mapping"][..],
        EnablementMethod::Mirrored => &["enable customer", "disable customer"],
        EnablementMethod::Explicit => &[],
    });
    if partner {
        flows.push("disable partner");
    }
    flows
}

impl ItemState {
    /// `passed`, `failed` or `not shown`.
    pub fn name(self) -> &'static str {
        match self {
            ItemState::Passed => "passed",
            ItemState::Failed => "failed",
            ItemState::NotShown => "not shown",
        }
    }
}
