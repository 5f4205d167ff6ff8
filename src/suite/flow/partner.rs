//! The steps about partners, and about the token.

use super::item::Item;
use super::plan::{Deed, Planned, REFUSED, SUCCESS};
use crate::protocol::catalog::{
    ENABLEMENT_READ, ENABLEMENT_RESET, ENABLEMENT_WRITE, PARTNER_MIRRORING_ENABLE,
    PARTNER_MIRRORING_GET_STATE, PARTNER_MIRRORING_RESET,
};
use crate::protocol::{Callback, CallbackIdentity, Enablement, EnablementMethod};
use crate::suite::state::{Kind, Manner};

/// Mapped partners: the credentials, then enabled, then not to be taken over.
pub(super) fn mapped_partner(steps: &mut Vec<Planned>, write: bool, enabled: bool) {
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
            "disable the partner, which is enabled",
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
            "ask with a wrong user",
            REFUSED,
        )
        .after(&["partner"]),
        Planned::new(
            &[WrongCredentials],
            read,
            Deed::Case("CRED-05"),
            "ask with a wrong password",
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

/// Mirrored partners.
pub(super) fn mirrored_partner(steps: &mut Vec<Planned>, write: bool, enabled: bool) {
    use Item::*;
    let read = &PARTNER_MIRRORING_GET_STATE;
    if enabled {
        steps.push(Planned::new(
            &[Flows],
            &PARTNER_MIRRORING_RESET,
            Deed::Change(Kind::Disable, Manner::Plain),
            "disable the partner, which is enabled",
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
pub(super) fn token(
    steps: &mut Vec<Planned>,
    enablement: Enablement,
    read: &'static Callback,
    control: &'static [&'static str],
) {
    use Item::*;
    let mut case = |items, id, action, expected| {
        steps.push(Planned::new(items, read, Deed::Case(id), action, expected).after(control));
    };
    case(&[NoToken], "JWT-01", "ask without Authorization", REFUSED);
    case(
        &[NoToken],
        "JWT-02",
        "ask with another scheme than Bearer",
        REFUSED,
    );
    case(&[BadToken], "JWT-04", "ask with a corrupted token", REFUSED);
    case(
        &[BadToken],
        "JWT-15",
        "ask with a valid token issued for another CyberApp",
        REFUSED,
    );
    if enablement.identity(read) == CallbackIdentity::Credentials {
        case(
            &[Headers],
            "CRED-08",
            "ask, the JSON in X-CyberApp-Auth written otherwise",
            SUCCESS,
        );
    }
    case(
        &[Headers],
        "EXTRA-01",
        "ask, the JSON in X-CyberApp-Extra written otherwise",
        SUCCESS,
    );
}

/// Whether another partner's status stayed what it was.
pub(super) fn others(
    steps: &mut Vec<Planned>,
    enablement: Enablement,
    after: &'static [&'static str],
) {
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

/// The end of a partner.
pub(super) fn disable(steps: &mut Vec<Planned>, enablement: Enablement) {
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
}
