//! Steps in words.

use super::model::{Action, Change, Manner, Model, Settings, Step, with_unknown};
use super::passing::odd_name_of;

/// Changes of a list that are told in words.
const MOST_TOLD: usize = 8;

impl Settings {
    fn in_words(self) -> &'static str {
        match self {
            Settings::Sample => " with settings",
            Settings::EveryOther => " with settings for every other one",
            Settings::None | Settings::Before => "",
        }
    }
}

impl Model {
    /// A step in words.
    pub fn describe(&self, step: &Step) -> String {
        let party = &self.parties[step.party];
        let change = |(customer, to): &Change| match (to, self.maps_customers()) {
            (Some(_), false) if party.has_odd_name(customer) => {
                format!("enable {customer}, named {:?}", party.name_of(customer))
            }
            (Some(to), true) => format!("map {customer:?} to {to}"),
            (None, true) => format!("remove the mapping of {customer:?}"),
            (Some(_), false) => format!("enable {customer}"),
            (None, false) => format!("disable {customer}"),
        };
        let list = |changes: &[Change]| {
            let mut told: Vec<String> = changes.iter().take(MOST_TOLD).map(change).collect();
            if let Some(more) = changes.len().checked_sub(MOST_TOLD + 1) {
                told.push(format!("and {} more", more + 1));
            }
            told.join(", ")
        };
        let what = match &step.action {
            Action::Enable { .. } if step.manner == Manner::Rivals => {
                format!("enable {} for {}", party.name, party.tenants.join(", for "))
            }
            Action::Enable {
                acronis,
                settings,
                odd_name,
            } => {
                let with = settings.in_words();
                let named = odd_name.and_then(odd_name_of);
                let named = named.map_or_else(String::new, |name| format!(", named {name:?}"));
                format!("enable {} for {acronis}{with}{named}", party.name)
            }
            Action::EnableForeign { acronis, vendor } => {
                format!(
                    "enable, with the credentials of {}, {vendor:?}, an organisation that is not theirs, for {acronis}",
                    party.name
                )
            }
            Action::Disable => format!("disable {}", party.name),
            Action::Change {
                changes, settings, ..
            } => {
                let with = settings.in_words();
                format!("{}: {}{with}", party.name, list(changes))
            }
            Action::ChangeBoth { own, other, others } => format!(
                "{}: {}; {}: {}",
                party.name,
                list(own),
                self.parties[*other].name,
                list(others)
            ),
            Action::ChangeUnknown {
                changes,
                unknown,
                first,
            } => {
                let all = with_unknown(changes, unknown, *first);
                let place = if *first { "first" } else { "last" };
                format!(
                    "{}, of whom the {place} is not theirs: {}",
                    party.name,
                    list(&all)
                )
            }
        };
        let how = match step.manner {
            Manner::Plain => "",
            Manner::NoToken => ", without a token",
            Manner::BadToken => ", with a damaged token",
            Manner::OtherApp => ", with a token for another CyberApp",
            Manner::Expired => ", with an expired token",
            Manner::OtherIssuer => ", with a token of another issuer",
            Manner::BadSecret => ", with a wrong secret",
            Manner::BadIdentity => ", with an identity that nobody has",
            Manner::Twice => ", the same request delivered twice",
            Manner::AtOnce => ", the same request delivered twice at once",
            Manner::Parallel | Manner::Rivals => ", each by a request of its own, all at once",
            Manner::InLists => ", in lists of twenty, one after the other",
        };
        format!("{what}{how}")
    }
}
