//! `X-CyberApp-Extra`.

use serde_json::{Map, Value, json};

use super::cases::{self, Extent};
use super::difference::SPELLING;
use super::setting::{self, fields, has_field};
use super::subject::Subject;
use super::vector::{Expectation, Vector};
use crate::generate::extra::FIELD_IDS;
use crate::protocol::Extra;
use crate::protocol::catalog::TENANT_MAPPING_READ;
use crate::protocol::headers::EXTRA_HEADER;
use crate::reference::store::PARTNERS;

/// The requirements that the header alone can show. Malformed ones are free, but what a decoder must survive, so all are taken.
const SHOWN: &[(&str, Extent)] = &[
    ("EXTRA-01", Extent::All),
    ("EXTRA-03", Extent::All),
    ("EXTRA-04", Extent::First(90)),
];

const RIGHT: &str = "extra-right-fields";

pub(super) fn subject() -> Subject {
    let session = setting::session(&PARTNERS[0], &PARTNERS[1], fields());
    let mut vectors = vec![
        right(
            "extra-right-nothing",
            "nothing: the empty object",
            Map::new(),
        ),
        right(
            RIGHT,
            "fields whose ids have blanks and whose values have letters beyond ASCII",
            fields(),
        ),
    ];
    let values = [
        json!("text"),
        json!(true),
        json!(5),
        json!(["a", "b"]),
        json!({"a": null}),
        json!(1.5),
        json!(null),
    ];
    let ids = FIELD_IDS.iter().map(|id| (*id).to_owned());
    let every_id = ids.zip(values.into_iter().cycle());
    let mut every_id = right(
        "extra-02-ids-of-fields",
        "ids of fields of many forms",
        every_id.collect(),
    );
    // A handler need not know these fields, and may refuse what it does not know.
    every_id.expect = Expectation::Free;
    every_id.requirements = vec!["EXTRA-02"];
    vectors.push(every_id);
    for (requirement, extent) in SHOWN {
        for case in cases::of(&session, &TENANT_MAPPING_READ, requirement, *extent) {
            let value = setting::field(&case.message, EXTRA_HEADER);
            if value.is_none() && has_field(&case.message, EXTRA_HEADER) {
                continue;
            }
            let mut vector = case.vector("", json!({ "header": value }));
            vector.result = value.as_deref().and_then(result);
            let changed = match &vector.result {
                None => "header",
                Some(result) if *result == Value::Object(fields()) => SPELLING,
                Some(_) => "fields",
            };
            vector.twin = Some((RIGHT.to_owned(), json!([changed])));
            vectors.push(vector);
        }
    }
    Subject {
        name: "cyberapp-extra",
        title: "Extra data in X-CyberApp-Extra",
        description: "Each input is the value of the request header `X-CyberApp-Extra`, null where the header is absent. `accept`: \
            the header is right, and `result` is the object that it carries. `free`: no document says whether to accept or refuse \
            it; do not fail on it. Where `result` is there all the same, a decoder that takes it gives this object. No document says that \
            anything in this header must be refused, so there is no `reject`.",
        context: None,
        vectors,
    }
}

fn right(id: &str, description: &str, fields: Map<String, Value>) -> Vector {
    let header = Extra(fields).encode();
    let mut vector = Vector::new(
        id,
        description,
        Expectation::Accept,
        &["HTTP-01"],
        json!({"header": header}),
    );
    vector.result = result(&header);
    vector
}

fn result(header: &str) -> Option<Value> {
    Some(Value::Object(Extra::decode(header).ok()?.0))
}
