//! The reference handler in this process: whatever the request, it answers, never with 5xx and never with a panic; what it
//! accepts was signed and had a partner's credentials; what it refuses it refuses in the documented form.
//!
//! The first byte of the input chooses how the body comes; the rest is an HTTP request, or any bytes. So that what is behind
//! the token check is reached, some values of header fields are worked out before the request is used:
//!
//! | field | written | becomes |
//! |---|---|---|
//! | `Authorization` | `Bearer !` | a token of the test key that is right for the body's `endpoint_id` |
//! | `Authorization` | `Bearer !{header}.{claims}` | these two, signed with the test key |
//! | `X-CyberApp-Auth`, `X-CyberApp-Extra` | `!text` | base64 of the text |
//! | `Content-Length` | `!` | the length of the body |
#![no_main]

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};

use acgw_conformance::gateway::fuzzing::read_answer;
use acgw_conformance::gateway::{SigningKey, token};
use acgw_conformance::protocol::catalog;
use acgw_conformance::protocol::text::is_uuid;
use acgw_conformance::protocol::token::{Claims, Jwks, UnverifiedToken, compact};
use acgw_conformance::protocol::{Credentials, Enablement, ErrorResponse, Extra, Request};
use acgw_conformance::reference::store::PARTNERS;
use acgw_conformance::reference::{Faults, Reference};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Uri};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use hyper_util::rt::TokioIo;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Runtime;

const ISSUER: &str = "https://acronis.cloud";
const ENDPOINT: &str = "cti.a.p.acgw.endpoint.v1.0~vendor.app.endpoint.v1.0";

static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let pem = include_str!("../../tests/data/test_key_published.pem");
    SigningKey::from_pem(pem).expect("a usable key")
});

thread_local! {
    static RUNTIME: Runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    /// Signing takes longer than all the rest.
    static SIGNED: RefCell<HashMap<String, String>> = RefCell::default();
}

fuzz_target!(|data: &[u8]| {
    let [choice, bytes @ ..] = data else {
        return;
    };
    let input = Input::read(bytes);
    RUNTIME.with(|runtime| {
        // A new one for each input, since it remembers what it is told.
        let keys = Jwks {
            keys: vec![KEY.jwk()],
        };
        let reference = Reference::with_keys(&keys, ISSUER, Enablement::MAPPED, Faults::none());
        if let Some(input) = &input {
            runtime.block_on(directly(&reference, input, *choice));
        }
        let framed = input.as_ref().is_some_and(Input::is_plainly_framed);
        let wire = input.map_or_else(|| bytes.to_vec(), |input| input.wire());
        runtime.block_on(over_a_connection(reference, &wire, framed));
    });
});

/// A request, its header fields worked out.
struct Input {
    method: String,
    target: String,
    version: u8,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    /// The tokens that were signed for it.
    signed: Vec<String>,
}

impl Input {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = [httparse::EMPTY_HEADER; 32];
        let mut head = httparse::Request::new(&mut fields);
        let Ok(httparse::Status::Complete(length)) = head.parse(bytes) else {
            return None;
        };
        let mut input = Self {
            method: head.method?.to_owned(),
            target: head.path?.to_owned(),
            version: head.version?,
            headers: Vec::new(),
            body: bytes[length..].to_vec(),
            signed: Vec::new(),
        };
        for field in head.headers.iter() {
            let value = input.work_out(field.name, field.value);
            input.headers.push((field.name.to_owned(), value));
        }
        Some(input)
    }

    fn work_out(&mut self, name: &str, value: &[u8]) -> Vec<u8> {
        match name.to_ascii_lowercase().as_str() {
            "content-length" if value == b"!" => self.body.len().to_string().into_bytes(),
            "x-cyberapp-auth" | "x-cyberapp-extra" => match value.strip_prefix(b"!") {
                Some(text) => STANDARD.encode(text).into_bytes(),
                None => value.to_vec(),
            },
            "authorization" => match value.strip_prefix(b"Bearer !") {
                Some(written) => {
                    let token = self.sign(written);
                    let value = format!("Bearer {token}").into_bytes();
                    self.signed.push(token);
                    value
                }
                None => value.to_vec(),
            },
            _ => value.to_vec(),
        }
    }

    fn sign(&self, written: &[u8]) -> String {
        let to_sign = match written.windows(3).position(|three| three == b"}.{") {
            Some(end) => {
                let (header, claims) = (&written[..=end], &written[end + 2..]);
                format!(
                    "{}.{}",
                    URL_SAFE_NO_PAD.encode(header),
                    URL_SAFE_NO_PAD.encode(claims)
                )
            }
            None => {
                let body = serde_json::from_slice::<Value>(&self.body).ok();
                let pointer = "/context/endpoint_id";
                let endpoint = body
                    .as_ref()
                    .and_then(|body| body.pointer(pointer)?.as_str());
                let endpoint = endpoint.unwrap_or(ENDPOINT);
                let mut claims = token::claims(ISSUER, "acronis.cloud", endpoint, 4_102_444_800);
                // Without what is made anew each time, so that one input always gives one request.
                claims["jti"] = "0a8f2f3f-9d11-4f0e-8b2c-6a6e0c3c9d39".into();
                claims["sub"] = "9d390a8f-2f3f-4f0e-8b2c-9d116a6e0c3c".into();
                acgw_conformance::protocol::token::signing_input(&token::header(KEY.kid()), &claims)
            }
        };
        SIGNED.with_borrow_mut(|signed| {
            if signed.len() > 1_000 {
                signed.clear();
            }
            let make = || compact(&to_sign, &KEY.sign(to_sign.as_bytes()));
            signed.entry(to_sign.clone()).or_insert_with(make).clone()
        })
    }

    fn values(&self, name: &str) -> Vec<&[u8]> {
        let named = self
            .headers
            .iter()
            .filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_slice()).collect()
    }

    /// The only value of a field, as text.
    fn text(&self, name: &str) -> Option<&str> {
        match self.values(name)[..] {
            [value] => std::str::from_utf8(value).ok(),
            _ => None,
        }
    }

    /// Whether there is no doubt where the request ends, so that an answer must come.
    fn is_plainly_framed(&self) -> bool {
        self.text("content-length") == Some(self.body.len().to_string().as_str())
            && ["transfer-encoding", "connection", "upgrade", "expect"]
                .iter()
                .all(|name| self.values(name).is_empty())
            && self.method != "CONNECT"
            // Behind a request line that it cannot read, hyper takes this for HTTP/2 and hangs up.
            && !self.body.starts_with(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    }

    fn wire(&self) -> Vec<u8> {
        let mut wire = format!(
            "{} {} HTTP/1.{}\r\n",
            self.method, self.target, self.version
        )
        .into_bytes();
        for (name, value) in &self.headers {
            wire.extend_from_slice(name.as_bytes());
            wire.extend_from_slice(b": ");
            wire.extend_from_slice(value);
            wire.extend_from_slice(b"\r\n");
        }
        wire.extend_from_slice(b"\r\n");
        wire.extend_from_slice(&self.body);
        wire
    }

    /// Whether a handler may accept it: what an acceptance must rest on, found without the handler's own code.
    fn may_be_accepted(&self) -> bool {
        let Ok(request) = serde_json::from_slice::<Request>(&self.body) else {
            return false;
        };
        let bearer = self
            .text("authorization")
            .and_then(|value| value.split_once(' '));
        let Some((_, token)) = bearer else {
            return false;
        };
        let ours = self.signed.iter().any(|signed| signed == token.trim());
        let claims = UnverifiedToken::parse(token.trim())
            .ok()
            .and_then(|token| serde_json::from_value::<Claims>(token.claims).ok());
        let permits = claims.is_some_and(|claims| {
            let endpoint = request.context.endpoint_id.as_str();
            claims.iss == ISSUER
                && claims.exp > 1_700_000_000
                && claims.scope.iter().any(|scope| scope.role == endpoint)
        });
        self.method == "POST"
            && ours
            && permits
            && self.partner().is_some()
            && catalog::by_id(request.context.callback_id.as_str())
                .is_some_and(|callback| Enablement::MAPPED.has(callback.family))
    }

    /// The place in the store of the partner whose credentials it has.
    fn partner(&self) -> Option<usize> {
        let credentials = Credentials::decode(self.text("x-cyberapp-auth")?).ok()?;
        PARTNERS.iter().position(|partner| {
            partner.identity == credentials.identity()
                && partner.secrets_value() == *credentials.secrets()
        })
    }

    /// Whether it is so plainly right that it must be accepted.
    fn must_be_accepted(&self) -> bool {
        let right_type = catalog::by_id(
            serde_json::from_slice::<Value>(&self.body)
                .ok()
                .as_ref()
                .and_then(|body| body.pointer("/context/callback_id")?.as_str())
                .unwrap_or_default(),
        )
        .is_some_and(|callback| {
            !callback.changes_data
                && serde_json::from_slice(&self.body)
                    .is_ok_and(|body: Value| callback.request_schema.is_valid(&body))
        });
        let no_extra = self.values("x-cyberapp-extra").is_empty();
        let extra = self
            .text("x-cyberapp-extra")
            .is_some_and(|value| Extra::decode(value).is_ok());
        let good_header = self.signed.iter().all(|token| {
            UnverifiedToken::parse(token)
                .is_ok_and(|token| token.header == token::header(KEY.kid()))
        });
        self.may_be_accepted()
            && right_type
            && good_header
            && self.text("content-type") == Some("application/json")
            && (no_extra || extra)
    }
}

/// Asks the handler without HTTP in between.
async fn directly(reference: &Reference, input: &Input, choice: u8) {
    let Some(mut request) = to_request(input) else {
        return;
    };
    let cut_off = choice & 1 == 1;
    *request.body_mut() = Pieces::new(&input.body, usize::from(choice >> 1), cut_off);
    let response = reference.handle(request).await;
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("it is in memory").to_bytes();
    let status = parts.status.as_u16();
    assert!((200..500).contains(&status), "{status} {body:?}");
    assert_eq!(
        parts.headers["content-type"],
        "application/json; charset=utf-8"
    );
    let accepted = check(status, &body, input);
    assert!(!accepted || !cut_off);
    assert!(
        accepted || cut_off || !input.must_be_accepted(),
        "{status} {body:?}"
    );
}

fn to_request(input: &Input) -> Option<http::Request<Pieces>> {
    let mut request = http::Request::new(Pieces::new(&[], 0, false));
    *request.method_mut() = Method::from_bytes(input.method.as_bytes()).ok()?;
    *request.uri_mut() = input.target.parse::<Uri>().ok()?;
    for (name, value) in &input.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        request
            .headers_mut()
            .append(name, HeaderValue::from_bytes(value).ok()?);
    }
    Some(request)
}

/// Judges an answer; whether the request was accepted.
fn check(status: u16, body: &[u8], input: &Input) -> bool {
    let sent = serde_json::from_slice::<Value>(&input.body).ok();
    let text = |pointer: &str| {
        sent.as_ref()
            .and_then(|sent| sent.pointer(pointer)?.as_str())
    };
    if status == 200 {
        assert!(
            input.may_be_accepted(),
            "accepted for no reason: {}",
            String::from_utf8_lossy(body)
        );
        let callback = text("/context/callback_id")
            .and_then(catalog::by_id)
            .expect("a known callback");
        let answer: Value = serde_json::from_slice(body).expect("JSON");
        assert_eq!(callback.response_schema.violations(&answer), [], "{answer}");
        assert_eq!(answer["request_id"].as_str(), text("/request_id"));
        let Some(items) = answer["payload"]["items"].as_array() else {
            return true; // not about customers
        };
        let partner = &PARTNERS[input.partner().expect("a partner")];
        let id = |item: &Value| item.get("vendor_tenant_id").or(item.get("id")).cloned();
        let shown: Vec<Option<Value>> = items.iter().map(id).collect();
        let own: Vec<Option<Value>> = partner
            .customers
            .iter()
            .map(|customer| Some(customer.id.into()))
            .collect();
        assert_eq!(shown, own);
        return true;
    }
    assert!((400..500).contains(&status), "{status}");
    let answer = ErrorResponse::from_json(body).expect("the documented form");
    assert!(!answer.err_message.is_empty());
    if let Some(id) = text("/request_id").filter(|id| is_uuid(id))
        && !matches!(status, 408 | 413)
        && serde_json::from_slice::<Value>(body).is_ok()
        && answer.request_id.as_str() != id
    {
        // A body that was cut off may have had no id left.
        assert_eq!(
            answer.request_id.as_str(),
            "00000000-0000-0000-0000-000000000000"
        );
    }
    false
}

/// Serves the bytes as a connection that ends behind them.
async fn over_a_connection(reference: Reference, wire: &[u8], framed: bool) {
    let (mut client, server) = tokio::io::duplex(256 * 1024);
    let connection = hyper::server::conn::http1::Builder::new()
        .half_close(true)
        .serve_connection(TokioIo::new(server), reference);
    let talk = async move {
        // It fails when the handler has closed the connection, which it may.
        let _ = client.write_all(wire).await;
        let _ = client.shutdown().await;
        let mut answers = Vec::new();
        let _ = client.read_to_end(&mut answers).await;
        answers
    };
    let (_, answers) = tokio::join!(connection, talk);
    let mut rest = Bytes::from(answers);
    let mut count = 0;
    while !rest.is_empty() {
        match read_answer(&rest, usize::MAX) {
            Ok((answer, surplus)) => {
                assert!((200..500).contains(&answer.status), "{answer:?}");
                count += 1;
                rest = surplus;
            }
            // The body of an answer to HEAD stays out, though its length is told; what follows is then read as that body.
            Err(_) if wire.windows(5).any(|five| five == b"HEAD ") => break,
            Err(error) => panic!("{error} in {rest:?}"),
        }
    }
    assert!(
        count > 0 || !framed || wire.starts_with(b"HEAD "),
        "no answer"
    );
}

/// A body that comes in pieces, and may end with an error.
struct Pieces(VecDeque<Result<Bytes, &'static str>>);

impl Pieces {
    fn new(body: &[u8], size: usize, cut_off: bool) -> Self {
        let size = if size == 0 { body.len().max(1) } else { size };
        let pieces = body
            .chunks(size)
            .map(|piece| Ok(Bytes::copy_from_slice(piece)));
        Self(pieces.chain(cut_off.then_some(Err("cut off"))).collect())
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(self.0.pop_front().map(|piece| piece.map(Frame::data)))
    }
}
