//! Breaks any JSON value in one place, so that types and schemas can be asked whether they notice alike.

use proptest::prelude::*;
use proptest::strategy::SBoxedStrategy;
use serde_json::{Value, json};

/// One change of a JSON value.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutation {
    /// Where, as a JSON pointer.
    pub pointer: String,
    /// What is done there.
    pub change: Change,
}

/// What is done to a place.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The member or item is taken out.
    Remove,
    /// Another value stands there.
    Replace(Value),
    /// A further member or item is put into the object or array.
    Add(Value),
    /// The member is there under another name.
    Rename(String),
}

impl Mutation {
    /// The changed value. Where the place does not exist or the change does not fit it, the value as it was.
    pub fn apply(&self, value: &Value) -> Value {
        let mut value = value.clone();
        match &self.change {
            Change::Replace(other) => {
                if let Some(place) = value.pointer_mut(&self.pointer) {
                    place.clone_from(other);
                }
            }
            Change::Add(further) => match value.pointer_mut(&self.pointer) {
                Some(Value::Object(members)) => {
                    members.insert("acgw_unknown".to_owned(), further.clone());
                }
                Some(Value::Array(items)) => items.push(further.clone()),
                _ => {}
            },
            Change::Remove => {
                take(&mut value, &self.pointer);
            }
            Change::Rename(name) => {
                if let Some((parent, _)) = self.pointer.rsplit_once('/')
                    && value.pointer(parent).is_some_and(Value::is_object)
                    && let Some(member) = take(&mut value, &self.pointer)
                    && let Some(Value::Object(members)) = value.pointer_mut(parent)
                {
                    members.insert(name.clone(), member);
                }
            }
        }
        value
    }
}

/// Every mutation of a value that changes it, in the order of its places.
pub fn mutations(value: &Value) -> Vec<Mutation> {
    let mut all: Vec<Mutation> = places(value)
        .into_iter()
        .flat_map(|pointer| {
            changes(value, &pointer)
                .into_iter()
                .map(move |change| Mutation {
                    pointer: pointer.clone(),
                    change,
                })
        })
        .collect();
    all.retain(|mutation| mutation.apply(value) != *value);
    all
}

/// Values of a strategy, each broken in one place.
pub fn mutated(values: &SBoxedStrategy<Value>) -> SBoxedStrategy<Value> {
    let index = any::<prop::sample::Index>;
    (values.clone(), index(), index())
        .prop_map(|(value, place, change)| {
            let pointers = places(&value);
            let pointer = place.get(&pointers);
            let changes = changes(&value, pointer);
            let (before, after) = changes.split_at(change.index(changes.len()));
            after
                .iter()
                .chain(before)
                .map(|change| {
                    Mutation {
                        pointer: pointer.clone(),
                        change: change.clone(),
                    }
                    .apply(&value)
                })
                .find(|changed| *changed != value)
                .unwrap_or(value)
        })
        .sboxed()
}

/// What can be done to a place; some of it may leave this value as it is.
fn changes(value: &Value, pointer: &str) -> Vec<Change> {
    let mut all: Vec<Change> = replacements().into_iter().map(Change::Replace).collect();
    all.push(Change::Add(json!("further")));
    all.push(Change::Add(Value::Null));
    if let Some((_, key)) = pointer.rsplit_once('/') {
        all.push(Change::Remove);
        all.push(Change::Rename(key.to_ascii_uppercase()));
    }
    if let Some(Value::String(text)) = value.pointer(pointer) {
        all.extend(
            near(text)
                .into_iter()
                .map(|text| Change::Replace(json!(text))),
        );
    }
    all
}

/// Values of every JSON type, and strings of every form that the protocol knows.
fn replacements() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(2.0),
        json!(""),
        json!("text"),
        json!([]),
        json!([null]),
        json!(["text"]),
        json!({}),
        json!({"items": []}),
        json!({"offset": 0}),
        json!({"offset": 0, "limit": 1, "total_count": 2}),
        json!({"before": "a"}),
        json!({"before": "a", "offset": 0, "limit": 1, "total_count": 2}),
        json!("2023-04-10T15:33:01Z"),
        json!("9b2f0d0e-6f5b-4a3b-8a9e-3f1f0a6f7c10"),
        json!("cti.a.p.acgw.request.v1.0~a.p.empty.v1.0"),
        json!("https://acgw.invalid/"),
    ]
}

/// Strings that differ a little, as slips do.
fn near(text: &str) -> Vec<String> {
    let mut all = vec![
        format!("{text}x"),
        format!("{text} "),
        format!(" {text}"),
        format!("{text}\n"),
        format!("{text}.0"),
        format!("{text}~"),
        text.to_ascii_uppercase(),
        text.to_ascii_lowercase(),
        text.replace('-', ""),
        text.replace(':', ""),
        text.replace('.', ".."),
        text.replace('_', "__"),
        text.replace("v1", "v01"),
        text.replace("v1.0", "v0.0"),
        text.replace('0', "9"),
        text.replace('0', "\u{660}"),
        text.replace('T', " "),
        text.replace('Z', ""),
    ];
    let mut characters = text.chars();
    if characters.next_back().is_some() {
        all.push(characters.as_str().to_owned());
    }
    all
}

/// The JSON pointers of a value and everything in it.
fn places(value: &Value) -> Vec<String> {
    let mut all = vec![String::new()];
    places_below(value, "", &mut all);
    all
}

fn places_below(value: &Value, at: &str, all: &mut Vec<String>) {
    let mut visit = |key: &str, child: &Value| {
        let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        all.push(pointer.clone());
        places_below(child, &pointer, all);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, child)| visit(key, child)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, child)| visit(&index.to_string(), child)),
        _ => {}
    }
}

fn take(value: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, key) = pointer.rsplit_once('/')?;
    match value.pointer_mut(parent)? {
        Value::Object(members) => members.shift_remove(&key.replace("~1", "/").replace("~0", "~")),
        Value::Array(items) => {
            let index = key.parse().ok().filter(|index| *index < items.len())?;
            Some(items.remove(index))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mutation_changes_the_value() {
        let value = json!({"a": "x1", "b~/": [1, {"c": null}]});
        let all = mutations(&value);
        for mutation in &all {
            assert_ne!(mutation.apply(&value), value, "{mutation:?}");
        }
        let applied = |pointer: &str, change: Change| {
            let pointer = pointer.to_owned();
            Mutation { pointer, change }.apply(&value)
        };
        assert_eq!(
            applied("/b~0~1/1/c", Change::Remove),
            json!({"a": "x1", "b~/": [1, {}]})
        );
        assert_eq!(
            applied("/a", Change::Rename("A".to_owned())),
            json!({"b~/": [1, {"c": null}], "A": "x1"})
        );
        assert_eq!(
            applied("/b~0~1", Change::Add(json!(2))),
            json!({"a": "x1", "b~/": [1, {"c": null}, 2]})
        );
        assert_eq!(applied("/none", Change::Remove), value);
    }
}
