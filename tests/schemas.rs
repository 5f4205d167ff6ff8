//! The JSON Schemas: sound in themselves, true to the documents, and at one with the types.

use acgw_conformance::protocol::schema;
use serde_json::Value;

fn document(schema: &schema::Schema) -> Value {
    serde_json::from_str(schema.text()).expect("JSON")
}

#[test]
fn every_example_keeps_its_schema() {
    for schema in schema::ALL {
        let document = document(schema);
        let examples = document["examples"].as_array().expect("examples");
        assert!(!examples.is_empty(), "{}", schema.file());
        for example in examples {
            let violations = schema.violations(example);
            assert!(violations.is_empty(), "{}: {violations:#?}", schema.file());
        }
    }
}
