//! `acgw serve` and `acgw idp`: what they tell when they have begun, and how they end.

use std::net::TcpListener;
use std::process::Command;

use acgw_conformance::reference::Fault;

use crate::program::{Folder, acgw};
use crate::running::Running;

/// Types what the handler says that can be tried, with what else is needed, into a shell.
fn try_it(folder: &Folder, handler: &Running, more: &str) -> (Option<i32>, String) {
    let command = handler
        .greeting
        .lines()
        .find_map(|line| line.trim().strip_prefix("acgw check "));
    let command = command.unwrap_or_else(|| panic!("{}", handler.greeting));
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "'{}' check {command} {more}",
            env!("CARGO_BIN_EXE_acgw")
        ))
        .current_dir(folder.path())
        .output()
        .expect("a shell");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    (
        output.status.code(),
        told + &String::from_utf8_lossy(&output.stderr),
    )
}

/// Where a run may serve its keys, as the option of a handler that fetches them there.
fn keys() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!(
        "http://{}/api/idp/v1/keys",
        listener.local_addr().expect("an address")
    )
}

#[test]
fn what_the_handler_says_can_be_tried_works_as_it_is() {
    let folder = Folder::new();
    for (methods, callbacks) in [
        ("mapped mapped", ["enablement.read", "tenant_mapping.write"]),
        (
            "mirrored mirrored",
            ["partner.mirroring.reset", "customer.mirroring.set_state"],
        ),
        (
            "mapped mirrored",
            ["enablement.reset", "customer.mirroring.get_state"],
        ),
    ] {
        let (partner, customer) = methods.split_once(' ').expect("two");
        let keys = keys();
        let mut args = vec!["serve", "--listen", "127.0.0.1:0", "--jwks", &keys];
        args.extend(["--partner", partner, "--customer", customer]);
        args.extend(["--issuer", "https://cloud.example.com/it's"]);
        let mut handler = Running::start(folder.acgw(&args));
        let greeting = handler.greeting.clone();
        for callback in callbacks {
            let told = greeting.lines().any(|line| line.trim() == callback);
            assert!(told, "{callback}: {greeting}");
        }
        let (code, told) = try_it(&folder, &handler, "--write --cases 3");
        assert_eq!(code, Some(0), "{greeting}{told}");
        assert!(told.contains("CONFORMS"), "{told}");
        assert_eq!(handler.interrupt(), Some(0), "{methods}");
    }
}

#[test]
fn a_handler_with_a_fault_says_which_and_what_it_breaks() {
    let folder = Folder::new();
    let keys = keys();
    let mut args = vec!["serve", "--listen", "127.0.0.1:0", "--jwks", &keys];
    args.extend(["--fault", "topology-items-null"]);
    let mut handler = Running::start(folder.acgw(&args));
    let fault = Fault::from_name("topology-items-null").expect("a fault");
    let line = format!("  fault   {}: {} [TOP-01]", fault.name(), fault.title());
    assert!(handler.greeting.contains(&line), "{}", handler.greeting);
    let (code, told) = try_it(&folder, &handler, "--cases 3");
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("TOP-01"), "{told}");
    assert_eq!(handler.interrupt(), Some(0));
}

#[test]
fn where_nothing_is_served_that_is_said() {
    let folder = Folder::new();
    let mut args = vec!["serve", "--listen", "127.0.0.1:0"];
    args.extend(["--partner", "explicit", "--customer", "explicit"]);
    let mut handler = Running::start(folder.acgw(&args));
    let said = handler
        .greeting
        .contains("there is nothing to serve, and nothing to check");
    assert!(
        said && !handler.greeting.contains("Try:"),
        "{}",
        handler.greeting
    );
    assert_eq!(handler.interrupt(), Some(0));
}

#[test]
fn every_fault_is_listed_with_what_it_breaks() {
    let ended = acgw(&["serve", "--list-faults"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert_eq!(ended.out.lines().count(), Fault::all().len());
    for (line, fault) in ended.out.lines().zip(Fault::all()) {
        let (name, rest) = line.split_once(' ').expect("a name");
        assert_eq!(name, fault.name());
        for told in [fault.title(), &fault.breaks().join(", ")] {
            assert!(rest.contains(told), "{line}");
        }
    }
}

#[test]
fn a_key_provider_ends_when_it_is_interrupted() {
    let folder = Folder::new();
    let mut idp = Running::keys(&folder);
    let told = "acgw token --signing-key key.pem";
    assert!(idp.greeting.contains(told), "{}", idp.greeting);
    assert_eq!(idp.interrupt(), Some(0));
}
