//! The files: up to date, by their schema, and true to the register.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use acgw_conformance::protocol::schema;
use acgw_conformance::suite::{Area, register};
use acgw_conformance::vectors;
use serde_json::{Value, json};

use crate::read::{SUBJECTS, expect, file, folder, id, text};

#[test]
fn the_committed_files_are_those_that_are_written_now() {
    let update = "write them anew: cargo run -- vectors --out docs/vectors";
    let mut names = BTreeSet::new();
    for made in vectors::all() {
        names.insert(made.name().to_owned());
        let path = folder().join(made.name());
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == made.text(),
            "{} is out of date; {update}",
            path.display()
        );
        assert!(made.is_ours(&committed), "{}", made.name());
        assert!(!made.is_ours("# My project"), "{}", made.name());
    }
    let there = std::fs::read_dir(folder()).expect("the folder");
    let there = there.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a name")
    });
    assert_eq!(
        there.collect::<BTreeSet<_>>(),
        names,
        "files that nobody writes; remove them, or {update}"
    );
}

#[test]
fn every_file_keeps_the_schema() {
    for subject in SUBJECTS {
        assert_eq!(schema::VECTORS.violations(&file(subject)), [], "{subject}");
    }
}

#[test]
fn the_schema_needs_no_other_file() {
    fn references(value: &Value, all: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    match (key.as_str(), value) {
                        ("$ref", Value::String(target)) => all.push(target.clone()),
                        _ => references(value, all),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, all)),
            _ => {}
        }
    }
    let document = serde_json::from_str(schema::VECTORS.text()).expect("JSON");
    let mut all = Vec::new();
    references(&document, &mut all);
    assert!(all.len() > 10);
    assert!(all.iter().all(|target| target.starts_with("#/")), "{all:?}");
}

#[test]
fn a_file_that_contradicts_itself_is_refused() {
    let broken = |subject: &str, pointer: &str, change: Option<Value>| {
        let mut file = file(subject);
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let members = file.pointer_mut(parent).and_then(Value::as_object_mut);
        let members = members.unwrap_or_else(|| panic!("{subject} has no {pointer}"));
        match change {
            Some(value) => drop(members.insert(key.to_owned(), value)),
            None => drop(members.shift_remove(key).expect("the member is there")),
        }
        !schema::VECTORS.is_valid(&file)
    };
    let last = |subject: &str| file(subject)["vectors"].as_array().expect("vectors").len() - 1;
    let at = |index: usize, rest: &str| format!("/vectors/{index}{rest}");
    let cti = last("cti");
    for (subject, pointer, change) in [
        ("token", "/format".to_owned(), Some(json!("acgw-vectors/2"))),
        ("token", "/subject".to_owned(), Some(json!("tokens"))),
        ("token", "/subject".to_owned(), Some(json!("request"))),
        ("token", "/context".to_owned(), None),
        ("token", "/context/now".to_owned(), Some(json!("today"))),
        ("token", "/context/test_keys/warning".to_owned(), None),
        ("token", "/further".to_owned(), Some(json!(1))),
        ("token", at(0, "/result"), None),
        ("token", at(0, "/result/claims/scope"), None),
        ("token", at(0, "/expect"), Some(json!("maybe"))),
        ("token", at(0, "/expect"), Some(json!("reject"))),
        ("token", at(0, "/id"), Some(json!("Right token"))),
        ("token", at(0, "/requirements"), Some(json!(["jwt-1"]))),
        ("token", at(0, "/input/header"), Some(json!(""))),
        ("token", at(1, "/changed"), Some(json!([]))),
        ("cti", "/context".to_owned(), Some(json!({}))),
        ("cti", at(cti, "/error"), None),
        ("cti", at(cti, "/differs_from"), None),
        ("cti", at(cti, "/changed/at"), Some(json!(-1))),
        ("cti", at(0, "/result/contexts"), Some(json!([]))),
        (
            "cyberapp-auth",
            "/context/partners/0/identity".to_owned(),
            None,
        ),
        ("cyberapp-extra", at(0, "/expect"), Some(json!("reject"))),
        ("request", at(0, "/input/body_base64"), Some(json!(""))),
        ("request", at(0, "/result/request/type"), Some(json!("cti"))),
        ("response", at(0, "/input/status"), Some(json!("200"))),
        ("response", at(0, "/result/kind"), Some(json!("warning"))),
    ] {
        assert!(
            broken(subject, &pointer, change.clone()),
            "{subject} {pointer} {change:?}"
        );
    }
}

#[test]
fn ids_and_inputs_are_unique() {
    let mut ids = HashSet::new();
    for subject in SUBJECTS {
        let mut inputs = HashSet::new();
        for vector in crate::read::vectors(&file(subject)) {
            assert!(ids.insert(id(vector).to_owned()), "{} twice", id(vector));
            assert!(
                inputs.insert(vector["input"].to_string()),
                "{}: the input of another",
                id(vector)
            );
        }
    }
    assert!(ids.len() > 700, "only {}", ids.len());
}

#[test]
fn requirements_are_those_of_the_register() {
    for subject in SUBJECTS {
        let file = file(subject);
        let mut named = BTreeSet::new();
        for vector in crate::read::vectors(&file) {
            let mut levels = Vec::new();
            for requirement in vector["requirements"].as_array().expect("a list") {
                let requirement = requirement.as_str().expect("an id");
                let known = register::find(requirement).unwrap_or_else(|| panic!("{requirement}"));
                assert_eq!(known.id, requirement);
                assert_eq!(known.unobservable, None, "{requirement}");
                levels.push(known.level);
                named.insert(requirement.to_owned());
            }
            let level = levels.into_iter().min().map(|level| level.name());
            assert_eq!(
                vector.get("level").and_then(Value::as_str),
                level,
                "{}",
                id(vector)
            );
            assert_eq!(level.is_none(), *subject == "cti", "{}", id(vector));
        }
        let explained = file["requirements"].as_object().expect("an object");
        let ids: BTreeSet<String> = explained.keys().cloned().collect();
        assert_eq!(ids, named, "{subject}");
        for (id, told) in explained {
            let known = register::find(id).expect("a requirement");
            assert_eq!(text(told, "/title"), known.title);
            assert_eq!(text(told, "/statement"), known.statement);
            assert_eq!(text(told, "/level"), known.level.name());
        }
    }
}

/// Requirements of these areas that one input with its outcome cannot show, and why.
const NOT_SHOWN: &[(&str, &str)] = &[
    ("ENV-06", "needs two answers"),
    ("ENV-08", "needs requests at the same time"),
    ("JWT-18", "needs keys that change between two requests"),
    ("JWT-19", "is about the status of a refusal"),
    ("JWT-23", "cannot be observed"),
    ("JWT-24", "needs the same token twice"),
    ("CRED-09", "is about the status of a refusal"),
    ("CRED-12", "cannot be observed"),
];

#[test]
fn what_vectors_can_show_is_shown() {
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for subject in SUBJECTS {
        for vector in crate::read::vectors(&file(subject)) {
            for requirement in vector["requirements"].as_array().expect("a list") {
                let requirement = requirement.as_str().expect("an id").to_owned();
                shown
                    .entry(requirement)
                    .or_default()
                    .insert(expect(vector).to_owned());
            }
        }
    }
    for requirement in register::all() {
        let area = [Area::Jwt, Area::Cred, Area::Extra, Area::Env].contains(&requirement.area());
        let reason = NOT_SHOWN.iter().find(|(id, _)| *id == requirement.id);
        if area || reason.is_some() {
            let is_shown = shown.contains_key(requirement.id);
            assert_eq!(is_shown, reason.is_none(), "{} {reason:?}", requirement.id);
        }
    }
    // A requirement about refusals is shown by one.
    for id in [
        "JWT-01", "JWT-09", "JWT-12", "JWT-16", "JWT-17", "CRED-01", "CRED-11", "ENV-03", "ENV-04",
        "ENV-11", "ENV-12", "MAP-03", "TOP-03", "CMI-06", "ERR-03", "ERR-06",
    ] {
        assert!(shown[id].contains("reject"), "{id}");
    }
    for id in [
        "JWT-21", "JWT-22", "CRED-08", "EXTRA-01", "ENV-09", "ENV-10",
    ] {
        assert_eq!(shown[id], BTreeSet::from(["accept".to_owned()]), "{id}");
    }
}
