//! A reference handler at the time of the vectors, with their keys, and what it answers to them.

use std::time::Duration;

use acgw_conformance::protocol::Enablement;
use acgw_conformance::protocol::catalog::TENANT_MAPPING_READ;
use acgw_conformance::protocol::token::Jwks;
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Faults, Reference};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};

use crate::read::{body, expect, file, id, text, vectors};

/// The handler, and all that goes into it.
pub struct Handler {
    reference: Reference,
    files: Vec<(String, Value)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// 0 where nothing came: it crashed or hangs.
    pub status: u16,
    body: Value,
}

/// Whether a vector shows a requirement.
pub fn shows(vector: &Value, requirement: &str) -> bool {
    let requirements = vector["requirements"].as_array().expect("a list");
    requirements.contains(&json!(requirement))
}

impl Handler {
    pub fn new(faults: Faults) -> Self {
        let files = ["token", "cyberapp-auth", "cyberapp-extra", "request"];
        let files: Vec<_> = files.map(|name| (name.to_owned(), file(name))).into();
        let context = &files[0].1["context"];
        let keys: Jwks = serde_json::from_value(context["jwks"].clone()).expect("keys");
        let now = context["now"].as_i64().expect("a time");
        let issuer = text(context, "/issuer");
        Self {
            reference: Reference::with_keys_at(now, &keys, issuer, Enablement::MAPPED, faults),
            files,
        }
    }

    /// The vectors that a handler is sent, each with the name of its file. Right requests of other callbacks ask for what is
    /// known or not, which is no matter of their form.
    pub fn vectors(&self) -> impl Iterator<Item = (String, Value)> + '_ {
        let all = self.files.iter().flat_map(|(name, file)| {
            vectors(file)
                .iter()
                .map(|vector| (name.clone(), vector.clone()))
        });
        all.filter(|(_, vector)| {
            let callback = vector["result"]["callback"].as_str();
            callback.is_none_or(|name| name == TENANT_MAPPING_READ.name)
        })
    }

    /// The answer to a request that is right but for what the vector puts into it.
    pub async fn ask(&self, subject: &str, vector: &Value) -> Answer {
        let input = &vector["input"];
        let header = || input["header"].as_str().map(str::to_owned);
        let mut authorization = self.right("token-right")["authorization"]
            .as_str()
            .map(str::to_owned);
        let mut auth = Some(PARTNERS[0].credentials().encode());
        let mut extra = Some("e30=".to_owned());
        let mut sent = body(&self.right("request-right-tenant-mapping-read"));
        match subject {
            "token" => authorization = input["authorization"].as_str().map(str::to_owned),
            "cyberapp-auth" => auth = header(),
            "cyberapp-extra" => extra = header(),
            _ => sent = body(input),
        }
        let mut request =
            http::Request::post("/callback").header("Content-Type", "application/json");
        for (name, value) in [
            ("Authorization", authorization),
            ("X-CyberApp-Auth", auth),
            ("X-CyberApp-Extra", extra),
        ] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let request = request
            .body(Full::new(Bytes::from(sent)))
            .expect("a request");
        let reference = self.reference.clone();
        let answered = tokio::spawn(async move {
            let (parts, body) = reference.handle(request).await.into_parts();
            let body = body.collect().await.expect("a body").to_bytes();
            Answer {
                status: parts.status.as_u16(),
                body: serde_json::from_slice(&body).unwrap_or_default(),
            }
        });
        match tokio::time::timeout(Duration::from_secs(2), answered).await {
            Ok(Ok(answer)) => answer,
            _ => Answer {
                status: 0,
                body: Value::Null,
            },
        }
    }

    fn right(&self, name: &str) -> Value {
        let mut all = self.files.iter().flat_map(|(_, file)| vectors(file));
        let found = all.find(|vector| id(vector) == name);
        found.unwrap_or_else(|| panic!("{name}"))["input"].clone()
    }
}

impl Answer {
    /// Whether it is that of a handler that keeps the vector.
    pub fn agrees(&self, vector: &Value) -> bool {
        match expect(vector) {
            // Whatever the spelling of the request's id is, it is repeated.
            "accept" => {
                self.status == 200 && {
                    let asked = vector["result"]["request"].get("request_id");
                    asked.is_none_or(|asked| self.body["request_id"] == *asked)
                }
            }
            "reject" => (400..500).contains(&self.status),
            _ => (200..500).contains(&self.status),
        }
    }
}
