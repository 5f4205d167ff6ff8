//! The strings and numbers within the secrets, and which of them can be changed one by one.

use serde_json::Value;

/// Places that are changed together.
pub(super) struct Group {
    /// What to call them.
    pub(super) name: String,
    /// JSON pointers.
    pub(super) pointers: Vec<String>,
}

/// First all strings and numbers together: with these wrong, the secrets are wrong, whatever the handler looks at. Then,
/// where there are several, each that is by its name a secret: a handler may have no use for the others.
pub(super) fn groups(secrets: &Value) -> Vec<Group> {
    let mut pointers = Vec::new();
    collect(secrets, String::new(), &mut pointers);
    if pointers.is_empty() {
        return Vec::new();
    }
    let single: Vec<Group> = if pointers.len() > 1 {
        pointers
            .iter()
            .filter(|pointer| is_secret(pointer))
            .map(|pointer| Group {
                name: label(pointer),
                pointers: vec![pointer.clone()],
            })
            .collect()
    } else {
        Vec::new()
    };
    let name = match pointers.as_slice() {
        [one] => label(one),
        _ => "all secrets".to_owned(),
    };
    std::iter::once(Group { name, pointers })
        .chain(single)
        .collect()
}

impl Group {
    /// The secrets with these places changed; `None` where not one of them can be changed so.
    pub(super) fn change<F>(&self, secrets: &Value, change: F) -> Option<Value>
    where
        F: Fn(&Value) -> Option<Value>,
    {
        let mut changed = secrets.clone();
        for pointer in &self.pointers {
            // A place that cannot be changed so is left out of the list as a whole: what is left might be right.
            let place = changed.pointer_mut(pointer)?;
            *place = change(place)?;
        }
        (changed != *secrets).then_some(changed)
    }
}

fn collect(value: &Value, pointer: String, all: &mut Vec<String>) {
    match value {
        Value::String(_) | Value::Number(_) => all.push(pointer),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{pointer}/{index}"), all);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                collect(member, format!("{pointer}/{key}"), all);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn is_secret(pointer: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "password",
        "pw",
        "passwd",
        "pwd",
        "pass",
        "passphrase",
        "secret",
        "token",
        "key",
        "pin",
    ];
    let key: String = pointer
        .rsplit('/')
        .find(|part| part.parse::<usize>().is_err())
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    !key.contains("public") && ENDINGS.iter().any(|ending| key.ends_with(ending))
}

fn label(pointer: &str) -> String {
    if pointer.is_empty() {
        "the secret".to_owned()
    } else {
        format!("secrets{pointer}").replace('/', ".")
    }
}
