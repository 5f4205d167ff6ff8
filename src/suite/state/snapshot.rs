//! The handler's own data: saved before anything is changed, put back behind.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::calls::NAME;
use super::execute::names_given;
use super::model::{Action, Change, Manner, Model, Party, PartyState, Settings, Step};
use super::observe::View;
use super::passing::STAYING;
use super::{Effect, Ground};
use crate::protocol::catalog::TOPOLOGY_READ;
use crate::protocol::{EnablementMethod, Family};
use crate::suite::call::Call;
use crate::suite::check::{Draft, Expect};
use crate::suite::checks::namesakes;
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::interrupt::Interrupt;
use crate::suite::judge::{Defect, Disposition};
use crate::suite::session::{Session, encode_credentials};

/// Most time spent on putting the data back.
const MOST_TIME: Duration = Duration::from_secs(60);
/// Attempts at it, where the handler does not answer at first.
const ATTEMPTS: u32 = 5;
/// Requirements that take a customer.
const OF_CUSTOMERS: [&str; 9] = [
    "ENA-09", "MAP-09", "MAP-10", "MAP-11", "MAP-12", "MAP-13", "MAP-14", "MAP-15", "ROB-19",
];
/// Why nothing is learnt of the state.
const UNSTABLE: &str =
    "two reads in a row disagree, so nothing that is written could be read back with certainty";
/// Customers that both partners have of whom a notice tells.
const FEW: usize = 5;

/// The state of every partner before the run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshot {
    parties: Vec<PartyState>,
    /// Whether settings are put back as well.
    settings: bool,
}

impl Engine {
    /// Reads what is there, and makes the model of it. Where that cannot be done, nothing will be changed: says why.
    pub(crate) async fn survey(&mut self) -> Result<Option<String>, Stop> {
        let mut opened = Vec::new();
        let found = self.look_around(&mut opened).await;
        if !matches!(found, Ok(None)) && !opened.is_empty() {
            // Whoever stopped the run wants it undone all the same; a second Ctrl-C ends the program.
            self.interrupt = Interrupt::new();
            for (_, reset) in opened {
                let tenant = reset.json().unwrap_or_default()["context"]["tenant_id"].take();
                let draft = Draft::new("enablement.reset", reset, Expect::Accept);
                let undone = self.exchange_firmly("ENA-08", draft).await;
                if !undone.is_ok_and(|undone| undone.judgement.accepted()) {
                    self.notice(format!(
                        "a partner was to be enabled for the tenant {tenant} to be looked at, and may still be: enablement.reset was \
                         not accepted"
                    ));
                }
            }
        }
        found
    }

    /// The same; `opened` is who was enabled for it, and how that is undone.
    async fn look_around(
        &mut self,
        opened: &mut Vec<(usize, Call)>,
    ) -> Result<Option<String>, Stop> {
        let session = self.session.clone();
        let options = &session.options;
        let enablement = options.enablement;
        let by_credentials = enablement.partner() == EnablementMethod::Mapped;
        if by_credentials && options.credentials.is_none() {
            return Ok(Some(
                "needs vendor credentials: --identity and --secrets".to_owned(),
            ));
        }
        let mut model = Model::untouched(&session);
        self.ground = Some(Ground {
            model: model.clone(),
            snapshot: Snapshot::default(),
            moves: [None; 2],
            repeats: false,
            read_twice: 0,
            effect: Effect::default(),
            named: BTreeSet::new(),
            requests: 0,
        });
        let (mut views, mut exchanges) = self.observe(&model).await?;
        if by_credentials && model.maps_customers() {
            self.open(&mut model, &views, &exchanges, opened).await?;
        }
        if !opened.is_empty() {
            (views, exchanges) = self.observe(&model).await?;
        }
        if enablement.has(Family::PartnerMirroring) {
            for (place, view) in views.iter_mut().enumerate() {
                let known = match place {
                    0 => session.options.tenant_id.is_some(),
                    _ => session.options.other_tenant_id.is_some(),
                };
                let exchange = view.shown_by.0.and_then(|place| exchanges.get(place));
                let refused = exchange.is_some_and(|exchange| {
                    matches!(exchange.judgement.disposition, Disposition::Refused(_))
                });
                if refused && !known {
                    // Which breaks a requirement of its own.
                    view.enabled = Some(None);
                }
                let (Some(Some(_)), Some(exchange), false) = (&view.enabled, exchange, known)
                else {
                    continue;
                };
                let defect = Defect {
                    expected: "`state` is \"DISABLED\": nobody has seen this tenant before"
                        .to_owned(),
                    observed: "`state` is \"ENABLED\"".to_owned(),
                };
                self.accuse("PMI-02", defect, exchange);
                view.enabled = Some(None);
                model.parties[place].mistaken = true;
            }
        }
        if views.iter().any(|view| view.enabled == Some(None)) && !by_credentials {
            // Whether customers are shown depends on it.
            adopt(&mut model, &views);
            let (again, _) = self.observe(&model).await?;
            for (view, again) in views.iter_mut().zip(again) {
                view.customers = again.customers;
            }
        }
        let readable = |view: &View| {
            (view.enabled.is_some() || model.partner_read().is_none())
                && (view.customers.is_some() || model.customer_read().is_none() || !by_credentials)
        };
        if let Some(place) = views.iter().position(|view| !readable(view)) {
            let name = model.parties[place].name;
            self.ground = None;
            let changed = match opened.is_empty() {
                true => "nothing was changed",
                false => {
                    "nothing was changed but that a partner was enabled to look, and is disabled again"
                }
            };
            return Ok(Some(format!(
                "what {name} has could not be read, so it could not be put back: {changed}"
            )));
        }
        adopt(&mut model, &views);
        if !self.reads_agree(&model, false).await? {
            self.ground = None;
            return Ok(Some(UNSTABLE.to_owned()));
        }
        if model.maps_customers() && by_credentials {
            let mut topologies = Vec::new();
            for place in 0..model.parties.len() {
                topologies.push(self.keep_to_topology(&mut model, place).await?);
            }
            if let [Some(own), Some(other)] = &topologies[..] {
                model.namesakes = namesakes(own, other);
            }
            if !self.reads_agree(&model, true).await? {
                self.ground = None;
                return Ok(Some(UNSTABLE.to_owned()));
            }
        }
        if let [own, other] = &model.parties[..]
            && by_credentials
            && model.maps_customers()
            && let common = (other.state.customers.keys())
                .filter(|id| own.state.customers.contains_key(*id))
                .filter(|id| !model.namesakes.contains(*id))
                .map(|id| format!("{id:?}"))
                .collect::<Vec<_>>()
            && !common.is_empty()
        {
            // They are not told apart even where they are read, which has requirements of its own.
            let few = common[..common.len().min(FEW)].join(", ");
            self.notice(format!(
                "both partners list customers of the ids {few}, with the same names or with none that topology.read tells: what is done \
                 for one partner is not looked for with the other (ENA-13, MAP-15)"
            ));
            model.parties.truncate(1);
        }
        for party in &mut model.parties {
            // The tenant for which it is enabled stays the one of the run.
            if let Some(enabled) = party.state.enabled.clone() {
                party.tenants.retain(|tenant| *tenant != enabled);
                party.tenants.insert(0, enabled);
            }
        }
        if model.maps_customers() && model.parties[0].state.customers.is_empty() && by_credentials {
            for id in OF_CUSTOMERS {
                self.ledger
                    .unexercised(id, "the partner has no customers that could be mapped");
            }
        }
        let mut snapshot = Snapshot {
            parties: model
                .parties
                .iter()
                .map(|party| party.state.clone())
                .collect(),
            settings: true,
        };
        for (place, _) in opened {
            if let Some(state) = snapshot.parties.get_mut(*place) {
                state.enabled = None;
                state.customers.values_mut().for_each(|to| *to = None);
            }
        }
        for party in &mut model.parties {
            party.before.clone_from(&party.shown);
        }
        let ground = self.ground.get_or_insert_with(|| Ground {
            model: model.clone(),
            snapshot: Snapshot::default(),
            moves: [None; 2],
            repeats: false,
            read_twice: 0,
            effect: Effect::default(),
            named: BTreeSet::new(),
            requests: 0,
        });
        ground.model = model;
        ground.snapshot = snapshot;
        Ok(None)
    }

    /// Enables the partners that are not, where their customers are shown to enabled ones alone: the gateway does not ask before.
    /// `opened` is who was, and how that is undone.
    async fn open(
        &mut self,
        model: &mut Model,
        views: &[View],
        exchanges: &[Exchange],
        opened: &mut Vec<(usize, Call)>,
    ) -> Result<(), Stop> {
        for (place, view) in views.iter().enumerate() {
            let read = view.shown_by.1.and_then(|place| exchanges.get(place));
            let refused = read
                .is_some_and(|read| matches!(read.judgement.disposition, Disposition::Refused(_)));
            if view.enabled != Some(None) || view.vendor.is_none() || !refused {
                continue;
            }
            model.parties[place].vendor.clone_from(&view.vendor);
            let acronis = model.parties[place].tenant().to_owned();
            let action = Action::Enable {
                acronis: acronis.clone(),
                settings: Settings::None,
            };
            let number = self.next_request();
            let request = model.request(place, &action);
            let call = model.call(&self.session, number, place, request);
            let number = self.next_request();
            let reset = model.request(place, &Action::Disable);
            // It may have been enabled though the run is stopped while it is.
            opened.push((place, model.call(&self.session, number, place, reset)));
            let draft = Draft::new("enablement.write", call, Expect::Accept);
            let exchange = self.exchange_firmly("ENA-04", draft).await?;
            self.settle_others(&exchange, "ENA-04");
            match exchange.judgement.accepted() {
                true => model.parties[place].state.enabled = Some(acronis),
                false => drop(opened.pop()),
            }
        }
        Ok(())
    }

    /// Limits the customers to those that the topology lists, and adds those that it alone lists. Returns what it tells.
    async fn keep_to_topology(
        &mut self,
        model: &mut Model,
        place: usize,
    ) -> Result<Option<Value>, Stop> {
        let number = self.next_request();
        let tenant = model.parties[place].tenant().to_owned();
        let call = model.call(&self.session, number, place, (&TOPOLOGY_READ, None, tenant));
        let draft = Draft::new("topology.read", call, Expect::Accept);
        let exchange = self.exchange_firmly("TOP-01", draft).await?;
        let payload = exchange.judgement.payload().cloned();
        let items = (payload.as_ref()).and_then(|payload| payload.get("items")?.as_array());
        let pages = (payload.as_ref()).is_some_and(|payload| payload.get("paging").is_some());
        let (Some(items), false) = (items, pages) else {
            return Ok(payload);
        };
        let listed: Vec<String> = items
            .iter()
            .filter_map(|item| item.get("id").and_then(Value::as_str).map(str::to_owned))
            .collect();
        let others: Vec<String> = (model.parties.iter().enumerate())
            .filter(|(other, _)| *other != place)
            .flat_map(|(_, party)| party.state.customers.keys().cloned())
            .collect();
        let customers = &mut model.parties[place].state.customers;
        // A mapping of somebody whom the topology does not list stays: it is data to be put back.
        customers.retain(|id, to| to.is_some() || listed.contains(id));
        for id in listed {
            if !id.is_empty() && !others.contains(&id) {
                customers.entry(id).or_insert(None);
            }
        }
        Ok(payload)
    }

    /// Puts everything back as it was, also when the run was stopped; what could not be put back is told.
    pub(crate) async fn restore(&mut self, lost: bool) {
        let Some(ground) = self.ground.take() else {
            return;
        };
        let Ground {
            mut model,
            snapshot,
            requests,
            named,
            ..
        } = ground;
        if snapshot.parties.is_empty() {
            return;
        }
        // Whoever stopped the run wants the data back all the same; a second Ctrl-C ends the program.
        self.interrupt = Interrupt::new();
        self.ground = Some(Ground {
            model: model.clone(),
            snapshot: snapshot.clone(),
            moves: [None; 2],
            repeats: false,
            read_twice: 0,
            effect: Effect::default(),
            named,
            requests,
        });
        self.recording = super::execute::Recording::Nothing;
        self.trail.clear();
        let until = Instant::now() + MOST_TIME;
        let mut left = Vec::new();
        let attempts = if lost { 2 } else { ATTEMPTS };
        for attempt in 0..attempts {
            if attempt > 0 {
                if Instant::now() > until {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(300) * attempt).await;
            }
            left = match self.put_back(&mut model, &snapshot).await {
                Ok(left) => left,
                Err(_) => snapshot.steps(&model),
            };
            if left.is_empty() {
                break;
            }
        }
        let named = self.ground.take().map(|ground| ground.named);
        self.tell_names(&model, &snapshot, &named.unwrap_or_default());
        self.tell_taken_in(&model);
        if left.is_empty() {
            return;
        }
        self.notice("some data could not be put back as they were before the run; these requests would do it, in this order:");
        for step in left {
            let text = model.describe(&step);
            let calls = model.calls(&self.session, 0, &step);
            for call in calls {
                let curl = self.curl(&call);
                self.notice(format!("to restore: {text}\n{curl}"));
            }
        }
    }

    /// Tells which tenants of before the run have a name of the suite's now: no callback reads names.
    fn tell_names(&mut self, model: &Model, snapshot: &Snapshot, named: &BTreeSet<String>) {
        let mirrored = model.enablement.has(Family::PartnerMirroring);
        let partners = snapshot
            .parties
            .iter()
            .filter_map(|was| was.enabled.as_ref());
        let customers = (snapshot.parties.iter())
            .flat_map(|was| was.customers.iter())
            .filter(|(_, to)| to.is_some() && !model.maps_customers())
            .map(|(id, _)| id);
        let renamed: Vec<&str> = partners
            .filter(|_| mirrored)
            .chain(customers)
            .filter(|id| named.contains(*id))
            .map(String::as_str)
            .collect();
        if !renamed.is_empty() {
            self.notice(format!(
                "names cannot be read through callbacks, nor settings that get_state does not tell, so they could not be put back: \
                 {} {} enabled again under the name {NAME:?}",
                renamed.join(", "),
                if renamed.len() == 1 { "was" } else { "were" }
            ));
        }
    }

    /// Tells which customers that nobody has are still listed, for this run has named them.
    fn tell_taken_in(&mut self, model: &Model) {
        let parties = model.parties.iter();
        let left = parties.flat_map(|party| {
            let listed = party.state.customers.keys();
            listed.filter(|id| party.taken_in.contains(*id))
        });
        let left: Vec<String> = left.map(|id| format!("{id:?}")).collect();
        if !left.is_empty() {
            self.notice(format!(
                "the handler took in what a list named and nobody has, and no callback takes it out of what tenant_mapping.read lists: {}",
                left.join(", ")
            ));
        }
    }

    /// One attempt: the steps that are still to be done behind it.
    pub(super) async fn put_back(
        &mut self,
        model: &mut Model,
        snapshot: &Snapshot,
    ) -> Result<Vec<Step>, Stop> {
        let (views, _) = self.observe(model).await?;
        adopt(model, &views);
        for step in snapshot.steps(model) {
            let number = self.next_request();
            let calls = model.calls(&self.session, number, &step);
            for call in calls {
                let draft = Draft::new("restoring", call, Expect::FREE);
                let exchange = self.exchange("ROB-20", draft).await?;
                if exchange.judgement.accepted() {
                    model.apply(&step);
                    if let Some(ground) = &mut self.ground {
                        ground.named.extend(names_given(model, &step));
                    }
                }
            }
        }
        let (views, _) = self.observe(model).await?;
        adopt(model, &views);
        Ok(snapshot.steps(model))
    }

    fn curl(&self, call: &Call) -> String {
        let message = self.client.prepare(&call.message(&self.session));
        crate::suite::evidence::curl(&message, self.session.target.as_url(), &self.mask)
    }
}

impl Model {
    /// The partners of a run, of which nothing is known yet.
    pub(crate) fn untouched(session: &Session) -> Model {
        let options = &session.options;
        let enablement = options.enablement;
        let by_credentials = enablement.partner() == EnablementMethod::Mapped;
        let own = options.credentials.as_ref().map(encode_credentials);
        let other = options.other_credentials.as_ref().map(encode_credentials);
        let seed = options.seed;
        let tenant = Some(session.tenant());
        let mut parties = vec![Party::new("the partner", own, tenant, seed)];
        if !by_credentials || other.is_some() {
            let tenant = options.other_tenant_id.as_ref();
            let tenant = tenant.map(|id| id.as_str().to_ascii_lowercase());
            parties.push(Party::new("another partner", other, tenant, seed));
        }
        let explicit = enablement.partner() == EnablementMethod::Explicit;
        for party in &mut parties {
            if explicit {
                party.state.enabled = Some(party.tenants[0].clone());
            }
            if enablement.has(Family::CustomerMirroring) {
                for id in party.pool.iter().take(STAYING) {
                    party.state.customers.insert(id.clone(), None);
                }
            }
        }
        Model {
            enablement,
            parties,
            makes_tokens: session.signer().is_some(),
            namesakes: BTreeSet::new(),
        }
    }
}

/// Takes over what is shown.
fn adopt(model: &mut Model, views: &[View]) {
    let explicit = model.enablement.partner() == EnablementMethod::Explicit;
    for (party, view) in model.parties.iter_mut().zip(views) {
        if let Some(vendor) = &view.vendor {
            party.vendor = Some(vendor.clone());
        }
        if let (Some(enabled), false) = (&view.enabled, explicit) {
            party.state.enabled = enabled.clone();
        }
        let taken_in = &party.taken_in;
        let customers = &mut party.state.customers;
        customers.retain(|id, _| !taken_in.contains(id));
        for to in party.state.customers.values_mut() {
            *to = None;
        }
        for (id, to) in view.customers.iter().flatten() {
            party.state.customers.insert(id.clone(), to.clone());
        }
        party.shown.clone_from(&view.settings);
        party.repeated.clone_from(&view.repeated);
        party.ever_repeated.extend(view.repeated.iter().cloned());
    }
}

impl Snapshot {
    /// The state to which a model is to be brought.
    pub fn of(parties: Vec<PartyState>) -> Self {
        Self {
            parties,
            settings: false,
        }
    }

    /// The steps that lead from the model's state back to what was.
    fn steps(&self, model: &Model) -> Vec<Step> {
        let mut steps = Vec::new();
        for (place, (was, party)) in self.parties.iter().zip(&model.parties).enumerate() {
            let step = |action| Step {
                party: place,
                action,
                manner: Manner::Plain,
            };
            let now = &party.state;
            let explicit = model.enablement.partner() == EnablementMethod::Explicit;
            let mut customers = now.customers.clone();
            let moved = now.enabled != was.enabled && !explicit;
            if moved && now.enabled.is_some() {
                steps.push(step(Action::Disable));
                for to in customers.values_mut() {
                    *to = None;
                }
            }
            let reset = self.settings && party.shown.partner != party.before.partner;
            if let (true, Some(acronis)) = (moved || reset, &was.enabled) {
                steps.push(step(Action::Enable {
                    acronis: acronis.clone(),
                    settings: Settings::Before,
                }));
            }
            let different = customers.iter().filter_map(|(id, now)| {
                let was = was.customers.get(id).cloned().flatten();
                (*now != was).then_some((id, now, was))
            });
            // Who forgot to take them away with the partner may do so only while it is enabled.
            let left = |(id, to): (&String, &Option<String>)| {
                to.is_some() && was.customers.get(id).is_none_or(Option::is_none)
            };
            let again = !explicit && was.enabled.is_none() && now.enabled.is_none();
            let again = again && customers.iter().any(left);
            if again {
                steps.push(step(Action::Enable {
                    acronis: party.tenants[0].clone(),
                    settings: Settings::None,
                }));
            }
            // Taken away first: not every handler maps a mapped customer anew.
            let (mut gone, mut back): (Vec<Change>, Vec<Change>) = (Vec::new(), Vec::new());
            for (id, now, was) in different {
                if now.is_some() {
                    gone.push((id.clone(), None));
                }
                if was.is_some() {
                    back.push((id.clone(), was));
                }
            }
            for (id, to) in was.customers.iter().filter(|(_, to)| to.is_some()) {
                let [before, shown] = [&party.before, &party.shown].map(|it| it.customers.get(id));
                let there = back.iter().any(|(other, _)| other == id);
                if self.settings && !there && before != shown {
                    back.push((id.clone(), to.clone()));
                }
            }
            for changes in [gone, back] {
                if !changes.is_empty() {
                    steps.push(step(Action::Change {
                        changes,
                        settings: Settings::Before,
                        moves: false,
                    }));
                }
            }
            if again {
                steps.push(step(Action::Disable));
            }
        }
        steps
    }
}
