//! Takes a request in: the method, the media type, the body within limits, the envelope.

use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Body;
use serde_json::Value;
use serde_json::error::Category;

use super::answer::{Refusal, Subject};
use super::fault::Flaws;
use crate::protocol::Request;
use crate::protocol::text::UuidText;

/// The largest body that is read into memory; a callback is below 1 KiB.
pub(super) const MAX_BODY: usize = 256 * 1024;
/// The largest body that is read and thrown away, so that the client, which may be busy writing, gets to see the refusal.
const MAX_DISCARDED: usize = 8 * 1024 * 1024;
/// Time in which the whole body must have come.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Callbacks are POST requests.
pub(super) fn check_method(method: &Method, flaws: &Flaws) -> Result<(), Refusal> {
    if method == Method::POST || flaws.takes_method(method) {
        return Ok(());
    }
    Err(flaws.on_other_method(Refusal::new(
        Subject::Form,
        StatusCode::METHOD_NOT_ALLOWED,
        "callbacks are sent with POST",
    )))
}

/// Callbacks are JSON; parameters, letter case and white space make no difference.
pub(super) fn check_media_type(headers: &HeaderMap, flaws: &Flaws) -> Result<(), Refusal> {
    let given = single(headers, &CONTENT_TYPE).unwrap_or_default();
    let media_type = given.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") && !flaws.minds_media_type(given) {
        return Ok(());
    }
    Err(flaws.on_other_media_type(Refusal::new(
        Subject::Form,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "the Content-Type of a callback is application/json",
    )))
}

/// Reads the whole body, within limits of size and time.
pub(super) async fn read_body<B>(body: B, flaws: &Flaws) -> Result<Bytes, Refusal>
where
    B: Body,
    B::Error: std::fmt::Display,
{
    let announced = body.size_hint().lower();
    match tokio::time::timeout(BODY_TIMEOUT, collect(body)).await {
        Ok(Err(refusal)) => Err(flaws.on_unread_body(refusal, announced).await),
        Ok(Ok(body)) => Ok(body),
        Err(_) => Err(Refusal::new(
            Subject::Form,
            StatusCode::REQUEST_TIMEOUT,
            format!("the body did not come within {} s", BODY_TIMEOUT.as_secs()),
        )
        .closing()),
    }
}

async fn collect<B>(body: B) -> Result<Bytes, Refusal>
where
    B: Body,
    B::Error: std::fmt::Display,
{
    let mut body = pin!(body);
    let mut read = BytesMut::new();
    let mut length = 0_usize;
    while let Some(frame) = body.as_mut().frame().await {
        let frame = frame.map_err(|_| Refusal::malformed("the body is incomplete").closing())?;
        let Ok(mut data) = frame.into_data() else {
            continue; // trailers
        };
        let size = data.remaining();
        length = length.saturating_add(size);
        if length > MAX_DISCARDED {
            return Err(too_large().closing());
        }
        if length <= MAX_BODY {
            read.extend_from_slice(&data.copy_to_bytes(size));
        }
    }
    if length > MAX_BODY {
        return Err(too_large());
    }
    Ok(read.freeze())
}

fn too_large() -> Refusal {
    Refusal::new(
        Subject::Form,
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("the body of a callback has at most {MAX_BODY} bytes"),
    )
}

/// Reads the envelope; nothing in it is optional but the payload.
pub(super) fn parse(body: &[u8]) -> Result<Request, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let what = match error.classify() {
            Category::Data => "not a request of the API Callback Gateway",
            _ => "not JSON",
        };
        let (line, column) = (error.line(), error.column());
        Refusal::malformed(format!(
            "the body is {what}: see line {line}, column {column}"
        ))
    })
}

/// The request's id, as far as it can be read, so that a refusal can name the request it is about.
pub(super) fn request_id(body: &[u8]) -> Option<UuidText> {
    let body: Value = serde_json::from_slice(body).ok()?;
    UuidText::new(body.get("request_id")?.as_str()?).ok()
}

/// The value of a header field that must be there once, in ASCII.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}
