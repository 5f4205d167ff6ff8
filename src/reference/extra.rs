//! The further fields of `X-CyberApp-Extra`. The callbacks served here have no use for them, but what cannot be read is refused.

use http::{HeaderMap, HeaderName};

use super::answer::Refusal;
use super::fault::Flaws;
use super::request::single;
use crate::protocol::Extra;

/// The header, in the form in which a header map knows it.
const EXTRA: HeaderName = HeaderName::from_static("x-cyberapp-extra");

/// The further fields; none where the header is missing.
pub(super) fn check(headers: &HeaderMap, flaws: &Flaws) -> Result<Extra, Refusal> {
    if !headers.contains_key(&EXTRA) {
        return Ok(Extra::default());
    }
    let header = single(headers, &EXTRA);
    let extra = header.and_then(|header| Extra::decode(header).ok());
    flaws.on_extra(header, extra.as_ref())?;
    extra.ok_or_else(|| Refusal::malformed("X-CyberApp-Extra is not base64 of a JSON object"))
}
