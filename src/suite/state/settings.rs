//! Settings that are shown: those of the one that they were sent for, or else whose they are.

use serde_json::{Value, json};

use super::attribute::Difference;
use super::model::{Model, Party};
use super::observe::View;
use crate::suite::judge::Defect;

/// What stands before the tenant in settings that the suite makes up.
const OF: &str = "acgw: settings of ";

/// Settings that are made up for a tenant.
pub(super) fn made_up(tenant: &str) -> Value {
    json!({
        "Plan": "gold",
        "number of seats": 5,
        "größe": ["S", "M"],
        "Note": format!("{OF}{tenant}"),
    })
}

/// Settings that are shown for one tenant and were sent for another, if any are.
pub(super) fn strangers(model: &Model, views: &[View]) -> Option<Difference> {
    let each = model.parties.iter().zip(views).enumerate();
    each.into_iter()
        .find_map(|(place, (party, view))| of_another(model, place, party, view))
}

fn of_another(model: &Model, place: usize, party: &Party, view: &View) -> Option<Difference> {
    let own = party.tenant();
    let of_partner = view.settings.partner.iter().map(|settings| (own, settings));
    // A customer's settings may be the partner's where it has none of its own.
    let of_customers = view.settings.customers.iter();
    let of_customers = of_customers.map(|(id, settings)| (id.as_str(), settings));
    let (tenant, whose) = of_partner
        .chain(of_customers)
        .find_map(|(tenant, settings)| {
            let whose = sent_for(settings)?;
            let right = whose.eq_ignore_ascii_case(tenant) || whose.eq_ignore_ascii_case(own);
            (!right).then(|| (tenant.to_owned(), whose))
        })?;
    let of_party = |party: &Party| {
        let customers = &party.state.customers;
        party.tenants.contains(&whose) || customers.contains_key(&whose)
    };
    let foreign =
        (model.parties.iter().enumerate()).any(|(other, party)| other != place && of_party(party));
    let is_partner = tenant == own;
    let id = match (is_partner, foreign) {
        (true, true) => "PMI-08",
        (true, false) => "PMI-11",
        (false, true) => "CMI-07",
        (false, false) => "CMI-09",
    };
    let (partner, customers) = view.shown_by;
    Some(Difference {
        id,
        defect: Defect {
            expected: format!("the settings of {tenant}, or none"),
            observed: format!("those that were sent for {whose}"),
        },
        shown_by: if is_partner { partner } else { customers },
    })
}

/// The tenant for which the suite sent settings; `None` where they are not the suite's.
fn sent_for(settings: &Value) -> Option<String> {
    let text = settings.to_string();
    let (_, behind) = text.split_once(OF)?;
    behind.get(..36).map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_settings_they_are_is_read_back() {
        let tenant = "00000000-0000-4000-8000-00000000000a";
        assert_eq!(sent_for(&made_up(tenant)).as_deref(), Some(tenant));
        let kept = json!([{"id": "Note", "value": format!("{OF}{tenant}")}]);
        assert_eq!(sent_for(&kept).as_deref(), Some(tenant));
        assert_eq!(sent_for(&json!({"Plan": "gold"})), None);
        assert_eq!(sent_for(&json!({"Note": OF})), None);
    }
}
