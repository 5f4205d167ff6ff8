//! Before anything is changed: what is there is read, and the model made of it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Ground;
use super::attribute::{NOT_ISOLATED, anothers};
use super::model::{Action, Model, Party, Settings};
use super::names::names;
use super::observe::View;
use super::passing::STAYING;
use super::snapshot::{Snapshot, adopt};
use crate::protocol::catalog::TOPOLOGY_READ;
use crate::protocol::{EnablementMethod, Family};
use crate::suite::call::Call;
use crate::suite::check::{Draft, Expect};
use crate::suite::checks::namesakes;
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::interrupt::Interrupt;
use crate::suite::judge::{Defect, Disposition};
use crate::suite::other_partner::tells_by_credentials;
use crate::suite::session::{Session, encode_credentials};

/// Requirements that take a customer.
const OF_CUSTOMERS: [&str; 9] = [
    "ENA-09", "MAP-09", "MAP-10", "MAP-11", "MAP-12", "MAP-13", "MAP-14", "MAP-15", "ROB-19",
];
/// Why nothing is learnt of the state.
const UNSTABLE: &str =
    "two reads in a row disagree, so nothing that is written could be read back with certainty";
/// Customers that both partners have of whom a notice tells.
const FEW: usize = 5;

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
        let enablement = session.options.enablement;
        let by_credentials = enablement.partner() == EnablementMethod::Mapped;
        if by_credentials && session.options.credentials.is_none() {
            return Ok(Some(
                "needs vendor credentials: --identity and --secrets".to_owned(),
            ));
        }
        let mut model = Model::untouched(&session);
        let maps = by_credentials && model.maps_customers();
        self.ground = Some(Ground::new(model.clone(), Snapshot::default()));
        let (mut views, mut exchanges) = self.observe(&model).await?;
        if self.other_accepted.is_none()
            && tells_by_credentials(&session)
            && let Some(read) = views
                .get(1)
                .and_then(|view| exchanges.get(view.shown_by.0?))
        {
            let was_accepted = read.judgement.accepted();
            if self.learn_other_partner(read).await? {
                model = Model::untouched(&session);
                self.ground = Some(Ground::new(model.clone(), Snapshot::default()));
            }
            if !was_accepted {
                (views, exchanges) = self.observe(&model).await?;
            }
        }
        if maps {
            self.open(&mut model, &views, &exchanges, opened).await?;
        }
        if !opened.is_empty() {
            (views, exchanges) = self.observe(&model).await?;
        }
        if enablement.has(Family::PartnerMirroring) {
            self.disbelieve(&mut model, &mut views, &exchanges);
        }
        let unseen = views.iter().any(|view| view.enabled == Some(None)) && !by_credentials;
        // Mirrored customers are those of the tenant that the partner is enabled for, which is known only now.
        let elsewhere = views.iter().zip(&model.parties).any(|(view, party)| {
            let enabled = view.enabled.as_ref().and_then(Option::as_ref);
            enabled.is_some_and(|tenant| tenant != party.tenant())
        });
        if unseen || (elsewhere && by_credentials && !model.maps_customers()) {
            // Whether customers are shown depends on it.
            adopt(&mut model, &views);
            let (again, _) = self.observe(&model).await?;
            for (view, again) in views.iter_mut().zip(again) {
                view.customers = again.customers;
                view.repeated = again.repeated;
                view.settings.customers = again.settings.customers;
                view.settings.vendors = again.settings.vendors;
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
        let mut agree = self.reads_agree(&model, false).await?;
        if agree && maps {
            self.keep_to_topologies(&mut model).await?;
            agree = self.reads_agree(&model, true).await?;
        }
        if !agree {
            self.ground = None;
            return Ok(Some(UNSTABLE.to_owned()));
        }
        if maps {
            self.part(&mut model);
        }
        for party in &mut model.parties {
            // The tenant for which it is enabled stays the one of the run.
            if let Some(enabled) = party.state.enabled.clone() {
                party.tenants.retain(|tenant| *tenant != enabled);
                party.tenants.insert(0, enabled);
            }
            party.before.clone_from(&party.shown);
            party.state.was_enabled = party.state.enabled.is_some();
        }
        if maps && model.parties[0].state.customers.is_empty() {
            for id in OF_CUSTOMERS {
                self.ledger
                    .unexercised(id, "the partner has no customers that could be mapped");
            }
        }
        let opened = opened.iter().map(|(place, _)| *place);
        let snapshot = Snapshot::before(&model, opened);
        match &mut self.ground {
            Some(ground) => (ground.model, ground.snapshot) = (model, snapshot),
            None => self.ground = Some(Ground::new(model, snapshot)),
        }
        Ok(None)
    }

    /// Takes partners that nobody has seen before for ones that are not enabled, whatever the handler says of them.
    fn disbelieve(&mut self, model: &mut Model, views: &mut [View], exchanges: &[Exchange]) {
        let options = &self.session.options;
        let known = [
            options.tenant_id.is_some(),
            options.other_tenant_id.is_some(),
        ];
        for (place, view) in views.iter_mut().enumerate() {
            if known[place.min(1)] {
                continue;
            }
            let exchange = view.shown_by.0.and_then(|place| exchanges.get(place));
            let Some(exchange) = exchange else {
                continue;
            };
            if matches!(exchange.judgement.disposition, Disposition::Refused(_)) {
                // Which breaks a requirement of its own.
                view.enabled = Some(None);
            } else if let Some(Some(_)) = view.enabled {
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
    }

    /// Parts customers of two partners that have the same ids: namesakes are told apart by their names, and where others are
    /// nothing is looked for with the other partner.
    fn part(&mut self, model: &mut Model) {
        let [own, other] = &model.parties[..] else {
            return;
        };
        let common: Vec<String> = (other.state.customers.keys())
            .filter(|id| own.state.customers.contains_key(*id))
            .filter(|id| !model.namesakes.contains(*id))
            .map(|id| format!("{id:?}"))
            .collect();
        if common.is_empty() {
            return;
        }
        // They are not told apart even where they are read, which has requirements of its own.
        let few = common[..common.len().min(FEW)].join(", ");
        self.notice(format!(
            "both partners list customers of the ids {few}, with the same names or with none that topology.read tells: what is done \
             for one partner is not looked for with the other (ENA-13, MAP-15)"
        ));
        model.parties.truncate(1);
    }

    /// Limits every partner's customers to those that its topology lists, and finds out who only share an id.
    async fn keep_to_topologies(&mut self, model: &mut Model) -> Result<(), Stop> {
        let mut topologies = Vec::new();
        for place in 0..model.parties.len() {
            topologies.push(self.keep_to_topology(model, place).await?);
        }
        if let (Some(Some(own)), Some(ground)) = (topologies.first(), &mut self.ground) {
            ground.names = names(own);
        }
        if let [Some(own), Some(other)] = &topologies[..] {
            model.namesakes = namesakes(own, other);
        }
        Ok(())
    }

    /// Finds out which customers that both partners list only share an id, where partners show no customers before they are enabled.
    pub(super) async fn learn_namesakes(
        &mut self,
        model: &mut Model,
        views: &[View],
    ) -> Result<(), Stop> {
        let shared = (1..views.len()).any(|place| anothers(model, place, views).is_some());
        let [own, other] = &model.parties[..] else {
            return Ok(());
        };
        let both_enabled = own.state.enabled.is_some() && other.state.enabled.is_some();
        // Asked once: what is shown wrongly has been blamed then.
        let known = !model.namesakes.is_empty() || self.ledger.failed(NOT_ISOLATED) > 0;
        if !shared || !both_enabled || known {
            return Ok(());
        }
        let mut topologies = Vec::new();
        for place in 0..model.parties.len() {
            topologies.push(self.topology_of(model, place).await?);
        }
        if let [Some(own), Some(other)] = &topologies[..] {
            model.namesakes = namesakes(own, other);
        }
        Ok(())
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
                odd_name: None,
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

    /// What the topology tells of a partner.
    async fn topology_of(&mut self, model: &Model, place: usize) -> Result<Option<Value>, Stop> {
        let exchange = self.read_topology(model, place).await?;
        Ok(exchange.judgement.payload().cloned())
    }

    /// Asks for a partner's topology.
    pub(super) async fn read_topology(
        &mut self,
        model: &Model,
        place: usize,
    ) -> Result<Exchange, Stop> {
        let number = self.next_request();
        let tenant = model.parties[place].tenant().to_owned();
        let call = model.call(&self.session, number, place, (&TOPOLOGY_READ, None, tenant));
        let draft = Draft::new("topology.read", call, Expect::Accept);
        self.exchange_firmly("TOP-01", draft).await
    }

    /// Limits the customers to those that the topology lists, and adds those that it alone lists. Returns what it tells.
    async fn keep_to_topology(
        &mut self,
        model: &mut Model,
        place: usize,
    ) -> Result<Option<Value>, Stop> {
        let payload = self.topology_of(model, place).await?;
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
}

impl Model {
    /// The partners of a run, of which nothing is known yet.
    pub(crate) fn untouched(session: &Session) -> Model {
        let options = &session.options;
        let enablement = options.enablement;
        let by_credentials = enablement.partner() == EnablementMethod::Mapped;
        let own = options.credentials.as_ref().map(encode_credentials);
        let other = session.other_credentials().map(encode_credentials);
        let seed = options.seed;
        let tenant = Some(session.tenant().to_ascii_lowercase());
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
