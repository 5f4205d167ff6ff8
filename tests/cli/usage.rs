//! Wrong usage ends with code 2 and a message that says what is wrong, where and what to do.

use snapbox::{assert_data_eq, file, str};

use crate::program::{Folder, acgw};

const HANDLER: &str = "http://127.0.0.1:1/callback";

fn refused(args: &[&str]) -> String {
    let ended = acgw(args);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(ended.out, "", "{ended:?}");
    assert!(!ended.err.contains("panicked"), "{ended:?}");
    ended.err
}

fn check(args: &[&str]) -> String {
    let mut all = vec!["check", HANDLER];
    all.extend(args);
    refused(&all)
}

#[test]
fn help_and_version_are_success() {
    for (args, file) in [
        (&["--help"][..], file!["snapshots/help.txt"]),
        (&["check", "--help"], file!["snapshots/help_check.txt"]),
    ] {
        let ended = acgw(args);
        assert_eq!(ended.code, Some(0));
        assert_eq!(ended.err, "");
        assert_data_eq!(ended.out, file.raw());
    }
    let version = acgw(&["--version"]);
    assert_eq!(version.code, Some(0));
    assert_eq!(version.out, format!("acgw {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn nothing_and_the_unknown_are_wrong_usage() {
    assert!(refused(&[]).contains("Usage: acgw <COMMAND>"));
    assert!(refused(&["chek"]).contains("'check'"));
    assert!(refused(&["check", "--secretz", "x"]).contains("similar argument exists: '--secrets'"));
    assert!(refused(&["check", "--cases", "0"]).contains("'--cases <N>'"));
    assert!(refused(&["check", "--timeout", "10"]).contains("for example 500ms, 10s or 2m"));
    assert!(refused(&["check", "--seed", "xyz"]).contains("a seed is hexadecimal"));
    assert!(refused(&["check", "--profile", "ful"]).contains("similar value exists: 'full'"));
    assert!(refused(&["check", "--tenant-id", "7"]).contains("write a UUID"));
    assert!(refused(&["check", "--endpoint-id", "cti.a"]).contains("at character 5"));
    assert!(refused(&["check", "--report", "jsn=x"]).contains("did you mean json?"));
    assert!(refused(&["check", "--report", "json"]).contains("write FORMAT=FILE"));
}

#[test]
fn a_second_partner_is_another_one() {
    let tenant = "0f8d9e9a-8d6b-4b0a-9d5c-0d4f7f0f3f11";
    let same = tenant.to_uppercase();
    let error = check(&[
        "--partner",
        "mirrored",
        "--tenant-id",
        tenant,
        "--other-tenant-id",
        &same,
    ]);
    assert!(
        error.contains("--other-tenant-id names the same tenant"),
        "{error}"
    );
}

#[test]
fn a_handler_needs_credentials() {
    assert_data_eq!(
        check(&[]),
        str![[r#"
error: --identity is missing: enablement.read is made on behalf of vendor credentials, so nothing can be checked without a pair that the handler accepts

  tip: --identity ID --secrets '{"password": "…"}', or the variables ACGW_IDENTITY and ACGW_SECRETS, or the same keys in acgw.toml

"#]]
    );
    assert!(check(&["--identity", "acme"]).starts_with("error: --secrets is missing"));
}

#[test]
fn malformed_secrets_are_explained_and_not_shown() {
    let secrets = |text: &str| {
        let error = check(&["--identity", "acme", "--secrets", text]);
        assert!(!error.contains("hunter2"), "{error}");
        error
    };
    assert!(secrets("hunter2").contains("plain text, but it must be a JSON object"));
    assert!(secrets("{password: hunter2}").contains("the shell took them away"));
    assert!(secrets(r#"{"password": "hunter2""#).contains("it ends too early at line 1, column"));
    assert!(secrets(r#""hunter2""#).contains("is JSON, but not an object"));
}

#[test]
fn options_of_a_handler_need_a_handler() {
    let error = refused(&["check", "--identity", "acme", "--secrets", "{}"]);
    assert!(error.contains("but no handler to check"), "{error}");
}

#[test]
fn what_is_not_offered_or_has_nothing_to_check_says_so() {
    assert_data_eq!(
        check(&["--partner", "explicit"]),
        str![[r#"
error: --partner explicit with --customer mapped is not offered by Acronis: customers are mapped to the organisations of a partner, and explicit enablement has no callback that makes a partner known

  tip: say --customer mirrored or --customer explicit, or another --partner

"#]]
    );
    let error = check(&["--partner", "mirorred"]);
    assert!(
        error.contains("similar value exists: 'mirrored'"),
        "{error}"
    );
    for target in [&[][..], &[HANDLER]] {
        let mut args = vec!["check", "--partner", "explicit", "--customer", "explicit"];
        args.extend(target);
        let ended = acgw(&args);
        assert_eq!(ended.code, Some(3), "{ended:?}");
        assert_eq!(ended.out, "");
        assert_eq!(
            ended.err,
            "explicit partners and explicit customers are enabled without callbacks, so there is nothing to check\n"
        );
    }
}

#[test]
fn mirrored_partners_need_no_credentials() {
    let folder = Folder::new();
    folder.write(
        "acgw.toml",
        "partner = \"mirrored\"\ncustomer = \"mirrored\"\n",
    );
    // Nobody listens there, so all that was wrong with the settings has been found before.
    let ended = folder.run(&["check", HANDLER, "--idp", "127.0.0.1:0", "--timeout", "1s"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    let ended = folder.run(&["check", HANDLER, "--identity", "acme"]);
    assert_eq!(ended.err, "error: --identity was given without --secrets\n");
}

#[test]
fn bad_targets_are_named() {
    let target = |url: &str| refused(&["check", url, "--identity", "a", "--secrets", "{}"]);
    assert!(target("ftp://example.com/").contains("the scheme is \"ftp\""));
    assert!(target("localhost:8080").contains("\"localhost:8080\""));
    let error = refused(&[
        "check",
        "http://example.com/",
        "--identity",
        "a",
        "--secrets",
        "{}",
        "--write",
    ]);
    assert!(error.contains("--i-own-this-handler"), "{error}");
}

#[test]
fn unknown_selectors_are_refused() {
    let error = refused(&["check", "--only", "JWT-99"]);
    assert!(
        error.contains("\"JWT-99\" matches no requirement"),
        "{error}"
    );
    let error = refused(&["check", "--skip", "NOPE-*"]);
    assert!(
        error.contains("\"NOPE-*\" matches no requirement"),
        "{error}"
    );
    let error = refused(&["check", "--only", "JWT-01", "--skip", "JWT-*"]);
    assert!(error.contains("--skip takes away all"), "{error}");
    let error = refused(&["check", "--profile", "verification", "--only", "JWT-22"]);
    assert!(
        error.contains("--only names none that Acronis verifies"),
        "{error}"
    );
}

#[test]
fn a_report_without_a_place_is_refused_before_the_run() {
    let error = refused(&["check", "--report", "json=no/such/folder/report.json"]);
    assert!(
        error.contains("there is no folder no/such/folder"),
        "{error}"
    );
    let error = refused(&["check", "--report", "json=-", "--report", "junit=-"]);
    assert!(
        error.contains("two reports would be written to standard output"),
        "{error}"
    );
}

#[test]
fn files_of_options_must_be_usable() {
    let folder = Folder::new();
    folder.write("empty.pem", "nothing here\n");
    let with = |option: &str, file: &str| {
        let ended = folder.run(&[
            "check",
            HANDLER,
            "--identity",
            "a",
            "--secrets",
            "{}",
            "--idp",
            "127.0.0.1:0",
            option,
            file,
        ]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        ended.err
    };
    assert!(with("--cacert", "empty.pem").contains("there is no certificate in it"));
    assert!(with("--cacert", "missing.pem").contains("--cacert missing.pem: "));
    assert!(with("--signing-key", "empty.pem").contains("--signing-key: "));
    assert!(with("--config", "missing.toml").contains("missing.toml cannot be read"));
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = taken.local_addr().expect("its address").to_string();
    let error = check(&["--identity", "a", "--secrets", "{}", "--idp", &addr]);
    assert!(error.contains(&addr), "{error}");
}

#[test]
fn the_configuration_file_is_read_and_its_slips_are_placed() {
    let folder = Folder::new();
    folder.write(
        "acgw.toml",
        "identity = \"acme\"\n\nsecretz = { password = \"hunter2\" }\n",
    );
    let ended = folder.run(&["check", HANDLER]);
    assert_eq!(ended.code, Some(2));
    assert_data_eq!(
        ended.err,
        str![[r#"
error: acgw.toml:3:1: there is no setting `secretz`

  tip: did you mean secrets?

"#]]
    );

    folder.write(
        "acgw.toml",
        "identity = \"acme\"\nsecrets = { password = \"hunter2\" }\nonly = \"NOPE\"\n",
    );
    let ended = folder.run(&["check", HANDLER, "--idp", "127.0.0.1:0"]);
    assert!(
        ended.err.contains("\"NOPE\" matches no requirement"),
        "{ended:?}"
    );
}
