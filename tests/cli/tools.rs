//! What is around a check: a configuration file, schemas, completions and manual pages.

use serde_json::Value;

use crate::program::{Folder, acgw};
use crate::running::Running;

#[test]
fn init_writes_a_file_that_a_run_can_use_and_never_over_another() {
    let folder = Folder::new();
    let idp = Running::keys(&folder);
    let handler = Running::reference(&folder, &idp, &[]);
    let made = folder.run(&["init", &handler.url]);
    assert_eq!(made.code, Some(0), "{}", made.err);
    assert!(
        made.err
            .contains("refuses a request without a token with 400, as it should"),
        "{}",
        made.err
    );
    let text = folder.read("acgw.toml");
    assert!(
        text.contains(&format!("\nurl = \"{}\"\n", handler.url)),
        "{text}"
    );
    assert!(
        text.contains("Looked at when this file was made: the handler answers"),
        "{text}"
    );

    let again = folder.run(&["init", &handler.url]);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("is there already"), "{}", again.err);
    assert_eq!(folder.read("acgw.toml"), text);
    assert_eq!(folder.run(&["init", "--force"]).code, Some(0));
    assert!(!folder.read("acgw.toml").contains("\nurl = "));

    // A run reads it, and asks for what the file leaves open.
    folder.write("acgw.toml", &text);
    let run = folder.run(&["check"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("identity"), "{}", run.err);
}

#[test]
fn init_says_what_it_saw() {
    let folder = Folder::new();
    let nobody = folder.run(&["init", "http://127.0.0.1:1/callback", "--out", "-"]);
    assert_eq!(nobody.code, Some(0), "{}", nobody.err);
    assert!(nobody.err.contains("no answer came: "), "{}", nobody.err);
    assert!(nobody.out.contains("url = \"http://127.0.0.1:1/callback\""));
    let idp = Running::keys(&folder);
    let elsewhere = folder.run(&["init", &idp.url.replace("/keys", "/nothing"), "--out", "-"]);
    assert!(
        elsewhere.err.contains("path included?"),
        "{}",
        elsewhere.err
    );
    let bad = folder.run(&["init", "callback"]);
    assert_eq!(bad.code, Some(2), "{}", bad.err);
    assert!(!folder.path().join("acgw.toml").exists());
}

#[test]
fn schemas_are_listed_shown_and_written() {
    let list = acgw(&["schemas"]).out;
    assert!(
        list.lines().any(|name| name == "topology.read.response"),
        "{list}"
    );
    let folder = Folder::new();
    let written = folder.run(&["schemas", "--out", "deep/er"]);
    assert_eq!(written.code, Some(0), "{}", written.err);
    for name in list.lines() {
        let shown = acgw(&["schemas", name]).out;
        let schema: Value = serde_json::from_str(&shown).expect("JSON");
        assert!(schema["$id"].is_string(), "{name}");
        assert_eq!(folder.read(&format!("deep/er/{name}.schema.json")), shown);
    }
    let unknown = acgw(&["schemas", "topology.reed.response"]);
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.err.contains("did you mean topology.read.response?"),
        "{}",
        unknown.err
    );
}

#[test]
fn the_openapi_document_judges_as_the_schemas_do() {
    let document: Value = serde_json::from_str(&acgw(&["schemas", "--openapi"]).out).expect("JSON");
    let text = document.to_string();
    assert!(!text.contains(".schema.json"), "all references are inside");
    for (part, status) in [("requestBody", None), ("responses", Some("200"))] {
        let operation = &document["paths"]["/"]["post"];
        let of = match status {
            Some(status) => &operation[part][status],
            None => &operation[part],
        };
        let schema = &of["content"]["application/json"]["schema"];
        let schema = serde_json::json!({"$ref": "#/body", "body": schema, "components": document["components"]});
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .expect("a schema");
        let mut examples = 0;
        let schemas = document["components"]["schemas"]
            .as_object()
            .expect("schemas");
        for (name, component) in schemas {
            let ending = if status.is_some() {
                ".response"
            } else {
                ".request"
            };
            if !name.contains('.') || !name.ends_with(ending) {
                continue;
            }
            for example in component["examples"].as_array().expect("examples") {
                let errors: Vec<String> = validator
                    .iter_errors(example)
                    .map(|error| error.to_string())
                    .collect();
                assert_eq!(errors, [""; 0], "{name}");
                examples += 1;
            }
        }
        assert!(examples >= 11, "{examples}");
        assert!(!validator.is_valid(&serde_json::json!({"type": "x"})));
    }
}

#[test]
fn shells_are_completed_and_pages_written() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let completions = acgw(&["completions", shell]);
        assert_eq!(completions.code, Some(0), "{}", completions.err);
        for word in ["check", "--write-baseline", "schemas"] {
            let word = if shell == "fish" {
                word.trim_start_matches("--")
            } else {
                word
            };
            assert!(completions.out.contains(word), "{shell}: {word}");
        }
    }
    let folder = Folder::new();
    let written = folder.run(&["man", "--out", "man"]);
    assert_eq!(written.code, Some(0), "{}", written.err);
    assert!(folder.read("man/acgw-check.1").contains("baseline"));
    assert!(acgw(&["man"]).out.contains(".TH acgw 1"));
}
