//! The sequence that every run begins with: each obligation about the state once, the simple before what builds upon it.

use super::intent::{Intent, Kind};
use super::model::{Manner, Model, Settings};

/// The steps. What the combination of enablement methods has not, or the state does not allow, is left out. Few have a wrong secret, for
/// handlers lock accounts that are tried with several.
pub(crate) fn steps(model: &Model) -> Vec<Intent> {
    use Kind::*;
    use Manner::*;
    let own = |kind, manner| Intent {
        party: 0,
        kind,
        manner,
    };
    let other = |kind, manner| Intent {
        party: 1,
        kind,
        manner,
    };
    let mut steps = vec![
        // A partner.
        own(Disable, Plain),
        own(Enable(0), BadSecret),
        own(Enable(0), BadIdentity),
        own(Enable(0), BadToken),
        own(Enable(0), OtherApp),
        own(Enable(0), Expired),
        own(Enable(0), OtherIssuer),
        own(Enable(0), Plain),
        own(EnableAgain, Plain),
        own(EnableAgain, BadSecret),
        own(EnableOther, Plain),
        own(EnableForeign(0), Plain),
        own(EnableForeign(1), Plain),
        own(EnableForeign(2), Plain),
        own(EnableWithSettings, Plain),
        other(
            Enable(0),
            if model.maps_partners() { Plain } else { AtOnce },
        ),
        // Its customers, one by one.
        own(RemoveAll, Plain),
        own(Add(0), Plain),
        own(Add(0), Plain),
        own(Remove(0), Plain),
        own(AddWithSettings(0), Plain),
        own(Add(0), NoToken),
        own(Add(0), BadToken),
        own(Add(0), OtherApp),
        own(Add(0), Expired),
        own(Add(0), OtherIssuer),
        own(Several(0), BadToken),
        own(Remove(0), BadToken),
        own(Remap(0), Plain),
        // Several at once.
        own(Several(0), Plain),
        own(Several(1), Plain),
        own(Several(2), Plain),
        own(Move(true), Plain),
        own(Move(false), Plain),
        own(Unknown(0), Plain),
        own(Unknown(1), Plain),
        own(RemoveAll, Plain),
        own(AddAllWithSettings(Settings::EveryOther), Plain),
        own(RemoveAll, Plain),
        own(AddAllWithSettings(Settings::Sample), Plain),
        own(AddAll, Plain),
        // Delivered more than once, and all together.
        own(Remove(0), Twice),
        own(Add(0), Twice),
        own(Remove(1), AtOnce),
        own(Add(1), AtOnce),
        own(RemoveAll, Parallel),
        own(AddAll, Parallel),
        own(EnableAgain, Twice),
        own(EnableNamed(0), Plain),
        own(EnableNamed(1), Plain),
        own(EnableNamed(2), Plain),
        own(EnableAgain, Plain),
        // Another partner.
        other(RemoveAll, Plain),
        other(Add(0), Plain),
        other(Foreign(0), Plain),
        other(Several(0), Plain),
        own(Foreign(0), Plain),
        own(Remove(0), Plain),
        other(Disable, Plain),
        other(Enable(0), Plain),
        // Both at once.
        own(RemoveAll, Plain),
        own(Both(true), Parallel),
        own(Both(false), Parallel),
        own(Both(true), Parallel),
        other(RemoveAll, Plain),
        // Customers that nobody has seen, and many of them. Those with odd names one by one where the list is not accepted.
        own(Fresh(1), AtOnce),
        own(Fresh(3), Parallel),
        own(AllNamed, Plain),
        own(Named(0), Plain),
        own(Named(1), Plain),
        own(Named(2), Plain),
        own(Crowd, InLists),
        // One among many whose ids are much alike.
        own(Remove(60), Plain),
        // The end of it, and a new beginning.
        own(Disable, NoToken),
        own(Disable, BadToken),
        own(Disable, BadSecret),
        own(Disable, OtherApp),
        own(Disable, Expired),
        own(Disable, OtherIssuer),
        own(Disable, Plain),
        // Where the partner is not disabled by callbacks.
        own(RemovePassing, InLists),
        own(Enable(1), Plain),
        own(Add(0), Plain),
        own(Disable, Twice),
        own(Enable(0), Twice),
        own(Disable, Plain),
        own(Enable(0), AtOnce),
    ];
    if model.maps_customers() {
        // Refused, and with customers there to lose. Mirrored ones would be those of the other tenant where it is not refused.
        steps.extend([own(Add(0), Plain), own(EnableOther, Plain)]);
    }
    if model.maps_partners() && !model.maps_customers() {
        // Credentials are sent though the tenant says who it is: to refuse wrong ones is right, and to do what was refused is not.
        steps.extend([own(Remove(0), Plain), own(Add(0), BadSecret)]);
    }
    if model.maps_partners() {
        steps.extend([
            own(Disable, Plain),
            own(Enable(0), Rivals),
            own(Disable, Plain),
            own(Enable(0), Rivals),
            // Which comes first is chance, whatever the seed: what follows does not depend on it.
            own(Disable, Plain),
            own(Enable(0), Plain),
        ]);
    }
    steps.extend([own(Add(0), Plain), own(Add(0), Plain)]);
    steps
}
