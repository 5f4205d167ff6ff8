//! Faults that show on odd requests only: the handler fails, crashes, hangs, or needlessly refuses.

use std::time::Duration;

use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use serde_json::{Value, json};

use super::arrival::failure;
use super::wire::Spoil;
use super::{Fault, Flaws};
use crate::protocol::headers::AUTH_HEADER;
use crate::protocol::text::UuidText;
use crate::protocol::{Credentials, Request};
use crate::reference::answer::{Refusal, Subject};
use crate::reference::store::PARTNERS;

/// Longer than anybody waits.
const HANG: Duration = Duration::from_secs(3600);
/// Time that a handler with a shared place takes for a request.
const WORK: Duration = Duration::from_millis(20);

/// Time that a handler takes that looks for requests which are alike.
const LOOK: Duration = Duration::from_millis(5);

/// A body that takes more bytes than this is big.
const BIG: u64 = 1_000_000;

/// A request as a fault looks at it.
struct Sight<'a> {
    parts: &'a Parts,
    /// As much of the body as is not too large.
    body: &'a [u8],
    /// The body's text; empty if it is not UTF-8.
    text: &'a str,
    /// The body as JSON, if it is JSON.
    json: Option<Value>,
}

/// What a handler does when it stumbles.
enum Stumble {
    Fail,
    Crash,
    Hang,
    Refuse,
    Poison,
}
use Stumble::{Crash, Fail, Hang, Poison, Refuse};

/// A fault, what it makes of an odd request, and which requests are odd.
type Stone = (Fault, Stumble, fn(&Sight) -> bool);

/// Over what handlers stumble, and how.
#[rustfmt::skip]
static STONES: &[Stone] = &[
    (Fault::CreatedAtTooOld, Refuse, |s| s.field("/created_at").is_some_and(|date| date < "2000")),
    (Fault::CreatedAtFraction, Refuse, |s| s.field("/created_at").is_some_and(|date| date.contains('.'))),
    (Fault::CreatedAtOffset, Refuse, |s| s.field("/created_at").is_some_and(|date| !is_utc(date))),
    (Fault::KeyOrderDependent, Refuse, |s| s.first_key().is_some_and(|key| key != "type")),
    (Fault::WhiteSpaceRefused, Refuse, |s| s.text.contains('\n')),
    (Fault::EscapesNotDecoded, Refuse, |s| s.field("/context/callback_id").is_some_and(|id| !s.text.contains(id))),
    (Fault::EmptyBody500, Fail, |s| s.is_post() && s.body.is_empty()),
    (Fault::ArrayBodyCrash, Crash, |s| s.json.as_ref().is_some_and(Value::is_array)),
    (Fault::BadJson500, Fail, |s| s.is_post() && s.json.is_none()),
    (Fault::ContextMissingCrash, Crash, |s| s.lacks("", ENVELOPE, "context")),
    (Fault::RequestIdMissing500, Fail, |s| s.lacks("", ENVELOPE, "request_id")),
    (Fault::CreatedAtMissing500, Fail, |s| s.lacks("", ENVELOPE, "created_at")),
    (Fault::DatacenterUrlMissingCrash, Crash, |s| s.lacks("/context", CONTEXT, "datacenter_url")),
    (Fault::BomCrash, Crash, |s| s.body.starts_with(b"\xEF\xBB\xBF")),
    (Fault::Nan500, Fail, |s| s.json.is_none() && s.text.contains("NaN")),
    (Fault::LoneSurrogateCrash, Crash, |s| s.json.is_none() && s.text.to_ascii_lowercase().contains("\\ud")),
    (Fault::DeepNestingCrash, Crash, |s| s.is_deep()),
    (Fault::DeepNestingHang, Hang, |s| s.is_deep()),
    (Fault::PoisonedByNesting, Poison, |s| s.is_deep()),
    (Fault::PoisonedByArray, Poison, |s| s.json.as_ref().is_some_and(Value::is_array)),
    (Fault::BodyNotUtf8500, Fail, |s| !s.body.is_empty() && s.text.is_empty()),
    (Fault::SqlQuote500, Fail, |s| s.any_text(|text| text.contains('\'') && text.contains(' '))),
    (Fault::ProtoCrash, Crash, |s| s.any_text(|text| matches!(text, "__proto__" | "constructor"))),
    (Fault::Nul500, Fail, |s| s.any_text(|text| text.contains('\0'))),
    (Fault::LongTextHang, Hang, |s| s.any_text(|text| text.len() > 4096)),
    (Fault::ContentTypeMissing500, Fail, |s| s.is_post() && s.content_type().is_none()),
    (Fault::ContentTypeNotAscii500, Fail, |s| s.content_type().is_some_and(|value| !value.is_ascii())),
    (Fault::LongContentType500, Fail, |s| s.content_type().is_some_and(|value| value.len() > 1000)),
    (Fault::WritePayloadMissing500, Fail, |s| s.is_write() && s.at("/payload").is_none()),
    (Fault::ListNotAList500, Fail, |s| s.at("/payload/modified").is_some_and(|list| !list.is_array())),
    (Fault::EntryNoObjectCrash, Crash, |s| s.at("/payload/modified").is_some_and(|list| !of_objects(list))),
    (Fault::CustomersNotAList500, Fail, |s| s.at("/payload/enabled").is_some_and(|list| !list.is_array())),
    (Fault::ContentTypeTemplateCrash, Crash,
        |s| s.content_type().is_some_and(|value| value.windows(2).any(|two| two == b"${"))),
    (Fault::QuoteCredentials500, Fail, |s| s.is_quote() && s.credentials().is_some_and(|text| Credentials::decode(&text).is_err())),
    (Fault::QuoteCredentialsAsText, Refuse, |s| s.is_quote() && s.credentials().is_some_and(|text| !is_plain(&text))),
];

/// The keys of a request, without `payload`.
const ENVELOPE: &[&str] = &["type", "request_id", "created_at", "context"];
/// The keys of its context.
const CONTEXT: &[&str] = &["callback_id", "endpoint_id", "tenant_id", "datacenter_url"];

impl Flaws {
    /// Stumbles over an odd request.
    pub async fn stumble(&self, parts: &Parts, body: &[u8]) -> Result<(), Refusal> {
        if self.faults.is_empty() {
            return Ok(());
        }
        if self.is_poisoned() {
            return Err(overwhelmed());
        }
        if self.has(Fault::EveryFiftieth500) && self.is_unlucky() {
            return Err(failure());
        }
        if self.has(Fault::LongBodies413) && body.len() > 1_000 {
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            return Err(Refusal::new(Subject::Form, status, "the body is too long"));
        }
        if self.has(Fault::NeverAnswers) {
            hang().await?;
        }
        let sight = Sight {
            parts,
            body,
            text: std::str::from_utf8(body).unwrap_or_default(),
            json: serde_json::from_slice(body).ok(),
        };
        for (fault, stumble, is_odd) in STONES {
            if self.has(*fault) && is_odd(&sight) {
                self.fall(stumble).await?;
            }
        }
        Ok(())
    }

    async fn fall(&self, stumble: &Stumble) -> Result<(), Refusal> {
        match stumble {
            Fail => Err(failure()),
            Crash => Err(crash()),
            Hang => hang().await,
            Refuse => Err(Refusal::malformed(
                "the request is not to this handler's taste",
            )),
            Poison => {
                self.poison();
                Ok(())
            }
        }
    }

    /// Stumbles over a body that is too large, or that broke off because the client went away.
    pub async fn on_unread_body(&self, refusal: Refusal, announced: u64) -> Refusal {
        if refusal.status != StatusCode::PAYLOAD_TOO_LARGE {
            if self.has(Fault::StuckAfterClientLeft) {
                self.poison();
            }
            return refusal;
        }
        for (fault, stumble) in [(Fault::BigBodyHang, Hang), (Fault::BigBody500, Fail)] {
            if announced > BIG && self.has(fault) {
                return self.fall(&stumble).await.err().unwrap_or(refusal);
            }
        }
        refusal
    }

    /// Trips over other requests: those under way at the same time, and those before.
    pub async fn dawdle(&self, parts: &Parts, request: &Request) -> Result<(), Refusal> {
        if self.faults.is_empty() {
            return Ok(());
        }
        let mark = |request: &Request| format!("{:?} {}", parts.headers, json!(request));
        if self.has(Fault::Burst503) {
            let nameless = Request {
                request_id: UuidText::random(),
                ..request.clone()
            };
            let nameless = mark(&nameless).replace(nameless.request_id.as_str(), "");
            let one_too_many = self.memory().is_one_too_many(&nameless);
            tokio::time::sleep(LOOK).await;
            self.memory().is_done(&nameless);
            if one_too_many {
                return Err(overwhelmed());
            }
        }
        if self.has(Fault::RequestIdShared) {
            self.memory().shared_request_id = Some(request.request_id.as_str().into());
            tokio::time::sleep(WORK).await;
        }
        let again = self.memory().last_request.replace(mark(request)) == Some(mark(request));
        if self.has(Fault::DuplicateRefused) && again {
            return Err(Refusal::new(
                Subject::Form,
                StatusCode::CONFLICT,
                "this request has been served already",
            ));
        }
        Ok(())
    }
}

/// Ends the connection without an answer, as a process does that dies.
pub(super) fn crash() -> Refusal {
    Refusal {
        spoil: Some(Spoil::Drop),
        ..failure()
    }
}

async fn hang() -> Result<(), Refusal> {
    tokio::time::sleep(HANG).await;
    Err(failure())
}

fn overwhelmed() -> Refusal {
    Refusal::new(
        Subject::Handler,
        StatusCode::SERVICE_UNAVAILABLE,
        "Service Unavailable",
    )
}

impl Sight<'_> {
    fn is_post(&self) -> bool {
        self.parts.method == http::Method::POST
    }

    /// Whether it is a callback that writes something which stands in its payload.
    fn is_write(&self) -> bool {
        self.field("/context/callback_id")
            .is_some_and(|id| id.contains(".write."))
    }

    fn is_quote(&self) -> bool {
        self.field("/context/callback_id")
            .is_some_and(|id| id.ends_with("~acgw.reference.quote.v1.0"))
    }

    /// What `X-CyberApp-Auth` says.
    fn credentials(&self) -> Option<String> {
        let value = self.parts.headers.get(AUTH_HEADER)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    fn at(&self, pointer: &str) -> Option<&Value> {
        self.json.as_ref()?.pointer(pointer)
    }

    fn field(&self, pointer: &str) -> Option<&str> {
        self.at(pointer)?.as_str()
    }

    /// Whether the object there has all these keys but one, and no other.
    fn lacks(&self, pointer: &str, keys: &[&str], missing: &str) -> bool {
        let Some(fields) = self.at(pointer).and_then(Value::as_object) else {
            return false;
        };
        let there = fields.keys().filter(|key| *key != "payload").count();
        let known = keys.iter().filter(|key| fields.contains_key(**key)).count();
        !fields.contains_key(missing) && known == there && known + 1 == keys.len()
    }

    fn first_key(&self) -> Option<&str> {
        let (key, _) = self.json.as_ref()?.as_object()?.iter().next()?;
        Some(key)
    }

    /// More than five thousand brackets open at once, whether or not they are ever closed; those within texts do not count.
    fn is_deep(&self) -> bool {
        let (mut depth, mut deepest) = (0_i32, 0);
        let (mut in_text, mut escaped) = (false, false);
        for byte in self.body {
            match byte {
                b'"' if !escaped => in_text = !in_text,
                b'[' | b'{' if !in_text => depth += 1,
                b']' | b'}' if !in_text => depth -= 1,
                _ => {}
            }
            escaped = in_text && *byte == b'\\' && !escaped;
            deepest = deepest.max(depth);
        }
        deepest > 5_000
    }

    fn any_text(&self, is_odd: fn(&str) -> bool) -> bool {
        fn search(value: &Value, is_odd: fn(&str) -> bool) -> bool {
            match value {
                Value::String(text) => is_odd(text),
                Value::Array(values) => values.iter().any(|value| search(value, is_odd)),
                Value::Object(fields) => fields.values().any(|value| search(value, is_odd)),
                _ => false,
            }
        }
        self.json.as_ref().is_some_and(|json| search(json, is_odd))
    }

    fn content_type(&self) -> Option<&[u8]> {
        self.parts
            .headers
            .get(CONTENT_TYPE)
            .map(HeaderValue::as_bytes)
    }
}

/// Whether it is a list of objects; what is no list has no entries to stumble over.
fn of_objects(list: &Value) -> bool {
    list.as_array()
        .is_none_or(|list| list.iter().all(Value::is_object))
}

/// Whether it is what a partner's credentials are as a rule.
fn is_plain(header: &str) -> bool {
    PARTNERS
        .iter()
        .any(|partner| partner.credentials().encode() == header)
}

fn is_utc(date: &str) -> bool {
    date.ends_with(['Z', 'z']) || date.ends_with("+00:00")
}
