//! Lists of customers, as two callbacks give them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::suite::judge::Findings;
use crate::suite::judge::envelope::brief;

/// The items of a payload, whose form is blamed on `about`; `None` when there are none to judge.
pub(super) fn judge_form<'a>(
    payload: Option<&'a Value>,
    about: &'static str,
    members: &[&str],
    findings: &mut Findings,
) -> Option<&'a [Value]> {
    let names: Vec<String> = members.iter().map(|name| format!("`{name}`")).collect();
    let expected = format!(
        "`payload` is an object with the list `items`; its members are {}",
        names.join(" and ")
    );
    let Some(payload) = payload else {
        findings.fail(about, expected, "no `payload`");
        return None;
    };
    let Some(object) = payload.as_object() else {
        findings.fail(about, expected, format!("`payload` is {}", brief(payload)));
        return None;
    };
    let Some(items) = object.get("items").and_then(Value::as_array) else {
        let observed = match object.get("items") {
            Some(items) => format!("`items` is {}", brief(items)),
            None => "no `items`".to_owned(),
        };
        findings.fail(about, expected, observed);
        return None;
    };
    let further: Vec<&String> = object
        .keys()
        .filter(|key| !members.contains(&key.as_str()))
        .collect();
    findings.verdict(about, further.is_empty(), expected, || {
        format!("also {}", some_of(further))
    });
    Some(items)
}

/// Whether two payloads say the same: the order of items is the handler's business.
pub(crate) fn payload_agrees(one: &Value, other: &Value) -> bool {
    fn sorted(payload: &Value) -> Option<Vec<String>> {
        let mut items: Vec<String> = payload
            .get("items")
            .unwrap_or(payload)
            .as_array()?
            .iter()
            .map(|item| canonical(item).to_string())
            .collect();
        items.sort();
        Some(items)
    }
    match (sorted(one), sorted(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

/// The value with the keys of its objects in order.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut keys: Vec<&String> = members.keys().collect();
            keys.sort();
            keys.into_iter()
                .map(|key| (key.clone(), canonical(&members[key])))
                .collect()
        }
        Value::Array(items) => items.iter().map(canonical).collect(),
        other => other.clone(),
    }
}

/// The texts of one member of all items.
pub(super) fn ids(payload: &Value, member: &str) -> BTreeSet<String> {
    let items = payload.get("items").and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(|item| item.get(member).and_then(Value::as_str).map(str::to_owned))
        .collect()
}

/// A few of many, for a sentence.
pub(super) fn some_of<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<&String> = names.into_iter().collect();
    let shown: Vec<String> = names
        .iter()
        .take(5)
        .map(|name| format!("{name:?}"))
        .collect();
    let more = if names.len() > 5 {
        format!(" and {} more", names.len() - 5)
    } else {
        String::new()
    };
    format!("{}{more}", shown.join(", "))
}

/// A text that stands twice in one member of the items.
pub(super) fn duplicate(items: &[Value], member: &str) -> Option<String> {
    let mut seen = BTreeSet::new();
    items
        .iter()
        .filter_map(|item| item.get(member).and_then(Value::as_str))
        .find(|text| !seen.insert((*text).to_owned()))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn order_makes_no_difference_content_does() {
        let one = json!({"items": [{"a": "1", "b": "2"}, {"a": "3"}]});
        assert!(payload_agrees(
            &one,
            &json!({"items": [{"a": "3"}, {"b": "2", "a": "1"}]})
        ));
        assert!(!payload_agrees(&one, &json!({"items": [{"a": "3"}]})));
        assert!(!payload_agrees(
            &one,
            &json!({"items": [{"a": "3"}, {"a": "1", "b": "3"}]})
        ));
    }
}
