//! Faults in the envelope of a success and in the HTTP response around it.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Map, Value, json};

use super::wire::Spoil;
use super::{Fault, Flaws};
use crate::protocol::text::UuidText;
use crate::protocol::{CATALOG, Callback};
use crate::reference::callbacks::Call;

impl Flaws {
    /// Spoils the body of a success.
    pub fn spoil_success(&self, call: &Call, body: &mut Value) {
        if self.faults.is_empty() {
            return;
        }
        let request_id = body["request_id"].clone();
        let first_time = self.memory().served.insert(request_id.to_string());
        if first_time {
            self.memory().answers += 1;
        }
        if let Value::Object(body) = body {
            self.spoil_payload(call, body);
            if let Some(items) = body.get_mut("payload").and_then(|it| it.get_mut("items"))
                && self.has(Fault::DuplicateEmpty)
                && !first_time
            {
                *items = json!([]);
            }
            self.spoil_envelope(call.callback, body, &request_id);
        }
        if self.has(Fault::AnswerInArray) {
            *body = json!([body.take()]);
        }
    }

    fn spoil_envelope(
        &self,
        callback: &Callback,
        body: &mut Map<String, Value>,
        request_id: &Value,
    ) {
        let previous = self
            .memory()
            .previous_request_id
            .replace(request_id.clone());
        let shared = self.memory().shared_request_id.clone();
        let lower = request_id.as_str().unwrap_or_default().to_ascii_lowercase();
        let mut set = |key: &str, value: Value| drop(body.insert(key.to_owned(), value));
        for fault in self.faults.iter() {
            match fault {
                Fault::ResponseIdNumber => set("response_id", json!(4711)),
                Fault::RequestTypeEchoed => set("type", json!(callback.request_type)),
                Fault::TypeOfOtherCallback => {
                    let other = CATALOG
                        .iter()
                        .find(|other| other.response_type != callback.response_type);
                    set("type", json!(other.map(|other| other.response_type)));
                }
                Fault::RequestIdFresh => set("request_id", json!(UuidText::random())),
                Fault::RequestIdPrevious => {
                    set("request_id", previous.clone().unwrap_or(request_id.clone()));
                }
                Fault::RequestIdLowerCased => set("request_id", json!(lower)),
                Fault::RequestIdShared => {
                    set("request_id", shared.clone().unwrap_or(request_id.clone()));
                }
                Fault::ResponseIdNotUuid => {
                    let number = UuidText::random().as_str().replace('-', "");
                    set("response_id", json!(number));
                }
                Fault::ResponseIdEmpty => set("response_id", json!("")),
                Fault::ResponseIdConstant => {
                    set("response_id", json!("2b0a5c1e-52d7-4f3f-9c41-7d1e4c1f8a10"));
                }
                Fault::ResponseIdRepeats => {
                    let number = self.memory().answers % 256;
                    set(
                        "response_id",
                        json!(format!("2b0a5c1e-52d7-4f3f-9c41-7d1e4c1f8{number:03x}")),
                    );
                }
                Fault::ExtraTopLevelField => set("status", json!("ok")),
                Fault::EmptyErrMessage => set("err_message", json!("")),
                _ => {}
            }
        }
        if self.has(Fault::TypeMissing) {
            body.shift_remove("type");
        }
    }

    /// Spoils a success that is written down.
    pub fn spoil_success_response(&self, body: &Value, response: &mut Response<Full<Bytes>>) {
        let media_type = |text| HeaderValue::from_static(text);
        for fault in self.faults.iter() {
            match fault {
                Fault::Status201 => *response.status_mut() = StatusCode::CREATED,
                Fault::ContentTypeHtml => {
                    let html = media_type("text/html; charset=utf-8");
                    response.headers_mut().insert(CONTENT_TYPE, html);
                }
                Fault::ContentTypeMissing => drop(response.headers_mut().remove(CONTENT_TYPE)),
                Fault::CharsetLatin1 => {
                    let latin = media_type("application/json; charset=iso-8859-1");
                    response.headers_mut().insert(CONTENT_TYPE, latin);
                }
                Fault::BomBeforeJson => {
                    *response.body_mut() = Full::from(format!("\u{feff}{body}"))
                }
                Fault::GarbageAfterJson => {
                    let body = format!("{body}\n<b>Warning</b>: undefined variable\n");
                    *response.body_mut() = Full::from(body);
                }
                Fault::BodyInLatin1 => *response.body_mut() = Full::from(latin1(&body.to_string())),
                Fault::SingleQuotes => {
                    *response.body_mut() = Full::from(body.to_string().replace('"', "'"));
                }
                Fault::GzipUnasked => {
                    *response.body_mut() = Full::from(gzip(body.to_string().as_bytes()));
                    response
                        .headers_mut()
                        .insert(CONTENT_ENCODING, media_type("gzip"));
                }
                _ => {}
            }
        }
    }

    /// Spoils any answer, whether a success or a refusal.
    pub fn spoil_response(&self, parts: &Parts, response: &mut Response<Full<Bytes>>) {
        if self.has(Fault::RedirectToSlash) && !parts.uri.path().ends_with('/') {
            let place = HeaderValue::from_str(&format!("{}/", parts.uri.path()));
            *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
            response
                .headers_mut()
                .extend(place.ok().map(|place| (LOCATION, place)));
            *response.body_mut() = Full::default();
        }
        if self.has(Fault::TokenInHeader)
            && let Some(token) = parts.headers.get(AUTHORIZATION)
        {
            response
                .headers_mut()
                .insert("x-debug-token", token.clone());
        }
        if let Some(spoil) = Spoil::of_every_answer(&self.faults) {
            response.extensions_mut().insert(spoil);
        }
    }
}

/// The text with one byte a letter; letters that have none become question marks.
fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?'))
        .collect()
}

/// The data in gzip's format, without being any smaller.
fn gzip(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    for (index, block) in data.chunks(0xffff).enumerate() {
        let last = u8::from((index + 1) * 0xffff >= data.len());
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(last);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    out.extend_from_slice(&crc32(data).to_le_bytes());
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
    out
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_gzip() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }
}
