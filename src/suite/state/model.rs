//! The reference model: what a right handler remembers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::attribute::{AT_ONCE, RIVALS};
use super::passing::{ANY_NAME, ANY_PARTNER_NAME};
use crate::generate::seed;
use crate::protocol::{CallbackIdentity, Enablement, EnablementMethod, Family};

/// Partners under test.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    /// How partners and customers are enabled.
    pub enablement: Enablement,
    /// The partner of the run, and another one where there is one.
    pub parties: Vec<Party>,
    /// Whether tokens can be made: with a captured one alone there are none that are wrong in a way of their own.
    pub makes_tokens: bool,
    /// Ids that both partners have customers of, who are not the same.
    pub namesakes: BTreeSet<String>,
}

/// A partner.
#[derive(Debug, Clone)]
pub(crate) struct Party {
    /// What reports call it.
    pub name: &'static str,
    /// `X-CyberApp-Auth`, where callbacks are identified by it.
    pub auth: Option<Vec<u8>>,
    /// The Acronis tenants that it is enabled for: usually the first.
    pub tenants: Vec<String>,
    /// Acronis tenants for its customers.
    pub pool: Vec<String>,
    /// Whether it was told to be enabled before anybody had enabled it.
    pub mistaken: bool,
    /// The organisation's id on the vendor's side, where `enablement.read` told it.
    pub vendor: Option<String>,
    /// What the handler should remember.
    pub state: PartyState,
    /// The settings that were read before the run.
    pub before: Shown,
    /// The settings that were read last.
    pub shown: Shown,
    /// Customers that are listed more than once.
    pub repeated: BTreeSet<String>,
    /// Customers that ever were: of several rows one may go and another stay.
    pub ever_repeated: BTreeSet<String>,
    /// Customers that come and go who were named to the handler, and whether they should be enabled.
    pub met: BTreeMap<String, bool>,
    /// Customers that are not its own, and whom the handler took for such when a list named them.
    pub taken_in: BTreeSet<String>,
}

/// What a handler shows of one partner beside its state.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Shown {
    /// The partner's own.
    pub partner: Option<Value>,
    /// Those of its customers.
    pub customers: BTreeMap<String, Value>,
    /// Beside the settings, the mirrored customers' ids on the vendor's side.
    pub vendors: BTreeMap<String, String>,
}

/// What the handler should remember of one partner.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PartyState {
    /// The Acronis tenant that it is enabled for.
    pub enabled: Option<String>,
    /// Whether it has been enabled in this run, or was before.
    pub was_enabled: bool,
    /// Whether it has been disabled in this run after that.
    pub was_reset: bool,
    /// Whether it had customers when it was.
    pub lost_customers: bool,
    /// Mapped: the Acronis tenant of each organisation. Mirrored: each Acronis tenant, with itself where it is enabled.
    pub customers: BTreeMap<String, Option<String>>,
}

/// One change of a customer: mapped or enabled with a value, removed or disabled without.
pub(crate) type Change = (String, Option<String>);

/// The settings that come with what is enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settings {
    /// None.
    None,
    /// Some that the suite makes up.
    Sample,
    /// The same for one entry of a list in two, from the first on.
    EveryOther,
    /// Those that were read before the run, where there were any.
    Before,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// Enables the partner for this Acronis tenant.
    Enable {
        acronis: String,
        settings: Settings,
        /// Which of the odd names it has, if any.
        odd_name: Option<usize>,
    },
    /// Tries to enable an organisation that is not the credentials'.
    EnableForeign { acronis: String, vendor: String },
    /// Disables the partner.
    Disable,
    /// Changes customers.
    Change {
        changes: Vec<Change>,
        settings: Settings,
        /// Whether an Acronis tenant moves from one customer to another within the list.
        moves: bool,
    },
    /// Changes customers of the partner and of another one at once.
    ChangeBoth {
        /// The partner's own.
        own: Vec<Change>,
        /// Which partner the other one is.
        other: usize,
        /// That one's.
        others: Vec<Change>,
    },
    /// Changes customers, one of which is another partner's or nobody's; where customers are mirrored, it is disabled and nobody
    /// has enabled it.
    ChangeUnknown {
        changes: Vec<Change>,
        unknown: Change,
        /// Whether that one is named first.
        first: bool,
    },
}

impl Step {
    /// The changes of a list, each as a step of its own; none where there is no list.
    pub fn one_by_one(&self) -> Vec<Step> {
        let Action::Change {
            changes, settings, ..
        } = &self.action
        else {
            return Vec::new();
        };
        let single = |change: &Change| Step {
            action: Action::Change {
                changes: vec![change.clone()],
                settings: *settings,
                moves: false,
            },
            ..self.clone()
        };
        match changes.len() {
            0 | 1 => Vec::new(),
            _ => changes.iter().map(single).collect(),
        }
    }

    /// Whether it is about customers.
    pub fn changes_customers(&self) -> bool {
        matches!(
            self.action,
            Action::Change { .. } | Action::ChangeBoth { .. } | Action::ChangeUnknown { .. }
        )
    }

    /// Whether several changes go in one request.
    pub fn is_list(&self) -> bool {
        let entries = match &self.action {
            Action::Change { changes, .. } => changes.len(),
            Action::ChangeUnknown { changes, .. } => changes.len() + 1,
            _ => 0,
        };
        entries > 1 && self.manner != Manner::Parallel
    }

    /// The same where there is a list, or else the step itself.
    pub fn singly(&self) -> Vec<Step> {
        match self.one_by_one() {
            none if none.is_empty() => vec![self.clone()],
            all => all,
        }
    }
}

impl Action {
    /// One change and nothing else.
    pub fn single(change: &Change) -> Self {
        Self::Change {
            changes: vec![change.clone()],
            settings: Settings::None,
            moves: false,
        }
    }

    /// Whether it changes this partner's customers beside those of the step's own.
    pub fn is_also_of(&self, place: usize) -> bool {
        matches!(self, Action::ChangeBoth { other, .. } if *other == place)
    }
}

/// How a step is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Once.
    Plain,
    /// Without a token.
    NoToken,
    /// With a token whose signature is damaged.
    BadToken,
    /// With a token that was issued for another CyberApp.
    OtherApp,
    /// With a token that has expired.
    Expired,
    /// With a token of another issuer.
    OtherIssuer,
    /// With a wrong secret.
    BadSecret,
    /// With an identity that nobody has.
    BadIdentity,
    /// The same request twice, one after the other.
    Twice,
    /// The same request at once on two connections.
    AtOnce,
    /// Each change by a request of its own, all at once.
    Parallel,
    /// With a request for each of the partner's Acronis tenants, all at once.
    Rivals,
    /// Several changes by as many requests as there are lists of twenty.
    InLists,
}

impl Manner {
    /// Whether several requests are under way at once.
    pub fn is_at_once(self) -> bool {
        self.of_company().is_some()
    }

    /// The requirement that several requests at once are about.
    pub fn of_company(self) -> Option<&'static str> {
        match self {
            Self::AtOnce => Some("ROB-18"),
            Self::Parallel => Some(AT_ONCE),
            Self::Rivals => Some(RIVALS),
            _ => None,
        }
    }
}

/// One step of a sequence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    /// Whose it is.
    pub party: usize,
    /// What it does.
    pub action: Action,
    /// How it is delivered.
    pub manner: Manner,
}

/// What a right handler does with a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Accepts it; else this requirement is broken.
    Accept(&'static str),
    /// Refuses it; else this requirement is broken.
    Refuse(&'static str),
    /// Accepts or refuses it: no document says which.
    Free,
}

impl Party {
    /// A partner whose made-up Acronis tenants follow from the seed.
    pub fn new(
        name: &'static str,
        auth: Option<Vec<u8>>,
        tenant: Option<String>,
        seed: u64,
    ) -> Self {
        let made_up = |what: &str, number: u64| {
            let bytes = seed::case_seed(seed, &format!("{name} {what}"), number);
            let mut id = [0; 16];
            id.copy_from_slice(&bytes[..16]);
            uuid::Builder::from_random_bytes(id).into_uuid().to_string()
        };
        let first = tenant.unwrap_or_else(|| made_up("tenant", 0));
        Self {
            name,
            auth,
            tenants: vec![first, made_up("tenant", 1), made_up("tenant", 2)],
            pool: (0..12).map(|number| made_up("customer", number)).collect(),
            mistaken: false,
            vendor: None,
            state: PartyState::default(),
            before: Shown::default(),
            shown: Shown::default(),
            repeated: BTreeSet::new(),
            ever_repeated: BTreeSet::new(),
            met: BTreeMap::new(),
            taken_in: BTreeSet::new(),
        }
    }

    /// `context.tenant_id` of its requests.
    pub fn tenant(&self) -> &str {
        self.state.enabled.as_ref().unwrap_or(&self.tenants[0])
    }

    /// An Acronis tenant that no customer of it has, another one for each `pick`.
    pub fn spare(&self, pick: usize) -> String {
        let used: BTreeSet<&String> = self.state.customers.values().flatten().collect();
        // Behind the pool, for partners with more customers than it has tenants, neighbours of its last one.
        let last = self
            .pool
            .last()
            .and_then(|id| id.parse::<uuid::Uuid>().ok());
        let last = last.unwrap_or_default().as_u128();
        let further = (1..).map(|more: u128| uuid::Uuid::from_u128(last ^ more).to_string());
        let all = self.pool.iter().cloned().chain(further);
        let mut spare = all.filter(|id| !used.contains(id));
        spare
            .nth(pick)
            .expect("there are more tenants than customers")
    }
}

impl Model {
    /// Whether customers are mapped.
    pub fn maps_customers(&self) -> bool {
        self.enablement.has(Family::Mapping)
    }

    /// Whether partners are mapped.
    pub fn maps_partners(&self) -> bool {
        self.enablement.partner() == EnablementMethod::Mapped
    }

    /// Whether vendor credentials say whose a step is.
    fn is_by_credentials(&self, step: &Step) -> bool {
        let (callback, ..) = self.request(step.party, &step.action);
        self.enablement.identity(callback) == CallbackIdentity::Credentials
    }

    /// What a right handler does with a step.
    pub fn duty(&self, step: &Step) -> Duty {
        let party = &self.parties[step.party];
        let state = &party.state;
        match step.manner {
            Manner::NoToken => return Duty::Refuse("JWT-01"),
            Manner::BadToken => return Duty::Refuse("JWT-04"),
            Manner::OtherApp => return Duty::Refuse("JWT-15"),
            Manner::Expired => return Duty::Refuse("JWT-10"),
            Manner::OtherIssuer => return Duty::Refuse("JWT-11"),
            Manner::BadSecret | Manner::BadIdentity if !self.is_by_credentials(step) => {
                return Duty::Free;
            }
            Manner::BadSecret | Manner::BadIdentity => {
                return match (&step.action, step.manner) {
                    (Action::Enable { .. }, _) => Duty::Refuse("ENA-10"),
                    (_, Manner::BadSecret) => Duty::Refuse("CRED-05"),
                    _ => Duty::Refuse("CRED-06"),
                };
            }
            _ => {}
        }
        match &step.action {
            Action::EnableForeign { .. } => Duty::Refuse("ENA-07"),
            Action::Enable {
                odd_name: Some(_), ..
            } if !self.maps_partners() => Duty::Accept(ANY_PARTNER_NAME),
            Action::Enable {
                acronis, settings, ..
            } => match (&state.enabled, self.maps_partners()) {
                (Some(other), true) if other != acronis => Duty::Refuse("ENA-06"),
                (Some(_), true) => Duty::Accept("ENA-05"),
                (None, true) if state.was_reset => Duty::Accept("ENA-12"),
                (None, true) => Duty::Accept("ENA-04"),
                (_, false) if *settings == Settings::Sample => Duty::Accept("PMI-11"),
                (Some(_), false) => Duty::Accept("PMI-05"),
                (None, false) if state.was_reset => Duty::Accept("PMI-10"),
                (None, false) => Duty::Accept("PMI-04"),
            },
            Action::Disable if state.enabled.is_none() => Duty::Free,
            Action::Disable if self.maps_partners() => Duty::Accept("ENA-08"),
            Action::Disable => Duty::Accept("PMI-06"),
            Action::ChangeBoth { .. } => Duty::Accept(AT_ONCE),
            Action::ChangeUnknown { .. } => Duty::Free,
            // How many a list may have, or a partner, is for the handler to say.
            Action::Change { .. } if step.manner == Manner::InLists => Duty::Free,
            Action::Change { changes, .. }
                if changes
                    .iter()
                    .all(|(id, to)| to.is_some() && party.has_odd_name(id)) =>
            {
                Duty::Accept(ANY_NAME)
            }
            Action::Change {
                changes,
                settings,
                moves,
            } => {
                let plain = changes.iter().all(|(customer, to)| {
                    let now = state.customers.get(customer).cloned().flatten();
                    now.is_some() != to.is_some()
                });
                match (
                    plain && !(*moves && self.maps_customers()),
                    self.maps_customers(),
                ) {
                    (false, _) => Duty::Free,
                    (true, false) if *moves && step.is_list() => Duty::Accept("CMI-10"),
                    (true, false)
                        if matches!(settings, Settings::Sample | Settings::EveryOther) =>
                    {
                        Duty::Accept("CMI-09")
                    }
                    (true, _) => Duty::Accept(self.single(changes, step.is_list())),
                }
            }
        }
    }

    /// An organisation that is not this party's: another's, or one that a comparison in part, or of what a number begins with,
    /// takes for the party's. `None` where there is none of the kind.
    pub fn foreign_organisation(&self, party: &Party, pick: usize) -> Option<String> {
        let own = party.vendor.as_ref()?;
        let mut others = self.parties.iter().filter_map(|party| party.vendor.clone());
        match pick % 3 {
            0 => others
                .find(|vendor| vendor != own)
                .or_else(|| Some("acgw-no-such-organisation".to_owned())),
            1 => Some(format!("{own}-acgw")),
            _ => {
                let mut cut = own.clone();
                cut.pop();
                (!cut.is_empty()).then_some(cut)
            }
        }
    }

    /// Simpler requirements that a step cannot fulfil either where they are broken: these are blamed then.
    pub fn simpler(&self, id: &'static str, step: &Step) -> &'static [&'static str] {
        let state = &self.parties[step.party].state;
        match id {
            "PMI-11" if state.enabled.is_some() => &["PMI-04", "PMI-05"],
            "PMI-11" if state.was_reset => &["PMI-04", "PMI-10"],
            ANY_PARTNER_NAME => &["PMI-04", "PMI-05"],
            "PMI-05" | "PMI-10" | "PMI-11" => &["PMI-04"],
            "ENA-12" => &["ENA-04"],
            "CMI-09" | ANY_NAME => &["CMI-02"],
            "CMI-05" | "CMI-10" => &["CMI-02", "CMI-03", "CMI-05"],
            "MAP-12" => &["MAP-09", "MAP-10"],
            _ => &[],
        }
    }

    /// The requirement that changes are about, as a list or each by itself.
    pub fn single(&self, changes: &[Change], is_list: bool) -> &'static str {
        let enables = changes.first().is_some_and(|(_, to)| to.is_some());
        match (is_list, self.maps_customers(), enables) {
            (true, true, _) => "MAP-12",
            (true, false, _) => "CMI-05",
            (false, true, true) => "MAP-09",
            (false, true, false) => "MAP-10",
            (false, false, true) => "CMI-02",
            (false, false, false) => "CMI-03",
        }
    }

    /// Remembers a step that was accepted.
    pub fn apply(&mut self, step: &Step) {
        let explicit = self.enablement.partner() == EnablementMethod::Explicit;
        self.meet(step, true);
        let state = &mut self.parties[step.party].state;
        match &step.action {
            Action::Enable { acronis, .. } => {
                state.enabled = Some(acronis.clone());
                state.was_enabled = true;
            }
            Action::EnableForeign { .. } => {}
            Action::Disable => {
                state.was_reset |= state.was_enabled || state.enabled.is_some();
                if state.enabled.is_some() {
                    state.lost_customers = state.customers.values().any(Option::is_some);
                }
                if !explicit {
                    state.enabled = None;
                }
                for customer in state.customers.values_mut() {
                    *customer = None;
                }
            }
            Action::Change { changes, .. } | Action::ChangeUnknown { changes, .. } => {
                state.customers.extend(changes.iter().cloned());
            }
            Action::ChangeBoth { own, other, others } => {
                state.customers.extend(own.iter().cloned());
                let state = &mut self.parties[*other].state;
                state.customers.extend(others.iter().cloned());
            }
        }
    }

    /// Remembers a customer that is not the partner's own, where an accepted list named it and it is shown as the list says:
    /// what becomes of such a one is not documented.
    pub fn take_in(&mut self, step: &Step, shown: Option<&BTreeMap<String, Option<String>>>) {
        let Action::ChangeUnknown { unknown, .. } = &step.action else {
            return;
        };
        let (id, Some(to)) = unknown else { return };
        let is_shown = shown.is_some_and(|shown| shown.get(id) == Some(&Some(to.clone())));
        if self.maps_customers() && is_shown {
            let party = &mut self.parties[step.party];
            party.taken_in.insert(id.clone());
            party.state.customers.insert(id.clone(), Some(to.clone()));
        }
    }
}

/// The changes of two partners, each with the place of its partner, by turns.
pub(super) fn by_turns<'a>(
    (first, own): (usize, &'a [Change]),
    (second, others): (usize, &'a [Change]),
) -> Vec<(usize, &'a Change)> {
    let most = own.len().max(others.len());
    let turn = |place| {
        let own = own.get(place).map(|change| (first, change));
        let others = others.get(place).map(|change| (second, change));
        own.into_iter().chain(others)
    };
    (0..most).flat_map(turn).collect()
}

/// A list with one that is not theirs: what stands before it shows where it is applied, what stands behind it where it is not.
pub(super) fn with_unknown(changes: &[Change], unknown: &Change, first: bool) -> Vec<Change> {
    let mut all: Vec<Change> = changes.iter().chain([unknown]).cloned().collect();
    if first {
        all.rotate_right(1);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::text::is_uuid;

    #[test]
    fn there_is_a_spare_tenant_for_any_number_of_customers() {
        let mut party = Party::new("the partner", None, None, 1);
        for number in 0..100 {
            let spare = [0, 1, 7].map(|pick| party.spare(pick));
            for id in &spare {
                assert!(is_uuid(id), "{id}");
                let mut mapped = party.state.customers.values();
                assert!(!mapped.any(|to| to.as_ref() == Some(id)), "{id}");
            }
            assert_ne!(spare[0], spare[1]);
            let [_, _, spare] = spare;
            (party.state.customers).insert(number.to_string(), Some(spare));
        }
    }
}
