//! What wrong requests left behind: a handler that takes garbage in and shows it again is not to be blamed for what it shows.

use std::collections::HashSet;

use serde_json::Value;

use super::request::{Reading, Standing};
use crate::suite::judge::Disposition;
use crate::suite::judge::findings::Finding;
use crate::suite::register;
use crate::suite::requirement::Area;

/// Values that are remembered; with more, anything may be garbage.
const MOST: usize = 50_000;
/// Why a payload is not judged.
pub(super) const WHY: &str =
    "it shows what a request left behind that was not as documented, and was accepted";

/// Values that came in requests which are not as documented, and were accepted.
#[derive(Debug, Default)]
pub(super) struct Garbage {
    values: HashSet<String>,
    /// Whether a body was accepted that cannot be read, so that anything may have come of it.
    anything: bool,
}

impl Garbage {
    /// Remembers what a request may have left behind.
    pub(super) fn take(&mut self, body: &[u8], reading: &Reading, disposition: &Disposition) {
        let reads = (reading.callback).is_some_and(|callback| !callback.changes_data);
        let accepted = matches!(disposition, Disposition::Accepted(_));
        if reads || !accepted || reading.standing == Standing::Right {
            return;
        }
        match serde_json::from_slice(body) {
            Ok(body) => scalars(&body, &mut |value| {
                if self.values.len() < MOST {
                    self.values.insert(value);
                } else {
                    self.anything = true;
                }
            }),
            Err(_) => self.anything = true,
        }
    }

    /// Takes out what is held against a payload that shows garbage; whether there was any.
    pub(super) fn excuse(&self, findings: &mut Vec<Finding>, disposition: &Disposition) -> bool {
        let Disposition::Accepted(Some(body)) = disposition else {
            return false;
        };
        let mut shows = self.anything;
        if let Some(payload) = body.get("payload") {
            scalars(payload, &mut |value| {
                shows |= self.values.contains(&value);
            });
        }
        let before = findings.len();
        findings
            .retain(|finding| !(shows && finding.defect.is_some() && is_of_payload(finding.id)));
        findings.len() < before
    }
}

/// Whether a requirement is about what a payload says.
fn is_of_payload(id: &str) -> bool {
    let area = register::find(id).map(|requirement| requirement.area());
    let of_payloads = [
        Area::Ena,
        Area::Top,
        Area::Map,
        Area::Pmi,
        Area::Cmi,
        Area::Cus,
    ];
    area.is_some_and(|area| of_payloads.contains(&area))
}

/// Visits every value that has no further ones in it, as text: a handler may make a text of a number, or of null.
fn scalars(value: &Value, visit: &mut impl FnMut(String)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| scalars(item, visit)),
        Value::Object(members) => members.values().for_each(|item| scalars(item, visit)),
        Value::String(text) => visit(text.clone()),
        other => visit(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::Callback;
    use crate::protocol::catalog::{TENANT_MAPPING_READ, TENANT_MAPPING_WRITE};
    use crate::suite::judge::Defect;

    fn reading(callback: &'static Callback, standing: Standing) -> Reading {
        Reading {
            callback: Some(callback),
            name: callback.name.to_owned(),
            request_id: String::new(),
            problems: Vec::new(),
            standing,
        }
    }

    /// Whether a defect of this payload is excused behind a write of this body.
    fn excused(
        callback: &'static Callback,
        standing: Standing,
        body: &[u8],
        id: &'static str,
    ) -> bool {
        let mut garbage = Garbage::default();
        let written = reading(callback, standing);
        garbage.take(body, &written, &Disposition::Accepted(None));
        let mut findings = vec![Finding {
            id,
            defect: Some(Defect {
                expected: String::new(),
                observed: String::new(),
            }),
        }];
        let shown = json!({"payload": {"items": [{"acronis_tenant_id": "null"}, {"acronis_tenant_id": "x-1"}]}});
        let excused = garbage.excuse(&mut findings, &Disposition::Accepted(Some(shown)));
        assert_eq!(excused, findings.is_empty());
        excused
    }

    #[test]
    fn what_is_shown_is_excused_only_if_garbage_brought_it() {
        let (write, odd) = (&TENANT_MAPPING_WRITE, Standing::Odd);
        let text = br#"{"payload": {"modified": [{"acronis_tenant_id": "x-1"}]}}"#;
        assert!(excused(write, odd, text, "MAP-04"));
        assert!(excused(write, odd, br#"{"payload": null}"#, "MAP-04"));
        assert!(excused(write, odd, b"no JSON, and accepted", "MAP-04"));
        // Other values; what is right; what changes nothing; what is not about payloads.
        assert!(!excused(
            write,
            odd,
            br#"{"payload": {"a": "x-2"}}"#,
            "MAP-04"
        ));
        assert!(!excused(write, Standing::Right, text, "MAP-04"));
        assert!(!excused(&TENANT_MAPPING_READ, odd, text, "MAP-04"));
        assert!(!excused(write, odd, text, "ENV-03"));
    }
}
