//! What a step of a sequence is meant to do, before it is known what it can do: resolved against the model when its turn
//! comes, so that any part of a sequence is a sequence.

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;

use super::model::{Action, Change, Manner, Model, Party, Settings, Step};
use crate::protocol::EnablementMethod;

/// What a step is meant to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Enables the partner where it is not, for one of its Acronis tenants.
    Enable(usize),
    /// Enables the partner once more as it is.
    EnableAgain,
    /// The same under an odd name.
    EnableNamed(usize),
    /// The same with settings.
    EnableWithSettings,
    /// Enables an enabled partner for another Acronis tenant.
    EnableOther,
    /// Enables an organisation that is not the credentials': another partner's or nobody's, or one that only looks like theirs.
    EnableForeign(usize),
    /// Disables the partner.
    Disable,
    /// Maps or enables a customer.
    Add(usize),
    /// The same with settings.
    AddWithSettings(usize),
    /// Removes or disables a customer.
    Remove(usize),
    /// Maps a mapped customer to another tenant.
    Remap(usize),
    /// Several changes in one list, in both directions.
    Several(usize),
    /// Adds all customers that are not there.
    AddAll,
    /// The same with settings, for each or for some.
    AddAllWithSettings(Settings),
    /// Removes all.
    RemoveAll,
    /// Adds all customers of this partner and of another one at once, or removes them.
    Both(bool),
    /// Moves an Acronis tenant from one customer to another: the new one first, or the old one.
    Move(bool),
    /// A list with a customer that nobody has.
    Unknown(usize),
    /// Enables so many mirrored customers that the handler has never seen.
    Fresh(usize),
    /// Enables the mirrored customers with odd names.
    AllNamed,
    /// Enables one of them, where it is not.
    Named(usize),
    /// Enables a crowd of mirrored customers.
    Crowd,
    /// Disables those that come and go.
    RemovePassing,
    /// A list that names another partner's customer.
    Foreign(usize),
}

/// A step that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Intent {
    /// Whose.
    pub party: usize,
    /// What.
    pub kind: Kind,
    /// How it is delivered.
    pub manner: Manner,
}

/// Most customers that a list changes at once.
const MOST: usize = 6;

impl Kind {
    /// Whether it is about customers that come and go.
    fn is_passing(self) -> bool {
        matches!(
            self,
            Kind::Fresh(_) | Kind::AllNamed | Kind::Named(_) | Kind::Crowd | Kind::RemovePassing
        )
    }
}

impl Intent {
    /// The step, where the state allows for it.
    pub fn resolve(self, model: &Model) -> Option<Step> {
        let party = model.parties.get(self.party)?;
        let state = &party.state;
        let mapped = model.maps_partners();
        let explicit = model.enablement.partner() == EnablementMethod::Explicit;
        let enabled = state.enabled.is_some();
        let enable = |acronis: &String, settings| Action::Enable {
            acronis: acronis.clone(),
            settings,
            odd_name: None,
        };
        let action = match self.kind {
            _ if mapped && party.vendor.is_none() => return None,
            Kind::Enable(_)
            | Kind::EnableAgain
            | Kind::EnableNamed(_)
            | Kind::EnableWithSettings
            | Kind::Disable
                if explicit =>
            {
                return None;
            }
            Kind::Enable(_) if enabled => return None,
            Kind::Enable(pick) if mapped => {
                enable(&party.tenants[pick % party.tenants.len()], Settings::None)
            }
            Kind::Enable(_) => enable(&party.tenants[0], Settings::None),
            Kind::EnableAgain => enable(state.enabled.as_ref()?, Settings::None),
            Kind::EnableNamed(_) | Kind::EnableWithSettings if mapped => return None,
            Kind::EnableNamed(pick) => Action::Enable {
                acronis: state.enabled.clone()?,
                settings: Settings::None,
                odd_name: Some(pick),
            },
            Kind::EnableWithSettings => enable(&party.tenants[0], Settings::Sample),
            Kind::EnableOther | Kind::EnableForeign(_) if !mapped => return None,
            Kind::EnableOther => {
                let now = state.enabled.as_ref()?;
                enable(party.tenants.iter().find(|id| *id != now)?, Settings::None)
            }
            Kind::EnableForeign(pick) => Action::EnableForeign {
                acronis: party.tenant().to_owned(),
                vendor: model.foreign_organisation(party, pick)?,
            },
            // What a reset of a tenant that was never seen does is not documented.
            Kind::Disable if !mapped && !enabled && !state.was_enabled => return None,
            Kind::Disable => Action::Disable,
            _ if !enabled => return None,
            _ => self.changes(model, party)?,
        };
        let own_token = matches!(
            self.manner,
            Manner::OtherApp | Manner::Expired | Manner::OtherIssuer
        );
        if own_token && !model.makes_tokens {
            return None;
        }
        let by_secrets = matches!(self.manner, Manner::BadSecret | Manner::BadIdentity);
        if by_secrets && (party.auth.is_none() || !model.maps_partners()) {
            return None;
        }
        let manner = match (&action, self.manner) {
            // Only an organisation that is not enabled yet can be fought for.
            (Action::Enable { .. }, Manner::Rivals) if mapped && !enabled => Manner::Rivals,
            (_, Manner::Rivals) => return None,
            (Action::Change { .. }, manner) => manner,
            (Action::ChangeBoth { .. }, _) => Manner::Parallel,
            // Only changes of customers are several.
            (_, Manner::Parallel | Manner::InLists) => Manner::Plain,
            (_, manner) => manner,
        };
        Some(Step {
            party: self.party,
            action,
            manner,
        })
    }

    fn changes(self, model: &Model, party: &Party) -> Option<Action> {
        let customers = &party.state.customers;
        let maps = model.maps_customers();
        let on: Vec<&String> = customers
            .iter()
            .filter(|(_, to)| to.is_some())
            .map(|(id, _)| id)
            .collect();
        let off: Vec<&String> = customers
            .iter()
            .filter(|(_, to)| to.is_none())
            .map(|(id, _)| id)
            .collect();
        let choose = |list: &[&String], pick: usize| -> Option<String> {
            (!list.is_empty()).then(|| list[pick % list.len()].clone())
        };
        let mut given = Vec::new();
        let mut add = |id: String, pick: usize| -> Change {
            let to = match maps {
                true => {
                    let mut to = party.spare(pick);
                    for more in 1.. {
                        if !given.contains(&to) {
                            break;
                        }
                        to = party.spare(pick + more);
                    }
                    given.push(to.clone());
                    to
                }
                false => id.clone(),
            };
            (id, Some(to))
        };
        let plain = |changes: Vec<Change>| {
            (!changes.is_empty()).then_some(Action::Change {
                changes,
                settings: Settings::None,
                moves: false,
            })
        };
        match self.kind {
            Kind::Add(pick) => plain(vec![add(choose(&off, pick)?, pick)]),
            Kind::AddWithSettings(pick) if !maps => Some(Action::Change {
                changes: vec![add(choose(&off, pick)?, pick)],
                settings: Settings::Sample,
                moves: false,
            }),
            Kind::Remove(pick) => plain(vec![(choose(&on, pick)?, None)]),
            Kind::Remap(pick) if maps => plain(vec![add(choose(&on, pick)?, pick)]),
            Kind::Several(pick) => {
                let mut changes = Vec::new();
                let all: Vec<(&String, bool)> = customers
                    .iter()
                    .map(|(id, to)| (id, to.is_some()))
                    .collect();
                // One is left as it is at times, where there are four.
                for place in 0..all.len().min(4 - pick % 2) {
                    let (id, is_on) = all[(pick + place) % all.len()];
                    changes.push(match is_on {
                        true => (id.clone(), None),
                        false => add(id.clone(), pick + place),
                    });
                }
                (changes.len() > 1).then(|| plain(changes)).flatten()
            }
            Kind::AddAll => plain(
                off.iter()
                    .take(MOST)
                    .enumerate()
                    .map(|(place, id)| add((*id).clone(), place))
                    .collect(),
            ),
            Kind::AddAllWithSettings(_) if maps => None,
            Kind::AddAllWithSettings(settings) => Some(Action::Change {
                changes: off
                    .iter()
                    .take(MOST)
                    .map(|id| add((*id).clone(), 0))
                    .collect(),
                settings,
                moves: false,
            })
            .filter(|_| off.len() > 1),
            Kind::RemoveAll => plain(
                on.iter()
                    .take(MOST)
                    .map(|id| ((*id).clone(), None))
                    .collect(),
            ),
            Kind::Both(adds) => {
                let kind = if adds { Kind::AddAll } else { Kind::RemoveAll };
                let mut parties = model.parties.iter();
                let is_other =
                    |other: &Party| other.name != party.name && other.state.enabled.is_some();
                let other = parties.position(is_other)?;
                let changes = |party: &Party| match (Self { kind, ..self }).changes(model, party)? {
                    Action::Change { changes, .. } => Some(changes),
                    _ => None,
                };
                Some(Action::ChangeBoth {
                    own: changes(party)?,
                    other,
                    others: changes(&model.parties[other])?,
                })
            }
            Kind::Move(new_first) if maps => {
                let (from, to) = (choose(&on, 0)?, choose(&off, 0)?);
                let moved = (to, customers.get(&from).cloned().flatten());
                let mut changes = vec![moved, (from, None)];
                if !new_first {
                    changes.reverse();
                }
                Some(Action::Change {
                    changes,
                    settings: Settings::None,
                    moves: true,
                })
            }
            Kind::Move(new_first) => {
                let (leaves, comes) = (choose(&on, 0)?, choose(&off, 0)?);
                let mut changes = vec![(comes.clone(), Some(comes)), (leaves, None)];
                if !new_first {
                    changes.reverse();
                }
                Some(Action::Change {
                    changes,
                    settings: Settings::None,
                    moves: true,
                })
            }
            Kind::Unknown(pick) if !maps && pick % 2 == 1 => Some(Action::ChangeUnknown {
                changes: vec![(choose(&on, pick)?, None)],
                unknown: (party.pool[11].clone(), None),
                first: true,
            }),
            Kind::Unknown(pick) if !maps => Some(Action::ChangeUnknown {
                changes: vec![add(choose(&off, pick)?, pick)],
                unknown: (party.pool[11].clone(), None),
                first: false,
            }),
            _ if self.kind.is_passing()
                && model.enablement.customer() != EnablementMethod::Mirrored =>
            {
                None
            }
            Kind::Fresh(count) => {
                let fresh = party.fresh(count);
                plain(fresh.into_iter().map(|id| add(id, 0)).collect())
            }
            Kind::AllNamed => {
                let named = (0..).map_while(|pick| party.named(pick));
                plain(named.map(|id| add(id, 0)).collect())
            }
            Kind::Named(pick) => plain(vec![add(party.named(pick)?, 0)]),
            Kind::Crowd => {
                let all = party.crowd().into_iter();
                plain(all.map(|id| add(id, 0)).collect())
            }
            Kind::RemovePassing => {
                // Those that are on before those that should be.
                let passing = on.iter().filter(|id| party.is_passing(id)).copied();
                let should = party.met.iter().filter(|(_, enabled)| **enabled);
                let others = should.map(|(id, _)| id).filter(|id| !on.contains(id));
                plain(passing.chain(others).map(|id| (id.clone(), None)).collect())
            }
            Kind::Unknown(pick) => Some(Action::ChangeUnknown {
                changes: vec![match choose(&off, pick) {
                    Some(id) => add(id, pick),
                    None => (choose(&on, pick)?, None),
                }],
                unknown: (
                    // What is accepted of one partner is not to look like the other's.
                    format!("acgw-no-such-organisation-{}", self.party + 1),
                    Some(party.pool[11].clone()),
                ),
                first: false,
            }),
            Kind::Foreign(pick) => {
                let other = model
                    .parties
                    .iter()
                    .find(|other| other.name != party.name)?;
                // To take away what is not theirs, or to give where there is nothing. Who enables a mirrored customer of another
                // partner may take it over.
                let theirs = other.state.customers.iter();
                let theirs = theirs
                    .filter(|(id, to)| !customers.contains_key(*id) && (maps || to.is_some()));
                let theirs: Vec<_> = theirs.collect();
                let (id, to) = theirs.get(pick % theirs.len().max(1))?;
                let change = match to {
                    Some(_) => None,
                    None => Some(party.pool[10].clone()),
                };
                Some(Action::ChangeUnknown {
                    changes: Vec::new(),
                    unknown: ((*id).clone(), change),
                    first: false,
                })
            }
            _ => None,
        }
    }
}

/// What steps do, the frequent more often, the simple first: shrinking goes to the front.
const KINDS: &[fn(usize) -> Kind] = &[
    Kind::Add,
    Kind::Add,
    Kind::Add,
    Kind::Add,
    Kind::Remove,
    Kind::Remove,
    Kind::Remove,
    |_| Kind::Disable,
    |_| Kind::Disable,
    Kind::Enable,
    Kind::Enable,
    Kind::Enable,
    |_| Kind::EnableAgain,
    |_| Kind::EnableWithSettings,
    |_| Kind::EnableOther,
    Kind::EnableForeign,
    Kind::Several,
    Kind::Several,
    Kind::Several,
    Kind::Remap,
    Kind::Remap,
    |_| Kind::AddAll,
    |_| Kind::RemoveAll,
    Kind::AddWithSettings,
    |pick| Kind::Move(pick % 2 == 0),
    Kind::Unknown,
    Kind::Foreign,
];

/// Sequences of steps.
pub(crate) fn sequences(parties: usize) -> SBoxedStrategy<Vec<Intent>> {
    let kind = (0..KINDS.len(), 0..8usize).prop_map(|(kind, pick)| KINDS[kind](pick));
    let manner = prop_oneof![
        12 => Just(Manner::Plain),
        2 => Just(Manner::Twice),
        1 => Just(Manner::AtOnce),
        2 => Just(Manner::Parallel),
        1 => Just(Manner::BadToken),
        1 => Just(Manner::BadSecret),
        1 => Just(Manner::BadIdentity),
    ];
    let intent =
        (0..parties.max(1) * 3, kind, manner).prop_map(move |(party, kind, manner)| Intent {
            // Most steps are the first partner's.
            party: if party < parties { party } else { 0 },
            kind,
            manner,
        });
    proptest::collection::vec(intent, 3..12).sboxed()
}
