//! The schema of a custom callback's payload: what is right is valid, what is valid has no violation, violations point into the
//! payload, and what is made of a schema keeps it, or breaks it where it is to. The input is a schema and, behind a NUL, a payload.
#![no_main]

use acgw_conformance::generate::custom::Payloads;
use acgw_conformance::protocol::PayloadSchema;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let text = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let schema = match PayloadSchema::parse("fuzz.json", &text) {
        Ok(schema) => schema,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    if let Some(Ok(value)) = parts.next().map(serde_json::from_slice::<Value>) {
        let violations = schema.violations(&value);
        assert_eq!(schema.is_valid(&value), violations.is_empty());
        assert!(!schema.is_right(&value) || schema.is_valid(&value));
        for violation in violations {
            let pointer = &violation.instance_path;
            assert!(value.pointer(pointer).is_some(), "{pointer} of {value}");
        }
    }
    let Some(payloads) = Payloads::of(&schema) else {
        return;
    };
    for right in payloads.right() {
        assert!(right.is_object() && schema.is_right(right), "{right}");
        for near in payloads.near(right) {
            // What is no object is no payload, whatever the schema says.
            let object = near.payload.filter(Value::is_object);
            assert!(
                object.is_none_or(|wrong| !schema.is_valid(&wrong)),
                "{}",
                near.name
            );
        }
    }
});
