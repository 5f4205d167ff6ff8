//! The SARIF report: it keeps the standard's schema, and a result that stays is the same result in the next run.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use acgw_conformance::report::{sarif, tally};
use acgw_conformance::suite::{Outcome, State};
use serde_json::Value;

use super::outcomes::{self, every};

fn report(outcome: &Outcome) -> Value {
    serde_json::from_str(&sarif::render(outcome)).expect("JSON")
}

/// The schema of SARIF 2.1.0, which the package of its Rust types brings along.
fn schema() -> Value {
    // What other platforms need is not here, and not asked for.
    let version = Command::new("rustc").arg("-vV").output().expect("rustc");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(["--filter-platform", host.expect("a host")])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    let metadata: Value = serde_json::from_slice(&told.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&told.stderr)));
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|one| one["name"] == "serde-sarif");
    let manifest = package.expect("it is a dependency")["manifest_path"].as_str();
    let path = PathBuf::from(manifest.expect("a path")).with_file_name("src/schema.json");
    let text = std::fs::read_to_string(path).expect("the schema");
    // A slip of the standard: a bracket too many in the languages' pattern, which not every kind of regular expression forgives.
    serde_json::from_str(&text.replace("{2}]?$", "{2}$")).expect("JSON")
}

#[test]
fn every_report_keeps_the_schema_of_the_standard() {
    let schema = jsonschema::validator_for(&schema()).expect("a schema");
    for (name, outcome) in every() {
        let report = report(&outcome);
        let wrong: Vec<String> = schema
            .iter_errors(&report)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(wrong, Vec::<String>::new(), "{name}");
        serde_json::from_value::<serde_sarif::sarif::Sarif>(report).expect(name);
    }
    let mut other = report(&outcomes::broken());
    other["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!schema.is_valid(&other), "the schema asks for something");
}

#[test]
fn what_counts_is_an_error_and_advice_is_not() {
    for (name, outcome) in every() {
        let report = report(&outcome);
        let results = report["runs"][0]["results"].as_array().expect("a list");
        let ids = |wanted: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
            let of = results.iter().filter(|one| wanted(one));
            of.map(|one| one["ruleId"].as_str().expect("an id").to_owned())
                .collect()
        };
        let told = |all: Vec<&acgw_conformance::suite::outcome::RequirementOutcome>| {
            let ids = all.into_iter().map(|one| one.requirement.id.to_owned());
            ids.collect::<BTreeSet<String>>()
        };
        assert_eq!(
            ids(&|one| one["level"] == "error" && one.get("suppressions").is_none()),
            told(tally::failures(&outcome)),
            "{name}"
        );
        assert_eq!(
            ids(&|one| one["level"] != "error"),
            told(tally::advice(&outcome)),
            "{name}"
        );
        for result in results {
            let place = result["ruleIndex"].as_u64().expect("a place") as usize;
            let rule = &report["runs"][0]["tool"]["driver"]["rules"][place];
            assert_eq!(rule["id"], result["ruleId"], "{name}");
        }
    }
}

#[test]
fn a_result_is_the_same_in_the_next_run_and_no_other() {
    let fingerprints = |outcome: &Outcome| -> Vec<String> {
        let report = report(outcome);
        let results = report["runs"][0]["results"].as_array().expect("a list");
        let of = |one: &Value| {
            one["partialFingerprints"]["acgw/v1"]
                .as_str()
                .map(str::to_owned)
        };
        results.iter().map(|one| of(one).expect("one")).collect()
    };
    let first = outcomes::broken();
    let mut next = outcomes::broken();
    next.run.seed += 1;
    next.run.exchanges += 100;
    for one in &mut next.requirements {
        one.failed_cases += u64::from(one.state == State::Failed);
        for failure in &mut one.failures {
            failure.case.push_str(", made of another seed");
            failure.request.clear();
        }
    }
    let before = fingerprints(&first);
    assert!(before.len() > 1);
    assert_eq!(before, fingerprints(&next));
    let distinct: BTreeSet<&String> = before.iter().collect();
    assert_eq!(distinct.len(), before.len());
}

#[test]
fn a_run_without_a_verdict_is_not_a_success_of_the_tool() {
    for (name, outcome) in outcomes::without_verdict() {
        let report = report(&outcome);
        let invocation = &report["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false, "{name}");
        let told = invocation["toolExecutionNotifications"].to_string();
        assert!(told.contains("\"error\""), "{name}: {told}");
    }
    let report = report(&outcomes::broken());
    let invocation = &report["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
}
