//! What a report says of how to repeat a failure is typed into a shell, and repeats it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;

use acgw_conformance::protocol::Enablement;
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Fault, Reference, Server, Settings};
use acgw_conformance::suite::Options;
use proptest::prelude::*;
use serde_json::Value;

use super::common::anywhere;
use super::properties::{hold, steady};

/// A fault, a seed, and which of the failures that it leads to is repeated.
fn failure() -> impl Strategy<Value = (&'static str, u64, prop::sample::Index)> {
    let names: Vec<&'static str> = steady().iter().map(|fault| fault.name()).collect();
    (
        prop::sample::select(names),
        any::<u64>(),
        any::<prop::sample::Index>(),
    )
}

#[test]
fn a_reported_failure_is_repeated_by_the_command_that_it_names() {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let repeated = std::cell::Cell::new(0);
    hold(4, &failure(), |(fault, seed, which)| {
        let idp = free_address();
        let server = runtime.block_on(serve(fault, &idp));
        let first = report(&whole_run(&server, &idp, seed));
        let failed: Vec<&Value> = failed(&first).collect();
        if !failed.is_empty() {
            repeated.set(repeated.get() + is_repeated(failed[which.index(failed.len())], seed)?);
        }
        Ok(())
    });
    // Some faults show in writes alone, which these runs may not do.
    assert!(repeated.get() > 0, "no fault was seen");
}

#[test]
fn a_failure_seen_in_passing_is_repeated_with_what_it_was_seen_in() {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let idp = free_address();
    let server = runtime.block_on(serve("topology-items-null", &idp));
    let first = report(&whole_run(&server, &idp, 255));
    let failed: Vec<&Value> = failed(&first).collect();
    assert_eq!(failed.len(), 1, "{first}");
    // Two are seen where the topology is read for its own sake, one on the answer to another check's request.
    assert_eq!(failures(failed[0]).count(), 3, "{first}");
    let commands = is_repeated(failed[0], 255).expect("repeated");
    assert_eq!(commands, 2, "{first}");
}

/// A run with all that the reference handler can be asked without writes.
fn whole_run(server: &Server, idp: &str, seed: u64) -> String {
    format!(
        "acgw check {} --seed {seed:016x} --cases 12 --budget none --idp {idp} --identity {} --secrets \"$ACGW_SECRETS\" \
         --other-identity {} --other-secrets \"$ACGW_OTHER_SECRETS\"",
        server.url(),
        PARTNERS[0].identity,
        PARTNERS[1].identity
    )
}

/// Types the command of every failure of a requirement; how many different ones there are.
fn is_repeated(failed: &Value, seed: u64) -> Result<usize, TestCaseError> {
    let id = failed["id"].as_str().expect("an id");
    let mut told: BTreeMap<&str, Vec<Told>> = BTreeMap::new();
    for failure in failures(failed) {
        let command = failure["repeat"].as_str().expect("a command");
        told.entry(command).or_default().push(what_is_told(failure));
    }
    for (command, told) in &told {
        let words: Vec<&str> = command.split(' ').collect();
        let value = |option: &str| {
            let place = words.iter().position(|word| *word == option);
            place.and_then(|place| words.get(place + 1).copied())
        };
        // Beside it stands what the case was about, where that is another.
        let only = value("--only").unwrap_or_default();
        prop_assert!(only.split(',').any(|one| one == id), "{}", command);
        let same = format!("{seed:016x}");
        prop_assert_eq!(value("--seed"), Some(same.as_str()), "{}", command);
        prop_assert!(value("--signing-key").is_some(), "{}", command);
        let again = report(command);
        let again: Vec<&Value> = requirements(&again).filter(|one| one["id"] == id).collect();
        prop_assert_eq!(again.len(), 1, "{}", command);
        prop_assert_eq!(&again[0]["state"], "failed", "{}", command);
        let again: Vec<Told> = failures(again[0]).map(what_is_told).collect();
        for told in told {
            prop_assert!(again.contains(told), "{command}\n{told:?}\n{again:#?}");
        }
    }
    Ok(told.len())
}

#[test]
fn the_command_of_a_failure_has_all_that_decides_the_cases() {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let idp = free_address();
    let server = runtime.block_on(serve("created-at-fraction", &idp));
    let given = [
        "--skip 'ROB-*,JWT-18'",
        "--cases 3",
        "--concurrency 2",
        "--timeout 7500ms",
        "--budget none",
        "--audience 'some handler'",
        "--endpoint-id 'cti.a.p.acgw.endpoint.v1.0~vendor.app.endpoint.v1.0'",
        "--tenant-id 11111111-2222-4333-8444-555555555555",
        "--other-tenant-id 66666666-7777-4888-9999-aaaaaaaaaaaa",
        "--datacenter-url https://eu2-cloud.acronis.com",
        r#"--extra '{"it'\''s here":"a b"}'"#,
    ];
    let first = report(&format!(
        "acgw check {} --only ENV-09 --seed 00000000000000ff {} --idp {idp} --identity {} --secrets \"$ACGW_SECRETS\" \
         --other-identity {} --other-secrets \"$ACGW_OTHER_SECRETS\"",
        server.url(),
        given.join(" "),
        PARTNERS[0].identity,
        PARTNERS[1].identity
    ));
    let failed = requirements(&first).find(|one| one["id"] == "ENV-09");
    let failed = failed.expect("selected");
    let command = failed["failures"][0]["repeat"].as_str().expect("a command");
    for given in given {
        assert!(
            command.contains(&format!(" {given} ")),
            "{given}\n{command}"
        );
    }
    let again = report(command);
    let again = requirements(&again)
        .find(|one| one["id"] == "ENV-09")
        .expect("selected");
    assert!(failures(failed).count() > 0, "{first}");
    assert_eq!(
        failures(failed).map(what_is_told).collect::<Vec<_>>(),
        failures(again).map(what_is_told).collect::<Vec<_>>()
    );
}

/// What must be the same of a failure: its case, and the body of the smallest request that shows it.
type Told = (String, String);

fn what_is_told(failure: &Value) -> Told {
    let text = |name: &str| failure[name].as_str().unwrap_or_default().to_owned();
    (text("case"), super::body(&text("request")))
}

fn failed(report: &Value) -> impl Iterator<Item = &Value> {
    requirements(report).filter(|one| one["state"] == "failed")
}

fn failures(requirement: &Value) -> impl Iterator<Item = &Value> {
    requirement["failures"].as_array().expect("a list").iter()
}

fn requirements(report: &Value) -> impl Iterator<Item = &Value> {
    report["requirements"].as_array().expect("a list").iter()
}

/// Types a command into a shell, with what it does not name because it decides no case; its report.
fn report(command: &str) -> Value {
    let program = Path::new(env!("CARGO_BIN_EXE_acgw"));
    let folder = program.parent().expect("a folder").display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    // Making a key takes time; a command that repeats a failure names the one of the run.
    let key = concat!(
        " --signing-key '",
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/test_key_published.pem'"
    );
    let key = (!command.contains("--signing-key")).then_some(key);
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "{command} --report json=-{}",
            key.unwrap_or_default()
        ))
        .env("PATH", format!("{folder}:{path}"))
        .env("ACGW_SECRETS", PARTNERS[0].secrets)
        .env("ACGW_OTHER_SECRETS", PARTNERS[1].secrets)
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("a shell");
    let report = serde_json::from_slice(&output.stdout);
    report.unwrap_or_else(|error| {
        let told = String::from_utf8_lossy(&output.stderr);
        panic!("{error} in what {command} says\n{told}")
    })
}

/// An address for the program's identity provider, which the handler must know before it.
fn free_address() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

async fn serve(fault: &str, idp: &str) -> Server {
    let handler = Reference::new(Settings {
        jwks_url: format!("http://{idp}/api/idp/v1/keys"),
        issuer: Options::default().issuer,
        enablement: Enablement::MAPPED,
        faults: Fault::from_name(fault).into_iter().collect(),
    });
    Server::start(anywhere(), handler, None)
        .await
        .expect("a free port")
}
