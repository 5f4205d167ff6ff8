//! What the tests share: fixed keys, and runs against the reference handler.
#![allow(dead_code, reason = "every test file uses a part of it")]

pub mod direct;
pub mod front;
pub mod own;
pub mod verdicts;

use std::net::SocketAddr;
use std::time::Duration;

use acgw_conformance::gateway::{SigningKey, Target, token};
use acgw_conformance::protocol::{CallbackIdentity, Enablement};
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{
    Faults, Reference, Server, Settings, TlsConfig, custom_callback,
};
use acgw_conformance::suite::{Options, Outcome, State, Suite, TestIdentity};

/// A number that the environment sets, and what it is otherwise.
pub fn setting(name: &str, otherwise: u64) -> u64 {
    let Ok(text) = std::env::var(name) else {
        return otherwise;
    };
    let number = text.parse();
    number.unwrap_or_else(|_| panic!("{name} is to be a whole number, not {text:?}"))
}

/// Any free port of the loopback interface.
pub fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// A test identity at any free port, with fixed keys, since making keys takes time.
pub fn identity() -> TestIdentity {
    identity_at(anywhere())
}

/// A test identity at this address.
pub fn identity_at(addr: SocketAddr) -> TestIdentity {
    let published = SigningKey::from_pem(include_str!("../data/test_key_published.pem"));
    let stranger = SigningKey::from_pem(include_str!("../data/test_key_stranger.pem"));
    TestIdentity::with_keys(
        addr,
        published.expect("a usable key"),
        stranger.expect("a usable key"),
    )
    .expect("a free port")
}

/// A right token for the endpoint of these options, signed by the published key.
pub fn good_token(options: &Options) -> String {
    let key =
        SigningKey::from_pem(include_str!("../data/test_key_published.pem")).expect("a usable key");
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970");
    let endpoint = options
        .endpoint_id
        .as_ref()
        .map_or(DEFAULT_ENDPOINT, |id| id.as_str());
    let claims = token::claims(
        &options.issuer,
        "acronis.cloud",
        endpoint,
        now.as_secs() as i64,
    );
    token::mint(&key, &token::header(key.kid()), &claims)
}

/// The endpoint of a run that names none.
const DEFAULT_ENDPOINT: &str = "cti.a.p.acgw.endpoint.v1.0~acgw.conformance.endpoint.v1.0";

/// Options for quick runs with the credentials that the reference handler knows. `ACGW_SEED` is another seed for them.
pub fn options() -> Options {
    Options {
        credentials: Some(PARTNERS[0].credentials()),
        other_credentials: Some(PARTNERS[1].credentials()),
        custom: vec![custom_callback()],
        write: true,
        cases: 25,
        seed: setting("ACGW_SEED", 7),
        timeout: Duration::from_secs(2),
        rotation_patience: Duration::ZERO,
        budget: None,
        ..Options::default()
    }
}

/// The same for these enablement methods.
pub fn options_for(enablement: Enablement) -> Options {
    let uses_credentials = enablement
        .callbacks()
        .any(|callback| enablement.identity(callback) == CallbackIdentity::Credentials);
    let known = options();
    Options {
        credentials: known.credentials.clone().filter(|_| uses_credentials),
        other_credentials: known.other_credentials.clone().filter(|_| uses_credentials),
        enablement,
        ..known
    }
}

/// A server of the reference handler with these faults, which trusts this identity.
pub async fn server(identity: &TestIdentity, faults: Faults) -> Server {
    Server::start(anywhere(), reference(identity, faults), None)
        .await
        .expect("a free port")
}

/// The reference handler with these faults, which trusts this identity.
pub fn reference(identity: &TestIdentity, faults: Faults) -> Reference {
    reference_for(Enablement::MAPPED, identity, faults)
}

/// The reference handler for these enablement methods.
pub fn reference_for(enablement: Enablement, identity: &TestIdentity, faults: Faults) -> Reference {
    Reference::new(Settings {
        jwks_url: identity.jwks_url(),
        issuer: Options::default().issuer,
        enablement,
        faults,
    })
}

/// A run against this URL.
pub async fn run(identity: TestIdentity, url: &str, options: Options) -> Outcome {
    run_target(identity, Target::url(url).expect("a URL"), options).await
}

/// A run against this target.
pub async fn run_target(identity: TestIdentity, target: Target, options: Options) -> Outcome {
    Suite::new(target)
        .identity(identity)
        .options(options)
        .run()
        .await
        .expect("a run")
}

/// The ids of the requirements that failed.
pub fn failed(outcome: &Outcome) -> Vec<&'static str> {
    let failed = outcome
        .requirements
        .iter()
        .filter(|outcome| outcome.state == State::Failed);
    failed.map(|outcome| outcome.requirement.id).collect()
}

/// A certificate of an authority of its own, for 127.0.0.1.
pub struct Certificate {
    root: rcgen::Certificate,
    leaf: rcgen::Certificate,
    key: rcgen::KeyPair,
}

impl Certificate {
    pub fn for_loopback() -> Self {
        let root_key = rcgen::KeyPair::generate().expect("a key");
        let mut root = rcgen::CertificateParams::new(Vec::<String>::new()).expect("no names");
        root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        root.distinguished_name
            .push(rcgen::DnType::CommonName, "acgw test authority");
        let root_certificate = root.self_signed(&root_key).expect("a root");
        let issuer = rcgen::Issuer::new(root, root_key);
        let key = rcgen::KeyPair::generate().expect("a key");
        let leaf =
            rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()])
                .expect("right names")
                .signed_by(&key, &issuer)
                .expect("a leaf");
        Self {
            root: root_certificate,
            leaf,
            key,
        }
    }

    /// What a server needs.
    pub fn tls(&self) -> TlsConfig {
        TlsConfig::from_pem(
            self.leaf.pem().as_bytes(),
            self.key.serialize_pem().as_bytes(),
        )
        .expect("a right pair")
    }

    /// What a client must trust.
    pub fn root(&self) -> rustls_pki_types::CertificateDer<'static> {
        self.root.der().clone()
    }
}
