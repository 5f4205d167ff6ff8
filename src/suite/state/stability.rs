//! Whether reads agree with each other before anything is changed.

use std::collections::BTreeMap;

use super::model::{Change, Model};
use super::observe::View;
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::Defect;

impl Engine {
    /// Reads everything again, and compares: whether both readings agree. `mixed` tells that other reads came between.
    pub(super) async fn reads_agree(&mut self, model: &Model, mixed: bool) -> Result<bool, Stop> {
        let mut agree = true;
        // Some reads by themselves first: what takes turns shows in one of them.
        for _ in 0..3 {
            let (view, exchange) = self.observe_one(model, mixed).await?;
            agree &= self.compare_again(model, 0, &view, &[exchange], mixed);
        }
        let (views, exchanges) = self.observe(model).await?;
        for (place, view) in views.iter().enumerate() {
            agree &= self.compare_again(model, place, view, &exchanges, mixed);
        }
        for place in 0..model.parties.len() {
            if !agree && !mixed && model.maps_partners() {
                self.blame_lasting_change(model, place).await?;
            }
        }
        Ok(agree)
    }

    /// Blames reading itself where a partner is told to be something else than at first, and always the same since: that
    /// does not take turns.
    async fn blame_lasting_change(&mut self, model: &Model, place: usize) -> Result<(), Stop> {
        let mut alone = model.clone();
        alone.parties.swap(0, place);
        let mut lasting: Option<Exchange> = None;
        for _ in 0..3 {
            let (view, exchange) = self.observe_one(&alone, false).await?;
            match view.enabled {
                Some(None) if alone.parties[0].state.enabled.is_some() => lasting = Some(exchange),
                _ => return Ok(()),
            }
        }
        if let Some(exchange) = lasting {
            let defect = Defect {
                expected: format!("{}: what was said at first", alone.parties[0].name),
                observed: "not enabled ever since, and nothing but reads in between".to_owned(),
            };
            self.accuse("ROB-16", defect, &exchange);
        }
        Ok(())
    }

    fn compare_again(
        &mut self,
        model: &Model,
        place: usize,
        view: &View,
        exchanges: &[Exchange],
        mixed: bool,
    ) -> bool {
        let party = &model.parties[place];
        let state = &party.state;
        let partner = view.enabled.as_ref().filter(|_| !party.mistaken);
        let partner = partner.map(|shown| *shown == state.enabled);
        let customers = view.customers.as_ref().map(|shown| {
            let listed = |customers: &BTreeMap<String, Option<String>>| -> Vec<Change> {
                let mapped = customers.iter().filter(|(_, to)| to.is_some());
                mapped.map(|(id, to)| (id.clone(), to.clone())).collect()
            };
            listed(shown) == listed(&state.customers)
        });
        let own = match mixed {
            true => ["ROB-16", "ROB-16"],
            false => [
                if model.maps_partners() {
                    "ENA-03"
                } else {
                    "ROB-16"
                },
                if model.maps_customers() {
                    "MAP-07"
                } else {
                    "ROB-16"
                },
            ],
        };
        let mut agree = true;
        let shown = [(partner, view.shown_by.0), (customers, view.shown_by.1)];
        for ((same, place), id) in shown.into_iter().zip(own) {
            let (Some(same), Some(exchange)) = (same, place.and_then(|place| exchanges.get(place)))
            else {
                continue;
            };
            agree &= same;
            let defect = (!same).then(|| Defect {
                expected: format!("{}: what was said a moment before", party.name),
                observed: "something else, and nothing but reads in between".to_owned(),
            });
            self.conclude(id, defect, exchange);
            if same {
                self.ledger.pass("ROB-16");
            }
        }
        agree
    }
}
