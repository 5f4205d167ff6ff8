//! Every hostile value in every string field of a request.

use serde_json::json;

use super::json_texts::{DEEP, json_texts};
use super::strings::{Kind, strings};
use crate::generate::malform::{Builder, Class, Malformation};
use crate::generate::template::Template;

/// The string fields, those that handlers work with most first.
const FIELDS: &[&str] = &[
    "/context/callback_id",
    "/request_id",
    "/context/tenant_id",
    "/context/endpoint_id",
    "/type",
    "/created_at",
    "/context/datacenter_url",
];

/// Every hostile value in every string field.
///
/// The names of language internals in `callback_id` come first, since handlers look that up in tables. Then every value
/// comes once, the fields taking turns, before any comes a second time: wherever the list is cut, no value and no field
/// was left out for another.
pub fn in_fields(
    template: &Template,
    request_id: &str,
) -> impl Iterator<Item = Malformation> + use<> {
    let builder = Builder::new(template, request_id);
    let around: Vec<(String, String)> = FIELDS.iter().map(|field| builder.around(field)).collect();
    let values = values();
    let mut order: Vec<(usize, usize)> = values
        .iter()
        .enumerate()
        .filter(|(_, value)| value.looked_up)
        .map(|(index, _)| (index, 0))
        .collect();
    for round in 0..FIELDS.len() {
        for (index, value) in values.iter().enumerate() {
            let field = (index + round) % FIELDS.len();
            if !(value.looked_up && field == 0) {
                order.push((index, field));
            }
        }
    }
    order.into_iter().map(move |(index, field)| {
        let (value, (before, after)) = (&values[index], &around[field]);
        let field = FIELDS[field].trim_start_matches('/').replace('/', ".");
        Malformation::body(
            format!("{field} = {}", value.name),
            Class::Hostile,
            [before, value.text.as_str(), after].concat(),
        )
    })
}

struct RawValue {
    name: String,
    text: String,
    looked_up: bool,
}

/// All values as raw JSON texts, strings and others by turns.
fn values() -> Vec<RawValue> {
    let mut strings: Vec<RawValue> = strings()
        .iter()
        .map(|hostile| RawValue {
            name: format!("string {}", hostile.name),
            text: json!(hostile.value).to_string(),
            looked_up: hostile.kind == Kind::Internals,
        })
        .collect();
    // Depth breaks the parser, whatever the field: there are bodies of their own for that.
    let mut others: Vec<RawValue> = json_texts()
        .iter()
        .filter(|other| other.name != DEEP)
        .map(|other| RawValue {
            name: format!("JSON {}", other.name),
            text: other.text.clone(),
            looked_up: false,
        })
        .collect();
    strings.reverse();
    others.reverse();
    let mut all = Vec::with_capacity(strings.len() + others.len());
    while !strings.is_empty() || !others.is_empty() {
        all.extend(strings.pop());
        all.extend(others.pop());
    }
    all
}
