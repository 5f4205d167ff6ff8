//! What a report says of how to repeat a failure is typed into a shell, and repeats it.

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
        let url = server.url();
        let first = report(&format!(
            "acgw check {url} --seed {seed:016x} --cases 12 --idp {idp} --identity {} --secrets \"$ACGW_SECRETS\" \
             --other-identity {} --other-secrets \"$ACGW_OTHER_SECRETS\"",
            PARTNERS[0].identity, PARTNERS[1].identity
        ));
        let failed: Vec<&Value> = requirements(&first)
            .filter(|one| one["state"] == "failed")
            .collect();
        if !failed.is_empty() {
            let failed = which.get(&failed);
            let command = failed["failures"][0]["repeat"].as_str().expect("a command");
            let id = failed["id"].as_str().expect("an id");
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
            let again = report(command);
            let again: Vec<&Value> = requirements(&again).filter(|one| one["id"] == id).collect();
            prop_assert_eq!(again.len(), 1, "{}", command);
            prop_assert_eq!(told(failed), told(again[0]), "{}", command);
            repeated.set(repeated.get() + 1);
        }
        Ok(())
    });
    // Some faults show in writes alone, which these runs may not do.
    assert!(repeated.get() > 0, "no fault was seen");
}

/// What must be the same: the state, and of each failure its case and the body of the smallest request that shows it.
fn told(requirement: &Value) -> (String, Vec<(String, String)>) {
    let failures = requirement["failures"].as_array().expect("a list");
    let of = |failure: &Value| {
        let text = |name: &str| failure[name].as_str().unwrap_or_default().to_owned();
        (text("case"), super::body(&text("request")))
    };
    (
        requirement["state"].to_string(),
        failures.iter().map(of).collect(),
    )
}

fn requirements(report: &Value) -> impl Iterator<Item = &Value> {
    report["requirements"].as_array().expect("a list").iter()
}

/// Types a command into a shell, with what it does not name because it decides no case; its report.
fn report(command: &str) -> Value {
    let program = Path::new(env!("CARGO_BIN_EXE_acgw"));
    let folder = program.parent().expect("a folder").display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let key = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/test_key_published.pem"
    );
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "{command} --signing-key '{key}' --budget none --report json=-"
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
