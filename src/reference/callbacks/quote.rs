//! A custom callback: a quote for a plan, for the partner or one of its customers.

use serde::Deserialize;
use serde_json::json;

use super::super::answer::Refusal;
use super::super::store::State;
use super::call::{Call, forbidden};
use super::served::Reply;
use crate::protocol::EnablementMethod;

/// What is asked for; whatever else there is, is refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    plan: Plan,
    seats: u16,
    coupon: Option<String>,
    customer: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Plan {
    Basic,
    Plus,
    Premium,
}

impl Plan {
    /// Its name, and the price of a seat in euros.
    fn price(self) -> (&'static str, f64) {
        match self {
            Plan::Basic => ("basic", 2.5),
            Plan::Plus => ("plus", 4.0),
            Plan::Premium => ("premium", 7.25),
        }
    }
}

/// Most seats of a plan.
const MOST_SEATS: u16 = 500;

/// The price, line by line; 404 for a customer that the partner does not have. The mapping is looked up first.
pub(super) fn quote(state: &State, call: &Call) -> Result<Reply, Refusal> {
    let partner = state.partner(&call.partner).filter(|one| one.is_enabled());
    // Partners that are enabled without callbacks always are.
    let explicit = state.enablement.partner() == EnablementMethod::Explicit;
    let mapped = partner.is_some() || explicit;
    if !call.flaws.takes_for_mapped(call, mapped)? {
        return Err(forbidden("no organisation is mapped to this tenant"));
    }
    call.flaws.before_quote(call)?;
    let wanted: Wanted = call.payload()?;
    if !(1..=MOST_SEATS).contains(&wanted.seats) {
        return Err(Refusal::malformed("a plan has 1 to 500 seats"));
    }
    if let Some(customer) = &wanted.customer {
        let known = partner.is_some_and(|partner| {
            let organisations = partner.organisations.iter().map(|one| &one.id);
            let customers = partner.customers.iter().map(|one| &one.vendor_tenant_id);
            organisations.chain(customers).any(|id| id == customer)
        });
        if !known {
            return Ok(Reply {
                status: 404,
                payload: Some(json!({ "customer": customer })),
            });
        }
    }
    let (plan, price) = wanted.plan.price();
    let full = price * f64::from(wanted.seats);
    let mut lines =
        vec![json!({"text": format!("{} seats, {plan}", wanted.seats), "amount": full})];
    let discount = wanted.coupon.map_or(0.0, |_| full / 4.0);
    if discount > 0.0 {
        lines.push(json!({"text": "coupon", "amount": -discount}));
    }
    Ok(Reply {
        status: 200,
        payload: Some(json!({"plan": plan, "monthly": full - discount, "lines": lines})),
    })
}
