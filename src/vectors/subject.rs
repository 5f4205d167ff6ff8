//! What one file is about: its vectors, what they share, and the requirements that they show.

use std::collections::{HashMap, HashSet};

use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::vector::Vector;
use crate::suite::register;

/// Names the format and its version.
const FORMAT: &str = "acgw-vectors/1";
/// The file with the schema of the others, which lies beside them.
pub(super) const SCHEMA_FILE: &str = "vectors.schema.json";

/// The content of one file.
pub(super) struct Subject {
    /// For example `token`.
    pub name: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What goes in, what comes out, and what outcome is meant.
    pub description: &'static str,
    /// What all vectors share: the clock, keys, who is known.
    pub context: Option<Value>,
    /// The vectors.
    pub vectors: Vec<Vector>,
}

impl Subject {
    /// The file's text.
    pub fn text(mut self) -> String {
        keep_first(&mut self.vectors);
        tell_apart(&mut self.vectors);
        let mut file = Map::new();
        let mut put = |name: &str, value: Value| file.insert(name.to_owned(), value);
        put("$schema", json!(SCHEMA_FILE));
        put("format", json!(FORMAT));
        put("subject", json!(self.name));
        put("title", json!(self.title));
        put("description", json!(self.description));
        put("requirements", requirements(&self.vectors));
        if let Some(context) = self.context {
            put("context", context);
        }
        put(
            "vectors",
            self.vectors.iter().map(Vector::to_json).collect(),
        );
        format!("{:#}\n", Value::Object(file))
    }
}

/// The requirements that the vectors show, so that nobody needs to look them up elsewhere.
fn requirements(vectors: &[Vector]) -> Value {
    let shown = |id: &str| {
        vectors
            .iter()
            .any(|vector| vector.requirements.contains(&id))
    };
    let all = register::all().iter().filter(|one| shown(one.id));
    all.map(|one| {
        let text = json!({
            "level": one.level.name(),
            "title": one.title,
            "statement": one.statement,
            "fix": one.fix,
            "source": one.source,
        });
        (one.id.to_owned(), text)
    })
    .collect::<Map<_, _>>()
    .into()
}

/// Two checks may send the same: what the first asks of it stands. Those that ask for less come later.
fn keep_first(vectors: &mut Vec<Vector>) {
    let mut seen = HashSet::new();
    vectors.retain(|vector| seen.insert(vector.input.to_string()));
}

/// Names that differ in punctuation alone give the same id: each of those gets a part of a hash, so that no id hangs on the order.
pub(super) fn tell_apart(vectors: &mut [Vector]) {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for vector in vectors.iter() {
        *counts.entry(vector.id.clone()).or_default() += 1;
    }
    for vector in vectors.iter_mut() {
        if counts.get(&vector.id).is_some_and(|count| *count > 1) {
            // Texts are told by what is wrong with them, which is the same for many.
            let text = vector.input["text"].as_str().unwrap_or_default();
            let hash = digest(
                &SHA256,
                format!("{}\n{text}", vector.description).as_bytes(),
            );
            let hex: String = hash.as_ref()[..3]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            vector.id = format!("{}-{hex}", vector.id);
        }
    }
}
