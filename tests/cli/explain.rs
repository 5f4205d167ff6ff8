//! `acgw explain`.

use std::process::Stdio;

use acgw_conformance::protocol::CATALOG;
use snapbox::{assert_data_eq, str};

use crate::program::{Folder, acgw};

fn explained(subject: &str) -> String {
    let ended = acgw(&["explain", subject]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.err, "", "{ended:?}");
    ended.out
}

fn refused(subject: &str) -> String {
    let ended = acgw(&["explain", subject]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(ended.out, "", "{ended:?}");
    ended.err
}

#[test]
fn a_requirement_is_explained_with_the_faults_that_break_it() {
    let text = explained("jwt-08");
    assert!(text.starts_with("JWT-08  "), "{text}");
    for label in [
        "level",
        "asks",
        "why",
        "fix",
        "source",
        "check it",
        "broken by",
    ] {
        assert!(
            text.contains(&format!("\n  {label}")),
            "no {label} in {text}"
        );
    }
    assert!(text.contains("alg-none: "), "{text}");
}

#[test]
fn a_requirement_is_explained_with_its_level_and_who_looks_at_it() {
    let verified = "by Acronis, before the CyberApp may go to production";
    for (id, level, is_verified) in [
        ("TLS-01", "must: ", true),
        ("TOP-01", "must: ", false),
        (
            "TOP-03",
            "should: documented as advice, or follows from the documents",
            false,
        ),
        ("ERR-04", "hardening: undocumented good sense", false),
    ] {
        let text = explained(id);
        assert!(text.contains(level), "{text}");
        assert_eq!(text.contains(verified), is_verified, "{text}");
        assert!(!text.contains("not checked"), "{text}");
    }
    let unobservable = explained("JWT-23");
    let reason = "caching is allowed, not demanded, so no number of fetches is wrong";
    let told = unobservable
        .lines()
        .find(|line| line.contains("not checked"));
    assert!(
        told.is_some_and(|line| line.contains(reason)),
        "{unobservable}"
    );
}

#[test]
fn a_fault_is_explained_with_what_it_breaks() {
    let text = explained("alg-none");
    assert!(
        text.starts_with("alg-none  a fault of the reference handler\n"),
        "{text}"
    );
    assert!(text.contains("breaks      JWT-08 "), "{text}");
}

#[test]
fn a_cause_is_explained_with_what_it_explains() {
    let text = explained("Issuer-Not-Checked");
    assert!(
        text.starts_with("issuer-not-checked  a cause of failures\n"),
        "{text}"
    );
    assert!(text.contains("explains    JWT-11 "), "{text}");
    assert!(refused("issuer-not-cheked").contains("did you mean issuer-not-checked?"));
    // Also a fault.
    let text = explained("unknown-key-trusted");
    assert!(text.contains("breaks      JWT-07 "), "{text}");
    assert!(text.contains("explains    JWT-07 "), "{text}");
}

#[test]
fn an_identifier_is_explained_with_what_the_catalog_knows() {
    assert_eq!(
        explained("tenant_mapping.read"),
        explained("cti.a.p.acgw.callback.v1.0~a.p.tenant_mapping.read.v1.0")
    );
    assert_data_eq!(
        explained("cti.a.p.acgw.request.v1.0~a.p.topology.read.v1.0"),
        str![[r#"
cti.a.p.acgw.request.v1.0~a.p.topology.read.v1.0

  base        vendor a (Acronis), package p, entity acgw.request, version 1.0
  then        vendor a (Acronis), package p, entity topology.read, version 1.0
  is a        cti.a.p.acgw.request.v1.0
  callback    topology.read: this is the type of its requests

"#]]
    );
    let own = explained("cti.a.p.acgw.callback.v1.0~acme.app.users.list.v1.0");
    assert!(
        own.contains("meaning     a callback of the vendor acme"),
        "{own}"
    );
    let unknown = explained("cti.a.p.acgw.callback.v1.0~a.p.enablement.read.v1.7");
    assert!(unknown.contains("but none that is documented"), "{unknown}");
}

#[test]
fn every_callback_is_explained_by_its_name_as_by_its_id() {
    for callback in CATALOG {
        let text = explained(callback.name);
        assert_eq!(text, explained(callback.id));
        for part in [
            callback.id,
            callback.name,
            callback.request_type,
            callback.response_type,
            callback.request_schema.file(),
            callback.response_schema.file(),
        ] {
            assert!(text.contains(part), "no {part} in {text}");
        }
        assert_eq!(
            text.contains("only with --write"),
            callback.changes_data,
            "{text}"
        );
    }
    let text = explained("enablement.write");
    assert!(text.contains("used by     mapped partners\n"), "{text}");
    // Some types are those of several callbacks.
    let text = explained("cti.a.p.acgw.response.v1.0~a.p.success_no_content.v1.0");
    for name in [
        "enablement.write",
        "enablement.reset",
        "tenant_mapping.write",
    ] {
        assert!(
            text.contains(&format!("{name}: this is the type of its")),
            "{text}"
        );
    }
}

#[test]
fn a_bad_identifier_is_pointed_at() {
    assert_data_eq!(
        refused("cti.a.p.acgw.callback.v01.0"),
        str![[r#"
error: this is no CTI identifier

  cti.a.p.acgw.callback.v01.0
                         ^ a version number has a leading zero

  tip: write the number without zeros in front

"#]]
    );
    assert!(refused("cti.a.p.*").contains("a CTI reference expression, not an identifier"));
    assert!(refused("CTI.A.P.x.v1.0").contains('^'));
    let hostile = refused("cti.\u{1b}[31m");
    assert!(!hostile.contains('\u{1b}'), "{hostile:?}");
}

#[test]
fn the_unknown_is_met_with_the_nearest() {
    assert!(refused("JWT-4").contains("did you mean JWT-04"));
    assert!(refused("alg-non").contains("did you mean alg-none?"));
    assert!(refused("topology.raed").contains("did you mean topology.read?"));
    assert!(refused("zzzzzz").contains("`acgw explain` lists the requirements"));
}

#[test]
fn without_a_subject_every_requirement_is_listed() {
    let ended = acgw(&["explain"]);
    assert_eq!(ended.code, Some(0));
    for requirement in acgw_conformance::suite::register::all() {
        assert!(
            ended.out.contains(requirement.id),
            "{} is missing",
            requirement.id
        );
    }
}

#[test]
fn a_reader_who_goes_away_has_seen_enough() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let folder = Folder::new();
    let mut command = folder.acgw(&["explain"]);
    let output = command
        .stdout(Stdio::from(writer))
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}
