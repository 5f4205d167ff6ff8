//! Reading the state back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::model::{Model, Party, Shown};
use crate::protocol::text::is_uuid;
use crate::protocol::{Callback, EnablementMethod};
use crate::suite::check::{Draft, Expect};
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::Disposition;
use crate::suite::register;
use crate::suite::requirement::Level;

/// What a handler shows of one partner. `None` where it shows nothing that can be held against the model.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    /// The organisation's id on the vendor's side.
    pub vendor: Option<String>,
    /// The Acronis tenant that it is enabled for, if it is.
    pub enabled: Option<Option<String>>,
    /// Customers that are listed, with the Acronis tenant where mapped or enabled.
    pub customers: Option<BTreeMap<String, Option<String>>>,
    /// Customers that are listed more than once.
    pub repeated: BTreeSet<String>,
    /// The settings that are shown.
    pub settings: Shown,
    /// The place of the reads among the exchanges: of the partner, of the customers.
    pub shown_by: (Option<usize>, Option<usize>),
}

impl Engine {
    /// Reads the state of every partner, at once.
    pub(super) async fn observe(
        &mut self,
        model: &Model,
    ) -> Result<(Vec<View>, Vec<Exchange>), Stop> {
        self.observe_by(model, self.session.options.concurrency)
            .await
    }

    /// The same with so many reads under way: one at a time where what is read must not depend on what else is.
    pub(super) async fn observe_by(
        &mut self,
        model: &Model,
        limit: usize,
    ) -> Result<(Vec<View>, Vec<Exchange>), Stop> {
        let mut cases = Vec::new();
        let mut views: Vec<View> = Vec::new();
        for (place, party) in model.parties.iter().enumerate() {
            let mut view = View::default();
            if let Some(callback) = model.partner_read() {
                view.shown_by.0 = Some(cases.len());
                // The second partner's credentials may be wrong, as long as they were not accepted.
                let certain = place == 0 || !model.maps_partners() || self.other_accepted.is_some();
                cases.push(self.read(model, place, callback, certain));
            }
            if let Some(callback) = model.customer_read() {
                view.shown_by.1 = Some(cases.len());
                // What is answered for a partner that is not enabled is documented nowhere.
                let certain = party.state.enabled.is_some() || !model.maps_partners_by_context();
                cases.push(self.read(
                    model,
                    place,
                    callback,
                    certain && party.state.enabled.is_some(),
                ));
            }
            views.push(view);
        }
        let together = limit > 1 && cases.len() > 1;
        self.flaky.begin();
        let mut exchanges = Vec::with_capacity(cases.len());
        for exchange in self.exchange_all(cases, limit).await? {
            let exchange = self.firmly(exchange, together).await?;
            self.settle(&exchange);
            exchanges.push(exchange);
        }
        // An answer that breaks its own form says nothing certain about the state.
        let whole = |place: usize| is_whole(&exchanges[place]);
        for (view, party) in views.iter_mut().zip(&model.parties) {
            if let Some(place) = view.shown_by.0.filter(|place| whole(*place)) {
                read_partner(model, party, &exchanges[place], view);
            }
            if let Some(place) = view.shown_by.1.filter(|place| whole(*place)) {
                read_customers(model, party, &exchanges[place], view);
            }
        }
        Ok((views, exchanges))
    }

    /// Reads one thing of the first partner: its customers, or whether it is enabled.
    pub(super) async fn observe_one(
        &mut self,
        model: &Model,
        customers: bool,
    ) -> Result<(View, Exchange), Stop> {
        let callbacks = [model.partner_read(), model.customer_read()];
        let wanted = callbacks[usize::from(customers)];
        let callback = wanted.or(callbacks[0]).or(callbacks[1]);
        let callback =
            callback.ok_or_else(|| Stop::Fault("there is nothing to read".to_owned()))?;
        let of_partner = callbacks[0].is_some_and(|one| one.id == callback.id);
        let party = &model.parties[0];
        let certain = of_partner || party.state.enabled.is_some();
        let (about, draft) = self.read(model, 0, callback, certain);
        let exchange = self.exchange_firmly(about, draft).await?;
        self.settle(&exchange);
        let view = match is_whole(&exchange) {
            true => view(model, 0, of_partner, &exchange),
            false => View::default(),
        };
        Ok((view, exchange))
    }

    /// A read of a partner; `certain` tells that a right handler accepts it.
    pub(super) fn read(
        &mut self,
        model: &Model,
        party: usize,
        callback: &'static Callback,
        certain: bool,
    ) -> (&'static str, Draft) {
        let number = self.next_request();
        let tenant = model.parties[party].tenant().to_owned();
        let call = model.call(&self.session, number, party, (callback, None, tenant));
        let (about, expect) = match certain {
            true => (about(callback, &model.parties[party]), Expect::Accept),
            false => ("ROB-20", Expect::FREE),
        };
        (about, Draft::new(callback.name, call, expect))
    }

    /// Whether a customer is listed for being named to the handler in this run.
    pub(crate) fn has_taken_in(&self, customer: &str) -> bool {
        let parties = self.ground.iter().flat_map(|ground| &ground.model.parties);
        parties
            .into_iter()
            .any(|party| party.taken_in.contains(customer))
    }

    /// The number of the next request about the state.
    pub(super) fn next_request(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }
}

/// The requirement that the form of the answer is about.
pub(crate) fn about(callback: &Callback, party: &Party) -> &'static str {
    let state = &party.state;
    match callback.name {
        "partner.mirroring.get_state" if state.enabled.is_none() && !state.was_enabled => "PMI-02",
        _ => form_of(callback),
    }
}

/// The requirement that a reading callback is answered as documented.
pub(crate) fn form_of(callback: &Callback) -> &'static str {
    match callback.name {
        "topology.read" => "TOP-01",
        "enablement.read" => "ENA-01",
        "tenant_mapping.read" => "MAP-01",
        "partner.mirroring.get_state" => "PMI-01",
        _ => "CMI-01",
    }
}

impl Model {
    /// Whether the partner is told by `context.tenant_id` alone.
    fn maps_partners_by_context(&self) -> bool {
        self.enablement.partner() != EnablementMethod::Mapped
    }
}

/// What one read shows of a partner, or of its customers.
pub(crate) fn view(model: &Model, party: usize, of_partner: bool, exchange: &Exchange) -> View {
    let mut view = View::default();
    let party = &model.parties[party];
    if of_partner {
        view.shown_by.0 = Some(0);
        read_partner(model, party, exchange, &mut view);
    } else {
        view.shown_by.1 = Some(0);
        read_customers(model, party, exchange, &mut view);
    }
    view
}

fn read_partner(model: &Model, party: &Party, exchange: &Exchange, view: &mut View) {
    let Some(payload) = exchange.judgement.payload() else {
        return;
    };
    if model.maps_partners() {
        let Some(vendor) = payload.get("vendor_tenant_id").and_then(Value::as_str) else {
            return;
        };
        view.vendor = Some(vendor.to_owned()).filter(|vendor| !vendor.is_empty());
        view.enabled = tenant(payload);
    } else {
        view.settings.partner = payload.get("settings").cloned();
        view.enabled = match payload.get("state").and_then(Value::as_str) {
            Some("ENABLED") => Some(Some(party.tenant().to_owned())),
            Some("DISABLED") => Some(None),
            _ => None,
        };
    }
}

/// `acronis_tenant_id`, if it is there; `None` when it is not what it should be.
fn tenant(object: &Value) -> Option<Option<String>> {
    match object.get("acronis_tenant_id") {
        None => Some(None),
        Some(Value::String(id)) if is_uuid(id) => Some(Some(id.to_ascii_lowercase())),
        Some(_) => None,
    }
}

/// Reads the customers that an answer lists; none where it is not what it should be.
fn read_customers(model: &Model, party: &Party, exchange: &Exchange, view: &mut View) {
    let refused = matches!(exchange.judgement.disposition, Disposition::Refused(_));
    if refused && party.state.enabled.is_none() {
        // Nothing is shown: where customers are mirrored, that says that none is enabled.
        view.customers = (!model.maps_customers()).then(BTreeMap::new);
        return;
    }
    let maps = model.maps_customers();
    let payload = exchange.judgement.payload();
    let items = match maps {
        true => payload.and_then(|payload| payload.get("items")),
        false => payload,
    };
    let mut listed: BTreeMap<String, Option<String>> = BTreeMap::new();
    for item in items.and_then(Value::as_array).into_iter().flatten() {
        let Some((id, to)) = read_customer(maps, item) else {
            return;
        };
        if let Some(vendor) = item.get("vendor_tenant_id").filter(|_| !maps) {
            let vendor = vendor.as_str().unwrap_or_default().to_owned();
            view.settings.vendors.insert(id.clone(), vendor);
        }
        if let Some(settings) = item.get("settings").filter(|_| !maps) {
            let settings = settings.clone();
            view.settings.customers.insert(id.clone(), settings);
        }
        if listed.contains_key(&id) {
            view.repeated.insert(id.clone());
        }
        // Listed twice, it is mapped if it is in one place; to two tenants at once it cannot be.
        let known = listed.entry(id).or_default();
        match (&known, to) {
            (Some(known), Some(to)) if *known != to => return,
            (None, Some(to)) => *known = Some(to),
            _ => {}
        }
    }
    view.customers = items.is_some_and(Value::is_array).then_some(listed);
}

fn read_customer(maps: bool, item: &Value) -> Option<(String, Option<String>)> {
    let tenant = tenant(item)?;
    match maps {
        true => {
            let id = item.get("vendor_tenant_id")?.as_str()?;
            (!id.is_empty()).then(|| (id.to_owned(), tenant))
        }
        false => tenant.map(|id| (id.clone(), Some(id))),
    }
}

/// Whether an answer says something certain about the state: what breaks an obligation of its form does not. A customer that is
/// listed twice does.
fn is_whole(exchange: &Exchange) -> bool {
    let tolerable = |id: &str| {
        let level = register::find(id).map(|one| one.level);
        level.is_some_and(|level| level != Level::Must) || id == "MAP-03"
    };
    let mut findings = exchange.judgement.findings.iter();
    findings.all(|finding| finding.defect.is_none() || tolerable(finding.id))
}
