//! Recordings: whole, after their schema, and without a secret in them.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use acgw_conformance::gateway::{Relay, RelayOptions, Target};
use acgw_conformance::protocol::schema;
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Fault, Faults};
use acgw_conformance::suite::{Event, Options, Recording, Watch};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::common::verdicts::quick;
use crate::common::{anywhere, good_token, identity, options, run, server};

/// A file in memory.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().expect("no panic").clone()
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is recorded of a run at a handler with these faults.
pub async fn recorded(faults: Faults, options: Options) -> Vec<u8> {
    let identity = identity();
    let server = server(&identity, faults).await;
    let target = Target::url(&server.url()).expect("a URL");
    let (sender, mut sightings) = tokio::sync::mpsc::unbounded_channel();
    let relay = Relay::start(anywhere(), target.clone(), RelayOptions::default(), sender)
        .await
        .expect("a free port");
    let mut watch = Watch::new(
        target,
        Options {
            // Whoever looks on may see secrets; the file may not.
            reveal: true,
            ..Options::default()
        },
        Box::new(|_: Event<'_>| {}),
    )
    .expect("a watch");
    let file = Memory::default();
    watch
        .record(Box::new(file.clone()), "file")
        .expect("a header");
    run(identity, &relay.url(), options).await;
    relay.shutdown().await;
    while let Some(sighting) = sightings.recv().await {
        watch.take(sighting);
    }
    assert!(watch.is_recorded_whole());
    watch.conclude();
    file.bytes()
}

/// The texts that a secret consists of.
fn texts(secrets: &Value) -> Vec<String> {
    let members = secrets.as_object().expect("an object").values();
    members
        .filter_map(Value::as_str)
        .filter(|text| text.len() > 3)
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_stands_in_a_recording_in_any_form() {
    // Handlers that repeat what they are not to repeat.
    for name in ["secret-echoed", "token-in-header"] {
        let fault = Fault::from_name(name).expect("a fault");
        let file = recorded([fault].into_iter().collect(), quick()).await;
        let text = String::from_utf8(file).expect("UTF-8");
        assert!(text.lines().count() > 500);
        let mut forbidden = Vec::new();
        for partner in &PARTNERS[..2] {
            let credentials = partner.credentials();
            forbidden.push(credentials.encode().trim_end_matches('=').to_owned());
            for secret in texts(credentials.secrets()) {
                let quoted = serde_json::to_string(&secret).expect("text");
                let twice = serde_json::to_string(&quoted).expect("text");
                for before in ["", "x", "xx"] {
                    let coded = STANDARD.encode(format!("{before}{secret}"));
                    forbidden.push(coded[4..coded.len() - 4].to_owned());
                    let coded = URL_SAFE_NO_PAD.encode(format!("{before}{secret}"));
                    forbidden.push(coded[4..coded.len() - 4].to_owned());
                }
                forbidden.push(quoted[1..quoted.len() - 1].to_owned());
                // As it stands in a body that is a text of the line.
                forbidden.push(twice[3..twice.len() - 3].to_owned());
                forbidden.push(secret);
            }
        }
        let token = good_token(&options());
        let (signed, _) = token.rsplit_once('.').expect("three parts");
        let (header, _) = signed.split_once('.').expect("three parts");
        for form in forbidden {
            assert!(!text.contains(&form), "{name}: {form}");
        }
        // Of tokens not even the beginning is kept.
        let begins = text.find(&format!("{header}."));
        let around = begins.map(|at| &text[at.saturating_sub(200)..text.len().min(at + 100)]);
        assert_eq!(around, None, "{name}");
        assert!(text.contains(r#"{"name":"Authorization","value":"Bearer ***"}"#));
        assert!(text.contains(r#"{"name":"X-CyberApp-Auth","value":"***"}"#));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_keeps_its_schema_and_can_be_read() {
    let file = recorded(Faults::none(), quick()).await;
    let text = String::from_utf8(file.clone()).expect("UTF-8");
    assert!(text.ends_with('\n'));
    let (mut coded, mut malformed) = (false, false);
    for (number, line) in text.lines().enumerate() {
        let value: Value = serde_json::from_str(line).expect("JSON");
        let violations = schema::RECORDING.violations(&value);
        assert!(violations.is_empty(), "{number}: {violations:?}\n{line}");
        assert_eq!(value.get("format").is_some(), number == 0);
        coded |= line.contains("_base64");
        malformed |= line.contains("\"malformed\"");
    }
    assert!(
        coded && malformed,
        "a run sends bytes that are no UTF-8, and no HTTP"
    );
    let read = Recording::read("file", &file).expect("a recording");
    assert!(!read.cut);
    assert_eq!(
        read.requests.len() + read.left_out.len() + 1,
        text.lines().count()
    );
    // A body that is no UTF-8 comes back byte by byte.
    assert!(
        (read.requests.iter()).any(|one| std::str::from_utf8(&one.request.message.body).is_err())
    );
}
