//! The suite as the judge of a whole handler: `acgw check` against the reference handler, once for each combination of
//! enablement methods, by the front door, as a vendor runs it.
//!
//! `cargo mutants` breaks the reference handler in hundreds of small ways and asks this test about each of them
//! (`docs/mutants.md`). The program comes then from `ACGW_JUDGE`, built before anything was broken: the judge must not change
//! with the judged. The first run that finds something ends it.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use acgw_conformance::protocol::Enablement;
use acgw_conformance::protocol::EnablementMethod::{self, Explicit, Mapped, Mirrored};
use acgw_conformance::reference::{Faults, Reference, Server, Settings};

/// Partners and customers, those with the most callbacks first.
const COMBINATIONS: &[(EnablementMethod, EnablementMethod)] = &[
    (Mapped, Mapped),
    (Mirrored, Mirrored),
    (Mirrored, Mapped),
    (Mapped, Mirrored),
    (Explicit, Mirrored),
    (Mapped, Explicit),
    (Mirrored, Explicit),
];

/// The credentials of two partners that the reference handler knows where partners are mapped, as its documentation tells them.
const CREDENTIALS: &[&str] = &[
    "--identity=alpha",
    r#"--secrets={"password":"correct-horse-battery"}"#,
    "--other-identity=bravo@example.com",
    r#"--other-secrets={"api key":"k:9\"42\"\\:{}","passwört":"naïve: ☂ 傘 >>>???"}"#,
];

#[test]
fn the_suite_finds_nothing_wrong_with_the_reference_handler_however_partners_are_enabled() {
    for (partner, customer) in COMBINATIONS {
        let ended = check(*partner, *customer);
        let out = String::from_utf8_lossy(&ended.stdout);
        let err = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(
            ended.status.code(),
            Some(0),
            "{partner:?}, {customer:?}\n{out}\n{err}"
        );
        // What the suite was not shown, it cannot judge, and says so. This handler has customers to show.
        let told: Vec<&str> = out.split_whitespace().collect();
        let told = told.join(" ");
        assert!(told.contains("none failed"), "{out}");
        assert!(
            !told.contains("the partner has no customers"),
            "{partner:?}, {customer:?}\n{out}"
        );
    }
}

/// Runs the suite against the reference handler: everything that it asks, with the telling cases of each requirement and few
/// others.
fn check(partner: EnablementMethod, customer: EnablementMethod) -> Output {
    let idp = free_address();
    let server = Serving::start(partner, customer, &format!("http://{idp}/api/idp/v1/keys"));
    let mut command = Command::new(judge());
    command
        .args(["check", &server.url, "--write", "--strict", "--seed=7"])
        .args(["--cases=3", "--timeout=2s", "--budget=20s"])
        .arg(format!("--idp={idp}"))
        .arg(concat!(
            "--signing-key=",
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/test_key_published.pem"
        ))
        .arg(format!("--partner={}", partner.name()))
        .arg(format!("--customer={}", customer.name()))
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null());
    if partner == Mapped {
        command.args(CREDENTIALS);
    }
    command.output().expect("the program runs")
}

/// The program whose verdict is asked for.
fn judge() -> PathBuf {
    let own = option_env!("CARGO_BIN_EXE_acgw").map(PathBuf::from);
    std::env::var_os("ACGW_JUDGE")
        .map(PathBuf::from)
        .or(own)
        .expect("ACGW_JUDGE names the program where it is not built along")
}

/// An address that nobody listens on.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
}

/// The reference handler on a free port, for as long as this is there.
struct Serving {
    url: String,
    _server: Server,
    _runtime: tokio::runtime::Runtime,
}

impl Serving {
    fn start(partner: EnablementMethod, customer: EnablementMethod, jwks_url: &str) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let handler = Reference::new(Settings {
            jwks_url: jwks_url.to_owned(),
            issuer: "https://acronis.cloud".to_owned(),
            enablement: Enablement::new(partner, customer).expect("offered"),
            faults: Faults::none(),
        });
        let server = runtime
            .block_on(Server::start(([127, 0, 0, 1], 0).into(), handler, None))
            .expect("a free port");
        Self {
            url: server.url(),
            _server: server,
            _runtime: runtime,
        }
    }
}
