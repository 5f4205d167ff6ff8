//! `acgw send`, `acgw idp` and `acgw token`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use acgw_conformance::protocol::token::UnverifiedToken;
use snapbox::{assert_data_eq, str};

use crate::program::{Ended, Folder, acgw};
use crate::running::Running;

const HANDLER: &str = "http://127.0.0.1:1/callback";
const SECRETS: &str = r#"{"password": "correct-horse-battery"}"#;

/// The reference handler, which verifies tokens with the key of `key.pem`.
pub(crate) struct Stage {
    folder: Folder,
    _idp: Running,
    handler: Running,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let folder = Folder::new();
        let listen = ["--listen", "127.0.0.1:0"];
        let idp = folder.acgw(&["idp", listen[0], listen[1], "--signing-key", "key.pem"]);
        let idp = Running::start(idp);
        assert!(idp.url.ends_with("/api/idp/v1/keys"), "{}", idp.url);
        let handler = folder.acgw(&["serve", listen[0], listen[1], "--jwks", &idp.url]);
        let handler = Running::start(handler);
        Self {
            folder,
            _idp: idp,
            handler,
        }
    }

    pub(crate) fn send(&self, callback: &str, more: &[&str]) -> Ended {
        let mut args = vec!["send", callback, &self.handler.url, "--idp", "127.0.0.1:0"];
        args.extend(["--signing-key", "key.pem"]);
        args.extend(more);
        self.folder.run(&args)
    }
}

pub(crate) fn with_credentials<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["--identity", "alpha", "--secrets", SECRETS];
    args.extend(more);
    args
}

fn refused(args: &[&str]) -> String {
    let ended = acgw(args);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(ended.out, "", "{ended:?}");
    ended.err
}

#[test]
fn a_callback_is_shown_both_ways_with_verdicts() {
    let stage = Stage::new();
    let ended = stage.send("tenant_mapping.read", &with_credentials(&[]));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.err, "");
    for part in [
        "tenant_mapping.read to http://127.0.0.1:",
        "\n  POST /callback HTTP/1.1\n",
        "\n  HTTP/1.1 200 OK\n",
        "\n  kept    ENV-03 ",
        "\n  kept    MAP-01 ",
        "\nKEPT  ",
    ] {
        assert!(ended.out.contains(part), "no {part:?} in {}", ended.out);
    }
    assert!(!ended.out.contains("correct-horse"), "{}", ended.out);
    assert!(!ended.out.contains("Bearer ey"), "{}", ended.out);

    let id = "cti.a.p.acgw.callback.v1.0~a.p.tenant_mapping.read.v1.0";
    let revealed = stage.send(id, &with_credentials(&["--reveal"]));
    assert_eq!(revealed.code, Some(0), "{revealed:?}");
    assert!(revealed.out.contains("Bearer ey"), "{revealed:?}");
}

/// The key of the token that was sent.
fn kid(ended: &Ended) -> String {
    let (_, rest) = ended.out.split_once(r#""kid":""#).expect("a token");
    rest.chars().take_while(|&one| one != '"').collect()
}

#[test]
fn all_runs_of_a_user_sign_with_one_key() {
    let stage = Stage::new();
    let send = |cache: Option<&str>| {
        let mut args = vec!["send", "topology.read", &stage.handler.url];
        args.extend(with_credentials(&["--idp", "127.0.0.1:0"]));
        let mut command = stage.folder.acgw(&args);
        match cache {
            Some(cache) => command.env("XDG_CACHE_HOME", stage.folder.path().join(cache)),
            None => command
                .env_remove("XDG_CACHE_HOME")
                .env("HOME", "/proc/nobody"),
        };
        let ended = Ended::from(command.output().expect("the program runs"));
        // The handler looks for its keys elsewhere.
        assert_eq!(ended.code, Some(1), "{ended:?}");
        kid(&ended)
    };
    let first = send(Some("cache"));
    assert_eq!(send(Some("cache")), first);
    assert_ne!(send(Some("another")), first);
    // One that is of no use is replaced, and nothing is lost with it.
    stage.folder.write("cache/acgw/signing-key.pem", "damaged");
    let second = send(Some("cache"));
    assert_ne!(second, first);
    assert_eq!(send(Some("cache")), second);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        // So is one that others may read, and the new one is for nobody else again.
        let file = stage.folder.path().join("cache/acgw/signing-key.pem");
        let mode = || {
            std::fs::metadata(&file)
                .expect("the key")
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!(mode(), 0o600);
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(&file, open).expect("one's own file");
        assert_ne!(send(Some("cache")), second);
        assert_eq!(mode(), 0o600);
    }
    // Without a place to keep it there is one for each run.
    assert_ne!(send(None), send(None));
}

#[test]
fn what_is_broken_is_told_with_how_to_mend_it() {
    let stage = Stage::new();
    let wrong = [
        "--identity",
        "alpha",
        "--secrets",
        r#"{"password": "wrong-horse"}"#,
    ];
    let ended = stage.send("tenant_mapping.read", &wrong);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.out.contains("\n  broken  HTTP-01 "), "{ended:?}");
    assert!(
        ended.out.contains("\n          observed  status 401"),
        "{ended:?}"
    );
    assert!(ended.out.contains("\n          fix       "), "{ended:?}");
    // It may know them, as this one does, and whether it does not show here.
    assert!(
        ended
            .out
            .contains("it knows them already, or looks elsewhere"),
        "{ended:?}"
    );
}

#[test]
fn a_payload_that_breaks_the_schema_is_sent_with_a_warning() {
    let stage = Stage::new();
    let ended = stage.send(
        "topology.read",
        &with_credentials(&["--payload", r#"{"a": 1}"#]),
    );
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended
            .err
            .starts_with("warning: the request breaks the schema: /payload"),
        "{ended:?}"
    );
    assert!(ended.out.contains(r#""payload":{"a":1}}"#), "{ended:?}");
    stage.folder.write("payload.json", "{}");
    let from_file = stage.send(
        "topology.read",
        &with_credentials(&["--payload", "@payload.json"]),
    );
    assert_eq!(
        (from_file.code, from_file.err.as_str()),
        (Some(0), ""),
        "{from_file:?}"
    );
    assert!(
        from_file.out.contains("\n  kept    TOP-01 "),
        "{from_file:?}"
    );
}

#[test]
fn a_minted_token_is_taken() {
    let stage = Stage::new();
    let minted = stage.folder.run(&["token", "--signing-key", "key.pem"]);
    assert_eq!(
        (minted.code, minted.err.as_str()),
        (Some(0), ""),
        "{minted:?}"
    );
    let token = minted.out.trim_end();
    let mut args = vec![
        "send",
        "tenant_mapping.read",
        &stage.handler.url,
        "--token",
        token,
    ];
    args.extend(with_credentials(&[]));
    let ended = stage.folder.run(&args);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.out.contains(token), "{ended:?}");
}

#[test]
fn a_token_says_what_it_is_told() {
    let folder = Folder::new();
    let minted = folder.run(&[
        "token",
        "--signing-key",
        "new.pem",
        "--issuer",
        "https://cloud.acronis.com",
        "--audience",
        "acme",
        "--endpoint-id",
        "cti.a.p.acgw.endpoint.v1.0~acme.app.endpoint.v1.0",
        "--expires",
        "5m",
    ]);
    assert_eq!(minted.code, Some(0), "{minted:?}");
    assert_eq!(minted.err, "a new key was made: new.pem\n");
    assert!(
        folder
            .read("new.pem")
            .starts_with("-----BEGIN PRIVATE KEY-----")
    );
    let token = UnverifiedToken::parse(minted.out.trim_end()).expect("a token alone");
    assert_eq!(token.claims["iss"], "https://cloud.acronis.com");
    assert_eq!(token.claims["aud"], "acme");
    let role = "cti.a.p.acgw.endpoint.v1.0~acme.app.endpoint.v1.0";
    assert_eq!(token.claims["scope"][0]["role"], role);
    let time = |claim: &str| token.claims[claim].as_i64().expect("a time");
    // It says that it was issued a minute ago.
    assert_eq!(time("exp") - time("iat"), 360);

    let error = refused(&["token"]);
    assert!(error.contains("--signing-key <FILE>"), "{error}");
}

#[test]
fn a_handler_that_cannot_be_reached_or_asks_for_patience_gives_no_verdict() {
    let args = |url: &str| -> Vec<String> {
        [
            "send",
            "tenant_mapping.read",
            url,
            "--idp",
            "127.0.0.1:0",
            "--timeout",
            "2s",
        ]
        .into_iter()
        .chain(with_credentials(&[]))
        .map(str::to_owned)
        .collect()
    };
    let run = |url: &str| acgw(&args(url).iter().map(String::as_str).collect::<Vec<_>>());
    let ended = run(HANDLER);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(
        ended
            .out
            .ends_with("\nNO VERDICT  the handler could not be reached\n"),
        "{ended:?}"
    );

    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("its address"));
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 64 * 1024]);
            let _ =
                stream.write_all(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let ended = run(&url);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(
        ended
            .out
            .ends_with("\nNO VERDICT  the handler asks for patience (429)\n"),
        "{ended:?}"
    );
}

/// Answers whatever comes with 409 and an error answer.
fn refusing_handler() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("its address"));
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = vec![0; 64 * 1024];
            let read = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let id = request
                .split("\"request_id\":\"")
                .nth(1)
                .unwrap_or_default();
            let id = id.split('"').next().unwrap_or_default();
            let body = format!(
                "{{\"request_id\":\"{id}\",\"response_id\":\"c0a4b7f2-9c1d-4e55-a1de-6b1d0c9e8f33\",\"err_message\":\"Taken.\"}}"
            );
            let head = "HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nContent-Length";
            let _ = write!(stream, "{head}: {}\r\n\r\n{body}", body.len());
        }
    });
    url
}

#[test]
fn a_change_may_be_refused_for_what_the_handler_remembers() {
    let url = refusing_handler();
    let payload =
        r#"{"vendor_tenant_id": "1", "acronis_tenant_id": "7d9f2c60-3a8c-4f5e-8b9a-2c4b6f1d7e11"}"#;
    let mut args = vec![
        "send",
        "enablement.write",
        &url,
        "--idp",
        "127.0.0.1:0",
        "--write",
    ];
    args.extend(with_credentials(&["--payload", payload]));
    let ended = acgw(&args);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.contains("\n  kept    ERR-01 "), "{ended:?}");
    assert!(!ended.out.contains("HTTP-01"), "{ended:?}");
    assert!(
        ended.out.contains("depends on what it remembers"),
        "{ended:?}"
    );

    // Whether a partner is enabled can always be said.
    let ended = acgw(&[
        "send",
        "partner.mirroring.get_state",
        &url,
        "--idp",
        "127.0.0.1:0",
    ]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(!ended.out.contains("X-CyberApp-Auth"), "{ended:?}");
    let mut args = vec![
        "send",
        "partner.mirroring.get_state",
        &url,
        "--idp",
        "127.0.0.1:0",
    ];
    args.extend(with_credentials(&[]));
    assert!(acgw(&args).out.contains("X-CyberApp-Auth: ***"));
}

#[test]
fn nothing_is_changed_unasked() {
    let write = [
        "send",
        "enablement.reset",
        HANDLER,
        "--identity",
        "a",
        "--secrets",
        "{}",
    ];
    assert_data_eq!(
        refused(&write),
        str![[r#"
error: enablement.reset changes data: Removes the partner mapping and all its customer mappings.

  tip: if the data may be changed, say --write

"#]]
    );
    let elsewhere = [
        "send",
        "partner.mirroring.reset",
        "http://example.com/callback",
        "--write",
    ];
    let error = refused(&elsewhere);
    assert!(error.contains("--i-own-this-handler"), "{error}");
    let error = refused(&["send", "enablement.write", HANDLER, "--write"]);
    assert!(error.starts_with("error: --payload is missing"), "{error}");
}

#[test]
fn slips_are_told_with_what_to_do() {
    let error = refused(&["send", "topology.raed", HANDLER]);
    assert!(error.contains("did you mean topology.read?"), "{error}");
    let error = refused(&["send", "topology.read"]);
    assert!(
        error.contains("there is no handler to send it to"),
        "{error}"
    );
    let error = refused(&["send", "topology.read", HANDLER]);
    assert!(
        error.contains("--identity is missing: topology.read"),
        "{error}"
    );
    let error = refused(&["send", "topology.read", HANDLER, "--payload", "{\"a\""]);
    assert!(error.contains("--payload is not JSON: EOF"), "{error}");
    let error = refused(&["send", "topology.read", HANDLER, "--cases", "5"]);
    assert!(error.contains("is for a whole run"), "{error}");
    let error = refused(&["send", "topology.read", HANDLER, "--customer", "mirrored"]);
    assert!(error.contains("is not among the callbacks"), "{error}");
    assert!(
        error.contains("--partner mapped --customer mapped"),
        "{error}"
    );
}

#[test]
fn settings_come_from_the_file_of_a_run_too() {
    let stage = Stage::new();
    stage.folder.write(
        "acgw.toml",
        &format!(
            "url = \"{}\"\nidp = \"127.0.0.1:0\"\nsigning-key = \"key.pem\"\nidentity = \"alpha\"\nsecrets = {{ password = \"correct-horse-battery\" }}\ncases = 5\nreport = \"json=report.json\"\n",
            stage.handler.url
        ),
    );
    let ended = stage.folder.run(&["send", "tenant_mapping.read"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[test]
fn a_key_provider_names_what_is_wrong_with_its_settings() {
    let error = refused(&["idp"]);
    assert!(error.contains("--signing-key <FILE>"), "{error}");
    let folder = Folder::new();
    folder.write("bad.pem", "nothing here\n");
    let ended = folder.run(&["idp", "--listen", "127.0.0.1:0", "--signing-key", "bad.pem"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("--signing-key: "), "{ended:?}");
}
