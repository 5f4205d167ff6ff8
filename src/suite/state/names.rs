//! What customers of mapped partners are called: writes leave it alone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::model::Model;
use crate::suite::engine::{Engine, Exchange, Stop};
use crate::suite::judge::Defect;

impl Engine {
    /// Holds the names of customers against those of before.
    pub(crate) async fn names_stay(&mut self) -> Result<(), Stop> {
        let Some(model) = self.model() else {
            return Ok(());
        };
        let before = match &self.ground {
            Some(ground) if ground.changed && !ground.names.is_empty() => ground.names.clone(),
            _ => return Ok(()),
        };
        let (Some(now), exchange) = self.names_now(&model).await? else {
            return Ok(());
        };
        let both = before
            .iter()
            .filter_map(|(id, old)| Some((id, old, now.get(id)?)));
        let renamed = both.into_iter().find(|(_, old, new)| old != new);
        let defect = renamed.map(|(id, old, new)| Defect {
            expected: format!("{id:?} is called {old}, as before mappings were changed"),
            observed: format!("it is called {new}"),
        });
        // Names that change by themselves have a requirement of their own.
        if defect.is_some() && self.names_now(&model).await?.0 != Some(now) {
            return Ok(());
        }
        self.conclude("TOP-07", defect, &exchange);
        Ok(())
    }

    async fn names_now(
        &mut self,
        model: &Model,
    ) -> Result<(Option<BTreeMap<String, Value>>, Exchange), Stop> {
        let exchange = self.read_topology(model, 0).await?;
        self.settle(&exchange);
        let now = exchange.judgement.payload().map(names);
        Ok((now, exchange))
    }
}

/// The names of the customers of a topology.
pub(super) fn names(topology: &Value) -> BTreeMap<String, Value> {
    let items = topology.get("items").and_then(Value::as_array);
    let named = |item: &Value| {
        Some((
            item.get("id")?.as_str()?.to_owned(),
            item.get("name")?.clone(),
        ))
    };
    items.into_iter().flatten().filter_map(named).collect()
}
