//! `paging` of requests: with which page a custom callback is to answer (page `callback-handler/custom-callbacks`).

use std::sync::LazyLock;

use serde_json::Value;

use super::schema::{PayloadSchema, Violation};

/// What the ids of callbacks begin with whose requests may have it.
pub(in crate::protocol) const PAGING: &str = "cti.a.p.acgw.callback.v2.";

/// What is known of its form. Of what responses say of pages nothing is public, so a cursor is any text.
static FORM: LazyLock<PayloadSchema> = LazyLock::new(|| {
    let text = r#"{
        "type": "object",
        "required": ["limit"],
        "properties": {"limit": {"type": "integer"}, "after": {"type": "string"}, "before": {"type": "string"}}
    }"#;
    PayloadSchema::parse("paging", text).expect("a schema")
});

/// A request as it is without `paging`, and how `paging` breaks its form; `None` where there is none, or none may be.
pub(in crate::protocol) fn apart(
    callback_id: &str,
    message: &Value,
) -> Option<(Value, Vec<Violation>)> {
    let paging = message.get("paging")?;
    if !callback_id.starts_with(PAGING) {
        return None;
    }
    let broken = FORM.violations(paging).into_iter();
    let broken = broken.map(|one| one.below("/paging")).collect();
    let mut rest = message.clone();
    rest.as_object_mut()?.shift_remove("paging");
    Some((rest, broken))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_is_asked_for_by_a_number_and_by_cursors() {
        let id = "cti.a.p.acgw.callback.v2.0~acme.app.find.v1.0";
        for (paging, broken) in [
            (json!({"limit": 1}), None),
            (
                json!({"limit": 50, "after": "a", "before": "", "more": 1}),
                None,
            ),
            (
                json!(null),
                Some("/paging: null where an object is expected"),
            ),
            (json!([]), Some("/paging: [] where an object is expected")),
            (json!({}), Some("/paging: the key \"limit\" is missing")),
            (
                json!({"limit": "1"}),
                Some("/paging/limit: \"1\" where a whole number is expected"),
            ),
            (
                json!({"limit": 1.5}),
                Some("/paging/limit: 1.5 where a whole number is expected"),
            ),
            (
                json!({"limit": 1, "after": 2}),
                Some("/paging/after: 2 where a string is expected"),
            ),
            (
                json!({"limit": 1, "before": null}),
                Some("/paging/before: null where a string is expected"),
            ),
        ] {
            let message = json!({"type": "t", "paging": paging, "payload": {}});
            let (rest, violations) = apart(id, &message).expect("it may page");
            assert_eq!(rest, json!({"type": "t", "payload": {}}));
            let told: Vec<String> = violations.iter().map(ToString::to_string).collect();
            assert_eq!(told, Vec::from_iter(broken), "{paging}");
            assert_eq!(apart(&id.replace("v2.0~", "v1.0~"), &message), None);
        }
        assert_eq!(apart(id, &json!({"payload": {}})), None);
    }
}
