//! `acgw vectors`.

use serde_json::Value;

use crate::program::{Folder, acgw};

#[test]
fn vectors_are_listed_shown_and_written() {
    let list = acgw(&["vectors"]);
    assert_eq!(list.code, Some(0), "{}", list.err);
    let names: Vec<&str> = list.out.lines().collect();
    assert_eq!(names.len(), 8, "{}", list.out);
    let folder = Folder::new();
    let written = folder.run(&["vectors", "--out", "deep/er"]);
    assert_eq!(written.code, Some(0), "{}", written.err);
    assert_eq!(written.err, "8 files written to deep/er\n");
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/vectors");
    for name in &names {
        let written = folder.read(&format!("deep/er/{name}"));
        let path = format!("{committed}/{name}");
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == written,
            "{path} is out of date: cargo run -- vectors --out docs/vectors"
        );
        if name.ends_with(".json") {
            serde_json::from_str::<Value>(&written).expect("JSON");
        }
    }
    for (name, file) in [
        ("token", "token.json"),
        ("token.json", "token.json"),
        ("README.md", "README.md"),
    ] {
        let shown = acgw(&["vectors", name]).out;
        assert_eq!(shown, folder.read(&format!("deep/er/{file}")), "{name}");
    }
    let unknown = acgw(&["vectors", "tokens.json"]);
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.err.contains("did you mean token.json?"),
        "{}",
        unknown.err
    );
}

#[test]
fn nothing_of_somebody_elses_is_overwritten() {
    let folder = Folder::new();
    folder.write("README.md", "# My project\n");
    let refused = folder.run(&["vectors", "--out", "."]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused
            .err
            .contains("README.md is there already and was not written by acgw vectors"),
        "{}",
        refused.err
    );
    assert_eq!(folder.read("README.md"), "# My project\n");
    assert!(!folder.path().join("token.json").exists(), "all or nothing");

    // What it wrote itself, it writes anew, an older version of it too.
    assert_eq!(folder.run(&["vectors", "--out", "own"]).code, Some(0));
    let token = folder.read("own/token.json");
    folder.write(
        "own/token.json",
        &token.replace("acgw-vectors/1", "acgw-vectors/0"),
    );
    let again = folder.run(&["vectors", "--out", "own"]);
    assert_eq!(again.code, Some(0), "{}", again.err);
    assert_eq!(folder.read("own/token.json"), token);
}

#[test]
fn a_folder_that_cannot_be_written_is_wrong_usage() {
    let folder = Folder::new();
    folder.write("file", "");
    let refused = folder.run(&["vectors", "--out", "file"]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.err.contains("error: file cannot be made"),
        "{}",
        refused.err
    );
    std::fs::create_dir_all(folder.path().join("own/cti.json")).expect("a folder");
    let refused = folder.run(&["vectors", "--out", "own"]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.err.contains("cti.json cannot be replaced"),
        "{}",
        refused.err
    );
    let both = folder.run(&["vectors", "token.json", "--out", "own"]);
    assert_eq!(both.code, Some(2));
}
