//! What is shown before and after a malformed write, held against each other and against the documents.

use std::collections::BTreeMap;

use serde_json::Value;

use super::malformed::Malformed;
use super::observe::View;
use crate::suite::check::Expect;
use crate::suite::engine::Exchange;
use crate::suite::judge::Disposition;

/// Whether two views show the same: what is not enabled or mapped may be listed or not.
pub(super) fn same(one: &View, other: &View) -> bool {
    let there = |view: &View| {
        let customers = view.customers.clone();
        customers.map(|mut customers| {
            customers.retain(|_, to| to.is_some());
            customers
        })
    };
    one.enabled == other.enabled && there(one) == there(other)
}

/// What a view shows that another did not.
pub(super) fn told(before: &View, now: &View) -> String {
    if before.enabled != now.enabled {
        return match &now.enabled {
            Some(Some(tenant)) => format!("the partner is enabled for {tenant} now"),
            Some(None) => "the partner is not enabled any more".to_owned(),
            None => "what is said of the partner cannot be read any more".to_owned(),
        };
    }
    let (Some(before), Some(now)) = (&before.customers, &now.customers) else {
        return "what is said of the customers cannot be read any more".to_owned();
    };
    let told = |to: Option<&String>| match to {
        Some(to) => format!("{to:?}"),
        None => "nothing".to_owned(),
    };
    let mut ids = before.keys().chain(now.keys());
    let of = |customers: &BTreeMap<String, Option<String>>, id: &String| {
        customers.get(id).cloned().flatten()
    };
    let changed = ids.find(|id| of(before, id) != of(now, id));
    match changed {
        Some(id) => format!(
            "customer {id:?} has {} now, and had {} before",
            told(of(now, id).as_ref()),
            told(of(before, id).as_ref())
        ),
        None => "something else is shown now".to_owned(),
    }
}

/// What is wrong with the answer to a read; `None` where it is as documented, but for texts that came as they are shown, and
/// for settings.
pub(super) fn strange(read: &Exchange, malformed: Option<&Malformed>) -> Option<String> {
    let callback = read.draft.call.callback;
    match &read.judgement.disposition {
        Disposition::Accepted(Some(body)) => {
            let texts = malformed.map(Malformed::texts).unwrap_or_default();
            let mut mended = body.clone();
            mend(&mut mended, &texts);
            let violations = callback.response_schema.violations(&mended);
            let first = violations.first()?;
            Some(format!(
                "{} is answered with what is not documented: {first}",
                callback.name
            ))
        }
        Disposition::Accepted(None) => Some(format!("{} is not answered with JSON", callback.name)),
        Disposition::Refused(status) if read.draft.expect == Expect::Accept => {
            Some(format!("{} is refused with status {status}", callback.name))
        }
        Disposition::Otherwise(status) => Some(format!(
            "{} is answered with status {status}",
            callback.name
        )),
        Disposition::NoAnswer(kind) => Some(format!("{} is not answered: {kind}", callback.name)),
        Disposition::Refused(_) | Disposition::Slower => None,
    }
}

/// Any tenant id.
const ANY: &str = "5d0f6a1c-8f83-4e35-9a3c-1f5c0b7e2d94";

/// Puts ids in the place of texts that were sent as they are shown, and takes settings away.
fn mend(value: &mut Value, texts: &[&str]) {
    match value {
        Value::String(text) if texts.contains(&text.as_str()) => ANY.clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| mend(item, texts)),
        Value::Object(members) => {
            members.shift_remove("settings");
            members.values_mut().for_each(|member| mend(member, texts));
        }
        _ => {}
    }
}
