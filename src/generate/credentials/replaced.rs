//! Other JSON in place of a secret: what loose comparisons and query builders take for a match (CRED-11).

use serde_json::{Value, json};

use super::leaves::groups;
use crate::generate::header::HeaderCase;
use crate::protocol::Credentials;

/// The right identity with other JSON in place of a secret or of all secrets.
///
/// What turns into the right text when a handler makes a string of it is left out: refusing `0` where the secret is `"0"`
/// cannot be asked.
pub fn replaced_secrets(credentials: &Credentials) -> Vec<HeaderCase> {
    let secrets = credentials.secrets();
    let mut all = Vec::new();
    for value in others() {
        for group in groups(secrets) {
            let changed = group.change(secrets, |leaf| {
                (!might_read_alike(leaf, &value)).then(|| value.clone())
            });
            if let Some(changed) = changed {
                all.push(case(credentials, &group.name, &value, &changed));
            }
        }
    }
    let without_leaves = groups(secrets).is_empty();
    let alone = groups(secrets)
        .first()
        .is_some_and(|group| group.pointers == [""]);
    if !without_leaves && !alone {
        let wholes = others()
            .into_iter()
            .chain([json!("text"), json!([{}]), json!("")]);
        for value in wholes {
            let case = case(credentials, "secrets as a whole", &value, &value);
            // What has no secrets at all differs in none of them.
            match value == json!({}) {
                true => all.insert(1.min(all.len()), case),
                false => all.push(case),
            }
        }
    }
    all
}

fn case(credentials: &Credentials, place: &str, value: &Value, secrets: &Value) -> HeaderCase {
    HeaderCase::new(
        format!("{place} = {value}"),
        Credentials::encode_raw(credentials.identity(), &secrets.to_string()),
    )
}

/// The most telling first.
fn others() -> Vec<Value> {
    vec![
        json!(true),
        json!({"$ne": null}),
        json!(0),
        json!(null),
        json!([]),
        json!({}),
        json!(1),
        json!(false),
        json!({"$gt": ""}),
        json!({"$regex": ".*"}),
        json!([""]),
        json!([null]),
        json!(-1),
        json!({"length": 0}),
    ]
}

/// Whether some language's way to make a string of the value gives the secret.
fn might_read_alike(leaf: &Value, value: &Value) -> bool {
    let Value::String(text) = leaf else {
        return leaf == value || leaf.as_f64() == value.as_f64();
    };
    let own = value.to_string();
    let names: &[&str] = match value {
        Value::Null => &["", "null", "None", "nil", "undefined", "<nil>"],
        Value::Bool(true) => &["true", "True", "1", "TRUE"],
        Value::Bool(false) => &["false", "False", "", "0", "FALSE"],
        Value::Array(_) => &[
            "", "Array", "array", "[]", "[null]", "[None]", "['']", "[\"\"]",
        ],
        Value::Object(_) => &["[object Object]", "Array", "{}", "map[]", "{'$ne': None}"],
        _ => &[],
    };
    *text == own || names.contains(&text.trim())
}
